//! The loops over the outer axes. A core whose elements do not lie one after another is copied
//! into memory of the thread's own for the kernel, and what the kernel wrote is copied back.

use std::ptr;
use std::slice;

use super::Gufunc;
use super::cores::Cores;
use crate::error::Error;
use crate::simd::Simd;

/// One core: its first element and its lengths. A vector has one row.
#[derive(Debug, Clone, Copy)]
pub struct At {
    pub(super) first: *mut u8,
    pub(super) lens: [usize; 2],
}

impl At {
    fn len(self) -> usize {
        self.lens[0] * self.lens[1]
    }

    /// # Safety
    /// There are so many elements of this type, for reading, for this long.
    #[inline(always)]
    pub(super) unsafe fn slice<'a, T>(self) -> &'a [T] {
        match self.len() {
            0 => &[],
            // SAFETY: the caller promises the elements.
            len => unsafe { slice::from_raw_parts(self.first.cast::<T>(), len) },
        }
    }

    /// # Safety
    /// There are so many elements of this type, for writing, for this long.
    #[inline(always)]
    pub(super) unsafe fn slice_mut<'a, T>(self) -> &'a mut [T] {
        match self.len() {
            0 => &mut [],
            // SAFETY: the caller promises the elements.
            len => unsafe { slice::from_raw_parts_mut(self.first.cast::<T>(), len) },
        }
    }
}

/// An argument on the outer axes.
#[derive(Debug)]
pub(super) struct Arg {
    first: *mut u8,
    /// Bytes of an element.
    size: usize,
    /// In bytes; 0 where the argument is repeated.
    strides: Vec<isize>,
    lens: [usize; 2],
    /// Of the core, in bytes.
    steps: [isize; 2],
    is_output: bool,
    is_dense: bool,
    /// The memory of `first`, of what lies nowhere else.
    _kept: Vec<u128>,
}

impl Arg {
    pub(super) fn new(
        first: *mut u8,
        size: usize,
        strides: Vec<isize>,
        lens: [usize; 2],
        steps: [isize; 2],
        is_output: bool,
        kept: Vec<u128>,
    ) -> Self {
        let bytes = size.cast_signed();
        let row = bytes * lens[1].cast_signed();
        let is_dense = lens.contains(&0)
            || ((lens[1] == 1 || steps[1] == bytes) && (lens[0] == 1 || steps[0] == row));
        Self { first, size, strides, lens, steps, is_output, is_dense, _kept: kept }
    }

    fn len(&self) -> usize {
        self.lens[0] * self.lens[1]
    }

    /// Copies a core between where it lies and dense memory.
    ///
    /// # Safety
    /// Both have the elements.
    unsafe fn copy(&self, at: *mut u8, dense: *mut u8, into_dense: bool) {
        let mut dense = dense;
        for i in 0..self.lens[0].cast_signed() {
            for j in 0..self.lens[1].cast_signed() {
                let place = at.wrapping_offset(i * self.steps[0] + j * self.steps[1]);
                let (from, to) = if into_dense { (place, dense) } else { (dense, place) };
                // SAFETY: the caller promises this element.
                unsafe { ptr::copy_nonoverlapping(from, to, self.size) };
                dense = dense.wrapping_add(self.size);
            }
        }
    }
}

/// All arguments on the outer axes.
#[derive(Debug)]
pub(super) struct Loops {
    outer: Vec<usize>,
    args: Vec<Arg>,
}

// SAFETY: loops are a description. Who runs them on several threads gives each places of its own,
// and outputs share no memory between places.
unsafe impl Sync for Loops {}

impl Loops {
    pub(super) fn new(outer: Vec<usize>, args: Vec<Arg>) -> Self {
        Self { outer, args }
    }

    /// Cores to compute.
    pub(super) fn places(&self) -> usize {
        self.outer.iter().product()
    }

    /// Bytes that the arguments have in all places.
    pub(super) fn bytes(&self) -> usize {
        let core: usize = self.args.iter().map(|arg| arg.len() * arg.size).sum();
        core.saturating_mul(self.places())
    }

    /// So many places in row-major order.
    pub(super) fn part(&self, start: usize, count: usize) -> Part<'_> {
        let mut index = vec![0; self.outer.len()];
        let mut rest = start;
        for (at, &len) in index.iter_mut().zip(&self.outer).rev() {
            *at = rest % len;
            rest /= len;
        }
        let first = |arg: &Arg| {
            let offset =
                index.iter().zip(&arg.strides).map(|(&at, stride)| at.cast_signed() * stride);
            arg.first.wrapping_offset(offset.sum())
        };
        let at = self.args.iter().map(first).collect();
        let copies = self.args.iter().map(Copied::of).collect();
        Part { loops: self, index, at, copies, count }
    }
}

/// The dense copy of a core.
#[derive(Debug)]
struct Copied {
    memory: Vec<u128>,
    /// Which core it holds.
    of: *mut u8,
}

impl Copied {
    fn of(arg: &Arg) -> Self {
        let bytes = if arg.is_dense { 0 } else { arg.len() * arg.size };
        Self { memory: vec![0; bytes.div_ceil(size_of::<u128>())], of: ptr::null_mut() }
    }
}

/// Some of the places.
#[derive(Debug)]
pub(super) struct Part<'a> {
    loops: &'a Loops,
    index: Vec<usize>,
    /// Where each argument's core begins.
    at: Vec<*mut u8>,
    copies: Vec<Copied>,
    count: usize,
}

impl Part<'_> {
    /// Runs the kernel for each place, until one gives an error.
    ///
    /// # Safety
    /// The arguments lie where the loops say, with the cores of this kernel, and nobody else writes
    /// them or reads the outputs.
    #[inline(always)]
    pub(super) unsafe fn run<K: Gufunc<T>, T, S: Simd>(
        &mut self,
        s: S,
        permit: K::Permit,
    ) -> Result<(), Error> {
        let args = &self.loops.args;
        let mut cores: Vec<At> =
            args.iter().zip(&self.at).map(|(arg, at)| At { first: *at, lens: arg.lens }).collect();
        let inputs = K::NAMES.len();
        let has_copies = args.iter().any(|arg| !arg.is_dense);
        for round in 0..self.count {
            if round > 0 {
                self.step();
            }
            for (core, at) in cores.iter_mut().zip(&self.at) {
                core.first = *at;
            }
            if has_copies {
                // SAFETY: as the caller promises.
                unsafe { self.copy_in(&mut cores) };
            }
            let (reads, writes) = cores.split_at(inputs);
            // SAFETY: as the caller promises, and copies have memory of their own.
            let reads = unsafe { K::In::inputs(reads) };
            // SAFETY: as above.
            let outputs = unsafe { K::Out::outputs(writes) };
            let result = K::body(s, reads, outputs, permit);
            let result = match result {
                Ok(returned) => {
                    // SAFETY: as above.
                    unsafe { K::Out::put(returned, writes) };
                    Ok(())
                }
                Err(error) => Err(error),
            };
            if has_copies {
                // SAFETY: as above.
                unsafe { self.copy_out() };
            }
            result?;
        }
        Ok(())
    }

    /// To the next place.
    #[inline]
    fn step(&mut self) {
        for (axis, &len) in self.loops.outer.iter().enumerate().rev() {
            self.index[axis] += 1;
            let is_over = self.index[axis] == len;
            let steps = if is_over { 1 - len.cast_signed() } else { 1 };
            for (at, arg) in self.at.iter_mut().zip(&self.loops.args) {
                *at = at.wrapping_offset(arg.strides[axis] * steps);
            }
            if !is_over {
                return;
            }
            self.index[axis] = 0;
        }
    }

    /// # Safety
    /// As `run`.
    #[inline(never)]
    unsafe fn copy_in(&mut self, cores: &mut [At]) {
        let all = self.loops.args.iter().zip(&mut self.copies).zip(cores);
        for ((arg, copied), core) in all.filter(|((arg, _), _)| !arg.is_dense) {
            let memory = copied.memory.as_mut_ptr().cast::<u8>();
            // What the outputs hold is copied too: a kernel may read them.
            if arg.is_output || copied.of != core.first {
                // SAFETY: the core is there, and the memory has room for it.
                unsafe { arg.copy(core.first, memory, true) };
                copied.of = core.first;
            }
            core.first = memory;
        }
    }

    /// # Safety
    /// As `run`.
    #[inline(never)]
    unsafe fn copy_out(&mut self) {
        let all = self.loops.args.iter().zip(&mut self.copies).zip(&self.at);
        for ((arg, copied), at) in all.filter(|((arg, _), _)| arg.is_output && !arg.is_dense) {
            // SAFETY: the core is there, and nobody else writes it.
            unsafe { arg.copy(*at, copied.memory.as_mut_ptr().cast(), false) };
        }
    }
}
