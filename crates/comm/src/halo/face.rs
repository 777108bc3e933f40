//! The boxes of a block that are sent and received.

use std::ops::Range;

use ndarray::{ArrayView, ArrayViewMut, Dimension, Slice};

use crate::{Element, ErrorKind, Result};

/// A box of an array: a range along each axis.
pub(super) type Ranges = Vec<Range<usize>>;

/// A side of an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// Where the axis begins.
    Before,
    /// Where it ends.
    Behind,
}

/// How far the ghosts of a block reach.
#[derive(Clone, Debug)]
pub(super) struct Reach {
    widths: Vec<usize>,
    /// The sides of each axis that have no neighbour.
    ends: Vec<[bool; 2]>,
    has_corners: bool,
}

impl Reach {
    pub(super) fn new(widths: &[usize], ends: Vec<[bool; 2]>) -> Self {
        Self { widths: widths.to_vec(), ends, has_corners: true }
    }

    pub(super) fn star(self) -> Self {
        Self { has_corners: false, ..self }
    }

    pub(super) fn is_star(&self) -> bool {
        !self.has_corners
    }

    pub(super) fn widths(&self) -> &[usize] {
        &self.widths
    }

    fn check_axes(&self, argument: &'static str, shape: &[usize]) -> Result<()> {
        let (len, needed) = (shape.len(), self.widths.len());
        if len == needed { Ok(()) } else { Err(ErrorKind::Length { argument, len, needed }.into()) }
    }

    pub(super) fn padded(&self, shape: &[usize]) -> Result<Vec<usize>> {
        self.check_axes("shape", shape)?;
        let lengths = shape.iter().zip(&self.widths).enumerate().map(|(at, (&value, &width))| {
            let length = width.checked_mul(2).and_then(|ghosts| ghosts.checked_add(value));
            length.ok_or_else(|| ErrorKind::Overflow { argument: "shape", at, value }.into())
        });
        lengths.collect()
    }

    /// Whether anything goes along an axis: then it does for all ranks.
    pub(super) fn sends(&self, axis: usize) -> bool {
        self.widths[axis] > 0 && self.ends[axis] != [true; 2]
    }

    /// That a block has room for its ghosts, and if it sends for as many layers where there are neighbours. It is
    /// an argument of this name.
    pub(super) fn check(&self, argument: &'static str, shape: &[usize], sends: bool) -> Result<()> {
        self.check_axes(argument, shape)?;
        for (axis, (&length, &width)) in shape.iter().zip(&self.widths).enumerate() {
            let layers = if sends && self.sends(axis) { 3 } else { 2 };
            if width > length / layers {
                let needed = width.saturating_mul(layers);
                let kind = ErrorKind::Ghosts { argument, axis, width, length, needed };
                return Err(kind.into());
            }
        }
        Ok(())
    }

    /// What is not a ghost.
    pub(super) fn own(&self, argument: &'static str, shape: &[usize]) -> Result<Ranges> {
        self.check(argument, shape, false)?;
        let own = |(&length, &width): (&usize, &usize)| width..length - width;
        Ok(shape.iter().zip(&self.widths).map(own).collect())
    }

    /// What of that is as far from all ghosts as they are wide, and the rest in boxes.
    pub(super) fn parts(&self, shape: &[usize]) -> Result<(Ranges, Vec<Ranges>)> {
        // Along the axes that are done these are the core, and along the others all of its own.
        let (mut ranges, mut rim) = (self.own("shape", shape)?, vec![]);
        for (axis, &width) in self.widths.iter().enumerate() {
            let Range { start, end } = ranges[axis];
            let low = start + width.min(end - start);
            let high = low.max(end - width.min(end - start));
            for layers in [start..low, high..end] {
                let mut part = ranges.clone();
                part[axis] = layers;
                if part.iter().all(|range| !range.is_empty()) {
                    rim.push(part);
                }
            }
            ranges[axis] = low..high;
        }
        Ok((ranges, rim))
    }

    /// How many elements go each way at each side of an axis; 0 for a block that is too small.
    pub(super) fn count(&self, shape: &[usize], axis: usize) -> usize {
        if self.check("shape", shape, false).is_err() {
            return 0;
        }
        let ghosts = self.ghosts(shape, axis, Side::Before);
        ghosts.into_iter().map(|range| range.len()).product()
    }

    /// The layers that are sent.
    pub(super) fn sent(&self, shape: &[usize], axis: usize, side: Side) -> Ranges {
        let (length, width) = (shape[axis], self.widths[axis]);
        let layers = match side {
            Side::Before => width..2 * width,
            Side::Behind => length - 2 * width..length - width,
        };
        self.across(shape, axis, layers)
    }

    /// The layers that are received.
    pub(super) fn ghosts(&self, shape: &[usize], axis: usize, side: Side) -> Ranges {
        let (length, width) = (shape[axis], self.widths[axis]);
        let layers = match side {
            Side::Before => 0..width,
            Side::Behind => length - width..length,
        };
        self.across(shape, axis, layers)
    }

    /// These layers of an axis, and of each other what is not a ghost. Where there are corners also those of
    /// the axes before, which have been filled, and those beyond an end, which are the boundary.
    fn across(&self, shape: &[usize], axis: usize, layers: Range<usize>) -> Ranges {
        let range = |(other, (&length, &width)): (usize, (&usize, &usize))| {
            if other == axis {
                return layers.clone();
            }
            let with =
                |side: Side| self.has_corners && (other < axis || self.ends[other][side as usize]);
            let start = if with(Side::Before) { 0 } else { width };
            start..if with(Side::Behind) { length } else { length - width }
        };
        shape.iter().zip(&self.widths).enumerate().map(range).collect()
    }
}

/// Makes a buffer so long. Where there is an element there is one to fill it with.
pub(super) fn make_room<T: Element>(buffer: &mut Vec<T>, count: usize, fill: Option<&T>) {
    match fill {
        Some(&fill) => buffer.resize(count, fill),
        None => buffer.clear(),
    }
}

/// Copies a box of an array into a buffer, in logical order.
pub(super) fn pack<T: Element, D: Dimension>(
    array: &ArrayView<'_, T, D>,
    ranges: &[Range<usize>],
    buffer: &mut Vec<T>,
) {
    let face = array.slice_each_axis(|axis| Slice::from(ranges[axis.axis.index()].clone()));
    make_room(buffer, face.len(), face.first());
    let room = ArrayViewMut::from_shape(face.raw_dim(), buffer);
    room.expect("as long as the face").assign(&face);
}

/// Copies a buffer into a box of an array, in logical order.
pub(super) fn unpack<T: Element, D: Dimension>(
    buffer: &[T],
    ranges: &[Range<usize>],
    array: &mut ArrayViewMut<'_, T, D>,
) {
    let mut face = array.slice_each_axis_mut(|axis| Slice::from(ranges[axis.axis.index()].clone()));
    let data = ArrayView::from_shape(face.raw_dim(), buffer);
    face.assign(&data.expect("as long as the face"));
}
