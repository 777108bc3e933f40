//! How variables change together.

use std::panic::Location;

use ndarray::Ix2;

use super::{Number, Real};
use crate::array::Array;
use crate::error::{Error, ErrorKind};

impl<T: Real + Number> Array<T, Ix2> {
    /// The covariances of variables, which are rows, and whose observations are columns: divided by the number of
    /// observations less `ddof`, which NumPy takes as 1 if nobody says otherwise.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::from_ndarray(array![[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]], 2);
    /// assert_eq!(x.cov(1.0).compute()?, array![[1.0, -1.0], [-1.0, 1.0]]);
    /// assert_eq!(x.corrcoef().compute()?, array![[1.0, -1.0], [-1.0, 1.0]]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn cov(&self, ddof: f64) -> Self {
        let origin = Location::caller();
        if !ddof.is_finite() {
            let sentence = format!("argument `ddof` is {ddof}, but must be finite");
            return Self::invalid(Error::new(ErrorKind::Value, sentence), origin);
        }
        #[expect(
            clippy::cast_precision_loss,
            reason = "more than 2^53 observations would take years"
        )]
        let observations = self.shape().get(1).map_or(0, |len| *len) as f64;
        let anomaly = self - &self.mean_axis(1).insert_axis(1);
        anomaly.dot(&anomaly.t()) / T::narrow((observations - ddof).max(0.0))
    }

    /// The correlation coefficients of variables, which are rows: their [covariances](Self::cov) divided by their
    /// deviations, from -1 to 1.
    #[track_caller]
    #[must_use]
    pub fn corrcoef(&self) -> Self {
        let cov = self.cov(1.0);
        let deviations = cov.diagonal().sqrt();
        let (one, minus_one) = (T::narrow(1.0), T::narrow(-1.0));
        (&cov / &deviations.insert_axis(1) / &deviations).clip(minus_one, one)
    }
}
