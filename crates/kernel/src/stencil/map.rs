//! A stencil applied once.
//!
//! Where all that an element reads lies in the arrays, it is read there. Elsewhere, and where the
//! columns of an array do not follow each other, every row of the inputs is copied with what is
//! around it into memory that stays in the cache, and the outputs are computed from there.

use std::marker::PhantomData;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

use ndarray::Dimension;
use rayon::prelude::*;

use super::cursor::{Common, Params, Scene};
use super::layout::{Layout, Window};
use super::{Border, Stencil, dimension, shape_of_outputs, shown};
use crate::call::Call;
use crate::error::Error;
use crate::isa;
use crate::list::{List, Outputs};
use crate::nest::{self, Nest};
use crate::operand::Start;
use crate::simd::{Body, Mask, Simd, whole};

/// Bytes of the copies that one tile has of the inputs.
const TILE: usize = 192 << 10;
/// Columns that a tile has at least.
const WIDTH: usize = 512;

/// The results of a stencil in new arrays.
///
/// # Errors
/// Inputs of different shapes; a zero divisor in a kernel that minds.
#[inline]
pub fn map<K, T, D>(
    args: &<K::In as Params>::Args,
    call: Call,
) -> Result<<K::Out as List>::Arrays<D>, Error>
where
    K: Stencil<T>,
    D: Dimension,
{
    let common = Common::of::<K::In>(args, K::NAMES, K::DIMS)?;
    let is_valid = common.border == Border::Valid;
    let shape = shape_of_outputs::<K, T>(common.shape.unwrap_or_default(), is_valid);
    let mut fresh = K::Out::fresh(&dimension::<D>(&shown(shape, K::DIMS)), false);
    into::<K, T, _>(args, &mut fresh, call)?;
    // SAFETY: without an error, every element was written.
    Ok(unsafe { K::Out::written(fresh) })
}

/// Writes the results of a stencil.
///
/// # Errors
/// As `map`, and outputs of another shape or whose elements share memory.
#[inline]
pub fn into<K, T, O>(
    args: &<K::In as Params>::Args,
    outputs: &mut O,
    call: Call,
) -> Result<(), Error>
where
    K: Stencil<T>,
    O: Outputs<K::Out>,
{
    let common = Common::of::<K::In>(args, K::NAMES, K::DIMS)?;
    let shape = common.shape.unwrap_or_default();
    let is_valid = common.border == Border::Valid;
    let out = shape_of_outputs::<K, T>(shape, is_valid);
    let own = shown(out, K::DIMS);
    let shift = if is_valid { K::REACH.map(|(low, _)| low) } else { [0; 3] };
    if is_valid
        && !call.par
        && K::In::are_dense(args)
        && let Some(targets) = outputs.dense(&own)
    {
        let stream = call.streams(own.iter().product::<usize>() * K::Out::BYTES);
        let all = Inside::<K, T> { args, targets, out: &out, shift: &shift, stream };
        return crate::elementwise::verdict(isa::call(call.isa(), &all));
    }
    let mut nest = Nest::new(&own);
    outputs.describe(&mut nest, &own, K::OUTPUTS)?;
    if nest.is_empty() {
        return Ok(());
    }
    let places = nest.places().map(Target::new).collect();
    let stream = call.streams(nest.len() * K::Out::BYTES);
    let job = Job { args, places, shape, shift, stream };
    let parts = call.parts(nest.bytes() + nest.len() * K::Out::BYTES);
    let mut tiles = vec![];
    for part in parts_of::<K, T>(out, is_valid, K::In::are_dense(args)) {
        part.split(K::REACH, parts, &mut tiles);
    }
    let isa = call.isa();
    let bad = AtomicBool::new(false);
    let run = |tile: &Tile| {
        if isa::call(isa, OneTile::<K, T> { job: &job, tile, kernel: PhantomData }) {
            bad.store(true, Ordering::Relaxed);
        }
    };
    if call.par && tiles.len() > 1 {
        tiles.par_iter().for_each(run);
    } else {
        tiles.iter().for_each(run);
    }
    crate::elementwise::verdict(bad.into_inner())
}

/// A call that reads inside of its arrays alone, and writes outputs that lie as one row.
struct Inside<'a, K: Stencil<T>, T> {
    args: &'a <K::In as Params>::Args,
    targets: <K::Out as List>::Targets,
    /// Of the outputs; by reference, as a copy of words just written has to wait for them.
    out: &'a [usize; 3],
    /// As in `Job`.
    shift: &'a [usize; 3],
    stream: bool,
}

impl<K: Stencil<T>, T> Body for &Inside<'_, K, T> {
    type Output = bool;
    #[inline(always)]
    fn run<S: Simd>(self, s: S) -> bool {
        let mut bad = Mask::splat(s, false);
        let (&[planes, rows, len], &[first_plane, first_row, first]) = (self.out, self.shift);
        if len == 0 {
            return false;
        }
        let (at, stream) = (first.cast_signed(), self.stream);
        // Copies, which no write to the outputs can change, as far as the compiler knows.
        let (args, mut targets) = (*self.args, self.targets);
        let mut plane = 0;
        while plane < planes {
            // Streams start where each row is aligned.
            let is_pair = !stream && plane + 2 <= planes;
            for row in 0..rows {
                let near = K::In::inside(&args, plane + first_plane, row + first_row);
                if is_pair {
                    let next = K::In::inside_next(&args, near);
                    let targets = [targets, K::Out::ahead(targets, rows * len)];
                    let near = [near, next];
                    let two = Row::<K, T, 2> { near, at, targets, len, read: len, stream };
                    // SAFETY: the arguments and outputs were borrowed for this call, and all that
                    // is around the rows lies in them.
                    unsafe { two.run(s, &mut bad) };
                } else {
                    let (near, targets) = ([near], [targets]);
                    let one = Row::<K, T, 1> { near, at, targets, len, read: len, stream };
                    // SAFETY: as above.
                    unsafe { one.run(s, &mut bad) };
                }
                targets = K::Out::ahead(targets, len);
            }
            if is_pair {
                targets = K::Out::ahead(targets, rows * len);
            }
            plane += if is_pair { 2 } else { 1 };
        }
        if stream {
            s.fence();
        }
        bad.any()
    }
}

/// An output: its first element, and strides in bytes.
#[derive(Debug, Clone, Copy)]
struct Target {
    first: *mut u8,
    /// Bytes of an element.
    size: usize,
    strides: [isize; 3],
}

impl Target {
    fn new((first, size, strides): (*mut u8, usize, &[isize])) -> Self {
        let strides = match *strides {
            [a] => [0, 0, a],
            [a, b] => [a, 0, b],
            [a, b, c] => [a, b, c],
            _ => [0; 3],
        };
        Self { first, size, strides }
    }

    #[inline(always)]
    fn row(&self, plane: usize, row: usize, column: usize) -> *mut u8 {
        let [a, b, c] = self.strides;
        let (plane, row) = (plane.cast_signed() * a, row.cast_signed() * b);
        self.first.wrapping_offset(plane + row + column.cast_signed() * c)
    }
}

/// A call.
struct Job<'a, A> {
    args: &'a A,
    places: Vec<Target>,
    /// Of the inputs.
    shape: [usize; 3],
    /// From an element of the outputs to the one in the middle of its neighbourhood.
    shift: [usize; 3],
    stream: bool,
}

// SAFETY: each thread writes tiles of its own.
unsafe impl<A: Sync> Sync for Job<'_, A> {}

/// Elements of the outputs.
#[derive(Debug, Clone, PartialEq)]
struct Tile {
    planes: Range<usize>,
    rows: Range<usize>,
    columns: Range<usize>,
    /// Whether all that they read lies in arrays whose columns follow each other.
    is_inside: bool,
}

/// The outputs in parts: what reads inside of the arrays alone, and its frame.
fn parts_of<K: Stencil<T>, T>(out: [usize; 3], is_valid: bool, are_dense: bool) -> Vec<Tile> {
    let [planes, rows, columns] = out.map(|len| 0..len);
    let mut inner = Tile { planes, rows, columns, is_inside: are_dense };
    if is_valid || !are_dense {
        return vec![inner];
    }
    let mut parts = vec![];
    for (axis, (len, (low, high))) in out.into_iter().zip(K::REACH).enumerate() {
        if len <= low + high {
            inner.is_inside = false;
            parts.push(inner);
            return parts;
        }
        for frame in [0..low, len - high..len] {
            if !frame.is_empty() {
                let mut part = Tile { is_inside: false, ..inner.clone() };
                *part.range(axis) = frame;
                parts.push(part);
            }
        }
        *inner.range(axis) = low..len - high;
    }
    parts.push(inner);
    parts
}

impl Tile {
    fn range(&mut self, axis: usize) -> &mut Range<usize> {
        match axis {
            0 => &mut self.planes,
            1 => &mut self.rows,
            _ => &mut self.columns,
        }
    }

    /// In tiles whose copies stay in the cache, at least so many if there are as many.
    fn split(self, reach: [(usize, usize); 3], parts: usize, to: &mut Vec<Tile>) {
        let (planes, columns) = (self.planes.len(), self.columns.len());
        let kept = (reach[0].0 + reach[0].1 + 2) * (reach[1].0 + reach[1].1 + self.rows.len());
        let width = (TILE / size_of::<f64>() / kept).max(WIDTH).next_multiple_of(64);
        let across = columns.div_ceil(width);
        let along = parts.div_ceil(across).min(planes);
        let across = across.max(parts.div_ceil(along)).min(columns.div_ceil(64));
        let width = columns.div_ceil(across).next_multiple_of(64);
        let height = planes.div_ceil(along);
        for start in self.planes.clone().step_by(height) {
            let planes = start..(start + height).min(self.planes.end);
            for first in self.columns.clone().step_by(width) {
                let columns = first..(first + width).min(self.columns.end);
                to.push(Self { planes: planes.clone(), columns, ..self.clone() });
            }
        }
    }
}

struct OneTile<'a, K: Stencil<T>, T> {
    job: &'a Job<'a, <K::In as Params>::Args>,
    tile: &'a Tile,
    kernel: PhantomData<(K, T)>,
}

impl<K: Stencil<T>, T> Body for OneTile<'_, K, T> {
    type Output = bool;
    #[inline(always)]
    fn run<S: Simd>(self, s: S) -> bool {
        let mut bad = Mask::splat(s, false);
        let Self { job, tile, .. } = self;
        let mut scratch = Scratch::new(&job.places, tile);
        let mut copies = None;
        if !tile.is_inside {
            copies = Some(Copies::<K, T>::new(job.shape, job.shift, tile, S::LANES));
        }
        for plane in tile.planes.clone() {
            let middle = plane + job.shift[0];
            let mut copied = None;
            if let Some(copies) = &mut copies {
                // SAFETY: the arguments were borrowed for this call.
                copied = Some(unsafe { copies.around(s, job.args, middle.cast_signed()) });
            }
            for row in tile.rows.clone() {
                let (near, at) = match (copied, &copies) {
                    (Some(near), Some(copies)) => {
                        (near, (row - tile.rows.start) * copies.layout.row)
                    }
                    _ => {
                        let near = K::In::inside(job.args, middle, row + job.shift[1]);
                        (near, tile.columns.start + job.shift[2])
                    }
                };
                let at = at.cast_signed();
                // SAFETY: the arguments were borrowed for this call, and all that is around the row
                // lies in them or in the copies.
                unsafe { self.row(s, &mut bad, &mut scratch, (near, at), (plane, row)) };
            }
        }
        if job.stream {
            s.fence();
        }
        bad.any()
    }
}

/// Copies of the planes around one, with what is around the columns of a tile.
struct Copies<K: Stencil<T>, T> {
    layout: Layout,
    window: Window,
    pads: <K::In as Params>::Pads,
    /// The plane that is copied next; none before the first.
    next: Option<isize>,
}

impl<K: Stencil<T>, T> Copies<K, T> {
    fn new(shape: [usize; 3], shift: [usize; 3], tile: &Tile, lanes: usize) -> Self {
        let own = [shape[0], tile.rows.len(), tile.columns.len()];
        let layout = Layout::plain(own, K::REACH, lanes);
        let first = [0, tile.rows.start + shift[1], tile.columns.start + shift[2]];
        let window = Window { start: first.map(usize::cast_signed) };
        let pads = K::In::pads(&layout, layout.low[0] + layout.high[0] + 1, usize::MAX);
        Self { layout, window, pads, next: None }
    }

    /// Around a plane, which follows the one before.
    ///
    /// # Safety
    /// The arguments lie where they say.
    #[inline(always)]
    unsafe fn around<S: Simd>(
        &mut self,
        s: S,
        args: &<K::In as Params>::Args,
        plane: isize,
    ) -> <K::In as Params>::Near<false> {
        let Self { layout, window, pads, next } = self;
        let scene = Scene { layout, window: *window, fixes: &[], skip: usize::MAX };
        let (low, high) = (layout.low[0].cast_signed(), layout.high[0].cast_signed());
        let mut at = match *next {
            Some(next) => next,
            None => plane - low,
        };
        while at <= plane + high {
            // SAFETY: as the caller promises.
            unsafe { K::In::load(s, args, pads, &scene, at) };
            at += 1;
        }
        *next = Some(at);
        K::In::near::<false>(args, pads, layout, plane)
    }
}

impl<K: Stencil<T>, T> OneTile<'_, K, T> {
    /// A row of the outputs.
    ///
    /// # Safety
    /// What is around the row at `near`, from the column at `at` on, is there.
    #[inline(always)]
    unsafe fn row<S: Simd>(
        &self,
        s: S,
        bad: &mut Mask<S>,
        scratch: &mut Scratch<'_>,
        (near, at): (<K::In as Params>::Near<false>, isize),
        (plane, row): (usize, usize),
    ) {
        let Self { job, tile, .. } = self;
        scratch.aim(plane, row, tile.columns.start);
        let targets = K::Out::targets(&scratch.starts);
        let stream = job.stream && scratch.is_direct;
        let len = tile.columns.len();
        let read = if tile.is_inside { len } else { S::LANES };
        let one = Row::<K, T, 1> { near: [near], at, targets: [targets], len, read, stream };
        // SAFETY: as the caller promises, and the targets have the columns.
        unsafe { one.run(s, bad) };
        if !scratch.is_direct {
            // SAFETY: the row was written.
            unsafe { scratch.scatter(plane, row, tile) };
        }
    }
}

/// Where a row of the outputs is written: in its place if its elements are dense there.
struct Scratch<'a> {
    places: &'a [Target],
    starts: Vec<Start>,
    /// For each output that is not dense.
    memory: Vec<Vec<u128>>,
    is_direct: bool,
}

impl<'a> Scratch<'a> {
    fn new(places: &'a [Target], tile: &Tile) -> Self {
        let width = tile.columns.len();
        let of = |place: &Target| {
            let is_dense = place.strides[2] == place.size.cast_signed() || width == 1;
            vec![0; if is_dense { 0 } else { (width * place.size).div_ceil(size_of::<u128>()) }]
        };
        let memory: Vec<Vec<u128>> = places.iter().map(of).collect();
        let is_direct = memory.iter().all(Vec::is_empty);
        let starts = vec![Start::dense(std::ptr::null_mut()); places.len()];
        Self { places, starts, memory, is_direct }
    }

    #[inline(always)]
    fn aim(&mut self, plane: usize, row: usize, column: usize) {
        if self.is_direct {
            for (start, place) in self.starts.iter_mut().zip(self.places) {
                start.first = place.row(plane, row, column);
            }
            return;
        }
        let places = self.places.iter().zip(&mut self.memory);
        for (start, (place, memory)) in self.starts.iter_mut().zip(places) {
            let first = if memory.is_empty() {
                place.row(plane, row, column)
            } else {
                memory.as_mut_ptr().cast()
            };
            *start = Start::dense(first);
        }
    }

    /// # Safety
    /// The row was written, and nobody else writes its place.
    unsafe fn scatter(&mut self, plane: usize, row: usize, tile: &Tile) {
        for (place, memory) in self.places.iter().zip(&mut self.memory) {
            if !memory.is_empty() {
                let from = memory.as_mut_ptr().cast();
                let to = place.row(plane, row, tile.columns.start);
                let (size, step, len) = (place.size, place.strides[2], tile.columns.len());
                // SAFETY: the memory has so many elements, and so has the output.
                unsafe { nest::copy(from, size.cast_signed(), to, step, size, len) };
            }
        }
    }
}

/// A row of each of `N` planes that follow each other, in the plain layout.
struct Row<K: Stencil<T>, T, const N: usize> {
    near: [<K::In as Params>::Near<false>; N],
    at: isize,
    targets: [<K::Out as List>::Targets; N],
    len: usize,
    /// Lanes that may be read of a group, if the rows are narrower: a copy has room for all, and
    /// reading it whole is quicker than in part.
    read: usize,
    stream: bool,
}

impl<K: Stencil<T>, T, const N: usize> Row<K, T, N> {
    /// # Safety
    /// What is around the rows is there; the targets have `len` elements.
    #[inline(always)]
    unsafe fn run<S: Simd>(&self, s: S, bad: &mut Mask<S>) {
        let mut i = 0;
        if self.len < S::LANES {
            while i < N {
                let inputs = K::In::wide(self.near[i], s, self.at, self.read);
                let results = K::lanes::<S, false>(s, Mask::first(s, self.len), bad, inputs);
                // SAFETY: so many elements there are.
                unsafe { K::Out::store_some(results, self.targets[i], 0, self.len) };
                i += 1;
            }
            return;
        }
        if N == 1
            && self.stream
            && let Some(first) = K::Out::unaligned(self.targets[0])
        {
            // SAFETY: the row is no narrower than a group.
            unsafe { self.up_to(s, bad, i, first.min(self.len)) };
            i = first.min(self.len);
            let end = whole::<S>(i, self.len);
            while i < end {
                // SAFETY: there is a group, and it is aligned, as it follows `first`.
                unsafe { self.group::<S, true>(s, bad, i) };
                i += S::LANES;
            }
        }
        // SAFETY: the row is no narrower than a group.
        unsafe { self.up_to(s, bad, i, self.len) };
    }

    /// The groups from `i` on, until there are all elements before `end`. The last one overlaps the
    /// one before where it has to: none reads what another wrote.
    ///
    /// # Safety
    /// As `run`, and the row is no narrower than a group.
    #[inline(always)]
    unsafe fn up_to<S: Simd>(&self, s: S, bad: &mut Mask<S>, mut i: usize, end: usize) {
        let last = self.len - S::LANES;
        while i < end {
            // SAFETY: there is a group.
            unsafe { self.group::<S, false>(s, bad, i.min(last)) };
            i += S::LANES;
        }
    }

    /// The group of each row from `i` on. What rows share is read once: all is read before anything
    /// is written.
    ///
    /// # Safety
    /// As `run`, and there are so many elements; aligned ones if they are streamed.
    #[inline(always)]
    unsafe fn group<S: Simd, const STREAM: bool>(&self, s: S, bad: &mut Mask<S>, i: usize) {
        let (all, at) = (Mask::splat(s, true), self.at + i.cast_signed());
        let inputs = K::In::wide(self.near[0], s, at, S::LANES);
        let mut results = [K::lanes::<S, false>(s, all, bad, inputs); N];
        let mut row = 1;
        while row < N {
            let inputs = K::In::wide(self.near[row], s, at, S::LANES);
            results[row] = K::lanes::<S, false>(s, all, bad, inputs);
            row += 1;
        }
        row = 0;
        while row < N {
            if STREAM {
                // SAFETY: as the caller promises.
                unsafe { K::Out::stream(results[row], self.targets[row], i) };
            } else {
                // SAFETY: as the caller promises.
                unsafe { K::Out::store(results[row], self.targets[row], i) };
            }
            row += 1;
        }
    }
}
