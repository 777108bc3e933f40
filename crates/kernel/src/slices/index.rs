//! The arithmetic of `usize` and `isize`, which are no elements but indices: it wraps, and dividing
//! by 0 gives 0, as that of the elements does.

use crate::error::Error;

/// `usize` or `isize`.
pub trait Index: Copy + Ord {
    /// The unsigned one.
    type Unsigned;
    /// Wraps.
    fn add(self, y: Self) -> Self;
    /// Wraps.
    fn sub(self, y: Self) -> Self;
    /// Wraps.
    fn mul(self, y: Self) -> Self;
    /// By 0 it is 0.
    fn div(self, y: Self) -> Self;
    /// By 0 it is 0.
    fn rem(self, y: Self) -> Self;
    /// By 0 it is 0.
    fn div_euclid(self, y: Self) -> Self;
    /// By 0 it is 0.
    fn rem_euclid(self, y: Self) -> Self;
    /// By the amount modulo the width.
    fn shl(self, by: u32) -> Self;
    /// By the amount modulo the width.
    fn shr(self, by: u32) -> Self;
    /// Wraps.
    fn neg(self) -> Self;
    /// Wraps.
    fn abs(self) -> Self;
    /// 1, 0 or -1.
    fn signum(self) -> Self;
    /// Wraps.
    fn pow(self, n: u32) -> Self;
    /// Bits that leave come back.
    fn rotate_left(self, by: u32) -> Self;
    /// Bits that leave come back.
    fn rotate_right(self, by: u32) -> Self;
    /// Bits that are 1.
    fn count_ones(self) -> u32;
    /// Zeros above the highest 1.
    fn leading_zeros(self) -> u32;
    /// Zeros below the lowest 1.
    fn trailing_zeros(self) -> u32;
    /// Distance.
    fn abs_diff(self, y: Self) -> Self::Unsigned;
    /// Whether it is 0.
    fn is_zero(self) -> bool;
}

macro_rules! indices {
    ($($T:ident: $absolute:expr, $sign:expr;)*) => {$(
        impl Index for $T {
            type Unsigned = usize;
            indices! { @wraps $T: add wrapping_add, sub wrapping_sub, mul wrapping_mul }
            indices! { @divides $T: div wrapping_div, rem wrapping_rem,
                div_euclid wrapping_div_euclid,
                rem_euclid wrapping_rem_euclid }
            indices! { @amount $T: shl wrapping_shl, shr wrapping_shr, pow wrapping_pow,
                rotate_left rotate_left, rotate_right rotate_right }
            indices! { @count $T: count_ones leading_zeros trailing_zeros }
            #[inline(always)]
            fn neg(self) -> Self {
                self.wrapping_neg()
            }
            #[inline(always)]
            fn abs(self) -> Self {
                $absolute(self)
            }
            #[inline(always)]
            fn signum(self) -> Self {
                $sign(self)
            }
            #[inline(always)]
            fn abs_diff(self, y: Self) -> usize {
                <$T>::abs_diff(self, y)
            }
            #[inline(always)]
            fn is_zero(self) -> bool {
                self == 0
            }
        }
    )*};
    (@wraps $T:ident: $($name:ident $by:ident),*) => {$(
        #[inline(always)]
        fn $name(self, y: Self) -> Self {
            <$T>::$by(self, y)
        }
    )*};
    (@divides $T:ident: $($name:ident $wrapping:ident),*) => {$(
        #[inline(always)]
        fn $name(self, y: Self) -> Self {
            if y == 0 { 0 } else { <$T>::$wrapping(self, y) }
        }
    )*};
    (@amount $T:ident: $($name:ident $by:ident),*) => {$(
        #[inline(always)]
        fn $name(self, by: u32) -> Self {
            <$T>::$by(self, by)
        }
    )*};
    (@count $T:ident: $($name:ident)*) => {$(
        #[inline(always)]
        fn $name(self) -> u32 {
            <$T>::$name(self)
        }
    )*};
}
indices! {
    usize: std::convert::identity, |x| usize::from(x != 0);
    isize: isize::wrapping_abs, isize::signum;
}

macro_rules! functions {
    ($($name:ident($($x:ident: $X:ty),*) -> $R:ty = $by:ident;)*) => {$(
        #[inline(always)]
        pub fn $name<T: Index>($($x: $X),*) -> $R {
            T::$by($($x),*)
        }
    )*};
}
functions! {
    add(x: T, y: T) -> T = add;
    sub(x: T, y: T) -> T = sub;
    mul(x: T, y: T) -> T = mul;
    div(x: T, y: T) -> T = div;
    rem(x: T, y: T) -> T = rem;
    wrapping_add(x: T, y: T) -> T = add;
    wrapping_sub(x: T, y: T) -> T = sub;
    wrapping_mul(x: T, y: T) -> T = mul;
    wrapping_neg(x: T) -> T = neg;
    wrapping_shl(x: T, by: u32) -> T = shl;
    wrapping_shr(x: T, by: u32) -> T = shr;
    shl(x: T, by: u32) -> T = shl;
    shr(x: T, by: u32) -> T = shr;
    div_euclid(x: T, y: T) -> T = div_euclid;
    rem_euclid(x: T, y: T) -> T = rem_euclid;
    neg(x: T) -> T = neg;
    abs(x: T) -> T = abs;
    signum(x: T) -> T = signum;
    pow(x: T, n: u32) -> T = pow;
    rotate_left(x: T, by: u32) -> T = rotate_left;
    rotate_right(x: T, by: u32) -> T = rotate_right;
    count_ones(x: T) -> u32 = count_ones;
    leading_zeros(x: T) -> u32 = leading_zeros;
    trailing_zeros(x: T) -> u32 = trailing_zeros;
    abs_diff(x: T, y: T) -> T::Unsigned = abs_diff;
    min(x: T, y: T) -> T = min;
    max(x: T, y: T) -> T = max;
}

/// The comparisons of the elements' `clamp`, which has no panic.
#[inline(always)]
pub fn clamp<T: Index>(x: T, low: T, high: T) -> T {
    let x = if x < low { low } else { x };
    if high < x { high } else { x }
}

/// Of a kernel with `division = error`, called as an ordinary function.
///
/// # Panics
/// If the divisor is 0.
#[inline(always)]
pub fn checked_div<T: Index>(x: T, y: T) -> T {
    assert!(!y.is_zero(), "attempt to divide by zero");
    x.div(y)
}

/// See [`checked_div`].
///
/// # Panics
/// If the divisor is 0.
#[inline(always)]
pub fn checked_rem<T: Index>(x: T, y: T) -> T {
    assert!(!y.is_zero(), "attempt to calculate the remainder with a divisor of zero");
    x.rem(y)
}

/// Of a kernel with `division = error`.
#[inline(always)]
pub fn try_div<T: Index>(x: T, y: T) -> Result<T, Error> {
    if y.is_zero() { Err(super::lane::zero_divisor()) } else { Ok(x.div(y)) }
}

/// Of a kernel with `division = error`.
#[inline(always)]
pub fn try_rem<T: Index>(x: T, y: T) -> Result<T, Error> {
    if y.is_zero() { Err(super::lane::zero_divisor()) } else { Ok(x.rem(y)) }
}
