//! Calls by libffi, for machines without a stub, and as a second opinion where there is one.

use std::ffi::c_void;
use std::fmt;
use std::ptr;

use libffi::low::{self, CodePtr};
use libffi::middle::{Cif, Type as Shape};
use tenfold_cdecl::{Float, FunctionType, Length, RecordId, RecordKind, Type, TypeKind, Unit};

use crate::class::unsupported;
use crate::engine::Target;
use crate::error::{Error, ErrorKind, Result};
use crate::plan::{Kind, Parameter};
use crate::scalar::Scalar;

/// What libffi knows of a function.
pub(crate) struct Interface {
    cif: Cif,
    parameters: Vec<Shape>,
    result: Shape,
}

// SAFETY: it is memory of its own, which a call only reads.
unsafe impl Send for Interface {}
// SAFETY: as above.
unsafe impl Sync for Interface {}

impl fmt::Debug for Interface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Interface({} parameters)", self.parameters.len())
    }
}

impl Interface {
    pub(crate) fn new(unit: &Unit, function: &FunctionType) -> Result<Self> {
        let shapes: Result<Vec<Shape>> =
            function.parameters.iter().map(|parameter| shape(unit, parameter.ty)).collect();
        let parameters = shapes?;
        let result = match unit.resolved_kind(function.result) {
            TypeKind::Void => Shape::void(),
            _ => shape(unit, function.result)?,
        };
        let cif = Cif::try_new(parameters.iter().cloned(), result.clone()).map_err(refused)?;
        Ok(Self { cif, parameters, result })
    }

    /// # Safety
    ///
    /// The words are the function's arguments, each where its parameter's slot says and none in a register;
    /// there is room for the result, 8 bytes at least; and what the function does with them is sound.
    pub(crate) unsafe fn call(
        &self,
        target: Target,
        words: *mut u64,
        [parameters, extra]: [&[Parameter]; 2],
        out: *mut u8,
    ) -> Result<()> {
        let mut places = Vec::with_capacity(parameters.len() + extra.len());
        for parameter in parameters.iter().chain(extra) {
            // SAFETY: the words are there, as the caller says.
            places.push(unsafe { words.add(parameter.slots[0]) }.cast::<c_void>());
        }
        let variadic = self.variadic(extra)?;
        let cif = variadic.as_ref().unwrap_or(&self.cif).as_raw_ptr();
        let code = CodePtr::from_fun(target);
        // SAFETY: the places are those of arguments of the types that the interface has, and the rest is as the
        // caller says.
        unsafe { low::call_return_into(cif, code, places.as_mut_ptr(), out.cast()) };
        Ok(())
    }

    /// The interface with what stands for `...`, if anything does.
    fn variadic(&self, extra: &[Parameter]) -> Result<Option<Cif>> {
        if extra.is_empty() {
            return Ok(None);
        }
        let fixed = self.parameters.len();
        let mut shapes = self.parameters.clone();
        for parameter in extra {
            shapes.push(match parameter.kind {
                Kind::Integer => Shape::i64(),
                Kind::Pointer => Shape::pointer(),
                Kind::F64 | Kind::F32 => Shape::f64(),
                Kind::Scalar => parameter.scalar.and_then(scalar_shape).ok_or_else(unknown)?,
                Kind::Extended => Shape::longdouble(),
                Kind::Object => return Err(unknown()),
            });
        }
        let cif = Cif::try_new_variadic(shapes, fixed, self.result.clone()).map_err(refused)?;
        Ok(Some(cif))
    }
}

fn unknown() -> Error {
    let message = "libffi is not told how to pass this type for `...`";
    Error::new(ErrorKind::Unsupported, message)
}

fn refused(error: low::Error) -> Error {
    Error::new(ErrorKind::Unsupported, format!("libffi refuses the function: {error:?}"))
}

fn scalar_shape(scalar: Scalar) -> Option<Shape> {
    Some(match scalar {
        Scalar::Bool | Scalar::U8 => Shape::u8(),
        Scalar::I8 => Shape::i8(),
        Scalar::I16 => Shape::i16(),
        Scalar::U16 => Shape::u16(),
        Scalar::I32 => Shape::i32(),
        Scalar::U32 => Shape::u32(),
        Scalar::I64 => Shape::i64(),
        Scalar::U64 => Shape::u64(),
        Scalar::F32 => Shape::f32(),
        Scalar::F64 => Shape::f64(),
        Scalar::Complex32 => Shape::c32(),
        Scalar::Complex64 => Shape::c64(),
        Scalar::I128 | Scalar::U128 => return None,
    })
}

fn shape(unit: &Unit, ty: Type) -> Result<Shape> {
    if let Some(scalar) = Scalar::of(unit, ty) {
        return scalar_shape(scalar).ok_or_else(|| unsupported(unit, ty, "has 128 bits"));
    }
    match *unit.resolved_kind(ty) {
        TypeKind::Pointer(_) => Ok(Shape::pointer()),
        TypeKind::Float(Float::LongDouble | Float::Float64x | Float::Float80) => {
            Ok(Shape::longdouble())
        }
        TypeKind::Complex(Float::LongDouble | Float::Float64x | Float::Float80) => {
            Ok(Shape::complex_longdouble())
        }
        TypeKind::Record(id) => record(unit, ty, id),
        _ => Err(unsupported(unit, ty, "is unknown to libffi")),
    }
}

/// A structure that libffi lays out as C does.
fn record(unit: &Unit, ty: Type, id: RecordId) -> Result<Shape> {
    let record = unit.record_by_id(id);
    if record.kind == RecordKind::Union {
        return Err(unsupported(unit, ty, "is a union, which libffi has not"));
    }
    let mut shapes = Vec::new();
    // Each ends where the next begins, but for padding that libffi adds too.
    let mut offsets = Vec::new();
    let layout = unit.record_layout(id)?;
    for (field, place) in record.fields.iter().zip(layout.fields()) {
        if field.width.is_some() {
            return Err(unsupported(unit, ty, "has bit-fields, which libffi has not"));
        }
        elements(unit, field.ty, place.offset(), &mut shapes, &mut offsets)?;
    }
    let mut shape = Shape::structure(shapes);
    let found = shape.struct_offsets(low::ffi_abi_FFI_DEFAULT_ABI).map_err(refused)?;
    let is_same = found.iter().map(|&at| at as u64).eq(offsets);
    // SAFETY: libffi has just filled in the size and the alignment of the type that the shape owns.
    let raw = unsafe { ptr::read(shape.as_raw_ptr()) };
    let sizes = (raw.size as u64, u64::from(raw.alignment));
    match is_same && sizes == (layout.size(), layout.alignment()) {
        true => Ok(shape),
        false => Err(unsupported(unit, ty, "is laid out as libffi does not do it")),
    }
}

/// A field, or all elements of one that is an array.
fn elements(
    unit: &Unit,
    ty: Type,
    offset: u64,
    shapes: &mut Vec<Shape>,
    offsets: &mut Vec<u64>,
) -> Result<()> {
    /// More elements are not worth their memory.
    const MAX: usize = 1024;
    let TypeKind::Array { element, length } = *unit.resolved_kind(ty) else {
        shapes.push(shape(unit, ty)?);
        offsets.push(offset);
        return Ok(());
    };
    let Length::Known(length) = length else {
        return Err(unsupported(unit, ty, "has no length"));
    };
    let size = unit.layout(element)?.size();
    for at in 0..length {
        if shapes.len() >= MAX {
            return Err(unsupported(unit, ty, "has too many elements for libffi"));
        }
        elements(unit, element, offset + at * size, shapes, offsets)?;
    }
    Ok(())
}
