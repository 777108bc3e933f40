//! Which frequencies are where in a spectrum.

use std::panic::Location;

use ndarray::{Dimension, Ix1};

use crate::array::Array;
use crate::cut::IntoChunks;
use crate::element::Element;
use crate::error::{Error, ErrorKind};

impl<T: Element, D: Dimension> Array<T, D> {
    /// With the frequency 0 in the middle of some axes of a spectrum, rather than in front.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let frequencies = Array::fftfreq(5, 0.2, 2);
    /// assert_eq!(frequencies.fftshift(&[0]).compute()?, array![-2.0, -1.0, 0.0, 1.0, 2.0]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn fftshift(&self, axes: &[usize]) -> Self {
        self.shifted(axes, |len| (len / 2).cast_signed())
    }

    /// The inverse of [`fftshift`](Self::fftshift).
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::arange(0..5, 2);
    /// assert_eq!(x.ifftshift(&[0]).compute()?, array![2, 3, 4, 0, 1]);
    /// assert_eq!(x.ifftshift(&[0]).fftshift(&[0]).compute()?, x.compute()?);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn ifftshift(&self, axes: &[usize]) -> Self {
        self.shifted(axes, |len| -(len / 2).cast_signed())
    }

    #[track_caller]
    fn shifted(&self, axes: &[usize], by: fn(usize) -> isize) -> Self {
        let origin = Location::caller();
        Self::or_invalid(origin, || {
            self.check()?;
            self.checked_axes(axes)?;
            let shape = self.shape();
            Ok(axes.iter().fold(self.clone(), |x, &axis| x.roll(axis, by(shape[axis]))))
        })
    }
}

impl Array<f64, Ix1> {
    /// The frequencies of the results of [`fft`](Self::fft) of `n` points that are `spacing` apart.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// assert_eq!(Array::fftfreq(4, 0.25, 2).compute()?, array![0.0, 1.0, -2.0, -1.0]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn fftfreq(n: usize, spacing: f64, chunks: impl IntoChunks) -> Self {
        frequencies("fftfreq", n, [n, n.div_ceil(2)], spacing, chunks)
    }

    /// The frequencies of the results of [`rfft`](Self::rfft) of `n` points that are `spacing` apart.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// assert_eq!(Array::rfftfreq(4, 0.25, 2).compute()?, array![0.0, 1.0, 2.0]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn rfftfreq(n: usize, spacing: f64, chunks: impl IntoChunks) -> Self {
        frequencies("rfftfreq", n, [n / 2 + 1; 2], spacing, chunks)
    }
}

/// The first `len` frequencies of `n`, which are negative behind the first `positive`.
#[track_caller]
#[expect(clippy::cast_precision_loss, reason = "as exact as the type is")]
fn frequencies(
    name: &str,
    n: usize,
    [len, positive]: [usize; 2],
    spacing: f64,
    chunks: impl IntoChunks,
) -> Array<f64, Ix1> {
    if n == 0 || spacing == 0.0 {
        let sentence = format!(
            "arguments `n` and `spacing` of `{name}` are {n} and {spacing}, but there are frequencies if neither is 0"
        );
        return Array::invalid(Error::new(ErrorKind::Value, sentence), Location::caller());
    }
    let step = 1.0 / (n as f64 * spacing);
    Array::from_fn([len], chunks, move |index| match index[0] < positive {
        true => index[0] as f64 * step,
        false => -((n - index[0]) as f64) * step,
    })
}
