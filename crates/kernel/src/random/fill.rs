//! The loops: which numbers a row has, and of which blocks they are made.

use std::mem::MaybeUninit;
use std::ops::Range;
use std::ptr;

use rayon::prelude::*;

use super::block::Keys;
use super::draw::Draw;
use crate::call::Call;
use crate::isa::{self, Isa};
use crate::nest::{Nest, Row};
use crate::operand::Start;
use crate::simd::{Body, Simd};

/// Numbers of a group of blocks, at most.
const MOST: usize = 4 * 16;

/// Numbers of a stream.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sequence<D> {
    pub(super) draw: D,
    pub(super) keys: Keys,
    pub(super) stream: u64,
    /// The number that the index 0 has.
    pub(super) start: u64,
}

/// Writes the numbers of all indices of a nest: an output, and the index of its elements.
pub(super) fn fill<D: Draw>(sequence: &Sequence<D>, mut nest: Nest, call: Call) {
    if nest.is_empty() {
        return;
    }
    nest.simplify_in_order();
    // A row has numbers one after another; in a single column of an array every number is a row.
    let index = &nest.args[1].strides;
    if index.last().is_some_and(|&step| step != 1) {
        nest.insert_axis(index.len());
    }
    let isa = call.isa();
    let parts = call.parts(nest.bytes());
    match &nest.split(parts)[..] {
        [nest] => isa::call(isa, Part { sequence, nest }),
        parts => parts.par_iter().for_each(|nest| isa::call(isa, Part { sequence, nest })),
    }
}

/// What a thread does.
struct Part<'a, D> {
    sequence: &'a Sequence<D>,
    nest: &'a Nest,
}

/// The same with the instructions chosen.
struct Chosen<'a, D, S> {
    s: S,
    sequence: &'a Sequence<D>,
}

impl<D: Draw> Body for Part<'_, D> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        // SAFETY: the output was borrowed for this call, and parts of it share no element.
        unsafe { self.nest.rows(Chosen { s, sequence: self.sequence }) };
    }
}

impl<D: Draw, S: Simd> Row for Chosen<'_, D, S> {
    #[inline(always)]
    unsafe fn run(&mut self, starts: &[Start], len: usize) {
        let from = self.sequence.start.wrapping_add(starts[1].first.addr() as u64);
        let to = starts[0].first.cast();
        // Twice as many registers hold twice as many groups.
        if S::ISA == Isa::V4 {
            // SAFETY: the nest promises `len` elements from the start of the output on.
            unsafe { self.sequence.row::<S, 2>(self.s, from, to, len) };
        } else {
            // SAFETY: as above.
            unsafe { self.sequence.row::<S, 1>(self.s, from, to, len) };
        }
    }
}

impl<D: Draw> Sequence<D> {
    /// Writes `len` numbers, from number `from` on; `N` groups of blocks at a time.
    ///
    /// # Safety
    /// `to` is valid for writes of `len` numbers.
    #[inline(always)]
    unsafe fn row<S: Simd, const N: usize>(&self, s: S, from: u64, to: *mut D::Number, len: usize) {
        let group = D::PER_BLOCK * S::LANES;
        let (mut block, skip) = (from / D::PER_BLOCK as u64, from % D::PER_BLOCK as u64);
        let mut done = 0;
        if skip > 0 {
            #[expect(clippy::cast_possible_truncation, reason = "less than a block gives")]
            let skip = skip as usize;
            done = len.min(group - skip);
            // SAFETY: so many numbers have room.
            unsafe { self.some(s, block, skip..skip + done, to) };
            block = block.wrapping_add(S::LANES as u64);
        }
        while len - done >= N * group {
            let groups = self.keys.blocks::<S, N>(s, self.stream, block);
            let mut i = 0;
            while i < N {
                // SAFETY: as many groups have room.
                unsafe { self.draw.store(groups[i], to.wrapping_add(done)) };
                done += group;
                i += 1;
            }
            block = block.wrapping_add((N * S::LANES) as u64);
        }
        while done < len {
            let n = group.min(len - done);
            // SAFETY: so many numbers have room.
            unsafe { self.some(s, block, 0..n, to.wrapping_add(done)) };
            done += n;
            block = block.wrapping_add(S::LANES as u64);
        }
    }

    /// Writes some of the numbers of the group that starts with `block`.
    ///
    /// # Safety
    /// The range is one of a group, and `to` is valid for writes of so many numbers.
    #[inline(always)]
    unsafe fn some<S: Simd>(&self, s: S, block: u64, range: Range<usize>, to: *mut D::Number) {
        let mut all = [MaybeUninit::<D::Number>::uninit(); MOST];
        let [words] = self.keys.blocks(s, self.stream, block);
        let first = all.as_mut_ptr().cast::<D::Number>();
        // SAFETY: no group has more than `MOST` numbers.
        unsafe { self.draw.store(words, first) };
        let from = first.cast_const().wrapping_add(range.start);
        // SAFETY: the range was written, and the caller promises room for it.
        unsafe { ptr::copy_nonoverlapping(from, to, range.len()) };
    }
}
