//! Reductions along an axis.
//!
//! Where the operands lie side by side on another axis, 32 results are made at a time, element
//! after element of the reduced axis; otherwise each result is made of its row as in `reduce`. Which
//! it is depends on the shapes and strides alone, and so do the bits of the results.

use std::marker::PhantomData;
use std::sync::atomic::{AtomicBool, Ordering};

use ndarray::{Dimension, IxDyn};
use rayon::prelude::*;

use crate::call::Call;
use crate::elementwise::zero_divisor;
use crate::error::{Error, ErrorKind};
use crate::isa;
use crate::list::{Cursors, List, Operands, Outputs};
use crate::nest::{self, Arg, Nest};
use crate::operand::Start;
use crate::reduce::{self, LANES, Reducing};
use crate::reduction::Ops;
use crate::simd::{Body, Mask, Simd};

/// Elements of the reduced axis that are accumulated before they are joined with those before:
/// the error of a long sum grows with the number of additions in a row.
const STRETCH: usize = 512;

type Outs<K, T> =
    <<K as Reducing<T>>::Ops as Ops<<K as crate::elementwise::Elementwise<T>>::Out>>::Outs;

/// What a thread does: the results with these numbers, in units of tiles or of rows.
struct Plan<'a> {
    /// The kept axes but the one that lanes go along: lengths, outermost first.
    outer: Vec<usize>,
    /// The axis that lanes go along: its length, and its axis in the common shape.
    lane: Option<(usize, usize)>,
    /// The reduced axis, and its length.
    axis: usize,
    len: usize,
    /// Of the inputs on it, in bytes.
    strides: Vec<isize>,
    /// The axes of `outer` in the common shape.
    outer_axes: Vec<usize>,
    inputs: &'a [Arg],
    outputs: &'a [Arg],
}

impl Plan<'_> {
    /// Units of work: tiles of results on the lane axis, or single results.
    fn units(&self) -> usize {
        self.outer.iter().product::<usize>() * self.tiles()
    }

    fn tiles(&self) -> usize {
        self.lane.map_or(1, |(len, _)| len.div_ceil(LANES))
    }

    /// Where the arguments start for a unit; for the first result of a tile.
    fn place(&self, unit: usize, inputs: &mut [*mut u8], outputs: &mut [*mut u8]) {
        let (mut rest, tile) = (unit / self.tiles(), unit % self.tiles());
        for (at, arg) in inputs.iter_mut().zip(self.inputs) {
            *at = arg.first;
        }
        for (at, arg) in outputs.iter_mut().zip(self.outputs) {
            *at = arg.first;
        }
        let mut shift = |axis: usize, by: usize| {
            let by = by.cast_signed();
            for (at, arg) in inputs.iter_mut().zip(self.inputs) {
                *at = at.wrapping_offset(arg.strides[axis] * by);
            }
            for (at, arg) in outputs.iter_mut().zip(self.outputs) {
                *at = at.wrapping_offset(arg.strides[axis] * by);
            }
        };
        for (&len, &axis) in self.outer.iter().zip(&self.outer_axes).rev() {
            shift(axis, rest % len);
            rest /= len;
        }
        if let Some((_, axis)) = self.lane {
            shift(axis, tile * LANES);
        }
    }
}

/// The units from `start` to `end`.
struct Part<'a, K, T, I> {
    plan: &'a Plan<'a>,
    operands: &'a I,
    start: usize,
    end: usize,
    kernel: PhantomData<(K, T)>,
}

impl<K: Reducing<T>, T, I: Operands<K::In>> Body for Part<'_, K, T, I> {
    type Output = bool;
    #[inline(always)]
    fn run<S: Simd>(self, s: S) -> bool {
        let plan = self.plan;
        let mut inputs = vec![std::ptr::null_mut(); plan.inputs.len()];
        let mut outputs = vec![std::ptr::null_mut(); plan.outputs.len()];
        let mut bad = Mask::splat(s, false);
        for unit in self.start..self.end {
            plan.place(unit, &mut inputs, &mut outputs);
            // SAFETY: the operands were borrowed and the outputs made for this call, and no other
            // part has these results.
            #[expect(clippy::multiple_unsafe_ops_per_block, reason = "one of them is run")]
            unsafe {
                match plan.lane {
                    Some((len, axis)) => {
                        let tile = unit % plan.tiles();
                        let n = LANES.min(len - tile * LANES);
                        self.tile(s, &inputs, &outputs, axis, n, &mut bad);
                    }
                    None => self.row(s, &inputs, &outputs, &mut bad),
                }
            }
        }
        bad.any()
    }
}

impl<K: Reducing<T>, T, I: Operands<K::In>> Part<'_, K, T, I> {
    /// `n` results side by side.
    ///
    /// # Safety
    /// Inputs and outputs are those of `n` results along `axis`.
    #[inline(always)]
    unsafe fn tile<S: Simd>(
        &self,
        s: S,
        inputs: &[*mut u8],
        outputs: &[*mut u8],
        axis: usize,
        n: usize,
        bad: &mut Mask<S>,
    ) {
        let plan = self.plan;
        let start_of = |(first, arg): (&*mut u8, &Arg)| Start {
            first: *first,
            step: arg.strides[axis] / arg.size.cast_signed(),
        };
        let starts: Vec<Start> = inputs.iter().zip(plan.inputs).map(start_of).collect();
        let cursors = self.operands.cursors(&starts);
        let mut group = 0;
        while group * S::LANES < n {
            let at = group * S::LANES;
            let lanes = S::LANES.min(n - at);
            // SAFETY: the results from `at` on are among the `n`.
            let acc = unsafe { self.column(s, cursors, at, lanes, bad) };
            let results = K::Ops::wide_results(s, acc, plan.len);
            // SAFETY: there are as many outputs.
            unsafe { self.store(results, outputs, axis, at, lanes) };
            group += 1;
        }
    }

    /// A group of results.
    ///
    /// # Safety
    /// As `tile`; the rows hold `at + lanes` elements for every element of the reduced axis.
    #[inline(always)]
    unsafe fn column<S: Simd>(
        &self,
        s: S,
        mut cursors: I::Cursors,
        at: usize,
        lanes: usize,
        bad: &mut Mask<S>,
    ) -> <K::Ops as Ops<K::Out>>::Acc<S> {
        let plan = self.plan;
        let strides = I::Cursors::strides(&plan.strides);
        let active = Mask::first(s, lanes);
        let mut total = K::Ops::start(s);
        let mut k = 0;
        while k < plan.len {
            let end = plan.len.min(k + STRETCH);
            let mut acc = K::Ops::start(s);
            while k < end {
                let inputs = if lanes == S::LANES {
                    // SAFETY: a group is there.
                    unsafe { cursors.load(s, at) }
                } else {
                    // SAFETY: so many elements are there.
                    unsafe { cursors.load_some(s, at, lanes) }
                };
                let x = K::lanes(s, active, bad, inputs);
                acc = K::Ops::add_at(acc, x, k);
                cursors = cursors.moved(strides);
                k += 1;
            }
            total = if end <= STRETCH { acc } else { K::Ops::join(total, acc) };
        }
        total
    }

    /// # Safety
    /// The outputs have `at + lanes` results along `axis`.
    #[inline(always)]
    unsafe fn store<S: Simd>(
        &self,
        results: <Outs<K, T> as List>::Wide<S>,
        outputs: &[*mut u8],
        axis: usize,
        at: usize,
        lanes: usize,
    ) {
        let is_dense = |arg: &Arg| arg.strides[axis] == arg.size.cast_signed() || lanes == 1;
        if self.plan.outputs.iter().all(is_dense) {
            let starts: Vec<Start> = outputs.iter().map(|&first| Start::dense(first)).collect();
            let targets = Outs::<K, T>::targets(&starts);
            if lanes == S::LANES {
                // SAFETY: a group is there.
                unsafe { Outs::<K, T>::store(results, targets, at) };
            } else {
                // SAFETY: so many results are there.
                unsafe { Outs::<K, T>::store_some(results, targets, at, lanes) };
            }
            return;
        }
        let mut memory = vec![[0_u128; LANES]; outputs.len()];
        let starts: Vec<Start> =
            memory.iter_mut().map(|one| Start::dense(one.as_mut_ptr().cast())).collect();
        // SAFETY: the memory holds LANES elements of the largest size for each output.
        unsafe { Outs::<K, T>::store(results, Outs::<K, T>::targets(&starts), 0) };
        for ((start, &to), arg) in starts.iter().zip(outputs).zip(self.plan.outputs) {
            let stride = arg.strides[axis];
            let to = to.wrapping_offset(stride * at.cast_signed());
            // SAFETY: so many results are there, at this stride.
            unsafe {
                nest::copy(start.first, arg.size.cast_signed(), to, stride, arg.size, lanes);
            }
        }
    }

    /// One result.
    ///
    /// # Safety
    /// Inputs and outputs are those of one result.
    #[inline(always)]
    unsafe fn row<S: Simd>(
        &self,
        s: S,
        inputs: &[*mut u8],
        outputs: &[*mut u8],
        bad: &mut Mask<S>,
    ) {
        let plan = self.plan;
        let is_dense = |arg: &Arg| {
            let stride = arg.strides[plan.axis];
            !arg.is_memory() || stride == 0 || stride == arg.size.cast_signed()
        };
        let block = if plan.inputs.iter().all(is_dense) { plan.len } else { nest::BLOCK };
        let packed = |arg: &Arg| if is_dense(arg) { 0 } else { nest::BLOCK };
        let mut memory: Vec<Vec<u128>> =
            plan.inputs.iter().map(|arg| vec![0; packed(arg)]).collect();
        let mut walk = reduce::Walk::<S, K, T>::new(s);
        let mut k = 0;
        while k < plan.len {
            let len = block.min(plan.len - k);
            let starts =
                inputs.iter().zip(plan.inputs).zip(&mut memory).map(|((first, arg), memory)| {
                    let stride = arg.strides[plan.axis];
                    let first = first.wrapping_offset(stride * k.cast_signed());
                    if is_dense(arg) {
                        return Start { first, step: stride / arg.size.cast_signed() };
                    }
                    let to = memory.as_mut_ptr().cast::<u8>();
                    // SAFETY: the row has `len` elements, and the memory room for a block.
                    unsafe { nest::copy(first, stride, to, arg.size.cast_signed(), arg.size, len) };
                    Start::dense(to)
                });
            let starts: Vec<Start> = starts.collect();
            // SAFETY: the starts hold `len` elements.
            unsafe { walk.row(self.operands.cursors(&starts), len, k) };
            k += len;
        }
        let (partial, is_bad) = walk.finish();
        *bad = *bad | Mask::splat(s, is_bad);
        if let Some(partial) = partial {
            let starts: Vec<Start> = outputs.iter().map(|&first| Start::dense(first)).collect();
            let results = K::Ops::results_wide(s, partial, plan.len);
            // SAFETY: there is one result of each.
            unsafe { Outs::<K, T>::store_some(results, Outs::<K, T>::targets(&starts), 0, 1) };
        }
    }
}

/// Reduces along one axis; the results have the others.
///
/// # Errors
/// See `reduce_axis` of a kernel.
#[inline]
#[expect(clippy::type_complexity, reason = "the arrays of a list of results")]
pub fn reduce_axis<K, T, I>(
    operands: &I,
    axis: usize,
    call: Call,
) -> Result<<Outs<K, T> as List>::Arrays<<I::Dim as Dimension>::Smaller>, Error>
where
    K: Reducing<T>,
    I: Operands<K::In> + Sync,
{
    let mut shape = vec![];
    operands.shape(&mut shape, K::NAMES)?;
    if axis >= shape.len() {
        let (count, shape) = (shape.len(), nest::show(&shape));
        let message = format!("axis {axis} of shape {shape}, which has {count} axes");
        return Err(Error::new(ErrorKind::Argument, message));
    }
    let mut kept = shape.clone();
    kept.remove(axis);
    let smaller = <<I::Dim as Dimension>::Smaller as Dimension>::from_dimension(&IxDyn(&kept));
    let Some(smaller) = smaller else {
        return Err(Error::new(ErrorKind::Shape, "the shape has another number of axes"));
    };
    let is_empty = kept.contains(&0);
    if shape[axis] == 0 && !is_empty {
        let Some(results) = K::Ops::empty() else { return Err(reduce::nothing(&shape)) };
        return Ok(K::Ops::filled(results, &smaller));
    }
    let mut fresh = Outs::<K, T>::fresh(&smaller, false);
    if !is_empty {
        let mut inputs = Nest::new(&shape);
        operands.describe(&mut inputs);
        let mut outputs = Nest::new(&kept);
        fresh.describe(&mut outputs, &kept, &[])?;
        outputs.insert_axis(axis);
        run::<K, T, I>(operands, &shape, axis, &inputs, &outputs, call)?;
    }
    // SAFETY: without an error, every result was written.
    Ok(unsafe { Outs::<K, T>::written(fresh) })
}

fn run<K, T, I>(
    operands: &I,
    shape: &[usize],
    axis: usize,
    inputs: &Nest,
    outputs: &Nest,
    call: Call,
) -> Result<(), Error>
where
    K: Reducing<T>,
    I: Operands<K::In> + Sync,
{
    let lies_side_by_side = |&at: &usize| {
        let fits = |arg: &Arg| {
            let stride = arg.strides[at];
            !arg.is_memory() || stride == 0 || stride == arg.size.cast_signed()
        };
        at != axis && shape[at] > 1 && inputs.args.iter().all(fits)
    };
    // The longest, and of those the last, so that results too are stored side by side.
    let lane = (0..shape.len()).filter(lies_side_by_side).max_by_key(|&at| shape[at]);
    let outer_axes: Vec<usize> =
        (0..shape.len()).filter(|&at| at != axis && Some(at) != lane).collect();
    let plan = Plan {
        outer: outer_axes.iter().map(|&at| shape[at]).collect(),
        lane: lane.map(|at| (shape[at], at)),
        axis,
        len: shape[axis],
        strides: inputs.args.iter().map(|arg| arg.strides[axis]).collect(),
        outer_axes,
        inputs: &inputs.args,
        outputs: &outputs.args,
    };
    let isa = call.isa();
    let part = |start: usize, end: usize| {
        let kernel = PhantomData::<(K, T)>;
        isa::call(isa, Part { plan: &plan, operands, start, end, kernel })
    };
    let units = plan.units();
    let parts = call.parts(inputs.bytes().max(inputs.len() * size_of::<u64>())).min(units);
    let bad = AtomicBool::new(false);
    if parts <= 1 {
        bad.store(part(0, units), Ordering::Relaxed);
    } else {
        let step = units.div_ceil(parts);
        let starts: Vec<usize> = (0..units).step_by(step).collect();
        starts.par_iter().for_each(|&start| {
            if part(start, units.min(start + step)) {
                bad.store(true, Ordering::Relaxed);
            }
        });
    }
    if bad.into_inner() { Err(zero_divisor()) } else { Ok(()) }
}

// SAFETY: a plan points into what the call has borrowed; its parts write different results.
unsafe impl Sync for Plan<'_> {}
