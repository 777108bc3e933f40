//! The numbers that kernels compute with.

use super::{FloatReg, IntReg, Lanes, NumReg, Reg, Simd};
use crate::cast::{Cast, ToNumbers};
use crate::math;

pub(super) mod sealed {
    #[expect(unnameable_types, reason = "so that elements are those of this module and the next")]
    pub trait Sealed {}
}
use sealed::Sealed;

/// An element of an array that kernels read and write: numbers, complex numbers and `bool`.
pub trait Element: Copy + Send + Sync + PartialEq + std::fmt::Debug + Sealed + 'static {
    /// A group of them.
    #[doc(hidden)]
    type Reg<S: Simd>: Reg<S, Self>;
    /// 0 or false, for lanes that nobody looks at.
    #[doc(hidden)]
    const NIL: Self;
    /// As in Rust: `f64`.
    const NAME: &'static str;
}

/// What has `+`, `-`, `*` and `/`: numbers and complex numbers.
#[doc(hidden)]
pub trait Arithmetic: Element {
    /// 1
    const UNIT: Self;
    fn add<S: Simd>(a: Self::Reg<S>, b: Self::Reg<S>) -> Self::Reg<S>;
    fn sub<S: Simd>(a: Self::Reg<S>, b: Self::Reg<S>) -> Self::Reg<S>;
    fn mul<S: Simd>(a: Self::Reg<S>, b: Self::Reg<S>) -> Self::Reg<S>;
    fn div<S: Simd>(a: Self::Reg<S>, b: Self::Reg<S>) -> Self::Reg<S>;
    fn neg<S: Simd>(a: Self::Reg<S>) -> Self::Reg<S>;
    fn eq<S: Simd>(a: Self::Reg<S>, b: Self::Reg<S>) -> S::Mask;
    /// One of so many equal shares.
    fn share(self, count: f64) -> Self;
}

/// A number: `f32`, `f64`, `i8` to `i64`, `u8` to `u64`.
pub trait Num: Arithmetic + PartialOrd + ToNumbers {
    /// The largest finite number.
    const MAX: Self;
    /// The smallest finite number.
    const MIN: Self;
    /// 0
    const ZERO: Self;
    /// 1
    const ONE: Self;
    /// What loses against every number as the smaller of two: NaN of floats, else MAX.
    #[doc(hidden)]
    const HIGHEST: Self;
    /// What loses against every number as the larger of two.
    #[doc(hidden)]
    const LOWEST: Self;
    /// Whether numbers have a fraction, infinities and NaN.
    const IS_FLOAT: bool;

    /// From a literal; exact for those that fit.
    fn from_i64(x: i64) -> Self;
    /// Rounded; integers saturate.
    fn from_f64(x: f64) -> Self;
    /// Rounded.
    fn to_f64(self) -> f64;

    #[doc(hidden)]
    fn rem<S: Simd>(a: Self::Reg<S>, b: Self::Reg<S>) -> Self::Reg<S>;
    #[doc(hidden)]
    fn abs<S: Simd>(a: Self::Reg<S>) -> Self::Reg<S>;
    #[doc(hidden)]
    fn min<S: Simd>(a: Self::Reg<S>, b: Self::Reg<S>) -> Self::Reg<S>;
    #[doc(hidden)]
    fn max<S: Simd>(a: Self::Reg<S>, b: Self::Reg<S>) -> Self::Reg<S>;
    #[doc(hidden)]
    fn lt<S: Simd>(a: Self::Reg<S>, b: Self::Reg<S>) -> S::Mask;
    #[doc(hidden)]
    fn le<S: Simd>(a: Self::Reg<S>, b: Self::Reg<S>) -> S::Mask;
    /// As `as` converts.
    #[doc(hidden)]
    fn cast_one<F: ToNumbers>(x: F) -> Self;
    /// As `as` converts.
    #[doc(hidden)]
    fn cast_wide<S: Simd, F: ToNumbers>(x: Lanes<S, F>) -> Lanes<S, Self>;
    /// Of floats: 1 with the sign of x, NaN of NaN. Of integers: 1, 0 or -1.
    #[doc(hidden)]
    fn signum<S: Simd>(x: Lanes<S, Self>) -> Lanes<S, Self>;
    /// `a * b + c`, in one rounding where that is an instruction.
    #[doc(hidden)]
    fn contract<S: Simd>(a: Self::Reg<S>, b: Self::Reg<S>, c: Self::Reg<S>) -> Self::Reg<S>;
    /// Of integers: the low bits. Of floats: `x` with its sign, rounded.
    #[doc(hidden)]
    fn wrapping(x: usize) -> Self;
    /// The sum, of integers wrapping.
    #[doc(hidden)]
    fn wrapping_sum(a: Self, b: Self) -> Self;
    /// The length of `start..end`, 0 if it is empty. None if no array is so long, or if sums of floats on the way
    /// are not exact.
    #[doc(hidden)]
    fn distance(start: Self, end: Self) -> Option<usize>;
}

/// An integer: `i8` to `i64`, `u8` to `u64`.
pub trait Int: Num + Eq + Ord {
    /// Bits of one.
    const BITS: u32;
    /// The unsigned integer of the same width.
    #[doc(hidden)]
    type Unsigned: Int;

    #[doc(hidden)]
    fn count_ones(self) -> u32;
    #[doc(hidden)]
    fn leading_zeros(self) -> u32;
    #[doc(hidden)]
    fn trailing_zeros(self) -> u32;
    #[doc(hidden)]
    fn and<S: Simd>(a: Self::Reg<S>, b: Self::Reg<S>) -> Self::Reg<S>;
    #[doc(hidden)]
    fn or<S: Simd>(a: Self::Reg<S>, b: Self::Reg<S>) -> Self::Reg<S>;
    #[doc(hidden)]
    fn xor<S: Simd>(a: Self::Reg<S>, b: Self::Reg<S>) -> Self::Reg<S>;
    #[doc(hidden)]
    fn shl<S: Simd>(a: Self::Reg<S>, by: Self::Reg<S>) -> Self::Reg<S>;
    #[doc(hidden)]
    fn shr<S: Simd>(a: Self::Reg<S>, by: Self::Reg<S>) -> Self::Reg<S>;
    #[doc(hidden)]
    fn shl_by<S: Simd>(s: S, a: Self::Reg<S>, by: u32) -> Self::Reg<S>;
    #[doc(hidden)]
    fn shr_by<S: Simd>(s: S, a: Self::Reg<S>, by: u32) -> Self::Reg<S>;
}

/// A real number: `f32`, `f64`.
pub trait Real: Num {
    /// Unsigned integers of the same width.
    #[doc(hidden)]
    type Bits: Int;
    /// Not a number.
    const NAN: Self;
    /// 1 / 0
    const INFINITY: Self;
    /// The distance from 1 to the next number.
    const EPSILON: Self;
    /// The smallest positive normal number.
    const MIN_POSITIVE: Self;
    /// The number before 1/2.
    #[doc(hidden)]
    const BELOW_HALF: Self;
    /// Between these, neither squares nor their sums over- or underflow.
    #[doc(hidden)]
    const MODERATE: (Self, Self);
    /// The name of complex numbers with such parts.
    #[doc(hidden)]
    const COMPLEX: &'static str;

    #[doc(hidden)]
    fn sqrt<S: Simd>(a: Self::Reg<S>) -> Self::Reg<S>;
    #[doc(hidden)]
    fn mul_add<S: Simd>(a: Self::Reg<S>, b: Self::Reg<S>, c: Self::Reg<S>) -> Self::Reg<S>;
    #[doc(hidden)]
    fn floor<S: Simd>(a: Self::Reg<S>) -> Self::Reg<S>;
    #[doc(hidden)]
    fn ceil<S: Simd>(a: Self::Reg<S>) -> Self::Reg<S>;
    #[doc(hidden)]
    fn trunc<S: Simd>(a: Self::Reg<S>) -> Self::Reg<S>;
    #[doc(hidden)]
    fn round_ties_even<S: Simd>(a: Self::Reg<S>) -> Self::Reg<S>;
    #[doc(hidden)]
    fn to_bits<S: Simd>(a: Self::Reg<S>) -> <Self::Bits as Element>::Reg<S>;
    #[doc(hidden)]
    fn from_bits<S: Simd>(s: S, a: <Self::Bits as Element>::Reg<S>) -> Self::Reg<S>;
    #[doc(hidden)]
    fn scale<S: Simd>(a: Self::Reg<S>, n: Self::Reg<S>) -> Self::Reg<S>;
    #[doc(hidden)]
    fn split<S: Simd>(a: Self::Reg<S>) -> (Self::Reg<S>, Self::Reg<S>);
    #[doc(hidden)]
    fn rsqrt_estimate<S: Simd>(a: Self::Reg<S>) -> Self::Reg<S>;
    #[doc(hidden)]
    fn recip_estimate<S: Simd>(a: Self::Reg<S>) -> Self::Reg<S>;

    #[doc(hidden)]
    fn lookup<S: Simd>(
        s: S,
        table: &[Self; 16],
        index: <Self::Bits as Element>::Reg<S>,
    ) -> Self::Reg<S>;

    /// The numbers in even places of two groups, one behind the other, and those in odd places.
    #[doc(hidden)]
    fn unzip<S: Simd>(s: S, a: Self::Reg<S>, b: Self::Reg<S>) -> (Self::Reg<S>, Self::Reg<S>);
    /// What `unzip` takes apart.
    #[doc(hidden)]
    fn zip<S: Simd>(s: S, even: Self::Reg<S>, odd: Self::Reg<S>) -> (Self::Reg<S>, Self::Reg<S>);

    /// One of the mathematical functions.
    #[doc(hidden)]
    fn unary<S: Simd, F: math::Unary>(x: Lanes<S, Self>) -> Lanes<S, Self>;
    /// One of the mathematical functions of two numbers.
    #[doc(hidden)]
    fn binary<S: Simd, F: math::Binary>(x: Lanes<S, Self>, y: Lanes<S, Self>) -> Lanes<S, Self>;
    /// As `unary`, for `math = fast`.
    #[doc(hidden)]
    fn fast_unary<S: Simd, F: math::Unary>(x: Lanes<S, Self>) -> Lanes<S, Self>;
    /// As `binary`, for `math = fast`.
    #[doc(hidden)]
    fn fast_binary<S: Simd, F: math::Binary>(
        x: Lanes<S, Self>,
        y: Lanes<S, Self>,
    ) -> Lanes<S, Self>;
}

macro_rules! elements {
    ($($E:ident $Reg:ident $nil:expr;)*) => {$(
        impl Sealed for $E {}
        impl Element for $E {
            type Reg<S: Simd> = S::$Reg;
            const NIL: Self = $nil;
            const NAME: &'static str = stringify!($E);
        }
    )*};
}
elements! {
    f32 F32 0.0; f64 F64 0.0; i8 I8 0; i16 I16 0; i32 I32 0; i64 I64 0; u8 U8 0; u16 U16 0;
    u32 U32 0; u64 U64 0; bool Mask false;
}

/// Passes operations on to the register.
macro_rules! pass {
    ($Reg:ident: $($name:ident($($arg:ident),*);)*) => {$(
        #[inline(always)]
        fn $name<S: Simd>($($arg: S::$Reg),*) -> S::$Reg {
            pass!(@ $name $($arg),*)
        }
    )*};
    (@ $name:ident $a:ident $(, $arg:ident)*) => { $a.$name($($arg),*) };
}

macro_rules! numbers {
    ($($E:ident $Reg:ident $is_float:literal $contract:ident;)*) => {$(
        impl Arithmetic for $E {
            const UNIT: Self = 1 as $E;
            pass! { $Reg: add(a, b); sub(a, b); mul(a, b); div(a, b); neg(a); }
            #[inline(always)]
            fn eq<S: Simd>(a: S::$Reg, b: S::$Reg) -> S::Mask {
                a.eq(b)
            }
            #[inline(always)]
            fn share(self, count: f64) -> Self {
                crate::ops::div(self, count as $E)
            }
        }

        impl Num for $E {
            const MAX: Self = $E::MAX;
            const MIN: Self = $E::MIN;
            const ZERO: Self = 0 as $E;
            const ONE: Self = 1 as $E;
            const HIGHEST: Self = limit!($contract $E MAX);
            const LOWEST: Self = limit!($contract $E MIN);
            const IS_FLOAT: bool = $is_float;
            #[inline(always)]
            fn from_i64(x: i64) -> Self {
                x as $E
            }
            #[inline(always)]
            fn from_f64(x: f64) -> Self {
                x as $E
            }
            #[inline(always)]
            fn to_f64(self) -> f64 {
                self as f64
            }
            pass! { $Reg: rem(a, b); abs(a); min(a, b); max(a, b); }
            #[inline(always)]
            fn lt<S: Simd>(a: S::$Reg, b: S::$Reg) -> S::Mask {
                a.lt(b)
            }
            #[inline(always)]
            fn le<S: Simd>(a: S::$Reg, b: S::$Reg) -> S::Mask {
                a.le(b)
            }
            #[inline(always)]
            fn cast_one<F: ToNumbers>(x: F) -> Self {
                <F as Cast<$E>>::one(x)
            }
            #[inline(always)]
            fn cast_wide<S: Simd, F: ToNumbers>(x: Lanes<S, F>) -> Lanes<S, $E> {
                <F as Cast<$E>>::wide(x)
            }
            #[inline(always)]
            fn signum<S: Simd>(x: Lanes<S, $E>) -> Lanes<S, $E> {
                signum!($contract x)
            }
            #[inline(always)]
            fn contract<S: Simd>(a: S::$Reg, b: S::$Reg, c: S::$Reg) -> S::$Reg {
                contract!($contract a, b, c)
            }
            counting!($contract $E);
        }
    )*};
}
macro_rules! counting {
    (float $E:ident) => {
        #[inline(always)]
        fn wrapping(x: usize) -> Self {
            x.cast_signed() as $E
        }
        #[inline(always)]
        fn wrapping_sum(a: Self, b: Self) -> Self {
            a + b
        }
        #[inline]
        fn distance(start: Self, end: Self) -> Option<usize> {
            // Sums of whole numbers up to here are exact: of the start and the number of an element, and of an element
            // and what comes to it on the way.
            const LAST: i64 = 1 << $E::MANTISSA_DIGITS;
            let whole = |x: $E| (x.trunc() == x && x.abs() <= LAST as $E).then_some(x as i64);
            let len = (whole(end)? - whole(start)?).max(0);
            usize::try_from(len).ok().filter(|_| len <= LAST)
        }
    };
    (integer $E:ident) => {
        #[inline(always)]
        fn wrapping(x: usize) -> Self {
            x as $E
        }
        #[inline(always)]
        fn wrapping_sum(a: Self, b: Self) -> Self {
            a.wrapping_add(b)
        }
        #[inline]
        fn distance(start: Self, end: Self) -> Option<usize> {
            let len = i128::from(end) - i128::from(start);
            isize::try_from(len.max(0)).ok().map(isize::unsigned_abs)
        }
    };
}
macro_rules! limit {
    (float $E:ident $limit:ident) => {
        $E::NAN
    };
    (integer $E:ident $limit:ident) => {
        $E::$limit
    };
}
macro_rules! signum {
    (float $x:ident) => {{
        let one = Lanes::splat($x.token(), Self::ONE);
        Lanes::select($x.eq($x), crate::wide::copysign(one, $x), $x)
    }};
    (integer $x:ident) => {{
        let (zero, one) =
            (Lanes::splat($x.token(), Self::ZERO), Lanes::splat($x.token(), Self::ONE));
        let one = Lanes::select($x.lt(zero), -one, one);
        Lanes::select($x.eq(zero), zero, one)
    }};
}
macro_rules! contract {
    (float $a:ident, $b:ident, $c:ident) => {
        $a.contract($b, $c)
    };
    (integer $a:ident, $b:ident, $c:ident) => {
        $a.mul($b).add($c)
    };
}
numbers! {
    f32 F32 true float; f64 F64 true float; i8 I8 false integer; i16 I16 false integer;
    i32 I32 false integer; i64 I64 false integer; u8 U8 false integer; u16 U16 false integer;
    u32 U32 false integer; u64 U64 false integer;
}

macro_rules! integers {
    ($($E:ident $Reg:ident $Unsigned:ident;)*) => {$(
        impl Int for $E {
            const BITS: u32 = $E::BITS;
            type Unsigned = $Unsigned;
            #[inline(always)]
            fn count_ones(self) -> u32 {
                $E::count_ones(self)
            }
            #[inline(always)]
            fn leading_zeros(self) -> u32 {
                $E::leading_zeros(self)
            }
            #[inline(always)]
            fn trailing_zeros(self) -> u32 {
                $E::trailing_zeros(self)
            }
            pass! { $Reg: and(a, b); or(a, b); xor(a, b); shl(a, by); shr(a, by); }
            #[inline(always)]
            fn shl_by<S: Simd>(s: S, a: S::$Reg, by: u32) -> S::$Reg {
                a.shl_by(s, by)
            }
            #[inline(always)]
            fn shr_by<S: Simd>(s: S, a: S::$Reg, by: u32) -> S::$Reg {
                a.shr_by(s, by)
            }
        }
    )*};
}
integers! {
    i8 I8 u8; i16 I16 u16; i32 I32 u32; i64 I64 u64; u8 U8 u8; u16 U16 u16; u32 U32 u32; u64 U64 u64;
}

macro_rules! reals {
    ($($E:ident $Reg:ident $Bits:ident $BitsReg:ident $lookup:ident $fast:ident $zip:ident
        $unzip:ident moderate: $low:literal, $high:literal;)*) => {$(
        impl Real for $E {
            type Bits = $Bits;
            const NAN: Self = $E::NAN;
            const INFINITY: Self = $E::INFINITY;
            const EPSILON: Self = $E::EPSILON;
            const MIN_POSITIVE: Self = $E::MIN_POSITIVE;
            const BELOW_HALF: Self = (0.5 as $E).next_down();
            const MODERATE: (Self, Self) = ($low, $high);
            const COMPLEX: &'static str = concat!("Complex<", stringify!($E), ">");
            pass! { $Reg: sqrt(a); mul_add(a, b, c); floor(a); ceil(a); trunc(a);
                round_ties_even(a); scale(a, n); rsqrt_estimate(a); recip_estimate(a); }
            #[inline(always)]
            fn to_bits<S: Simd>(a: S::$Reg) -> S::$BitsReg {
                a.to_bits()
            }
            #[inline(always)]
            fn from_bits<S: Simd>(s: S, a: S::$BitsReg) -> S::$Reg {
                S::$Reg::from_bits(s, a)
            }
            #[inline(always)]
            fn split<S: Simd>(a: S::$Reg) -> (S::$Reg, S::$Reg) {
                a.split()
            }
            #[inline(always)]
            fn lookup<S: Simd>(s: S, table: &[$E; 16], index: S::$BitsReg) -> S::$Reg {
                s.$lookup(table, index)
            }
            #[inline(always)]
            fn unzip<S: Simd>(s: S, a: S::$Reg, b: S::$Reg) -> (S::$Reg, S::$Reg) {
                s.$unzip(a, b)
            }
            #[inline(always)]
            fn zip<S: Simd>(s: S, even: S::$Reg, odd: S::$Reg) -> (S::$Reg, S::$Reg) {
                s.$zip(even, odd)
            }
            #[inline(always)]
            fn unary<S: Simd, F: math::Unary>(x: Lanes<S, $E>) -> Lanes<S, $E> {
                F::$E(x)
            }
            #[inline(always)]
            fn binary<S: Simd, F: math::Binary>(
                x: Lanes<S, $E>,
                y: Lanes<S, $E>,
            ) -> Lanes<S, $E> {
                F::$E(x, y)
            }
            #[inline(always)]
            fn fast_unary<S: Simd, F: math::Unary>(x: Lanes<S, $E>) -> Lanes<S, $E> {
                F::$fast(x)
            }
            #[inline(always)]
            fn fast_binary<S: Simd, F: math::Binary>(
                x: Lanes<S, $E>,
                y: Lanes<S, $E>,
            ) -> Lanes<S, $E> {
                F::$fast(x, y)
            }
        }
    )*};
}
reals! {
    f32 F32 u32 U32 lookup_f32 fast_f32 zip_f32 unzip_f32 moderate: 1e-15, 1e15;
    f64 F64 u64 U64 lookup_f64 fast_f64 zip_f64 unzip_f64 moderate: 1e-145, 1e145;
}
