//! Fourier transforms along axes.

mod frequencies;
mod plans;

use std::panic::Location;

use ndarray::Dimension;

pub use self::plans::{Fourier, FourierReal};
use self::plans::{Transform, work};
use super::lanes::{OfLanes, of_lanes};
use crate::array::Array;
use crate::block::lanes::LanesFunction;
use crate::chunks::{AxisChunks, Chunks};
use crate::element::Element;
use crate::error::{Error, ErrorKind, Result};
use crate::hash::Identity;
use crate::node::Origin;

/// Which of a pair of Fourier transforms is divided by what, as the argument `norm` of NumPy: `n` is the number of points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum FftNorm {
    /// The inverse one, by `n`.
    #[default]
    Backward,
    /// Both, by the square root of `n`.
    Ortho,
    /// The forward one, by `n`.
    Forward,
}

impl FftNorm {
    /// What the results of a transform of `n` points are multiplied by.
    #[expect(clippy::cast_precision_loss, reason = "as exact as the type is")]
    fn scale(self, n: usize, inverse: bool) -> f64 {
        match (self, inverse) {
            (Self::Backward, false) | (Self::Forward, true) => 1.0,
            (Self::Ortho, _) => 1.0 / (n as f64).sqrt(),
            (Self::Backward, true) | (Self::Forward, false) => 1.0 / n as f64,
        }
    }
}

/// What tells a transform from others.
#[derive(Clone, Copy)]
struct Sort {
    name: &'static str,
    inverse: bool,
    /// Whether what goes in, of a transform to real numbers, or comes out, of one of them, is conjugated.
    conjugate: bool,
}

/// Transforms go over whole lanes: one that is cut into chunks is gathered, for as many lanes at a time as there are in
/// about 16 MiB, or as the memory cap has room for. Each lane is transformed by itself, by a plan of rustfft for its
/// length, so that results have the same bits for any chunks, any number of threads and any memory cap.
///
/// `n` is how many points a lane is cut to, or filled up to with zeros; `None` takes what there is.
impl<T: Fourier, D: Dimension> Array<T, D> {
    /// The discrete Fourier transform along an axis: `sum_j x[j] exp(-2 pi i j k / n)` for `k` from 0 to below `n`.
    ///
    /// # Errors
    /// [`ErrorKind::Axis`] if there is no such axis, [`ErrorKind::Value`] if there would be no points.
    ///
    /// ```
    /// use num_complex::Complex64;
    /// use tenfold_array::{Array, FftNorm, ndarray::array};
    ///
    /// let x = Array::from_ndarray(array![1.0, 0.0, -1.0, 0.0], 2);
    /// let spectrum = x.fft(0, None, FftNorm::Backward);
    /// assert_eq!(spectrum.compute()?, array![0.0, 2.0, 0.0, 2.0].mapv(Complex64::from));
    /// let error = x.fft(0, 0, FftNorm::Backward).compute().unwrap_err();
    /// assert!(error.to_string().starts_with("argument `n` of `fft` is 0, but a transform has at least 1 point"));
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn fft(
        &self,
        axis: usize,
        n: impl Into<Option<usize>>,
        norm: FftNorm,
    ) -> Array<T::Complex, D> {
        self.fft_at((axis, n.into()), norm, Location::caller())
    }

    fn fft_at(&self, along: Along, norm: FftNorm, origin: Origin) -> Array<T::Complex, D> {
        let sort = Sort { name: "fft", inverse: false, conjugate: false };
        self.transformed(sort, along, norm, origin, |n| n, |len| len, T::to_complex)
    }

    /// The inverse of [`fft`](Self::fft): `sum_k x[k] exp(2 pi i j k / n) / n`.
    ///
    /// ```
    /// use tenfold_array::{Array, FftNorm};
    ///
    /// let x = Array::arange(0.0..12.0_f64, 5);
    /// let back = x.fft(0, None, FftNorm::Ortho).ifft(0, None, FftNorm::Ortho);
    /// assert!((&back.real() - &x).abs().max().compute()?.into_scalar() < 1e-14);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn ifft(
        &self,
        axis: usize,
        n: impl Into<Option<usize>>,
        norm: FftNorm,
    ) -> Array<T::Complex, D> {
        self.ifft_at((axis, n.into()), norm, Location::caller())
    }

    fn ifft_at(&self, along: Along, norm: FftNorm, origin: Origin) -> Array<T::Complex, D> {
        let sort = Sort { name: "ifft", inverse: true, conjugate: false };
        self.transformed(sort, along, norm, origin, |n| n, |len| len, T::to_complex)
    }

    /// The inverse of [`rfft`](Array::rfft): real numbers of the first half of a spectrum, `n / 2 + 1` of `n`. What is
    /// imaginary of the first of them, and of the last if `n` is even, is taken as 0. Without `n` there are
    /// `2 * (len - 1)` points.
    ///
    /// ```
    /// use tenfold_array::{Array, FftNorm, ndarray::array};
    ///
    /// let x = Array::from_ndarray(array![4.0, 0.0, 4.0], 2);
    /// assert_eq!(x.irfft(0, None, FftNorm::Backward).compute()?, array![2.0, 0.0, 2.0, 0.0]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn irfft(
        &self,
        axis: usize,
        n: impl Into<Option<usize>>,
        norm: FftNorm,
    ) -> Array<T::Real, D> {
        self.irfft_at((axis, n.into()), norm, Location::caller())
    }

    fn irfft_at(&self, along: Along, norm: FftNorm, origin: Origin) -> Array<T::Real, D> {
        let sort = Sort { name: "irfft", inverse: true, conjugate: false };
        self.transformed(sort, along, norm, origin, |n| n, whole, T::to_real)
    }

    /// The transform of what has Hermitian symmetry, which is real, of the first half of it: without `n` of
    /// `2 * (len - 1)` points.
    ///
    /// ```
    /// use tenfold_array::{Array, FftNorm, ndarray::array};
    ///
    /// let x = Array::from_ndarray(array![1.0, 2.0, 1.0], 2);
    /// assert_eq!(x.hfft(0, None, FftNorm::Backward).compute()?, array![6.0, 0.0, -2.0, 0.0]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn hfft(
        &self,
        axis: usize,
        n: impl Into<Option<usize>>,
        norm: FftNorm,
    ) -> Array<T::Real, D> {
        let sort = Sort { name: "hfft", inverse: false, conjugate: true };
        self.transformed(sort, (axis, n.into()), norm, Location::caller(), |n| n, whole, T::to_real)
    }

    /// [`fft`](Self::fft) along several axes, the last of them first. `lens` has an `n` for each of them, or is empty.
    /// What is between is held, or put aside on disk if memory is short.
    ///
    /// # Errors
    /// As [`fft`](Self::fft); [`ErrorKind::Axis`] if `axes` is empty, [`ErrorKind::Value`] if `lens` is of another
    /// length.
    ///
    /// ```
    /// use tenfold_array::{Array, FftNorm};
    ///
    /// let x = Array::<f64, _>::ones([4, 8, 3], 2);
    /// let spectrum = x.fftn(&[0, 1], &[], FftNorm::Forward).real();
    /// assert_eq!(spectrum.sum().compute()?.into_scalar(), 3.0);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn fftn(&self, axes: &[usize], lens: &[usize], norm: FftNorm) -> Array<T::Complex, D> {
        let origin = Location::caller();
        Array::or_invalid(origin, || {
            let (last, rest) = self.split_last("fftn", axes, lens)?;
            let first = self.fft_at(last, norm, origin);
            let rest = rest.into_iter().rev();
            Ok(self.then(last.0, first, rest, |x, along| x.fft_at(along, norm, origin)))
        })
    }

    /// [`ifft`](Self::ifft) along several axes, as [`fftn`](Self::fftn).
    #[track_caller]
    #[must_use]
    pub fn ifftn(&self, axes: &[usize], lens: &[usize], norm: FftNorm) -> Array<T::Complex, D> {
        let origin = Location::caller();
        Array::or_invalid(origin, || {
            let (last, rest) = self.split_last("ifftn", axes, lens)?;
            let first = self.ifft_at(last, norm, origin);
            let rest = rest.into_iter().rev();
            Ok(self.then(last.0, first, rest, |x, along| x.ifft_at(along, norm, origin)))
        })
    }

    /// [`ifft`](Self::ifft) along several axes, and [`irfft`](Self::irfft) along the last of them.
    #[track_caller]
    #[must_use]
    pub fn irfftn(&self, axes: &[usize], lens: &[usize], norm: FftNorm) -> Array<T::Real, D> {
        let origin = Location::caller();
        Array::or_invalid(origin, || {
            let (last, rest) = self.split_last("irfftn", axes, lens)?;
            let mut rest = rest.into_iter();
            let Some((axis, n)) = rest.next() else {
                return Ok(self.irfft_at(last, norm, origin));
            };
            let before = rest.as_slice().last().map_or(axis, |&(axis, _)| axis);
            let x = self.ifft_at((axis, n), norm, origin);
            let x = self.then(axis, x, rest, |x, along| x.ifft_at(along, norm, origin));
            Ok(self.cut_again(&x, before).irfft_at(last, norm, origin))
        })
    }

    /// [`fftn`](Self::fftn) along the last two axes.
    ///
    /// ```
    /// use tenfold_array::{Array, FftNorm, ndarray::array};
    ///
    /// let x = Array::from_ndarray(array![[1.0, 2.0], [3.0, 4.0]], 1);
    /// let spectrum = x.fft2(&[], FftNorm::Backward).real();
    /// assert_eq!(spectrum.compute()?, array![[10.0, -2.0], [-4.0, 0.0]]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn fft2(&self, lens: &[usize], norm: FftNorm) -> Array<T::Complex, D> {
        self.fftn(&last_two(self.ndim()), lens, norm)
    }

    /// [`ifftn`](Self::ifftn) along the last two axes.
    #[track_caller]
    #[must_use]
    pub fn ifft2(&self, lens: &[usize], norm: FftNorm) -> Array<T::Complex, D> {
        self.ifftn(&last_two(self.ndim()), lens, norm)
    }

    /// [`irfftn`](Self::irfftn) along the last two axes.
    #[track_caller]
    #[must_use]
    pub fn irfft2(&self, lens: &[usize], norm: FftNorm) -> Array<T::Real, D> {
        self.irfftn(&last_two(self.ndim()), lens, norm)
    }
}

impl<T: FourierReal, D: Dimension> Array<T, D> {
    /// [`fft`](Self::fft) of real numbers: the first `n / 2 + 1` of its results, of which the others are the conjugates,
    /// in about half the time.
    ///
    /// ```
    /// use tenfold_array::{Array, FftNorm, ndarray::array};
    ///
    /// let x = Array::from_ndarray(array![1.0_f64, 2.0, 1.0, 0.0], 3);
    /// let spectrum = x.rfft(0, None, FftNorm::Backward).compute()?;
    /// assert_eq!(spectrum.mapv(|z| (z.re, z.im)), array![(4.0, 0.0), (0.0, -2.0), (0.0, 0.0)]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn rfft(
        &self,
        axis: usize,
        n: impl Into<Option<usize>>,
        norm: FftNorm,
    ) -> Array<T::Complex, D> {
        self.rfft_at((axis, n.into()), norm, Location::caller())
    }

    fn rfft_at(&self, along: Along, norm: FftNorm, origin: Origin) -> Array<T::Complex, D> {
        let sort = Sort { name: "rfft", inverse: false, conjugate: false };
        self.transformed(sort, along, norm, origin, half, |len| len, T::half_complex)
    }

    /// The inverse of [`hfft`](Self::hfft): the first half of what has Hermitian symmetry, of real numbers.
    ///
    /// ```
    /// use tenfold_array::{Array, FftNorm, ndarray::array};
    ///
    /// let x = Array::from_ndarray(array![6.0, 0.0, -2.0, 0.0], 3);
    /// let first = x.ihfft(0, None, FftNorm::Backward).real();
    /// assert_eq!(first.compute()?, array![1.0, 2.0, 1.0]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn ihfft(
        &self,
        axis: usize,
        n: impl Into<Option<usize>>,
        norm: FftNorm,
    ) -> Array<T::Complex, D> {
        let sort = Sort { name: "ihfft", inverse: true, conjugate: true };
        self.transformed(
            sort,
            (axis, n.into()),
            norm,
            Location::caller(),
            half,
            |len| len,
            T::half_complex,
        )
    }

    /// [`rfft`](Self::rfft) along the last of several axes, and then [`fft`](Self::fft) along the others, the last of them
    /// first.
    #[track_caller]
    #[must_use]
    pub fn rfftn(&self, axes: &[usize], lens: &[usize], norm: FftNorm) -> Array<T::Complex, D> {
        let origin = Location::caller();
        Array::or_invalid(origin, || {
            let (last, rest) = self.split_last("rfftn", axes, lens)?;
            let first = self.rfft_at(last, norm, origin);
            let rest = rest.into_iter().rev();
            Ok(self.then(last.0, first, rest, |x, along| x.fft_at(along, norm, origin)))
        })
    }

    /// [`rfftn`](Self::rfftn) along the last two axes.
    #[track_caller]
    #[must_use]
    pub fn rfft2(&self, lens: &[usize], norm: FftNorm) -> Array<T::Complex, D> {
        self.rfftn(&last_two(self.ndim()), lens, norm)
    }
}

/// An axis, and how many points it is transformed with.
type Along = (usize, Option<usize>);

impl<T: Fourier, D: Dimension> Array<T, D> {
    /// The last of some axes and the others, each with what `lens` has for it.
    fn split_last(
        &self,
        name: &str,
        axes: &[usize],
        lens: &[usize],
    ) -> Result<(Along, Vec<Along>)> {
        self.check()?;
        self.checked_axes(axes)?;
        if !lens.is_empty() && lens.len() != axes.len() {
            let sentence = format!(
                "argument `lens` of `{name}` has {} lengths, but argument `axes` {} axes",
                lens.len(),
                axes.len()
            );
            return Err(Error::new(ErrorKind::Value, sentence));
        }
        let all = axes.iter().enumerate().map(|(at, &axis)| (axis, lens.get(at).copied()));
        let mut all: Vec<Along> = all.collect();
        let last = all.pop().ok_or_else(|| {
            Error::new(ErrorKind::Axis, format!("argument `axes` of `{name}` names no axis"))
        })?;
        Ok((last, all))
    }

    /// One transform after another, of what one along an axis has made.
    fn then<C: Fourier>(
        &self,
        axis: usize,
        first: Array<C, D>,
        rest: impl Iterator<Item = Along>,
        transform: impl Fn(Array<C, D>, Along) -> Array<C, D>,
    ) -> Array<C, D> {
        let (x, _) = rest.fold((first, axis), |(x, before), along| {
            (transform(self.cut_again(&x, before), along), along.0)
        });
        x
    }

    /// A transform in chunks along its axis again, as this array: by themselves its lanes are whole, and so many
    /// are not to be gathered for the next. It is held between both anyway.
    #[track_caller]
    fn cut_again<C: Element>(&self, transform: &Array<C, D>, axis: usize) -> Array<C, D> {
        if transform.check().is_err() {
            return transform.clone();
        }
        let mut axes = transform.chunks().axes().to_vec();
        let size = self.chunks().axis(axis).largest();
        match AxisChunks::even(axes[axis].len(), size.max(1)) {
            Ok(cut) if self.chunks().axis(axis).count() > 1 => {
                axes[axis] = cut;
                transform.rechunk(Chunks::new(axes))
            }
            _ => transform.clone(),
        }
    }

    /// A transform of each lane: `out` says how many results `n` points have, `points` how many points a lane has by
    /// itself.
    #[track_caller]
    #[expect(clippy::too_many_arguments, reason = "what transforms differ in")]
    fn transformed<R: Element>(
        &self,
        sort: Sort,
        (axis, n): Along,
        norm: FftNorm,
        origin: Origin,
        out: fn(usize) -> usize,
        points: fn(usize) -> usize,
        function: fn(Transform) -> Box<LanesFunction>,
    ) -> Array<R, D> {
        let Sort { name, inverse, conjugate } = sort;
        Array::or_invalid(origin, || {
            let node = self.with_last(axis)?;
            let len = self.shape()[axis];
            let n = n.unwrap_or_else(|| points(len));
            if n == 0 {
                let sentence = format!(
                    "argument `n` of `{name}` is 0, but a transform has at least 1 point: axis {axis} has {len} elements"
                );
                return Err(Error::new(ErrorKind::Value, sentence));
            }
            let scale = norm.scale(n, inverse);
            let of = OfLanes {
                name,
                key: Identity::of((n, scale.to_bits())),
                len: out(n),
                scratch: work(n).saturating_mul(T::Complex::DTYPE.bytes()),
                function: function(Transform { n, inverse, conjugate, scale }),
            };
            Ok(of_lanes::<R, D>(&[node], of, origin)?.with_last_at(axis))
        })
    }
}

/// How many of the `n` points of a spectrum of real numbers there are, without the conjugates of others.
fn half(n: usize) -> usize {
    n / 2 + 1
}

/// How many points a spectrum has of which a half has `len`.
fn whole(len: usize) -> usize {
    len.saturating_sub(1).saturating_mul(2)
}

/// The last two of `ndim` axes. An array that has fewer is told so.
fn last_two(ndim: usize) -> [usize; 2] {
    match ndim {
        0 | 1 => [0, 1],
        _ => [ndim - 2, ndim - 1],
    }
}
