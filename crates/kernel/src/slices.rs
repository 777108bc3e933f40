//! Loop kernels: sequential code on slices, compiled once for each instruction set.
//!
//! What the macro prints into the user's crate is safe code: a slice that is written becomes a
//! slice of cells, so that any number of windows into it may be open at once. A loop whose
//! accesses go along with its counter is printed twice: over windows of exactly as many elements
//! as the loop has rounds, where the compiler sees that no index can be outside, and with a check
//! for each access, for those cases where a window would not fit.

mod access;
mod argument;
pub mod index;
pub mod lane;
mod unchecked;

pub use access::{
    At, FromEnd, cell, cell2, cells, get, get2, matrix, row_window, span, span_inclusive, step,
    window,
};
pub use argument::{
    Matrix, MatrixMut, Slice, SliceMut, Table, matrix_of, matrix_of_mut, slice_of, slice_of_mut,
};
pub use unchecked::{Unchecked, cell_unchecked, cell2_unchecked, get_unchecked, get2_unchecked};

use ndarray::{ArrayView2, ArrayViewMut2};

use crate::call::Call;
use crate::error::Error;
use crate::isa;
use crate::simd::{Body, Simd};

/// A matrix that a kernel on slices reads: `a[[i, j]]`, `a.nrows()`, `a.ncols()`.
pub type View2<'a, T> = ArrayView2<'a, T>;
/// A matrix that a kernel on slices writes.
pub type ViewMut2<'a, T> = ArrayViewMut2<'a, T>;

/// What `#[kernel(loop)]` makes of a function of slices.
pub trait Loop<T>: 'static {
    /// Its arguments: numbers, slices, and slices with the shape of a matrix.
    type Args<'a>;
    /// What it returns.
    type Output;
    /// What a caller must have: nothing, or the promise of a kernel with `bounds = unchecked`.
    type Permit;

    /// The function.
    fn body<S: Simd>(
        s: S,
        args: Self::Args<'_>,
        permit: Self::Permit,
    ) -> Result<Self::Output, Error>;
}

struct Run<'a, K: Loop<T>, T> {
    args: K::Args<'a>,
    permit: K::Permit,
}

impl<K: Loop<T>, T> Body for Run<'_, K, T> {
    type Output = Result<K::Output, Error>;
    #[inline(always)]
    fn run<S: Simd>(self, s: S) -> Self::Output {
        K::body(s, self.args, self.permit)
    }
}

/// Calls a loop kernel with the instructions of this machine.
#[inline]
pub fn call<K: Loop<T>, T>(
    args: K::Args<'_>,
    permit: K::Permit,
    call: Call,
) -> Result<K::Output, Error> {
    isa::call(call.isa(), Run::<K, T> { args, permit })
}
