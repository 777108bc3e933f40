//! What is given to a dynamic call.

use std::ffi::{CStr, c_void};
use std::fmt;
use std::ptr;

use num_complex::Complex;
use tenfold_cdecl::{Type, TypeKind, Unit};

use crate::ctype::{CType, FunctionShape, Shape, ShapeKind};
use crate::data::Data;
use crate::extended;
use crate::matching::{self, Matching};
use crate::number::{Number, Whole};
use crate::scalar::Scalar;
use crate::value::{Pointer, Value};

/// An argument of a dynamic call, or what is stored in a variable. `Arg::from` makes it, and
/// [`args!`](crate::args) a list of them. What it is compared with and converted to is the declared type;
/// no conversion loses a bit:
///
/// | given | goes into |
/// |---|---|
/// | any integer | an integer, `_Bool`, enumeration or floating type that holds it exactly |
/// | `bool` | an integer, `_Bool` or enumeration type that holds it exactly |
/// | `f32`, `f64` | a floating type that holds it exactly |
/// | `Complex` | a complex type that holds it exactly |
/// | `&T`, `&[T]`, `*const T`, `&CStr` | `const T *`, `const void *` |
/// | `&mut T`, `&mut [T]`, `*mut T` | `T *`, `void *`, and their `const` |
/// | `&Data`, `&mut Data`, `&T` of [`c_record!`](crate::c_record) | the record, or a pointer to it |
/// | [`Pointer`], `&Value` | what they came from |
/// | `unsafe extern "C" fn ..` | the pointer to such a function |
/// | [`Arg::NULL`] | any pointer but a parameter that is declared `nonnull` |
#[derive(Clone)]
pub struct Arg<'a>(pub(crate) Given<'a>);

/// The number of a variant stands first, and behind it, at 8 bytes, the word of those that have one: a call looks
/// at these two before it looks at more.
#[derive(Clone, Copy)]
#[repr(u8)]
pub(crate) enum Given<'a> {
    Int(i64),
    /// Of `u64` and `usize`.
    Unsigned(u64),
    /// The words of an `i128` or a `u128`, the low one first: a field of 16 bytes would be aligned to them.
    Wide([u64; 2]),
    UnsignedWide([u64; 2]),
    Bool(bool),
    /// Its bits, in a word as all others.
    F32(u64),
    F64(f64),
    Complex32(Complex<f32>),
    Complex64(Complex<f64>),
    Memory {
        access: Access,
        address: *const c_void,
        to: &'static Shape,
    },
    Function {
        address: *const c_void,
        shape: &'static FunctionShape,
    },
    Typed(Pointer),
    Data {
        is_const: bool,
        data: &'a Data,
        address: *const u8,
    },
    Null,
    Void,
}

/// What may be done with memory that an argument points to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Nothing is known of a raw pointer, but that it is `*const`.
    Const,
    /// Or `*mut`.
    Mut,
    /// A reference, which may be read.
    Shared,
    /// A reference, which may be written.
    Exclusive,
}

impl Access {
    pub(crate) fn is_const(self) -> bool {
        matches!(self, Self::Const | Self::Shared)
    }

    /// Whether something is there that may be read.
    pub(crate) fn is_reference(self) -> bool {
        matches!(self, Self::Shared | Self::Exclusive)
    }
}

impl Arg<'_> {
    /// The null pointer.
    ///
    /// # Examples
    ///
    /// ```
    /// use tenfold_ffi::{Arg, Library, args};
    ///
    /// // SAFETY: libc is loaded already.
    /// let mut c = unsafe { Library::open("c")? };
    /// c.cdef("long time(long *into);")?;
    /// // SAFETY: `time` takes a null pointer.
    /// let now = unsafe { c.call("time", &args![Arg::NULL])? };
    /// assert!(i64::try_from(now)? > 1_600_000_000);
    /// # Ok::<(), tenfold_ffi::Error>(())
    /// ```
    pub const NULL: Arg<'static> = Arg(Given::Null);
}

/// Makes an array of [`Arg`]s of values of different types.
///
/// # Examples
///
/// ```
/// use tenfold_ffi::{Arg, args};
///
/// let list: [Arg<'_>; 3] = args![1_u8, 2.5, c"text"];
/// assert_eq!(format!("{list:?}"), r#"[1, 2.5, *const i8]"#);
/// ```
#[macro_export]
macro_rules! args {
    ($($arg:expr),* $(,)?) => {
        [$($crate::Arg::from($arg)),*]
    };
}

/// Numbers as they are, the rest by its type.
impl fmt::Debug for Arg<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Given::Int(value) => write!(f, "{value}"),
            Given::Unsigned(value) => write!(f, "{value}"),
            Given::Wide(words) => write!(f, "{}", signed(words)),
            Given::UnsignedWide(words) => write!(f, "{}", unsigned(words)),
            Given::Bool(value) => write!(f, "{value}"),
            Given::F32(bits) => write!(f, "{:?}", float(bits)),
            Given::F64(value) => write!(f, "{value:?}"),
            Given::Complex32(value) => write!(f, "{value}"),
            Given::Complex64(value) => write!(f, "{value}"),
            _ => f.write_str(&self.type_name()),
        }
    }
}

pub(crate) fn unsigned(words: [u64; 2]) -> u128 {
    u128::from(words[0]) | u128::from(words[1]) << 64
}

pub(crate) fn signed(words: [u64; 2]) -> i128 {
    unsigned(words).cast_signed()
}

pub(crate) fn words(value: u128) -> [u64; 2] {
    #[expect(clippy::cast_possible_truncation, reason = "the words of a number")]
    [value as u64, (value >> 64) as u64]
}

impl Arg<'_> {
    /// What it is, in the words of Rust, or of C where the type is C's.
    pub(crate) fn type_name(&self) -> String {
        let name = match self.0 {
            Given::Int(_) | Given::Unsigned(_) | Given::Wide(_) | Given::UnsignedWide(_) => {
                "an integer"
            }
            Given::Bool(_) => "bool",
            Given::F32(_) => "f32",
            Given::F64(_) => "f64",
            Given::Complex32(_) => "Complex<f32>",
            Given::Complex64(_) => "Complex<f64>",
            Given::Memory { to, access, .. } => {
                let is_const = access.is_const();
                return Shape(ShapeKind::Pointer { to, is_const }).to_string();
            }
            Given::Function { shape, .. } => return shape.to_string(),
            Given::Typed(_) => "a pointer of C",
            Given::Data { data, .. } => {
                return format!("`{}`", data.declarations().unit().spell(data.ty()));
            }
            Given::Null => "a null pointer",
            Given::Void => "no value",
        };
        name.to_owned()
    }
}

macro_rules! integers {
    ($($ty:ty),*) => {$(
        impl From<$ty> for Arg<'_> {
            #[inline]
            fn from(value: $ty) -> Self {
                Self(Given::Int(i64::from(value)))
            }
        }
    )*};
}

integers!(i8, i16, i32, i64, u8, u16, u32);

macro_rules! given {
    ($($ty:ty, $value:ident => $given:expr;)*) => {$(
        impl From<$ty> for Arg<'_> {
            #[inline]
            fn from($value: $ty) -> Self {
                Self($given)
            }
        }
    )*};
}

given! {
    isize, value => Given::Int(value as i64);
    u64, value => Given::Unsigned(value);
    usize, value => Given::Unsigned(value as u64);
    i128, value => Given::Wide(words(value.cast_unsigned()));
    u128, value => Given::UnsignedWide(words(value));
    bool, value => Given::Bool(value);
    f32, value => Given::F32(u64::from(value.to_bits()));
    f64, value => Given::F64(value);
    Complex<f32>, value => Given::Complex32(value);
    Complex<f64>, value => Given::Complex64(value);
    Pointer, value => Given::Typed(value);
}

impl Arg<'_> {
    #[inline]
    fn memory<T: CType>(address: *const T, access: Access) -> Self {
        Self(Given::Memory { address: address.cast(), to: const { &T::SHAPE }, access })
    }
}

impl<'a> From<&'a CStr> for Arg<'a> {
    #[inline]
    fn from(text: &'a CStr) -> Self {
        let address = text.as_ptr().cast();
        Self(Given::Memory { address, to: &i8::SHAPE, access: Access::Shared })
    }
}

impl<'a, T: CType> From<&'a T> for Arg<'a> {
    #[inline]
    fn from(value: &'a T) -> Self {
        Self::memory(ptr::from_ref(value), Access::Shared)
    }
}

impl<'a, T: CType> From<&'a mut T> for Arg<'a> {
    #[inline]
    fn from(value: &'a mut T) -> Self {
        Self::memory(ptr::from_mut(value), Access::Exclusive)
    }
}

impl<'a, T: CType> From<&'a [T]> for Arg<'a> {
    #[inline]
    fn from(values: &'a [T]) -> Self {
        // Not a reference to one: there may be none to read.
        Self::memory(values.as_ptr(), Access::Const)
    }
}

impl<'a, T: CType> From<&'a mut [T]> for Arg<'a> {
    #[inline]
    fn from(values: &'a mut [T]) -> Self {
        Self::memory(values.as_mut_ptr().cast_const(), Access::Mut)
    }
}

impl<T: CType> From<*const T> for Arg<'_> {
    #[inline]
    fn from(address: *const T) -> Self {
        Self::memory(address, Access::Const)
    }
}

impl<T: CType> From<*mut T> for Arg<'_> {
    #[inline]
    fn from(address: *mut T) -> Self {
        Self::memory(address.cast_const(), Access::Mut)
    }
}

impl<'a> From<&'a Data> for Arg<'a> {
    #[inline]
    fn from(data: &'a Data) -> Self {
        Self(Given::Data { data, address: data.address(), is_const: true })
    }
}

impl<'a> From<&'a mut Data> for Arg<'a> {
    #[inline]
    fn from(data: &'a mut Data) -> Self {
        let address = data.address_mut().cast_const();
        Self(Given::Data { data, address, is_const: false })
    }
}

impl<'a> From<&'a Value> for Arg<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Void => Self(Given::Void),
            Value::Bool(value) => Self::from(*value),
            Value::I8(value) => Self::from(*value),
            Value::U8(value) => Self::from(*value),
            Value::I16(value) => Self::from(*value),
            Value::U16(value) => Self::from(*value),
            Value::I32(value) => Self::from(*value),
            Value::U32(value) => Self::from(*value),
            Value::I64(value) => Self::from(*value),
            Value::U64(value) => Self::from(*value),
            Value::I128(value) => Self::from(**value),
            Value::U128(value) => Self::from(**value),
            Value::F32(value) => Self::from(*value),
            Value::F64(value) => Self::from(*value),
            Value::Complex32(value) => Self::from(*value),
            Value::Complex64(value) => Self::from(*value),
            Value::Pointer(value) => Self::from(*value),
            Value::Data(data) => Self::from(&**data),
        }
    }
}

/// What [`Given::F32`] has.
#[expect(clippy::cast_possible_truncation, reason = "the bits are the lower ones")]
fn float(bits: u64) -> f32 {
    f32::from_bits(bits as u32)
}

/// Variants of [`Given`] that are an address or a number in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tag(u8);

impl Tag {
    pub(crate) const INT: Self = Self(0);
    pub(crate) const F32: Self = Self(5);
    pub(crate) const F64: Self = Self(6);
    pub(crate) const MEMORY: Self = Self(9);
    /// That of no variant.
    pub(crate) const NONE: Self = Self(u8::MAX);
}

impl Arg<'_> {
    /// Its word, if it is that variant, which has one.
    #[inline(always)]
    pub(crate) fn word(&self, tag: Tag) -> Option<u64> {
        let place = ptr::from_ref(&self.0);
        // SAFETY: the layout of the enumeration is declared to begin with the number of the variant.
        let found = unsafe { place.cast::<u8>().read() };
        if found != tag.0 {
            return None;
        }
        // SAFETY: the enumeration has 24 bytes.
        let word = unsafe { place.cast::<u64>().add(1) };
        // SAFETY: those variants have a word of 8 bytes there, and no other tag is found.
        Some(unsafe { word.read() })
    }
}

/// Why an argument is not what was declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Misfit {
    /// Another type.
    Type,
    /// The type holds other numbers.
    Range,
    /// It may not be written.
    ReadOnly,
    /// Null.
    Null,
}

/// Whether a double is the same number as a float; so are the values that are not numbers.
fn narrow(value: f64) -> Result<f32, Misfit> {
    #[expect(clippy::cast_possible_truncation, reason = "what was cut off is looked at")]
    let narrow = value as f32;
    match f64::from(narrow) == value || value.is_nan() {
        true => Ok(narrow),
        false => Err(Misfit::Range),
    }
}

impl Arg<'_> {
    /// What it is worth as a number, if it is one.
    pub(crate) fn number(&self) -> Option<Number> {
        Some(match self.0 {
            Given::Int(value) => Number::Whole(Whole::signed(i128::from(value))),
            Given::Unsigned(value) => Number::Whole(Whole::Natural(u128::from(value))),
            Given::Wide(words) => Number::Whole(Whole::signed(signed(words))),
            Given::UnsignedWide(words) => Number::Whole(Whole::Natural(unsigned(words))),
            Given::Bool(value) => Number::Whole(Whole::Natural(u128::from(value))),
            Given::F32(bits) => Number::Real(f64::from(float(bits))),
            Given::F64(value) => Number::Real(value),
            Given::Complex32(value) => {
                Number::Complex(Complex::new(f64::from(value.re), f64::from(value.im)))
            }
            Given::Complex64(value) => Number::Complex(value),
            _ => return None,
        })
    }

    /// The number as a scalar's bits, in words as registers hold them: integers with their sign or zeros to
    /// 64 bits.
    pub(crate) fn convert(&self, to: Scalar) -> Result<[u64; 2], Misfit> {
        match to {
            Scalar::F32 => Ok([u64::from(self.float()?.to_bits()), 0]),
            Scalar::F64 => Ok([self.double()?.to_bits(), 0]),
            Scalar::Complex32 => {
                let value = self.complex32()?;
                let (re, im) = (value.re.to_bits(), value.im.to_bits());
                Ok([u64::from(re) | u64::from(im) << 32, 0])
            }
            Scalar::Complex64 => self.complex().map(|of| [of.re.to_bits(), of.im.to_bits()]),
            _ => self.convert_integer(to),
        }
    }

    fn convert_integer(&self, to: Scalar) -> Result<[u64; 2], Misfit> {
        match (self.number(), to.width()) {
            (Some(Number::Whole(whole)), Some(width)) if whole.fits(width, to.is_signed()) => {
                Ok(words(whole.wrapped()))
            }
            (Some(Number::Whole(_)), Some(_)) => Err(Misfit::Range),
            _ => Err(Misfit::Type),
        }
    }

    fn float(&self) -> Result<f32, Misfit> {
        match self.0 {
            Given::F32(bits) => Ok(float(bits)),
            _ => narrow(self.double()?),
        }
    }

    fn double(&self) -> Result<f64, Misfit> {
        match self.real()? {
            Number::Whole(whole) => whole.exact().ok_or(Misfit::Range),
            Number::Real(value) => Ok(value),
            Number::Complex(_) => Err(Misfit::Type),
        }
    }

    /// What goes into floating types.
    fn real(&self) -> Result<Number, Misfit> {
        match self.number() {
            Some(number) if !matches!(self.0, Given::Bool(_)) => Ok(number),
            _ => Err(Misfit::Type),
        }
    }

    /// As a `long double` of x86-64.
    pub(crate) fn extended(&self) -> Result<[u64; 2], Misfit> {
        match self.real()? {
            Number::Whole(whole) => extended::from_whole(whole).ok_or(Misfit::Range),
            Number::Real(value) => Ok(extended::from_double(value)),
            Number::Complex(_) => Err(Misfit::Type),
        }
    }

    fn complex32(&self) -> Result<Complex<f32>, Misfit> {
        match self.0 {
            // As it is: a signalling NaN would become a quiet one.
            Given::Complex32(value) => Ok(value),
            _ => self.complex().and_then(|of| Ok(Complex::new(narrow(of.re)?, narrow(of.im)?))),
        }
    }

    fn complex(&self) -> Result<Complex<f64>, Misfit> {
        match self.number() {
            Some(Number::Complex(value)) => Ok(value),
            _ => Err(Misfit::Type),
        }
    }
}

impl Arg<'_> {
    /// Whether it goes into a pointer of C, and the address. Nothing at it is looked at.
    pub(crate) fn pointer(&self, unit: &Unit, pointee: Type) -> Result<*const c_void, Misfit> {
        let mut matching = Matching::new(unit);
        let (address, is_const, fits) = match self.0 {
            Given::Null => return Ok(ptr::null()),
            Given::Memory { address, to, access } => {
                let fits = matching.pointee(*to, pointee).is_ok()
                    // An array decays to a pointer to its first element.
                    || matches!(to.0, ShapeKind::Array { of, .. } if matching.pointee(*of, pointee).is_ok());
                (address, access.is_const(), fits)
            }
            Given::Function { address, shape } => {
                let shape = Shape(ShapeKind::Function(shape));
                (address, false, matching.pointee(shape, pointee).is_ok())
            }
            Given::Typed(pointer) => (
                pointer.address.cast_const(),
                matching::is_const(unit, pointer.pointee),
                points_alike(unit, pointer.pointee, unit, pointee),
            ),
            Given::Data { data, address, is_const } => {
                let own = data.declarations().unit();
                let element = match *own.resolved_kind(data.ty()) {
                    TypeKind::Array { element, .. } => Some(element),
                    _ => None,
                };
                let fits = points_alike(own, data.ty(), unit, pointee)
                    || element.is_some_and(|element| points_alike(own, element, unit, pointee));
                (address.cast(), is_const || matching::is_const(own, data.ty()), fits)
            }
            _ => return Err(Misfit::Type),
        };
        match fits {
            false => Err(Misfit::Type),
            true if is_const && !matching::is_const(unit, pointee) => Err(Misfit::ReadOnly),
            true => Ok(address),
        }
    }

    /// Where the bytes of a record, or of another type that Rust has none for, are to be read.
    pub(crate) fn object(&self, unit: &Unit, ty: Type) -> Result<*const u8, Misfit> {
        match self.0 {
            Given::Data { data, address, .. } => {
                // `int[]` goes with `int[3]`, and may be shorter.
                let size = unit.layout(ty).map_err(|_| Misfit::Type)?.size();
                let fits = data.size() as u64 >= size
                    && alike(data.declarations().unit(), data.ty(), unit, ty);
                if fits { Ok(address) } else { Err(Misfit::Type) }
            }
            Given::Memory { address, to, access } if access.is_reference() => {
                match Matching::new(unit).value(*to, ty) {
                    Ok(()) => Ok(address.cast()),
                    Err(_) => Err(Misfit::Type),
                }
            }
            Given::Null => Err(Misfit::Null),
            _ => Err(Misfit::Type),
        }
    }

    /// Writes it as an object of C.
    ///
    /// # Safety
    ///
    /// The address is that of an object of the type, which need not be aligned, and nobody else reads or
    /// writes it.
    pub(crate) unsafe fn store(
        &self,
        unit: &Unit,
        ty: Type,
        address: *mut u8,
    ) -> Result<(), Misfit> {
        if let Some(scalar) = Scalar::of(unit, ty) {
            let words = self.convert(scalar)?;
            // SAFETY: the caller has room for a scalar there, and it fits into two words.
            unsafe { ptr::copy_nonoverlapping(words.as_ptr().cast(), address, scalar.size()) };
            return Ok(());
        }
        if let TypeKind::Pointer(pointee) = *unit.resolved_kind(ty) {
            let pointer = self.pointer(unit, pointee)?;
            // SAFETY: the caller has room for a pointer there.
            unsafe { address.cast::<*const c_void>().write_unaligned(pointer) };
            return Ok(());
        }
        if let Some(bytes) = extended::of(unit, ty, self) {
            // SAFETY: the caller has room for the 16 bytes of a `long double` there.
            unsafe { address.cast::<[u64; 2]>().write_unaligned(bytes?) };
            return Ok(());
        }
        let object = self.object(unit, ty)?;
        let bytes = unit.layout(ty).map_err(|_| Misfit::Type)?.size();
        let bytes = usize::try_from(bytes).map_err(|_| Misfit::Type)?;
        // SAFETY: an object of the type is at both; they may be one.
        unsafe { ptr::copy(object, address, bytes) };
        Ok(())
    }
}

/// Whether types are the same. The numbers of types, records and enumerations mean nothing in another unit.
fn alike(a: &Unit, one: Type, b: &Unit, other: Type) -> bool {
    let names = (innermost(a, one), innermost(b, other));
    let (one, other) = (a.resolve(one).unqualified(), b.resolve(other).unqualified());
    if ptr::eq(a, b) {
        return a.compatible(one, other);
    }
    let is_spelled_alike = || a.spell(names.0) == b.spell(names.1);
    let scalars = (Scalar::of(a, one), Scalar::of(b, other));
    match (a.kind(one), b.kind(other)) {
        (TypeKind::Record(of), TypeKind::Record(with)) => {
            let (of, with) = (a.record_by_id(*of), b.record_by_id(*with));
            let sizes = [a.layout(one).ok(), b.layout(other).ok()];
            let is_same = of.kind == with.kind && of.tag == with.tag && sizes[0] == sizes[1];
            is_same && (of.tag.is_some() || is_spelled_alike())
        }
        (TypeKind::Pointer(of), TypeKind::Pointer(with)) => alike(a, *of, b, *with),
        (
            TypeKind::Array { element: of, length },
            TypeKind::Array { element: with, length: other },
        ) => length == other && alike(a, *of, b, *with),
        (
            TypeKind::Vector { element: of, length },
            TypeKind::Vector { element: with, length: other },
        ) => length == other && alike(a, *of, b, *with),
        (TypeKind::Enum(_), TypeKind::Enum(_)) => scalars.0 == scalars.1 && is_spelled_alike(),
        _ if scalars.0.is_some() => scalars.0 == scalars.1,
        _ => is_spelled_alike(),
    }
}

/// The last name of a type, which is all that there is of `typedef ... t`; else the type behind its names.
fn innermost(unit: &Unit, ty: Type) -> Type {
    let mut ty = ty.unqualified();
    while let TypeKind::Typedef(id) = *unit.kind(ty) {
        let behind = unit.typedef_by_id(id).ty.unqualified();
        if matches!(
            unit.kind(behind),
            TypeKind::Opaque | TypeKind::SomeInteger | TypeKind::SomeFloat
        ) {
            break;
        }
        ty = behind;
    }
    ty
}

/// Whether a pointer to the one goes where a pointer to the other is declared.
fn points_alike(a: &Unit, one: Type, b: &Unit, other: Type) -> bool {
    let is_void = |unit: &Unit, ty| matches!(unit.resolved_kind(ty), TypeKind::Void);
    is_void(a, one) || is_void(b, other) || alike(a, one, b, other)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::declarations::Declarations;

    #[test]
    fn integers_go_where_they_fit() {
        assert_eq!(Arg::from(-1_i8).convert(Scalar::I64), Ok([u64::MAX, u64::MAX]));
        assert_eq!(Arg::from(-1_i8).convert(Scalar::U8), Err(Misfit::Range));
        assert_eq!(Arg::from(u64::MAX).convert(Scalar::I64), Err(Misfit::Range));
        assert_eq!(Arg::from(u64::MAX).convert(Scalar::U64), Ok([u64::MAX, 0]));
        assert_eq!(Arg::from(u128::MAX).convert(Scalar::U128), Ok([u64::MAX; 2]));
        assert_eq!(Arg::from(u128::MAX).convert(Scalar::I128), Err(Misfit::Range));
        assert_eq!(Arg::from(i128::MIN).convert(Scalar::I128), Ok([0, 1 << 63]));
        assert_eq!(Arg::from(i128::MIN).convert(Scalar::U128), Err(Misfit::Range));
        assert_eq!(Arg::from(2).convert(Scalar::Bool), Err(Misfit::Range));
        assert_eq!(Arg::from(1.0).convert(Scalar::I32), Err(Misfit::Type));
        assert_eq!(Arg::NULL.convert(Scalar::I32), Err(Misfit::Type));
    }

    #[test]
    fn floats_keep_all_their_bits() {
        let bits = |value: f64| Ok([value.to_bits(), 0]);
        assert_eq!(Arg::from(0.1_f32).convert(Scalar::F64), bits(f64::from(0.1_f32)));
        assert_eq!(Arg::from(0.1).convert(Scalar::F32), Err(Misfit::Range));
        assert_eq!(Arg::from(f64::INFINITY).convert(Scalar::F32).unwrap()[0], 0x7f80_0000);
        assert!(Arg::from(f64::NAN).convert(Scalar::F32).is_ok());
        assert_eq!(Arg::from(1_i64 << 53).convert(Scalar::F64), bits(9_007_199_254_740_992.0));
        assert_eq!(Arg::from((1_i64 << 53) + 1).convert(Scalar::F64), Err(Misfit::Range));
        assert_eq!(Arg::from(i64::MAX).convert(Scalar::F64), Err(Misfit::Range));
        assert_eq!(Arg::from(i128::MAX).convert(Scalar::F64), Err(Misfit::Range));
        assert_eq!(Arg::from(u128::MAX).convert(Scalar::F64), Err(Misfit::Range));
        assert_eq!(Arg::from(1_u128 << 127).convert(Scalar::F64), bits(2.0_f64.powi(127)));
        assert_eq!(Arg::from(16_777_217).convert(Scalar::F32), Err(Misfit::Range));
        let complex = Arg::from(Complex::new(1.0, 0.1));
        assert_eq!(complex.convert(Scalar::Complex32), Err(Misfit::Range));
    }

    #[test]
    fn words_are_where_they_are_looked_for() {
        assert_eq!(size_of::<Given<'_>>(), 24);
        assert_eq!(Arg::from(-7).word(Tag::INT), Some((-7_i64).cast_unsigned()));
        assert_eq!(Arg::from(0.5_f32).word(Tag::F32), Some(u64::from(0.5_f32.to_bits())));
        assert_eq!(Arg::from(0.5).word(Tag::F64), Some(0.5_f64.to_bits()));
        let value = 1_u8;
        let address = ptr::from_ref(&value).expose_provenance() as u64;
        assert_eq!(Arg::from(&value).word(Tag::MEMORY), Some(address));
        assert_eq!(Arg::from(0.5).word(Tag::INT), None);
        for arg in args_of_all_variants() {
            assert_eq!(arg.word(Tag::NONE).map(drop), None);
        }
    }

    fn args_of_all_variants() -> [Arg<'static>; 5] {
        [Arg::NULL, Arg(Given::Void), true.into(), u64::MAX.into(), i128::MIN.into()]
    }

    #[test]
    fn pointers_are_compared() {
        let mut declarations = Declarations::parse("struct s; typedef double real;").unwrap();
        let mut check = |arg: Arg<'_>, text: &str| {
            let ty = declarations.parse_type(text).unwrap();
            arg.pointer(declarations.unit(), ty).map(drop)
        };
        let (shared, mut array) = ([1.0_f64, 2.0], [3.0_f64]);
        assert_eq!(check(Arg::from(&shared[..]), "const real"), Ok(()));
        assert_eq!(check(Arg::from(&shared), "const double"), Ok(()));
        assert_eq!(check(Arg::from(&shared[..]), "double"), Err(Misfit::ReadOnly));
        assert_eq!(check(Arg::from(&mut array[..]), "double"), Ok(()));
        assert_eq!(check(Arg::from(&mut array), "void"), Ok(()));
        assert_eq!(check(Arg::from(&mut array[0]), "float"), Err(Misfit::Type));
        assert_eq!(check(Arg::from(&shared[..]), "void"), Err(Misfit::ReadOnly));
        assert_eq!(check(Arg::from(c"text"), "const char"), Ok(()));
        assert_eq!(check(Arg::from(c"text"), "char"), Err(Misfit::ReadOnly));
        assert_eq!(check(Arg::from(&b"bytes"[..]), "const char"), Ok(()));
        assert_eq!(check(Arg::from(&1_i32), "const unsigned"), Err(Misfit::Type));
        assert_eq!(check(Arg::NULL, "struct s"), Ok(()));
        assert_eq!(check(Arg::from(1), "char"), Err(Misfit::Type));
    }

    /// Whether an object of the one type, in its declarations, is given where the other is declared.
    fn goes(one: (&str, &str), other: (&str, &str)) -> bool {
        let mut from = Declarations::parse(one.0).unwrap();
        let mut to = Declarations::parse(other.0).unwrap();
        let (given, wanted) = (from.parse_type(one.1).unwrap(), to.parse_type(other.1).unwrap());
        let data = from.new(given).unwrap();
        Arg::from(&data).object(to.unit(), wanted).is_ok()
    }

    #[test]
    fn numbers_of_types_mean_nothing_elsewhere() {
        let ints = "typedef int v __attribute__((vector_size(16)));";
        let longs = "typedef long long v __attribute__((vector_size(32)));";
        assert!(goes((ints, "v"), (ints, "v")));
        assert!(!goes((ints, "v"), (longs, "v")));
        assert!(goes(("enum e { A };", "enum e *"), ("enum e { A };", "enum e *")));
        assert!(!goes(("enum e { A };", "enum e *"), ("enum f { A };", "enum f *")));
        let (opaque, renamed) = ("typedef ... a;", "int i; typedef ... a; typedef a b;");
        assert!(goes((opaque, "a *"), (renamed, "b *")));
        assert!(!goes((opaque, "a *"), ("typedef ... b;", "b *")));
        assert!(!goes(("", "int (*)(int)"), ("", "int (*)(long)")));
        let (one, other) = ("typedef struct { int i; } a;", "typedef struct { float f; } b;");
        assert!(goes((one, "a"), (one, "a")));
        assert!(!goes((one, "a"), (other, "b")));
    }

    #[test]
    fn an_object_is_const_by_its_own_declarations() {
        let from = Declarations::parse("typedef const int t;").unwrap();
        let mut to = Declarations::parse("typedef int t;").unwrap();
        let mut data = from.new("t").unwrap();
        let int = to.parse_type("int").unwrap();
        let arg = Arg::from(&mut data);
        assert_eq!(arg.pointer(to.unit(), int).map(drop), Err(Misfit::ReadOnly));
    }

    #[test]
    fn an_object_is_as_large_as_what_is_read_of_it() {
        let mut declarations = Declarations::parse("").unwrap();
        let open = declarations.parse_type("int[]").unwrap();
        let three = declarations.parse_type("int[3]").unwrap();
        let fits = |count| {
            let data = declarations.new_array(open, count).unwrap();
            Arg::from(&data).object(declarations.unit(), three).map(drop)
        };
        assert_eq!(fits(3), Ok(()));
        assert_eq!(fits(1), Err(Misfit::Type));
    }

    proptest! {
        /// A conversion holds what was given, or is refused because nothing holds it.
        #[test]
        fn conversions_are_those_of_rust(value: i128, shift in 0_u32..128) {
            let value = value >> shift;
            let arg = Arg::from(value);
            let low = |scalar: Scalar| arg.convert(scalar).map(|words| words[0]);
            prop_assert_eq!(low(Scalar::I8).ok(), i8::try_from(value).ok().map(|v| i64::from(v).cast_unsigned()));
            prop_assert_eq!(low(Scalar::U16).ok(), u16::try_from(value).ok().map(u64::from));
            prop_assert_eq!(low(Scalar::I32).ok(), i32::try_from(value).ok().map(|v| i64::from(v).cast_unsigned()));
            prop_assert_eq!(low(Scalar::U64).ok(), u64::try_from(value).ok());
            prop_assert_eq!(arg.convert(Scalar::I128).map(signed), Ok(value));
            #[expect(clippy::cast_possible_truncation, reason = "what is cut off is looked at")]
            let is_double = (value as f64) as i128 == value && value != i128::MAX;
            let double = low(Scalar::F64).ok().map(f64::from_bits);
            prop_assert_eq!(double, is_double.then_some(value as f64));
            if let Ok(small) = i64::try_from(value) {
                prop_assert_eq!(Arg::from(small).convert(Scalar::U32), arg.convert(Scalar::U32));
            }
        }
    }
}
