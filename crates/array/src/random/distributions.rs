//! Random numbers of other distributions, each made of one uniform number.

use std::f64::consts::PI;
use std::panic::Location;

use ndarray::{IntoDimension, Ix1};

use super::Random;
use crate::array::Array;
use crate::cut::IntoChunks;
use crate::element::Element;
use crate::error::{Error, ErrorKind};
use crate::hash::Identity;

/// What keeps a logarithm finite.
const LEAST: f64 = f64::MIN_POSITIVE;

#[track_caller]
pub(super) fn refused<T: Element, S: IntoDimension>(sentence: String) -> Array<T, S::Dim> {
    Array::invalid(Error::new(ErrorKind::Value, sentence), Location::caller())
}

/// Distributions without parameters but for place and scale, which an operator sets.
macro_rules! draws {
    ($($(#[$doc:meta])* $name:ident, $f:expr;)*) => {$(
        $(#[$doc])*
        #[track_caller]
        #[must_use]
        pub fn $name<S: IntoDimension>(&mut self, shape: S, chunks: impl IntoChunks) -> Array<f64, S::Dim> {
            self.uniform(shape, 0.0..1.0, chunks).map_named(stringify!($name), $f)
        }
    )*};
}

/// Distributions of which a number is made of a uniform one, by the inverse of how much of them lies below. Other places
/// and scales are those of a product and a sum: `random.laplace(shape, chunks) * scale + place`.
///
/// ```
/// use tenfold_array::Random;
///
/// let x = Random::new(1).laplace([300, 400], 100) * 2.0 + 5.0;
/// assert!((x.mean().compute()?.into_scalar() - 5.0).abs() < 0.05);
/// # Ok::<(), tenfold_array::Error>(())
/// ```
impl Random {
    draws! {
        /// Numbers of the Gumbel distribution of mode 0 and scale 1.
        gumbel, |u: f64| -(-(-u).ln_1p()).max(LEAST).ln();
        /// Numbers of the Laplace distribution of mean 0 and scale 1.
        laplace, |u: f64| if u < 0.5 { (2.0 * u).max(LEAST).ln() } else { -(2.0 - 2.0 * u).ln() };
        /// Numbers of the logistic distribution of mean 0 and scale 1.
        logistic, |u: f64| u.max(LEAST).ln() - (-u).ln_1p();
        /// Numbers of the Cauchy distribution of mode 0 and scale 1.
        standard_cauchy, |u: f64| (PI * (u - 0.5)).tan();
    }

    /// Numbers between two ends, which come most often near a mode: how often grows and falls in straight lines.
    ///
    /// ```
    /// use tenfold_array::Random;
    ///
    /// let x = Random::new(1).triangular([1000, 100], [0.0, 1.0, 2.0], 100);
    /// assert!((x.mean().compute()?.into_scalar() - 1.0).abs() < 0.01);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn triangular<S: IntoDimension>(
        &mut self,
        shape: S,
        [left, mode, right]: [f64; 3],
        chunks: impl IntoChunks,
    ) -> Array<f64, S::Dim> {
        if !(left <= mode && mode <= right && left < right && (right - left).is_finite()) {
            let sentence = format!(
                "argument `left`, `mode` and `right` are {left}, {mode} and {right}, but must ascend and be finite"
            );
            return refused::<f64, S>(sentence);
        }
        let (width, below) = (right - left, (mode - left) / (right - left));
        let f = move |u: f64| match u < below {
            true => left + (u * width * (mode - left)).sqrt(),
            false => right - ((1.0 - u) * width * (right - mode)).sqrt(),
        };
        let key = Identity::of([left, mode, right].map(f64::to_bits));
        self.uniform(shape, 0.0..1.0, chunks).unary("triangular", key, f, Location::caller())
    }

    /// How many trials it takes to succeed, of which each succeeds with a probability of `p`: 1 at least.
    ///
    /// ```
    /// use tenfold_array::Random;
    ///
    /// let x = Random::new(1).geometric([1000, 100], 0.25, 100);
    /// assert!((x.mean().compute()?.into_scalar() - 4.0).abs() < 0.1);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn geometric<S: IntoDimension>(
        &mut self,
        shape: S,
        p: f64,
        chunks: impl IntoChunks,
    ) -> Array<i64, S::Dim> {
        if !(p > 0.0 && p <= 1.0) {
            let sentence =
                format!("argument `p` is {p}, but a probability above 0 and up to 1 is needed");
            return refused::<i64, S>(sentence);
        }
        let scale = (-p).ln_1p();
        #[expect(clippy::cast_possible_truncation, reason = "saturates")]
        let f = move |u: f64| (((-u).ln_1p() / scale).floor() as i64).saturating_add(1);
        let key = Identity::of(p.to_bits());
        self.uniform(shape, 0.0..1.0, chunks).unary("geometric", key, f, Location::caller())
    }

    /// Some values, drawn again and again with the same chance.
    ///
    /// ```
    /// use tenfold_array::Random;
    ///
    /// let x = Random::new(1).choice([100, 100], &[2, 3, 5], 50);
    /// assert_eq!(x.unique().compute()?.to_vec(), [2, 3, 5]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn choice<T: Element, S: IntoDimension>(
        &mut self,
        shape: S,
        values: &[T],
        chunks: impl IntoChunks,
    ) -> Array<T, S::Dim> {
        if values.is_empty() {
            return refused::<T, S>(
                "argument `values` is empty, but one of them must be drawn".to_owned(),
            );
        }
        let (values, len): (Box<[T]>, u64) = (values.into(), values.len() as u64);
        let key = Identity::of((T::DTYPE, T::as_bytes(&values)));
        let f = move |place: u64| {
            values[usize::try_from(place).map_or(0, |at| at.min(values.len() - 1))]
        };
        let places = self.uniform(shape, 0..len, chunks);
        places.unary("choice", key, f, Location::caller())
    }

    /// The numbers below `len` in some order, each once: element `i` is made of `i` alone, by four rounds of a Feistel
    /// network on the least power of four that has room, again and again until it is below `len` (Black and Rogaway,
    /// 2002). So nothing is held.
    ///
    /// ```
    /// use tenfold_array::{Array, Random};
    ///
    /// let order = Random::new(1).permutation(1000, 100);
    /// assert_eq!(order.sort(0).compute()?, Array::arange(0..1000_i64, 100).compute()?);
    /// assert_ne!(order.compute()?, Array::arange(0..1000_i64, 100).compute()?);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn permutation(&mut self, len: usize, chunks: impl IntoChunks) -> Array<i64, Ix1> {
        let (seed, stream) = (self.seed, self.next);
        self.next += 1;
        let order = Order::new(len as u64, mixed(seed ^ mixed(stream)));
        let places = Array::arange(0..len as u64, chunks);
        let key = Identity::of(("permutation", seed, stream));
        places.unary(
            "permutation",
            key,
            move |place| order.of(place).cast_signed(),
            Location::caller(),
        )
    }
}

/// The bits of a number in another order, which depends on all of them (SplitMix64).
pub(super) fn mixed(bits: u64) -> u64 {
    let z = bits.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// An order of the numbers below a length.
#[derive(Debug, Clone, Copy)]
struct Order {
    len: u64,
    key: u64,
    /// How many bits each half of a number has.
    half: u32,
}

impl Order {
    fn new(len: u64, key: u64) -> Self {
        let bits = u64::BITS - len.saturating_sub(1).leading_zeros();
        Self { len, key, half: bits.div_ceil(2).max(1) }
    }

    /// What stands at a place below the length.
    fn of(self, place: u64) -> u64 {
        let mask = (1 << self.half) - 1;
        let mut place = place;
        loop {
            let (mut left, mut right) = (place >> self.half, place & mask);
            for round in 0..4 {
                let of_right = mixed(right ^ self.key.rotate_left(16 * round)) & mask;
                (left, right) = (right, left ^ of_right);
            }
            place = (left << self.half) | right;
            if place < self.len {
                return place;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_has_each_number_once() {
        for len in (1..70).chain([1000, 4096, 4097]) {
            let order = Order::new(len, 7);
            let mut all: Vec<u64> = (0..len).map(|place| order.of(place)).collect();
            if len > 20 {
                let stay = all.iter().zip(0..).filter(|(a, b)| **a == *b).count();
                assert!(stay < 10, "{stay} of {len} stay where they are");
            }
            all.sort_unstable();
            assert_eq!(all, (0..len).collect::<Vec<_>>());
        }
    }

    #[test]
    fn long_orders_stay_within_their_length() {
        let order = Order::new(1 << 62, 3);
        assert!((0..1000).all(|place| order.of(place) < 1 << 62));
    }
}
