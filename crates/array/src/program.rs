//! What is done to a chunk: leaves are read, and a fused function of them is gone through tile by tile.

mod ahead;
#[cfg(feature = "ranks")]
mod asks;
mod compile;
mod cost;
mod far;
mod inputs;
mod leaf;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use smallvec::SmallVec;

#[cfg(feature = "ranks")]
pub(crate) use self::asks::{Follower, Wanted};
pub(crate) use self::cost::{MADE, MOVED, MULTIPLIED, SCANNED};
pub(crate) use self::leaf::ReadFrom;
use self::leaf::{From, Held, Leaf};

use crate::buffer::{Buffer, Part};
use crate::destination::Made;
use crate::element::DType;
use crate::error::{Error, ErrorKind, Result};
use crate::executor::{Stop, caught};
use crate::function::Function;
use crate::gather::Place;
use crate::node::{AnySource, Origin};
use crate::prefetch::Prefetch;
use crate::room::Room;
use crate::tile::{TILE, lengthen, parts, portion_shape, tile_shape};
use crate::window::{Dims, Window, bytes_of, count};

/// How many bytes a file takes besides, to read pieces of rows with what lies between them.
const READING: usize = 1 << 18;

/// What a program has around it while it runs.
#[derive(Clone, Copy)]
pub(crate) struct Around<'a> {
    /// The results of stages that are over, by their place in the plan.
    pub(crate) results: &'a dyn Fn(usize) -> Made,
    /// What may end it before it is done.
    pub(crate) stop: &'a Stop<'a>,
}

/// What kept a program from its end, and in which of the chunks, if it was not in what is read for all of them, or in
/// what was made of those before.
pub(crate) struct Interrupted {
    pub(crate) chunk: Option<usize>,
    pub(crate) error: Error,
}

/// A function of leaves, fused: no array is made between.
pub(crate) struct Program {
    leaves: Vec<Leaf>,
    steps: Vec<Step>,
    /// The types of the registers.
    registers: Vec<DType>,
    /// The registers that hold the results.
    outputs: Vec<usize>,
    /// How many bytes of the leaves and of what is collected are held at a time, if tiles do not need more.
    portion: usize,
    /// How many bytes of each element are collected of a portion, to be written together.
    collected: usize,
    /// Whether a leaf is made of whole chunks, so that a chunk must not be gone through by portions.
    is_whole: bool,
    /// How many bytes it takes to fill a window, by its shape. The portions of a block are found by trying some, and each
    /// asks the same of the blocks below: if those tried again, it would be for each way down.
    filled: Mutex<HashMap<Dims, usize>>,
}

impl Clone for Program {
    fn clone(&self) -> Self {
        Self {
            leaves: self.leaves.clone(),
            steps: self.steps.clone(),
            registers: self.registers.clone(),
            outputs: self.outputs.clone(),
            filled: Mutex::default(),
            ..*self
        }
    }
}

#[derive(Clone)]
enum Step {
    /// The elements of a leaf, seen through one of its views.
    Load {
        leaf: usize,
        view: usize,
        to: usize,
        /// Whether who uses them takes rows that lie apart.
        in_rows: bool,
    },
    /// A function of registers, which takes so long for an element.
    Apply {
        function: Arc<dyn Function>,
        nanoseconds: f64,
        inputs: SmallVec<[usize; 3]>,
        to: usize,
        name: Arc<str>,
        origin: Origin,
    },
}

/// What comes of going through chunks.
pub(crate) enum Given<'a> {
    /// This window of the chunks together is gone through next.
    Portion(&'a Window),
    /// A tile of the portion, of the chunk with this number among them, and the elements of all outputs.
    Tile(usize, &'a Window, &'a [Part<'a>]),
}

/// What a worker needs to run a program.
pub(crate) struct Scratch {
    leaves: Vec<Held>,
    registers: Vec<Buffer>,
    /// Which registers stand for elements of a leaf that lie in rows there: the leaf, and where.
    in_place: Vec<Option<(usize, Place)>>,
    /// The shape of the chunks before, how many they were along each axis, and the shape of their portions.
    portion: (Dims, Dims, Dims),
}

impl Program {
    /// What a worker needs at first; it grows when a window is gone through.
    pub(crate) fn scratch(&self) -> Scratch {
        Scratch {
            leaves: self.leaves.iter().map(Leaf::scratch).collect(),
            registers: self.registers.iter().map(|&dtype| Buffer::new(dtype)).collect(),
            in_place: vec![None; self.registers.len()],
            portion: (Dims::new(), Dims::new(), Dims::new()),
        }
    }

    /// Makes portions of so many bytes, here and in the programs of its leaves. Here so many of each element are collected.
    pub(crate) fn set_portion(&mut self, bytes: usize, collected: usize) {
        (self.portion, self.collected) = (bytes, collected);
        self.forget();
        for leaf in &mut self.leaves {
            if let From::Block(_, inputs) = &mut leaf.from {
                inputs.iter_mut().for_each(|input| input.set_portion(bytes, 0));
            }
        }
    }

    /// Reads what is seen across its rows for all of a chunk at once, where that takes up to so many bytes for chunks of this
    /// shape, the largest.
    pub(crate) fn set_ahead(&mut self, bytes: usize, chunk: &[usize]) {
        let (is_whole, whole) = (self.is_whole || chunk.contains(&0), Window::whole(chunk));
        for leaf in &mut self.leaves {
            leaf.is_ahead = !is_whole
                && leaf.is_across()
                && leaf.bytes_read(&leaf.window(&whole)) <= bytes as u128;
        }
        self.forget();
    }

    /// Reads a result of an earlier stage from disk, or from memory. Tells whether it reads it at all.
    pub(crate) fn set_on_disk(&mut self, stored: usize, is_there: bool) -> bool {
        self.forget();
        let mut reads = false;
        for leaf in &mut self.leaves {
            match &mut leaf.from {
                From::Result { place, on_disk } if *place == stored => {
                    (*on_disk, reads) = (is_there, true);
                }
                From::Block(_, inputs) => {
                    let of_inputs =
                        inputs.iter_mut().map(|input| input.set_on_disk(stored, is_there));
                    reads |= of_inputs.fold(false, |any, one| any | one);
                }
                _ => {}
            }
        }
        reads
    }

    /// Forgets what was known of bytes, because something else is read.
    fn forget(&mut self) {
        self.filled.get_mut().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// How many bytes a worker holds at most for so many chunks of a shape together along each axis.
    pub(crate) fn bytes(&self, chunk: &[usize], wide: &[usize]) -> usize {
        if chunk.contains(&0) {
            return 0;
        }
        // Chunks that are smaller may have larger tiles, and portions of more bytes.
        let tile = count(chunk).min(TILE);
        let registers: usize = self.registers.iter().map(|dtype| dtype.bytes() * tile).sum();
        let reading = self.leaves.iter().filter(|leaf| leaf.is_read()).count() * READING;
        // Leaves are read one after another.
        let unpacking = self.leaves.iter().map(Leaf::unpacking).max().unwrap_or(0);
        let kept = self.leaves.iter().map(Leaf::kept).fold(0, usize::saturating_add);
        let bytes_of = |shape: &[usize]| self.portion_bytes(&widened(shape, chunk, wide));
        let portion = self.portion_of(chunk, wide);
        let mut bytes = bytes_of(&portion);
        if bytes < self.portion && &*portion != chunk {
            bytes = self.portion.min(bytes_of(chunk));
        }
        let tile = self.leaves.iter().map(Leaf::tile_bytes).fold(0, usize::saturating_add);
        bytes = bytes.saturating_add(tile).min(bytes.max(bytes_of(chunk)));
        let whole = Window::whole(&widened(chunk, chunk, wide));
        let ahead = self.leaves.iter().filter(|leaf| leaf.is_ahead);
        let ahead = ahead.map(|leaf| leaf.ahead_bytes(&whole)).fold(0, usize::saturating_add);
        let besides = ahead.saturating_add(registers + reading).saturating_add(kept);
        bytes.saturating_add(besides).saturating_add(unpacking)
    }

    /// What is read at a time of each of so many chunks together.
    fn portion_of(&self, chunk: &[usize], wide: &[usize]) -> Dims {
        if self.is_whole {
            return chunk.into();
        }
        let bytes_of = |shape: &[usize]| self.portion_bytes(&widened(shape, chunk, wide));
        let mut portion = portion_shape(chunk, self.portion, bytes_of);
        lengthen(&mut portion, chunk, |axis| {
            self.leaves.iter().map(|leaf| leaf.least(axis)).max().unwrap_or(0)
        });
        match self.leaves.iter().all(|leaf| leaf.follows(&portion, chunk)) {
            true => portion,
            false => chunk.into(),
        }
    }

    /// Whether it gains from strips of so many chunks: it reads rows as they lie in files, or reads none and collects them for
    /// one, and a portion has whole ones. Of chunks that lie apart, rows are no longer.
    pub(crate) fn has_rows_of(&self, chunk: &[usize], wide: &[usize]) -> bool {
        let Some(last) = chunk.len().checked_sub(1).filter(|_| !chunk.contains(&0)) else {
            return false;
        };
        let is_longer =
            self.collected > 0 || self.leaves.iter().any(|leaf| leaf.goes_on(chunk[last]));
        if !is_longer || !self.rows().unwrap_or(true) {
            return false;
        }
        // What goes by whole chunks would hold all of a strip.
        let portion = self.portion_of(chunk, wide);
        portion[last] == chunk[last]
            && self.portion_bytes(&widened(&portion, chunk, wide)) <= self.portion
    }

    /// Whether it reads, all of that by rows but for what is read ahead, and collects nothing to be written.
    pub(crate) fn only_reads_rows(&self) -> bool {
        let in_portions = self.leaves.iter().filter(|leaf| !leaf.is_ahead);
        let by_rows = by_rows(in_portions.map(Leaf::rows));
        !self.is_whole && self.collected == 0 && by_rows == Some(true)
    }

    /// Whether all that it reads is read by rows of its result, if it reads anything.
    fn rows(&self) -> Option<bool> {
        by_rows(self.leaves.iter().map(Leaf::rows))
    }

    /// How many bytes it takes to fill a buffer with a window of a shape, the buffer included.
    fn fill_bytes(&self, shape: &[usize]) -> usize {
        if shape.contains(&0) {
            return 0;
        }
        let filled = || self.filled.lock().unwrap_or_else(PoisonError::into_inner);
        let known = filled().get(shape).copied();
        known.unwrap_or_else(|| {
            let bytes = self.fill_bytes_anew(shape);
            filled().insert(shape.into(), bytes);
            bytes
        })
    }

    fn fill_bytes_anew(&self, shape: &[usize]) -> usize {
        let own = bytes_of(shape, self.dtype().bytes());
        own.saturating_add(match self.plain() {
            Some(leaf) => {
                let reading = if leaf.is_read() { READING } else { 0 };
                let shown = leaf.views[0].window(&Window::whole(shape));
                let reading = leaf.unpacking().saturating_add(leaf.kept()).saturating_add(reading);
                reading.saturating_add(leaf.inner_bytes(shown.shape()))
            }
            None => self.bytes(shape, &Dims::from_elem(1, shape.len())),
        })
    }

    /// Whether it has to go through a chunk as a whole.
    pub(crate) fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// How many bytes are held for a portion of a shape: of the leaves, and of what is collected.
    fn portion_bytes(&self, shape: &[usize]) -> usize {
        self.leaf_bytes(shape).saturating_add(bytes_of(shape, self.collected))
    }

    /// How many bytes are held of the leaves for windows of a shape, but for those that are read ahead.
    fn leaf_bytes(&self, shape: &[usize]) -> usize {
        let whole = Window::whole(shape);
        let held = self.leaves.iter().filter(|leaf| leaf.is_held() && !leaf.is_ahead);
        let bytes = held.map(|leaf| leaf.bytes(&leaf.window(&whole)));
        bytes.fold(0, usize::saturating_add)
    }

    /// How many bytes are read for a window, of which parts of the shape `at_a_time` are made one after another: from
    /// sources that do not compute their elements, and results that were put aside.
    pub(crate) fn reads(
        &self,
        window: &Window,
        at_a_time: &[usize],
        add: &mut dyn FnMut(ReadFrom<'_>, u128),
    ) {
        if window.len() == 0 {
            return;
        }
        let part = Window::whole(at_a_time);
        for leaf in &self.leaves {
            leaf.reads(&leaf.window(window), leaf.window(&part).shape(), add);
        }
    }

    /// The names of what it reads, for people.
    pub(crate) fn leaf_names(&self, add: &mut dyn FnMut(&str)) {
        for leaf in &self.leaves {
            if !matches!(leaf.from, From::Result { .. }) {
                add(leaf.name());
            }
            if let From::Block(_, inputs) = &leaf.from {
                inputs.iter().for_each(|input| input.leaf_names(add));
            }
        }
    }

    /// Calls `each` with all sources that it reads.
    pub(crate) fn each_source(
        &self,
        each: &mut dyn FnMut(&dyn AnySource) -> Result<()>,
    ) -> Result<()> {
        self.leaves.iter().try_for_each(|leaf| match &leaf.from {
            From::Source(source) => each(&**source),
            From::Block(_, inputs) => inputs.iter().try_for_each(|input| input.each_source(each)),
            From::Memory(_) | From::Result { .. } => Ok(()),
        })
    }

    /// The results of earlier stages that it reads.
    pub(crate) fn results(&self, add: &mut dyn FnMut(usize)) {
        for leaf in &self.leaves {
            match &leaf.from {
                From::Result { place, .. } => add(*place),
                From::Block(_, inputs) => inputs.iter().for_each(|input| input.results(add)),
                _ => {}
            }
        }
    }

    /// Goes through chunks of one shape that lie side by side, and gives what it makes of them.
    pub(crate) fn run(
        &self,
        chunks: &[Window],
        scratch: &mut Scratch,
        around: Around<'_>,
        mut give: impl FnMut(Given<'_>) -> Result<()>,
    ) -> Result<(), Interrupted> {
        let (Some(first), Some(last)) = (chunks.first(), chunks.last()) else { return Ok(()) };
        if first.len() == 0 {
            return Ok(());
        }
        let wide = wide(first, last);
        let portion = self.portion(first.shape(), &wide, scratch);
        let is_cut = |axis: usize| wide[axis] > 1 && portion[axis] < first.shape()[axis];
        if !(0..wide.len()).any(is_cut) {
            return self.strip(chunks, scratch, around, &mut give);
        }
        // Chunks that are shorter than most may come in other portions, of which a strip has no rows.
        for (number, chunk) in chunks.iter().enumerate() {
            let chunk = std::slice::from_ref(chunk);
            let mut of = Some(number);
            let mut give = |given: Given<'_>| match given {
                Given::Tile(_, tile, outputs) => give(Given::Tile(number, tile, outputs)),
                // What goes wrong then is with the portion before, which may be of another chunk.
                Given::Portion(_) => give(given).inspect_err(|_| of = None),
            };
            self.strip(chunk, scratch, around, &mut give)
                .map_err(|interrupted| Interrupted { chunk: of, ..interrupted })?;
        }
        Ok(())
    }

    /// What is read at a time of chunks as they come now.
    fn portion(&self, chunk: &[usize], wide: &Dims, scratch: &mut Scratch) -> Dims {
        if (&*scratch.portion.0, &scratch.portion.1) != (chunk, wide) {
            let portion = self.portion_of(chunk, wide);
            scratch.portion = (chunk.into(), wide.clone(), portion);
        }
        scratch.portion.2.clone()
    }

    /// The same where a portion has all of the axes along which there are several chunks.
    fn strip(
        &self,
        chunks: &[Window],
        scratch: &mut Scratch,
        around: Around<'_>,
        give: &mut impl FnMut(Given<'_>) -> Result<()>,
    ) -> Result<(), Interrupted> {
        let (Some(first), Some(last)) = (chunks.first(), chunks.last()) else { return Ok(()) };
        let tile = tile_shape(first.shape());
        let portion = self.portion(first.shape(), &wide(first, last), scratch);
        let failed = |error| Interrupted { chunk: None, error };
        self.hold(true, &of_chunks(first, first, first, last), scratch, around).map_err(failed)?;
        parts(first, &portion, |part| {
            let strip = of_chunks(part, first, first, last);
            give(Given::Portion(&strip)).map_err(failed)?;
            self.hold(false, &strip, scratch, around).map_err(failed)?;
            let far = self.far(scratch);
            for (number, chunk) in chunks.iter().enumerate() {
                let own = of_chunks(part, first, chunk, chunk);
                let each = |tile: &Window, soon: Prefetch, scratch: &mut Scratch| {
                    around.stop.check()?;
                    self.tile(tile, soon, scratch)?;
                    let len = tile.len();
                    let outputs: SmallVec<[Part<'_>; 2]> =
                        self.outputs.iter().map(|&register| scratch.part(register, len)).collect();
                    give(Given::Tile(number, tile, &outputs))
                };
                let done = self.tiles(&own, &tile, far, scratch, each);
                done.map_err(|error| Interrupted { chunk: Some(number), error })?;
            }
            Ok(())
        })
    }

    /// Sees to it that the elements of leaves are there which a window needs: of those that are read ahead, or of the others.
    fn hold(
        &self,
        ahead: bool,
        window: &Window,
        scratch: &mut Scratch,
        around: Around<'_>,
    ) -> Result<()> {
        // What is made of no other rank's elements comes last: who has read those has its turn to compute.
        for reads in [true, false] {
            for (leaf, held) in self.leaves.iter().zip(&mut scratch.leaves) {
                if (leaf.is_ahead, leaf.reads_ranks) != (ahead, reads) {
                    continue;
                }
                around.stop.check()?;
                match ahead {
                    true => leaf.hold_ahead(window, held, around)?,
                    false => leaf.hold(window, held, around)?,
                }
            }
        }
        Ok(())
    }

    /// Fills the registers for a tile, and meanwhile asks for what is needed soon.
    fn tile(&self, tile: &Window, mut soon: Prefetch, scratch: &mut Scratch) -> Result<()> {
        let len = tile.len();
        for step in &self.steps {
            match step {
                Step::Load { leaf, view, to, in_rows } => {
                    let (own, held) = (&self.leaves[*leaf], &scratch.leaves[*leaf]);
                    let place = own.place(*view, tile, held);
                    let place = place.filter(|place| *in_rows || place.row == len);
                    scratch.in_place[*to] = place.map(|place| (*leaf, place));
                    if place.is_none() {
                        own.load(*view, tile, held, &mut scratch.registers[*to])?;
                    }
                }
                Step::Apply { function, inputs, to, name, origin, .. } => {
                    let mut out = std::mem::replace(&mut scratch.registers[*to], Buffer::nothing());
                    out.resize(len);
                    let inputs: SmallVec<[Part<'_>; 3]> =
                        inputs.iter().map(|&input| scratch.part(input, len)).collect();
                    soon.step(len);
                    named(name, origin, || {
                        function.apply(&inputs, &mut out, &mut soon);
                        Ok(())
                    })?;
                    drop(inputs);
                    scratch.registers[*to] = out;
                    scratch.in_place[*to] = None;
                }
            }
        }
        Ok(())
    }

    /// Whether chunks of its only output can be made where they go to: they are those of a block that fills memory.
    pub(crate) fn fills(&self) -> bool {
        self.plain().is_some_and(Leaf::fills)
    }

    /// Makes a chunk where it goes to.
    pub(crate) fn fill_room(
        &self,
        chunk: &Window,
        scratch: &mut Scratch,
        around: Around<'_>,
        out: Room<'_>,
    ) -> Result<()> {
        around.stop.check()?;
        let leaf = &self.leaves[0];
        leaf.fill(&leaf.views[0].window(chunk), &mut scratch.leaves[0], around, out)
    }

    /// Fills `out` with the first output on a window.
    fn fill(
        &self,
        window: &Window,
        scratch: &mut Scratch,
        around: Around<'_>,
        out: &mut Buffer,
    ) -> Result<()> {
        out.resize(window.len());
        around.stop.check()?;
        if window.len() == 0 {
            return Ok(());
        }
        if let Some(leaf) = self.plain() {
            let window = leaf.views[0].window(window);
            return leaf.read(&window, &mut scratch.leaves[0], around, out);
        }
        let window_of = std::slice::from_ref(window);
        let filled = self.run(window_of, scratch, around, |given| {
            if let Given::Tile(_, tile, outputs) = given {
                outputs[0].copy_into(out, window, tile);
            }
            Ok(())
        });
        filled.map_err(|interrupted| interrupted.error)
    }
}

/// Does what is done for an array, and says which it is if that panics.
pub(crate) fn named(name: &str, origin: Origin, body: impl FnOnce() -> Result<()>) -> Result<()> {
    caught(body).unwrap_or_else(|text| {
        let sentence = format!("array `{name}` panicked: {text}");
        Err(Error::new(ErrorKind::Panicked, sentence).at(origin))
    })
}

impl Scratch {
    /// What a register stands for.
    fn part(&self, register: usize, len: usize) -> Part<'_> {
        match self.in_place[register] {
            Some((leaf, place)) => self.leaves[leaf].elements().part_at(place, len),
            None => self.registers[register].part(0..len),
        }
    }
}

impl Program {
    /// The elements of an output.
    #[cfg(feature = "ranks")]
    pub(crate) fn output(&self, number: usize) -> DType {
        self.registers[self.outputs[number]]
    }

    /// The elements of the first output.
    fn dtype(&self) -> DType {
        self.registers[self.outputs[0]]
    }

    /// The leaf whose elements are the first output as they are, in the same order, if it is so.
    fn plain(&self) -> Option<&Leaf> {
        match (&*self.leaves, &*self.steps) {
            ([leaf], [Step::Load { .. }]) => leaf.views[0].keeps_windows().then_some(leaf),
            _ => None,
        }
    }
}

/// Whether all that leaves read is read by rows of the result, if they read anything.
fn by_rows(of_leaves: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut of_leaves = of_leaves.flatten().peekable();
    of_leaves.peek().is_some().then(|| of_leaves.all(|has_rows| has_rows))
}

/// A part of chunk `of` as it is in other chunks, from one to another: along axes of which it has all, all of theirs.
fn of_chunks(part: &Window, of: &Window, from: &Window, to: &Window) -> Window {
    let mut part = part.clone();
    for axis in 0..part.ndim() {
        if part.range(axis) == of.range(axis) {
            part.set(axis, from.range(axis).start..to.range(axis).end);
        }
    }
    part
}

/// How many chunks of one shape lie along each axis of a box, from the first to the last. They have elements.
fn wide(first: &Window, last: &Window) -> Dims {
    let along = |axis| (last.range(axis).end - first.range(axis).start) / first.shape()[axis];
    (0..first.ndim()).map(along).collect()
}

/// The shape of a part of so many chunks together, each of which has `shape` of it.
fn widened(shape: &[usize], chunk: &[usize], wide: &[usize]) -> Dims {
    let axes = shape.iter().zip(chunk).zip(wide);
    axes.map(|((&len, of), wide)| if len == *of { len.saturating_mul(*wide) } else { len })
        .collect()
}
