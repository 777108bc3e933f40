//! A function of whole chunks.

use std::ops::Range;

use ndarray::{Dimension, IxDyn};

use super::{Block, Grain, Needs, Read};
use crate::buffer::{Buffer, Part};
use crate::chunks::Chunks;
use crate::element::Element;
use crate::error::{Error, ErrorKind, Result};
use crate::executor::caught;
use crate::ops::BlockInfo;
use crate::window::{Dims, Window, bytes_of};

/// What a function is given of the input for each chunk.
#[derive(Debug, Clone, Hash)]
pub(crate) enum Seen {
    /// Nothing: there is no input.
    Nothing,
    /// The input's chunk of the same number.
    Chunk,
    /// That chunk and so many elements on both sides of each axis, where the input has them.
    Around(Dims),
    /// The same of an input that was padded by as many, so that all chunks have them.
    Padded(Dims),
}

/// Makes each chunk of the result from the chunk of the input that has the same number.
pub(crate) struct MapChunks<R, D> {
    pub(crate) name: &'static str,
    /// The chunks of what the user sees as the input, and of the result: as many.
    pub(crate) from: Chunks,
    pub(crate) to: Chunks,
    pub(crate) seen: Seen,
    pub(crate) called: Called,
    pub(crate) function: Box<ChunkFunction<R, D>>,
}

/// What a function is called for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Called {
    /// Each chunk, as a whole.
    ForChunks,
    /// Any part of the array: it gives the same elements, however they are asked for.
    ForParts,
}

/// A function of what is seen of a chunk, its window in the input, and which chunk it is.
pub(crate) type ChunkFunction<R, D> =
    dyn Fn(Option<(&Window, Part<'_>)>, &BlockInfo) -> Result<ndarray::Array<R, D>> + Send + Sync;

impl<R: Element, D: Dimension> MapChunks<R, D> {
    /// The numbers of the chunks of the result that a window shows, and their windows.
    fn shown(&self, window: &Window) -> impl Iterator<Item = (usize, Window)> + '_ {
        let counts = self.to.counts();
        let along = (0..window.ndim()).map(|axis| {
            let (cut, range) = (self.to.axis(axis), window.range(axis));
            cut.chunk_of(range.start)..cut.chunk_of(range.end - 1) + 1
        });
        let indices = Window::new(&along.collect::<Vec<_>>());
        let (len, rows) = crate::tile::rows(&indices);
        rows.flat_map(move |row| {
            let first = row.iter().zip(&counts).fold(0, |number, (i, count)| number * count + i);
            first..first + len
        })
        .map(|number| (number, self.to.window(number)))
    }

    /// The numbers of the first and the last chunk of the result that a window shows.
    fn ends(&self, window: &Window) -> [usize; 2] {
        let number = |index: &dyn Fn(Range<usize>) -> usize| {
            let axes = self.to.axes().iter().enumerate();
            axes.fold(0, |number, (axis, cut)| {
                number * cut.count() + cut.chunk_of(index(window.range(axis)))
            })
        };
        [number(&|range| range.start), number(&|range| range.end - 1)]
    }

    /// The window of the input that is seen for a part of it, and how many of its elements lie before the part.
    fn seen(&self, part: &Window) -> Option<(Window, Dims)> {
        let mut window = part.clone();
        let mut before = Dims::from_elem(0, window.ndim());
        match &self.seen {
            Seen::Nothing => return None,
            Seen::Chunk => {}
            Seen::Padded(depth) => {
                for (axis, &depth) in depth.iter().enumerate() {
                    let Range { start, end } = window.range(axis);
                    window.set(axis, start..end + 2 * depth);
                    before[axis] = depth;
                }
            }
            Seen::Around(depth) => {
                for (axis, &depth) in depth.iter().enumerate() {
                    let Range { start, end } = window.range(axis);
                    before[axis] = depth.min(start);
                    let end = end.saturating_add(depth).min(self.from.axis(axis).len());
                    window.set(axis, start - before[axis]..end);
                }
            }
        }
        Some((window, before))
    }

    /// What the function makes of a part of the input, which has this window of the result.
    fn made(
        &self,
        info: &BlockInfo,
        to: &Window,
        inputs: &mut dyn Read,
    ) -> Result<ndarray::ArrayD<R>> {
        let seen = self.seen(info.window());
        let part = match &seen {
            Some((window, _)) => Some((window, inputs.get(0, window)?)),
            None => None,
        };
        let made = caught(|| (self.function)(part, info)).map_err(|text| {
            let sentence = format!("block {:?} of `{}` panicked: {text}", info.index(), self.name);
            Error::new(ErrorKind::Panicked, sentence)
        })??;
        self.fitted(made.into_dyn(), to, seen, info)
    }

    /// Takes what has the shape of the window, or that of what was seen, of which the rim is cut away.
    fn fitted(
        &self,
        mut made: ndarray::ArrayD<R>,
        to: &Window,
        seen: Option<(Window, Dims)>,
        info: &BlockInfo,
    ) -> Result<ndarray::ArrayD<R>> {
        if made.shape() == to.shape() {
            return Ok(made);
        }
        let mut or = String::new();
        if let (Some((window, before)), Seen::Around(_) | Seen::Padded(_)) = (&seen, &self.seen) {
            if made.shape() == window.shape() {
                made.slice_each_axis_inplace(|axis| {
                    let first = before[axis.axis.index()].cast_signed();
                    let len = to.shape()[axis.axis.index()].cast_signed();
                    ndarray::Slice::new(first, Some(first + len), 1)
                });
                return Ok(made);
            }
            or = format!(" or, with its rim, {:?}", window.shape());
        }
        let sentence = format!(
            "block {:?} of `{}` has the shape {:?}, but must have {:?}{or}",
            info.index(),
            self.name,
            made.shape(),
            to.shape()
        );
        Err(Error::new(ErrorKind::Shape, sentence))
    }
}

/// Puts elements in row-major order where they are asked for: the vector itself, if it has no others.
fn put<R: Element>(made: ndarray::ArrayD<R>, out: &mut Buffer) {
    let len = made.len();
    match made.into_raw_vec_and_offset() {
        (elements, None | Some(0)) if elements.capacity() == len => *out = Buffer::of(elements),
        (elements, first) => {
            let first = first.unwrap_or(0);
            out.elements_mut().copy_from_slice(&elements[first..first + len]);
        }
    }
}

impl<R: Element, D: Dimension> Block for MapChunks<R, D> {
    fn name(&self) -> &str {
        self.name
    }

    fn needs(&self, window: &Window) -> Needs {
        if self.called == Called::ForParts {
            return self.seen(window).map(|(seen, _)| (0, seen)).into_iter().collect();
        }
        // All that is read, once: what chunks see of their neighbours is there already. By formula: a plan asks for all.
        let [first, last] = self.ends(window);
        let seen = |chunk| self.seen(&self.from.window(chunk));
        let (Some((mut hull, _)), Some((last, _))) = (seen(first), seen(last)) else {
            return Needs::new();
        };
        let is_same_grid = self.from.counts() == self.to.counts();
        let mut is_apart = false;
        for axis in 0..hull.ndim() {
            let (a, b) = (hull.range(axis), last.range(axis));
            match is_apart && !is_same_grid {
                // From one row of chunks to another, all of them between.
                true => hull.set(axis, 0..self.from.axis(axis).len()),
                false => hull.set(axis, a.start..b.end),
            }
            is_apart |= a != b;
        }
        Needs::from_iter([(0, hull)])
    }

    fn bytes(&self, shape: &[usize], input: &dyn Fn(usize, &[usize]) -> usize) -> usize {
        let (mut chunk, to) = match self.called {
            Called::ForChunks => (self.from.largest(), self.to.largest()),
            Called::ForParts => (shape.into(), shape.into()),
        };
        // What is made, and once more: the system's allocator keeps the place of what was made before, of which
        // smaller things have taken a part.
        let made = bytes_of(&to, size_of::<R>()).saturating_mul(2);
        match &self.seen {
            Seen::Nothing => return made,
            Seen::Chunk => {}
            Seen::Around(depth) | Seen::Padded(depth) => {
                for (len, depth) in chunk.iter_mut().zip(depth) {
                    *len = len.saturating_add(depth.saturating_mul(2));
                }
            }
        }
        // What is made may still have its rim.
        let with_rim = bytes_of(&chunk, size_of::<R>()).saturating_mul(2);
        input(0, &chunk).saturating_add(made.max(with_rim))
    }

    fn keeps_rows(&self) -> bool {
        self.called == Called::ForParts
    }

    fn keeps_chunks(&self) -> bool {
        matches!(self.seen, Seen::Chunk)
    }

    fn grain(&self) -> Grain {
        match self.called {
            Called::ForChunks => Grain::Chunk,
            Called::ForParts => Grain::Element,
        }
    }

    fn reach(&self) -> &[usize] {
        match (self.called, &self.seen) {
            (Called::ForParts, Seen::Around(depth) | Seen::Padded(depth)) => depth,
            _ => &[],
        }
    }

    fn evaluate(&self, window: &Window, inputs: &mut dyn Read, out: &mut Buffer) -> Result<()> {
        if self.called == Called::ForParts {
            let made = self.made(&BlockInfo::of_part(&self.from, window), window, inputs)?;
            match made.is_standard_layout() {
                true => put(made, out),
                false => out.elements_mut().iter_mut().zip(&made).for_each(|(to, x)| *to = *x),
            }
            return Ok(());
        }
        for (number, chunk) in self.shown(window) {
            let mut made = self.made(&BlockInfo::new(&self.from, number), &chunk, inputs)?;
            if chunk == *window && made.is_standard_layout() {
                put(made, out);
                return Ok(());
            }
            let mut to =
                ndarray::ArrayViewMutD::from_shape(IxDyn(window.shape()), out.elements_mut())
                    .map_err(|error| Error::new(ErrorKind::Shape, error.to_string()))?;
            let common: Vec<Range<usize>> = (0..window.ndim())
                .map(|axis| {
                    let (a, b) = (chunk.range(axis), window.range(axis));
                    a.start.max(b.start)..a.end.min(b.end)
                })
                .collect();
            let part = |of: &Window, axis: usize| {
                let start = of.start()[axis];
                ndarray::Slice::from(common[axis].start - start..common[axis].end - start)
            };
            made.slice_each_axis_inplace(|axis| part(&chunk, axis.axis.index()));
            let mut to = to.slice_each_axis_mut(|axis| part(window, axis.axis.index()));
            to.assign(&made);
        }
        Ok(())
    }
}
