//! What arrays of can be sent as they lie in memory.

use std::fmt;
use std::mem::offset_of;

/// A number, or a fixed group of numbers, that travels as it lies in memory.
///
/// Integers and floats of up to 64 bits, `bool`, arrays of elements, [`Located`], and with the feature
/// `complex` the complex numbers of num-complex.
///
/// ```
/// use tenfold_comm::Element;
///
/// assert_eq!(<[f64; 3]>::LAYOUT.to_string(), "[f64; 3]");
/// assert_ne!(u32::LAYOUT, f32::LAYOUT);
/// ```
///
/// # Safety
/// `LAYOUT` must be that of the type, field by field, and it must be all there is to know: any bytes
/// that are valid for one type of this layout must be valid for the implementor too.
pub unsafe trait Element: Copy + Send + Sync + 'static {
    /// How it lies in memory. A receiver is told when it does not expect the sender's.
    const LAYOUT: Layout;
}

/// How an [`Element`] lies in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Layout {
    shape: Shape,
    bytes: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Shape {
    One(Primitive),
    Array { of: &'static Layout, len: usize },
    Record(&'static [(usize, Layout)]),
}

/// The numbers that all else is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Primitive {
    /// `i8`
    I8,
    /// `i16`
    I16,
    /// `i32`
    I32,
    /// `i64`
    I64,
    /// `isize`
    Isize,
    /// `u8`
    U8,
    /// `u16`
    U16,
    /// `u32`
    U32,
    /// `u64`
    U64,
    /// `usize`
    Usize,
    /// `f32`
    F32,
    /// `f64`
    F64,
    /// `bool`
    Bool,
    /// A byte of a serialised object.
    Object,
    /// A byte of a type that the system does not tell.
    Unknown,
}

impl Layout {
    /// That of a message whose type the system does not tell: bytes.
    pub const UNKNOWN: Self = Self { shape: Shape::One(Primitive::Unknown), bytes: 1 };

    const fn one<T>(primitive: Primitive) -> Self {
        Self { shape: Shape::One(primitive), bytes: size_of::<T>() }
    }

    /// An array of `len` elements.
    #[must_use]
    pub const fn array(of: &'static Self, len: usize) -> Self {
        Self { shape: Shape::Array { of, len }, bytes: of.bytes * len }
    }

    /// A `repr(C)` struct of `bytes` bytes, whose fields lie at the given offsets.
    #[must_use]
    pub const fn record(fields: &'static [(usize, Self)], bytes: usize) -> Self {
        Self { shape: Shape::Record(fields), bytes }
    }

    /// The bytes of one element.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// What an array is made of, or the arrays in it; itself of all else.
    #[must_use]
    pub const fn base(&self) -> &Self {
        match &self.shape {
            Shape::Array { of, .. } => of.base(),
            _ => self,
        }
    }

    /// Whether not all bytes make an element: where there is a `bool`.
    pub(crate) fn is_picky(&self) -> bool {
        match self.shape {
            Shape::One(primitive) => primitive == Primitive::Bool,
            Shape::Array { of, .. } => of.is_picky(),
            Shape::Record(fields) => fields.iter().any(|(_, field)| field.is_picky()),
        }
    }

    /// Whether these are the bytes of an element.
    pub(crate) fn is_valid(&self, bytes: &[u8]) -> bool {
        match self.shape {
            Shape::One(Primitive::Bool) => bytes.iter().all(|&byte| byte <= 1),
            Shape::One(_) => true,
            Shape::Array { of, .. } => {
                bytes.chunks_exact(of.bytes.max(1)).all(|element| of.is_valid(element))
            }
            Shape::Record(fields) => {
                fields.iter().all(|(at, field)| field.is_valid(&bytes[*at..*at + field.bytes]))
            }
        }
    }

    /// Which primitive it is, if it is one.
    #[must_use]
    pub const fn primitive(&self) -> Option<Primitive> {
        match self.shape {
            Shape::One(primitive) => Some(primitive),
            _ => None,
        }
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.shape {
            Shape::One(primitive) => write!(f, "{}", format!("{primitive:?}").to_lowercase()),
            Shape::Array { of, len } => write!(f, "[{of}; {len}]"),
            Shape::Record(fields) => {
                f.write_str("{")?;
                for (n, (offset, layout)) in fields.iter().enumerate() {
                    write!(f, "{}{layout} at {offset}", if n == 0 { "" } else { ", " })?;
                }
                f.write_str("}")
            }
        }
    }
}

macro_rules! primitives {
    ($($type:ty, $primitive:ident;)*) => {$(
        // SAFETY: each primitive names one type.
        unsafe impl Element for $type {
            const LAYOUT: Layout = Layout::one::<$type>(Primitive::$primitive);
        }
    )*};
}

primitives! {
    i8, I8; i16, I16; i32, I32; i64, I64; isize, Isize;
    u8, U8; u16, U16; u32, U32; u64, U64; usize, Usize;
    f32, F32; f64, F64; bool, Bool;
}

// SAFETY: an array is its elements, without gaps.
unsafe impl<T: Element, const N: usize> Element for [T; N] {
    const LAYOUT: Layout = Layout::array(&T::LAYOUT, N);
}

#[cfg(feature = "complex")]
macro_rules! complex {
    ($($type:ty),*) => {$(
        // SAFETY: `Complex` is `repr(C)`, the real part first.
        unsafe impl Element for num_complex::Complex<$type> {
            const LAYOUT: Layout = Layout::record(
                &[(0, <$type>::LAYOUT), (size_of::<$type>(), <$type>::LAYOUT)],
                2 * size_of::<$type>(),
            );
        }
    )*};
}

#[cfg(feature = "complex")]
complex!(f32, f64);

/// A byte of a serialised object: not to be taken for a number.
#[cfg(feature = "objects")]
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub(crate) struct ObjectByte(pub(crate) u8);

#[cfg(feature = "objects")]
impl ObjectByte {
    /// The same as plain bytes.
    pub(crate) fn plain(bytes: &[Self]) -> &[u8] {
        // SAFETY: the type is transparent, and any byte is one.
        unsafe { std::slice::from_raw_parts(bytes.as_ptr().cast(), bytes.len()) }
    }
}

// SAFETY: any byte is one.
#[cfg(feature = "objects")]
unsafe impl Element for ObjectByte {
    const LAYOUT: Layout = Layout::one::<Self>(Primitive::Object);
}

/// A value and where it was found, for [`MinLoc`](crate::MinLoc) and [`MaxLoc`](crate::MaxLoc).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(C)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Where it was found: a rank, an index, ..
    pub at: u64,
}

impl<T: Element> Located<T> {
    const FIELDS: &'static [(usize, Layout)] =
        &[(offset_of!(Self, value), T::LAYOUT), (offset_of!(Self, at), u64::LAYOUT)];
}

// SAFETY: `repr(C)`, and both fields stand where `offset_of` says.
unsafe impl<T: Element> Element for Located<T> {
    const LAYOUT: Layout = Layout::record(Self::FIELDS, size_of::<Self>());
}

#[cfg(test)]
mod tests {
    use super::{Element, Located};

    #[test]
    fn layouts_have_names_and_sizes() {
        assert_eq!(f64::LAYOUT.to_string(), "f64");
        assert_eq!(<[[u8; 2]; 3]>::LAYOUT.to_string(), "[[u8; 2]; 3]");
        assert_eq!(<[[u8; 2]; 3]>::LAYOUT.bytes(), 6);
        assert_eq!(Located::<f32>::LAYOUT.to_string(), "{f32 at 0, u64 at 8}");
        assert_eq!(Located::<f32>::LAYOUT.bytes(), 16);
        assert_ne!(usize::LAYOUT, u64::LAYOUT);
        assert_eq!(*<[[u8; 2]; 3]>::LAYOUT.base(), u8::LAYOUT);
    }

    #[test]
    fn not_all_bytes_are_a_bool() {
        let layout = <[Located<[bool; 2]>; 2]>::LAYOUT;
        assert!(layout.is_picky() && !Located::<f32>::LAYOUT.is_picky());
        let mut bytes = [1; 32];
        bytes[2..16].fill(7);
        assert!(layout.is_valid(&bytes));
        bytes[17] = 2;
        assert!(!layout.is_valid(&bytes));
    }
}
