//! The methods of numbers, of one: what the ordinary function of a kernel calls, so that it gives
//! the same bits as the groups.

use crate::cast::ToNumbers;
use crate::math;
use crate::simd::{Arithmetic, Element, Int, Lanes, Num, Portable, Real};
use crate::wide;

/// One lane.
const ONE: Portable<1> = Portable::<1>;

#[inline(always)]
fn up<T: Element>(x: T) -> Lanes<Portable<1>, T> {
    Lanes::splat(ONE, x)
}

#[inline(always)]
fn down<T: Element>(x: Lanes<Portable<1>, T>) -> T {
    x.lane(0)
}

macro_rules! functions {
    ($($name:ident $Unary:ident,)* ; $($name2:ident $Binary:ident,)*) => {
        $(
            #[inline]
            pub fn $name<T: Real>(x: T) -> T {
                math::scalar::unary::<math::$Unary, T>(x)
            }
        )*
        $(
            #[inline]
            pub fn $name2<T: Real>(x: T, y: T) -> T {
                math::scalar::binary::<math::$Binary, T>(x, y)
            }
        )*
    };
}
functions! {
    rsqrt Rsqrt, cbrt Cbrt, exp Exp, exp2 Exp2, exp_m1 ExpM1, ln Ln, ln_1p Ln1p, log2 Log2,
    log10 Log10, sin Sin, cos Cos, tan Tan, asin Asin, acos Acos, atan Atan, sinh Sinh, cosh Cosh,
    tanh Tanh, erf Erf,;
    atan2 Atan2, powf Pow, hypot Hypot,
}

/// By the function of groups.
macro_rules! lift {
    ($Bound:ident: $($name:ident($($x:ident),+);)*) => {$(
        #[inline(always)]
        pub fn $name<T: $Bound>($($x: T),+) -> T {
            down(wide::$name($(up($x)),+))
        }
    )*};
    ($Bound:ident -> $R:ty: $($name:ident($($x:ident),+);)*) => {$(
        #[inline(always)]
        pub fn $name<T: $Bound>($($x: T),+) -> $R {
            down(wide::$name($(up($x)),+))
        }
    )*};
}
lift! { Real: sqrt(x); floor(x); ceil(x); trunc(x); round_ties_even(x); mul_add(x, a, b); round(x);
fract(x); recip(x); copysign(x, sign); to_degrees(x); to_radians(x); }
lift! { Num: abs(x); min(x, y); max(x, y); signum(x); clamp(x, low, high); }
lift! { Arithmetic: neg(x); }
lift! { Int: and(x, y); or(x, y); xor(x, y); not(x); wrapping_add(x, y); wrapping_sub(x, y);
wrapping_mul(x, y); wrapping_neg(x); rem_euclid(x, y); div_euclid(x, y); }
lift! { Real -> bool: is_nan(x); is_finite(x); is_infinite(x); is_sign_negative(x);
is_sign_positive(x); }
lift! { Int -> u32: count_ones(x); leading_zeros(x); trailing_zeros(x); }

#[inline(always)]
pub fn add<T: Arithmetic>(x: T, y: T) -> T {
    down(up(x) + up(y))
}

#[inline(always)]
pub fn sub<T: Arithmetic>(x: T, y: T) -> T {
    down(up(x) - up(y))
}

#[inline(always)]
pub fn mul<T: Arithmetic>(x: T, y: T) -> T {
    down(up(x) * up(y))
}

#[inline(always)]
pub fn div<T: Arithmetic>(x: T, y: T) -> T {
    down(up(x) / up(y))
}

#[inline(always)]
pub fn rem<T: Num>(x: T, y: T) -> T {
    down(up(x) % up(y))
}

#[inline(always)]
pub fn shl<T: Int, A: ToNumbers>(x: T, by: A) -> T {
    down(wide::shl(up(x), up(by)))
}

#[inline(always)]
pub fn shr<T: Int, A: ToNumbers>(x: T, by: A) -> T {
    down(wide::shr(up(x), up(by)))
}

#[inline(always)]
pub fn wrapping_shl<T: Int, A: ToNumbers>(x: T, by: A) -> T {
    shl(x, by)
}

#[inline(always)]
pub fn wrapping_shr<T: Int, A: ToNumbers>(x: T, by: A) -> T {
    shr(x, by)
}

#[inline(always)]
pub fn cast<From: ToNumbers, To: Num>(x: From) -> To {
    To::cast_one(x)
}

#[inline(always)]
pub fn powi<T: Arithmetic>(x: T, n: i32) -> T {
    down(wide::powi_by(up(x), n))
}

#[inline(always)]
pub fn pow<T: Int>(x: T, n: u32) -> T {
    down(wide::pow(up(x), up(n)))
}

#[inline(always)]
pub fn to_bits<T: Real>(x: T) -> T::Bits {
    down(up(x).to_bits())
}

#[inline(always)]
pub fn from_bits<T: Real>(bits: T::Bits) -> T {
    down(Lanes::from_bits(up(bits)))
}

#[inline(always)]
pub fn abs_diff<T: Int>(x: T, y: T) -> T::Unsigned {
    down(wide::abs_diff(up(x), up(y)))
}

#[inline(always)]
pub fn rotate_left<T: Int>(x: T, by: u32) -> T {
    down(wide::rotate_left(up(x), up(by)))
}

#[inline(always)]
pub fn rotate_right<T: Int>(x: T, by: u32) -> T {
    down(wide::rotate_right(up(x), up(by)))
}

/// Of a kernel with `division = error`, called as an ordinary function.
///
/// # Panics
/// If the divisor is 0, as Rust's integers do. Called over arrays, the kernel gives an error.
#[inline(always)]
pub fn checked_div<T: Arithmetic>(x: T, y: T) -> T {
    assert!(y != T::NIL, "attempt to divide by zero");
    div(x, y)
}

/// What is divided by, of a complex and a real number; see [`checked_div`].
///
/// # Panics
/// If it is 0.
#[inline(always)]
pub fn checked_divisor<T: Arithmetic>(y: T) -> T {
    assert!(y != T::NIL, "attempt to divide by zero");
    y
}

/// See [`checked_div`].
///
/// # Panics
/// If the divisor is 0.
#[inline(always)]
pub fn checked_rem<T: Num>(x: T, y: T) -> T {
    assert!(y != T::ZERO, "attempt to calculate the remainder with a divisor of zero");
    rem(x, y)
}

/// An index that counts from the end if it is negative. One outside becomes `usize::MAX`, which is
/// outside of every slice.
#[must_use]
#[inline(always)]
pub fn wrap_index(index: isize, len: usize) -> usize {
    let from_end = len.checked_add_signed(index).unwrap_or(usize::MAX);
    if index < 0 { from_end } else { index.unsigned_abs() }
}
