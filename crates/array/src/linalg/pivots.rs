//! LU factors of a panel of columns, with partial pivoting.
//!
//! `faer` has them as well, but multiplies by the reciprocals of pivots, which are infinite where a pivot is less than one
//! over the largest number, and passes over NaN when it looks for them.

use faer::linalg::matmul::matmul;
use faer::prelude::ReborrowMut;
use faer::{Accum, MatMut, Par};
use tenfold_kernel::{Loop, vectorized};

use super::kernel::Linear;
use super::triangular::Triangle;

/// So many columns are factored one by one.
const NARROW: usize = 16;

/// How a panel was pivoted: for each column the row that its own was swapped with, one after another. Those of all panels
/// are as many as the matrix has columns, where orders of all rows would be as many for each panel.
pub(super) struct Pivots(Vec<usize>);

impl Pivots {
    /// Factors a panel of no more columns than rows in its place: what is below the diagonal is the lower factor. A column
    /// of zeros has a pivot of 0, and all below it stays as it is; NaN is a pivot before any number.
    pub(super) fn of<T: Linear>(panel: MatMut<'_, T>) -> Self {
        Self(factor(panel))
    }

    /// Swaps rows, from that of the panel's first column on, as they were swapped in the panel.
    pub(super) fn permute<T: Linear>(&self, rows: MatMut<'_, T>) {
        swap(rows, &self.0);
    }

    /// The same of the numbers of rows.
    pub(super) fn permute_numbers(&self, rows: &mut [usize]) {
        swap_elements(rows, &self.0);
    }

    /// How many pairs were swapped.
    pub(super) fn swaps(&self) -> usize {
        self.0.iter().enumerate().filter(|(column, row)| column != *row).count()
    }
}

/// Factors a panel, the left half and then the right one, and gives the row that each column was swapped with.
fn factor<T: Linear>(mut panel: MatMut<'_, T>) -> Vec<usize> {
    let cols = panel.ncols();
    if cols <= NARROW {
        return (0..cols).map(|column| eliminate(panel.rb_mut(), column)).collect();
    }
    let half = (cols / 2).next_multiple_of(NARROW);
    let (mut left, mut right) = panel.split_at_col_mut(half);
    let mut rows = factor(left.rb_mut());
    swap(right.rb_mut(), &rows);
    let (mut top, mut rest) = right.split_at_row_mut(half);
    let (square, below) = left.rb_mut().split_at_row_mut(half);
    Triangle::UnitLower.solve(square.as_ref(), top.rb_mut());
    let minus = -faer::traits::math_utils::one::<T>();
    matmul(rest.rb_mut(), Accum::Add, below.as_ref(), top.as_ref(), minus, Par::Seq);
    let later = factor(rest);
    swap(below, &later);
    rows.extend(later.into_iter().map(|row| half + row));
    rows
}

/// Swaps rows one after another: the first with that of the first number, and so on.
fn swap<T: Linear>(panel: MatMut<'_, T>, rows: &[usize]) {
    panel.col_iter_mut().for_each(|column| swap_elements(elements(column), rows));
}

fn swap_elements<T>(column: &mut [T], rows: &[usize]) {
    rows.iter().enumerate().for_each(|(to, &row)| column.swap(to, row));
}

/// A column, whose elements lie one after another.
fn elements<T: Linear>(column: faer::ColMut<'_, T>) -> &mut [T] {
    match column.try_as_col_major_mut() {
        Some(column) => column.as_slice_mut(),
        None => unreachable!("a panel has whole columns"),
    }
}

/// Brings the largest element of a column from the diagonal on to the diagonal, and takes what is below it out of the
/// columns to the right.
fn eliminate<T: Linear>(mut panel: MatMut<'_, T>, column: usize) -> usize {
    let row = largest(elements(panel.rb_mut().col_mut(column)), column);
    for of in panel.rb_mut().col_iter_mut() {
        elements(of).swap(column, row);
    }
    let (left, right) = panel.split_at_col_mut(column + 1);
    let own = elements(left.col_mut(column));
    let pivot = own[column];
    if pivot == T::default() {
        return row;
    }
    let below = &mut own[column + 1..];
    vectorized(Divide { pivot, of: below });
    for of in right.col_iter_mut() {
        let of = elements(of);
        let by = of[column];
        vectorized(Subtract { column: below, by, of: &mut of[column + 1..] });
    }
    row
}

/// The row of the largest element of a column from a row on: the first of several, and of NaN.
fn largest<T: Linear>(column: &[T], from: usize) -> usize {
    let mut found = from;
    let mut most = column[from].size();
    for (row, element) in column.iter().enumerate().skip(from + 1) {
        let size = element.size();
        if size > most || (size.nan() && !most.nan()) {
            (found, most) = (row, size);
        }
    }
    found
}

struct Divide<'a, T> {
    pivot: T,
    of: &'a mut [T],
}

impl<T: Linear> Loop for Divide<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        self.of.iter_mut().for_each(|of| *of = of.over(self.pivot));
    }
}

struct Subtract<'a, T> {
    column: &'a [T],
    by: T,
    of: &'a mut [T],
}

impl<T: Linear> Loop for Subtract<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for (of, &column) in self.of.iter_mut().zip(self.column) {
            *of = of.minus(column.times(self.by));
        }
    }
}

#[cfg(test)]
mod tests {
    use faer::Mat;

    use super::*;

    /// Which rows those of a panel were before.
    fn order(pivots: &Pivots, rows: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..rows).collect();
        pivots.permute_numbers(&mut order);
        order
    }

    /// The factors of a panel, and how far their product is from it.
    fn off(a: &Mat<f64>) -> f64 {
        let mut made = a.clone();
        let pivots = Pivots::of(made.as_mut());
        assert_eq!(pivots.0.len(), a.ncols());
        let order = order(&pivots, a.nrows());
        let (rows, cols) = (a.nrows(), a.ncols());
        let l = Mat::from_fn(rows, cols, |i, j| match i.cmp(&j) {
            std::cmp::Ordering::Less => 0.0,
            std::cmp::Ordering::Equal => 1.0,
            std::cmp::Ordering::Greater => made[(i, j)],
        });
        let u = Mat::from_fn(cols, cols, |i, j| if i <= j { made[(i, j)] } else { 0.0 });
        let product = l * u;
        let mut most = 0.0_f64;
        for i in 0..rows {
            for j in 0..cols {
                most = most.max((product[(i, j)] - a[(order[i], j)]).abs());
            }
        }
        most
    }

    #[test]
    fn factors_of_narrow_and_wide_panels_make_it_again() {
        for (rows, cols) in [(1, 1), (5, 3), (40, 16), (100, 17), (130, 64), (300, 200)] {
            let element = |i: usize, j: usize| ((i * 131 + j * 71 + 7) % 257) as f64 / 64.0 - 2.0;
            assert!(off(&Mat::from_fn(rows, cols, element)) < 1e-11, "{rows} x {cols}");
        }
    }

    #[test]
    fn small_pivots_are_divided_by() {
        let a = Mat::from_fn(3, 3, |i, j| if i == j { 0.0 } else { 1e-310 * (1 + i + j) as f64 });
        assert!(off(&a) < 1e-318);
    }

    #[test]
    fn nan_is_not_passed_over() {
        let mut a = Mat::from_fn(3, 2, |i, j| (i + j) as f64);
        a[(1, 0)] = f64::NAN;
        let pivots = Pivots::of(a.as_mut());
        assert_eq!((order(&pivots, 3), pivots.swaps()), (vec![1, 0, 2], 1));
        assert!(a[(0, 0)].is_nan());
    }
}
