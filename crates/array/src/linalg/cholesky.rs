//! Cholesky factorisations.

use std::panic::Location;
use std::sync::Arc;

use faer::linalg::cholesky::llt::factor::{self, LltError, LltRegularization};
use faer::linalg::matmul::{matmul, triangular};
use faer::prelude::{Reborrow, ReborrowMut};
use faer::{Accum, MatMut, Par};
use ndarray::Ix2;

use super::kernel::{Linear, with_stack};
use super::panels::{Panels, width};
use super::shown::Shown;
use super::steps::{self, Step};
use super::triangular::{Triangle, square};
use crate::array::Array;
use crate::error::{Error, ErrorKind, Result};
use crate::settings::Settings;

impl<T: Linear> Array<T, Ix2> {
    /// [`Settings::cholesky`] on all cores.
    ///
    /// # Errors
    /// As there.
    #[track_caller]
    pub fn cholesky(&self) -> Result<Self> {
        Settings::new().cholesky(self)
    }
}

impl Settings {
    /// The lower triangular `l` of a symmetric positive definite matrix, which is `l` times its transposed. What is above
    /// the diagonal of the matrix is not looked at.
    ///
    /// It is computed at once, and held in memory as an array that reads it there, as [`persist`](Self::persist) does:
    /// the matrix and a panel of columns for each thread count under the cap. Panels are factored from the left to the
    /// right, and each acts on those to its right, by tasks of [`TaskGraph`](crate::TaskGraph).
    ///
    /// A matrix for which the cap has no room is put aside on disk in the [scratch folder](Self::scratch_folder), where its
    /// factor stays as long as the array. As many panels as there is room for are factored together, after each of those to
    /// their left was read and has acted on them. `p` panels of which `m` are in memory are so read `p / (2 m)` times, and
    /// written twice. At least two must be in memory, of 64 to 256 columns.
    ///
    /// # Determinism
    /// The same bits for any number of threads, any chunks and any cap.
    ///
    /// # Errors
    /// [`ErrorKind::Shape`] if the matrix is not square, [`ErrorKind::Value`] if it is not positive definite, with the
    /// order of the first leading minor that is not, [`ErrorKind::Memory`] if the cap does not suffice for two panels,
    /// [`ErrorKind::Io`] if the disk does not; what keeps the matrix from being computed.
    ///
    /// ```
    /// use tenfold_array::{Array, Settings, ndarray::array};
    ///
    /// let a = Array::from_ndarray(array![[4.0, 2.0], [2.0, 10.0]], 1);
    /// let l = Settings::new().threads(2).cholesky(&a)?;
    /// assert_eq!(l.compute()?, array![[2.0, 0.0], [1.0, 3.0]]);
    /// let error = (-&a).cholesky().unwrap_err();
    /// assert!(error.to_string().contains("the leading minor of order 1 of 2"), "{error}");
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    pub fn cholesky<T: Linear>(&self, a: &Array<T, Ix2>) -> Result<Array<T, Ix2>> {
        let origin = Location::caller();
        let n = square("cholesky", a).map_err(|error| error.at(origin))?;
        let panels = Panels::aside_or_of("cholesky", a, width(n), 0, self, origin)?;
        factor(&panels, self).map_err(|error| error.at(origin))?;
        Ok(Arc::new(panels).shown("cholesky", Shown::Lower, origin))
    }
}

fn factor<T: Linear>(panels: &Panels<T>, settings: &Settings) -> Result<()> {
    let n = panels.rows();
    steps::factor("cholesky", panels, settings, |step| {
        match step {
            Step::Factor(panel) => {
                let (first, _) = panels.columns(panel);
                let mut panel = panels.write(panel);
                factor_panel(panel.as_mut().subrows_mut(first, n - first)).map_err(|minor| {
                    let sentence = format!(
                        "argument `a` of `cholesky` is not positive definite: the leading minor of order {} of {n} is not",
                        first + minor
                    );
                    Error::new(ErrorKind::Value, sentence)
                })?;
            }
            Step::Update { by, of } => {
                let (first, _) = panels.columns(of);
                let (by, mut of) = (panels.read(by), panels.write(of));
                act(
                    by.as_ref().subrows(first, n - first),
                    of.as_mut().subrows_mut(first, n - first),
                );
            }
            Step::Finish(_) => {}
        }
        Ok(())
    })
}

/// Factors what is on the diagonal, and solves for what is below; or gives the order of the minor that is not positive.
fn factor_panel<T: Linear>(panel: MatMut<'_, T>) -> Result<(), usize> {
    let width = panel.ncols();
    let (mut square, below) = panel.split_at_row_mut(width);
    let spec = faer::Spec::default;
    let request = factor::cholesky_in_place_scratch::<T>(width, Par::Seq, spec());
    let none = LltRegularization::default();
    with_stack(request, |stack| {
        factor::cholesky_in_place(square.rb_mut(), none, Par::Seq, stack, spec())
    })
    .map_err(|LltError::NonPositivePivot { index }| index + 1)?;
    Triangle::Lower.solve(square.rb(), below.transpose_mut());
    Ok(())
}

/// Takes the product of a panel with itself, as far as it concerns another one, from that.
fn act<T: Linear>(by: faer::MatRef<'_, T>, of: MatMut<'_, T>) {
    use triangular::BlockStructure::{Rectangular, TriangularLower};
    let width = of.ncols();
    let (top, below) = by.split_at_row(width);
    let (square, rest) = of.split_at_row_mut(width);
    let minus = -faer::traits::math_utils::one::<T>();
    triangular::matmul(
        square,
        TriangularLower,
        Accum::Add,
        top,
        Rectangular,
        top.transpose(),
        Rectangular,
        minus,
        Par::Seq,
    );
    matmul(rest, Accum::Add, below, top.transpose(), minus, Par::Seq);
}
