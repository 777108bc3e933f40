//! How a part of an array lies in memory with what is around it, so that the innermost loop has no
//! edge.
//!
//! There are two layouts. In the *plain* one, columns follow each other. In the *lifted* one, a row
//! of `n` columns is cut into as many pieces as a group has lanes, and column `c` lies in lane
//! `c / groups` of group `c % groups`. Then the neighbours of a whole group, one column to the
//! right, are the next group: every read is aligned, and reads of neighbouring groups coincide.
//! (In the plain layout they straddle cache lines, which costs twice as much, and more with wide
//! registers.)

use std::marker::PhantomData;

use super::Border;
use super::cursor::Field;
use crate::simd::Element;

/// Bytes of a cache line.
const LINE: usize = 64;
/// Bytes after the planes that may be read, though nobody looks at them: more than a group has.
const SLACK: usize = 512;

/// A plane: rows of columns, with the neighbours that lie outside. In two dimensions it has one
/// row, in one dimension there is one plane.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    /// Planes, rows, columns.
    pub(super) shape: [usize; 3],
    pub(super) low: [usize; 3],
    pub(super) high: [usize; 3],
    pub(super) lanes: usize,
    pub(super) is_lifted: bool,
    /// Groups in a row, of the lifted layout.
    pub(super) groups: usize,
    /// From one row to the next.
    pub(super) row: usize,
    /// From one plane to the next.
    pub(super) plane: usize,
    /// From the start of a plane to its first element inside.
    pub(super) origin: usize,
}

impl Layout {
    pub(super) fn plain(shape: [usize; 3], reach: [(usize, usize); 3], lanes: usize) -> Self {
        let low = reach.map(|(low, _)| low);
        let high = reach.map(|(_, high)| high);
        let before = low[2].next_multiple_of(LINE);
        let row = (before + shape[2].max(lanes) + high[2]).next_multiple_of(LINE);
        Self::with_row(shape, low, high, lanes, false, 0, row, before)
    }

    pub(super) fn lifted(
        shape: [usize; 3],
        reach: [(usize, usize); 3],
        lanes: usize,
        has_constant: bool,
    ) -> Self {
        let low = reach.map(|(low, _)| low);
        let high = reach.map(|(_, high)| high);
        let groups = shape[2].div_ceil(lanes).max(low[2]).max(high[2]).max(1);
        // One group in front for the constant of the border, if it has one. An odd number, lest the
        // rows of a power of two of columns share a few sets of the cache.
        let before = usize::from(has_constant) + low[2];
        let row = ((before + groups + high[2]) | 1) * lanes;
        Self::with_row(shape, low, high, lanes, true, groups, row, before * lanes)
    }

    #[expect(clippy::too_many_arguments, reason = "the rest of the two above")]
    fn with_row(
        shape: [usize; 3],
        low: [usize; 3],
        high: [usize; 3],
        lanes: usize,
        is_lifted: bool,
        groups: usize,
        row: usize,
        before: usize,
    ) -> Self {
        let plane = (low[1] + shape[1] + high[1]) * row;
        let origin = low[1] * row + before;
        Self { shape, low, high, lanes, is_lifted, groups, row, plane, origin }
    }

    /// Where column `at` inside of the row lies, from its first.
    pub(super) fn column(&self, at: usize) -> usize {
        if self.is_lifted { at % self.groups * self.lanes + at / self.groups } else { at }
    }

    /// Of the lifted layout: where the border's constant lies, before the first column.
    fn constant(&self) -> isize {
        -((1 + self.low[2]) * self.lanes).cast_signed()
    }

    /// Of the lifted layout: memory for planes, with the border's constant in its place.
    pub(super) fn room<T: Element>(&self, planes: usize, border: Border<T>) -> Room<T> {
        let mut room: Room<T> = Room::new(planes * self.plane);
        if let Border::Const(value) = border {
            let first = room.first().wrapping_add(self.origin - self.low[1] * self.row);
            for row in 0..planes * self.plane / self.row {
                let at = first.wrapping_add(row * self.row).wrapping_offset(self.constant());
                // SAFETY: the row has a place for it.
                unsafe { at.write(value) };
            }
        }
        room
    }

    /// Of the lifted layout: what must be copied in a row once its groups are there, and the groups
    /// around it were copied from the other end of the row a lane off.
    pub(super) fn fixes<T>(&self, border: &Border<T>) -> Vec<Fix> {
        let (low, high) = (self.low[2].cast_signed(), self.high[2].cast_signed());
        let (groups, lanes) = (self.groups.cast_signed(), self.lanes.cast_signed());
        let len = self.shape[2].cast_signed();
        let mut fixes = vec![];
        for column in (-low..0).chain(len..len + high) {
            let from = match border.fold(column, self.shape[2]) {
                Some(found) => self.column(found).cast_signed(),
                None if matches!(border, Border::Const(_)) => self.constant(),
                None => continue,
            };
            for group in -low..groups + high {
                let lane = (column - group) / groups;
                if (column - group) % groups == 0 && (0..lanes).contains(&lane) {
                    fixes.push(Fix { group, lane: 1 << lane, from });
                }
            }
        }
        fixes
    }

    /// Of the lifted layout: which lanes of each group hold columns of a range.
    fn lanes_of(&self, columns: &std::ops::Range<usize>) -> impl Iterator<Item = u32> {
        (0..self.groups).map(move |group| {
            let is_in = |lane: &usize| columns.contains(&(lane * self.groups + group));
            (0..self.lanes).filter(is_in).fold(0, |bits, lane| bits | 1 << lane)
        })
    }

    /// Of the lifted layout: a row in stretches, in which the columns of a range are computed.
    pub(super) fn stretches(&self, counted: std::ops::Range<usize>) -> Vec<Stretch> {
        let mut stretches: Vec<Stretch> = vec![];
        let all = 0..self.shape[2];
        for (all, active) in self.lanes_of(&all).zip(self.lanes_of(&counted)) {
            let kept = all & !active;
            match stretches.last_mut() {
                Some(last) if (last.active, last.kept) == (active, kept) => last.groups += 1,
                _ => stretches.push(Stretch { groups: 1, active, kept }),
            }
        }
        stretches
    }
}

/// Groups that follow each other in a row of the lifted layout, and are alike.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Stretch {
    pub(super) groups: usize,
    /// Bits of the lanes that are computed.
    pub(super) active: u32,
    /// Bits of those that keep their values.
    pub(super) kept: u32,
}

/// A lane of a group that is copied from elsewhere in its row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fix {
    pub(super) group: isize,
    /// As a bit.
    pub(super) lane: u32,
    /// Where it comes from.
    pub(super) from: isize,
}

/// Memory for planes, of zeros at first.
#[derive(Debug)]
pub(super) struct Room<T> {
    /// Of integers, for which the system has zeros ready.
    words: Vec<u64>,
    of: PhantomData<T>,
}

impl<T: Element> Room<T> {
    pub(super) fn new(elements: usize) -> Self {
        const { assert!(SLACK >= 16 * size_of::<T>(), "a group must fit into the slack") };
        let words = (elements * size_of::<T>() + LINE + SLACK).div_ceil(size_of::<u64>());
        Self { words: vec![0; words], of: PhantomData }
    }

    /// The first element, which is aligned to a cache line.
    pub(super) fn first(&mut self) -> *mut T {
        let first = self.words.as_mut_ptr();
        first.wrapping_add(first.align_offset(LINE)).cast()
    }
}

/// A part of a field, as wide and high as a layout; it may lie outside, where the border is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    /// Planes and columns of the field before those of the layout.
    pub(super) start: [isize; 3],
}

impl Window {
    pub(super) const WHOLE: Window = Window { start: [0; 3] };
}

impl<T: Element> Field<T> {
    /// Copies a plane of the window, `at` planes after its first, with what is around it in the
    /// plane. Of the lifted layout, without what is before and after the rows.
    ///
    /// # Safety
    /// The field lies where it says; `to` is the first element inside of a plane of the layout.
    pub(super) unsafe fn load(&self, layout: &Layout, window: Window, at: isize, to: *mut T) {
        let plane = self.border.fold(window.start[0] + at, self.shape[0]);
        let (low, high) = (layout.low[1].cast_signed(), layout.high[1].cast_signed());
        for row in -low..layout.shape[1].cast_signed() + high {
            let to = to.wrapping_offset(row * layout.row.cast_signed());
            let found = self.border.fold(window.start[1] + row, self.shape[1]);
            let from = plane.zip(found).map(|(plane, row)| {
                let plane = plane.cast_signed() * self.strides[0];
                self.first.wrapping_offset(plane + row.cast_signed() * self.strides[1])
            });
            if layout.is_lifted {
                // SAFETY: as the caller promises.
                unsafe { self.load_lifted(layout, window.start[2], from, to) };
            } else {
                // SAFETY: as the caller promises.
                unsafe { self.load_plain(layout, window.start[2], from, to) };
            }
        }
    }

    fn outside(&self) -> T {
        match self.border {
            Border::Const(value) => value,
            _ => T::NIL,
        }
    }

    /// # Safety
    /// `from` is a row of the field if it is there, `to` one of the layout.
    unsafe fn load_plain(&self, layout: &Layout, start: isize, from: Option<*mut T>, to: *mut T) {
        let len = layout.shape[2];
        let (low, high) = (layout.low[2].cast_signed(), layout.high[2].cast_signed());
        let Some(from) = from else {
            let first = to.wrapping_offset(-low);
            for column in 0..layout.low[2] + len + layout.high[2] {
                // SAFETY: the row has so many.
                unsafe { first.wrapping_add(column).write(self.outside()) };
            }
            return;
        };
        let inside = (-start).clamp(0, len.cast_signed());
        let end = (self.shape[2].cast_signed() - start).clamp(inside, len.cast_signed());
        let first = from.wrapping_offset((start + inside) * self.strides[2]);
        if self.strides[2] == 1 {
            let to = to.wrapping_offset(inside);
            // SAFETY: so many columns are in the field.
            unsafe { to.copy_from_nonoverlapping(first, (end - inside).cast_unsigned()) };
        } else {
            for column in 0..end - inside {
                let from = first.wrapping_offset(column * self.strides[2]);
                // SAFETY: the column is in the field.
                let value = unsafe { from.read() };
                // SAFETY: and in the layout.
                unsafe { to.wrapping_offset(inside + column).write(value) };
            }
        }
        for column in (-low..inside).chain(end..len.cast_signed() + high) {
            let value = match self.border.fold(start + column, self.shape[2]) {
                // SAFETY: the column is in the field.
                Some(at) => unsafe {
                    from.wrapping_offset(at.cast_signed() * self.strides[2]).read()
                },
                None => self.outside(),
            };
            // SAFETY: the row has so many before and after it.
            unsafe { to.wrapping_offset(column).write(value) };
        }
    }

    /// # Safety
    /// As `load_plain`.
    unsafe fn load_lifted(&self, layout: &Layout, start: isize, from: Option<*mut T>, to: *mut T) {
        if let Border::Const(value) = self.border {
            let constant = to.wrapping_offset(layout.constant());
            // SAFETY: the row has a place for it.
            unsafe { constant.write(value) };
        }
        let (len, groups) = (layout.shape[2], layout.groups);
        let is_inside = start >= 0 && start.cast_unsigned() + len <= self.shape[2];
        let (Some(from), true) = (from, is_inside) else {
            for column in 0..len {
                let place = self.border.fold(start + column.cast_signed(), self.shape[2]);
                let value = match (from, place) {
                    // SAFETY: the column is in the field.
                    (Some(from), Some(at)) => unsafe {
                        from.wrapping_offset(at.cast_signed() * self.strides[2]).read()
                    },
                    _ => self.outside(),
                };
                // SAFETY: it is in the layout.
                unsafe { to.wrapping_add(layout.column(column)).write(value) };
            }
            return;
        };
        let stride = self.strides[2];
        let from = from.wrapping_offset(start * stride);
        for group in 0..groups.min(len) {
            let to = to.wrapping_add(group * layout.lanes);
            for lane in 0..(len - group).div_ceil(groups) {
                let column = (lane * groups + group).cast_signed();
                // SAFETY: the column is in the field.
                let value = unsafe { from.wrapping_offset(column * stride).read() };
                // SAFETY: and in the layout.
                unsafe { to.wrapping_add(lane).write(value) };
            }
        }
    }

    /// Copies the columns `columns` of a row of the lifted layout into a row of the field.
    ///
    /// # Safety
    /// `row` is a row of the layout, and `to` the place in the field of its first column.
    pub(super) unsafe fn store(
        &self,
        layout: &Layout,
        row: *const T,
        columns: std::ops::Range<usize>,
        to: *mut T,
    ) {
        let (groups, stride) = (layout.groups, self.strides[2]);
        for lane in 0..layout.lanes {
            let start = (lane * groups).max(columns.start);
            for column in start..((lane + 1) * groups).min(columns.end) {
                let from = row.wrapping_add((column - lane * groups) * layout.lanes + lane);
                // SAFETY: the column is in the layout.
                let value = unsafe { from.read() };
                // SAFETY: and in the field.
                unsafe { to.wrapping_offset(column.cast_signed() * stride).write(value) };
            }
        }
    }
}
