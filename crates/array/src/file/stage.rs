//! Reading a window in few calls.
//!
//! The plain way is a read for each run of the window, straight to where it belongs:
//!
//! ```text
//! for run in window: read(run.file, memory[run.memory..])
//! ```
//! It departs from that in three ways, the last two through a buffer of a bounded size:
//! 1. runs that lie one after another in the file are read by one call, which scatters them;
//! 2. short runs with small gaps between them are read with the gaps, in one call, and picked;
//! 3. where the file has its axes the other way round, several of its lines are read, and picked across, so that
//!    memory is written in pieces and not in single elements.

use smallvec::SmallVec;

use super::disk::Disk;
use super::runs::{Axes, Axis, Runs, each_block};
use crate::error::Result;

/// The most bytes that are held while a window is read.
pub(super) const STAGE: usize = 256 << 10;

/// A gap that is cheaper to read than to skip by a call. A call takes some 350 ns, in which 16 KiB come out of the
/// page cache; half of that, since a disk has to bring them first.
const GAP: usize = 8 << 10;

/// A run that is read by a call of its own whatever the gap: from there on, copying it costs what the call does.
const LONG: usize = 32 << 10;

/// The shortest run that a call scatters: to find its place takes as long as to copy so many.
const SCATTERED: usize = 512;

/// How many lines are picked across at least.
const LINES: usize = 16;

/// Behind each line in the buffer: lines that are a power of two apart would share the same few places of the
/// processor's cache, which makes picking across take half as long again.
const PAD: usize = 64;

/// Fills `out` with a window, whose elements lie as in the file.
pub(super) fn read(disk: &Disk, runs: &Runs, out: &mut [u8]) -> Result<()> {
    if let Some((last, outer)) = runs.axes.split_last()
        && last.file == runs.bytes
        && runs.bytes >= SCATTERED
    {
        let ones = SmallVec::<[usize; 4]>::from_elem(1, outer.len());
        return each_block(outer, &ones, |file, memory, _| {
            let end = memory + (last.len - 1) * last.memory + runs.bytes;
            let out = &mut out[memory..end];
            disk.read_pieces(runs.start + file as u64, out, runs.bytes, last.memory)
        });
    }
    match Staging::of(runs) {
        None => runs.each(|file, memory| disk.read(file, &mut out[memory..][..runs.bytes])),
        Some(staging) => staging.read(disk, runs, out),
    }
}

/// What is read and picked at a time.
#[derive(Debug)]
struct Staging {
    /// How many of each axis.
    blocks: SmallVec<[usize; 4]>,
    /// The first of the axes that a line runs over.
    inner: usize,
    /// The axis across which there are several lines.
    across: Option<usize>,
    /// The longest line in bytes, with the gaps in it.
    line: usize,
}

impl Staging {
    /// Nothing, if each run is best read by itself.
    fn of(runs: &Runs) -> Option<Self> {
        if runs.bytes > LONG {
            return None;
        }
        let axes = &runs.axes;
        let lies_on = |axis: &Axis| axis.memory == runs.bytes;
        let is_crosswise = axes.iter().rev().skip(1).any(lies_on);
        let limit = if is_crosswise { STAGE / LINES - PAD } else { STAGE };
        let mut blocks = SmallVec::from_elem(1, axes.len());
        let (mut inner, mut line) = (axes.len(), runs.bytes);
        for (i, axis) in axes.iter().enumerate().rev() {
            if axis.file - line > GAP || line + axis.file > limit {
                break;
            }
            blocks[i] = axis.len.min(1 + (limit - line) / axis.file);
            line += (blocks[i] - 1) * axis.file;
            inner = i;
            if blocks[i] < axis.len {
                break;
            }
        }
        if inner == axes.len() {
            return None;
        }
        let across = axes[..inner].iter().position(lies_on);
        if let Some(across) = across {
            blocks[across] = axes[across].len.min(STAGE / (line + PAD));
        }
        Some(Self { blocks, inner, across, line })
    }

    fn read(&self, disk: &Disk, runs: &Runs, out: &mut [u8]) -> Result<()> {
        let pitch = self.line + PAD;
        let lines = self.across.map_or(1, |across| self.blocks[across]);
        let mut stage = vec![0; lines * pitch];
        each_block(&runs.axes, &self.blocks, |file, memory, lens| {
            let start = runs.start + file as u64;
            let span = self.inner..runs.axes.len();
            let line = span.map(|i| (lens[i] - 1) * runs.axes[i].file).sum::<usize>() + runs.bytes;
            let (step, count) =
                self.across.map_or((0, 1), |across| (runs.axes[across].file, lens[across]));
            for i in 0..count {
                disk.read(start + (i * step) as u64, &mut stage[i * pitch..][..line])?;
            }
            pick(&self.staged(runs, lens, pitch), runs.bytes, &stage, &mut out[memory..]);
            Ok(())
        })
    }

    /// The axes of a block as they lie in the buffer, from the widest step in memory to the narrowest.
    fn staged(&self, runs: &Runs, lens: &[usize], pitch: usize) -> Axes {
        let axes = runs.axes.iter().enumerate().filter(|&(i, _)| lens[i] > 1);
        let mut staged: Axes = axes
            .map(|(i, axis)| {
                let file = if self.across == Some(i) { pitch } else { axis.file };
                Axis { len: lens[i], file, ..*axis }
            })
            .collect();
        staged.sort_by_key(|axis| std::cmp::Reverse(axis.memory));
        staged
    }
}

/// Copies runs of `bytes` from where they lie in the buffer to where they belong.
fn pick(axes: &[Axis], bytes: usize, from: &[u8], to: &mut [u8]) {
    match axes {
        [] => to[..bytes].copy_from_slice(&from[..bytes]),
        [axis] => match bytes {
            1 => pick_line::<1>(axis, from, to),
            2 => pick_line::<2>(axis, from, to),
            4 => pick_line::<4>(axis, from, to),
            8 => pick_line::<8>(axis, from, to),
            16 => pick_line::<16>(axis, from, to),
            _ => (0..axis.len).for_each(|i| {
                let from = &from[i * axis.file..][..bytes];
                to[i * axis.memory..][..bytes].copy_from_slice(from);
            }),
        },
        [axis, inner @ ..] => (0..axis.len).for_each(|i| {
            pick(inner, bytes, &from[i * axis.file..], &mut to[i * axis.memory..]);
        }),
    }
}

/// Single elements, of a size that the compiler knows.
fn pick_line<const N: usize>(axis: &Axis, from: &[u8], to: &mut [u8]) {
    for i in 0..axis.len {
        to[i * axis.memory..][..N].copy_from_slice(&from[i * axis.file..][..N]);
    }
}
