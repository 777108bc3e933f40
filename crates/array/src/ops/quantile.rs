//! Quantiles, percentiles and medians.

use std::panic::Location;

use ndarray::{Dimension, Ix0, IxDyn, RemoveAxis};

use super::lanes::OfLanes;
use super::selection::selected;
use super::sort::order;
use super::{Ordered, is_nan};
use crate::array::Array;
use crate::block::lanes::one;
use crate::error::{Error, ErrorKind, Result};
use crate::hash::Identity;
use crate::node::Origin;
use crate::reduce::{Averageable, to_f64};

/// What stands between two elements in order, by NumPy's names: the nine methods of Hyndman and Fan (1996), and four
/// more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum QuantileMethod {
    /// Method 7: the line between both neighbours, which is what NumPy does if nobody says otherwise.
    #[default]
    Linear,
    /// The lower of both.
    Lower,
    /// The higher of both.
    Higher,
    /// Half-way between both.
    Midpoint,
    /// The nearer of both, of two the one at the even place.
    Nearest,
    /// Method 1.
    InvertedCdf,
    /// Method 2.
    AveragedInvertedCdf,
    /// Method 3.
    ClosestObservation,
    /// Method 4.
    InterpolatedInvertedCdf,
    /// Method 5.
    Hazen,
    /// Method 6.
    Weibull,
    /// Method 8, which Hyndman and Fan recommend.
    MedianUnbiased,
    /// Method 9.
    NormalUnbiased,
}

impl QuantileMethod {
    /// The place of a quantile among `n` elements in order, as a number of places and a part of one.
    fn place(self, n: f64, q: f64) -> f64 {
        let of = |alpha: f64, beta: f64| n * q + (alpha + q * (1.0 - alpha - beta)) - 1.0;
        let whole = (n - 1.0) * q;
        match self {
            Self::Linear => whole,
            Self::Lower => whole.floor(),
            Self::Higher => whole.ceil(),
            Self::Midpoint => 0.5 * (whole.floor() + whole.ceil()),
            Self::Nearest => whole.round_ties_even(),
            Self::InvertedCdf => (n * q - 1.0).ceil(),
            Self::AveragedInvertedCdf => n * q - 1.0,
            Self::ClosestObservation => {
                let place = n * q - 1.5;
                let is_odd = place.floor() == place && place.rem_euclid(2.0) == 1.0;
                if is_odd { place } else { place.floor() + 1.0 }
            }
            Self::InterpolatedInvertedCdf => of(0.0, 1.0),
            Self::Hazen => of(0.5, 0.5),
            Self::Weibull => of(0.0, 0.0),
            Self::MedianUnbiased => of(1.0 / 3.0, 1.0 / 3.0),
            Self::NormalUnbiased => of(3.0 / 8.0, 3.0 / 8.0),
        }
    }

    /// How far from the lower to the upper neighbour a quantile lies.
    fn share(self, part: f64) -> f64 {
        match self {
            Self::AveragedInvertedCdf if part == 0.0 => 0.5,
            Self::AveragedInvertedCdf => 1.0,
            Self::Midpoint if part > 0.0 => 0.5,
            Self::Midpoint => 0.0,
            _ => part,
        }
    }

    /// The numbers in order of both neighbours of a quantile of so many elements, of which there is one at least.
    pub(super) fn ranks(self, n: u64, q: f64) -> [u64; 2] {
        let last = n.saturating_sub(1);
        let low = to_u64(self.place(to_f64(n), q).clamp(0.0, to_f64(last)));
        [low, (low + 1).min(last)]
    }

    /// The quantile of so many elements, given its neighbours.
    pub(super) fn between(self, n: u64, q: f64, low: f64, high: f64) -> f64 {
        let place = self.place(to_f64(n), q);
        let share =
            if place >= 0.0 { self.share(place - to_f64(self.ranks(n, q)[0])) } else { 0.0 };
        if share == 0.0 || low == high {
            return low;
        }
        let step = high - low;
        match share {
            1.0 => high,
            // Numbers too far apart for one, or one that is infinite: so is then what lies between.
            _ if !step.is_finite() => low * (1.0 - share) + high * share,
            0.5.. => high - step * (1.0 - share),
            _ => low + step * share,
        }
    }

    /// The quantile of elements in any order, of which none is NaN.
    fn of<T: Ordered + Averageable<Wide = f64>>(self, elements: &mut [T], q: f64) -> f64 {
        let n = elements.len() as u64;
        if n == 0 {
            return f64::NAN;
        }
        let low = usize::try_from(self.ranks(n, q)[0]).map_or(0, |low| low.min(elements.len() - 1));
        let (_, at, after) = elements.select_nth_unstable_by(low, order);
        let at = at.wide();
        // Beyond the last there is no neighbour.
        let next = after.iter().min_by(|a, b| order(*a, *b)).map_or(at, |next| next.wide());
        self.between(n, q, at, next)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a place is within an array"
)]
fn to_u64(place: f64) -> u64 {
    place as u64
}

/// How many bytes of all elements are in memory at once for their quantile.
const FEW: usize = 16 << 20;

/// In which argument quantiles are given, and as parts of what.
#[derive(Debug, Clone, Copy)]
pub(super) enum Given {
    /// In `q`, as a share.
    Q,
    /// In `qs`, as shares.
    Qs,
    /// In `p`, in hundredths.
    P,
}

impl Given {
    /// What all of them are.
    fn whole(self) -> f64 {
        match self {
            Self::Q | Self::Qs => 1.0,
            Self::P => 100.0,
        }
    }
}

/// Some quantiles of lanes.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) name: &'static str,
    pub(super) given: Given,
    /// As they were given.
    pub(super) values: Vec<f64>,
    pub(super) method: QuantileMethod,
    pub(super) skips_nan: bool,
}

impl Wanted {
    fn check(&self) -> Result<()> {
        let is_outside = |value: &&f64| !(0.0..=self.given.whole()).contains(*value);
        let Some(&value) = self.values.iter().find(is_outside) else { return Ok(()) };
        let sentence = match self.given {
            Given::Q => format!("argument `q` is {value}, but a quantile is from 0 to 1"),
            Given::Qs => format!("argument `qs` has {value}, but a quantile is from 0 to 1"),
            Given::P => format!("argument `p` is {value}, but a percentile is from 0 to 100"),
        };
        Err(Error::new(ErrorKind::Value, sentence))
    }

    /// As shares.
    fn qs(&self) -> impl Iterator<Item = f64> + '_ {
        self.values.iter().map(|value| value / self.given.whole())
    }

    fn make<T: Ordered + Averageable<Wide = f64>>(&self, lane: &[T], out: &mut [T::Mean]) {
        let has_nan = lane.iter().any(|&x| is_nan(x));
        if has_nan && !self.skips_nan {
            out.fill(T::mean_of(f64::NAN, 1));
            return;
        }
        let mut elements: Vec<T> = lane.iter().copied().filter(|&x| !is_nan(x)).collect();
        for (out, q) in out.iter_mut().zip(self.qs()) {
            *out = T::mean_of(self.method.of(&mut elements, q), 1);
        }
    }
}

impl<T: Ordered + Averageable<Wide = f64>, D: Dimension> Array<T, D> {
    /// Quantiles of lanes, instead of them.
    #[track_caller]
    fn wanted(&self, axis: usize, wanted: Wanted) -> Array<T::Mean, D> {
        self.of_each_lane(axis, |len| {
            wanted.check()?;
            let bits: Vec<u64> = wanted.qs().map(f64::to_bits).collect();
            Ok(OfLanes {
                name: wanted.name,
                key: Identity::of((bits, wanted.method, wanted.skips_nan)),
                len: wanted.values.len(),
                scratch: len.saturating_mul(size_of::<T>()),
                function: one(move |lane: &[T], out: &mut [T::Mean]| {
                    wanted.make(lane, out);
                    Ok(())
                }),
            })
        })
    }

    /// The quantile of all elements: they are in memory if they are few, and else read once for each of their digits.
    #[track_caller]
    fn wanted_of_all(&self, wanted: Wanted, origin: Origin) -> Array<T::Mean, Ix0> {
        if self.bytes() <= FEW {
            return Array::of(self.ravel().wanted(0, wanted).index_axis(0, 0).node);
        }
        Array::or_invalid(origin, || {
            self.check()?;
            wanted.check()?;
            match wanted.qs().next() {
                Some(q) => selected(self, &wanted, q, origin),
                None => unreachable!("one quantile is wanted of all elements"),
            }
        })
    }

    /// Several quantiles along an axis, as [`quantile_axis`](Self::quantile_axis): each is an index of a new first axis.
    ///
    /// ```
    /// use tenfold_array::{Array, QuantileMethod, ndarray::array};
    ///
    /// let x = Array::from_ndarray(array![[1, 10], [2, 20], [3, 30]], 2);
    /// let ends = x.quantiles_axis(0, &[0.0, 1.0], QuantileMethod::Linear);
    /// assert_eq!(ends.compute()?, array![[1.0, 10.0], [3.0, 30.0]].into_dyn());
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn quantiles_axis(
        &self,
        axis: usize,
        qs: &[f64],
        method: QuantileMethod,
    ) -> Array<T::Mean, IxDyn> {
        let (given, values) = (Given::Qs, qs.to_vec());
        let wanted = Wanted { name: "quantile", given, values, method, skips_nan: false };
        self.wanted(axis, wanted).into_dyn().move_axis(axis, 0)
    }
}

macro_rules! quantiles {
    (
        $name:ident $axis:ident ($($arg:ident: $A:ty),*), $given:ident $value:expr, $method:expr, $skips:literal,
        $what:literal $(, $more:literal)*
    ) => {
        #[doc = concat!($what, " of all elements.")]
        $(#[doc = ""] #[doc = $more])*
        #[track_caller]
        #[must_use]
        pub fn $name(&self, $($arg: $A),*) -> Array<T::Mean, Ix0> {
            let wanted = Wanted {
                name: stringify!($name),
                given: Given::$given,
                values: vec![$value],
                method: $method,
                skips_nan: $skips,
            };
            self.wanted_of_all(wanted, Location::caller())
        }

        #[doc = concat!($what, " along an axis, which the result does not have.")]
        #[doc = concat!("[`", stringify!($name), "`](Self::", stringify!($name), ") says more.")]
        #[track_caller]
        #[must_use]
        pub fn $axis(&self, axis: usize, $($arg: $A),*) -> Array<T::Mean, D::Smaller>
        where
            D: RemoveAxis,
        {
            let wanted = Wanted {
                name: stringify!($name),
                given: Given::$given,
                values: vec![$value],
                method: $method,
                skips_nan: $skips,
            };
            self.wanted(axis, wanted).index_axis(axis, 0)
        }
    };
}

impl<T: Ordered + Averageable<Wide = f64>, D: Dimension> Array<T, D> {
    quantiles!(median median_axis (), Q 0.5, QuantileMethod::Linear, false, "The median",
        "It is the element in the middle of them in order, or the mean of both that are; NaN if there is one, or none at all. \
         Along an axis a lane is in memory as a whole; what does not fit is refused by a plan. All elements of a large array are \
         read once for each digit of 13 bits: five times for `f64`.",
        "```\nuse tenfold_array::Array;\n\nlet x = Array::arange(0..10_i64, 4);\n\
         assert_eq!(x.median().compute()?.into_scalar(), 4.5);\n# Ok::<(), tenfold_array::Error>(())\n```");
    quantiles!(nanmedian nanmedian_axis (), Q 0.5, QuantileMethod::Linear, true, "The median, NaN left out,",
        "It is NaN if there is nothing else.");
    quantiles!(quantile quantile_axis (q: f64, method: QuantileMethod), Q q, method, false, "The quantile",
        "It is what a share of `q` of them, from 0 to 1, is not above; NaN if there is one. It takes as much \
         as [`median`](Self::median).",
        "```\nuse tenfold_array::{Array, QuantileMethod};\n\nlet x = Array::arange(0..5_i64, 2);\n\
         assert_eq!(x.quantile(0.3, QuantileMethod::Linear).compute()?.into_scalar(), 1.2);\n\
         assert_eq!(x.quantile(0.3, QuantileMethod::Lower).compute()?.into_scalar(), 1.0);\n\
         let error = x.quantile(30.0, QuantileMethod::Linear).compute().unwrap_err();\n\
         assert!(error.to_string().starts_with(\"argument `q` is 30, but a quantile is from 0 to 1\"));\n\
         # Ok::<(), tenfold_array::Error>(())\n```");
    quantiles!(nanquantile nanquantile_axis (q: f64, method: QuantileMethod), Q q, method, true,
        "The quantile, NaN left out,", "It is NaN if there is nothing else.");
    quantiles!(percentile percentile_axis (p: f64, method: QuantileMethod), P p, method, false, "The percentile",
        "It is the [`quantile`](Self::quantile) of `p` hundredths.");
    quantiles!(nanpercentile nanpercentile_axis (p: f64, method: QuantileMethod), P p, method, true,
        "The percentile, NaN left out,", "It is the [`nanquantile`](Self::nanquantile) of `p` hundredths.");
}
