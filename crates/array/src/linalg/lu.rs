//! LU factorisations with partial pivoting.

use std::panic::Location;
use std::sync::{Arc, OnceLock};

use faer::linalg::matmul::matmul;
use faer::prelude::{Reborrow, ReborrowMut};
use faer::{Accum, MatMut, Par};
use ndarray::Ix2;

use super::kernel::Linear;
use super::panels::{Panels, width};
use super::pivots::Pivots;
use super::shown::Shown;
use super::steps::{self, Step};
use super::triangular::{Triangle, singular, square};
use crate::array::Array;
use crate::error::{Error, Result};
use crate::node::Origin;
use crate::settings::Settings;
use crate::window::Window;

/// A square matrix as the product of a unit lower and an upper triangular one, after its rows were permuted.
/// [`Settings::lu`] makes it.
#[derive(Debug, Clone)]
pub struct Lu<T> {
    pub(super) panels: Arc<Panels<T>>,
    permutation: Vec<usize>,
    swaps: usize,
}

impl<T: Linear> Lu<T> {
    /// The lower triangular factor, with ones on the diagonal.
    #[track_caller]
    #[must_use]
    pub fn l(&self) -> Array<T, Ix2> {
        self.panels.shown("lu", Shown::UnitLower, Location::caller())
    }

    /// The upper triangular factor.
    #[track_caller]
    #[must_use]
    pub fn u(&self) -> Array<T, Ix2> {
        self.panels.shown("lu", Shown::Upper, Location::caller())
    }

    /// Which rows of the matrix those of the product are.
    #[must_use]
    pub fn permutation(&self) -> &[usize] {
        &self.permutation
    }

    /// The elements on the diagonal of the upper factor, and whether rows were swapped an odd number of times.
    pub(super) fn diagonal(&self) -> Result<(Vec<T>, bool)> {
        let mut diagonal = vec![];
        for i in 0..self.panels.rows() {
            let element = Window::new(&[i..i + 1, i..i + 1]);
            self.panels.each_column(&element, &mut |_, element| diagonal.extend(element))?;
        }
        Ok((diagonal, self.swaps % 2 == 1))
    }

    /// The determinant of what has a column without a pivot: 0, or NaN if elements are not finite.
    pub(super) fn zero(&self) -> Result<T> {
        let (n, mut is_finite) = (self.panels.rows(), true);
        self.panels.each_column(&Window::whole(&[n, n]), &mut |_, column| {
            is_finite &= !column.iter().any(|x| x.nan() || x.infinite());
        })?;
        Ok(if is_finite { T::default() } else { T::of(f64::NAN) })
    }
}

impl<T: Linear> Array<T, Ix2> {
    /// [`Settings::lu`] on all cores.
    ///
    /// # Errors
    /// As there.
    #[track_caller]
    pub fn lu(&self) -> Result<Lu<T>> {
        Settings::new().lu(self)
    }
}

impl Settings {
    /// The triangular factors of a square matrix, whose rows are permuted so that the largest element of what is left of
    /// a column comes to the diagonal.
    ///
    /// It is computed at once and held in memory: the matrix and a panel of columns for each thread count under the
    /// cap. While panels are acted on by one, the next is factored. What the cap has no room for is put aside on disk, as
    /// that of [`cholesky`](Self::cholesky), and written once more when all rows have their places.
    ///
    /// # Determinism
    /// The same bits for any number of threads, any chunks and any cap.
    ///
    /// # Errors
    /// [`ErrorKind::Shape`](crate::ErrorKind::Shape) if the matrix is not square,
    /// [`ErrorKind::Value`](crate::ErrorKind::Value) if it is singular, with the first column that depends on those
    /// before it, [`ErrorKind::Memory`](crate::ErrorKind::Memory) if the cap does not suffice; what keeps the matrix
    /// from being computed.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let a = Array::from_ndarray(array![[1.0, 5.0], [2.0, 4.0]], 1);
    /// let lu = a.lu()?;
    /// assert_eq!(lu.permutation(), [1, 0]);
    /// assert_eq!(lu.l().compute()?, array![[1.0, 0.0], [0.5, 1.0]]);
    /// assert_eq!(lu.u().compute()?, array![[2.0, 4.0], [0.0, 3.0]]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    pub fn lu<T: Linear>(&self, a: &Array<T, Ix2>) -> Result<Lu<T>> {
        let origin = Location::caller();
        let (lu, column) = self.factored("lu", self.panels_of("lu", a, 0, origin)?, origin)?;
        singular_at("lu", &lu, column, origin)?;
        Ok(lu)
    }

    /// A square matrix that is to be factored. `beside` is how many bytes are held with it.
    pub(super) fn panels_of<T: Linear>(
        &self,
        name: &'static str,
        a: &Array<T, Ix2>,
        beside: usize,
        origin: Origin,
    ) -> Result<Panels<T>> {
        let n = square(name, a).map_err(|error| error.at(origin))?;
        Panels::aside_or_of(name, a, width(n), beside, self, origin)
    }

    /// The factors, or as much of them as there is until a column without a pivot, and that column.
    pub(super) fn factored<T: Linear>(
        &self,
        name: &'static str,
        panels: Panels<T>,
        origin: Origin,
    ) -> Result<(Lu<T>, Option<usize>)> {
        let n = panels.rows();
        let pivots: Vec<OnceLock<Pivots>> = (0..panels.count()).map(|_| OnceLock::new()).collect();
        let broken = OnceLock::new();
        let work = |step| {
            let column = work(&panels, &pivots, step);
            column.map_or(Ok(()), |column| {
                broken.get_or_init(|| column);
                Err(singular(name, column, n))
            })
        };
        let done = steps::factor(name, &panels, self, work);
        if broken.get().is_none() {
            done.and_then(|()| steps::finish(name, &panels, self, work))
                .map_err(|error| error.at(origin))?;
        }
        let (mut permutation, mut swaps): (Vec<usize>, usize) = ((0..n).collect(), 0);
        for (panel, pivots) in pivots.iter().enumerate() {
            let Some(pivots) = pivots.get() else { break };
            pivots.permute_numbers(&mut permutation[panels.columns(panel).0..]);
            swaps += pivots.swaps();
        }
        Ok((Lu { panels: Arc::new(panels), permutation, swaps }, broken.into_inner()))
    }
}

/// The error of a column without a pivot.
pub(super) fn singular_at<T: Linear>(
    name: &str,
    lu: &Lu<T>,
    column: Option<usize>,
    origin: Origin,
) -> Result<()> {
    let error = |column| -> Error { singular(name, column, lu.panels.rows()).at(origin) };
    column.map_or(Ok(()), |column| Err(error(column)))
}

/// Puts rows in an order: says which each was before.
pub(super) fn permute<T: Linear>(rows: MatMut<'_, T>, order: &[usize]) {
    let mut moved = vec![T::default(); order.len()];
    for column in rows.col_iter_mut() {
        moved.iter_mut().zip(order).for_each(|(to, &from)| *to = column[from]);
        column.iter_mut().zip(&moved).for_each(|(to, from)| *to = *from);
    }
}

/// Does a step, and gives the column that has no pivot, if there is one.
fn work<T: Linear>(panels: &Panels<T>, pivots: &[OnceLock<Pivots>], step: Step) -> Option<usize> {
    let n = panels.rows();
    let pivots_of = |panel: usize| match pivots[panel].get() {
        Some(pivots) => pivots,
        None => unreachable!("panel {panel} acts before it is factored"),
    };
    match step {
        Step::Factor(number) => {
            let (first, width) = panels.columns(number);
            let mut panel = panels.write(number);
            let mut panel = panel.as_mut().subrows_mut(first, n - first);
            pivots[number].get_or_init(|| Pivots::of(panel.rb_mut()));
            (0..width).find(|&i| panel[(i, i)] == T::default()).map(|i| first + i)
        }
        Step::Update { by, of } => {
            let ((first, width), pivots) = (panels.columns(by), pivots_of(by));
            let (by, mut of) = (panels.read(by), panels.write(of));
            let mut of = of.as_mut().subrows_mut(first, n - first);
            pivots.permute(of.rb_mut());
            let (square, below) = by.as_ref().subrows(first, n - first).split_at_row(width);
            let (mut top, rest) = of.split_at_row_mut(width);
            Triangle::UnitLower.solve(square, top.rb_mut());
            let minus = -faer::traits::math_utils::one::<T>();
            matmul(rest, Accum::Add, below, top.rb(), minus, Par::Seq);
            None
        }
        Step::Finish(number) => {
            let mut panel = panels.write(number);
            for later in number + 1..panels.count() {
                let (first, _) = panels.columns(later);
                pivots_of(later).permute(panel.as_mut().subrows_mut(first, n - first));
            }
            None
        }
    }
}
