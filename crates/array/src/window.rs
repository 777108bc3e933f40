//! A part of an array.

use std::fmt;
use std::ops::Range;

use smallvec::SmallVec;

/// A number for each axis.
pub type Dims = SmallVec<[usize; 4]>;

/// A box of elements: a range of indices on each axis of an array.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Window {
    start: Dims,
    shape: Dims,
}

impl Window {
    /// The window with one range for each axis.
    #[must_use]
    pub fn new(ranges: &[Range<usize>]) -> Self {
        let start = ranges.iter().map(|range| range.start).collect();
        Self { start, shape: ranges.iter().map(ExactSizeIterator::len).collect() }
    }

    /// All of an array.
    #[must_use]
    pub fn whole(shape: &[usize]) -> Self {
        Self { start: SmallVec::from_elem(0, shape.len()), shape: shape.into() }
    }

    /// Where it begins on each axis.
    #[must_use]
    pub fn start(&self) -> &[usize] {
        &self.start
    }

    /// How many elements it has on each axis.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// How many axes there are.
    #[must_use]
    pub fn ndim(&self) -> usize {
        self.start.len()
    }

    /// How many elements there are.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "windows are asked for their elements alone")]
    pub fn len(&self) -> usize {
        count(&self.shape)
    }

    /// The indices on an axis.
    #[must_use]
    pub fn range(&self, axis: usize) -> Range<usize> {
        self.start[axis]..self.start[axis] + self.shape[axis]
    }

    /// Takes other indices on an axis.
    pub fn set(&mut self, axis: usize, range: Range<usize>) {
        self.start[axis] = range.start;
        self.shape[axis] = range.len();
    }
}

/// How many elements a shape has, or the most that can be counted: a plan is made, and refused, of larger ones too.
pub(crate) fn count(shape: &[usize]) -> usize {
    shape.iter().fold(1, |count, &len| count.saturating_mul(len))
}

/// How many bytes elements of some bytes take in a shape, or the most that can be counted.
pub(crate) fn bytes_of(shape: &[usize], each: usize) -> usize {
    count(shape).saturating_mul(each)
}

impl fmt::Debug for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries((0..self.ndim()).map(|axis| self.range(axis))).finish()
    }
}
