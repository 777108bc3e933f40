//! Numbers of any type, as what they are worth.

use num_complex::Complex;

use crate::arg::Arg;
use crate::bits::ones;
use crate::value::Value;

/// What a value is worth as a number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Number {
    Whole(Whole),
    Real(f64),
    Complex(Complex<f64>),
}

/// An integer of up to 128 bits, with or without a sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whole {
    /// Below 0.
    Negative(i128),
    Natural(u128),
}

impl Whole {
    pub(crate) fn signed(value: i128) -> Self {
        u128::try_from(value).map_or(Self::Negative(value), Self::Natural)
    }

    /// Without its sign.
    pub(crate) fn magnitude(self) -> u128 {
        match self {
            Self::Negative(value) => value.unsigned_abs(),
            Self::Natural(value) => value,
        }
    }

    /// As the `double` that is the same number, if there is one.
    pub(crate) fn exact(self) -> Option<f64> {
        let magnitude = self.magnitude();
        let outside = magnitude.leading_zeros() + magnitude.trailing_zeros();
        (128_u32.saturating_sub(outside) <= f64::MANTISSA_DIGITS).then(|| self.nearest())
    }

    /// As the nearest `double`.
    #[expect(clippy::cast_precision_loss, reason = "it is rounded, as C does it")]
    pub(crate) fn nearest(self) -> f64 {
        match self {
            Self::Negative(value) => value as f64,
            Self::Natural(value) => value as f64,
        }
    }

    /// The lowest bits in two's complement: what C's conversion to an integer keeps.
    pub(crate) fn wrapped(self) -> u128 {
        match self {
            Self::Negative(value) => value.cast_unsigned(),
            Self::Natural(value) => value,
        }
    }

    /// Whether an integer of so many bits holds it.
    pub(crate) fn fits(self, width: u32, is_signed: bool) -> bool {
        let (least, most) = bounds(width, is_signed);
        match self {
            Self::Negative(value) => value >= least,
            Self::Natural(value) => value <= most,
        }
    }
}

/// The smallest and the largest integer of so many bits.
pub(crate) fn bounds(width: u32, is_signed: bool) -> (i128, u128) {
    let largest = ones(if is_signed { width.saturating_sub(1) } else { width });
    (if is_signed { (!largest).cast_signed() } else { 0 }, largest)
}

impl Number {
    /// What a value is worth; `None` of what is no number.
    pub(crate) fn of(value: &Value) -> Option<Self> {
        Arg::from(value).number()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_fit_up_to_their_bounds() {
        let fits = |value: i128, width, is_signed| Whole::signed(value).fits(width, is_signed);
        assert!(fits(255, 8, false) && !fits(256, 8, false) && !fits(-1, 8, false));
        assert!(fits(-128, 8, true) && !fits(-129, 8, true));
        assert!(fits(127, 8, true) && !fits(128, 8, true));
        assert!(fits(-1, 1, true) && !fits(1, 1, true));
        assert!(fits(i128::MIN, 128, true));
        assert!(!Whole::Natural(u128::MAX).fits(128, true));
        assert!(Whole::Natural(u128::MAX).fits(128, false));
        assert_eq!(bounds(8, true), (-128, 127));
        assert_eq!(bounds(64, false), (0, u128::from(u64::MAX)));
    }
}
