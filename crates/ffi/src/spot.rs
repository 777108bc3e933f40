//! Which bytes of an object a part of it is.

use tenfold_cdecl::{Field, Length, RecordKind, Type, TypeKind, Unit};

use crate::bits::Bits;
use crate::error::{Error, ErrorKind, Result};
use crate::layout;
use crate::path::{Path, Step};

/// A part of an object, by its place in the object that the walk to it began at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spot {
    pub(crate) offset: usize,
    pub(crate) bytes: usize,
    pub(crate) ty: Type,
    /// The bits of a bit-field.
    pub(crate) bits: Option<Bits>,
    /// Whether there are many of the type, one behind the other: what a pointer points to.
    pub(crate) is_run: bool,
    /// How many elements the array without a length has that the object ends in, where somebody said.
    pub(crate) tail: Option<usize>,
}

impl Spot {
    /// All of an object.
    pub(crate) fn whole(ty: Type, bytes: usize) -> Self {
        Self { offset: 0, bytes, ty, bits: None, is_run: false, tail: None }
    }

    /// Objects of one type, one behind the other.
    pub(crate) fn run(element: Type, bytes: usize) -> Self {
        Self { is_run: true, ..Self::whole(element, bytes) }
    }

    /// The type as C writes it.
    pub(crate) fn spell(&self, unit: &Unit) -> String {
        let many = if self.is_run { "[]" } else { "" };
        unit.declare(self.ty, many)
    }

    /// A part of it by its path.
    pub(crate) fn walk(self, unit: &Unit, path: &str) -> Result<Self> {
        let (mut spot, mut path) = (self, Path::new(path));
        while let Some(step) = path.next() {
            spot = match step? {
                Step::Field(name) => spot.field(unit, name)?,
                Step::Index(index) => spot.at(unit, index)?,
            };
        }
        Ok(spot)
    }

    fn field(self, unit: &Unit, name: &str) -> Result<Self> {
        self.refuse_run(unit)?;
        let member = unit
            .member(self.ty, name)
            .map_err(|error| Error::new(ErrorKind::Field, error.message()).because(error))?;
        self.member(unit, member.ty, member.bit_offset, member.width)
    }

    /// What a record's initialiser has a value for, in order: its fields with names, and the records without
    /// one; of a union the first.
    pub(crate) fn members(self, unit: &Unit) -> Result<Vec<Self>> {
        self.refuse_run(unit)?;
        let TypeKind::Record(id) = *unit.resolved_kind(self.ty) else {
            let message = format!("`{}` has no fields", self.spell(unit));
            return Err(Error::new(ErrorKind::ValueType, message));
        };
        let record = unit.record_by_id(id);
        let layout = unit.record_layout(id).map_err(|_| layout::partial(unit, self.ty))?;
        let all = record.fields.iter().zip(layout.fields());
        let is_value = |field: &Field| field.name.is_some() || field.width.is_none();
        let most = if record.kind == RecordKind::Union { 1 } else { usize::MAX };
        all.filter(|(field, _)| is_value(field))
            .take(most)
            .map(|(field, at)| self.member(unit, field.ty, Some(at.bit_offset()), field.width))
            .collect()
    }

    fn refuse_run(&self, unit: &Unit) -> Result<()> {
        if !self.is_run {
            return Ok(());
        }
        let message = format!("`{}` has no fields, only its elements have", self.spell(unit));
        Err(Error::new(ErrorKind::Field, message))
    }

    fn member(
        self,
        unit: &Unit,
        ty: Type,
        bit_offset: Option<u64>,
        width: Option<u32>,
    ) -> Result<Self> {
        let Some(start) = bit_offset else { return Err(layout::partial(unit, self.ty)) };
        let start_byte = usize::try_from(start / 8).unwrap_or(usize::MAX);
        let bits = width.map(|width| Bits { first: (start % 8) as u32, width });
        let bytes = match (bits, unit.resolved_kind(ty)) {
            (Some(bits), _) => bits.bytes(),
            (None, TypeKind::Array { element, length: Length::Open }) => {
                let rest = self.bytes.saturating_sub(start_byte);
                let (size, _) = layout::of(unit, *element)?;
                self.tail.map_or(rest, |count| count.saturating_mul(size).min(rest))
            }
            (None, _) => layout::of(unit, ty)?.0,
        };
        Ok(Self { offset: self.offset.saturating_add(start_byte), bytes, ty, bits, ..self })
    }

    /// The type of the elements of an array, and how many there are.
    pub(crate) fn elements(&self, unit: &Unit) -> Result<(Type, usize)> {
        let (element, length) = match unit.resolved_kind(self.ty) {
            _ if self.is_run => (self.ty, Length::Open),
            TypeKind::Array { element, length } => (*element, *length),
            TypeKind::Vector { element, length } => (*element, Length::Known(*length)),
            _ => {
                let message = format!("`{}` is no array", self.spell(unit));
                return Err(Error::new(ErrorKind::ValueType, message));
            }
        };
        let count = match length {
            Length::Known(count) => usize::try_from(count).unwrap_or(usize::MAX),
            // Elements without a size, as GNU has them: there are as many as one likes, so none.
            _ => self.bytes.checked_div(layout::of(unit, element)?.0).unwrap_or(0),
        };
        Ok((element, count))
    }

    /// The elements of arrays of arrays that are none themselves, and the lengths from the outermost.
    pub(crate) fn lengths(&self, unit: &Unit) -> Result<(Type, Vec<usize>)> {
        let (mut element, count) = self.elements(unit)?;
        let mut lengths = vec![count];
        while matches!(
            unit.resolved_kind(element),
            TypeKind::Array { .. } | TypeKind::Vector { .. }
        ) {
            let (inner, length) = Self::whole(element, 0).elements(unit)?;
            lengths.push(length);
            element = inner;
        }
        Ok((element, lengths))
    }

    /// An element of an array.
    pub(crate) fn at(self, unit: &Unit, index: usize) -> Result<Self> {
        let (element, count) = self.elements(unit)?;
        if index >= count {
            let array = self.spell(unit);
            let message = format!("the index {index} is outside `{array}` of {count} elements");
            return Err(Error::new(ErrorKind::Index, message));
        }
        let (bytes, _) = layout::of(unit, element)?;
        let offset = self.offset.saturating_add(index.saturating_mul(bytes));
        Ok(Self { offset, bytes, ty: element, bits: None, is_run: false, tail: None })
    }

    /// Its bytes in those of the object.
    pub(crate) fn range(&self) -> std::ops::Range<usize> {
        self.offset..self.offset.saturating_add(self.bytes)
    }

    /// The same place, as an object of its own.
    pub(crate) fn rebased(self) -> Self {
        Self { offset: 0, ..self }
    }
}
