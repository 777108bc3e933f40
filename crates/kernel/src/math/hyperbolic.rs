//! Hyperbolic functions.
//!
//! `|x| = n ln 2 + r`. From polynomials for `cosh r = 1 + c` and `sinh r = r + s` follow both `e^x`
//! and `e^-x`: with `p, m = (2^n ± 2^-n) / 2`, `sinh x = m cosh r + p sinh r` and `cosh x = p cosh r +
//! m sinh r`. The hyperbolic tangent is `E / (E + 2)` with `E = e^(2 |x|) - 1` in two parts.

use super::double::{fast_two_sum, quotient, two_sum};
use super::exp::{EXPM1, EXPM1_F32, FAST_EXPM1, FAST_EXPM1_F32, LN2, LN2_F32, fast_rest};
use super::poly::{at_most, fast_poly, flip, fma, like, poly, sign};
use super::{Unary, ln};
use crate::simd::{Lanes, Simd};

/// The hyperbolic sine.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sinh;
/// The hyperbolic cosine.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cosh;
/// The hyperbolic tangent.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tanh;

/// `(sinh r - r) / r^3` of `z = r^2`, minimax on `|r| <= ln 2 / 2`, weight `z`: 2^-60.7.
const SINH: [f64; 5] = [
    0.16666666666666677,
    0.008333333333321624,
    0.00019841269886133723,
    2.755724420973952e-06,
    2.510903428107179e-08,
];

/// As `SINH`: 2^-34.3.
const SINH_F32: [f32; 3] = [0.16666667, 0.008333175, 0.00019974123];

/// `(cosh r - 1 - z/2) / z^2` of `z = r^2`, minimax on `|r| <= ln 2 / 2`, weight `z^2`: 2^-57.3.
const COSH: [f64; 4] =
    [0.04166666666660289, 0.001388888892722426, 2.4801508154230078e-05, 2.7625392443538134e-07];

/// As `COSH`: 2^-33.2.
const COSH_F32: [f32; 2] = [0.04166646, 0.0013935395];

/// Everything that both functions need: `(p, m, r, s, c)`, the first two in two parts, `p` and `m` a quarter of what they are
/// above, since `2^n` alone could overflow.
macro_rules! parts {
    ($E:ident $x:ident $high:literal $LN2:ident $SINH:ident $COSH:ident) => {{
        let a = at_most($x.abs(), $high);
        let n = (a * std::$E::consts::LOG2_E).round_ties_even();
        let exact = fma(n, -$LN2[0], a);
        let r = fma(n, -$LN2[1], exact);
        let lost = fma(n, -$LN2[1], exact - r);
        let z = r * r;
        let s = (r * z).mul_add(poly(z, &$SINH), lost);
        let c = (z * z).mul_add(poly(z, &$COSH), z * 0.5);
        let one = like($x, 1.0);
        let (up, down) = (one.scale(n - 3.0), one.scale(-n - 3.0));
        let (p, m) = (up + down, up - down);
        // What rounding lost of them.
        let (p_low, m_low) = ((up - p) + down, (up - m) - down);
        ((p, p_low), (m, m_low), r, s, c)
    }};
}

macro_rules! sinh {
    ($E:ident $high:literal $small:literal $LN2:ident $SINH:ident $COSH:ident) => {
        #[inline(always)]
        fn $E<S: Simd>(x: Lanes<S, $E>) -> Lanes<S, $E> {
            let ((p, _), (m, m_low), r, s, c) = parts!($E x $high $LN2 $SINH $COSH);
            let high = p.mul_add(r, m);
            let low = p.mul_add(r, m - high) + m_low;
            let y = (m.mul_add(c, p.mul_add(s, low)) + high) * 4.0;
            // A quarter of a subnormal is not exact.
            let y = Lanes::select(x.abs().lt(like(x, $small)), x.abs(), y);
            flip(y, sign(x))
        }
    };
}
macro_rules! cosh {
    ($E:ident $high:literal $LN2:ident $SINH:ident $COSH:ident) => {
        #[inline(always)]
        fn $E<S: Simd>(x: Lanes<S, $E>) -> Lanes<S, $E> {
            let ((p, p_low), (m, _), r, s, c) = parts!($E x $high $LN2 $SINH $COSH);
            let high = m.mul_add(r, p);
            let low = m.mul_add(r, p - high) + p_low;
            (p.mul_add(c, m.mul_add(s, low)) + high) * 4.0
        }
    };
}
macro_rules! tanh {
    ($E:ident $fast:ident $high:literal $LN2:ident $EXPM1:ident $FAST:ident) => {
        #[inline(always)]
        fn $E<S: Simd>(x: Lanes<S, $E>) -> Lanes<S, $E> {
            let a = x.abs();
            let a = at_most(a + a, $high);
            let n = (a * std::$E::consts::LOG2_E).round_ties_even();
            let exact = fma(n, -$LN2[0], a);
            let r = fma(n, -$LN2[1], exact);
            let lost = fma(n, -$LN2[1], exact - r);
            let rest = (r * r).mul_add(poly(r, &$EXPM1), lost);
            let t = like(x, 1.0).scale(n);
            let base = t - 1.0;
            let high = t.mul_add(r, base);
            let low = t.mul_add(r, base - high);
            let (high, low) = fast_two_sum(high, t.mul_add(rest, low));
            let (under, under_low) = two_sum(high, like(x, 2.0));
            flip(quotient((high, low), (under, under_low + low)), sign(x))
        }
        #[inline(always)]
        fn $fast<S: Simd>(x: Lanes<S, $E>) -> Lanes<S, $E> {
            let a = x.abs();
            let a = at_most(a + a, $high);
            let n = (a * std::$E::consts::LOG2_E).round_ties_even();
            let r = fast_rest(a, n, ln::$LN2);
            let t = like(x, 1.0).scale(n);
            let e = t.contract((r * r).contract(fast_poly(r, &$FAST), r), t - 1.0);
            flip(e / (e + 2.0), sign(x))
        }
    };
}

impl Unary for Sinh {
    sinh! { f32 90.0 1e-30 LN2_F32 SINH_F32 COSH_F32 }
    sinh! { f64 711.0 1e-290 LN2 SINH COSH }
}
impl Unary for Cosh {
    cosh! { f32 90.0 LN2_F32 SINH_F32 COSH_F32 }
    cosh! { f64 711.0 LN2 SINH COSH }
}
impl Unary for Tanh {
    tanh! { f32 fast_f32 20.0 LN2_F32 EXPM1_F32 FAST_EXPM1_F32 }
    tanh! { f64 fast_f64 40.0 LN2 EXPM1 FAST_EXPM1 }
}
