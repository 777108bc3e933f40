//! Many steps of a stencil on a part of an array, in memory of its own.
//!
//! Several steps go through the part together, as a wave: once a step has a plane, the next one
//! follows as many planes behind as the stencil reaches, and reads what was written just now. What
//! lies between two steps is kept for as long as it is needed, in a few planes that stay in the
//! cache; only the first step reads the whole part, and only the last one writes it.

use std::marker::PhantomData;
use std::ops::Range;
use std::ptr;

use super::cursor::{Field, Params, Scene, finish_row, load_plane};
use super::layout::{Layout, Room, Window};
use super::{Border, Stencil};
use crate::simd::{Body, Element, Mask, MaskReg, Simd};

/// Bytes of what lies between the steps, so that it stays in the first cache, and in the second.
const FIRST: usize = 20 << 10;
const SECOND: usize = 640 << 10;
/// Steps in one wave at most.
const MOST: usize = 64;

/// A part of the array that is taken ahead.
pub(super) struct Plate<K: Stencil<T>, T, E> {
    layout: Layout,
    window: Window,
    /// Of each axis.
    border: [Border<()>; 3],
    /// The parameter that is taken ahead.
    stepped: usize,
    fixes: Vec<(isize, isize)>,
    /// Which lanes of each group count.
    masks: Vec<u32>,
    /// Columns of a row that keep their values, by their place.
    kept: Vec<usize>,
    /// Steps in one wave.
    wave: usize,
    field: Room<E>,
    /// As large as the field, where a step goes alone.
    other: Option<Room<E>>,
    between: Room<E>,
    /// A plane of the border's constant.
    outside: Room<E>,
    constant: Border<E>,
    pads: <K::In as Params>::Pads,
    has_pads: bool,
    kernel: PhantomData<fn() -> (K, T)>,
}

/// The planes of one step.
#[derive(Debug, Clone, Copy)]
struct Level<E> {
    first: *mut E,
    /// How many there are, until they repeat.
    count: usize,
    /// The one in the middle.
    slot: usize,
}

/// What a plate is made for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    pub(super) window: Window,
    pub(super) shape: [usize; 3],
    pub(super) border: [Border<()>; 3],
    pub(super) lanes: usize,
    pub(super) stepped: usize,
}

impl<K: Stencil<T>, T, E: Element> Plate<K, T, E> {
    pub(super) fn new(part: &Part, outside: Border<E>) -> Self {
        let Part { window, shape, border, lanes, stepped } = *part;
        let layout = Layout::lifted(shape, K::REACH, lanes, matches!(outside, Border::Const(_)));
        let [planes, _, columns] = shape;
        let is_valid = border[2] == Border::Valid;
        let counted = if is_valid {
            layout.low[2]..columns.saturating_sub(layout.high[2])
        } else {
            0..columns
        };
        let kept = (0..columns).filter(|column| !counted.contains(column));
        let kept = kept.map(|column| layout.column(column)).collect();
        let wave = Self::wave(&layout, border[0]);
        let mut constant = Room::new(layout.plane);
        if let Border::Const(value) = outside {
            let first: *mut E = constant.first();
            for at in 0..layout.plane {
                // SAFETY: the room has a plane.
                unsafe { first.wrapping_add(at).write(value) };
            }
        }
        Self {
            fixes: layout.fixes(&border[2]),
            masks: layout.masks(counted),
            kept,
            wave,
            field: Room::new(planes * layout.plane),
            other: None,
            between: layout.room(wave * Self::depth(&layout), outside),
            outside: constant,
            constant: outside,
            pads: K::In::pads(&layout, planes + layout.low[0] + layout.high[0], stepped),
            has_pads: false,
            kernel: PhantomData,
            window,
            border,
            stepped,
            layout,
        }
    }

    /// Planes between a step and the next, which does not read the last one.
    fn lag(layout: &Layout) -> usize {
        layout.low[0].max(layout.high[0]) + 1
    }

    /// Planes that are kept between two steps; reflected ones lie as far back as the kernel reaches
    /// forwards.
    fn depth(layout: &Layout) -> usize {
        2 * Self::lag(layout)
    }

    fn wave(layout: &Layout, border: Border<()>) -> usize {
        if layout.low[0] + layout.high[0] == 0 {
            return 2;
        }
        if border == Border::Wrap {
            return 1;
        }
        let bytes = Self::depth(layout) * layout.plane * size_of::<E>();
        let first = 1 + FIRST / bytes;
        let second = 1 + SECOND / bytes;
        if first > 1 { first } else { second }.min(MOST)
    }

    /// Writes planes of the plate into the array.
    ///
    /// # Safety
    /// The array lies where it says, and nobody else writes or reads these elements.
    pub(super) unsafe fn store(
        &mut self,
        to: &Field<E>,
        planes: Range<usize>,
        columns: &Range<usize>,
    ) {
        let layout = &self.layout;
        let first = self.field.first().wrapping_add(layout.origin);
        let start = self.window.start;
        for plane in planes {
            for row in 0..layout.shape[1] {
                let from = first.wrapping_add(plane * layout.plane + row * layout.row);
                let at = [start[0] + plane.cast_signed(), start[1] + row.cast_signed(), start[2]];
                let at = at.iter().zip(to.strides).map(|(at, stride)| at * stride).sum::<isize>();
                // SAFETY: the caller promises the elements.
                unsafe { to.store(layout, from, columns.clone(), to.first.wrapping_offset(at)) };
            }
        }
    }
}

/// Reads a plate from the array, and takes it some steps ahead. Whether a lane went wrong.
pub(super) struct Advance<'a, K: Stencil<T>, T, E> {
    pub(super) plate: &'a mut Plate<K, T, E>,
    pub(super) from: &'a Field<E>,
    pub(super) args: &'a <K::In as Params>::Args,
    pub(super) steps: usize,
}

impl<K: Stencil<T, Out = (E, ())>, T, E: Element> Body for Advance<'_, K, T, E> {
    type Output = bool;
    #[inline(always)]
    fn run<S: Simd>(self, s: S) -> bool {
        assert_eq!(self.plate.layout.lanes, S::LANES, "the plate was made for another variant");
        // SAFETY: the arguments are borrowed for the call.
        unsafe { self.plate.load_others(s, self.args) };
        let mut bad = Mask::splat(s, false);
        let mut left = self.steps;
        let mut from = Some(self.from);
        while left > 0 {
            let mut steps = left.min(self.plate.wave);
            if left == steps + 1 && self.plate.wave > 1 {
                // One step alone would need as much memory again.
                steps = if steps > 2 { steps - 1 } else { left };
            }
            left -= steps;
            // SAFETY: the array is borrowed for the call, and nobody writes it while plates are
            // read; the plate was read by the first wave.
            unsafe { self.plate.sweep(s, steps, from.take(), self.args, &mut bad) };
        }
        bad.any()
    }
}

impl<K: Stencil<T, Out = (E, ())>, T, E: Element> Plate<K, T, E> {
    /// Reads the arguments that stay as they are.
    ///
    /// # Safety
    /// The arguments lie where they say.
    #[inline(always)]
    unsafe fn load_others<S: Simd>(&mut self, s: S, args: &<K::In as Params>::Args) {
        if self.has_pads {
            return;
        }
        let layout = &self.layout;
        let scene = Scene { layout, window: self.window, fixes: &self.fixes, skip: self.stepped };
        let end = (layout.shape[0] + layout.high[0]).cast_signed();
        for plane in -layout.low[0].cast_signed()..end {
            // SAFETY: as the caller promises.
            unsafe { K::In::load(s, args, &mut self.pads, &scene, plane) };
        }
        self.has_pads = true;
    }

    /// Reads planes of the array.
    ///
    /// # Safety
    /// The array lies where it says.
    #[inline(always)]
    unsafe fn load<S: Simd>(&mut self, s: S, from: &Field<E>, planes: Range<usize>) {
        let layout = &self.layout;
        let scene = Scene { layout, window: self.window, fixes: &self.fixes, skip: self.stepped };
        let first = self.field.first().wrapping_add(layout.origin);
        for plane in planes {
            let to = first.wrapping_add(plane * layout.plane);
            // SAFETY: as the caller promises.
            unsafe { load_plane(s, from, &scene, plane.cast_signed(), to) };
        }
    }

    /// `steps` steps as one wave, which reads the array on its way if it is the first.
    ///
    /// # Safety
    /// The array lies where it says, and the other arguments were read; the plate was if there is
    /// no array.
    #[inline(always)]
    unsafe fn sweep<S: Simd>(
        &mut self,
        s: S,
        steps: usize,
        array: Option<&Field<E>>,
        args: &<K::In as Params>::Args,
        bad: &mut Mask<S>,
    ) {
        let (lag, depth) = (Self::lag(&self.layout), Self::depth(&self.layout));
        let (planes, plane) = (self.layout.shape[0], self.layout.plane);
        let origin = self.layout.origin;
        let from = self.field.first().wrapping_add(origin);
        let mut to = from;
        if steps == 1 {
            let (layout, constant) = (&self.layout, self.constant);
            let other = self.other.get_or_insert_with(|| layout.room(planes, constant));
            to = other.first().wrapping_add(origin);
        }
        let between = self.between.first().wrapping_add(origin);
        let mut around = vec![ptr::null_mut(); self.layout.low[0] + self.layout.high[0] + 1];
        // For each step the plane that it wrote last, which is yet to be finished.
        let mut last: Vec<*mut E> = vec![ptr::null_mut(); steps];
        let mut loaded = 0;
        for front in 0..planes + (steps - 1) * lag {
            if let Some(array) = array {
                let is_wrapped = self.border[0] == Border::Wrap;
                let end = if is_wrapped { planes } else { (front + lag).min(planes) };
                // SAFETY: as the caller promises.
                unsafe { self.load(s, array, loaded..end) };
                loaded = end;
            }
            // Where plane `at` lies among those that are kept between two steps.
            let mut slot = front % depth;
            for (step, last) in last.iter_mut().enumerate() {
                let Some(at) = front.checked_sub(step * lag) else { break };
                if !last.is_null() {
                    // SAFETY: it was written.
                    unsafe { self.finish(s, *last) };
                    *last = ptr::null_mut();
                }
                if at < planes {
                    let here = match step {
                        0 => Level { first: from, count: planes, slot: at },
                        _ => {
                            let first = between.wrapping_add((step - 1) * depth * plane);
                            Level { first, count: depth, slot }
                        }
                    };
                    *last = if step + 1 == steps {
                        to.wrapping_add(at * plane)
                    } else {
                        between.wrapping_add((step * depth + slot) * plane)
                    };
                    // SAFETY: the planes around are there.
                    unsafe { self.step(s, at, here, &mut around, *last, args, bad) };
                }
                slot = if slot < lag { slot + depth - lag } else { slot - lag };
            }
        }
        if let Some(last) = last.last().filter(|last| !last.is_null()) {
            // SAFETY: it was written.
            unsafe { self.finish(s, *last) };
        }
        if let (1, Some(other)) = (steps, &mut self.other) {
            std::mem::swap(&mut self.field, other);
        }
    }

    /// Whether a plane is part of the frame that a stencil without border leaves as it is.
    fn is_kept(&self, at: usize) -> bool {
        let [planes, ..] = self.layout.shape;
        self.border[0] == Border::Valid
            && (at < self.layout.low[0] || at + self.layout.high[0] >= planes)
    }

    /// The planes around one.
    #[inline(always)]
    fn around(&mut self, at: usize, level: Level<E>, around: &mut [*mut u8]) {
        let Level { first, count, slot } = level;
        let (plane, planes) = (self.layout.plane, self.layout.shape[0]);
        let (low, high) = (self.layout.low[0], self.layout.high[0]);
        if at >= low && at + high < planes {
            let mut slot = if slot < low { slot + count - low } else { slot - low };
            for to in around {
                *to = first.wrapping_add(slot * plane).cast();
                slot = if slot + 1 == count { 0 } else { slot + 1 };
            }
            return;
        }
        let outside = self.outside.first().wrapping_add(self.layout.origin);
        for (distance, to) in (-low.cast_signed()..).zip(around) {
            let found = self.border[0].fold(at.cast_signed() + distance, planes);
            let found = found.map_or(outside, |at| first.wrapping_add(at % count * plane));
            *to = found.cast();
        }
    }

    /// One step of one plane, but for what is around it.
    ///
    /// # Safety
    /// The planes around are there, and `to` is none of them.
    #[inline(always)]
    #[expect(clippy::too_many_arguments, reason = "all that a plane needs")]
    unsafe fn step<S: Simd>(
        &mut self,
        s: S,
        at: usize,
        level: Level<E>,
        around: &mut [*mut u8],
        to: *mut E,
        args: &<K::In as Params>::Args,
        bad: &mut Mask<S>,
    ) {
        let middle = level.first.wrapping_add(level.slot * self.layout.plane).cast_const();
        if self.is_kept(at) {
            // SAFETY: both are planes of the layout.
            unsafe { copy_plane(&self.layout, middle, to) };
            return;
        }
        self.around(at, level, around);
        let mut near = K::In::near::<true>(args, &mut self.pads, &self.layout, at.cast_signed());
        K::In::set(&mut near, self.stepped, around, self.layout.low[0]);
        let layout = &self.layout;
        for row in 0..layout.shape[1] {
            let by = row * layout.row;
            let (to, middle) = (to.wrapping_add(by), middle.wrapping_add(by));
            let is_kept = self.border[1] == Border::Valid
                && (row < layout.low[1] || row + layout.high[1] >= layout.shape[1]);
            if is_kept {
                // SAFETY: both are rows of the layout.
                unsafe { copy_row(layout, middle, to) };
                continue;
            }
            // SAFETY: the planes around are there.
            unsafe { row_of::<K, T, E, S>(s, near, by, to, &self.masks, bad) };
            for &place in &self.kept {
                // SAFETY: it is an element of the row.
                let value = unsafe { middle.wrapping_add(place).read() };
                // SAFETY: and of this.
                unsafe { to.wrapping_add(place).write(value) };
            }
        }
    }

    /// What is around the rows of a plane. That is put off until the plane is needed: by then its
    /// groups are in the cache, and reading them across their boundaries does not have to wait.
    ///
    /// # Safety
    /// `to` is a plane of the layout whose groups were written.
    #[inline(always)]
    unsafe fn finish<S: Simd>(&mut self, s: S, to: *mut E) {
        let layout = &self.layout;
        for row in 0..layout.shape[1] {
            let row = to.wrapping_add(row * layout.row);
            // SAFETY: it is a row of the layout, whose groups were written.
            unsafe { finish_row(s, layout, &self.fixes, row) };
        }
        if layout.low[1] + layout.high[1] > 0 {
            let outside = self.outside.first().wrapping_add(layout.origin);
            // SAFETY: it is a plane of the layout, whose rows were written.
            unsafe { self.finish_plane(outside, to) };
        }
    }

    /// The rows before and after those of a plane.
    ///
    /// # Safety
    /// Both are planes of the layout.
    unsafe fn finish_plane(&self, outside: *mut E, to: *mut E) {
        let layout = &self.layout;
        let (low, rows) = (layout.low[1].cast_signed(), layout.shape[1].cast_signed());
        for row in (-low..0).chain(rows..rows + layout.high[1].cast_signed()) {
            let from = match (self.border[1].fold(row, layout.shape[1]), self.border[1]) {
                (Some(found), _) => to.wrapping_add(found * layout.row),
                (None, Border::Const(())) => outside,
                (None, _) => continue,
            };
            let to = to.wrapping_offset(row * layout.row.cast_signed());
            // SAFETY: both are rows of the layout.
            unsafe { copy_row(layout, from, to) };
        }
    }
}

/// # Safety
/// Both are planes of the layout.
unsafe fn copy_plane<E>(layout: &Layout, from: *const E, to: *mut E) {
    let (from, to) = (from.wrapping_sub(layout.origin), to.wrapping_sub(layout.origin));
    // SAFETY: as the caller promises.
    unsafe { to.copy_from_nonoverlapping(from, layout.plane) };
}

/// # Safety
/// Both are rows of the layout.
unsafe fn copy_row<E>(layout: &Layout, from: *const E, to: *mut E) {
    let before = layout.low[2] * layout.lanes;
    let len = (layout.low[2] + layout.groups + layout.high[2]) * layout.lanes;
    let (from, to) = (from.wrapping_sub(before), to.wrapping_sub(before));
    // SAFETY: as the caller promises.
    unsafe { to.copy_from_nonoverlapping(from, len) };
}

/// One step of one row.
///
/// # Safety
/// The planes around are there, and `to` has a group for each mask.
#[inline(always)]
unsafe fn row_of<K: Stencil<T, Out = (E, ())>, T, E: Element, S: Simd>(
    s: S,
    near: <K::In as Params>::Near<true>,
    at: usize,
    to: *mut E,
    masks: &[u32],
    bad: &mut Mask<S>,
) {
    let [.., (low, high)] = K::REACH;
    if low == 0 || high == 0 {
        // There is no group before the first, or after the last.
        for (group, &bits) in masks.iter().enumerate() {
            let inputs = K::In::wide(near, s, (at + group * S::LANES).cast_signed());
            let result = K::lanes::<S, true>(s, active(s, bits), bad, inputs).0;
            // SAFETY: there is a group for the mask.
            unsafe { result.store(to.wrapping_add(group * S::LANES)) };
        }
        return;
    }
    let mut inputs = K::In::set_out(near, s, at.cast_signed());
    let mut to = to;
    let (pairs, rest) = masks.as_chunks();
    for &[first, second] in pairs {
        let next = K::In::go_on(inputs, s);
        let first = K::lanes::<S, true>(s, active(s, first), bad, inputs).0;
        let second = K::lanes::<S, true>(s, active(s, second), bad, next).0;
        // SAFETY: there is a group for the mask.
        unsafe { first.store(to) };
        // SAFETY: there is one more.
        unsafe { second.store(to.wrapping_add(S::LANES)) };
        inputs = K::In::go_on(next, s);
        to = to.wrapping_add(2 * S::LANES);
    }
    if let [bits] = *rest {
        let result = K::lanes::<S, true>(s, active(s, bits), bad, inputs).0;
        // SAFETY: there is a group for the mask.
        unsafe { result.store(to) };
    }
}

#[inline(always)]
fn active<S: Simd>(s: S, bits: u32) -> Mask<S> {
    Mask::<S>::new(s, S::Mask::from_bits(s, bits))
}
