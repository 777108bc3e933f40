//! What the elements of an array may be.

use std::fmt;

use num_complex::{Complex32, Complex64};

use crate::Result;
use crate::error::{Error, ErrorKind};
use crate::room::Room;

/// A number that arrays consist of: `bool`, the integers of 8 to 64 bits, `f32`, `f64`, and the complex numbers
/// of both.
///
/// ```
/// use tenfold_array::{DType, Element};
///
/// assert_eq!(f32::DTYPE, DType::F32);
/// assert_eq!(f32::DTYPE.to_string(), "float32");
/// assert_eq!(f32::DTYPE.bytes(), 4);
/// ```
pub trait Element:
    Copy + Default + PartialEq + fmt::Debug + Send + Sync + 'static + Sealed
{
    /// Which number it is.
    const DTYPE: DType;
}

/// Who can be an element, and how its bytes are read and written. Not for others.
#[expect(unnameable_types, reason = "it keeps others from being elements")]
pub trait Sealed: Sized {
    /// The bytes of elements, as they lie in memory.
    #[doc(hidden)]
    fn as_bytes(elements: &[Self]) -> &[u8];

    /// Lets `read` fill the bytes of elements, and checks them.
    #[doc(hidden)]
    fn from_bytes(
        elements: &mut [Self],
        read: &mut dyn FnMut(&mut [u8]) -> Result<()>,
    ) -> Result<()>;

    #[doc(hidden)]
    #[expect(private_interfaces, reason = "for this crate alone")]
    fn room(elements: &mut [Self]) -> Room<'_>;

    /// The elements of a room of this type.
    #[doc(hidden)]
    #[expect(private_interfaces, reason = "for this crate alone")]
    fn of_room<'a>(room: &'a mut Room<'_>) -> Option<&'a mut [Self]>;
}

/// The number that an array consists of, by NumPy's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum DType {
    /// `bool`, of one byte.
    Bool,
    /// `i8`.
    I8,
    /// `i16`.
    I16,
    /// `i32`.
    I32,
    /// `i64`.
    I64,
    /// `u8`.
    U8,
    /// `u16`.
    U16,
    /// `u32`.
    U32,
    /// `u64`.
    U64,
    /// `f32`.
    F32,
    /// `f64`.
    F64,
    /// `Complex<f32>`.
    C64,
    /// `Complex<f64>`.
    C128,
}

impl DType {
    /// How many bytes an element takes.
    #[must_use]
    pub const fn bytes(self) -> usize {
        match self {
            Self::Bool | Self::I8 | Self::U8 => 1,
            Self::I16 | Self::U16 => 2,
            Self::I32 | Self::U32 | Self::F32 => 4,
            Self::I64 | Self::U64 | Self::F64 | Self::C64 => 8,
            Self::C128 => 16,
        }
    }

    /// Its name in NumPy, such as `float64`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::I8 => "int8",
            Self::I16 => "int16",
            Self::I32 => "int32",
            Self::I64 => "int64",
            Self::U8 => "uint8",
            Self::U16 => "uint16",
            Self::U32 => "uint32",
            Self::U64 => "uint64",
            Self::F32 => "float32",
            Self::F64 => "float64",
            Self::C64 => "complex64",
            Self::C128 => "complex128",
        }
    }
}

impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a type has to do with the room of its elements.
macro_rules! rooms {
    ($dtype:ident) => {
        #[expect(private_interfaces, reason = "for this crate alone")]
        fn room(elements: &mut [Self]) -> Room<'_> {
            Room::$dtype(elements)
        }

        #[expect(private_interfaces, reason = "for this crate alone")]
        fn of_room<'a>(room: &'a mut Room<'_>) -> Option<&'a mut [Self]> {
            match room {
                Room::$dtype(elements) => Some(elements),
                _ => None,
            }
        }
    };
}

macro_rules! elements {
    ($($T:ty: $dtype:ident),*) => {$(
        impl Element for $T {
            const DTYPE: DType = DType::$dtype;
        }

        impl Sealed for $T {
            fn as_bytes(elements: &[Self]) -> &[u8] {
                bytemuck::cast_slice(elements)
            }

            fn from_bytes(
                elements: &mut [Self],
                read: &mut dyn FnMut(&mut [u8]) -> Result<()>,
            ) -> Result<()> {
                read(bytemuck::cast_slice_mut(elements))
            }

            rooms!($dtype);
        }
    )*};
}

elements!(
    i8: I8, i16: I16, i32: I32, i64: I64, u8: U8, u16: U16, u32: U32, u64: U64, f32: F32, f64: F64,
    Complex32: C64, Complex64: C128
);

impl Element for bool {
    const DTYPE: DType = DType::Bool;
}

impl Sealed for bool {
    fn as_bytes(elements: &[Self]) -> &[u8] {
        bytemuck::cast_slice(elements)
    }

    fn from_bytes(
        elements: &mut [Self],
        read: &mut dyn FnMut(&mut [u8]) -> Result<()>,
    ) -> Result<()> {
        // Not every byte is a `bool`, so they come to rest elsewhere first.
        let mut bytes = vec![0; elements.len()];
        read(&mut bytes)?;
        for (at, (element, &byte)) in elements.iter_mut().zip(&bytes).enumerate() {
            *element = match byte {
                0 => false,
                1 => true,
                _ => {
                    let what = format!("byte {byte} of element {at} is no bool, which is 0 or 1");
                    return Err(Error::new(ErrorKind::Data, what));
                }
            };
        }
        Ok(())
    }

    rooms!(Bool);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_go_out_and_come_back() {
        let (there, mut back) = ([1.5_f64, -0.0, f64::NAN], [0.0; 3]);
        let bytes = f64::as_bytes(&there).to_vec();
        f64::from_bytes(&mut back, &mut |to| {
            to.copy_from_slice(&bytes);
            Ok(())
        })
        .unwrap();
        assert_eq!(there.map(f64::to_bits), back.map(f64::to_bits));
    }

    #[test]
    fn a_byte_that_is_no_bool_is_refused() {
        let error = bool::from_bytes(&mut [false; 2], &mut |to| {
            to.copy_from_slice(&[1, 2]);
            Ok(())
        })
        .unwrap_err();
        assert_eq!(error.to_string(), "byte 2 of element 1 is no bool, which is 0 or 1");
    }

    #[test]
    fn sizes_are_those_of_the_types() {
        fn same<T: Element>() {
            assert_eq!(T::DTYPE.bytes(), size_of::<T>(), "{}", T::DTYPE);
        }
        same::<bool>();
        same::<i16>();
        same::<u32>();
        same::<i64>();
        same::<Complex32>();
        same::<Complex64>();
    }
}
