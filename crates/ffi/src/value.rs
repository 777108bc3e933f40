//! What C gives back.

use std::ffi::c_void;
use std::ptr;

use num_complex::Complex;
use tenfold_cdecl::{Type, TypeKind};

use crate::arg::{Arg, Misfit, signed, unsigned};
use crate::data::Data;
use crate::declarations::Declarations;
use crate::error::{Error, ErrorKind, Result};
use crate::scalar::Scalar;

/// A value of C: what a dynamic call returns, and what a field, an element or a variable holds.
///
/// `TryFrom` makes it a number of Rust, if that holds it exactly.
///
/// # Examples
///
/// ```
/// use tenfold_ffi::{ErrorKind, Value};
///
/// assert_eq!(i64::try_from(Value::U8(200))?, 200);
/// assert_eq!(f64::try_from(Value::I32(-7))?, -7.0);
/// assert_eq!(i8::try_from(Value::U8(200)).unwrap_err().kind(), ErrorKind::OutOfRange);
/// assert_eq!(i8::try_from(Value::F64(1.0)).unwrap_err().kind(), ErrorKind::ValueType);
/// # Ok::<(), tenfold_ffi::Error>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
#[expect(missing_docs, reason = "they are Rust's names of the types")]
pub enum Value {
    Void,
    Bool(bool),
    I8(i8),
    U8(u8),
    I16(i16),
    U16(u16),
    I32(i32),
    U32(u32),
    I64(i64),
    U64(u64),
    I128(Box<i128>),
    U128(Box<u128>),
    F32(f32),
    F64(f64),
    Complex32(Complex<f32>),
    Complex64(Complex<f64>),
    Pointer(Pointer),
    /// A structure, a union, or another type that Rust has no name for, with its bytes.
    Data(Box<Data>),
}

/// An address, and the type of what is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Pointer {
    pub(crate) address: *mut c_void,
    pub(crate) pointee: Type,
}

impl Pointer {
    /// The address.
    #[must_use]
    pub fn address(self) -> *mut c_void {
        self.address
    }

    /// The type of what is there, in the declarations of the function that gave it.
    #[must_use]
    pub fn pointee(self) -> Type {
        self.pointee
    }

    /// Whether there is nothing.
    #[must_use]
    pub fn is_null(self) -> bool {
        self.address.is_null()
    }
}

impl Value {
    /// A scalar of at most 8 bytes from its bits, as registers and little-endian memory hold them; what is above
    /// its size is not looked at.
    #[inline(always)]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        reason = "the low bits are the value"
    )]
    pub(crate) fn from_word(scalar: Scalar, word: u64) -> Self {
        match scalar {
            // C has stored 0 or 1; whatever else is there is no `bool`.
            Scalar::Bool => Self::Bool(word as u8 != 0),
            Scalar::I8 => Self::I8(word as i8),
            Scalar::U8 => Self::U8(word as u8),
            Scalar::I16 => Self::I16(word as i16),
            Scalar::U16 => Self::U16(word as u16),
            Scalar::I32 => Self::I32(word as i32),
            Scalar::U32 => Self::U32(word as u32),
            Scalar::I64 => Self::I64(word as i64),
            Scalar::F32 => Self::F32(f32::from_bits(word as u32)),
            Scalar::F64 => Self::F64(f64::from_bits(word)),
            Scalar::Complex32 => Self::Complex32(Complex::new(
                f32::from_bits(word as u32),
                f32::from_bits((word >> 32) as u32),
            )),
            _ => Self::U64(word),
        }
    }

    /// A scalar from its two words.
    pub(crate) fn from_words(scalar: Scalar, words: [u64; 2]) -> Self {
        let [low, high] = words;
        match scalar {
            Scalar::I128 => Self::I128(Box::new(signed(words))),
            Scalar::U128 => Self::U128(Box::new(unsigned(words))),
            Scalar::Complex64 => {
                Self::Complex64(Complex::new(f64::from_bits(low), f64::from_bits(high)))
            }
            _ => Self::from_word(scalar, low),
        }
    }

    /// Reads an object of C. An array and what Rust has no type for become [`Data`], a copy.
    ///
    /// # Safety
    ///
    /// An object of that type is at the address, which need not be aligned, and nobody writes to it.
    pub(crate) unsafe fn read(
        declarations: &Declarations,
        ty: Type,
        address: *const u8,
    ) -> Result<Self> {
        let unit = declarations.unit();
        if let Some(scalar) = Scalar::of(unit, ty) {
            let mut words = [0_u64; 2];
            // SAFETY: a scalar's bytes are there, as the caller says, and fit into two words.
            unsafe {
                ptr::copy_nonoverlapping(address, words.as_mut_ptr().cast(), scalar.size());
            }
            return Ok(Self::from_words(scalar, words));
        }
        if let TypeKind::Pointer(pointee) = *unit.resolved_kind(ty) {
            // SAFETY: a pointer is there, as the caller says.
            let address = unsafe { address.cast::<*mut c_void>().read_unaligned() };
            return Ok(Self::Pointer(Pointer { address, pointee }));
        }
        let mut data = Data::zeroed(declarations, ty)?;
        let bytes = data.size();
        // SAFETY: the object has as many bytes as the data that is made for its type.
        unsafe { ptr::copy_nonoverlapping(address, data.address_mut(), bytes) };
        Ok(Self::Data(Box::new(data)))
    }

    /// A number as another type has it.
    fn convert(&self, to: Scalar) -> Result<[u64; 2]> {
        let arg = Arg::from(self);
        arg.convert(to).map_err(|misfit| match misfit {
            Misfit::Range => {
                let message = format!("the value {arg:?} is no `{}`", to.name());
                Error::new(ErrorKind::OutOfRange, message)
            }
            _ => {
                let message = format!("{} cannot be read as `{}`", arg.type_name(), to.name());
                Error::new(ErrorKind::ValueType, message)
            }
        })
    }
}

macro_rules! conversions {
    ($($ty:ty => $scalar:expr, $words:ident => $from:expr;)*) => {$(
        impl TryFrom<&Value> for $ty {
            type Error = Error;

            #[expect(clippy::allow_attributes, reason = "some of the types need no cast")]
            #[allow(clippy::cast_possible_truncation, reason = "the conversion was checked")]
            fn try_from(value: &Value) -> Result<Self> {
                let $words = value.convert($scalar)?;
                Ok($from)
            }
        }

        impl TryFrom<Value> for $ty {
            type Error = Error;

            fn try_from(value: Value) -> Result<Self> {
                Self::try_from(&value)
            }
        }
    )*};
}

conversions! {
    bool => Scalar::Bool, words => words[0] != 0;
    i8 => Scalar::I8, words => words[0] as i8;
    u8 => Scalar::U8, words => words[0] as u8;
    i16 => Scalar::I16, words => words[0] as i16;
    u16 => Scalar::U16, words => words[0] as u16;
    i32 => Scalar::I32, words => words[0] as i32;
    u32 => Scalar::U32, words => words[0] as u32;
    i64 => Scalar::I64, words => words[0].cast_signed();
    u64 => Scalar::U64, words => words[0];
    isize => Scalar::ISIZE, words => words[0].cast_signed() as isize;
    usize => Scalar::USIZE, words => words[0] as usize;
    i128 => Scalar::I128, words => signed(words);
    u128 => Scalar::U128, words => unsigned(words);
    f32 => Scalar::F32, words => f32::from_bits(words[0] as u32);
    f64 => Scalar::F64, words => f64::from_bits(words[0]);
    Complex<f32> => Scalar::Complex32, words => Complex::new(
        f32::from_bits(words[0] as u32),
        f32::from_bits((words[0] >> 32) as u32),
    );
    Complex<f64> => Scalar::Complex64,
        words => Complex::new(f64::from_bits(words[0]), f64::from_bits(words[1]));
}

impl TryFrom<&Value> for Pointer {
    type Error = Error;

    fn try_from(value: &Value) -> Result<Self> {
        match value {
            Value::Pointer(pointer) => Ok(*pointer),
            value => {
                let given = Arg::from(value).type_name();
                let message = format!("{given} cannot be read as a pointer");
                Err(Error::new(ErrorKind::ValueType, message))
            }
        }
    }
}

impl TryFrom<Value> for Pointer {
    type Error = Error;

    fn try_from(value: Value) -> Result<Self> {
        Self::try_from(&value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_convert_exactly_or_not_at_all() {
        assert_eq!(u64::try_from(Value::I8(-1)).unwrap_err().kind(), ErrorKind::OutOfRange);
        assert_eq!(u64::try_from(Value::U64(u64::MAX)).unwrap(), u64::MAX);
        assert_eq!(f32::try_from(Value::F64(0.1)).unwrap_err().kind(), ErrorKind::OutOfRange);
        assert_eq!(f64::try_from(Value::U64(u64::MAX)).unwrap_err().kind(), ErrorKind::OutOfRange);
        assert_eq!(f64::try_from(Value::I64(i64::MIN)).unwrap(), -(2.0_f64.powi(63)));
        assert_eq!(i128::try_from(Value::I128(Box::new(-5))).unwrap(), -5);
        assert_eq!(u128::try_from(Value::U128(Box::new(u128::MAX))).unwrap(), u128::MAX);
        assert!(f64::try_from(Value::I64(i64::MAX)).is_err());
        assert_eq!(isize::try_from(Value::I8(-5)).unwrap(), -5);
        let complex = Complex::new(0.5, -0.25);
        assert_eq!(
            Complex::<f32>::try_from(Value::Complex64(complex)).unwrap(),
            Complex::new(0.5, -0.25)
        );
        assert!(Complex::<f32>::try_from(Value::from(Complex::new(0.1, 0.0))).is_err());
        assert_eq!(bool::try_from(Value::Void).unwrap_err().kind(), ErrorKind::ValueType);
        assert!(Pointer::try_from(Value::Void).is_err());
    }

    #[test]
    fn objects_are_read_where_they_lie() {
        let mut declarations = Declarations::parse("struct s { char c; double d; };").unwrap();
        let bytes: [u8; 17] = std::array::from_fn(|at| u8::try_from(at).unwrap());
        let mut read = |text: &str| {
            let ty = declarations.parse_type(text).unwrap();
            // SAFETY: 16 bytes are there.
            unsafe { Value::read(&declarations, ty, bytes[1..].as_ptr()) }.unwrap()
        };
        assert_eq!(i64::try_from(read("short")).unwrap(), 0x0201);
        assert_eq!(u128::try_from(read("unsigned __int128")).unwrap() >> 120, 16);
        assert!(matches!(read("struct s"), Value::Data(data) if data.size() == 16));
        let pointer = Pointer::try_from(read("char *")).unwrap();
        assert_eq!(pointer.address().addr(), 0x0807_0605_0403_0201);
    }
}
