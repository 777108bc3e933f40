//! The same elements, in row-major order, in another shape.

use std::marker::PhantomData;
use std::ops::Range;

use smallvec::SmallVec;

use super::{Block, Needs, Read, Reads};
use crate::buffer::Buffer;
use crate::chunks::{AxisChunks, Chunks};
use crate::element::Element;
use crate::error::Result;
use crate::gather::{dense_strides, each_place, gather, scatter};
use crate::view::View;
use crate::window::{Dims, Window, bytes_of, count};

/// Of how many elements a run is worth being read by itself.
const RUN: usize = 32;

/// Gives an array another shape.
///
/// The axes of both shapes fall into groups that have as many elements: of `[4, 6, 5]` and `[24, 5]` the groups are
/// 4 x 6 and 24, and 5 and 5. A window of the result shows boxes of each group of axes, which follow each other in
/// its order.
pub(crate) struct Reshape<T> {
    from: Dims,
    to: Dims,
    groups: Vec<Group>,
    element: PhantomData<fn() -> T>,
}

/// Axes of the input and of the result over the same elements.
#[derive(Debug, PartialEq, Eq)]
struct Group {
    from: Range<usize>,
    to: Range<usize>,
}

/// A box of the axes of a group, and where its elements are among those that a window shows of the group.
struct Piece {
    at: usize,
    len: usize,
    ranges: SmallVec<[Range<usize>; 4]>,
}

impl<T: Element> Reshape<T> {
    /// Both shapes have as many elements.
    pub(crate) fn new(from: &[usize], to: &[usize]) -> Self {
        Self { from: from.into(), to: to.into(), groups: groups(from, to), element: PhantomData }
    }

    /// How the result is cut: as the input where an axis stays, otherwise into as many elements, in the order in
    /// which they lie.
    pub(crate) fn chunks(&self, of: &Chunks) -> Chunks {
        let mut axes: SmallVec<[AxisChunks; 4]> = SmallVec::new();
        for group in &self.groups {
            if (group.from.len(), group.to.len()) == (1, 1) {
                axes.push(of.axis(group.from.start).clone());
                continue;
            }
            let largest = of.axes()[group.from.clone()].iter().map(AxisChunks::largest);
            let mut left = largest.fold(1, usize::saturating_mul);
            let mut cuts: SmallVec<[AxisChunks; 4]> = SmallVec::new();
            for &len in self.to[group.to.clone()].iter().rev() {
                let size = len.min(left).max(1);
                cuts.push(AxisChunks::even(len, size).unwrap_or_else(|_| AxisChunks::one(len)));
                left /= size;
            }
            axes.extend(cuts.into_iter().rev());
        }
        Chunks::new(axes)
    }

    /// Calls `set` with the axes that are made whole, and their lengths: the last ones of a group, as long as they
    /// have few elements together, so that windows do not show runs of one element or two.
    fn widen(&self, mut set: impl FnMut(usize, usize)) {
        for group in &self.groups {
            let mut run = 1;
            for axis in group.to.clone().skip(1).rev() {
                run *= self.to[axis];
                if run > RUN {
                    break;
                }
                set(axis, self.to[axis]);
            }
        }
    }

    /// Fills `out` with a window, whose runs are worth being read each.
    fn fill(&self, window: &Window, inputs: &mut dyn Read, out: &mut Buffer) -> Result<()> {
        let lens = self.lens(window.shape());
        let strides = dense_strides(&lens);
        let all = window.len();
        self.each(window, |read, pieces| {
            if read.len() == all {
                return inputs.read(0, &read, out);
            }
            let elements = inputs.get(0, &read)?;
            let shape: Dims = pieces.iter().map(|piece| piece.len).collect();
            let places = pieces.iter().zip(&strides);
            let first = places.map(|(piece, stride)| piece.at * stride.unsigned_abs()).sum();
            scatter::<T>(elements.elements(), &shape, out.elements_mut(), first, &strides);
            Ok(())
        })
    }

    /// How many elements a window shows of each group.
    fn lens(&self, shape: &[usize]) -> Dims {
        self.groups.iter().map(|group| count(&shape[group.to.clone()])).collect()
    }

    /// Calls `each` with the windows of the input that a window shows, and their pieces.
    fn each<E>(
        &self,
        window: &Window,
        mut each: impl FnMut(Window, &[&Piece]) -> Result<(), E>,
    ) -> Result<(), E> {
        let pieces: SmallVec<[Vec<Piece>; 4]> =
            self.groups.iter().map(|group| self.pieces(group, window)).collect();
        let counts: Dims = pieces.iter().map(Vec::len).collect();
        crate::tile::parts(&Window::whole(&counts), &Dims::from_elem(1, counts.len()), |at| {
            let chosen: SmallVec<[&Piece; 4]> =
                pieces.iter().zip(at.start()).map(|(pieces, &at)| &pieces[at]).collect();
            let ranges = chosen.iter().flat_map(|piece| piece.ranges.iter().cloned());
            each(Window::new(&ranges.collect::<SmallVec<[_; 4]>>()), &chosen)
        })
    }

    /// A box of the axes of a group of the input that holds what a window shows.
    fn hull(&self, group: &Group, window: &Window) -> SmallVec<[Range<usize>; 4]> {
        let index = |at: &dyn Fn(Range<usize>) -> usize| {
            let axes = group.to.clone().map(|axis| (self.to[axis], at(window.range(axis))));
            axes.fold(0, |index, (len, at)| index * len + at)
        };
        let [mut first, mut last] = [index(&|range| range.start), index(&|range| range.end - 1)];
        let mut ranges: SmallVec<[Range<usize>; 4]> = SmallVec::new();
        for &len in self.from[group.from.clone()].iter().rev() {
            let len = len.max(1);
            // What goes on in the axes outside of it shows all of an axis.
            let goes_on = first / len != last / len;
            ranges.push(if goes_on { 0..len } else { first % len..last % len + 1 });
            (first, last) = (first / len, last / len);
        }
        ranges.reverse();
        ranges
    }

    fn pieces(&self, group: &Group, window: &Window) -> Vec<Piece> {
        let (from, to) = (&self.from[group.from.clone()], &self.to[group.to.clone()]);
        let ranges: SmallVec<[Range<usize>; 4]> =
            group.to.clone().map(|axis| window.range(axis)).collect();
        let mut pieces = vec![];
        let mut at = 0;
        each_run(to, &ranges, |run| {
            boxes(from, run, &mut SmallVec::new(), &mut |ranges| {
                let len = ranges.iter().map(ExactSizeIterator::len).product();
                pieces.push(Piece { at, len, ranges: ranges.into() });
                at += len;
            });
        });
        pieces
    }
}

/// The smallest groups of axes that have as many elements in both shapes.
fn groups(from: &[usize], to: &[usize]) -> Vec<Group> {
    if from.contains(&0) || from.is_empty() || to.is_empty() {
        return vec![Group { from: 0..from.len(), to: 0..to.len() }];
    }
    let mut groups = vec![];
    let (mut i, mut j) = (0, 0);
    while i < from.len() && j < to.len() {
        let (first, second) = (i, j);
        let (mut a, mut b) = (from[i], to[j]);
        (i, j) = (i + 1, j + 1);
        while a != b {
            if a < b {
                a *= from[i];
                i += 1;
            } else {
                b *= to[j];
                j += 1;
            }
        }
        groups.push(Group { from: first..i, to: second..j });
    }
    // Axes of one element that are left over.
    if let Some(last) = groups.last_mut() {
        (last.from.end, last.to.end) = (from.len(), to.len());
    }
    groups
}

/// Calls `each` with the ranges of elements that follow each other in a window of a shape.
fn each_run(shape: &[usize], window: &[Range<usize>], mut each: impl FnMut(Range<usize>)) {
    let whole = shape.iter().zip(window).rev().take_while(|(len, range)| range.len() == **len);
    let outer = (shape.len() - whole.count()).saturating_sub(1);
    let strides = dense_strides(shape);
    let (Some(range), Some(stride)) = (window.get(outer), strides.get(outer)) else {
        return each(0..1);
    };
    let len = range.len() * stride.unsigned_abs();
    let places = window[..=outer].iter().zip(&strides);
    let start = places.map(|(range, stride)| range.start * stride.unsigned_abs()).sum();
    let lens: Dims = window[..outer].iter().map(ExactSizeIterator::len).collect();
    each_place(start, &strides[..outer], &lens, |_, first| each(first..first + len));
}

/// Calls `each` with the boxes that a range of the elements of a shape consists of, in order: each lies densely in
/// row-major order, and there are at most two for each axis.
fn boxes(
    shape: &[usize],
    run: Range<usize>,
    outer: &mut SmallVec<[Range<usize>; 4]>,
    each: &mut dyn FnMut(&[Range<usize>]),
) {
    let Some((&len, rest)) = shape.split_first() else { return each(outer) };
    let inner: usize = rest.iter().product();
    let mut part = |index: Range<usize>, run: Range<usize>| {
        if !run.is_empty() {
            outer.push(index);
            boxes(rest, run, outer, each);
            outer.pop();
        }
    };
    let (first, last) = (run.start / inner, run.end / inner);
    if first == last {
        return part(first..first + 1, run.start % inner..run.end % inner);
    }
    let whole = run.start.div_ceil(inner);
    if whole > first {
        part(first..whole, run.start % inner..inner);
    }
    if whole < last {
        debug_assert!(last <= len, "{run:?} of {shape:?}");
        part(whole..last, 0..inner);
    }
    part(last..last + 1, 0..run.end % inner);
}

impl<T: Element> Block for Reshape<T> {
    fn name(&self) -> &str {
        "reshape"
    }

    fn needs(&self, window: &Window) -> Needs {
        let mut needs = Needs::new();
        let mut wide = window.clone();
        self.widen(|axis, len| wide.set(axis, 0..len));
        let Ok(()) = self.each::<std::convert::Infallible>(&wide, |window, _| {
            needs.push((0, window));
            Ok(())
        });
        needs
    }

    /// Each element once: those from the first to the last of each group, of which a window shows some.
    fn reads(&self, window: &Window) -> SmallVec<[Reads; 4]> {
        let mut wide = window.clone();
        self.widen(|axis, len| wide.set(axis, 0..len));
        let ranges = self.groups.iter().flat_map(|group| self.hull(group, &wide));
        let hull = Window::new(&ranges.collect::<SmallVec<[_; 4]>>());
        smallvec::smallvec![Reads { input: 0, hull, elements: wide.len() as u128 }]
    }

    fn bytes(&self, shape: &[usize], input: &dyn Fn(usize, &[usize]) -> usize) -> usize {
        let mut wide = Dims::from(shape);
        self.widen(|axis, len| wide[axis] = len);
        let lens = self.lens(&wide);
        let mut read = self.from.clone();
        for (group, len) in self.groups.iter().zip(&lens) {
            let mut left = *len;
            for axis in group.from.clone().rev() {
                read[axis] = self.from[axis].min(left);
                left = left.div_ceil(read[axis].max(1));
            }
        }
        // The window with whole axes, and pieces of it: a run has two for each axis of the input.
        let pieces = lens.iter().map(|len| (2 * self.from.len()).saturating_mul(len.div_ceil(RUN)));
        let pieces = pieces.fold(0, usize::saturating_add).saturating_mul(size_of::<Piece>());
        let whole = if wide.as_slice() == shape { 0 } else { bytes_of(&lens, size_of::<T>()) };
        input(0, &read).saturating_add(whole).saturating_add(pieces)
    }

    fn computes(&self) -> bool {
        false
    }

    fn evaluate(&self, window: &Window, inputs: &mut dyn Read, out: &mut Buffer) -> Result<()> {
        let mut wide = window.clone();
        self.widen(|axis, len| wide.set(axis, 0..len));
        if wide == *window {
            return self.fill(window, inputs, out);
        }
        let mut all = Buffer::new(T::DTYPE);
        all.resize(wide.len());
        self.fill(&wide, inputs, &mut all)?;
        let (first, strides) = View::whole(&self.to).places(window, &wide);
        gather::<T>(all.elements(), first, &strides, window.shape(), out.elements_mut());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_are_grouped() {
        let found = |from: &[usize], to: &[usize]| {
            let groups = groups(from, to).into_iter();
            groups.map(|group| (group.from, group.to)).collect::<Vec<_>>()
        };
        assert_eq!(found(&[4, 6, 5], &[24, 5]), [(0..2, 0..1), (2..3, 1..2)]);
        assert_eq!(found(&[6, 4], &[4, 6]), [(0..2, 0..2)]);
        assert_eq!(found(&[3, 1], &[3, 1, 1]), [(0..1, 0..1), (1..2, 1..3)]);
        assert_eq!(found(&[7], &[1, 7]), [(0..1, 0..2)]);
        assert_eq!(found(&[], &[1, 1]), [(0..0, 0..2)]);
        assert_eq!(found(&[1, 1], &[]), [(0..2, 0..0)]);
    }

    #[test]
    fn boxes_of_a_range() {
        let mut found = vec![];
        boxes(&[4, 3, 5], 7..48, &mut SmallVec::new(), &mut |ranges| {
            found.push(Window::new(ranges));
        });
        let expected = [
            Window::new(&[0..1, 1..2, 2..5]),
            Window::new(&[0..1, 2..3, 0..5]),
            Window::new(&[1..3, 0..3, 0..5]),
            Window::new(&[3..4, 0..1, 0..3]),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_narrow_window_is_read_at_once() {
        let reshape = Reshape::<f64>::new(&[1 << 19, 2], &[1 << 18, 4]);
        let needs = reshape.needs(&Window::new(&[100..2000, 1..2]));
        assert_eq!(needs.as_slice(), [(0, Window::new(&[200..4000, 0..2]))]);
    }

    #[test]
    fn a_window_of_whole_rows_is_read_at_once() {
        let reshape = Reshape::<f64>::new(&[100, 40, 30], &[4000, 30]);
        let needs = reshape.needs(&Window::new(&[400..1200, 10..20]));
        assert_eq!(needs.as_slice(), [(0, Window::new(&[10..30, 0..40, 10..20]))]);
        let chunks = reshape.chunks(&Chunks::even(&[100, 40, 30], &[10, 40, 15]).unwrap());
        assert_eq!(chunks.largest().as_slice(), [400, 15]);
    }
}
