//! What floats are made of.

use std::panic::Location;

use ndarray::Dimension;

use super::{Real, is_nan};
use crate::array::Array;
use crate::hash::Identity;

/// A number as a fraction from a half to below 1 and a power of two.
fn parts_of(x: f64) -> (f64, i32) {
    if x == 0.0 || !x.is_finite() {
        return (x, 0);
    }
    // What has no bits to spare in its exponent is made larger first.
    let (x, small) = if x.abs() < f64::MIN_POSITIVE { (x * 2_f64.powi(64), 64) } else { (x, 0) };
    let bits = x.to_bits();
    let exponent = i32::try_from((bits >> 52) & 0x7ff).unwrap_or(0) - 1022;
    (f64::from_bits((bits & !(0x7ff << 52)) | (1022 << 52)), exponent - small)
}

/// A number times a power of two, rounded once.
fn scaled(x: f64, power: i32) -> f64 {
    if x == 0.0 || !x.is_finite() {
        return x;
    }
    let (fraction, exponent) = parts_of(x);
    let power = exponent.saturating_add(power);
    match power {
        -1021..=1024 => fraction * 2.0 * 2_f64.powi(power - 1),
        // Below that the last step alone rounds.
        ..-1021 => fraction * 2_f64.powi(-1021) * 2_f64.powi((power + 1021).max(-1000)),
        _ => f64::INFINITY.copysign(x),
    }
}

impl<T: Real, D: Dimension> Array<T, D> {
    /// Where the sign is that of negative numbers, which -0 and some NaN have too.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::from_ndarray(array![-0.0, 0.0, -3.0], "auto");
    /// assert_eq!(x.signbit().compute()?, array![true, false, true]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn signbit(&self) -> Array<bool, D> {
        let f = |x: T| x.widen().is_sign_negative();
        self.unary("signbit", Identity::of(()), f, Location::caller())
    }

    /// The parts behind the point, and the whole numbers before it, both with the sign of the element.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let (parts, whole) = Array::from_ndarray(array![2.5, -0.25], "auto").modf();
    /// assert_eq!((parts.compute()?, whole.compute()?), (array![0.5, -0.25], array![2.0, -0.0]));
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn modf(&self) -> (Self, Self) {
        let f = |x: T| {
            let x = x.widen();
            T::narrow(if x.is_infinite() { 0_f64.copysign(x) } else { x.fract().copysign(x) })
        };
        (self.unary("fraction", Identity::of(()), f, Location::caller()), self.trunc())
    }

    /// Fractions from a half to below 1, and the powers of two that they are multiplied by: of 0 and what is not finite
    /// itself and 0.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::from_ndarray(array![6.0, -0.25], "auto");
    /// let (fraction, exponent) = x.frexp();
    /// assert_eq!((fraction.compute()?, exponent.compute()?), (array![0.75, -0.5], array![3, -1]));
    /// assert_eq!(fraction.ldexp(&exponent).compute()?, x.compute()?);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn frexp(&self) -> (Self, Array<i32, D>) {
        let origin = Location::caller();
        let fraction = |x: T| T::narrow(parts_of(x.widen()).0);
        let exponent = |x: T| parts_of(x.widen()).1;
        (
            self.unary("fraction of frexp", Identity::of(()), fraction, origin),
            self.unary("exponent of frexp", Identity::of(()), exponent, origin),
        )
    }

    /// Each element times two to a whole power.
    #[track_caller]
    #[must_use]
    pub fn ldexp(&self, powers: &Array<i32, D>) -> Self {
        let f = |x: T, power: i32| T::narrow(scaled(x.widen(), power));
        self.binary(powers, "ldexp", Identity::of(()), f, Location::caller())
    }

    /// Where the elements are as near to those of another array as to be taken for the same: within `absolute`, and
    /// `relative` times the size of the other's. Infinities are near to themselves; NaN is near to NaN if `equal_nan`
    /// says so, or else to nothing. NumPy takes 1e-5 for `relative` and 1e-8 for `absolute` if nobody says otherwise.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::from_ndarray(array![1.0, 2.0, f64::NAN], "auto");
    /// let y = Array::from_ndarray(array![1.0 + 1e-9, 2.1, f64::NAN], "auto");
    /// assert_eq!(x.is_close(&y, 1e-5, 1e-8, false).compute()?, array![true, false, false]);
    /// assert!(x.all_close(&x, 1e-5, 1e-8, true).compute()?.into_scalar());
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn is_close(
        &self,
        other: &Self,
        relative: f64,
        absolute: f64,
        equal_nan: bool,
    ) -> Array<bool, D> {
        let f = move |x: T, y: T| {
            let (a, b) = (x.widen(), y.widen());
            let is_near = b.is_finite() && (a - b).abs() <= absolute + relative * b.abs();
            a == b || is_near || (equal_nan && is_nan(a) && is_nan(b))
        };
        let key = Identity::of((relative.to_bits(), absolute.to_bits(), equal_nan));
        self.binary(other, "is_close", key, f, Location::caller())
    }

    /// Whether all elements are near to those of another array, as [`is_close`](Self::is_close).
    #[track_caller]
    #[must_use]
    pub fn all_close(
        &self,
        other: &Self,
        relative: f64,
        absolute: f64,
        equal_nan: bool,
    ) -> Array<bool, ndarray::Ix0> {
        self.is_close(other, relative, absolute, equal_nan).all()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn parts_make_the_number_again(bits in any::<u64>()) {
            let x = f64::from_bits(bits);
            let (fraction, power) = parts_of(x);
            if x.is_finite() && x != 0.0 {
                prop_assert!((0.5..1.0).contains(&fraction.abs()), "{x} is {fraction}");
                prop_assert_eq!(scaled(fraction, power).to_bits(), x.to_bits());
            }
        }

        #[test]
        fn powers_round_once(x in -1e3..1e3_f64, power in -1100..1100_i32) {
            // Both halves are exact, but for the last.
            let halves = if power > 0 { [1000, power - 1000] } else { [-200, power + 200] };
            let expected = match power {
                -900..=900 => x * 2_f64.powi(power),
                _ => x * 2_f64.powi(halves[0]) * 2_f64.powi(halves[1]),
            };
            prop_assert_eq!(scaled(x, power), expected);
        }
    }
}
