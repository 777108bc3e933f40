//! Types of Rust beside declared ones.

use tenfold_cdecl::{FunctionType, Integer, Length, RecordId, Type, TypeKind, Unit};

use crate::ctype::{FieldShape, FunctionShape, RecordShape, Shape, ShapeKind};
use crate::scalar::Scalar;

/// Compares shapes with the types of a unit. What differs first comes back as words.
pub(crate) struct Matching<'a> {
    unit: &'a Unit,
    /// Records that are being compared further out: two that point to each other are compared once.
    open: Vec<(RecordId, &'static str)>,
}

type Difference = Result<(), String>;

impl<'a> Matching<'a> {
    pub(crate) fn new(unit: &'a Unit) -> Self {
        Self { unit, open: Vec::new() }
    }

    /// A parameter, a result, a field or a variable.
    pub(crate) fn value(&mut self, shape: Shape, ty: Type) -> Difference {
        match (shape.0, self.unit.resolved_kind(ty)) {
            (ShapeKind::Nothing, TypeKind::Void) => Ok(()),
            (ShapeKind::Scalar(scalar), _) if Scalar::of(self.unit, ty) == Some(scalar) => Ok(()),
            (ShapeKind::Pointer { to, is_const }, &TypeKind::Pointer(pointee)) => {
                let declared = self::is_const(self.unit, pointee);
                match self.unit.resolved_kind(pointee) {
                    TypeKind::Function(_) => {}
                    _ if declared == is_const => {}
                    _ => return self.differ(shape, ty),
                }
                self.pointee(*to, pointee).map_err(|inner| self.inside(shape, ty, &inner))
            }
            (ShapeKind::Function(function), &TypeKind::Pointer(pointee)) => {
                let TypeKind::Function(declared) = self.unit.resolved_kind(pointee) else {
                    return self.differ(shape, ty);
                };
                self.function(function, declared).map_err(|inner| self.inside(shape, ty, &inner))
            }
            (ShapeKind::Array { of, length }, &TypeKind::Array { element, length: declared }) => {
                if declared != Length::Known(length as u64) {
                    return self.differ(shape, ty);
                }
                self.value(*of, element).map_err(|inner| self.inside(shape, ty, &inner))
            }
            (ShapeKind::Record(record), &TypeKind::Record(id)) => self.record(record, id),
            _ => self.differ(shape, ty),
        }
    }

    /// What a pointer points to. `void` goes with anything.
    pub(crate) fn pointee(&mut self, shape: Shape, ty: Type) -> Difference {
        match (shape.0, self.unit.resolved_kind(ty)) {
            (ShapeKind::Any, _) | (_, TypeKind::Void) => Ok(()),
            // C reads the bytes of anything as `char`, and Rust calls a byte `u8`.
            (ShapeKind::Scalar(Scalar::I8 | Scalar::U8), TypeKind::Integer(Integer::Char)) => {
                Ok(())
            }
            (ShapeKind::Record(record), TypeKind::Opaque) => {
                let named = self.unit.typedef(record.name);
                let is_same = named.is_some_and(|typedef| {
                    self.unit.resolve(typedef.ty).unqualified()
                        == self.unit.resolve(ty).unqualified()
                });
                if is_same { Ok(()) } else { self.differ(shape, ty) }
            }
            (ShapeKind::Function(function), TypeKind::Function(declared)) => {
                self.function(function, declared)
            }
            _ => self.value(shape, ty),
        }
    }

    /// A whole function: its parameters in order, then the result.
    pub(crate) fn function(
        &mut self,
        shape: &FunctionShape,
        declared: &FunctionType,
    ) -> Difference {
        let (given, needed) = (shape.parameters.len(), declared.parameters.len());
        if !declared.is_prototype {
            return Err(String::from("its parameters are not declared"));
        }
        if !declared.convention.is_platform() {
            let convention = declared.convention;
            return Err(format!(
                "its calling convention is {convention:?}, and not the platform's"
            ));
        }
        if given != needed {
            return Err(format!("{given} parameters, and {needed} are declared"));
        }
        if shape.is_variadic != declared.is_variadic {
            return Err(String::from("only one of the two has `...`"));
        }
        for (at, (shape, parameter)) in
            shape.parameters.iter().zip(&declared.parameters).enumerate()
        {
            self.value(**shape, parameter.ty)
                .map_err(|inner| format!("parameter {}: {inner}", at + 1))?;
        }
        self.value(*shape.result, declared.result).map_err(|inner| format!("the result: {inner}"))
    }

    fn record(&mut self, shape: &RecordShape, id: RecordId) -> Difference {
        if self.named(shape.name) != Some(id) {
            let spelled = self.unit.spell(self.unit.record_by_id(id).ty());
            return Err(format!("`{}` is not `{spelled}`", shape.name));
        }
        let Some(fields) = shape.fields else { return Ok(()) };
        if self.open.contains(&(id, shape.name)) {
            return Ok(());
        }
        self.open.push((id, shape.name));
        let found = self.fields(shape, fields, id);
        self.open.pop();
        found.map_err(|inner| format!("`{}`: {inner}", shape.name))
    }

    /// The record that C calls so.
    fn named(&self, name: &str) -> Option<RecordId> {
        if let Some(record) = self.unit.record(name) {
            return Some(record.id());
        }
        match *self.unit.resolved_kind(self.unit.typedef(name)?.ty) {
            TypeKind::Record(id) => Some(id),
            _ => None,
        }
    }

    fn fields(&mut self, shape: &RecordShape, fields: &[FieldShape], id: RecordId) -> Difference {
        let unit = self.unit;
        let layout = unit.record_layout(id).map_err(|error| error.to_string())?;
        let record = unit.record_by_id(id);
        if record.fields.len() != fields.len() {
            let (given, needed) = (fields.len(), record.fields.len());
            return Err(format!("{given} fields, and {needed} are declared"));
        }
        for (field, (declared, place)) in
            fields.iter().zip(record.fields.iter().zip(layout.fields()))
        {
            let name = declared.name.as_deref().unwrap_or("without a name");
            if name != field.name.trim_start_matches("r#") {
                return Err(format!("field `{}` is `{name}` in C", field.name));
            }
            if declared.width.is_some() {
                return Err(format!("field `{name}` is a bit-field, which Rust has no type for"));
            }
            if place.offset() != field.offset as u64 {
                let (given, needed) = (field.offset, place.offset());
                return Err(format!("field `{name}` is at byte {given}, and at {needed} in C"));
            }
            self.value((field.shape)(), declared.ty)
                .map_err(|inner| format!("field `{name}`: {inner}"))?;
        }
        let given = (shape.size as u64, shape.alignment as u64);
        let needed = (layout.size(), layout.alignment());
        if given != needed {
            return Err(format!("(size, alignment) is {given:?}, and {needed:?} in C"));
        }
        Ok(())
    }

    fn differ(&self, shape: Shape, ty: Type) -> Difference {
        Err(format!("`{shape}` is not `{}`", self.unit.spell(ty)))
    }

    fn inside(&self, shape: Shape, ty: Type, inner: &str) -> String {
        format!("`{shape}` is not `{}`: {inner}", self.unit.spell(ty))
    }
}

/// Whether an object of the type may only be read. An array is as `const` as its elements.
pub(crate) fn is_const(unit: &Unit, ty: Type) -> bool {
    let mut ty = unit.resolve(ty);
    while let TypeKind::Array { element, .. } = *unit.kind(ty) {
        if ty.qualifiers().is_const() {
            return true;
        }
        ty = unit.resolve(element);
    }
    ty.qualifiers().is_const()
}
