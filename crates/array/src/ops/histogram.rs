//! How often there is what.

use std::panic::Location;

use ndarray::{Dimension, Ix1, Ix2, IxDyn};
use num_complex::Complex64;

use super::broadcast::common_shape;
use super::{Bits, CastFrom, is_nan};
use crate::array::Array;
use crate::error::{Error, ErrorKind, Result};
use crate::hash::Identity;
use crate::node::Origin;
use crate::reduce::{self, Averageable};

/// The bins of a histogram: from each edge to below the next, and the last one with its upper edge, as in NumPy.
///
/// ```
/// use tenfold_array::Bins;
///
/// assert_eq!(Bins::even(2, 0.0..1.0)?.edges(), [0.0, 0.5, 1.0]);
/// assert_eq!(Bins::edged(&[0.0, 1.0, 10.0])?.len(), 2);
/// let error = Bins::edged(&[0.0, 2.0, 1.0]).unwrap_err();
/// assert_eq!(error.to_string(), "argument `edges` has 1 after 2 at number 2, but edges ascend");
/// # Ok::<(), tenfold_array::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Bins {
    edges: Box<[f64]>,
    /// How many bins there are for a unit, if all are as wide.
    each: Option<f64>,
}

impl Bins {
    /// So many bins of one width from one number to another. If both are the same the bins go from half below it to
    /// half above it.
    ///
    /// # Errors
    /// [`ErrorKind::Value`] if there is no bin, or the range ends before it starts or has an end or a width that is not finite;
    /// [`ErrorKind::Memory`] if there is none for the edges.
    pub fn even(bins: usize, range: std::ops::Range<f64>) -> Result<Self> {
        let refuse = |sentence: String| Err(Error::new(ErrorKind::Value, sentence));
        if bins == 0 {
            return refuse("argument `bins` is 0, but there is at least 1 bin".to_owned());
        }
        let (mut start, mut end) = (range.start, range.end);
        if !(start.is_finite() && end.is_finite() && start <= end) {
            return refuse(format!(
                "argument `range` is from {start} to {end}, but must go up from one finite number to another"
            ));
        }
        if start == end {
            (start, end) = (start - 0.5, end + 0.5);
        }
        if !(end - start).is_finite() {
            return refuse(format!(
                "argument `range` is from {start} to {end}, whose width is more than a number can be"
            ));
        }
        let step = (end - start) / to_f64(bins);
        let mut edges = Vec::new();
        edges.try_reserve_exact(bins.saturating_add(1)).map_err(|error| {
            let sentence = format!("argument `bins` is {bins}, for whose edges there is no memory");
            Error::new(ErrorKind::Memory, sentence).because(error)
        })?;
        edges.extend((0..=bins).map(|i| to_f64(i) * step + start));
        edges[bins] = end;
        Ok(Self { edges: edges.into(), each: Some(to_f64(bins) / (end - start)) })
    }

    /// Bins between neighbours of these numbers, which ascend.
    ///
    /// # Errors
    /// [`ErrorKind::Value`] if there are fewer than two of them, or one is less than the one before, or NaN.
    pub fn edged(edges: &[f64]) -> Result<Self> {
        let refuse = |sentence: String| Err(Error::new(ErrorKind::Value, sentence));
        if edges.len() < 2 {
            return refuse(format!(
                "argument `edges` has {} numbers, but a bin has 2 edges",
                edges.len()
            ));
        }
        let falls = |at: &usize| {
            edges[*at].partial_cmp(&edges[*at - 1]).is_none_or(std::cmp::Ordering::is_lt)
        };
        if let Some(at) = (1..edges.len()).find(falls) {
            return refuse(format!(
                "argument `edges` has {} after {} at number {at}, but edges ascend",
                edges[at],
                edges[at - 1]
            ));
        }
        Ok(Self { edges: edges.into(), each: None })
    }

    /// The edges, one more than there are bins.
    #[must_use]
    pub fn edges(&self) -> &[f64] {
        &self.edges
    }

    /// How many bins there are, at least 1.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "there is at least one")]
    pub fn len(&self) -> usize {
        self.edges.len() - 1
    }

    fn key(&self) -> Identity {
        Identity::of(self.edges.iter().map(|edge| edge.to_bits()).collect::<Vec<_>>())
    }

    /// The number of the bin of a number, if it is in one.
    fn bin(&self, x: f64) -> Option<usize> {
        let (first, last, bins) = (self.edges[0], self.edges[self.len()], self.len());
        if !(first <= x && x <= last) {
            return None;
        }
        let Some(each) = self.each else {
            return Some((self.edges.partition_point(|&edge| edge <= x) - 1).min(bins - 1));
        };
        // The quotient may be off by rounding: edges are what counts.
        let mut bin = to_usize((x - first) * each).min(bins - 1);
        while bin > 0 && x < self.edges[bin] {
            bin -= 1;
        }
        while bin + 1 < bins && x >= self.edges[bin + 1] {
            bin += 1;
        }
        Some(bin)
    }

    fn width(&self, bin: usize) -> f64 {
        self.edges[bin + 1] - self.edges[bin]
    }
}

#[expect(clippy::cast_precision_loss, reason = "there are fewer than 2^53 bins")]
fn to_f64(count: usize) -> f64 {
    count as f64
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
fn to_usize(place: f64) -> usize {
    place as usize
}

/// What stands for a bin, or none, in an array of bins.
fn number(bin: Option<usize>) -> i64 {
    bin.map_or(-1, |bin| bin.cast_signed() as i64)
}

impl<D: Dimension> Array<i64, D> {
    /// How many elements there are of each number below a length.
    pub(super) fn counted(
        &self,
        name: &'static str,
        len: usize,
        origin: Origin,
    ) -> Array<i64, Ix1> {
        let axes: Vec<usize> = (0..self.ndim()).collect();
        let fold = reduce::Bins(len);
        Array::or_invalid(origin, || self.folded_into(&axes, name, Identity::of(()), fold, origin))
    }

    /// What the weights of each number below a length come to.
    fn weighed<E: Dimension>(
        &self,
        name: &'static str,
        len: usize,
        weights: &Array<f64, E>,
        origin: Origin,
    ) -> Array<f64, Ix1> {
        Array::or_invalid(origin, || {
            self.check()?;
            weights.check()?;
            let (own, of) = (self.shape(), weights.shape());
            if common_shape(&own, &of).ok().as_deref() != Some(&*own) {
                let (own, of) = (own.as_slice(), of.as_slice());
                let sentence =
                    format!("argument `weights` has the shape {of:?}, but the array {own:?}");
                return Err(Error::new(ErrorKind::Shape, sentence));
            }
            #[expect(clippy::cast_precision_loss, reason = "larger ones are left out anyway")]
            let pair = |bin: i64, weight: f64| Complex64::new(bin as f64, weight);
            let pairs: Array<Complex64, IxDyn> =
                self.binary(weights, "with_weight", Identity::of(()), pair, origin);
            let axes: Vec<usize> = (0..self.ndim()).collect();
            pairs.folded_into(&axes, name, Identity::of(()), reduce::Bins(len), origin)
        })
    }
}

impl<T: Bits, D: Dimension> Array<T, D>
where
    i64: CastFrom<T>,
{
    /// How many elements there are of each whole number below `len`: element `i` of the result says how often there is
    /// `i`. Others are left out. NumPy's result is as long as the greatest number asks for, which is known when it has
    /// been found; `len` is known before.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::from_ndarray(array![1_u8, 3, 1, 7], 2);
    /// assert_eq!(x.bincount(5).compute()?, array![0, 2, 0, 1, 0]);
    /// let weights = Array::from_ndarray(array![0.5, 2.0, 0.25, 1.0], 3);
    /// assert_eq!(x.bincount_weighted(4, &weights).compute()?, array![0.0, 0.75, 0.0, 2.0]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn bincount(&self, len: usize) -> Array<i64, Ix1> {
        self.astype::<i64>().counted("bincount", len, Location::caller())
    }

    /// What the weights of each whole number below `len` come to, as [`bincount`](Self::bincount). Weights are broadcast.
    #[track_caller]
    #[must_use]
    pub fn bincount_weighted<E: Dimension>(
        &self,
        len: usize,
        weights: &Array<f64, E>,
    ) -> Array<f64, Ix1> {
        self.astype::<i64>().weighed("bincount", len, weights, Location::caller())
    }
}

impl<T: Averageable<Wide = f64>, D: Dimension> Array<T, D> {
    /// The number of the bin that each element is in, -1 if it is in none.
    fn binned(&self, bins: &Bins, origin: Origin) -> Array<i64, D> {
        let (key, bins) = (bins.key(), bins.clone());
        self.unary("bin", key, move |x: T| number(bins.bin(x.wide())), origin)
    }

    /// How many elements are in each bin. Those outside of all bins are left out, and so is NaN.
    ///
    /// ```
    /// use tenfold_array::{Array, Bins, ndarray::array};
    ///
    /// let x = Array::from_ndarray(array![0.1, 0.6, 0.5, 1.0, 7.0], 2);
    /// let bins = Bins::even(2, 0.0..1.0)?;
    /// assert_eq!(x.histogram(&bins).compute()?, array![1, 3]);
    /// assert_eq!(x.histogram_density(&bins).compute()?, array![0.5, 1.5]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn histogram(&self, bins: &Bins) -> Array<i64, Ix1> {
        let origin = Location::caller();
        self.binned(bins, origin).counted("histogram", bins.len(), origin)
    }

    /// What the weights of the elements in each bin come to. Weights are broadcast.
    #[track_caller]
    #[must_use]
    pub fn histogram_weighted<E: Dimension>(
        &self,
        bins: &Bins,
        weights: &Array<f64, E>,
    ) -> Array<f64, Ix1> {
        let origin = Location::caller();
        self.binned(bins, origin).weighed("histogram", bins.len(), weights, origin)
    }

    /// The share of the elements in each bin, divided by its width: the sum of what each bin covers is 1. It is NaN if
    /// there is no element in any.
    #[track_caller]
    #[must_use]
    pub fn histogram_density(&self, bins: &Bins) -> Array<f64, Ix1> {
        let counts = self.histogram(bins).astype::<f64>();
        let widths: Vec<f64> = (0..bins.len()).map(|bin| bins.width(bin)).collect();
        let widths = Array::from_ndarray(ndarray::Array1::from(widths), bins.len());
        &counts / &widths / &counts.sum()
    }

    /// How many pairs of an element of this array and of another one are in each pair of bins. The arrays are broadcast.
    ///
    /// ```
    /// use tenfold_array::{Array, Bins, ndarray::array};
    ///
    /// let (x, y) = (Array::from(vec![0.1, 0.6, 0.7]), Array::from(vec![5, 5, 50]));
    /// let bins = [Bins::even(2, 0.0..1.0)?, Bins::edged(&[0.0, 10.0, 100.0])?];
    /// assert_eq!(x.histogram2d(&y, &bins).compute()?, array![[1, 0], [1, 1]]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn histogram2d<U: Averageable<Wide = f64>>(
        &self,
        other: &Array<U, D>,
        bins: &[Bins; 2],
    ) -> Array<i64, Ix2> {
        let origin = Location::caller();
        let [rows, cols] = [bins[0].len(), bins[1].len()];
        let len = cols.cast_signed() as i64;
        let (x, y) = (self.binned(&bins[0], origin), other.binned(&bins[1], origin));
        let both = move |x: i64, y: i64| if x < 0 || y < 0 { -1 } else { x * len + y };
        let both: Array<i64, IxDyn> = x.binary(&y, "bins", Identity::of(len), both, origin);
        both.counted("histogram2d", rows.saturating_mul(cols), origin).reshape([rows, cols])
    }

    /// How many places there are whose elements of several arrays are in the same bins, of which there are some for each:
    /// [`histogram2d`](Self::histogram2d) of any number of arrays.
    ///
    /// ```
    /// use tenfold_array::{Array, Bins, ndarray::array};
    ///
    /// let x = Array::from(vec![0.1, 0.6, 0.7]);
    /// let bins = Bins::even(2, 0.0..1.0)?;
    /// let counts = Array::histogramdd(&[&x, &x, &x], &[bins.clone(), bins.clone(), bins]);
    /// assert_eq!(counts.compute()?, array![[[1, 0], [0, 0]], [[0, 0], [0, 2]]].into_dyn());
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn histogramdd(arrays: &[&Self], bins: &[Bins]) -> Array<i64, IxDyn> {
        let origin = Location::caller();
        let (Some((first, rest)), true) = (arrays.split_first(), arrays.len() == bins.len()) else {
            let sentence = format!(
                "argument `bins` has {} elements, but argument `arrays` {}, and one is needed",
                bins.len(),
                arrays.len()
            );
            return Array::invalid(Error::new(ErrorKind::Shape, sentence), origin);
        };
        let lens: Vec<usize> = bins.iter().map(Bins::len).collect();
        let mut all: Array<i64, IxDyn> = first.binned(&bins[0], origin).into_dyn();
        for (array, bins) in rest.iter().zip(&bins[1..]) {
            let len = bins.len().cast_signed() as i64;
            let both = move |all: i64, at: i64| {
                if all < 0 || at < 0 { -1 } else { all.wrapping_mul(len).wrapping_add(at) }
            };
            all = all.binary(&array.binned(bins, origin), "bins", Identity::of(len), both, origin);
        }
        let count = crate::window::count(&lens);
        all.counted("histogramdd", count, origin).reshape(IxDyn(&lens))
    }

    /// The number of the interval between edges that each element is in: 0 below the first, as many as there are edges
    /// above the last, and for NaN too. An interval has its lower edge, or its upper one if `right` says so; edges ascend or
    /// descend.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::from_ndarray(array![0.2, 6.4, 3.0, 1.0], 2);
    /// assert_eq!(x.digitize(&[0.0, 1.0, 2.5, 4.0], false).compute()?, array![1, 4, 3, 2]);
    /// assert_eq!(x.digitize(&[0.0, 1.0, 2.5, 4.0], true).compute()?, array![1, 4, 3, 1]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn digitize(&self, edges: &[f64], right: bool) -> Array<i64, D> {
        let origin = Location::caller();
        let falls = edges.first() > edges.last();
        let mut ascending = edges.to_vec();
        if falls {
            ascending.reverse();
        }
        let is_sorted = ascending.is_sorted() && !ascending.iter().any(|&edge| is_nan(edge));
        if !is_sorted {
            let sentence = format!("argument `edges` is {edges:?}, but edges ascend or descend");
            return Array::invalid(Error::new(ErrorKind::Value, sentence), origin);
        }
        let bits: Vec<u64> = edges.iter().map(|edge| edge.to_bits()).collect();
        let f = move |x: T| {
            let x = x.wide();
            let is_before = |edge: &f64| if right { *edge < x } else { *edge <= x };
            let place = match is_nan(x) {
                true => ascending.len(),
                false => ascending.partition_point(is_before),
            };
            let place = if falls { ascending.len() - place } else { place };
            number(Some(place))
        };
        self.unary("digitize", Identity::of((bits, right)), f, origin)
    }
}
