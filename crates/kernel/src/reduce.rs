//! Reductions: one value of many elements, fused with the function that makes them.
//!
//! The order of the operations is fixed by the shape and layout of the operands alone, so that the
//! result has the same bits on any number of threads and with any instructions:
//!
//! - Elements go round 32 accumulators, however many of them a register holds.
//! - After [`BLOCK`] elements the accumulators are joined: i with i + 16, then + 8, + 4, + 2, + 1.
//! - The results of blocks are joined two by two, then those two by two, and so on; so are those of
//!   parts of [`PART`] elements, the units that threads work on.

use std::marker::PhantomData;

use rayon::prelude::*;

use crate::call::Call;
use crate::elementwise::Elementwise;
use crate::error::{Error, ErrorKind};
use crate::isa::{self, Isa};
use crate::list::{Cursors, List, Operands};
use crate::nest::{Nest, Row};
use crate::operand::Start;
use crate::reduction::Ops;
use crate::simd::{Body, Mask, Simd};

/// Elements that are accumulated before the accumulators are joined.
const BLOCK: usize = 8192;
/// Elements that one thread works on at a time, a multiple of `BLOCK`.
const PART: usize = 1 << 16;
/// Accumulators.
pub(crate) const LANES: usize = 32;
/// Groups of accumulators in the narrowest variant.
const GROUPS: usize = LANES / 4;

/// What `#[kernel(reduce(..))]` makes of a function of numbers.
pub trait Reducing<T>: Elementwise<T> {
    /// What is done with each result.
    type Ops: Ops<Self::Out>;
}

type Partial<K, T> = <<K as Reducing<T>>::Ops as Ops<<K as Elementwise<T>>::Out>>::Partial;
type Results<K, T> = <<K as Reducing<T>>::Ops as Ops<<K as Elementwise<T>>::Out>>::Results;

/// What was reduced so far, and whether a lane divided by zero.
type Outcome<K, T> = (Option<Partial<K, T>>, bool);

/// Joins results two by two, in order, as they come.
struct Pairs<O, L, P> {
    /// At `i` the result of `2^i` of them, if there is one.
    levels: [Option<P>; usize::BITS as usize],
    ops: PhantomData<(O, L)>,
}

impl<L: List, O: Ops<L>> Pairs<O, L, O::Partial> {
    fn new() -> Self {
        Self { levels: [const { None }; usize::BITS as usize], ops: PhantomData }
    }
    fn push(&mut self, mut partial: O::Partial) {
        for level in &mut self.levels {
            match level.take() {
                Some(before) => partial = O::merge(before, partial),
                None => {
                    *level = Some(partial);
                    return;
                }
            }
        }
    }
    fn finish(self) -> Option<O::Partial> {
        self.levels.into_iter().flatten().reduce(|after, before| O::merge(before, after))
    }
}

/// The accumulators on their way through rows.
pub(crate) struct Walk<S: Simd, K: Reducing<T>, T> {
    s: S,
    accumulators: [<K::Ops as Ops<K::Out>>::Acc<S>; GROUPS],
    /// Elements since they were joined.
    count: usize,
    pairs: Pairs<K::Ops, K::Out, Partial<K, T>>,
    bad: Mask<S>,
}

impl<S: Simd, K: Reducing<T>, T> Walk<S, K, T> {
    const USED: usize = LANES / S::LANES;

    #[inline(always)]
    pub(crate) fn new(s: S) -> Self {
        let accumulators = [K::Ops::start(s); GROUPS];
        Self { s, accumulators, count: 0, pairs: Pairs::new(), bad: Mask::splat(s, false) }
    }

    /// A row of `len` elements, of which the first has the number `index`.
    ///
    /// # Safety
    /// The cursors have `len` elements.
    #[inline(always)]
    pub(crate) unsafe fn row<C: Cursors<K::In>>(&mut self, cursors: C, len: usize, index: usize) {
        let mut i = 0;
        while i < len {
            let end = len.min(i + (BLOCK - self.count));
            // SAFETY: the elements up to `end` are among those of the row.
            unsafe { self.stretch(cursors, i, end, index) };
            self.count += end - i;
            i = end;
            if self.count == BLOCK {
                self.join();
            }
        }
    }

    /// The elements from `i` to `end`.
    ///
    /// # Safety
    /// The cursors have `end` elements.
    #[inline(always)]
    unsafe fn stretch<C: Cursors<K::In>>(
        &mut self,
        cursors: C,
        i: usize,
        end: usize,
        index: usize,
    ) {
        let s = self.s;
        let mut i = i;
        let mut accumulators = self.accumulators;
        let mut bad = self.bad;
        while i + LANES <= end {
            let mut group = 0;
            while group < Self::USED {
                let at = i + group * S::LANES;
                // SAFETY: a group is left.
                let inputs = unsafe { cursors.load(s, at) };
                let x = K::lanes(s, Mask::splat(s, true), &mut bad, inputs);
                accumulators[group] = K::Ops::add(accumulators[group], x, index + at);
                group += 1;
            }
            i += LANES;
        }
        let mut group = 0;
        while i < end {
            let n = S::LANES.min(end - i);
            let active = Mask::first(s, n);
            let inputs = if n == S::LANES {
                // SAFETY: a group is left.
                unsafe { cursors.load(s, i) }
            } else {
                // SAFETY: so many elements are left.
                unsafe { cursors.load_some(s, i, n) }
            };
            let x = K::lanes(s, active, &mut bad, inputs);
            let before = accumulators[group];
            let after = K::Ops::add(before, x, index + i);
            accumulators[group] = K::Ops::select(active, after, before);
            i += n;
            group += 1;
        }
        self.accumulators = accumulators;
        self.bad = bad;
    }

    /// Joins the accumulators, and starts anew.
    #[inline(always)]
    fn join(&mut self) {
        let mut half = Self::USED / 2;
        while half > 0 {
            let mut group = 0;
            while group < half {
                let (a, b) = (self.accumulators[group], self.accumulators[group + half]);
                self.accumulators[group] = K::Ops::join(a, b);
                group += 1;
            }
            half /= 2;
        }
        self.pairs.push(K::Ops::fold(self.accumulators[0]));
        self.accumulators = [K::Ops::start(self.s); GROUPS];
        self.count = 0;
    }

    #[inline(always)]
    pub(crate) fn finish(mut self) -> Outcome<K, T> {
        if self.count > 0 {
            self.join();
        }
        (self.pairs.finish(), self.bad.any())
    }
}

/// A dense row as one part.
struct DensePart<K, T, C> {
    cursors: C,
    start: usize,
    end: usize,
    kernel: PhantomData<(K, T)>,
}

impl<K: Reducing<T>, T, C: Cursors<K::In>> Body for DensePart<K, T, C> {
    type Output = Outcome<K, T>;
    #[inline(always)]
    fn run<S: Simd>(self, s: S) -> Outcome<K, T> {
        let mut walk = Walk::<S, K, T>::new(s);
        let mut i = self.start;
        while i < self.end {
            let end = self.end.min(i + BLOCK);
            // SAFETY: the cursors have the elements up to the end of the part.
            unsafe { walk.stretch(self.cursors, i, end, 0) };
            walk.count = end - i;
            walk.join();
            i = end;
        }
        walk.finish()
    }
}

/// The rows of a nest as one part.
struct NestPart<'a, K, T, I> {
    nest: &'a Nest,
    inputs: &'a I,
    kernel: PhantomData<(K, T)>,
}

struct NestRow<'a, S: Simd, K: Reducing<T>, T, I> {
    walk: Walk<S, K, T>,
    inputs: &'a I,
}

impl<S: Simd, K: Reducing<T>, T, I: Operands<K::In>> Row for &mut NestRow<'_, S, K, T, I> {
    #[inline(always)]
    unsafe fn run(&mut self, starts: &[Start], len: usize) {
        let (inputs, index) = starts.split_at(K::NAMES.len());
        let cursors = self.inputs.cursors(inputs);
        // SAFETY: the nest promises `len` elements from every start on.
        unsafe { self.walk.row(cursors, len, index[0].first.addr()) };
    }
}

impl<K: Reducing<T>, T, I: Operands<K::In>> Body for NestPart<'_, K, T, I> {
    type Output = Outcome<K, T>;
    #[inline(always)]
    fn run<S: Simd>(self, s: S) -> Outcome<K, T> {
        let mut row = NestRow { walk: Walk::<S, K, T>::new(s), inputs: self.inputs };
        // SAFETY: the operands are borrowed for this call, and nothing is written.
        unsafe { self.nest.rows(&mut row) };
        row.walk.finish()
    }
}

/// Reduces all elements to one value for each result of the kernel.
///
/// # Errors
/// See `reduce` of a kernel.
#[inline]
pub fn reduce<K, T, I>(inputs: &I, call: Call) -> Result<Results<K, T>, Error>
where
    K: Reducing<T>,
    I: Operands<K::In> + Sync,
{
    let mut shape = vec![];
    inputs.shape(&mut shape, K::NAMES)?;
    let len: usize = shape.iter().product();
    if len == 0 {
        return K::Ops::empty().ok_or_else(|| nothing(&shape));
    }
    let isa = call.isa();
    let (partial, bad) = match inputs.dense(&shape) {
        Some(cursors) => dense::<K, T, _>(isa, cursors, len, call),
        None => {
            let mut nest = Nest::new(&shape);
            inputs.describe(&mut nest);
            nest.index();
            nest.simplify_in_order();
            parts::<K, T, _>(&nest.split(len.div_ceil(PART)), call, |nest| {
                isa::call(isa, NestPart::<K, T, I> { nest, inputs, kernel: PhantomData })
            })
        }
    };
    if bad {
        return Err(crate::elementwise::zero_divisor());
    }
    let results = partial.map(|partial| K::Ops::results(partial, len));
    results.ok_or_else(|| nothing(&shape))
}

fn dense<K, T, C>(isa: Isa, cursors: C, len: usize, call: Call) -> Outcome<K, T>
where
    K: Reducing<T>,
    C: Cursors<K::In>,
{
    let part = |start: usize, end: usize| {
        isa::call(isa, DensePart::<K, T, C> { cursors, start, end, kernel: PhantomData })
    };
    if len <= PART {
        return part(0, len);
    }
    if !call.par {
        let mut pairs = Pairs::<K::Ops, K::Out, _>::new();
        let mut bad = false;
        for start in (0..len).step_by(PART) {
            let (partial, is_bad) = part(start, len.min(start + PART));
            partial.into_iter().for_each(|partial| pairs.push(partial));
            bad |= is_bad;
        }
        return (pairs.finish(), bad);
    }
    let starts: Vec<usize> = (0..len).step_by(PART).collect();
    parts::<K, T, _>(&starts, call, |&start| part(start, len.min(start + PART)))
}

/// All parts, on one thread or several, joined in their order.
fn parts<K, T, P>(
    parts: &[P],
    call: Call,
    run: impl Fn(&P) -> Outcome<K, T> + Send + Sync,
) -> Outcome<K, T>
where
    K: Reducing<T>,
    P: Sync,
{
    let outcomes: Vec<(Option<Partial<K, T>>, bool)> = if call.par && parts.len() > 1 {
        parts.par_iter().map(run).collect()
    } else {
        parts.iter().map(run).collect()
    };
    let mut pairs = Pairs::<K::Ops, K::Out, _>::new();
    let mut bad = false;
    for (partial, is_bad) in outcomes {
        partial.into_iter().for_each(|partial| pairs.push(partial));
        bad |= is_bad;
    }
    (pairs.finish(), bad)
}

pub(crate) fn nothing(shape: &[usize]) -> Error {
    let shape = crate::nest::show(shape);
    let message = format!("nothing to reduce in shape {shape}, and the operation has no identity");
    Error::new(ErrorKind::Empty, message)
}
