//! A stencil applied once: every row of the inputs is copied with what is around it into memory
//! that stays in the cache, and the outputs are computed from there.

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
use crate::simd::{Body, Mask, Simd};

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
    let mut nest = Nest::new(&own);
    outputs.describe(&mut nest, &own, K::OUTPUTS)?;
    if nest.is_empty() {
        return Ok(());
    }
    let places = nest.places().map(Target::new).collect();
    let stream = call.streams(nest.len() * K::Out::BYTES);
    let shift = if is_valid { K::REACH.map(|(low, _)| low) } else { [0; 3] };
    let job = Job { args, places, shape, out, shift, stream };
    let tiles = tiles(out, K::REACH, call.parts(nest.bytes() + nest.len() * K::Out::BYTES));
    let isa = call.isa();
    let run =
        |tile: &Tile| isa::call(isa, OneTile::<K, T> { job: &job, tile, kernel: PhantomData });
    let bad = AtomicBool::new(false);
    let run = |tile: &Tile| {
        if run(tile) {
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
    /// Of the inputs and the outputs.
    shape: [usize; 3],
    out: [usize; 3],
    /// From an element of the outputs to the one in the middle of its neighbourhood.
    shift: [usize; 3],
    stream: bool,
}

// SAFETY: each thread writes tiles of its own.
unsafe impl<A: Sync> Sync for Job<'_, A> {}

/// Planes and columns of the outputs.
#[derive(Debug, Clone)]
struct Tile {
    planes: Range<usize>,
    columns: Range<usize>,
}

/// All tiles, in at least so many parts if there are as many.
fn tiles(out: [usize; 3], reach: [(usize, usize); 3], parts: usize) -> Vec<Tile> {
    let [planes, rows, columns] = out;
    let kept = (reach[0].0 + reach[0].1 + 2) * (reach[1].0 + reach[1].1 + rows);
    let width = (TILE / size_of::<f64>() / kept).max(WIDTH).next_multiple_of(64);
    let across = columns.div_ceil(width);
    let along = parts.div_ceil(across).min(planes);
    let across = across.max(parts.div_ceil(along)).min(columns.div_ceil(64));
    let width = columns.div_ceil(across).next_multiple_of(64);
    let height = planes.div_ceil(along);
    let starts = (0..planes).step_by(height);
    let of = |start: usize| {
        let planes = start..(start + height).min(planes);
        (0..columns).step_by(width).map(move |first| Tile {
            planes: planes.clone(),
            columns: first..(first + width).min(columns),
        })
    };
    starts.flat_map(of).collect()
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
        let Self { job, tile, .. } = self;
        let width = tile.columns.len();
        let layout = Layout::plain([job.shape[0], job.out[1], width], K::REACH, S::LANES);
        let start =
            [0, job.shift[1].cast_signed(), (tile.columns.start + job.shift[2]).cast_signed()];
        let scene =
            Scene { layout: &layout, window: Window { start }, fixes: &[], skip: usize::MAX };
        let (low, high) = (layout.low[0].cast_signed(), layout.high[0].cast_signed());
        let mut pads = K::In::pads(&layout, layout.low[0] + layout.high[0] + 1, usize::MAX);
        let mut scratch = Scratch::new(&job.places, tile);
        let mut bad = Mask::splat(s, false);
        let mut next = (tile.planes.start + job.shift[0]).cast_signed() - low;
        for plane in tile.planes.clone() {
            let middle = (plane + job.shift[0]).cast_signed();
            while next <= middle + high {
                // SAFETY: the arguments were borrowed for this call.
                unsafe { K::In::load(s, job.args, &mut pads, &scene, next) };
                next += 1;
            }
            let near = K::In::near::<false>(job.args, &mut pads, &layout, middle);
            for row in 0..job.out[1] {
                scratch.aim(plane, row, tile.columns.start);
                let one = Row::<K, T> {
                    near,
                    at: (row * layout.row).cast_signed(),
                    targets: K::Out::targets(&scratch.starts),
                    len: width,
                    stream: job.stream && scratch.is_direct,
                };
                // SAFETY: the planes are there, and the targets have the columns.
                unsafe { one.run(s, &mut bad) };
                // SAFETY: the row was written.
                unsafe { scratch.scatter(plane, row, tile) };
            }
        }
        if job.stream {
            s.fence();
        }
        bad.any()
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
        let starts = vec![Start::nowhere(); places.len()];
        Self { places, starts, memory, is_direct }
    }

    fn aim(&mut self, plane: usize, row: usize, column: usize) {
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
        if self.is_direct {
            return;
        }
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

/// A row of the plain layout.
struct Row<K: Stencil<T>, T> {
    near: <K::In as Params>::Near<false>,
    at: isize,
    targets: <K::Out as List>::Targets,
    len: usize,
    stream: bool,
}

impl<K: Stencil<T>, T> Row<K, T> {
    /// # Safety
    /// The planes are there, and the targets have `len` elements.
    #[inline(always)]
    unsafe fn run<S: Simd>(&self, s: S, bad: &mut Mask<S>) {
        let (len, all) = (self.len, Mask::first(s, self.len.min(S::LANES)));
        let aligned = if self.stream { K::Out::unaligned(self.targets) } else { None };
        let mut i = 0;
        while i < len {
            // The last group may overlap the one before: none reads what another wrote.
            let at = i.min(len.saturating_sub(S::LANES));
            let inputs = K::In::wide(self.near, s, self.at + at.cast_signed());
            let results = K::lanes::<S, false>(s, all, bad, inputs);
            i = at + S::LANES;
            match aligned {
                _ if len < S::LANES => {
                    // SAFETY: so many elements there are.
                    unsafe { K::Out::store_some(results, self.targets, at, len) };
                }
                Some(first) if at >= first && (at - first).is_multiple_of(S::LANES) => {
                    // SAFETY: there is a group, and it is aligned.
                    unsafe { K::Out::stream(results, self.targets, at) };
                }
                first => {
                    // SAFETY: there is a group.
                    unsafe { K::Out::store(results, self.targets, at) };
                    if let Some(first) = first
                        && at < first
                    {
                        i = i.min(first);
                    }
                }
            }
        }
    }
}
