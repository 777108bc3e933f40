//! Prefix scans: what the elements up to each place come to.
//!
//! The elements are made as those of an elementwise kernel, into the output, and joined there along
//! the axis, each with the one before it. So the order is fixed, and the bits are the same whatever
//! the instructions and threads. What lies side by side on another axis goes wide: rows are joined
//! to rows. Along an axis whose own elements lie side by side, eight lanes of it are joined at a time.

use std::marker::PhantomData;

use rayon::prelude::*;

use crate::call::Call;
use crate::elementwise::{self, Elementwise};
use crate::error::{Error, ErrorKind};
use crate::isa;
use crate::list::Operands;
use crate::nest::show;
use crate::operand::{Output, Place};
use crate::reduction::{Max, Min, Prod, Sum};
use crate::simd::{Arithmetic, Body, Element, Lanes, Num, Portable, Simd};

/// Elements of a row that are joined to those of the row before, which then still are in the first
/// cache.
const ROW: usize = 1024;
/// Lanes that are joined at a time where they do not lie side by side: as many additions as a
/// processor has under way.
const COLUMNS: usize = 8;

/// Elements of the smallest type in a cache line.
const LINE: usize = 64;

/// An operation of scans.
pub trait Join<T: Element>: 'static {
    /// `a` before `b`, in every lane.
    fn join<S: Simd>(a: Lanes<S, T>, b: Lanes<S, T>) -> Lanes<S, T>;
}

impl<T: Arithmetic> Join<T> for Sum {
    #[inline(always)]
    fn join<S: Simd>(a: Lanes<S, T>, b: Lanes<S, T>) -> Lanes<S, T> {
        a + b
    }
}
impl<T: Arithmetic> Join<T> for Prod {
    #[inline(always)]
    fn join<S: Simd>(a: Lanes<S, T>, b: Lanes<S, T>) -> Lanes<S, T> {
        a * b
    }
}
impl<T: Num> Join<T> for Min {
    #[inline(always)]
    fn join<S: Simd>(a: Lanes<S, T>, b: Lanes<S, T>) -> Lanes<S, T> {
        a.min(b)
    }
}
impl<T: Num> Join<T> for Max {
    #[inline(always)]
    fn join<S: Simd>(a: Lanes<S, T>, b: Lanes<S, T>) -> Lanes<S, T> {
        a.max(b)
    }
}

/// The scan in a new array.
///
/// # Errors
/// See `map` of a kernel.
pub fn map<K, T, I, R, J>(
    inputs: &I,
    axis: usize,
    call: Call,
) -> Result<ndarray::Array<R, I::Dim>, Error>
where
    K: Elementwise<T, Out = (R, ())>,
    I: Operands<K::In> + Sync,
    R: Element,
    J: Join<R>,
{
    check::<K, T, I>(inputs, axis)?;
    let (mut array, ()) = elementwise::map::<K, T, I>(inputs, cached(call))?;
    along::<R, J, _>(&mut &mut array, axis, call);
    Ok(array)
}

/// The scan into an output of the common shape of the inputs.
///
/// # Errors
/// See `into` of a kernel.
pub fn into<K, T, I, R, O, J>(inputs: &I, output: O, axis: usize, call: Call) -> Result<(), Error>
where
    K: Elementwise<T, Out = (R, ())>,
    I: Operands<K::In> + Sync,
    R: Element,
    O: Output<R>,
    J: Join<R>,
{
    check::<K, T, I>(inputs, axis)?;
    let mut outputs = (output, ());
    elementwise::into::<K, T, I, _>(inputs, &mut outputs, cached(call))?;
    along::<R, J, _>(&mut outputs.0, axis, call);
    Ok(())
}

/// The elements are read again at once.
fn cached(call: Call) -> Call {
    Call { in_place: true, ..call }
}

/// Whether there is such an axis.
fn check<K, T, I>(inputs: &I, axis: usize) -> Result<(), Error>
where
    K: Elementwise<T>,
    I: Operands<K::In>,
{
    let mut shape = vec![];
    inputs.shape(&mut shape, K::NAMES)?;
    if axis < shape.len() {
        return Ok(());
    }
    let (count, shape) = (shape.len(), show(&shape));
    let message = format!("axis {axis} of shape {shape}, which has {count} axes");
    Err(Error::new(ErrorKind::Argument, message))
}

/// Joins the elements of an output along an axis that it has.
fn along<R: Element, J: Join<R>, O: Output<R>>(output: &mut O, axis: usize, call: Call) {
    let mut plan = match output.place_mut() {
        Place::Slice(first, len) => Plan::new(first.cast::<R>(), &[len], &[1], axis),
        Place::Array(first, shape, strides) => Plan::new(first.cast(), shape, strides, axis),
        Place::Element | Place::Range(_) => unreachable!("no output lies so"),
    };
    let bytes = plan.len * plan.lanes * plan.outer_len() * size_of::<R>();
    if bytes == 0 {
        return;
    }
    let parts = call.parts(bytes);
    plan.divide(parts);
    let units = plan.units();
    let isa = call.isa();
    let part = |start: usize, end: usize| {
        isa::call(isa, Part::<R, J> { plan: &plan, start, end, join: PhantomData });
    };
    let step = units.div_ceil(parts.min(units));
    let starts: Vec<usize> = (0..units).step_by(step).collect();
    match &starts[..] {
        [_] => part(0, units),
        starts => starts.par_iter().for_each(|&start| part(start, units.min(start + step))),
    }
}

/// How an output lies, in elements.
struct Plan<R> {
    first: *mut R,
    /// Of the axis.
    len: usize,
    step: isize,
    /// Of the axis along which lanes are taken together.
    lanes: usize,
    lane_step: isize,
    /// Whether lanes lie side by side, one behind the other.
    is_wide: bool,
    /// Lanes in a unit of work.
    tile: usize,
    /// The other axes: lengths and steps.
    outer: Vec<(usize, isize)>,
}

// SAFETY: a plan points into what the call has borrowed; its units share no elements.
unsafe impl<R: Element> Sync for Plan<R> {}

impl<R> Plan<R> {
    fn new(first: *mut R, shape: &[usize], strides: &[isize], axis: usize) -> Self {
        let mut outer: Vec<(usize, isize)> =
            shape.iter().copied().zip(strides.iter().copied()).collect();
        let (len, step) = outer.remove(axis);
        let nearest = (0..outer.len()).filter(|&at| outer[at].0 > 1);
        let nearest = nearest.min_by_key(|&at| outer[at].1.unsigned_abs());
        let (lanes, mut lane_step) = nearest.map_or((1, 1), |at| outer.remove(at));
        let mut first = first;
        if lane_step == -1 {
            // The lanes are the same from the other end.
            first = first.wrapping_offset(-(lanes.cast_signed() - 1));
            lane_step = 1;
        }
        let is_wide = lane_step == 1 && lanes > 1;
        let tile = if is_wide { ROW } else { COLUMNS };
        Self { first, len, step, lanes, lane_step, is_wide, tile, outer }
    }

    /// Smaller units if there are fewer than parts; whole cache lines to each.
    fn divide(&mut self, parts: usize) {
        if self.is_wide && self.units() < parts {
            let tile = (self.lanes * self.outer_len()).div_ceil(parts);
            self.tile = tile.next_multiple_of(LINE).min(ROW);
        }
    }

    fn outer_len(&self) -> usize {
        self.outer.iter().map(|(len, _)| len).product()
    }

    fn tiles(&self) -> usize {
        self.lanes.div_ceil(self.tile)
    }

    fn units(&self) -> usize {
        self.outer_len() * self.tiles()
    }

    /// The first element of a unit, and its lanes.
    fn place(&self, unit: usize) -> (*mut R, usize) {
        let (mut rest, tile) = (unit / self.tiles(), unit % self.tiles());
        let lane = tile * self.tile;
        let mut first = self.first.wrapping_offset(self.lane_step * lane.cast_signed());
        for &(len, step) in self.outer.iter().rev() {
            first = first.wrapping_offset(step * (rest % len).cast_signed());
            rest /= len;
        }
        (first, self.tile.min(self.lanes - lane))
    }
}

/// The units from `start` to `end`.
struct Part<'a, R, J> {
    plan: &'a Plan<R>,
    start: usize,
    end: usize,
    join: PhantomData<J>,
}

impl<R: Element, J: Join<R>> Body for Part<'_, R, J> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        for unit in self.start..self.end {
            let (first, lanes) = self.plan.place(unit);
            // SAFETY: the output was borrowed for this call, and no other part has these lanes.
            #[expect(clippy::multiple_unsafe_ops_per_block, reason = "one of them is run")]
            unsafe {
                if self.plan.is_wide {
                    self.rows(s, first, lanes);
                } else if lanes == COLUMNS {
                    self.columns::<COLUMNS>(first);
                } else {
                    for lane in 0..lanes.cast_signed() {
                        self.columns::<1>(first.wrapping_offset(self.plan.lane_step * lane));
                    }
                }
            }
        }
    }
}

impl<R: Element, J: Join<R>> Part<'_, R, J> {
    /// Lanes that lie side by side.
    ///
    /// # Safety
    /// Behind `first` lie so many lanes of the plan.
    #[inline(always)]
    unsafe fn rows<S: Simd>(&self, s: S, first: *mut R, lanes: usize) {
        let mut before = first;
        let mut k = 1;
        while k < self.plan.len {
            let here = before.wrapping_offset(self.plan.step);
            let mut i = 0;
            while i + S::LANES <= lanes {
                let (from, to) = (before.wrapping_add(i), here.wrapping_add(i));
                // SAFETY: a group is left in both rows.
                let a = unsafe { Lanes::load(s, from) };
                // SAFETY: as above.
                let b = unsafe { Lanes::load(s, to) };
                // SAFETY: as above.
                unsafe { J::join(a, b).store(to) };
                i += S::LANES;
            }
            if i < lanes {
                let (from, to, n) = (before.wrapping_add(i), here.wrapping_add(i), lanes - i);
                // SAFETY: so many elements are left in both rows.
                let a = unsafe { Lanes::load_some(s, from, n, R::NIL) };
                // SAFETY: as above.
                let b = unsafe { Lanes::load_some(s, to, n, R::NIL) };
                // SAFETY: as above.
                unsafe { J::join(a, b).store_some(to, n) };
            }
            before = here;
            k += 1;
        }
    }

    /// `N` lanes, element by element.
    ///
    /// # Safety
    /// Behind `first` lie so many lanes of the plan.
    #[inline(always)]
    unsafe fn columns<const N: usize>(&self, first: *mut R) {
        let one = Portable::<1>;
        let mut sums = [R::NIL; N];
        let mut here = first;
        let mut k = 0;
        while k < self.plan.len {
            let mut at = here;
            let mut lane = 0;
            while lane < N {
                // SAFETY: the element is one of the lane's.
                let mut sum = unsafe { at.read() };
                if k > 0 {
                    let before = Lanes::splat(one, sums[lane]);
                    sum = J::join(before, Lanes::splat(one, sum)).lane(0);
                    // SAFETY: as above.
                    unsafe { at.write(sum) };
                }
                sums[lane] = sum;
                at = at.wrapping_offset(self.plan.lane_step);
                lane += 1;
            }
            here = here.wrapping_offset(self.plan.step);
            k += 1;
        }
    }
}
