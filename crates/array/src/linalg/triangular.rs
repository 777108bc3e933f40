//! Triangular systems.

use std::panic::Location;

use faer::linalg::triangular_solve as solve;
use faer::{MatMut, MatRef, Par};
use ndarray::Ix2;
use smallvec::smallvec;

use super::bands::{Bands, Seen};
use super::kernel::{Linear, number, packed, write};
use crate::array::{Array, Count};
use crate::error::{Error, ErrorKind, Result};
use crate::hash::Identity;

/// Which part of a square matrix counts: what else is in it is not looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Triangle {
    /// On and below the diagonal.
    Lower,
    /// Below the diagonal, with ones on it.
    UnitLower,
    /// On and above the diagonal.
    Upper,
    /// Above the diagonal, with ones on it.
    UnitUpper,
}

impl Triangle {
    /// Solves for all columns of a right-hand side, in its place.
    pub(super) fn solve<T: Linear>(self, matrix: MatRef<'_, T>, b: MatMut<'_, T>) {
        match self {
            Self::Lower => solve::solve_lower_triangular_in_place(matrix, b, Par::Seq),
            Self::UnitLower => solve::solve_unit_lower_triangular_in_place(matrix, b, Par::Seq),
            Self::Upper => solve::solve_upper_triangular_in_place(matrix, b, Par::Seq),
            Self::UnitUpper => solve::solve_unit_upper_triangular_in_place(matrix, b, Par::Seq),
        }
    }

    /// That all pivots can be divided by.
    fn check<T: Linear>(self, name: &str, matrix: MatRef<'_, T>) -> Result<()> {
        let n = matrix.nrows();
        let has_ones = matches!(self, Self::UnitLower | Self::UnitUpper);
        let mut all = 0..if has_ones { 0 } else { n };
        all.try_for_each(|i| divisible(name, *matrix.get(i, i), i, n))
    }
}

/// The error of a matrix that is singular.
pub(super) fn singular(name: &str, column: usize, n: usize) -> Error {
    let sentence =
        format!("argument `a` of `{name}` is singular: the pivot of column {column} of {n} is 0");
    Error::new(ErrorKind::Value, sentence)
}

/// That there is a pivot which can be divided by: `faer` multiplies by its reciprocal.
pub(super) fn divisible<T: Linear>(name: &str, pivot: T, column: usize, n: usize) -> Result<()> {
    if pivot == T::default() {
        return Err(singular(name, column, n));
    }
    if (<T as Count>::ONE).over(pivot).infinite() {
        let sentence = format!(
            "argument `a` of `{name}` is too close to singular: the pivot of column {column} of {n} is {pivot:?}, whose reciprocal is infinite"
        );
        return Err(Error::new(ErrorKind::Value, sentence));
    }
    Ok(())
}

/// That a matrix is square.
pub(super) fn square<T: Linear>(name: &str, a: &Array<T, Ix2>) -> Result<usize> {
    a.check()?;
    match *a.shape() {
        [rows, cols] if rows == cols => Ok(rows),
        ref shape => {
            let sentence =
                format!("argument `a` of `{name}` has the shape {shape:?}, but must be square");
            Err(Error::new(ErrorKind::Shape, sentence))
        }
    }
}

impl<T: Linear> Array<T, Ix2> {
    /// The `x` for which the triangle of this matrix times `x` is `b`: each chunk of columns of `b` for itself. The
    /// matrix is in memory as a whole, for each thread, and read for each chunk anew, as
    /// [`Plan::passes`](crate::Plan::passes) says; what is computed is stored first if there are several.
    ///
    /// # Determinism
    /// The same bits for any number of threads and any cap.
    ///
    /// # Errors
    /// [`ErrorKind::Shape`] if the matrix is not square or `b` has another number of rows; when it is computed
    /// [`ErrorKind::Value`] if the matrix is singular, or a pivot so small that its reciprocal is infinite, with the column.
    ///
    /// ```
    /// use tenfold_array::{Array, Triangle, ndarray::array};
    ///
    /// let a = Array::from_ndarray(array![[2.0, 0.0], [1.0, 4.0]], 1);
    /// let b = Array::from_ndarray(array![[2.0, 4.0], [5.0, 10.0]], 1);
    /// assert_eq!(a.solve_triangular(&b, Triangle::Lower).compute()?, array![[1.0, 2.0], [1.0, 2.0]]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn solve_triangular(&self, b: &Self, triangle: Triangle) -> Self {
        let origin = Location::caller();
        Self::or_invalid(origin, || {
            let n = square("solve_triangular", self)?;
            b.check()?;
            if b.shape()[0] != n {
                let sentence = format!(
                    "argument `b` of `solve_triangular` has {} rows, but the matrix {n}",
                    b.shape()[0]
                );
                return Err(Error::new(ErrorKind::Shape, sentence));
            }
            let cut = b.chunks().axis(1).clone();
            let largest = cut.largest();
            let bands = Bands {
                name: "solve_triangular",
                seen: smallvec![Seen::All, Seen::Band(cut.clone())],
                to: cut,
                cols: n,
                work: number(n) * number(n) * number(largest) / 2.0,
                scratch: n
                    .saturating_add(32)
                    .saturating_mul(n.saturating_add(2 * largest + 64))
                    .saturating_add(packed(n, n, largest)),
                function: Box::new(move |seen, out| {
                    let matrix = seen[0].as_ref();
                    triangle.check("solve_triangular", matrix)?;
                    // Rows of the band are columns of the right-hand side.
                    let mut x = seen[1].transpose().to_owned();
                    triangle.solve(matrix, x.as_mut());
                    write(x.transpose(), out);
                    Ok(())
                }),
            };
            let key = Identity::of(("solve_triangular", triangle));
            Ok(bands.of(&[self, &b.t()], key, origin).t())
        })
    }
}
