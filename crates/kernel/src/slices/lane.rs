//! Operations on one number in the body of a loop, of which nothing stays out of line: what is
//! compiled with the instructions of its caller.

use crate::error::{Error, ErrorKind};
use crate::isa::Isa;
use crate::simd::{Arithmetic, Lanes, Num, Portable, Real, Simd};
use crate::{ops, wide};

#[cold]
#[inline(never)]
pub(super) fn zero_divisor() -> Error {
    let message = "a divisor was zero, and the kernel says `division = error`";
    Error::new(ErrorKind::DivisionByZero, message)
}

/// Of a kernel with `division = error`.
#[inline(always)]
pub fn try_div<T: Arithmetic>(x: T, y: T) -> Result<T, Error> {
    if y == T::NIL { Err(zero_divisor()) } else { Ok(ops::div(x, y)) }
}

/// What is divided by, of a complex and a real number.
#[inline(always)]
pub fn try_divisor<T: Arithmetic>(y: T) -> Result<T, Error> {
    if y == T::NIL { Err(zero_divisor()) } else { Ok(y) }
}

/// Of a kernel with `division = error`.
#[inline(always)]
pub fn try_rem<T: Num>(x: T, y: T) -> Result<T, Error> {
    if y == T::ZERO { Err(zero_divisor()) } else { Ok(ops::rem(x, y)) }
}

/// `a * b + c`, in one rounding where that is an instruction.
#[inline(always)]
pub fn contract<S: Simd, T: Real>(a: T, b: T, c: T) -> T {
    let fused =
        S::ISA != Isa::Baseline || cfg!(any(target_arch = "aarch64", target_feature = "fma"));
    if fused { ops::mul_add(a, b, c) } else { ops::add(ops::mul(a, b), c) }
}

/// The long functions: compiled into the loop where the instruction set has fused multiply-add, of
/// which they are made, and by the function that every caller shares elsewhere. Both give the same
/// bits.
macro_rules! functions {
    ($($name:ident($($x:ident),+))*) => {
        $(
            #[inline(always)]
            pub fn $name<S: Simd, T: Real>($($x: T),+) -> T {
                if S::ISA == Isa::Baseline {
                    return ops::$name($($x),+);
                }
                wide::$name($(Lanes::splat(Portable::<1>, $x)),+).lane(0)
            }
        )*

        /// For `math = fast`.
        pub mod fast {
            use super::*;
            $(
                #[inline(always)]
                pub fn $name<S: Simd, T: Real>($($x: T),+) -> T {
                    if S::ISA == Isa::Baseline {
                        return ops::$name($($x),+);
                    }
                    wide::fast::$name($(Lanes::splat(Portable::<1>, $x)),+).lane(0)
                }
            )*
        }
    };
}
functions! {
    rsqrt(x) cbrt(x) exp(x) exp2(x) exp_m1(x) ln(x) ln_1p(x) log2(x) log10(x) sin(x) cos(x) tan(x)
    asin(x) acos(x) atan(x) sinh(x) cosh(x) tanh(x) erf(x) atan2(y, x) powf(x, y) hypot(x, y)
}
