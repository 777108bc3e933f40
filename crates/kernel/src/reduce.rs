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
use crate::operand::{Place, Start};
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
    /// Of `2^i` results each, for the bits of their number from the highest on.
    joined: Vec<P>,
    count: usize,
    ops: PhantomData<(O, L)>,
}

impl<L: List, O: Ops<L>> Pairs<O, L, O::Partial> {
    fn new() -> Self {
        Self { joined: Vec::new(), count: 0, ops: PhantomData }
    }
    fn push(&mut self, mut partial: O::Partial) {
        let mut left = self.count;
        while left & 1 == 1
            && let Some(before) = self.joined.pop()
        {
            partial = O::merge(before, partial);
            left >>= 1;
        }
        self.count += 1;
        self.joined.push(partial);
    }
    fn finish(&mut self) -> Option<O::Partial> {
        self.joined.drain(..).rev().reduce(|after, before| O::merge(before, after))
    }
}

/// Accumulators, of which a variant uses as many groups as it has in `LANES` of them.
type Accumulators<S, K, T> =
    [<<K as Reducing<T>>::Ops as Ops<<K as Elementwise<T>>::Out>>::Acc<S>; GROUPS];

/// What stays the same on the way through elements.
struct Stretch<S, K, T, C> {
    s: S,
    cursors: C,
    kernel: PhantomData<(K, T)>,
}

impl<S: Simd, K: Reducing<T>, T, C: Cursors<K::In>> Stretch<S, K, T, C> {
    const USED: usize = LANES / S::LANES;

    /// Takes in the elements from `i` to `end`, of which the first has the number `index + i`.
    ///
    /// # Safety
    /// The cursors have `end` elements.
    #[inline(always)]
    unsafe fn run(
        &self,
        mut accumulators: Accumulators<S, K, T>,
        bad: &mut Mask<S>,
        (mut i, end): (usize, usize),
        index: usize,
    ) -> Accumulators<S, K, T> {
        let Self { s, cursors, .. } = *self;
        let mut walk = cursors.set_out(s, i);
        let last = i + (end - i) / LANES * LANES;
        while i < last {
            let mut group = 0;
            while group < Self::USED {
                let at = i + group * S::LANES;
                // SAFETY: a group is left.
                let inputs = unsafe { cursors.load_ahead(s, at, walk, group * S::LANES) };
                let x = K::lanes(s, Mask::splat(s, true), bad, inputs);
                accumulators[group] = K::Ops::add(accumulators[group], x, index + at);
                group += 1;
            }
            walk = cursors.walk_on(walk, LANES);
            i += LANES;
        }
        if i == end {
            return accumulators;
        }
        // SAFETY: as the caller promises.
        unsafe { self.rest(accumulators, bad, (i, end), index) }
    }

    /// The last elements, fewer than there are accumulators.
    ///
    /// Their groups are counted at run time, for which the accumulators have to lie in memory: those
    /// of the loop above stay in registers, as they are others.
    ///
    /// # Safety
    /// As `run`.
    #[inline(always)]
    unsafe fn rest(
        &self,
        accumulators: Accumulators<S, K, T>,
        bad: &mut Mask<S>,
        (mut i, end): (usize, usize),
        index: usize,
    ) -> Accumulators<S, K, T> {
        let Self { s, cursors, .. } = *self;
        let mut rest = accumulators;
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
            let x = K::lanes(s, active, bad, inputs);
            rest[group] = K::Ops::add_some(active, rest[group], x, index + i);
            i += n;
            group += 1;
        }
        rest
    }
}

/// What accumulators come to.
#[inline(always)]
fn joined<S: Simd, K: Reducing<T>, T>(mut accumulators: Accumulators<S, K, T>) -> Partial<K, T> {
    let mut half = LANES / S::LANES / 2;
    while half > 0 {
        let mut group = 0;
        while group < half {
            let (a, b) = (accumulators[group], accumulators[group + half]);
            accumulators[group] = K::Ops::join(a, b);
            group += 1;
        }
        half /= 2;
    }
    K::Ops::fold(accumulators[0])
}

/// The accumulators on their way through rows.
pub(crate) struct Walk<S: Simd, K: Reducing<T>, T> {
    s: S,
    accumulators: Accumulators<S, K, T>,
    /// Elements since they were joined.
    count: usize,
    pairs: Pairs<K::Ops, K::Out, Partial<K, T>>,
    bad: Mask<S>,
}

impl<S: Simd, K: Reducing<T>, T> Walk<S, K, T> {
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
        let stretch = Stretch::<S, K, T, C> { s: self.s, cursors, kernel: PhantomData };
        let mut i = 0;
        while i < len {
            let end = len.min(i + (BLOCK - self.count));
            // SAFETY: the elements up to `end` are among those of the row.
            let now = unsafe { stretch.run(self.accumulators, &mut self.bad, (i, end), index) };
            self.accumulators = now;
            self.count += end - i;
            i = end;
            if self.count == BLOCK {
                self.join();
            }
        }
    }

    /// Joins the accumulators, and starts anew.
    #[inline(always)]
    fn join(&mut self) {
        self.pairs.push(joined::<S, K, T>(self.accumulators));
        self.accumulators = [K::Ops::start(self.s); GROUPS];
        self.count = 0;
    }

    #[inline(always)]
    pub(crate) fn finish(&mut self) -> Outcome<K, T> {
        if self.count > 0 {
            self.join();
        }
        (self.pairs.finish(), self.bad.any())
    }
}

/// A dense row as one part.
struct DensePart<'a, K, T, C> {
    /// By reference: a copy that follows the writing of its words at once has to wait for them.
    cursors: &'a C,
    start: usize,
    end: usize,
    kernel: PhantomData<(K, T)>,
}

impl<K: Reducing<T>, T, C: Cursors<K::In>> Body for &DensePart<'_, K, T, C> {
    type Output = Outcome<K, T>;
    #[inline(always)]
    fn run<S: Simd>(self, s: S) -> Outcome<K, T> {
        let stretch = Stretch::<S, K, T, C> { s, cursors: *self.cursors, kernel: PhantomData };
        let mut bad = Mask::splat(s, false);
        let mut pairs = Pairs::<K::Ops, K::Out, _>::new();
        let mut i = self.start;
        loop {
            let end = self.end.min(i + BLOCK);
            let start = [K::Ops::start(s); GROUPS];
            // SAFETY: the cursors have the elements up to the end of the part.
            let now = unsafe { stretch.run(start, &mut bad, (i, end), 0) };
            let joined = joined::<S, K, T>(now);
            if i == self.start && end == self.end {
                return (Some(joined), bad.any());
            }
            pairs.push(joined);
            if end == self.end {
                return (pairs.finish(), bad.any());
            }
            i = end;
        }
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
    let (place, slice) = (inputs.lead(), &mut [0]);
    let shape = match place {
        Place::Array(_, shape, _) => shape,
        Place::Slice(_, len) | Place::Range(len) => {
            *slice = [len];
            &slice[..]
        }
        Place::Element => &[],
    };
    let len = shape.iter().product();
    if len > 0
        && let Some(cursors) = inputs.dense(shape)
    {
        let outcome = match len {
            ..=PART => part::<K, T, _>(call.isa(), &cursors, 0, len),
            _ => dense::<K, T, _>(call.isa(), cursors, len, call),
        };
        return results::<K, T>(outcome, len, shape);
    }
    scattered::<K, T, I>(inputs, call)
}

/// The same of operands that do not lie as one row.
fn scattered<K, T, I>(inputs: &I, call: Call) -> Result<Results<K, T>, Error>
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
    let mut nest = Nest::new(&shape);
    inputs.describe(&mut nest);
    nest.index();
    nest.simplify_in_order();
    let outcome = parts::<K, T, _>(&nest.split(len.div_ceil(PART)), call, |nest| {
        isa::call(isa, NestPart::<K, T, I> { nest, inputs, kernel: PhantomData })
    });
    results::<K, T>(outcome, len, &shape)
}

/// The results of `len` elements.
#[inline]
fn results<K: Reducing<T>, T>(
    (partial, bad): Outcome<K, T>,
    len: usize,
    shape: &[usize],
) -> Result<Results<K, T>, Error> {
    if bad {
        return Err(crate::elementwise::zero_divisor());
    }
    let results = partial.map(|partial| K::Ops::results(partial, len));
    results.ok_or_else(|| nothing(shape))
}

/// A part of a dense row.
#[inline(always)]
fn part<K, T, C>(isa: Isa, cursors: &C, start: usize, end: usize) -> Outcome<K, T>
where
    K: Reducing<T>,
    C: Cursors<K::In>,
{
    isa::call(isa, &DensePart::<'_, K, T, C> { cursors, start, end, kernel: PhantomData })
}

/// A dense row of several parts.
fn dense<K, T, C>(isa: Isa, cursors: C, len: usize, call: Call) -> Outcome<K, T>
where
    K: Reducing<T>,
    C: Cursors<K::In>,
{
    let starts: Vec<usize> = (0..len).step_by(PART).collect();
    let run = |&start: &usize| part::<K, T, C>(isa, &cursors, start, len.min(start + PART));
    parts::<K, T, _>(&starts, call, run)
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
