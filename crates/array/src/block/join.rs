//! Arrays one after another along an axis.

use std::marker::PhantomData;
use std::ops::Range;

use super::{Block, Needs, Read};
use crate::buffer::Buffer;
use crate::element::Element;
use crate::error::Result;
use crate::gather::{dense_strides, scatter};
use crate::window::{Dims, Window};

/// Joins its inputs along an axis.
pub(crate) struct Join<T> {
    axis: usize,
    /// Where the inputs end in the result.
    ends: Vec<usize>,
    element: PhantomData<fn() -> T>,
}

impl<T: Element> Join<T> {
    /// Inputs of some lengths along the axis.
    pub(crate) fn new(axis: usize, lens: impl IntoIterator<Item = usize>) -> Self {
        let ends = lens.into_iter().scan(0, |end, len| {
            *end += len;
            Some(*end)
        });
        Self { axis, ends: ends.collect(), element: PhantomData }
    }

    fn start(&self, input: usize) -> usize {
        input.checked_sub(1).map_or(0, |before| self.ends[before])
    }

    /// The inputs that a range of the result is made of, each with the part of the range that it has. The first is
    /// found by halving, and none but those is looked at.
    fn parts(&self, range: Range<usize>) -> impl Iterator<Item = (usize, Range<usize>)> + '_ {
        let first = self.ends.partition_point(|&end| end <= range.start);
        let parts = (first..self.ends.len()).map_while(move |input| {
            let start = self.start(input).max(range.start);
            let part = start..self.ends[input].min(range.end);
            (start < range.end).then_some((input, part))
        });
        parts.filter(|(_, part)| !part.is_empty())
    }

    /// The window of an input that a part of a window shows.
    fn shown(&self, input: usize, window: &Window, part: &Range<usize>) -> Window {
        let start = self.start(input);
        let mut shown = window.clone();
        shown.set(self.axis, part.start - start..part.end - start);
        shown
    }
}

impl<T: Element> Block for Join<T> {
    fn name(&self) -> &str {
        "concatenate"
    }

    fn needs(&self, window: &Window) -> Needs {
        let parts = self.parts(window.range(self.axis));
        parts.map(|(input, part)| (input, self.shown(input, window, &part))).collect()
    }

    /// The most that inputs which follow each other take, if one window can show parts of all of them.
    fn bytes(&self, shape: &[usize], input: &dyn Fn(usize, &[usize]) -> usize) -> usize {
        let mut part = Dims::from(shape);
        let each = (0..self.ends.len()).map(|at| {
            part[self.axis] = shape[self.axis].min(self.ends[at] - self.start(at));
            input(at, &part)
        });
        let each: Vec<usize> = each.collect();
        let (mut first, mut sum, mut most) = (0, 0_usize, 0);
        for (last, bytes) in each.iter().enumerate() {
            sum = sum.saturating_add(*bytes);
            // Between the last element of the first and the first one of the last.
            while first < last
                && self.start(last).saturating_sub(self.ends[first]) + 2 > shape[self.axis]
            {
                sum = sum.saturating_sub(each[first]);
                first += 1;
            }
            most = most.max(sum);
        }
        most
    }

    fn keeps_chunks(&self) -> bool {
        true
    }

    fn keeps_rows(&self) -> bool {
        true
    }

    fn computes(&self) -> bool {
        false
    }

    fn evaluate(&self, window: &Window, inputs: &mut dyn Read, out: &mut Buffer) -> Result<()> {
        let strides = dense_strides(window.shape());
        for (input, part) in self.parts(window.range(self.axis)) {
            let shown = self.shown(input, window, &part);
            if part == window.range(self.axis) {
                return inputs.read(input, &shown, out);
            }
            let elements = inputs.get(input, &shown)?;
            let first =
                (part.start - window.start()[self.axis]) * strides[self.axis].unsigned_abs();
            scatter::<T>(elements.elements(), shown.shape(), out.elements_mut(), first, &strides);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_find_their_inputs() {
        let join = Join::<u8>::new(0, [3, 0, 2, 4]);
        let parts = |range| join.parts(range).collect::<Vec<_>>();
        assert_eq!(parts(0..9), [(0, 0..3), (2, 3..5), (3, 5..9)]);
        assert_eq!(parts(3..4), [(2, 3..4)]);
        assert_eq!(parts(4..6), [(2, 4..5), (3, 5..6)]);
        let window = Window::new(&[4..7, 1..3]);
        let expected = [(2, Window::new(&[1..2, 1..3])), (3, Window::new(&[0..2, 1..3]))];
        assert_eq!(join.needs(&window).as_slice(), expected);
    }

    #[test]
    fn only_neighbours_are_held_together() {
        let join = Join::<u8>::new(0, [10; 100]);
        let bytes = |len| join.bytes(&[len], &|_, shape| shape[0]);
        assert_eq!((bytes(1), bytes(2), bytes(11), bytes(12)), (1, 4, 20, 30));
    }
}
