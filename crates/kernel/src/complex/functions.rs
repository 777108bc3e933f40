//! Functions of complex numbers.

use std::marker::PhantomData;

use num_complex::Complex;

use super::{Z, new, norm_sqr};
use crate::math::{self, Binary, Unary};
use crate::simd::{Lanes, Mask, Piece, Real, Simd};
use crate::wide::{copysign, is_finite};

/// The functions of `math = strict`, or those of `math = fast`.
macro_rules! forms {
    ($($name:ident($($x:ident: $X:ident),+) -> $R:ident;)*) => {
        /// For all but `math = fast`.
        pub(super) mod accurate {
            use super::*;
            forms! { @ false $($name($($x: $X),+) -> $R;)* }
        }
        /// For `math = fast`.
        pub mod fast {
            use super::*;
            forms! { @ true $($name($($x: $X),+) -> $R;)* }
        }
    };
    (@ $fast:literal $($name:ident($($x:ident: $X:ident),+) -> $R:ident;)*) => {$(
        #[inline(always)]
        pub fn $name<S: Simd, T: Real>($($x: $X<S, T>),+) -> $R<S, T> {
            super::$name::<$fast, S, T>($($x),+)
        }
    )*};
}
forms! {
    norm(z: Z) -> Lanes; arg(z: Z) -> Lanes; from_polar(r: Lanes, angle: Lanes) -> Z;
    cis(angle: Lanes) -> Z; exp(z: Z) -> Z; ln(z: Z) -> Z; sqrt(z: Z) -> Z;
    powf(z: Z, x: Lanes) -> Z; powc(z: Z, w: Z) -> Z; sin(z: Z) -> Z; cos(z: Z) -> Z;
    tan(z: Z) -> Z; sinh(z: Z) -> Z; cosh(z: Z) -> Z; tanh(z: Z) -> Z;
}

/// A function of real numbers. Functions of complex ones are made of several of them, which would
/// take a kernel minutes to compile if all were part of it.
#[inline(always)]
fn of<F: Unary, const FAST: bool, S: Simd, T: Real>(x: Lanes<S, T>) -> Lanes<S, T> {
    x.token().apart(One::<F, FAST, S, T> { x, function: PhantomData })
}

#[inline(always)]
fn of_two<F: Binary, const FAST: bool, S: Simd, T: Real>(
    x: Lanes<S, T>,
    y: Lanes<S, T>,
) -> Lanes<S, T> {
    x.token().apart(Two::<F, FAST, S, T> { x, y, function: PhantomData })
}

struct One<F, const FAST: bool, S: Simd, T: Real> {
    x: Lanes<S, T>,
    function: PhantomData<F>,
}

impl<F: Unary, const FAST: bool, S: Simd, T: Real> Piece<S> for One<F, FAST, S, T> {
    type Output = Lanes<S, T>;
    #[inline(always)]
    fn run(self, _: S) -> Lanes<S, T> {
        if FAST { T::fast_unary::<S, F>(self.x) } else { T::unary::<S, F>(self.x) }
    }
}

struct Two<F, const FAST: bool, S: Simd, T: Real> {
    x: Lanes<S, T>,
    y: Lanes<S, T>,
    function: PhantomData<F>,
}

impl<F: Binary, const FAST: bool, S: Simd, T: Real> Piece<S> for Two<F, FAST, S, T> {
    type Output = Lanes<S, T>;
    #[inline(always)]
    fn run(self, _: S) -> Lanes<S, T> {
        let Self { x, y, .. } = self;
        if FAST { T::fast_binary::<S, F>(x, y) } else { T::binary::<S, F>(x, y) }
    }
}

#[inline(always)]
fn like<S: Simd, T: Real>(x: Lanes<S, T>, c: f64) -> Lanes<S, T> {
    Lanes::splat(x.token(), T::from_f64(c))
}

#[inline(always)]
fn infinity<S: Simd, T: Real>(x: Lanes<S, T>) -> Lanes<S, T> {
    Lanes::splat(x.token(), T::INFINITY)
}

/// Sine and cosine.
#[inline(always)]
fn sin_cos<const FAST: bool, S: Simd, T: Real>(x: Lanes<S, T>) -> (Lanes<S, T>, Lanes<S, T>) {
    (of::<math::Sin, FAST, S, T>(x), of::<math::Cos, FAST, S, T>(x))
}

/// Hyperbolic sine and cosine.
#[inline(always)]
fn sinh_cosh<const FAST: bool, S: Simd, T: Real>(x: Lanes<S, T>) -> (Lanes<S, T>, Lanes<S, T>) {
    (of::<math::Sinh, FAST, S, T>(x), of::<math::Cosh, FAST, S, T>(x))
}

/// `x * y`, and 0 where y is, also if x is infinite.
#[inline(always)]
fn times<S: Simd, T: Real>(x: Lanes<S, T>, y: Lanes<S, T>) -> Lanes<S, T> {
    let one = copysign(like(x, 1.0), x);
    Lanes::select(y.eq(like(x, 0.0)), one, x) * y
}

#[inline(always)]
fn norm<const FAST: bool, S: Simd, T: Real>(z: Z<S, T>) -> Lanes<S, T> {
    of_two::<math::Hypot, FAST, S, T>(z.re(), z.im())
}

#[inline(always)]
fn arg<const FAST: bool, S: Simd, T: Real>(z: Z<S, T>) -> Lanes<S, T> {
    of_two::<math::Atan2, FAST, S, T>(z.im(), z.re())
}

#[inline(always)]
fn cis<const FAST: bool, S: Simd, T: Real>(angle: Lanes<S, T>) -> Z<S, T> {
    let (sin, cos) = sin_cos::<FAST, S, T>(angle);
    new(cos, sin)
}

#[inline(always)]
fn from_polar<const FAST: bool, S: Simd, T: Real>(r: Lanes<S, T>, angle: Lanes<S, T>) -> Z<S, T> {
    let (sin, cos) = sin_cos::<FAST, S, T>(angle);
    new(r * cos, r * sin)
}

/// `e^x (cos y + i sin y)`; where e^x overflows, in two halves.
#[inline(always)]
fn exp<const FAST: bool, S: Simd, T: Real>(z: Z<S, T>) -> Z<S, T> {
    let (x, y) = (z.re(), z.im());
    let (sin, cos) = sin_cos::<FAST, S, T>(y);
    let size = of::<math::Exp, FAST, S, T>(x);
    let zero = like(x, 0.0);
    // A real number has a real exponential, also where it is infinite.
    let (mut re, mut im) = (size * cos, Lanes::select(y.eq(zero), y, size * sin));
    let over = size.eq(infinity(x));
    if over.any() {
        let half = of::<math::Exp, FAST, S, T>(x * like(x, 0.5));
        re = Lanes::select(over, half * cos * half, re);
        im = Lanes::select(over & y.ne(zero), half * sin * half, im);
    }
    // Nothing is left of what has no angle either.
    let none = x.eq(-infinity(x)) & !is_finite(y);
    let re = Lanes::select(none, zero, re);
    let re = Lanes::select(x.eq(infinity(x)) & !is_finite(y), x, re);
    new(re, Lanes::select(none, zero, im))
}

/// `ln |z| + i arg z`; near the unit circle by ln(1 + x), since a rounded |z| has lost the digits.
#[inline(always)]
fn ln<const FAST: bool, S: Simd, T: Real>(z: Z<S, T>) -> Z<S, T> {
    let norm = norm::<FAST, S, T>(z);
    let far = of::<math::Ln, FAST, S, T>(norm);
    let near = norm.gt(like(norm, 0.75)) & norm.lt(like(norm, 1.5));
    let mut re = far;
    if near.any() {
        let (x, y) = (z.re().abs(), z.im().abs());
        let (large, small) = (x.max(y), x.min(y));
        let one = like(norm, 1.0);
        // |z|^2 - 1
        let over = (large - one).mul_add(large + one, small * small);
        let log = of::<math::Ln1p, FAST, S, T>(over) * like(norm, 0.5);
        re = Lanes::select(near, log, far);
    }
    new(re, arg::<FAST, S, T>(z))
}

/// The root with the positive real part: `t = sqrt((|x| + |z|) / 2)` is one of its parts, and
/// `y / 2t` the other.
#[inline(always)]
fn sqrt<const FAST: bool, S: Simd, T: Real>(z: Z<S, T>) -> Z<S, T> {
    let (x, y) = (z.re(), z.im());
    let largest = x.abs().max(y.abs());
    let zero = like(x, 0.0);
    let (low, high) = T::MODERATE;
    let (small, large) =
        (largest.lt(Lanes::splat(x.token(), low)), largest.gt(Lanes::splat(x.token(), high)));
    if !(small | large).any() {
        return plain_sqrt::<FAST, S, T>(x, y);
    }
    // By a power of four there, and its root back.
    let one = like(x, 1.0);
    let up = Lanes::splat(x.token(), T::ONE) / Lanes::splat(x.token(), T::EPSILON);
    let by = Lanes::select(small, up * up, Lanes::select(large, like(x, 0.0625), one));
    let back = Lanes::select(small, one / up, Lanes::select(large, like(x, 4.0), one));
    let root = plain_sqrt::<FAST, S, T>(x * by, y * by);
    let re = root.re() * back;
    let im = Lanes::select(largest.eq(zero), y, root.im() * back);
    let endless = y.abs().eq(infinity(x));
    new(Lanes::select(endless, infinity(x), re), Lanes::select(endless, y, im))
}

#[inline(always)]
fn plain_sqrt<const FAST: bool, S: Simd, T: Real>(x: Lanes<S, T>, y: Lanes<S, T>) -> Z<S, T> {
    let norm = of_two::<math::Hypot, FAST, S, T>(x, y);
    let root = ((x.abs() + norm) * like(x, 0.5)).sqrt();
    let zero = like(x, 0.0);
    let other = Lanes::select(root.eq(zero), zero, y / (root + root));
    let right = x.ge(zero);
    new(Lanes::select(right, root, other.abs()), Lanes::select(right, other, copysign(root, y)))
}

/// In polar coordinates; 1 for 0, whatever z.
#[inline(always)]
fn powf<const FAST: bool, S: Simd, T: Real>(z: Z<S, T>, x: Lanes<S, T>) -> Z<S, T> {
    let size = of_two::<math::Pow, FAST, S, T>(norm::<FAST, S, T>(z), x);
    let angle = arg::<FAST, S, T>(z) * x;
    let power = from_polar::<FAST, S, T>(size, angle);
    select_one(x.eq(like(x, 0.0)), power)
}

/// `e^(w ln z)`; 1 where w is 0, and 0 where z is 0 and w to the right of it.
#[inline(always)]
fn powc<const FAST: bool, S: Simd, T: Real>(z: Z<S, T>, w: Z<S, T>) -> Z<S, T> {
    let zero = like(z.re(), 0.0);
    let power = exp::<FAST, S, T>(w * ln::<FAST, S, T>(z));
    let none = norm_sqr(z).eq(zero) & is_zero(z) & w.re().gt(zero);
    let power = Z::select(none, new(zero, zero), power);
    select_one(is_zero(w), power)
}

#[inline(always)]
fn is_zero<S: Simd, T: Real>(z: Z<S, T>) -> Mask<S> {
    let zero = like(z.re(), 0.0);
    z.re().eq(zero) & z.im().eq(zero)
}

/// 1 in the lanes of the mask.
#[inline(always)]
fn select_one<S: Simd, T: Real>(mask: Mask<S>, z: Z<S, T>) -> Z<S, T> {
    Z::select(mask, Z::splat(z.token(), Complex::new(T::ONE, T::ZERO)), z)
}

#[inline(always)]
fn sin<const FAST: bool, S: Simd, T: Real>(z: Z<S, T>) -> Z<S, T> {
    let (sin, cos) = sin_cos::<FAST, S, T>(z.re());
    let (sinh, cosh) = sinh_cosh::<FAST, S, T>(z.im());
    new(times(cosh, sin), cos * sinh)
}

#[inline(always)]
fn cos<const FAST: bool, S: Simd, T: Real>(z: Z<S, T>) -> Z<S, T> {
    let (sin, cos) = sin_cos::<FAST, S, T>(z.re());
    let (sinh, cosh) = sinh_cosh::<FAST, S, T>(z.im());
    new(cos * cosh, -times(sinh, sin))
}

#[inline(always)]
fn sinh<const FAST: bool, S: Simd, T: Real>(z: Z<S, T>) -> Z<S, T> {
    let (sin, cos) = sin_cos::<FAST, S, T>(z.im());
    let (sinh, cosh) = sinh_cosh::<FAST, S, T>(z.re());
    new(sinh * cos, times(cosh, sin))
}

#[inline(always)]
fn cosh<const FAST: bool, S: Simd, T: Real>(z: Z<S, T>) -> Z<S, T> {
    let (sin, cos) = sin_cos::<FAST, S, T>(z.im());
    let (sinh, cosh) = sinh_cosh::<FAST, S, T>(z.re());
    new(cosh * cos, times(sinh, sin))
}

/// `-i tanh(iz)`
#[inline(always)]
fn tan<const FAST: bool, S: Simd, T: Real>(z: Z<S, T>) -> Z<S, T> {
    let turned = tanh::<FAST, S, T>(new(-z.im(), z.re()));
    new(turned.im(), -turned.re())
}

/// `(sinh x cosh x + i sin y cos y) / (sinh^2 x + cos^2 y)`, and where sinh^2 x is beyond the digits
/// of cosh^2 x, `(±1, 4 e^(-2|x|) sin y cos y)`.
#[inline(always)]
fn tanh<const FAST: bool, S: Simd, T: Real>(z: Z<S, T>) -> Z<S, T> {
    let (x, y) = (z.re(), z.im());
    let (sin, cos) = sin_cos::<FAST, S, T>(y);
    let (sinh, cosh) = sinh_cosh::<FAST, S, T>(x);
    let square = sinh * sinh + cos * cos;
    let (re, im) = (sinh * cosh / square, sin * cos / square);
    let far = x.abs().gt(like(x, 20.0));
    if !far.any() {
        return new(re, im);
    }
    let small = of::<math::Exp, FAST, S, T>(x.abs() * like(x, -2.0));
    // Infinitely far, the angle does not matter.
    let turn = Lanes::select(is_finite(y), sin * cos, like(x, 0.0));
    let end = like(x, 4.0) * small * turn;
    let one = copysign(like(x, 1.0), x);
    new(Lanes::select(far, one, re), Lanes::select(far, end, im))
}
