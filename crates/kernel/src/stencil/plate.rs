//! Many steps of a stencil on a part of an array, in memory of its own.
//!
//! Several steps go through the part together, as a wave: once a step has a plane, the next one
//! follows as many planes behind as the stencil reaches, and reads what was written just now. What
//! lies between two steps is kept for as long as it is needed, in a few planes that stay in the
//! cache; only the first step reads the whole part, and only the last one writes it. A step takes
//! two planes at once, which read each other's rows from registers.

use std::marker::PhantomData;
use std::ops::Range;
use std::ptr;

use super::cursor::{Field, Params, Planes, Scene, finish_row, load_plane};
use super::layout::{Fix, Layout, Room, Stretch, Window};
use super::{Border, Stencil};
use crate::simd::{Body, Element, Lanes, Mask, MaskReg, Simd};

/// Bytes of what lies between the steps, so that it stays in the first cache, and in the second.
const FIRST: usize = 20 << 10;
const SECOND: usize = 640 << 10;
/// Steps in one wave at most.
const MOST: usize = 64;
/// Planes that a step takes at once.
const HEIGHT: usize = 2;

/// A part of the array that is taken ahead.
pub(super) struct Plate<K: Stencil<T>, T, E> {
    layout: Layout,
    window: Window,
    /// Of each axis.
    border: [Border<()>; 3],
    /// The parameter that is taken ahead.
    stepped: usize,
    fixes: Vec<Fix>,
    stretches: Vec<Stretch>,
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
struct Ring<E> {
    first: *mut E,
    /// How many there are until they repeat, a power of two, less one; all bits if they never do.
    mask: usize,
    /// Elements from one to the next.
    plane: usize,
}

impl<E> Ring<E> {
    /// Where a plane lies.
    #[inline(always)]
    fn plane(self, at: usize) -> *mut E {
        self.first.wrapping_add((at & self.mask) * self.plane)
    }
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
            stretches: layout.stretches(counted),
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

    /// Planes between a step and the next.
    fn lag(layout: &Layout) -> usize {
        layout.low[0].max(layout.high[0])
    }

    /// Planes that are kept between two steps: from the last that one reads backwards to the last that
    /// the one before it has written.
    fn depth(layout: &Layout) -> usize {
        (layout.low[0] + Self::lag(layout) + HEIGHT).next_power_of_two()
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
        let reach = self.layout.low[0] + self.layout.high[0];
        let mut folded = Vec::with_capacity(reach + HEIGHT);
        let mut loaded = 0;
        for front in (0..planes + (steps - 1) * lag).step_by(HEIGHT) {
            if let Some(array) = array {
                let is_wrapped = self.border[0] == Border::Wrap;
                let end = if is_wrapped { planes } else { (front + HEIGHT + lag).min(planes) };
                // SAFETY: as the caller promises.
                unsafe { self.load(s, array, loaded..end) };
                loaded = end;
            }
            for step in 0..steps {
                let start = step * lag;
                if front + HEIGHT <= start {
                    break;
                }
                let end = (front + HEIGHT - start).min(planes);
                // The gap before the step, and the one after it.
                let after = between.wrapping_add(step * depth * plane);
                let before = after.wrapping_sub(depth * plane);
                let mut here = Ring { first: before, mask: depth - 1, plane };
                let mut target = Ring { first: after, ..here };
                if step == 0 {
                    here = Ring { first: from, mask: usize::MAX, plane };
                }
                if step + 1 == steps {
                    target = Ring { first: to, mask: usize::MAX, plane };
                }
                let moved = front.saturating_sub(start)..end;
                // SAFETY: the planes around are there.
                unsafe { self.step(s, moved, here, target, &mut folded, args, bad) };
            }
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

    /// The same of a row.
    fn is_row_kept(&self, row: usize) -> bool {
        let Layout { low, high, shape, .. } = self.layout;
        self.border[1] == Border::Valid && (row < low[1] || row + high[1] >= shape[1])
    }

    /// The planes around `count` of them from `at` on.
    #[inline(always)]
    fn around<'a>(
        &mut self,
        at: usize,
        count: usize,
        ring: Ring<E>,
        folded: &'a mut Vec<*mut u8>,
    ) -> Planes<'a> {
        let Layout { low: [low, ..], high: [high, ..], shape: [planes, ..], .. } = self.layout;
        folded.clear();
        if at < low || at + count + high > planes {
            let outside = self.outside.first().wrapping_add(self.layout.origin);
            let start = at.cast_signed() - low.cast_signed();
            for at in start..(at + count + high).cast_signed() {
                let found = self.border[0].fold(at, planes);
                folded.push(found.map_or(outside, |at| ring.plane(at)).cast());
            }
        }
        let Ring { first, mask, plane } = ring;
        Planes { first: first.cast(), bytes: plane * size_of::<E>(), mask, at, folded, low }
    }

    /// One step of planes that follow each other, of which there may be none.
    ///
    /// # Safety
    /// The planes around are there, and none of those that are written.
    #[inline(always)]
    #[expect(clippy::too_many_arguments, reason = "all that planes need")]
    unsafe fn step<S: Simd>(
        &mut self,
        s: S,
        planes: Range<usize>,
        from: Ring<E>,
        to: Ring<E>,
        folded: &mut Vec<*mut u8>,
        args: &<K::In as Params>::Args,
        bad: &mut Mask<S>,
    ) {
        let first = planes.start;
        if planes.len() == HEIGHT && !planes.clone().any(|at| self.is_kept(at)) {
            let around = self.around(first, HEIGHT, from, folded);
            const { assert!(HEIGHT == 2, "two planes are meant here") };
            let to = [to.plane(first), to.plane(first + 1)];
            // SAFETY: as the caller promises.
            unsafe { self.rows(s, around, to, args, bad) };
            return;
        }
        for at in planes {
            let to = to.plane(at);
            if self.is_kept(at) {
                // SAFETY: both are planes of the layout.
                unsafe { copy_plane(&self.layout, from.plane(at), to) };
                continue;
            }
            let around = self.around(at, 1, from, folded);
            // SAFETY: as the caller promises.
            unsafe { self.rows(s, around, [to], args, bad) };
        }
    }

    /// One step of the rows of `N` planes that follow each other.
    ///
    /// # Safety
    /// `around` are the planes around the first of these, and none of them is written.
    #[inline(always)]
    unsafe fn rows<S: Simd, const N: usize>(
        &mut self,
        s: S,
        mut around: Planes<'_>,
        to: [*mut E; N],
        args: &<K::In as Params>::Args,
        bad: &mut Mask<S>,
    ) {
        let at = around.at.cast_signed();
        let mut near = [K::In::near::<true>(args, &mut self.pads, &self.layout, at); N];
        let mut middle = [ptr::null(); N];
        let mut i = 0;
        while i < N {
            if i > 0 {
                let at = around.at.cast_signed();
                near[i] = K::In::near::<true>(args, &mut self.pads, &self.layout, at);
            }
            K::In::set(&mut near[i], self.stepped, around);
            middle[i] = around.plane(0).cast::<E>().cast_const();
            around = around.next();
            i += 1;
        }
        let layout = &self.layout;
        for row in 0..layout.shape[1] {
            let by = row * layout.row;
            let (mut from, mut to) = ([ptr::null(); N], to);
            let mut i = 0;
            while i < N {
                from[i] = middle[i].wrapping_add(by);
                to[i] = to[i].wrapping_add(by);
                i += 1;
            }
            if self.is_row_kept(row) {
                for (from, to) in from.into_iter().zip(to) {
                    // SAFETY: both are rows of the layout.
                    unsafe { copy_row(layout, from, to) };
                }
                continue;
            }
            let rows = Rows::<K, T, E, N> { near, at: by, from, to };
            // SAFETY: the planes around are there.
            unsafe { rows.run(s, &self.stretches, bad) };
            for to in to {
                // SAFETY: it is a row of the layout, whose groups were written.
                unsafe { finish_row(s, layout, K::REACH[2], &self.fixes, to) };
            }
        }
        if layout.low[1] + layout.high[1] > 0 {
            let outside = self.outside.first().wrapping_add(self.layout.origin);
            for to in to {
                // SAFETY: it is a plane of the layout, whose rows were written.
                unsafe { self.finish_plane(outside, to) };
            }
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

/// A row of each of `N` planes that follow each other.
#[derive(Clone, Copy)]
struct Rows<K: Stencil<T>, T, E, const N: usize> {
    near: [<K::In as Params>::Near<true>; N],
    /// Where the rows start in their planes.
    at: usize,
    /// The rows as they are.
    from: [*const E; N],
    /// Where what becomes of them is written.
    to: [*mut E; N],
}

impl<K: Stencil<T, Out = (E, ())>, T, E: Element, const N: usize> Rows<K, T, E, N> {
    /// One step.
    ///
    /// # Safety
    /// The planes around are there, and the rows have the groups of the stretches.
    #[inline(always)]
    unsafe fn run<S: Simd>(&self, s: S, stretches: &[Stretch], bad: &mut Mask<S>) {
        let [.., (low, high)] = K::REACH;
        let mut start = 0;
        for &Stretch { groups, active, kept } in stretches {
            let (active, end) = (mask(s, active), start + groups);
            // Without a group before the first or after the last there is nothing to walk along.
            if kept == 0 && low > 0 && high > 0 {
                // SAFETY: as the caller promises.
                unsafe { self.walk(s, active, bad, start, end) };
            } else if kept == 0 {
                // SAFETY: as the caller promises.
                unsafe { self.apart::<S, false>(s, (active, 0), bad, start, end) };
            } else {
                // SAFETY: as the caller promises.
                unsafe { self.apart::<S, true>(s, (active, kept), bad, start, end) };
            }
            start = end;
        }
    }

    /// Groups without lanes that keep their values, along the rows. Each stretch sets out anew:
    /// registers that live on from one to the next would have to go through memory. At its end one
    /// group more is read than there may be, for which rooms have some slack.
    ///
    /// # Safety
    /// As `run`.
    #[inline(always)]
    unsafe fn walk<S: Simd>(
        &self,
        s: S,
        active: Mask<S>,
        bad: &mut Mask<S>,
        start: usize,
        end: usize,
    ) {
        let at = (self.at + start * S::LANES).cast_signed();
        let mut inputs = K::In::set_out(self.near, s, at);
        let mut group = start;
        // By twos, so that no register has to move.
        while group + 2 <= end {
            let next = K::In::go_on(inputs, s);
            // SAFETY: the rows have the group.
            unsafe { self.group::<S, false>(s, (active, 0), bad, inputs, group) };
            inputs = K::In::go_on(next, s);
            // SAFETY: as above.
            unsafe { self.group::<S, false>(s, (active, 0), bad, next, group + 1) };
            group += 2;
        }
        if group < end {
            // SAFETY: as above.
            unsafe { self.group::<S, false>(s, (active, 0), bad, inputs, group) };
        }
    }

    /// Groups, each by itself.
    ///
    /// # Safety
    /// As `run`.
    #[inline(always)]
    unsafe fn apart<S: Simd, const KEEPS: bool>(
        &self,
        s: S,
        lanes: (Mask<S>, u32),
        bad: &mut Mask<S>,
        start: usize,
        end: usize,
    ) {
        for group in start..end {
            let at = (self.at + group * S::LANES).cast_signed();
            let mut inputs = [K::In::wide(self.near[0], s, at, S::LANES); N];
            let mut i = 1;
            while i < N {
                inputs[i] = K::In::wide(self.near[i], s, at, S::LANES);
                i += 1;
            }
            // SAFETY: the rows have the group.
            unsafe { self.group::<S, KEEPS>(s, lanes, bad, inputs, group) };
        }
    }

    /// One step of a group of each row, of which some lanes keep their values if `KEEPS`.
    ///
    /// # Safety
    /// The rows have the group.
    #[inline(always)]
    unsafe fn group<S: Simd, const KEEPS: bool>(
        &self,
        s: S,
        (active, kept): (Mask<S>, u32),
        bad: &mut Mask<S>,
        inputs: [<K::In as Params>::Wide<S, true>; N],
        group: usize,
    ) {
        let mut i = 0;
        while i < N {
            let mut result = K::lanes::<S, true>(s, active, bad, inputs[i]).0;
            if KEEPS {
                let from = self.from[i].wrapping_add(group * S::LANES);
                // SAFETY: as the caller promises.
                let from = unsafe { Lanes::load(s, from) };
                result = Lanes::select(mask(s, kept), from, result);
            }
            // SAFETY: as the caller promises.
            unsafe { result.store(self.to[i].wrapping_add(group * S::LANES)) };
            i += 1;
        }
    }
}

#[inline(always)]
fn mask<S: Simd>(s: S, bits: u32) -> Mask<S> {
    Mask::<S>::new(s, S::Mask::from_bits(s, bits))
}
