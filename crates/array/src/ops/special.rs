//! Functions that the standard library does not have.

use std::f64::consts::PI;

/// The sine of π times a number, divided by that product.
pub(super) fn sinc(x: f64) -> f64 {
    let x = PI * x;
    if x == 0.0 { 1.0 } else { x.sin() / x }
}

/// The logarithm of the sum of two powers of a base, whose natural logarithm is given. The greater one is taken out of
/// the sum, so that none overflows.
pub(super) fn log_of_sum(x: f64, y: f64, base: f64) -> f64 {
    if x == y {
        return x + std::f64::consts::LN_2 / base;
    }
    let (most, less) = if x > y { (x, y) } else { (y, x) };
    most + ((less - most) * base).exp().ln_1p() / base
}

/// The modified Bessel function of order 0 by its series (Abramowitz and Stegun, 9.6.12), of which no term is negative:
/// so the sum is as exact as its terms.
pub(super) fn i0(x: f64) -> f64 {
    let quarter = 0.25 * x * x;
    let (mut term, mut sum, mut k) = (1.0, 1.0, 1.0);
    while term > sum * (0.25 * f64::EPSILON) && sum.is_finite() {
        term *= quarter / (k * k);
        sum += term;
        k += 1.0;
    }
    if x.is_nan() { x } else { sum }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of tables: Abramowitz and Stegun, 9.8 and 9.11, and the functions' limits.
    #[test]
    fn special_values() {
        assert_eq!((i0(0.0), i0(f64::INFINITY), i0(800.0)), (1.0, f64::INFINITY, f64::INFINITY));
        assert!((i0(1.0) - 1.266_065_877_752_008_4).abs() < 1e-15);
        assert!((i0(-20.0) / 4.355_828_255_955_353e7 - 1.0).abs() < 1e-14);
        assert!(i0(f64::NAN).is_nan());
        assert_eq!((sinc(0.0), sinc(0.5)), (1.0, 2.0 / PI));
        assert_eq!(log_of_sum(1e4, 0.0, 1.0), 1e4);
        assert_eq!(log_of_sum(f64::NEG_INFINITY, f64::NEG_INFINITY, 1.0), f64::NEG_INFINITY);
        assert_eq!(log_of_sum(f64::INFINITY, 0.0, 1.0), f64::INFINITY);
        assert_eq!(log_of_sum(3.0, 3.0, std::f64::consts::LN_2), 4.0);
        assert!(log_of_sum(f64::NAN, 0.0, 1.0).is_nan() && log_of_sum(0.0, f64::NAN, 1.0).is_nan());
    }
}
