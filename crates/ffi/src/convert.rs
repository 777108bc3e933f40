//! Values from Rust's types, as text, and compared.

use std::fmt;
use std::mem::discriminant;

use num_complex::Complex;

use crate::data::Data;
use crate::error::{Error, ErrorKind, Result};
use crate::number::Number;
use crate::value::{Pointer, Value};

/// As C writes it: `0` and `1` are `_Bool`, pointers are hexadecimal.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Void => f.write_str("void"),
            Self::Bool(value) => u8::from(*value).fmt(f),
            Self::I8(value) => value.fmt(f),
            Self::U8(value) => value.fmt(f),
            Self::I16(value) => value.fmt(f),
            Self::U16(value) => value.fmt(f),
            Self::I32(value) => value.fmt(f),
            Self::U32(value) => value.fmt(f),
            Self::I64(value) => value.fmt(f),
            Self::U64(value) => value.fmt(f),
            Self::I128(value) => value.fmt(f),
            Self::U128(value) => value.fmt(f),
            Self::F32(value) => value.fmt(f),
            Self::F64(value) => value.fmt(f),
            Self::Complex32(value) => value.fmt(f),
            Self::Complex64(value) => value.fmt(f),
            Self::Pointer(pointer) => write!(f, "{:#x}", pointer.address.addr()),
            Self::Data(data) => write!(f, "({})", data.view().spell()),
        }
    }
}

/// The same type and the same value; of records and arrays, the same bytes.
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Void, Self::Void) => true,
            (Self::Pointer(one), Self::Pointer(other)) => one.address == other.address,
            (Self::Data(one), Self::Data(other)) => {
                one.view().spell() == other.view().spell() && one.bytes() == other.bytes()
            }
            _ => {
                discriminant(self) == discriminant(other)
                    && Number::of(self).is_some_and(|number| Some(number) == Number::of(other))
            }
        }
    }
}

macro_rules! from {
    ($($ty:ty => $variant:ident)*) => {$(
        impl From<$ty> for Value {
            fn from(value: $ty) -> Self {
                Self::$variant(value.into())
            }
        }
    )*};
}

from!(bool => Bool i8 => I8 u8 => U8 i16 => I16 u16 => U16 i32 => I32 u32 => U32 i64 => I64 u64 => U64);
from!(i128 => I128 u128 => U128 f32 => F32 f64 => F64 char => U32);
from!(Complex<f32> => Complex32 Complex<f64> => Complex64 Pointer => Pointer Data => Data);

impl From<isize> for Value {
    fn from(value: isize) -> Self {
        // No machine has wider ones.
        Self::I64(value as i64)
    }
}

impl From<usize> for Value {
    fn from(value: usize) -> Self {
        Self::U64(value as u64)
    }
}

/// A record or an array.
impl TryFrom<Value> for Data {
    type Error = Error;

    fn try_from(value: Value) -> Result<Self> {
        match value {
            Value::Data(data) => Ok(*data),
            other => {
                let message = format!("the value {other} is no record and no array");
                Err(Error::new(ErrorKind::ValueType, message))
            }
        }
    }
}

macro_rules! equal {
    ($($ty:ty)*) => {$(
        /// As numbers, whatever integer type the value has. An integer and a floating number differ.
        impl PartialEq<$ty> for Value {
            fn eq(&self, other: &$ty) -> bool {
                Number::of(self).is_some_and(|number| Some(number) == Number::of(&(*other).into()))
            }
        }
    )*};
}

equal!(bool i8 u8 i16 u16 i32 u32 i64 u64 i128 u128 isize usize f32 f64 Complex<f32> Complex<f64>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_compared_as_numbers() {
        assert_eq!(Value::I64(1), 1);
        assert_eq!(Value::U8(1), 1_i128);
        assert_ne!(Value::F64(1.0), 1);
        assert_eq!(Value::F32(0.5), 0.5);
        assert_ne!(Value::I64(1), Value::I32(1));
        assert_ne!(Value::F64(f64::NAN), Value::F64(f64::NAN));
        assert_eq!(Value::Void, Value::Void);
    }

    #[test]
    fn values_are_written_as_c_writes_them() {
        assert_eq!(Value::Bool(true).to_string(), "1");
        assert_eq!(Value::I8(-3).to_string(), "-3");
        assert_eq!(Value::F64(0.5).to_string(), "0.5");
        assert_eq!(Value::from(1_u128 << 100).to_string(), "1267650600228229401496703205376");
    }
}
