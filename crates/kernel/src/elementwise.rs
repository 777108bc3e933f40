//! Elementwise kernels: every element of the outputs from the elements at its place.

use std::marker::PhantomData;
use std::sync::atomic::{AtomicBool, Ordering};

use ndarray::{Dimension, IxDyn};
use rayon::prelude::*;

use crate::call::Call;
use crate::error::{Error, ErrorKind};
use crate::isa;
use crate::list::{self, Cursors, List, Operands, Outputs};
use crate::nest::{self, Nest, Row};
use crate::operand::Start;
use crate::simd::{Body, Mask, Simd, whole};

/// What `#[kernel]` makes of a function of numbers.
pub trait Elementwise<T>: 'static {
    /// The types of its parameters.
    type In: List;
    /// The types of its results.
    type Out: List;
    /// The names of its parameters.
    const NAMES: &'static [&'static str];
    /// The names of its outputs.
    const OUTPUTS: &'static [&'static str];

    /// The function, of a group at once. Only the lanes of `active` count; those that divide by
    /// zero in a kernel with `division = error` are added to `bad`.
    fn lanes<S: Simd>(
        s: S,
        active: Mask<S>,
        bad: &mut Mask<S>,
        inputs: <Self::In as List>::Wide<S>,
    ) -> <Self::Out as List>::Wide<S>;
}

/// A row of a kernel, of one or another instruction set.
struct OneRow<K, T, C, O> {
    cursors: C,
    targets: O,
    len: usize,
    stream: bool,
    kernel: PhantomData<(K, T)>,
}

impl<K, T, C> OneRow<K, T, C, <K::Out as List>::Targets>
where
    K: Elementwise<T>,
    C: Cursors<K::In>,
{
    /// Whether a lane divided by zero.
    ///
    /// # Safety
    /// Cursors and targets have `len` elements.
    #[inline(always)]
    unsafe fn run<S: Simd>(&self, s: S) -> bool {
        let mut bad = Mask::splat(s, false);
        let mut i = 0;
        if self.stream {
            // SAFETY: as the caller promises.
            i = unsafe { self.streamed(s, &mut bad) };
        }
        let end = whole::<S>(i, self.len);
        while i < end {
            // SAFETY: a group is left.
            let inputs = unsafe { self.cursors.load(s, i) };
            let outputs = K::lanes(s, Mask::splat(s, true), &mut bad, inputs);
            // SAFETY: a group is left.
            unsafe { K::Out::store(outputs, self.targets, i) };
            i += S::LANES;
        }
        if i < self.len {
            // SAFETY: so many elements are left.
            unsafe { self.some(s, i, self.len - i, &mut bad) };
        }
        bad.any()
    }

    /// `n < LANES` elements from `i` on.
    ///
    /// # Safety
    /// Cursors and targets have `i + n` elements.
    #[inline(always)]
    unsafe fn some<S: Simd>(&self, s: S, i: usize, n: usize, bad: &mut Mask<S>) {
        // SAFETY: as the caller promises.
        let inputs = unsafe { self.cursors.load_some(s, i, n) };
        let outputs = K::lanes(s, Mask::first(s, n), bad, inputs);
        // SAFETY: as the caller promises.
        unsafe { K::Out::store_some(outputs, self.targets, i, n) };
    }

    /// All groups that are aligned; where the rest begins.
    ///
    /// # Safety
    /// As `run`.
    #[inline(always)]
    unsafe fn streamed<S: Simd>(&self, s: S, bad: &mut Mask<S>) -> usize {
        let Some(first) = K::Out::unaligned(self.targets) else { return 0 };
        let mut i = 0;
        while i < first.min(self.len) {
            let n = (first.min(self.len) - i).min(S::LANES - 1);
            // SAFETY: so many elements are left.
            unsafe { self.some(s, i, n, bad) };
            i += n;
        }
        let end = whole::<S>(i, self.len);
        while i < end {
            // SAFETY: a group is left.
            let inputs = unsafe { self.cursors.load(s, i) };
            let outputs = K::lanes(s, Mask::splat(s, true), bad, inputs);
            // SAFETY: a group is left, and aligned.
            unsafe { K::Out::stream(outputs, self.targets, i) };
            i += S::LANES;
        }
        s.fence();
        i
    }
}

impl<K, T, C> Body for &OneRow<K, T, C, <K::Out as List>::Targets>
where
    K: Elementwise<T>,
    C: Cursors<K::In>,
{
    type Output = bool;
    #[inline(always)]
    fn run<S: Simd>(self, s: S) -> bool {
        // SAFETY: `OneRow` is only made of cursors and targets of `len` elements.
        unsafe { OneRow::run(self, s) }
    }
}

/// All rows of a nest.
struct Rows<'a, K, T, I> {
    nest: &'a Nest,
    inputs: &'a I,
    stream: bool,
    kernel: PhantomData<(K, T)>,
}

/// The same with the instructions chosen.
struct Chosen<'a, K, T, I, S> {
    s: S,
    rows: &'a Rows<'a, K, T, I>,
    bad: bool,
}

impl<K, T, I, S> Row for &mut Chosen<'_, K, T, I, S>
where
    K: Elementwise<T>,
    I: Operands<K::In>,
    S: Simd,
{
    #[inline(always)]
    unsafe fn run(&mut self, starts: &[Start], len: usize) {
        let (inputs, outputs) = starts.split_at(K::NAMES.len());
        let row = OneRow::<K, T, I::Cursors, _> {
            cursors: self.rows.inputs.cursors(inputs),
            targets: K::Out::targets(outputs),
            len,
            stream: self.rows.stream,
            kernel: PhantomData,
        };
        // SAFETY: the nest promises `len` elements from every start on.
        self.bad |= unsafe { row.run(self.s) };
    }
}

impl<K, T, I> Body for &Rows<'_, K, T, I>
where
    K: Elementwise<T>,
    I: Operands<K::In>,
{
    type Output = bool;
    #[inline(always)]
    fn run<S: Simd>(self, s: S) -> bool {
        let mut chosen = Chosen { s, rows: self, bad: false };
        // SAFETY: the arguments were borrowed for this call, and parts of it share no output.
        unsafe { self.nest.rows(&mut chosen) };
        chosen.bad
    }
}

/// Writes the results of a kernel into outputs of the common shape of the inputs.
///
/// # Errors
/// See `into` of a kernel.
#[inline]
pub fn into<K, T, I, O>(inputs: &I, outputs: &mut O, call: Call) -> Result<(), Error>
where
    K: Elementwise<T>,
    I: Operands<K::In> + Sync,
    O: Outputs<K::Out>,
{
    if !call.par
        && let Some(list::OneRow { len, cursors, targets }) = outputs.row(inputs)
        && len > 0
    {
        let stream = call.streams(len * K::Out::BYTES);
        let row = OneRow::<K, T, _, _> { cursors, targets, len, stream, kernel: PhantomData };
        return verdict(isa::call(call.isa(), &row));
    }
    let mut shape = vec![];
    inputs.shape(&mut shape, K::NAMES)?;
    into_shape::<K, T, I, O>(inputs, outputs, &shape, call)
}

fn into_shape<K, T, I, O>(
    inputs: &I,
    outputs: &mut O,
    shape: &[usize],
    call: Call,
) -> Result<(), Error>
where
    K: Elementwise<T>,
    I: Operands<K::In> + Sync,
    O: Outputs<K::Out>,
{
    let mut nest = Nest::new(shape);
    inputs.describe(&mut nest);
    outputs.describe(&mut nest, shape, K::OUTPUTS)?;
    run::<K, T, I>(inputs, nest, call)
}

/// The results of a kernel in new arrays, of the common shape of the inputs.
///
/// # Errors
/// See `map` of a kernel.
#[inline]
pub fn map<K, T, I>(inputs: &I, call: Call) -> Result<<K::Out as List>::Arrays<I::Dim>, Error>
where
    K: Elementwise<T>,
    I: Operands<K::In> + Sync,
{
    let mut shape = vec![];
    inputs.shape(&mut shape, K::NAMES)?;
    let mut nest = Nest::new(&shape);
    inputs.describe(&mut nest);
    let Some(dim) = I::Dim::from_dimension(&IxDyn(&shape)) else {
        let message = format!("the shape {} has another number of axes", nest::show(&shape));
        return Err(Error::new(ErrorKind::Shape, message));
    };
    let mut fresh = K::Out::fresh(&dim, nest.is_column_major());
    into::<K, T, I, _>(inputs, &mut fresh, call)?;
    // SAFETY: without an error, every element of the shape was written.
    Ok(unsafe { K::Out::written(fresh) })
}

/// The loops, over the threads if the call says so.
fn run<K, T, I>(inputs: &I, mut nest: Nest, call: Call) -> Result<(), Error>
where
    K: Elementwise<T>,
    I: Operands<K::In> + Sync,
{
    if nest.is_empty() {
        return Ok(());
    }
    nest.simplify();
    let isa = call.isa();
    let stream = call.streams(nest.len() * K::Out::BYTES);
    let part = |nest: &Nest| {
        isa::call(isa, &Rows::<K, T, I> { nest, inputs, stream, kernel: PhantomData })
    };
    let parts = call.parts(nest.bytes());
    let parts = nest.split(parts);
    match &parts[..] {
        [one] => verdict(part(one)),
        parts => {
            let bad = AtomicBool::new(false);
            parts.par_iter().for_each(|nest| {
                if part(nest) {
                    bad.store(true, Ordering::Relaxed);
                }
            });
            verdict(bad.into_inner())
        }
    }
}

pub(crate) fn verdict(bad: bool) -> Result<(), Error> {
    if bad { Err(zero_divisor()) } else { Ok(()) }
}

pub(crate) fn zero_divisor() -> Error {
    let message = "a divisor was zero, and the kernel says `division = error`";
    Error::new(ErrorKind::DivisionByZero, message)
}
