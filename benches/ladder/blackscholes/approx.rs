//! ln, exp and the tail of the normal distribution without branches or tables, so that a loop over
//! them fills vector registers. For the finite, positive, sensible arguments of this workload only.

use std::f64::consts::{LN_2, LOG2_E};

/// 1.0 as bits; its exponent field is the bias.
const ONE: u64 = 0x3FF0_0000_0000_0000;
/// The square root of 1/2 as bits.
const SQRT_HALF: u64 = 0x3FE6_A09E_667F_3BCD;

/// The natural logarithm of a positive normal number, to about 4e-14.
///
/// x = 2^e m with m between the roots of 1/2 and 2, and ln m = 2 atanh z with
/// z = (m - 1) / (m + 1), whose series in z^2 <= 0.0295 is cut after eight terms.
#[inline(always)]
pub(super) fn ln(x: f64) -> f64 {
    let bits = x.to_bits();
    let biased = (bits + (ONE - SQRT_HALF)) >> 52;
    let m = f64::from_bits(bits + ONE - (biased << 52));
    // An integer below 2^52 is the mantissa of itself plus 2^52.
    let e = f64::from_bits(0x4330_0000_0000_0000 | biased) - (4_503_599_627_370_496.0 + 1023.0);
    let z = (m - 1.0) / (m + 1.0);
    let u = z * z;
    let (u2, u4) = (u * u, u * u * (u * u));
    let low = (1.0 + u * (1.0 / 3.0)) + u2 * (1.0 / 5.0 + u * (1.0 / 7.0));
    let high = (1.0 / 9.0 + u * (1.0 / 11.0)) + u2 * (1.0 / 13.0 + u * (1.0 / 15.0));
    e * LN_2 + 2.0 * z * (low + u4 * high)
}

/// e^x for x <= 0, to about 1e-14 of it; below -700 the answer is that at -700, some 1e-304.
///
/// e^x = 2^n e^r with |r| <= ln 2 / 2, and the series of e^r is cut after twelve terms.
#[inline(always)]
pub(super) fn exp_of_negative(x: f64) -> f64 {
    /// Adding it rounds to an integer and leaves that in the lowest bits.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    let x = if x > -700.0 { x } else { -700.0 };
    let shifted = x * LOG2_E + ROUND;
    // One product is enough: |n| <= 1010, and n ln 2 is off by at most 1e-13 of 1.
    let r = x - (shifted - ROUND) * LN_2;
    let power_of_two = f64::from_bits((shifted.to_bits() << 52).wrapping_add(ONE));
    let (r2, r4) = (r * r, r * r * (r * r));
    let low = (1.0 + r) + r2 * (1.0 / 2.0 + r * (1.0 / 6.0));
    let mid = (1.0 / 24.0 + r * (1.0 / 120.0)) + r2 * (1.0 / 720.0 + r * (1.0 / 5040.0));
    let high = (1.0 / 40_320.0 + r * (1.0 / 362_880.0))
        + r2 * (1.0 / 3_628_800.0 + r * (1.0 / 39_916_800.0));
    power_of_two * (low + r4 * (mid + r4 * high))
}

/// N(-x) e^(x^2/2) for x >= 0, to about 1e-15 up to 7, and with the right limit beyond.
///
/// Hart et al., "Computer Approximations", 1968, algorithm 5666, as printed in West, "Better
/// approximations to cumulative normal functions", Wilmott Magazine, 2005.
#[inline(always)]
pub(super) fn scaled_tail(x: f64) -> f64 {
    let (x2, x4) = (x * x, x * x * (x * x));
    let numerator = (220.206867912376 + x * 221.213596169931)
        + x2 * (112.079291497871 + x * 33.912866078383)
        + x4 * ((6.37396220353165 + x * 0.700383064443688) + x2 * 3.52624965998911e-2);
    let denominator = (440.413735824752 + x * 793.826512519948)
        + x2 * (637.333633378831 + x * 296.564248779674)
        + x4 * ((86.7807322029461 + x * 16.064177579207)
            + x2 * (1.75566716318264 + x * 8.83883476483184e-2));
    numerator / denominator
}

#[cfg(test)]
mod tests {
    use std::f64::consts::SQRT_2;

    use super::{exp_of_negative, ln, scaled_tail};

    fn points(low: f64, high: f64) -> impl Iterator<Item = f64> {
        (0..=100_000).map(move |i| low + (high - low) * f64::from(i) / 1e5)
    }

    #[test]
    fn ln_is_the_library_s() {
        let error = |x: f64| (ln(x) - x.ln()).abs();
        assert!(points(0.01, 100.0).chain([1e-300, 1e300]).all(|x| error(x) < 2e-13));
        assert_eq!(ln(1.0), 0.0);
    }

    #[test]
    fn exp_is_the_library_s() {
        let error = |x: f64| (exp_of_negative(x) / x.exp() - 1.0).abs();
        assert!(points(-700.0, 0.0).all(|x| error(x) < 2e-13));
        assert!(points(-1.0, 0.0).all(|x| error(x) < 2e-14));
        assert_eq!(exp_of_negative(0.0), 1.0);
        assert!(exp_of_negative(-1e9) < 1e-300);
    }

    #[test]
    fn the_tail_is_that_of_the_normal_distribution() {
        let tail = |x: f64| (-x * x / 2.0).exp() * scaled_tail(x);
        assert!(points(0.0, 7.0).all(|x| (tail(x) - libm::erfc(x / SQRT_2) / 2.0).abs() < 2e-15));
        assert!(points(7.0, 30.0).all(|x| tail(x) < 2e-12));
    }
}
