//! Mathematical functions of groups.

mod arc;
mod double;
mod erf;
mod exp;
#[cfg(test)]
mod golden;
mod hyperbolic;
mod ln;
mod poly;
mod pow;
mod reduce;
mod root;
pub mod scalar;
mod trig;
mod turn;

pub use arc::{Acos, Asin, Atan, Atan2};
pub use erf::Erf;
pub use exp::{Exp, Exp2, ExpM1};
pub use hyperbolic::{Cosh, Sinh, Tanh};
pub use ln::{Ln, Ln1p, Log2, Log10};
pub use pow::Pow;
pub use root::{Cbrt, Hypot, Rsqrt};
pub use trig::{Cos, Sin, Tan};
pub(crate) use turn::Turn;

use crate::simd::{Lanes, Simd};

/// A function of one number.
pub trait Unary {
    /// Of f32.
    fn f32<S: Simd>(x: Lanes<S, f32>) -> Lanes<S, f32>;
    /// Of f64.
    fn f64<S: Simd>(x: Lanes<S, f64>) -> Lanes<S, f64>;
    /// Of f32, for `math = fast`: within 4 ulp where argument and result are finite and normal.
    #[inline(always)]
    fn fast_f32<S: Simd>(x: Lanes<S, f32>) -> Lanes<S, f32> {
        Self::f32(x)
    }
    /// Of f64, for `math = fast`: within 4 ulp where argument and result are finite and normal.
    #[inline(always)]
    fn fast_f64<S: Simd>(x: Lanes<S, f64>) -> Lanes<S, f64> {
        Self::f64(x)
    }
}
/// A function of two numbers.
pub trait Binary {
    /// Of f32.
    fn f32<S: Simd>(x: Lanes<S, f32>, y: Lanes<S, f32>) -> Lanes<S, f32>;
    /// Of f64.
    fn f64<S: Simd>(x: Lanes<S, f64>, y: Lanes<S, f64>) -> Lanes<S, f64>;
    /// Of f32, for `math = fast`: within 4 ulp where arguments and result are finite and normal.
    #[inline(always)]
    fn fast_f32<S: Simd>(x: Lanes<S, f32>, y: Lanes<S, f32>) -> Lanes<S, f32> {
        Self::f32(x, y)
    }
    /// Of f64, for `math = fast`: within 4 ulp where arguments and result are finite and normal.
    #[inline(always)]
    fn fast_f64<S: Simd>(x: Lanes<S, f64>, y: Lanes<S, f64>) -> Lanes<S, f64> {
        Self::f64(x, y)
    }
}
