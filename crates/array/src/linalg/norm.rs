//! Norms of vectors and matrices.

use std::panic::Location;

use ndarray::{Dimension, Ix0, Ix1, Ix2};

use super::kernel::Linear;
use crate::array::Array;
use crate::error::{Error, ErrorKind};

/// Which norm, by the argument `ord` of `numpy.linalg.norm`.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum NormOrd {
    /// The root of the sum of squares, of arrays of any number of axes. NumPy's `None`, and `'fro'` of matrices.
    Euclidean,
    /// `(sum_i |x_i|^p)^(1/p)`, of a vector: 0 counts what is not 0. Of a matrix 1 and -1 are the largest and
    /// the smallest sum of sizes along a column, 2 and -2 the largest and the smallest singular value.
    P(f64),
    /// The largest size of a vector, or sum of sizes along a row of a matrix.
    Infinity,
    /// The smallest of them.
    NegativeInfinity,
    /// The sum of the singular values of a matrix.
    Nuclear,
}

impl<T: Linear, D: Dimension> Array<T, D> {
    /// The norm of this array as a whole. That of squares is [`norm`](Self::norm).
    ///
    /// # Determinism
    /// As sums and [`svd`](Array::svd): the same bits for any number of threads and any cap, but not for other chunks.
    ///
    /// # Errors
    /// [`ErrorKind::Axis`] if the array has not the number of axes that there is such a norm of, [`ErrorKind::Value`] if
    /// there is none of a matrix, [`ErrorKind::Empty`] if there are no elements for one that is a largest or a smallest.
    ///
    /// ```
    /// use tenfold_array::{Array, NormOrd, ndarray::array};
    ///
    /// let x = Array::from_ndarray(array![[3.0, -4.0], [0.0, 0.0]], 1);
    /// assert_eq!(x.norm_by(NormOrd::Euclidean).compute()?.into_scalar(), 5.0);
    /// assert_eq!(x.norm_by(NormOrd::Infinity).compute()?.into_scalar(), 7.0);
    /// assert_eq!(x.row(0).norm_by(NormOrd::P(1.0)).compute()?.into_scalar(), 7.0);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn norm_by(&self, ord: NormOrd) -> Array<T, Ix0> {
        let origin = Location::caller();
        Array::or_invalid(origin, || {
            self.check()?;
            let ord = match ord {
                NormOrd::P(f64::INFINITY) => NormOrd::Infinity,
                NormOrd::P(f64::NEG_INFINITY) => NormOrd::NegativeInfinity,
                ord => ord,
            };
            match (ord, self.ndim()) {
                (_, 1) => of_vector(&Array::of(self.node.clone()), ord),
                (_, 2) => of_matrix(&Array::of(self.node.clone()), ord),
                (NormOrd::Euclidean, _) => Ok(self.square().sum().sqrt()),
                (_, ndim) => {
                    let sentence = format!(
                        "argument `ord` of `norm_by` is {ord:?}, which is of 1 or 2 axes, but the array has {ndim}"
                    );
                    Err(Error::new(ErrorKind::Axis, sentence))
                }
            }
        })
    }
}

fn none(ord: NormOrd, of: &str) -> Error {
    Error::new(
        ErrorKind::Value,
        format!("argument `ord` of `norm_by` is {ord:?}, which is none of a {of}"),
    )
}

#[track_caller]
fn of_vector<T: Linear>(x: &Array<T, Ix1>, ord: NormOrd) -> Result<Array<T, Ix0>, Error> {
    Ok(match ord {
        NormOrd::Euclidean | NormOrd::P(2.0) => x.square().sum().sqrt(),
        NormOrd::Infinity => x.abs().max(),
        NormOrd::NegativeInfinity => x.abs().min(),
        NormOrd::Nuclear => return Err(none(ord, "vector")),
        NormOrd::P(0.0) => x.map(|x| T::of(if x == T::default() { 0.0 } else { 1.0 })).sum(),
        NormOrd::P(1.0) => x.abs().sum(),
        NormOrd::P(p) => x.abs().powf(T::of(p)).sum().powf(T::of(1.0 / p)),
    })
}

#[track_caller]
fn of_matrix<T: Linear>(x: &Array<T, Ix2>, ord: NormOrd) -> Result<Array<T, Ix0>, Error> {
    Ok(match ord {
        NormOrd::Euclidean => x.square().sum().sqrt(),
        NormOrd::Infinity => x.abs().sum_axis(1).max(),
        NormOrd::NegativeInfinity => x.abs().sum_axis(1).min(),
        NormOrd::Nuclear => x.svd().s.sum(),
        NormOrd::P(1.0) => x.abs().sum_axis(0).max(),
        NormOrd::P(-1.0) => x.abs().sum_axis(0).min(),
        NormOrd::P(2.0) => x.svd().s.max(),
        NormOrd::P(-2.0) => x.svd().s.min(),
        NormOrd::P(_) => return Err(none(ord, "matrix")),
    })
}
