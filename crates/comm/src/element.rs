//! What arrays of can be sent as they lie in memory.

use std::fmt;
use std::mem::offset_of;

use crate::{ErrorKind, ExactSum};

/// A number, or a fixed group of numbers, that travels as it lies in memory.
///
/// Integers and floats of up to 64 bits, `bool`, arrays of elements, [`Located`], [`ExactSum`], and with the
/// feature `complex` the complex numbers of num-complex. With the feature `derive` there is a derive of the same name
/// for structs of elements: safe code needs no other way, also where unsafe code is forbidden.
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
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent as it lies in memory",
    label = "no `Element`",
    note = "numbers, arrays of them and `repr(C)` structs with `#[derive(Element)]` can",
    note = "values of any serde type are sent by `send_object`"
)]
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

impl Primitive {
    /// All, in the order of their numbers, `as u32`.
    pub const ALL: &[Self] = &[
        Self::I8,
        Self::I16,
        Self::I32,
        Self::I64,
        Self::Isize,
        Self::U8,
        Self::U16,
        Self::U32,
        Self::U64,
        Self::Usize,
        Self::F32,
        Self::F64,
        Self::Bool,
        Self::Object,
        Self::Unknown,
    ];

    /// How one lies in memory.
    #[must_use]
    pub const fn layout(self) -> Layout {
        let bytes = match self {
            Self::I8 | Self::U8 | Self::Bool | Self::Object | Self::Unknown => 1,
            Self::I16 | Self::U16 => 2,
            Self::I32 | Self::U32 | Self::F32 => 4,
            Self::I64 | Self::U64 | Self::F64 => 8,
            Self::Isize | Self::Usize => size_of::<usize>(),
        };
        Layout { shape: Shape::One(self), bytes }
    }
}

impl Layout {
    /// That of a message whose type the system does not tell: bytes.
    pub const UNKNOWN: Self = Primitive::Unknown.layout();

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

    /// Whether any bits are a value, and all bytes belong to a field: what other ranks and files may write
    /// bytewise. Not so `bool`, and a record with gaps between its fields.
    ///
    /// ```
    /// use tenfold_comm::{Element, Located};
    ///
    /// assert!(<[f64; 3]>::LAYOUT.is_plain() && Located::<f64>::LAYOUT.is_plain());
    /// assert!(!bool::LAYOUT.is_plain() && !Located::<f32>::LAYOUT.is_plain());
    /// ```
    #[must_use]
    pub fn is_plain(&self) -> bool {
        match self.shape {
            Shape::One(primitive) => primitive != Primitive::Bool,
            Shape::Array { of, .. } => of.is_plain(),
            Shape::Record(fields) => {
                // Fields do not overlap, so that their sum tells whether there are gaps.
                let filled = fields.iter().map(|(_, field)| field.bytes).sum::<usize>();
                filled == self.bytes && fields.iter().all(|(_, field)| field.is_plain())
            }
        }
    }

    /// That it is plain.
    pub(crate) fn checked_plain(self) -> Result<(), ErrorKind> {
        let must = "numbers of which all bits are valid, without gaps";
        if self.is_plain() { Ok(()) } else { Err(ErrorKind::Elements { layout: self, must }) }
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
            const LAYOUT: Layout = Primitive::$primitive.layout();
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
    /// The same as plain bytes, to be written.
    pub(crate) fn plain_mut(bytes: &mut [Self]) -> &mut [u8] {
        // SAFETY: the type is transparent, and any byte is one.
        unsafe { std::slice::from_raw_parts_mut(bytes.as_mut_ptr().cast(), bytes.len()) }
    }

    /// The same as plain bytes.
    pub(crate) fn plain(bytes: &[Self]) -> &[u8] {
        // SAFETY: the type is transparent, and any byte is one.
        unsafe { std::slice::from_raw_parts(bytes.as_ptr().cast(), bytes.len()) }
    }
}

// SAFETY: any byte is one.
#[cfg(feature = "objects")]
unsafe impl Element for ObjectByte {
    const LAYOUT: Layout = Primitive::Object.layout();
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

// SAFETY: `repr(C)`, and both fields stand where `offset_of` says. Any bits are a sum.
unsafe impl Element for ExactSum {
    const LAYOUT: Layout = Layout::record(
        &[
            (offset_of!(Self, limbs), <[u64; ExactSum::LIMBS]>::LAYOUT),
            (offset_of!(Self, notes), u64::LAYOUT),
        ],
        size_of::<Self>(),
    );
}

#[cfg(test)]
mod tests {
    use super::{Element, Located, Primitive};

    #[test]
    fn primitives_are_listed_by_their_numbers() {
        for (number, &primitive) in (0..).zip(Primitive::ALL) {
            assert_eq!(primitive as u32, number);
            assert_eq!(primitive.layout().primitive(), Some(primitive));
        }
        assert_eq!(bool::LAYOUT.bytes(), size_of::<bool>());
        assert_eq!(usize::LAYOUT.bytes(), size_of::<usize>());
    }

    #[test]
    fn layouts_have_names_and_sizes() {
        assert_eq!(f64::LAYOUT.to_string(), "f64");
        assert_eq!(<[[u8; 2]; 3]>::LAYOUT.to_string(), "[[u8; 2]; 3]");
        assert_eq!(<[[u8; 2]; 3]>::LAYOUT.bytes(), 6);
        assert_eq!(Located::<f32>::LAYOUT.to_string(), "{f32 at 0, u64 at 8}");
        assert_eq!(Located::<f32>::LAYOUT.bytes(), 16);
        assert_ne!(usize::LAYOUT, u64::LAYOUT);
    }

    #[cfg(feature = "derive")]
    #[test]
    fn a_derived_layout_is_that_of_the_fields() {
        #[derive(Clone, Copy, crate::Element)]
        #[element(crate = crate)]
        #[repr(C, align(16))]
        struct Pair<T, const N: usize> {
            first: T,
            second: [u16; N],
        }
        type Of = Pair<Located<f32>, 3>;
        let must = "{{f32 at 0, u64 at 8} at 0, [u16; 3] at 16}";
        assert_eq!((Of::LAYOUT.to_string(), Of::LAYOUT.bytes()), (String::from(must), 32));

        #[derive(Clone, Copy, crate::Element)]
        #[element(crate = crate)]
        #[repr(transparent)]
        struct Metres(f64);
        assert_eq!(Metres::LAYOUT.to_string(), "{f64 at 0}");
        assert_ne!(Metres::LAYOUT, f64::LAYOUT);
    }
}
