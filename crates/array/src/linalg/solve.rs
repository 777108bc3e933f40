//! Systems of equations, inverses and determinants.

use std::panic::Location;
use std::sync::Arc;

use faer::linalg::matmul::matmul;
use faer::prelude::{Reborrow, ReborrowMut};
use faer::{Accum, MatMut, Par};
use ndarray::Ix2;

use super::kernel::Linear;
use super::lu::{Lu, permute, singular_at};
use super::panels::{Panels, column_bytes, width};
use super::shown::Shown;
use super::steps::{Step, Steps};
use super::triangular::{Triangle, divisible, square};
use crate::array::Array;
use crate::error::{Error, ErrorKind, Result};
use crate::node::Origin;
use crate::settings::Settings;

impl<T: Linear> Array<T, Ix2> {
    /// [`Settings::solve`] on all cores.
    ///
    /// # Errors
    /// As there.
    #[track_caller]
    pub fn solve(&self, b: &Self) -> Result<Self> {
        Settings::new().solve(self, b)
    }

    /// [`Settings::inv`] on all cores.
    ///
    /// # Errors
    /// As there.
    #[track_caller]
    pub fn inv(&self) -> Result<Self> {
        Settings::new().inv(self)
    }

    /// [`Settings::det`] on all cores.
    ///
    /// # Errors
    /// As there.
    #[track_caller]
    pub fn det(&self) -> Result<T> {
        Settings::new().det(self)
    }

    /// [`Settings::slogdet`] on all cores.
    ///
    /// # Errors
    /// As there.
    #[track_caller]
    pub fn slogdet(&self) -> Result<(T, T)> {
        Settings::new().slogdet(self)
    }
}

impl Settings {
    /// The `x` for which `a` times `x` is `b`, by [`lu`](Self::lu). It is computed at once and held in memory, with
    /// the factors until it is there, or as much of them as the cap has room for; columns of `b` are solved for side by side.
    ///
    /// Elements that are NaN or infinite make results that are NaN.
    ///
    /// # Determinism
    /// The same bits for any number of threads and any chunks.
    ///
    /// # Errors
    /// As [`lu`](Self::lu); [`ErrorKind::Value`] also if a pivot is so small that its reciprocal is infinite, with its
    /// column; [`ErrorKind::Shape`] if `b` has another number of rows.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let a = Array::from_ndarray(array![[0.0, 2.0], [4.0, 0.0]], 1);
    /// let b = Array::from_ndarray(array![[2.0], [8.0]], 1);
    /// assert_eq!(a.solve(&b)?.compute()?, array![[2.0], [1.0]]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    pub fn solve<T: Linear>(&self, a: &Array<T, Ix2>, b: &Array<T, Ix2>) -> Result<Array<T, Ix2>> {
        self.solved("solve", a, b, Location::caller())
    }

    /// The inverse of a square matrix: what [`solve`](Self::solve) gives for the identity.
    ///
    /// # Errors
    /// As [`solve`](Self::solve).
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let a = Array::from_ndarray(array![[0.0, 2.0], [4.0, 0.0]], 1);
    /// assert_eq!(a.inv()?.compute()?, array![[0.0, 0.25], [0.5, 0.0]]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    pub fn inv<T: Linear>(&self, a: &Array<T, Ix2>) -> Result<Array<T, Ix2>> {
        let origin = Location::caller();
        let n = square("inv", a).map_err(|error| error.at(origin))?;
        let one = |index: &[usize]| T::count(T::default(), u64::from(index[0] == index[1]));
        let identity = Array::from_fn([n, n], "auto", one);
        self.solved("inv", a, &identity, origin)
    }

    fn solved<T: Linear>(
        &self,
        name: &'static str,
        a: &Array<T, Ix2>,
        b: &Array<T, Ix2>,
        origin: Origin,
    ) -> Result<Array<T, Ix2>> {
        let n = square(name, a).map_err(|error| error.at(origin))?;
        b.check()?;
        let [rows, sides] = [b.shape()[0], b.shape()[1]];
        if n != rows {
            let sentence = format!("argument `b` of `{name}` has {rows} rows, but the matrix {n}");
            return Err(Error::new(ErrorKind::Shape, sentence).at(origin));
        }
        let beside = column_bytes::<T>(rows).saturating_mul(sides);
        let panels = self.panels_of(name, a, beside, origin)?;
        // Before the matrix is factored, which takes long: what `b` lacks is told now. Its panels are as wide as those of the
        // factors, so that there is memory for them.
        let x = Panels::of(name, b, width(n), panels.bytes(), self, origin)?;
        let (lu, broken) = self.factored(name, panels, origin)?;
        singular_at(name, &lu, broken, origin)?;
        let (pivots, _) = lu.diagonal()?;
        for (column, &pivot) in pivots.iter().enumerate() {
            divisible(name, pivot, column, n).map_err(|error| error.at(origin))?;
        }
        self.substitute(name, &lu, &x).map_err(|error| error.at(origin))?;
        Ok(Arc::new(x).shown(name, Shown::All, origin))
    }

    /// Goes down and up through the factors, for all columns of a right-hand side in its place.
    fn substitute<T: Linear>(&self, name: &'static str, lu: &Lu<T>, x: &Panels<T>) -> Result<()> {
        let each = |work: &(dyn Fn(MatMut<'_, T>) + Sync)| {
            Steps::apart(name, (0..x.count()).map(Step::Finish))?.run(self, &|step| {
                if let Step::Finish(panel) = step {
                    work(x.write(panel).as_mut());
                }
                Ok(())
            })
        };
        for group in lu.panels.groups() {
            lu.panels.load(group.clone())?;
            each(&|mut x| {
                if group.start == 0 {
                    permute(x.rb_mut(), lu.permutation());
                }
                group.clone().for_each(|panel| down(&lu.panels, panel, x.rb_mut()));
            })?;
            lu.panels.leave(group);
        }
        for group in lu.panels.groups().rev() {
            lu.panels.load(group.clone())?;
            each(&|mut x| group.clone().rev().for_each(|panel| up(&lu.panels, panel, x.rb_mut())))?;
            lu.panels.leave(group);
        }
        Ok(())
    }

    /// The determinant of a square matrix, which is 0 if it is singular and NaN if elements are not finite, by
    /// [`lu`](Self::lu). That of a large one is often no number of its type: [`slogdet`](Self::slogdet) gives its logarithm.
    ///
    /// # Errors
    /// As [`lu`](Self::lu), but not if the matrix is singular.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let a = Array::from_ndarray(array![[1.0, 2.0], [3.0, 4.0]], 1);
    /// assert!((a.det()? + 2.0_f64).abs() < 1e-15);
    /// assert_eq!(Array::<f64, _>::ones([3, 3], 2).det()?, 0.0);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    pub fn det<T: Linear>(&self, a: &Array<T, Ix2>) -> Result<T> {
        let origin = Location::caller();
        let (lu, broken) = self.factored("det", self.panels_of("det", a, 0, origin)?, origin)?;
        if broken.is_some() {
            return lu.zero();
        }
        let (diagonal, is_odd) = lu.diagonal()?;
        let one = T::count(T::default(), 1);
        let product = diagonal.into_iter().fold(one, T::times);
        Ok(if is_odd { -product } else { product })
    }

    /// The sign of the determinant of a square matrix, and the logarithm of its size: 0 and negative infinity if it is
    /// singular, NaN if elements are not finite.
    ///
    /// # Errors
    /// As [`lu`](Self::lu), but not if the matrix is singular.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let a = Array::from_ndarray(array![[0.0, 2.0], [2.0, 0.0]], 1);
    /// let (sign, log) = a.slogdet()?;
    /// assert_eq!((sign, log), (-1.0, 4.0_f64.ln()));
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    pub fn slogdet<T: Linear>(&self, a: &Array<T, Ix2>) -> Result<(T, T)> {
        let origin = Location::caller();
        let panels = self.panels_of("slogdet", a, 0, origin)?;
        let (lu, broken) = self.factored("slogdet", panels, origin)?;
        if broken.is_some() {
            let zero = lu.zero()?;
            return Ok((zero, zero.minus(T::INFINITE)));
        }
        let (diagonal, is_odd) = lu.diagonal()?;
        let one = T::count(T::default(), 1);
        let start = (if is_odd { -one } else { one }, T::default());
        Ok(diagonal.into_iter().fold(start, |(sign, log), pivot| {
            (sign.times(pivot.sign_of()), log.plus(pivot.size().logarithm()))
        }))
    }
}

/// Solves for the columns of a right-hand side in its place, as far as a panel of the lower factor goes.
fn down<T: Linear>(lu: &Panels<T>, panel: usize, x: MatMut<'_, T>) {
    let (n, minus) = (x.nrows(), -faer::traits::math_utils::one::<T>());
    let ((first, width), panel) = (lu.columns(panel), lu.read(panel));
    let (square, below) = panel.as_ref().subrows(first, n - first).split_at_row(width);
    let (mut top, rest) = x.subrows_mut(first, n - first).split_at_row_mut(width);
    Triangle::UnitLower.solve(square, top.rb_mut());
    matmul(rest, Accum::Add, below, top.rb(), minus, Par::Seq);
}

/// The same with a panel of the upper factor.
fn up<T: Linear>(lu: &Panels<T>, panel: usize, x: MatMut<'_, T>) {
    let minus = -faer::traits::math_utils::one::<T>();
    let ((first, width), panel) = (lu.columns(panel), lu.read(panel));
    let (above, square) = panel.as_ref().subrows(0, first + width).split_at_row(first);
    let (rest, mut own) = x.subrows_mut(0, first + width).split_at_row_mut(first);
    Triangle::Upper.solve(square, own.rb_mut());
    matmul(rest, Accum::Add, above, own.rb(), minus, Par::Seq);
}
