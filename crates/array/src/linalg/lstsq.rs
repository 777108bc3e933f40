//! Least squares.

use std::cmp::Ordering;
use std::panic::Location;

use ndarray::{Ix0, Ix1, Ix2, s};
use smallvec::smallvec;

use super::bands::{Bands, Seen};
use super::kernel::{Linear, svd, svd_elements, svd_work};
use super::qr::Tree;
use crate::array::Array;
use crate::chunks::AxisChunks;
use crate::error::{Error, ErrorKind, Result};
use crate::hash::Identity;
use crate::node::Origin;

/// The solution of a problem of least squares.
#[derive(Debug, Clone)]
pub struct Lstsq<T: Linear> {
    /// A column for each of the right-hand side: the shortest of those that come as near.
    pub x: Array<T, Ix2>,
    /// The singular values of the matrix, the largest first.
    pub s: Array<T, Ix1>,
    /// How many of them count.
    pub rank: Array<i64, Ix0>,
}

impl<T: Linear> Array<T, Ix2> {
    /// The `x` for which this array times `x` comes nearest to `b`, column by column: of several the shortest, as
    /// `numpy.linalg.lstsq`. Singular values that are less than `rcond` times the largest count as 0; `None` is
    /// the precision of the numbers times the larger of the array's sides.
    ///
    /// It is for tall arrays: one pass over both, by the triangular factor of them side by side.
    ///
    /// # Determinism
    /// As that of [`qr`](Self::qr): the same bits for any number of threads and any cap, but not for other chunks.
    ///
    /// # Errors
    /// [`ErrorKind::Shape`] if `b` has another number of rows; [`ErrorKind::Value`] if `rcond` is below 0 or NaN.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// // A line through (0, 1), (1, 3) and (2, 5): 1 + 2 t.
    /// let a = Array::from_ndarray(array![[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]], 2);
    /// let b = Array::from_ndarray(array![[1.0], [3.0], [5.0]], 2);
    /// let line = a.lstsq(&b, None);
    /// assert!((line.x.compute()? - array![[1.0], [2.0]]).iter().all(|off: &f64| off.abs() < 1e-13));
    /// assert_eq!(line.rank.compute()?.into_scalar(), 2);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn lstsq(&self, b: &Self, rcond: impl Into<Option<T>>) -> Lstsq<T> {
        let origin = Location::caller();
        self.least_squares(b, rcond.into(), origin).unwrap_or_else(|error| Lstsq {
            x: Array::invalid(error.clone(), origin),
            s: Array::invalid(error.clone(), origin),
            rank: Array::invalid(error, origin),
        })
    }

    #[track_caller]
    fn least_squares(&self, b: &Self, rcond: Option<T>, origin: Origin) -> Result<Lstsq<T>> {
        self.check()?;
        b.check()?;
        let ([rows, cols], [of_b, sides]) =
            ([self.shape()[0], self.shape()[1]], [b.shape()[0], b.shape()[1]]);
        if rows != of_b {
            let sentence = format!(
                "argument `b` of `lstsq` has {of_b} rows, but the matrix of {rows} x {cols} has {rows}"
            );
            return Err(Error::new(ErrorKind::Shape, sentence));
        }
        let is_below = |rcond: &T| rcond.partial_cmp(&T::default()).is_none_or(Ordering::is_lt);
        if let Some(rcond) = rcond.filter(is_below) {
            let sentence =
                format!("argument `rcond` of `lstsq` is {rcond:?}, but must be 0 or more");
            return Err(Error::new(ErrorKind::Value, sentence));
        }
        let rcond = rcond
            .unwrap_or_else(|| T::EPSILON.times(T::count(T::default(), rows.max(cols) as u64)));
        let both = Self::concatenate(1, &[self.clone(), b.clone()]);
        let r = Tree::new(&both, origin)?.r();
        let solved = solved(&r, cols, sides, rcond, origin);
        let s = solved.slice(s![..rows.min(cols), sides]);
        let least = &s.slice(s![..s.shape()[0].min(1)]) * rcond;
        Ok(Lstsq { x: solved.slice(s![.., ..sides]), rank: s.greater(&least).sum(), s })
    }
}

/// `[x | s]` of the triangular factor of a matrix of `cols` columns and a right-hand side of `sides`, with zeros behind
/// the singular values.
fn solved<T: Linear>(
    r: &Array<T, Ix2>,
    cols: usize,
    sides: usize,
    rcond: T,
    origin: Origin,
) -> Array<T, Ix2> {
    let rows = r.shape()[0];
    let bands = Bands {
        name: "lstsq",
        seen: smallvec![Seen::All],
        to: AxisChunks::one(cols),
        cols: sides + 1,
        scratch: svd_elements(rows, cols).saturating_add(rows.saturating_mul(sides)),
        work: svd_work(rows.max(cols)),
        function: Box::new(move |seen, out| {
            let (a, b) = seen[0].as_ref().split_at_col(cols);
            out.fill(T::default());
            if a.nrows() == 0 {
                return Ok(());
            }
            let (u, s, v) = svd(a.to_owned())?;
            let least = s[0].times(rcond);
            for (at, &s) in s.iter().enumerate() {
                out[at * (sides + 1) + sides] = s;
                if s <= least {
                    continue;
                }
                for j in 0..sides {
                    let along = (0..rows)
                        .fold(T::default(), |sum, i| sum.plus(u[(i, at)].times(b[(i, j)])));
                    let along = along.over(s);
                    for i in 0..cols {
                        let x = &mut out[i * (sides + 1) + j];
                        *x = x.plus(v[(i, at)].times(along));
                    }
                }
            }
            Ok(())
        }),
    };
    bands.of(&[r], Identity::of(("lstsq", cols, T::as_bytes(&[rcond]))), origin)
}
