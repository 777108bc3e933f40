//! The methods of numbers, of groups. What one number gives is in `ops`, by the same text.

use crate::cast::ToNumbers;
use crate::math;
use crate::simd::{Arithmetic, Element, Int, Lanes, Mask, Num, Real, Simd};

/// Functions of `math`, in their accurate and their fast form.
macro_rules! functions {
    ($($name:ident $Unary:ident,)* ; $($name2:ident $Binary:ident,)*) => {
        $(
            #[inline(always)]
            pub fn $name<S: Simd, T: Real>(x: Lanes<S, T>) -> Lanes<S, T> {
                T::unary::<S, math::$Unary>(x)
            }
        )*
        $(
            #[inline(always)]
            pub fn $name2<S: Simd, T: Real>(x: Lanes<S, T>, y: Lanes<S, T>) -> Lanes<S, T> {
                T::binary::<S, math::$Binary>(x, y)
            }
        )*

        /// For `math = fast`.
        pub mod fast {
            use super::*;
            $(
                #[inline(always)]
                pub fn $name<S: Simd, T: Real>(x: Lanes<S, T>) -> Lanes<S, T> {
                    T::fast_unary::<S, math::$Unary>(x)
                }
            )*
            $(
                #[inline(always)]
                pub fn $name2<S: Simd, T: Real>(x: Lanes<S, T>, y: Lanes<S, T>) -> Lanes<S, T> {
                    T::fast_binary::<S, math::$Binary>(x, y)
                }
            )*
        }
    };
}
functions! {
    rsqrt Rsqrt, cbrt Cbrt, exp Exp, exp2 Exp2, exp_m1 ExpM1, ln Ln, ln_1p Ln1p, log2 Log2,
    log10 Log10, sin Sin, cos Cos, tan Tan, asin Asin, acos Acos, atan Atan, sinh Sinh, cosh Cosh,
    tanh Tanh, erf Erf,;
    atan2 Atan2, powf Pow, hypot Hypot,
}

/// Methods of groups, as functions.
macro_rules! pass {
    ($Bound:ident: $($name:ident($a:ident $(, $arg:ident)*);)*) => {$(
        #[inline(always)]
        pub fn $name<S: Simd, T: $Bound>($a: Lanes<S, T> $(, $arg: Lanes<S, T>)*) -> Lanes<S, T> {
            $a.$name($($arg),*)
        }
    )*};
}
pass! { Real: sqrt(x); floor(x); ceil(x); trunc(x); round_ties_even(x); mul_add(x, a, b); }
pass! { Num: abs(x); min(x, y); max(x, y); contract(a, b, c); }
pass! { Int: and(x, y); or(x, y); xor(x, y); }

macro_rules! compare {
    ($Bound:ident: $($name:ident)*) => {$(
        #[inline(always)]
        pub fn $name<S: Simd, T: $Bound>(x: Lanes<S, T>, y: Lanes<S, T>) -> Mask<S> {
            x.$name(y)
        }
    )*};
}
compare! { Arithmetic: eq ne }
compare! { Num: lt le gt ge }

#[inline(always)]
pub fn splat<S: Simd, T: Element>(s: S, x: T) -> Lanes<S, T> {
    Lanes::splat(s, x)
}

/// A group, or several: what a kernel computes with.
pub trait Value<S: Simd>: Copy {
    /// Something, for variables that have no value yet.
    fn nil(s: S) -> Self;
    /// `x` in the lanes of the mask, else `y`.
    fn select(mask: Mask<S>, x: Self, y: Self) -> Self;
}

impl<S: Simd, T: Element> Value<S> for Lanes<S, T> {
    #[inline(always)]
    fn nil(s: S) -> Self {
        Lanes::splat(s, T::NIL)
    }
    #[inline(always)]
    fn select(mask: Mask<S>, x: Self, y: Self) -> Self {
        Lanes::select(mask, x, y)
    }
}

macro_rules! tuples {
    ($(($($T:ident $index:tt),*))*) => {$(
        impl<S: Simd, $($T: Value<S>),*> Value<S> for ($($T,)*) {
            #[inline(always)]
            fn nil(s: S) -> Self {
                ($($T::nil(s),)*)
            }
            #[inline(always)]
            fn select(mask: Mask<S>, x: Self, y: Self) -> Self {
                ($($T::select(mask, x.$index, y.$index),)*)
            }
        }
    )*};
}
tuples! {
    (A 0, B 1)
    (A 0, B 1, C 2)
    (A 0, B 1, C 2, D 3)
    (A 0, B 1, C 2, D 3, E 4)
    (A 0, B 1, C 2, D 3, E 4, F 5)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7)
}

#[inline(always)]
pub fn nil<S: Simd, V: Value<S>>(s: S) -> V {
    V::nil(s)
}

#[inline(always)]
pub fn select<S: Simd, V: Value<S>>(mask: Mask<S>, x: V, y: V) -> V {
    V::select(mask, x, y)
}

macro_rules! operators {
    ($Bound:ident: $($name:ident $operator:tt)*) => {$(
        #[inline(always)]
        pub fn $name<S: Simd, T: $Bound>(x: Lanes<S, T>, y: Lanes<S, T>) -> Lanes<S, T> {
            x $operator y
        }
    )*};
}
operators! { Arithmetic: add + sub - mul * div / }
operators! { Num: rem % }

/// Adds the lanes whose divisor is 0 to those that went wrong.
#[inline(always)]
pub fn note_zero<S: Simd, T: Arithmetic>(divisor: Lanes<S, T>, mask: Mask<S>, bad: &mut Mask<S>) {
    *bad = *bad | (mask & divisor.eq(Lanes::splat(divisor.token(), T::NIL)));
}

#[inline(always)]
pub fn not_bool<S: Simd>(x: Mask<S>) -> Mask<S> {
    !x
}

#[inline(always)]
pub fn and_bool<S: Simd>(x: Mask<S>, y: Mask<S>) -> Mask<S> {
    x & y
}

#[inline(always)]
pub fn or_bool<S: Simd>(x: Mask<S>, y: Mask<S>) -> Mask<S> {
    x | y
}

#[inline(always)]
pub fn ne_bool<S: Simd>(x: Mask<S>, y: Mask<S>) -> Mask<S> {
    (x & !y) | (!x & y)
}

#[inline(always)]
pub fn eq_bool<S: Simd>(x: Mask<S>, y: Mask<S>) -> Mask<S> {
    !ne_bool(x, y)
}

/// The first and the last number of a range, and the lanes where it is not empty.
#[inline(always)]
pub fn range<S: Simd, T: Int>(
    start: Lanes<S, T>,
    end: Lanes<S, T>,
    inclusive: bool,
    reversed: bool,
    step: usize,
) -> (Lanes<S, T>, Lanes<S, T>, Mask<S>) {
    let one = Lanes::splat(start.token(), T::ONE);
    let live = if inclusive { start.le(end) } else { start.lt(end) };
    let end = if inclusive { end } else { end - one };
    let _ = step;
    if reversed { (end, start, live) } else { (start, end, live) }
}

/// Whether a number of the range comes after `counter`, on the way to `last`.
#[inline(always)]
pub fn has_next<S: Simd, T: Int>(
    counter: Lanes<S, T>,
    last: Lanes<S, T>,
    reversed: bool,
    step: usize,
) -> Mask<S> {
    let s = counter.token();
    let left = if reversed { counter - last } else { last - counter };
    // A distance that the signed type may not hold: its bits are those of the unsigned one.
    let left: Lanes<S, T::Unsigned> = cast(left);
    let fits = step as u128 <= (u128::MAX >> (128 - T::BITS));
    let enough = left.ge(Lanes::splat(s, T::Unsigned::wrapping(step)));
    enough & Lanes::splat(s, fits)
}

#[inline(always)]
pub fn next<S: Simd, T: Int>(counter: Lanes<S, T>, reversed: bool, step: usize) -> Lanes<S, T> {
    let step = Lanes::splat(counter.token(), T::wrapping(step));
    if reversed { counter - step } else { counter + step }
}

#[inline(always)]
pub fn cast<S: Simd, From: ToNumbers, To: Num>(x: Lanes<S, From>) -> Lanes<S, To> {
    To::cast_wide(x)
}

/// A literal of the element type.
#[inline(always)]
pub fn number<S: Simd, T: Num>(s: S, x: f64) -> Lanes<S, T> {
    Lanes::splat(s, T::from_f64(x))
}

#[inline(always)]
pub fn neg<S: Simd, T: Arithmetic>(x: Lanes<S, T>) -> Lanes<S, T> {
    -x
}

/// Not of integers: all bits.
#[inline(always)]
pub fn not<S: Simd, T: Int>(x: Lanes<S, T>) -> Lanes<S, T> {
    x.xor(-Lanes::splat(x.token(), T::ONE))
}

/// Every amount modulo the width.
#[inline(always)]
pub fn shl<S: Simd, T: Int, A: ToNumbers>(x: Lanes<S, T>, by: Lanes<S, A>) -> Lanes<S, T> {
    x.shl(cast(by))
}

#[inline(always)]
pub fn shr<S: Simd, T: Int, A: ToNumbers>(x: Lanes<S, T>, by: Lanes<S, A>) -> Lanes<S, T> {
    x.shr(cast(by))
}

/// By one amount for all.
#[inline(always)]
pub fn shl_by<S: Simd, T: Int>(x: Lanes<S, T>, by: u32) -> Lanes<S, T> {
    x.shl_by(by & (T::BITS - 1))
}

#[inline(always)]
pub fn shr_by<S: Simd, T: Int>(x: Lanes<S, T>, by: u32) -> Lanes<S, T> {
    x.shr_by(by & (T::BITS - 1))
}

#[inline(always)]
pub fn wrapping_add<S: Simd, T: Int>(x: Lanes<S, T>, y: Lanes<S, T>) -> Lanes<S, T> {
    x + y
}

#[inline(always)]
pub fn wrapping_sub<S: Simd, T: Int>(x: Lanes<S, T>, y: Lanes<S, T>) -> Lanes<S, T> {
    x - y
}

#[inline(always)]
pub fn wrapping_mul<S: Simd, T: Int>(x: Lanes<S, T>, y: Lanes<S, T>) -> Lanes<S, T> {
    x * y
}

#[inline(always)]
pub fn wrapping_neg<S: Simd, T: Int>(x: Lanes<S, T>) -> Lanes<S, T> {
    -x
}

#[inline(always)]
pub fn wrapping_shl<S: Simd, T: Int, A: ToNumbers>(x: Lanes<S, T>, by: Lanes<S, A>) -> Lanes<S, T> {
    shl(x, by)
}

#[inline(always)]
pub fn wrapping_shr<S: Simd, T: Int, A: ToNumbers>(x: Lanes<S, T>, by: Lanes<S, A>) -> Lanes<S, T> {
    shr(x, by)
}

#[inline(always)]
pub fn is_nan<S: Simd, T: Real>(x: Lanes<S, T>) -> Mask<S> {
    x.is_nan()
}

#[inline(always)]
pub fn is_finite<S: Simd, T: Real>(x: Lanes<S, T>) -> Mask<S> {
    x.abs().lt(Lanes::splat(x.token(), T::INFINITY))
}

#[inline(always)]
pub fn is_infinite<S: Simd, T: Real>(x: Lanes<S, T>) -> Mask<S> {
    x.abs().eq(Lanes::splat(x.token(), T::INFINITY))
}

/// Only the sign bit.
#[inline(always)]
fn sign_bit<S: Simd, T: Real>(s: S) -> Lanes<S, T::Bits> {
    let one = Lanes::splat(s, T::ONE);
    (-one).to_bits().xor(one.to_bits())
}

#[inline(always)]
pub fn is_sign_negative<S: Simd, T: Real>(x: Lanes<S, T>) -> Mask<S> {
    let bits = x.to_bits().and(sign_bit::<S, T>(x.token()));
    bits.ne(Lanes::splat(x.token(), <T::Bits as Num>::ZERO))
}

#[inline(always)]
pub fn is_sign_positive<S: Simd, T: Real>(x: Lanes<S, T>) -> Mask<S> {
    !is_sign_negative(x)
}

#[inline(always)]
pub fn copysign<S: Simd, T: Real>(x: Lanes<S, T>, sign: Lanes<S, T>) -> Lanes<S, T> {
    let mask = sign_bit::<S, T>(x.token());
    Lanes::from_bits(x.to_bits().and(not(mask)).or(sign.to_bits().and(mask)))
}

/// Of floats: 1 with the sign of x, NaN of NaN. Of integers: 1, 0 or -1.
#[inline(always)]
pub fn signum<S: Simd, T: Num>(x: Lanes<S, T>) -> Lanes<S, T> {
    T::signum(x)
}

/// To the nearest, halves away from zero.
#[inline(always)]
pub fn round<S: Simd, T: Real>(x: Lanes<S, T>) -> Lanes<S, T> {
    // Not 0.5 but the number before it, lest what is just below a half be lifted over it.
    let half = Lanes::splat(x.token(), T::BELOW_HALF);
    (x + copysign(half, x)).trunc()
}

#[inline(always)]
pub fn fract<S: Simd, T: Real>(x: Lanes<S, T>) -> Lanes<S, T> {
    x - x.trunc()
}

#[inline(always)]
pub fn recip<S: Simd, T: Real>(x: Lanes<S, T>) -> Lanes<S, T> {
    Lanes::splat(x.token(), T::ONE) / x
}

#[inline(always)]
pub fn to_degrees<S: Simd, T: Real>(x: Lanes<S, T>) -> Lanes<S, T> {
    x * number(x.token(), 180.0 / std::f64::consts::PI)
}

#[inline(always)]
pub fn to_radians<S: Simd, T: Real>(x: Lanes<S, T>) -> Lanes<S, T> {
    x * number(x.token(), std::f64::consts::PI / 180.0)
}

#[inline(always)]
pub fn to_bits<S: Simd, T: Real>(x: Lanes<S, T>) -> Lanes<S, T::Bits> {
    x.to_bits()
}

#[inline(always)]
pub fn from_bits<S: Simd, T: Real>(bits: Lanes<S, T::Bits>) -> Lanes<S, T> {
    Lanes::from_bits(bits)
}

#[inline(always)]
pub fn clamp<S: Simd, T: Num>(x: Lanes<S, T>, low: Lanes<S, T>, high: Lanes<S, T>) -> Lanes<S, T> {
    let x = Lanes::select(x.lt(low), low, x);
    Lanes::select(high.lt(x), high, x)
}

/// By squaring; of a negative exponent the reciprocal.
#[inline(always)]
pub fn powi_by<S: Simd, T: Arithmetic>(x: Lanes<S, T>, n: i32) -> Lanes<S, T> {
    let one = Lanes::splat(x.token(), T::UNIT);
    let mut result = one;
    let (mut power, mut rest) = (x, n.unsigned_abs());
    while rest > 0 {
        if rest & 1 == 1 {
            result = result * power;
        }
        rest >>= 1;
        if rest > 0 {
            power = power * power;
        }
    }
    if n < 0 { one / result } else { result }
}

#[inline(always)]
pub fn powi<S: Simd, T: Arithmetic>(x: Lanes<S, T>, n: Lanes<S, i32>) -> Lanes<S, T> {
    let s = x.token();
    let zero = Lanes::splat(s, 0);
    let is_negative = n.lt(zero);
    let one = Lanes::splat(s, T::UNIT);
    let (mut power, mut result) = (x, one);
    let mut rest = n.abs().to_u32();
    let none = Lanes::splat(s, 0_u32);
    while rest.ne(none).any() {
        let odd = rest.and(Lanes::splat(s, 1)).ne(none);
        result = Lanes::select(odd, result * power, result);
        rest = rest.shr_by(1);
        power = power * power;
    }
    Lanes::select(is_negative, one / result, result)
}

/// Wraps.
#[inline(always)]
pub fn pow<S: Simd, T: Int>(x: Lanes<S, T>, n: Lanes<S, u32>) -> Lanes<S, T> {
    let s = x.token();
    let (mut power, mut rest, mut result) = (x, n, Lanes::splat(s, T::ONE));
    let none = Lanes::splat(s, 0_u32);
    while rest.ne(none).any() {
        let odd = rest.and(Lanes::splat(s, 1)).ne(none);
        result = Lanes::select(odd, result * power, result);
        rest = rest.shr_by(1);
        power = power * power;
    }
    result
}

#[inline(always)]
pub fn rotate_left<S: Simd, T: Int>(x: Lanes<S, T>, by: Lanes<S, u32>) -> Lanes<S, T> {
    let bits: Lanes<S, T::Unsigned> = cast(x);
    let back = Lanes::splat(x.token(), T::BITS) - by;
    cast(shl(bits, by).or(shr(bits, back)))
}

#[inline(always)]
pub fn rotate_right<S: Simd, T: Int>(x: Lanes<S, T>, by: Lanes<S, u32>) -> Lanes<S, T> {
    rotate_left(x, Lanes::splat(x.token(), T::BITS) - by)
}

/// A method of one integer that gives a u32.
macro_rules! counts {
    ($($name:ident)*) => {$(
        #[inline(always)]
        pub fn $name<S: Simd, T: Int>(x: Lanes<S, T>) -> Lanes<S, u32> {
            let from = x.to_array();
            let mut to = Lanes::splat(x.token(), 0_u32).to_array();
            let mut i = 0;
            while i < S::LANES {
                to.as_mut()[i] = from.as_ref()[i].$name();
                i += 1;
            }
            Lanes::from_array(x.token(), to)
        }
    )*};
}
counts! { count_ones leading_zeros trailing_zeros }

#[inline(always)]
pub fn abs_diff<S: Simd, T: Int>(x: Lanes<S, T>, y: Lanes<S, T>) -> Lanes<S, T::Unsigned> {
    cast(x.max(y) - x.min(y))
}

/// Not negative; `x.rem_euclid(0) = 0`.
#[inline(always)]
pub fn rem_euclid<S: Simd, T: Int>(x: Lanes<S, T>, y: Lanes<S, T>) -> Lanes<S, T> {
    let rest = x % y;
    let zero = Lanes::splat(x.token(), T::ZERO);
    let up = Lanes::select(y.lt(zero), rest - y, rest + y);
    Lanes::select(rest.lt(zero), up, rest)
}

/// The quotient of `rem_euclid`; `x.div_euclid(0) = 0`.
#[inline(always)]
pub fn div_euclid<S: Simd, T: Int>(x: Lanes<S, T>, y: Lanes<S, T>) -> Lanes<S, T> {
    let s = x.token();
    let (zero, one) = (Lanes::splat(s, T::ZERO), Lanes::splat(s, T::ONE));
    let quotient = x / y;
    let away = Lanes::select(y.lt(zero), quotient + one, quotient - one);
    Lanes::select((x % y).lt(zero), away, quotient)
}
