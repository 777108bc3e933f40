//! C's casts.

use std::ffi::c_void;
use std::ptr;

use num_complex::Complex;
use tenfold_cdecl::{Type, TypeKind, Unit};

use crate::arg::{Arg, words};
use crate::data::Data;
use crate::declarations::Declarations;
use crate::error::{Error, ErrorKind, Result};
use crate::extended::is_extended;
use crate::layout;
use crate::long_double::LongDouble;
use crate::number::{Number, Whole, bounds};
use crate::scalar::Scalar;
use crate::to_type::ToType;
use crate::value::{Pointer, Value};

impl Declarations {
    /// Converts a number or a pointer as C's cast does: CFFI's `ffi.cast`. Integers wrap, floating numbers
    /// lose their fraction, complex ones their imaginary part. On x86-64 `long double` is cast too: to one
    /// only what it holds exactly. Where C leaves open what becomes of a
    /// floating number that is too large for an integer, it is the nearest one, and 0 of what is no
    /// number. A pointer that is made here is no more than an address: reading there is `unsafe`.
    ///
    /// # Errors
    ///
    /// [`Declaration`](ErrorKind::Declaration) if the text is no type,
    /// [`ValueType`](ErrorKind::ValueType) if C has no such cast, [`Unsupported`](ErrorKind::Unsupported) to
    /// floating types that Rust has not, such as `_Float128`.
    ///
    /// # Examples
    ///
    /// ```
    /// let declarations = tenfold_ffi::Declarations::parse("")?;
    /// assert_eq!(declarations.cast("unsigned char", 300)?, 44);
    /// assert_eq!(declarations.cast("int", -1.9)?, -1);
    /// assert_eq!(declarations.cast("float", 0.1)?, 0.1_f32);
    /// assert_eq!(declarations.cast("void *", 4096)?.to_string(), "0x1000");
    /// # Ok::<(), tenfold_ffi::Error>(())
    /// ```
    pub fn cast(&self, ty: impl ToType, value: impl Into<Value>) -> Result<Value> {
        let (declarations, ty) = ty.to_type(self)?;
        let value = value.into();
        let unit = declarations.unit();
        let cast = match unit.resolved_kind(ty) {
            TypeKind::Void => Some(Value::Void),
            TypeKind::Pointer(pointee) => pointer(*pointee, &value),
            // Whatever is stored there without a loss.
            _ if is_extended(unit, ty) => {
                let mut data = Data::zeroed(&declarations, ty)?;
                data.view_mut().store(&value)?;
                Some(data.into())
            }
            _ => to_scalar(known(unit, ty)?, &value),
        };
        cast.ok_or_else(|| {
            let (spelled, given) = (unit.spell(ty), Arg::from(&value).type_name());
            if let TypeKind::Float(_) | TypeKind::Complex(_) = unit.resolved_kind(ty)
                && Scalar::of(unit, ty).is_none()
            {
                let message =
                    format!("{given} is not cast to `{spelled}`, which Rust does not have");
                return Error::new(ErrorKind::Unsupported, message);
            }
            Error::new(ErrorKind::ValueType, format!("C does not cast {given} to `{spelled}`"))
        })
    }
}

/// What a type is as a number, if it is one.
fn known(unit: &Unit, ty: Type) -> Result<Option<Scalar>> {
    layout::of(unit, ty)?;
    Ok(Scalar::of(unit, ty))
}

fn pointer(pointee: Type, value: &Value) -> Option<Value> {
    let address = match (value, Number::of(value)) {
        (Value::Pointer(pointer), _) => pointer.address,
        (_, Some(Number::Whole(whole))) => address(whole),
        _ => return None,
    };
    Some(Value::Pointer(Pointer { address, pointee }))
}

fn to_scalar(scalar: Option<Scalar>, value: &Value) -> Option<Value> {
    let scalar = scalar?;
    if let Some(long) = LongDouble::of(value) {
        return Some(long.cast(scalar).unwrap_or_else(|| {
            let raw = match long.to_whole() {
                Some(whole) => clamped(whole, scalar),
                None => whole(Number::Real(long.to_f64()), scalar),
            };
            Value::from_words(scalar, words(raw))
        }));
    }
    Some(match scalar {
        Scalar::Bool => Value::Bool(is_true(value)?),
        Scalar::F32 => Value::F32(f32_of(Number::of(value)?)),
        Scalar::F64 => Value::F64(f64_of(Number::of(value)?)),
        Scalar::Complex32 => Value::Complex32(match Number::of(value)? {
            Number::Complex(of) => Complex::new(nearest(of.re), nearest(of.im)),
            real => f32_of(real).into(),
        }),
        Scalar::Complex64 => Value::Complex64(match Number::of(value)? {
            Number::Complex(of) => of,
            real => f64_of(real).into(),
        }),
        _ => {
            let raw = match value {
                Value::Pointer(pointer) => pointer.address.expose_provenance() as u128,
                _ => whole(Number::of(value)?, scalar),
            };
            Value::from_words(scalar, words(raw))
        }
    })
}

/// The nearest `float`.
#[expect(clippy::cast_possible_truncation, reason = "it is rounded, as C does it")]
pub(crate) fn nearest(real: f64) -> f32 {
    real as f32
}

fn is_true(value: &Value) -> Option<bool> {
    if let Value::Pointer(pointer) = value {
        return Some(!pointer.is_null());
    }
    Some(match Number::of(value)? {
        Number::Whole(whole) => whole != Whole::Natural(0),
        Number::Real(real) => real != 0.0,
        Number::Complex(of) => of.re != 0.0 || of.im != 0.0,
    })
}

/// The address that an integer is in its lowest bits.
fn address(whole: Whole) -> *mut c_void {
    let mut bytes = [0; size_of::<usize>()];
    let count = bytes.len();
    bytes.copy_from_slice(&whole.wrapped().to_le_bytes()[..count]);
    ptr::with_exposed_provenance_mut(usize::from_le_bytes(bytes))
}

/// The bits of the nearest integer that the type has.
fn clamped(whole: Whole, scalar: Scalar) -> u128 {
    let (width, is_signed) = (scalar.width().unwrap_or(128), scalar.is_signed());
    let (least, most) = bounds(width, is_signed);
    match whole {
        _ if whole.fits(width, is_signed) => whole.wrapped(),
        Whole::Negative(_) => least.cast_unsigned(),
        Whole::Natural(_) => most,
    }
}

/// The bits of an integer.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "they are the bounds")]
fn whole(number: Number, scalar: Scalar) -> u128 {
    let real = match number {
        Number::Whole(whole) => return whole.wrapped(),
        Number::Real(real) => real,
        Number::Complex(of) => of.re,
    };
    let nearest = match scalar.is_signed() {
        true => Whole::signed(real as i128),
        false => Whole::Natural(real as u128),
    };
    clamped(nearest, scalar)
}

fn f64_of(number: Number) -> f64 {
    match number {
        Number::Whole(whole) => whole.nearest(),
        Number::Real(real) => real,
        Number::Complex(of) => of.re,
    }
}

/// Rounded once, not through `double`.
#[expect(clippy::cast_precision_loss, reason = "it is rounded, as C does it")]
fn f32_of(number: Number) -> f32 {
    match number {
        Number::Whole(Whole::Negative(value)) => value as f32,
        Number::Whole(Whole::Natural(value)) => value as f32,
        Number::Real(real) => nearest(real),
        Number::Complex(of) => nearest(of.re),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn casts_are_those_of_c() {
        let declarations = Declarations::parse("enum shape { CIRCLE };").unwrap();
        let cast = |ty, value| declarations.cast(ty, value).unwrap();
        assert_eq!(cast("int", Value::I64(1 << 32 | 5)), Value::I32(5));
        assert_eq!(cast("signed char", Value::I32(200)), Value::I8(-56));
        assert_eq!(cast("unsigned long", Value::I32(-1)), Value::U64(u64::MAX));
        assert_eq!(cast("__int128", Value::I32(-1)), Value::from(-1_i128));
        assert_eq!(cast("_Bool", Value::F64(0.5)), Value::Bool(true));
        assert_eq!(cast("int", Value::F64(1e30)), Value::I32(i32::MAX));
        assert_eq!(cast("unsigned", Value::F64(-1e30)), Value::U32(0));
        assert_eq!(cast("int", Value::F64(f64::NAN)), Value::I32(0));
        assert_eq!(cast("enum shape", Value::I64(7)), Value::U32(7));
        // A `double` in between would round to the even neighbour first.
        assert_eq!(
            cast("float", Value::U64((1 << 60) + (1 << 36) + 1)),
            Value::F32(1.152_921_6e18)
        );
        let pointer = cast("char *", Value::U64(0x1234));
        assert_eq!(cast("unsigned long", pointer.clone()), Value::U64(0x1234));
        assert_eq!(cast("_Bool", pointer), Value::Bool(true));
    }

    #[cfg(target_arch = "x86_64")]
    #[test]
    fn long_doubles_become_integers() {
        let declarations = Declarations::parse("").unwrap();
        let cast = |ty, value: f64| {
            let long = declarations.cast("long double", value).unwrap();
            declarations.cast(ty, long).unwrap()
        };
        assert_eq!(cast("int", 0.0), Value::I32(0));
        assert_eq!(cast("__int128", -0.0), Value::from(0_i128));
        assert_eq!(cast("unsigned char", 1e9), Value::U8(255));
        assert_eq!(cast("unsigned __int128", -1e30), Value::from(0_u128));
        assert_eq!(cast("unsigned __int128", 2.0_f64.powi(127)), Value::from(1_u128 << 127));
        assert_eq!(cast("unsigned __int128", 1e39), Value::from(u128::MAX));
        assert_eq!(cast("__int128", -1e39), Value::from(i128::MIN));
    }

    #[test]
    fn what_c_does_not_cast_is_refused() {
        let declarations = Declarations::parse("struct s { int i; };").unwrap();
        for (ty, value) in
            [("struct s", Value::I32(1)), ("int *", Value::F64(1.0)), ("int", Value::Void)]
        {
            assert_eq!(declarations.cast(ty, value).unwrap_err().kind(), ErrorKind::ValueType);
        }
        let refused = declarations.cast("_Float128", 1).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Unsupported);
    }
}
