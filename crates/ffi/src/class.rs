//! In which registers System V's ABI for x86-64 passes a value: section 3.2.3 of the document, as GCC reads
//! it where it is open.

use std::collections::HashMap;

use tenfold_cdecl::{Float, Length, RecordId, Type, TypeKind, Unit};

use crate::error::{Error, ErrorKind, Result};
use crate::extended;

/// The class of 8 bytes of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// Nothing but padding.
    None,
    Integer,
    Sse,
    X87,
    X87Up,
    Memory,
}

impl Class {
    fn merge(self, other: Self) -> Self {
        match (self, other) {
            (a, b) if a == b => a,
            (Self::None, class) | (class, Self::None) => class,
            (Self::Memory, _) | (_, Self::Memory) => Self::Memory,
            (Self::Integer, _) | (_, Self::Integer) => Self::Integer,
            (Self::X87 | Self::X87Up, _) | (_, Self::X87 | Self::X87Up) => Self::Memory,
            _ => Self::Sse,
        }
    }
}

/// Where a value travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Passing {
    /// It has no bytes.
    Nothing,
    /// Its 8 bytes, or twice 8, in registers of [`Integer`](Class::Integer) and [`Sse`](Class::Sse).
    Registers([Class; 2]),
    /// On the stack as an argument; on that of the x87 as a result, with so many registers.
    X87(usize),
    /// On the stack as an argument, in the caller's memory as a result.
    Memory,
}

/// Whether nothing but memory will do: the second half of a `long double` is alone, or worse.
fn is_memory(classes: [Class; 2]) -> bool {
    classes.contains(&Class::Memory)
        || (classes != [Class::X87, Class::X87Up]
            && classes.iter().any(|class| matches!(class, Class::X87 | Class::X87Up)))
}

/// No type that is passed by value may ask for more: C's stack is aligned to as much.
const MAX_ALIGNMENT: u64 = 16;

/// Classifies a type that is passed by value.
pub(crate) fn classify(unit: &Unit, ty: Type) -> Result<Passing> {
    let ty = unit.resolve(ty).unqualified();
    let layout = unit.layout(ty)?;
    if layout.alignment() > MAX_ALIGNMENT {
        let alignment = layout.alignment();
        let reason = format!("is aligned to {alignment} bytes, and the bound is {MAX_ALIGNMENT}");
        return Err(unsupported(unit, ty, &reason));
    }
    if let TypeKind::Complex(Float::LongDouble | Float::Float64x | Float::Float80) = unit.kind(ty) {
        return Ok(Passing::X87(2));
    }
    let mut classes = Eightbytes { unit, classes: [Class::None; 2], seen: HashMap::new() };
    let found = classes.add(ty, 0)?;
    if layout.size() == 0 {
        return Ok(Passing::Nothing);
    }
    if layout.size() > 16 || found.is_none() {
        return Ok(Passing::Memory);
    }
    Ok(match classes.classes {
        [Class::X87, Class::X87Up] => Passing::X87(1),
        classes if is_memory(classes) => Passing::Memory,
        classes => Passing::Registers(classes),
    })
}

pub(crate) fn unsupported(unit: &Unit, ty: Type, reason: &str) -> Error {
    let message = format!("`{}` cannot be passed by value: it {reason}", unit.spell(ty));
    Error::new(ErrorKind::Unsupported, message)
}

struct Eightbytes<'a> {
    unit: &'a Unit,
    classes: [Class; 2],
    /// Records and where they were found: unions may hold one again and again.
    seen: HashMap<(RecordId, u64), (Found, [Class; 2])>,
}

/// None where a field is not aligned, or where only the first fields of an array are known: it is memory.
type Found = Option<()>;

impl Eightbytes<'_> {
    fn add(&mut self, ty: Type, offset: u64) -> Result<Found> {
        let unit = self.unit;
        let ty = unit.resolve(ty);
        if offset >= 16 {
            // What is as large goes through memory, whatever is here.
            return Ok(Some(()));
        }
        match unit.kind(ty) {
            TypeKind::Record(id) => return self.add_record(*id, offset),
            TypeKind::Array { element, length } => {
                return self.add_array(*element, *length, offset);
            }
            TypeKind::Vector { .. } => return Err(unsupported(unit, ty, "is a vector")),
            TypeKind::VaList => return Ok(None),
            TypeKind::Float(Float::Float128) | TypeKind::Complex(Float::Float128) => {
                return Err(unsupported(unit, ty, "needs registers of 128 bits"));
            }
            TypeKind::Float(_) if extended::is_extended(unit, ty) => {
                return Ok(self.merge(offset, 16, [Class::X87, Class::X87Up]));
            }
            TypeKind::Complex(float) => {
                let size = float.size();
                let first = self.merge(offset, size, [Class::Sse; 2]);
                return Ok(first.and(self.merge(offset + size, size, [Class::Sse; 2])));
            }
            _ => {}
        }
        let size = unit.layout(ty)?.size();
        let class = match unit.kind(ty) {
            TypeKind::Float(_) => Class::Sse,
            _ => Class::Integer,
        };
        Ok(self.merge(offset, size, [class; 2]))
    }

    /// A basic type, which is aligned to its size.
    fn merge(&mut self, offset: u64, size: u64, classes: [Class; 2]) -> Found {
        if !offset.is_multiple_of(size) {
            return None;
        }
        for at in 0..size.div_ceil(8) {
            self.merge_at(offset / 8 + at, classes[usize::from(at == 1)]);
        }
        Some(())
    }

    fn merge_at(&mut self, eightbyte: u64, class: Class) {
        let at = usize::try_from(eightbyte).unwrap_or(usize::MAX);
        if let Some(place) = self.classes.get_mut(at) {
            *place = place.merge(class);
        }
    }

    /// A record is classified before it is merged with what is around it: that is not the same as to merge
    /// its fields one by one.
    fn add_record(&mut self, id: RecordId, offset: u64) -> Result<Found> {
        let (found, classes) = match self.seen.get(&(id, offset)) {
            Some(seen) => *seen,
            None => {
                let around = std::mem::replace(&mut self.classes, [Class::None; 2]);
                let found = self.add_fields(id, offset)?;
                let classes = std::mem::replace(&mut self.classes, around);
                self.seen.insert((id, offset), (found, classes));
                (found, classes)
            }
        };
        for (eightbyte, class) in (0..).zip(classes) {
            self.merge_at(eightbyte, class);
        }
        Ok(found.filter(|()| !is_memory(classes)))
    }

    fn add_fields(&mut self, id: RecordId, offset: u64) -> Result<Found> {
        let unit = self.unit;
        let mut found = Some(());
        let layout = unit.record_layout(id)?;
        for (field, place) in unit.record_by_id(id).fields.iter().zip(layout.fields()) {
            let Some(width) = field.width else {
                found = found.and(self.add(field.ty, offset + place.offset())?);
                continue;
            };
            let begin = place.bit_offset() + offset * 8;
            for eightbyte in begin / 64..(begin + u64::from(width)).div_ceil(64) {
                self.merge_at(eightbyte, Class::Integer);
            }
        }
        Ok(found)
    }

    fn add_array(&mut self, element: Type, length: Length, offset: u64) -> Result<Found> {
        let Length::Known(length) = length else { return Ok(None) };
        let size = self.unit.layout(element)?.size();
        let places = (offset..16).step_by(usize::try_from(size.clamp(1, 16)).unwrap_or(16));
        let mut found = Some(());
        for (at, _) in places.zip(0..length) {
            found = found.and(self.add(element, at)?);
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use Class::{Integer, None, Sse};
    use Passing::{Memory, Nothing, Registers, X87};
    use tenfold_cdecl::{Options, Target};

    use super::*;

    fn passing(text: &str) -> Result<Passing> {
        let mut unit = Options::new().target(Target::X86_64).unit();
        let ty = unit.parse_type(text).unwrap();
        classify(&unit, ty)
    }

    #[test]
    fn values_are_classified_as_the_document_has_it() {
        let table = [
            ("char", Registers([Integer, None])),
            ("unsigned __int128", Registers([Integer, Integer])),
            ("float _Complex", Registers([Sse, None])),
            ("double _Complex", Registers([Sse, Sse])),
            ("long double", X87(1)),
            ("struct { long double x; }", X87(1)),
            ("long double _Complex", X87(2)),
            ("struct { long double _Complex x; }", Memory),
            ("struct { float x, y; int n; }", Registers([Sse, Integer])),
            ("struct { float x; int n; double d; }", Registers([Integer, Sse])),
            ("struct { double x[2]; }", Registers([Sse, Sse])),
            ("struct { double x[3]; }", Memory),
            ("union { double d; long i; }", Registers([Integer, None])),
            ("union { long double x; int i; }", Memory),
            // The inner one is two integers, and those win.
            (
                "union { long double x; union { double d[2]; long i[2]; } u; }",
                Registers([Integer; 2]),
            ),
            ("struct __attribute__((packed)) { char c; int i; }", Memory),
            ("struct __attribute__((packed)) { char c; int i : 32; }", Registers([Integer, None])),
            ("struct { char c[16]; }", Registers([Integer, Integer])),
            ("struct { double d; char c; int : 0; }", Registers([Sse, Integer])),
            ("struct { }", Nothing),
        ];
        for (text, expected) in table {
            assert_eq!(passing(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn what_registers_of_64_bits_cannot_hold_is_refused() {
        for text in [
            "_Float128",
            "int __attribute__((vector_size(16)))",
            "struct { char c __attribute__((aligned(32))); }",
        ] {
            assert_eq!(passing(text).unwrap_err().kind(), ErrorKind::Unsupported, "{text}");
        }
    }
}
