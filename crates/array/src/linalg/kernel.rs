//! What `faer` does for a block.
//!
//! Blocks are copied into its matrices first, which are aligned: where others begin decides in what order it adds up,
//! and the same numbers would have other bits in another place.

use faer::dyn_stack::{MemBuffer, MemStack, StackReq};
use faer::linalg::householder;
use faer::linalg::qr::no_pivoting::factor as qr;
use faer::linalg::svd::{self, ComputeSvdVectors};
use faer::traits::RealField;
use faer::{Conj, Mat, MatRef, Par};

use crate::array::Count;
use crate::error::{Error, ErrorKind, Result};
use crate::ops::{Absolute, Analytic, Number, Ordered, Real};
use crate::random::Normal;
use crate::reduce::Summable;

/// Numbers whose matrices can be factored: `f32` and `f64`.
pub trait Linear:
    Number
    + Summable<Sum = Self>
    + Absolute<Abs = Self>
    + Analytic
    + Real
    + Ordered
    + Normal
    + Count
    + Field
{
    /// The least number that makes a difference to 1.
    #[doc(hidden)]
    const EPSILON: Self;
    #[doc(hidden)]
    const INFINITE: Self;
    #[doc(hidden)]
    fn of(number: f64) -> Self;
    #[doc(hidden)]
    fn logarithm(self) -> Self;
    /// The power of two that brings a size above 0 close to 1, if its square is about to be infinite or 0. It and its
    /// reciprocal are numbers.
    #[doc(hidden)]
    fn to_one(self) -> Option<Self>;
}

/// What `faer` calculates with. Not for others.
#[expect(unnameable_types, reason = "it keeps others from being factored")]
pub trait Field: RealField {}

impl Field for f32 {}
impl Field for f64 {}

macro_rules! linear {
    ($($T:ty: $range:literal),*) => { $(
        impl Linear for $T {
            const EPSILON: Self = Self::EPSILON;
            const INFINITE: Self = Self::INFINITY;

            #[expect(clippy::allow_attributes, reason = "for one type only")]
            #[allow(clippy::cast_possible_truncation, reason = "as exact as the type is")]
            fn of(number: f64) -> Self {
                number as Self
            }

            fn logarithm(self) -> Self {
                self.ln()
            }

            #[expect(clippy::cast_possible_truncation, reason = "it is some hundred at most")]
            fn to_one(self) -> Option<Self> {
                const TWO: $T = 2.0;
                let exponent = self.log2().floor() as i32;
                let is_far = self.is_finite() && self > 0.0 && exponent.abs() > $range / 3;
                is_far.then(|| TWO.powi(-exponent.clamp(-$range, $range)))
            }
        }
    )* };
}
linear!(f32: 120, f64: 1000);

/// Scales a matrix by a power of two, if squares of its elements are infinite or 0, and gives what undoes that.
fn scale<T: Linear>(matrix: &mut Mat<T>) -> Option<T> {
    let larger = |most: T, x: &T| if x.size() > most { x.size() } else { most };
    let of_column = |most, column: usize| matrix.col_as_slice(column).iter().fold(most, larger);
    let by = (0..matrix.ncols()).fold(T::default(), of_column).to_one()?;
    for column in 0..matrix.ncols() {
        matrix.col_as_slice_mut(column).iter_mut().for_each(|x| *x = x.times(by));
    }
    Some(T::count(T::default(), 1).over(by))
}

/// A matrix of elements in row-major order.
pub(super) fn matrix<T: Linear>(elements: &[T], rows: usize, cols: usize) -> Mat<T> {
    Mat::from_fn(rows, cols, |i, j| elements[i * cols + j])
}

/// Writes a matrix in row-major order.
pub(super) fn write<T: Linear>(matrix: MatRef<'_, T>, out: &mut [T]) {
    let cols = matrix.ncols().max(1);
    for (i, row) in out.chunks_exact_mut(cols).enumerate() {
        row.iter_mut().enumerate().for_each(|(j, out)| *out = *matrix.get(i, j));
    }
}

/// With memory for `faer` to work in.
pub(super) fn with_stack<R>(request: StackReq, body: impl FnOnce(&mut MemStack) -> R) -> R {
    body(MemStack::new(&mut MemBuffer::new(request)))
}

/// How many columns are reflected at a time at most.
const REFLECTED: usize = 256;

/// A matrix as a product of an orthogonal one, kept as reflections, and a triangular one.
pub(super) struct Qr<T> {
    /// The triangle, and below it the reflections.
    basis: Mat<T>,
    factors: Mat<T>,
    /// What the triangle is multiplied by.
    undo: Option<T>,
}

impl<T: Linear> Qr<T> {
    /// Factors a matrix that has elements.
    pub(super) fn new(mut matrix: Mat<T>) -> Self {
        let undo = scale(&mut matrix);
        let (rows, cols) = (matrix.nrows(), matrix.ncols());
        let size = qr::recommended_block_size::<T>(rows, cols);
        let mut factors = Mat::zeros(size, rows.min(cols));
        let request =
            qr::qr_in_place_scratch::<T>(rows, cols, size, Par::Seq, faer::Spec::default());
        with_stack(request, |stack| {
            qr::qr_in_place(
                matrix.as_mut(),
                factors.as_mut(),
                Par::Seq,
                stack,
                faer::Spec::default(),
            )
        });
        Self { basis: matrix, factors, undo }
    }

    /// Writes the triangular factor in row-major order, with rows of zeros behind those that it has.
    pub(super) fn write_r(&self, out: &mut [T]) {
        let (rows, cols) = (self.basis.nrows(), self.basis.ncols().max(1));
        for (i, row) in out.chunks_exact_mut(cols).enumerate() {
            for (j, out) in row.iter_mut().enumerate() {
                *out = if i <= j && i < rows { self.basis[(i, j)] } else { T::default() };
            }
            if let Some(undo) = self.undo {
                row.iter_mut().for_each(|out| *out = out.times(undo));
            }
        }
    }

    /// Multiplies the orthogonal factor by a matrix of as many rows as it has itself.
    pub(super) fn multiply(&self, matrix: &mut Mat<T>) {
        let size = self.factors.nrows();
        let request = householder::apply_block_householder_sequence_on_the_left_in_place_scratch::<T>(
            self.basis.nrows(),
            size,
            matrix.ncols(),
        );
        with_stack(request, |stack| {
            householder::apply_block_householder_sequence_on_the_left_in_place_with_conj(
                self.basis.as_ref(),
                self.factors.as_ref(),
                Conj::No,
                matrix.as_mut(),
                Par::Seq,
                stack,
            );
        });
    }
}

/// How many elements `faer` packs of both factors of a product of matrices, before it multiplies them: 512 along what is
/// summed over, and what it rounds them up to.
pub(super) fn packed(rows: usize, inner: usize, cols: usize) -> usize {
    rows.saturating_add(cols).saturating_add(128).saturating_mul(inner.min(512))
}

/// A number of elements, to estimate a time with.
#[expect(clippy::cast_precision_loss, reason = "a model is not exact")]
pub(super) fn number(elements: usize) -> f64 {
    elements as f64
}

/// How many elements it takes to factor a matrix and to multiply the orthogonal factor by another of so many columns.
pub(super) fn qr_elements(rows: usize, cols: usize, others: usize) -> usize {
    // Columns begin at a multiple of 128 bytes.
    let column = rows.saturating_add(32);
    let matrices = column.saturating_mul(cols.saturating_add(others));
    let wide = cols.max(others);
    matrices
        .saturating_add((2 * REFLECTED).saturating_mul(wide.saturating_add(32)))
        .saturating_add(packed(rows, cols.min(REFLECTED), wide))
        .saturating_add(packed(cols.min(REFLECTED), rows, wide))
}

/// The singular value decomposition of a matrix that has elements: the columns of the first are those to its left,
/// the columns of the last those to its right, and the numbers between descend.
pub(super) fn svd<T: Linear>(mut matrix: Mat<T>) -> Result<(Mat<T>, Vec<T>, Mat<T>)> {
    let undo = scale(&mut matrix);
    let (rows, cols) = (matrix.nrows(), matrix.ncols());
    let size = rows.min(cols);
    let (mut u, mut v) = (Mat::zeros(rows, size), Mat::zeros(cols, size));
    let mut s = faer::diag::Diag::zeros(size);
    let thin = ComputeSvdVectors::Thin;
    let request = svd::svd_scratch::<T>(rows, cols, thin, thin, Par::Seq, faer::Spec::default());
    let done = with_stack(request, |stack| {
        svd::svd(
            matrix.as_ref(),
            s.as_mut(),
            Some(u.as_mut()),
            Some(v.as_mut()),
            Par::Seq,
            stack,
            faer::Spec::default(),
        )
    });
    let is_finite = s.column_vector().iter().all(faer::traits::math_utils::is_finite);
    if done.is_err() || !is_finite {
        let of = format!("the singular values of a matrix of {rows} x {cols} were not found");
        return Err(match matrix.as_ref().is_all_finite() {
            false => {
                Error::new(ErrorKind::Value, format!("{of}: it has elements that are not finite"))
            }
            true => Error::new(ErrorKind::Failed, format!("{of}: the iteration did not converge")),
        });
    }
    let s = s.column_vector().iter().map(|s| undo.map_or(*s, |undo| s.times(undo))).collect();
    Ok((u, s, v))
}

/// How many numbers are multiplied and added to decompose a square matrix.
pub(super) fn svd_work(n: usize) -> f64 {
    11.0 * number(n).powi(3)
}

/// How many elements it takes to decompose a matrix, with all that comes out.
pub(super) fn svd_elements(rows: usize, cols: usize) -> usize {
    let side = rows.max(cols).saturating_add(32);
    side.saturating_mul(rows.min(cols).saturating_add(32))
        .saturating_mul(12)
        .saturating_add(packed(side, side, side))
}
