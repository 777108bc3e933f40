//! The methods of complex numbers, of one: what the ordinary function of a kernel calls.

use num_complex::Complex;

use crate::math::scalar;
use crate::simd::{Body, Lanes, Portable, Real, Simd};

type Same<T> = T;

/// One lane.
const ONE: Portable<1> = Portable::<1>;

/// By the function of groups, in place.
macro_rules! short {
    ($($name:ident($($x:ident: $X:ident),+) -> $R:ty;)*) => {$(
        #[inline(always)]
        pub fn $name<T: Real>($($x: $X<T>),+) -> $R {
            super::$name($(Lanes::splat(ONE, $x)),+).lane(0)
        }
    )*};
}
short! {
    norm_sqr(z: Complex) -> T; conj(z: Complex) -> Complex<T>; inv(z: Complex) -> Complex<T>;
    is_nan(z: Complex) -> bool; is_finite(z: Complex) -> bool; is_infinite(z: Complex) -> bool;
    add_real(z: Complex, x: Same) -> Complex<T>; sub_real(z: Complex, x: Same) -> Complex<T>;
    mul_real(z: Complex, x: Same) -> Complex<T>; div_real(z: Complex, x: Same) -> Complex<T>;
    real_add(x: Same, z: Complex) -> Complex<T>; real_sub(x: Same, z: Complex) -> Complex<T>;
    real_mul(x: Same, z: Complex) -> Complex<T>; real_div(x: Same, z: Complex) -> Complex<T>;
}

/// The long ones, where `mul_add` is an instruction.
macro_rules! long {
    ($($name:ident($($x:ident: $X:ident),+) -> $R:ident;)*) => {$(
        #[inline]
        pub fn $name<T: Real>($($x: $X<T>),+) -> $R<T> {
            struct Call<T>($($X<T>),+);
            impl<T: Real> Body for Call<T> {
                type Output = $R<T>;
                #[inline(always)]
                fn run<S: Simd>(self, s: S) -> $R<T> {
                    let Call($($x),+) = self;
                    super::$name($(Lanes::splat(s, $x)),+).lane(0)
                }
            }
            scalar::run(Call($($x),+))
        }
    )*};
}
long! {
    norm(z: Complex) -> Same; arg(z: Complex) -> Same; from_polar(r: Same, angle: Same) -> Complex;
    cis(angle: Same) -> Complex; exp(z: Complex) -> Complex; ln(z: Complex) -> Complex;
    sqrt(z: Complex) -> Complex; powf(z: Complex, x: Same) -> Complex;
    powc(z: Complex, w: Complex) -> Complex; sin(z: Complex) -> Complex;
    cos(z: Complex) -> Complex; tan(z: Complex) -> Complex; sinh(z: Complex) -> Complex;
    cosh(z: Complex) -> Complex; tanh(z: Complex) -> Complex;
}
