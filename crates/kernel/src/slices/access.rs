//! Elements of slices, by an index that is checked, and windows whose elements need no check.

use std::cell::Cell;

use super::argument::Table;
use crate::error::{Error, ErrorKind};

/// An index as the kernel has it.
pub trait At: Copy {
    /// Counted from the start; `usize::MAX` of what lies before the start.
    fn position(self, len: usize) -> usize;
    /// As people write it: what an unsigned number wrapped to is negative again.
    fn shown(self) -> isize;
}

impl At for usize {
    #[inline(always)]
    fn position(self, _: usize) -> usize {
        self
    }
    #[inline(always)]
    fn shown(self) -> isize {
        self.cast_signed()
    }
}

/// An index that counts from the end if it is negative, of a kernel with `wraparound = on`.
#[derive(Debug, Clone, Copy)]
pub struct FromEnd(pub isize);

impl At for FromEnd {
    #[inline(always)]
    fn position(self, len: usize) -> usize {
        crate::ops::wrap_index(self.0, len)
    }
    #[inline(always)]
    fn shown(self) -> isize {
        self.0
    }
}

#[cold]
#[inline(never)]
fn outside(name: &str, index: isize, len: usize) -> Error {
    let message =
        format!("index {index} of argument `{name}` is out of range for its length {len}");
    Error::new(ErrorKind::Bounds, message)
}

#[cold]
#[inline(never)]
fn outside_matrix(name: &str, index: [isize; 2], [rows, cols]: [usize; 2]) -> Error {
    let [i, j] = index;
    let message = format!(
        "index ({i}, {j}) of argument `{name}` is out of range for its shape ({rows}, {cols})"
    );
    Error::new(ErrorKind::Bounds, message)
}

/// A slice that is written, as cells.
#[inline(always)]
pub fn cells<T>(x: &mut [T]) -> &[Cell<T>] {
    Cell::from_mut(x).as_slice_of_cells()
}

/// Elements with a shape.
#[inline(always)]
pub fn matrix<T>(data: &[T], shape: [usize; 2]) -> Table<'_, T> {
    Table::new(data, shape)
}

/// `x[at]` of a slice that is read.
#[inline(always)]
pub fn get<T: Copy>(x: &[T], at: impl At, name: &'static str) -> Result<T, Error> {
    match x.get(at.position(x.len())) {
        Some(found) => Ok(*found),
        None => Err(outside(name, at.shown(), x.len())),
    }
}

/// `x[at]` of a slice that is written.
#[inline(always)]
pub fn cell<'a, T>(
    x: &'a [Cell<T>],
    at: impl At,
    name: &'static str,
) -> Result<&'a Cell<T>, Error> {
    match x.get(at.position(x.len())) {
        Some(found) => Ok(found),
        None => Err(outside(name, at.shown(), x.len())),
    }
}

#[inline(always)]
fn find<'a, T>(
    a: Table<'a, T>,
    i: impl At,
    j: impl At,
    name: &'static str,
) -> Result<&'a T, Error> {
    let (row, col) = (i.position(a.nrows()), j.position(a.ncols()));
    if row < a.nrows()
        && col < a.ncols()
        && let Some(found) = a.data().get(row * a.ncols() + col)
    {
        return Ok(found);
    }
    Err(outside_matrix(name, [i.shown(), j.shown()], a.shape()))
}

/// `a[[i, j]]` of a matrix that is read.
#[inline(always)]
pub fn get2<T: Copy>(
    a: Table<'_, T>,
    i: impl At,
    j: impl At,
    name: &'static str,
) -> Result<T, Error> {
    find(a, i, j, name).copied()
}

/// `a[[i, j]]` of a matrix that is written.
#[inline(always)]
pub fn cell2<'a, T>(
    a: Table<'a, Cell<T>>,
    i: impl At,
    j: impl At,
    name: &'static str,
) -> Result<&'a Cell<T>, Error> {
    find(a, i, j, name)
}

/// `count` elements from `first` on, if there are so many.
#[inline(always)]
#[must_use]
pub fn window<T>(x: &[T], first: usize, count: usize) -> Option<&[T]> {
    x.get(first..)?.get(..count)
}

/// `count` elements of a row from `first` on, if there are so many.
#[inline(always)]
#[must_use]
pub fn row_window<'a, T>(
    a: Table<'a, T>,
    row: usize,
    first: usize,
    count: usize,
) -> Option<&'a [T]> {
    if row >= a.nrows() {
        return None;
    }
    let row = a.data().get(row * a.ncols()..)?.get(..a.ncols())?;
    window(row, first, count)
}

/// Elements from the first to the last that `(start..end).step_by(step)` visits, both included.
#[inline(always)]
#[must_use]
pub fn span(start: usize, end: usize, step: usize) -> Option<usize> {
    match end.saturating_sub(start) {
        0 => Some(0),
        len if step == 1 => Some(len),
        len => Some((len - 1) / step * step + 1),
    }
}

/// The same of `(start..=last).step_by(step)`; none if there is no number behind the last.
#[inline(always)]
#[must_use]
pub fn span_inclusive(start: usize, last: usize, step: usize) -> Option<usize> {
    span(start, last.checked_add(1)?, step)
}

/// The step of a range.
#[inline(always)]
pub fn step(step: usize) -> Result<usize, Error> {
    if step == 0 {
        return Err(Error::new(ErrorKind::Argument, "a loop with a step of 0 never ends"));
    }
    Ok(step)
}
