//! The types of C that Rust has a type for.

use tenfold_cdecl::{Float, Integer, Type, TypeKind, Unit};

use crate::number::bounds;

/// A number of C, by its size and sign: all that a call and a memory cell depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scalar {
    Bool,
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
    I64,
    U64,
    I128,
    U128,
    F32,
    F64,
    Complex32,
    Complex64,
}

impl Scalar {
    /// Rust's `isize`.
    pub(crate) const ISIZE: Self = if size_of::<isize>() == 8 { Self::I64 } else { Self::I32 };

    /// Rust's `usize`.
    pub(crate) const USIZE: Self = if size_of::<usize>() == 8 { Self::U64 } else { Self::U32 };

    /// What a type is behind its names; none of pointers, records, `long double` and the like.
    pub(crate) fn of(unit: &Unit, ty: Type) -> Option<Self> {
        match unit.resolved_kind(ty) {
            TypeKind::Bool => Some(Self::Bool),
            TypeKind::Integer(integer) => Some(Self::integer(unit, *integer)),
            TypeKind::Enum(id) => {
                unit.enum_by_id(*id).underlying.map(|integer| Self::integer(unit, integer))
            }
            TypeKind::Float(Float::Float | Float::Float32) => Some(Self::F32),
            TypeKind::Float(Float::Double | Float::Float64 | Float::Float32x) => Some(Self::F64),
            TypeKind::Complex(Float::Float | Float::Float32) => Some(Self::Complex32),
            TypeKind::Complex(Float::Double | Float::Float64 | Float::Float32x) => {
                Some(Self::Complex64)
            }
            _ => None,
        }
    }

    fn integer(unit: &Unit, integer: Integer) -> Self {
        match (integer.size(), unit.target().is_signed(integer)) {
            (1, true) => Self::I8,
            (1, false) => Self::U8,
            (2, true) => Self::I16,
            (2, false) => Self::U16,
            (4, true) => Self::I32,
            (4, false) => Self::U32,
            (8, true) => Self::I64,
            (8, false) => Self::U64,
            (_, true) => Self::I128,
            (_, false) => Self::U128,
        }
    }

    /// In bytes.
    pub(crate) const fn size(self) -> usize {
        match self {
            Self::Bool | Self::I8 | Self::U8 => 1,
            Self::I16 | Self::U16 => 2,
            Self::I32 | Self::U32 | Self::F32 => 4,
            Self::I64 | Self::U64 | Self::F64 | Self::Complex32 => 8,
            Self::I128 | Self::U128 | Self::Complex64 => 16,
        }
    }

    /// Rust's name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::I8 => "i8",
            Self::U8 => "u8",
            Self::I16 => "i16",
            Self::U16 => "u16",
            Self::I32 => "i32",
            Self::U32 => "u32",
            Self::I64 => "i64",
            Self::U64 => "u64",
            Self::I128 => "i128",
            Self::U128 => "u128",
            Self::F32 => "f32",
            Self::F64 => "f64",
            Self::Complex32 => "Complex<f32>",
            Self::Complex64 => "Complex<f64>",
        }
    }

    /// The bits of an integer; `_Bool` has one.
    pub(crate) fn width(self) -> Option<u32> {
        Some(match self {
            Self::Bool => 1,
            Self::I8 | Self::U8 => 8,
            Self::I16 | Self::U16 => 16,
            Self::I32 | Self::U32 => 32,
            Self::I64 | Self::U64 => 64,
            Self::I128 | Self::U128 => 128,
            Self::F32 | Self::F64 | Self::Complex32 | Self::Complex64 => return None,
        })
    }

    /// Whether it is an integer with a sign.
    pub(crate) fn is_signed(self) -> bool {
        matches!(self, Self::I8 | Self::I16 | Self::I32 | Self::I64 | Self::I128)
    }

    /// The least and the greatest, of integers that fit into 64 bits.
    pub(crate) fn bounds(self) -> Option<(i64, u64)> {
        let (least, greatest) = bounds(self.width()?, self.is_signed());
        Some((i64::try_from(least).ok()?, u64::try_from(greatest).ok()?))
    }
}
