//! Elements without a check, for `bounds = unchecked`.

use std::cell::Cell;

use super::access::At;
use super::argument::Table;

/// The promise that every index of a call is inside.
#[derive(Debug, Clone, Copy)]
pub struct Unchecked(());

impl Unchecked {
    /// # Safety
    /// The kernel that gets this reads and writes no element outside of its arguments.
    #[inline(always)]
    #[must_use]
    pub unsafe fn promised() -> Self {
        Self(())
    }
}

/// # Safety
/// The index is inside.
#[inline(always)]
pub unsafe fn get_unchecked<T: Copy>(x: &[T], at: impl At) -> T {
    // SAFETY: the caller promises the element.
    unsafe { *x.get_unchecked(at.position(x.len())) }
}

/// # Safety
/// The index is inside.
#[inline(always)]
pub unsafe fn cell_unchecked<T>(x: &[Cell<T>], at: impl At) -> &Cell<T> {
    // SAFETY: the caller promises the element.
    unsafe { x.get_unchecked(at.position(x.len())) }
}

/// # Safety
/// The indices are inside.
#[inline(always)]
pub unsafe fn get2_unchecked<T: Copy>(a: Table<'_, T>, i: impl At, j: impl At) -> T {
    let at = i.position(a.nrows()) * a.ncols() + j.position(a.ncols());
    // SAFETY: the caller promises the element, and there are `nrows * ncols`.
    unsafe { *a.data().get_unchecked(at) }
}

/// # Safety
/// The indices are inside.
#[inline(always)]
pub unsafe fn cell2_unchecked<'a, T>(a: Table<'a, Cell<T>>, i: impl At, j: impl At) -> &'a Cell<T> {
    let at = i.position(a.nrows()) * a.ncols() + j.position(a.ncols());
    // SAFETY: the caller promises the element, and there are `nrows * ncols`.
    unsafe { a.data().get_unchecked(at) }
}
