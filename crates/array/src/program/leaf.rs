//! What a program reads: where it comes from, which windows of it are needed, and what is held of it.

use std::collections::HashMap;
use std::sync::Arc;

use smallvec::SmallVec;

use super::inputs::{Inner, Inputs};
use super::{Around, Program, named};
use crate::block::{Block, Grain, Reads};
use crate::buffer::{Buffer, with_dtype};
use crate::destination::Made;
use crate::element::DType;
use crate::error::Result;
use crate::every::Every;
use crate::gather::{Place, gather, in_rows};
use crate::node::{AnySource, Origin};
use crate::room::Room;
use crate::tile::TILE;
use crate::view::{AxisMap, View};
use crate::window::{Dims, Window, bytes_of};

/// How many times as long as what it sees on a side of it a portion is at least: so an eighth is read twice at most.
const REACHES: usize = 16;

/// An array that is read.
#[derive(Clone)]
pub(super) struct Leaf {
    pub(super) from: From,
    pub(super) dtype: DType,
    /// The shape of what is read.
    pub(super) shape: Dims,
    /// Which windows of it a window of the result needs. What several of them need is read once.
    pub(super) views: SmallVec<[View; 1]>,
    /// Which rows of a source they are, if not all.
    pub(super) every: Option<Every>,
    pub(super) origin: Origin,
    /// Whether it is, or may come to be, read of what other ranks have, or is made of something that is.
    pub(super) reads_ranks: bool,
    /// Whether its elements are made for each tile, right where they are needed.
    pub(super) is_tilewise: bool,
    /// Whether it is read for all of a chunk before portions are gone through, and held in the order in which it is seen.
    pub(super) is_ahead: bool,
}

#[derive(Clone)]
pub(super) enum From {
    /// Memory that is there before the plan runs.
    Memory(Arc<Buffer>),
    /// The result of an earlier stage, which may have been put aside on disk.
    Result { place: usize, on_disk: bool },
    /// What is read for a portion of a chunk.
    Source(Arc<dyn AnySource>),
    /// What is made for a portion of a chunk, from programs of its own.
    Block(Arc<dyn Block>, Vec<Program>),
}

impl From {
    /// Whether anything of it is, or may come to be, read of what other ranks have.
    pub(super) fn reads_ranks(&self) -> bool {
        match self {
            Self::Memory(_) => false,
            Self::Result { .. } => true,
            Self::Source(source) => source.on_ranks().is_some(),
            Self::Block(_, inputs) => {
                inputs.iter().any(|input| input.leaves.iter().any(|leaf| leaf.reads_ranks))
            }
        }
    }
}

/// What is held of a leaf.
pub(super) struct Held {
    pub(super) window: Window,
    pub(super) elements: Option<Arc<Buffer>>,
    pub(super) own: Buffer,
    /// What is read at a time of what is read ahead.
    pub(super) band: Buffer,
    /// What a block has kept of the window before.
    pub(super) kept: Option<(Window, Buffer)>,
    /// What the inputs of a block need, by their number: of those that the window before was made of.
    pub(super) inner: HashMap<usize, Inner>,
}

impl Held {
    pub(super) fn elements(&self) -> &Buffer {
        self.elements.as_deref().unwrap_or(&self.own)
    }
}

impl Held {
    /// The inputs of a block for a window of it: of others than it reads then nothing is kept.
    fn inputs<'a>(
        &'a mut self,
        block: &dyn Block,
        programs: &'a [Program],
        window: &Window,
        around: Around<'a>,
    ) -> Inputs<'a> {
        if self.inner.len() > 1 {
            let needs = block.needs(window);
            self.inner.retain(|input, _| needs.iter().any(|(needed, _)| needed == input));
        }
        Inputs { programs, inner: &mut self.inner, kept: &mut self.kept, around }
    }
}

impl Leaf {
    pub(super) fn scratch(&self) -> Held {
        let own = Buffer::new(self.dtype);
        Held {
            window: Window::whole(&self.shape),
            elements: None,
            own,
            band: Buffer::new(self.dtype),
            kept: None,
            inner: HashMap::new(),
        }
    }

    /// What it is called in tables and messages.
    pub(super) fn name(&self) -> &str {
        match &self.from {
            From::Memory(_) => "array",
            From::Result { .. } => "result",
            From::Source(source) => source.name(),
            From::Block(block, _) => block.name(),
        }
    }

    /// Whether it is seen as it is.
    pub(super) fn is_plain(&self) -> bool {
        self.views.iter().all(|view| view.is_whole(&self.shape))
    }

    /// What a window of the result needs of it.
    pub(super) fn window(&self, of: &Window) -> Window {
        union(self.views.iter().map(|view| view.window(of)))
    }

    /// Whether it is read from where elements are not computed.
    pub(super) fn is_read(&self) -> bool {
        match &self.from {
            From::Source(source) => !source.is_computed(),
            From::Result { on_disk, .. } => *on_disk,
            From::Memory(_) | From::Block(..) => false,
        }
    }

    /// Whether it is, or may come to be, read from where elements are not computed.
    pub(super) fn may_be_read(&self) -> bool {
        self.is_read() || matches!(self.from, From::Result { .. })
    }

    /// Whether its elements are held for a portion, rather than seen where they are or made for each tile.
    pub(super) fn is_held(&self) -> bool {
        match &self.from {
            From::Memory(_) | From::Result { on_disk: false, .. } => false,
            From::Source(_) => !self.is_tilewise,
            From::Result { on_disk: true, .. } | From::Block(..) => true,
        }
    }

    /// How many bytes are held for a window of the leaf, if any are.
    pub(super) fn bytes(&self, window: &Window) -> usize {
        bytes_of(window.shape(), self.dtype.bytes())
            .saturating_add(self.inner_bytes(window.shape()))
    }

    /// How many bytes it takes to make a window of a shape, beside the window.
    pub(super) fn inner_bytes(&self, shape: &[usize]) -> usize {
        let From::Block(block, inputs) = &self.from else { return 0 };
        block.bytes(shape, &|input, shape| inputs[input].fill_bytes(shape))
    }

    /// Whether all that is read for it is read by rows of what sees it, if anything is.
    pub(super) fn rows(&self) -> Option<bool> {
        let along = self.views[0].shape.len().checked_sub(1)?;
        let has_rows = matches!(self.views[0].maps.last(), Some(AxisMap::Along { axis, step: 1 | -1, .. }) if *axis == along);
        match &self.from {
            From::Block(block, inputs) => {
                let mut of_inputs = inputs.iter().filter_map(Program::rows).peekable();
                of_inputs
                    .peek()
                    .is_some()
                    .then(|| has_rows && block.keeps_rows() && of_inputs.all(|has_rows| has_rows))
            }
            _ => self.is_read().then_some(has_rows),
        }
    }

    /// Whether rows of what is read for it go on where a row of so many elements ends. They do not if it is of whole chunks of
    /// a source, each of which lies apart.
    pub(super) fn goes_on(&self, row: usize) -> bool {
        match &self.from {
            // Of what other ranks have, more is asked for at a time.
            From::Source(source) if self.is_read() && source.on_ranks().is_none() => {
                let size = source.chunks().and_then(|chunks| chunks.largest().last().copied());
                size.is_none_or(|size| !self.begins_with(size) || !row.is_multiple_of(size))
            }
            _ => self.rows().is_some(),
        }
    }

    /// Whether it is seen by one view, whose rows begin where a chunk of so many elements does, or backwards where one ends.
    fn begins_with(&self, size: usize) -> bool {
        let [view] = &*self.views else { return false };
        match view.maps.last() {
            Some(&AxisMap::Along { start, step: 1, .. }) => start.is_multiple_of(size),
            Some(&AxisMap::Along { start, step: -1, .. }) => (start + 1).is_multiple_of(size),
            _ => false,
        }
    }

    /// How many bytes are read for a window of the leaf.
    pub(super) fn reads(
        &self,
        window: &Window,
        at_a_time: &[usize],
        add: &mut dyn FnMut(ReadFrom<'_>, u128),
    ) {
        let (block, inputs) = match &self.from {
            From::Block(block, inputs) => (block, inputs),
            From::Source(source) if !source.is_computed() => {
                let shape = self.every.as_ref().map_or(&self.shape, |every| &every.whole);
                let all = bytes_of(shape, self.dtype.bytes());
                return add(ReadFrom::Source(source, all), self.bytes_read(window));
            }
            From::Result { on_disk: true, .. } => {
                return add(ReadFrom::Result, self.bytes_read(window));
            }
            _ => return,
        };
        let asked = asked(&**block, at_a_time);
        for Reads { input, hull, elements } in block.reads(window) {
            let passes = block.passes(input, at_a_time) as u128;
            let asked = asked.get(&input).map_or(hull.shape(), Dims::as_slice);
            inputs[input].reads(&hull, asked, &mut |from, bytes| {
                add(from, share(bytes.saturating_mul(passes), elements, hull.len()));
            });
        }
    }

    pub(super) fn bytes_read(&self, window: &Window) -> u128 {
        bytes_of(window.shape(), self.dtype.bytes()) as u128
    }

    /// How many bytes it takes to read it, if it is unpacked by whole chunks.
    pub(super) fn unpacking(&self) -> usize {
        match &self.from {
            From::Source(source) if !source.is_computed() => source.memory(),
            _ => 0,
        }
    }

    /// How many bytes reading it takes and leaves behind, whatever is read.
    pub(super) fn kept(&self) -> usize {
        match &self.from {
            From::Source(source) => source.kept(),
            _ => 0,
        }
    }

    /// Whether it is better made for a whole chunk than for portions of it.
    pub(super) fn is_whole(&self) -> bool {
        let From::Block(block, inputs) = &self.from else { return self.unpacking() > 0 };
        matches!(block.grain(), Grain::Window | Grain::Chunk)
            || inputs.iter().any(|input| input.is_whole || input.leaves.iter().any(Leaf::is_woven))
    }

    /// Whether windows of it have to do with each other: they should follow each other, or see the same elements.
    fn is_woven(&self) -> bool {
        let From::Block(block, _) = &self.from else { return false };
        matches!(block.grain(), Grain::Sequence(_)) || !block.reach().is_empty()
    }

    /// How long portions of a chunk are at least along an axis, for what they see around them.
    pub(super) fn least(&self, along: usize) -> usize {
        let From::Block(block, _) = &self.from else { return 0 };
        let axes = block.reach().iter().zip(&self.views[0].maps);
        let of_axes = axes.map(|(&reach, map)| match *map {
            AxisMap::Along { axis, .. } if axis == along => reach.saturating_mul(REACHES),
            _ => 0,
        });
        of_axes.max().unwrap_or(0)
    }

    /// How many bytes are held for a tile of any shape, of what sees elements around it: for one of a column it is more than
    /// for others.
    pub(super) fn tile_bytes(&self) -> usize {
        let From::Block(block, _) = &self.from else { return 0 };
        let Some((last, _)) = block.reach().split_last() else { return 0 };
        let mut row = Dims::from_elem(1, self.shape.len());
        row[self.shape.len() - 1] = last.saturating_mul(2).saturating_add(1).saturating_mul(TILE);
        self.bytes(&Window::whole(&row))
    }

    /// Whether portions of a chunk ask for windows that follow each other, where that matters.
    pub(super) fn follows(&self, portion: &[usize], chunk: &[usize]) -> bool {
        let From::Block(block, _) = &self.from else { return true };
        let Grain::Sequence(axis) = block.grain() else { return true };
        match self.views[0].maps[axis] {
            AxisMap::Fixed(_) => true,
            AxisMap::Along { axis, step, .. } => {
                portion[axis] == chunk[axis]
                    || (step == 1 && portion[axis + 1..] == chunk[axis + 1..])
            }
        }
    }

    /// Sees to it that the elements are there which a portion of the result needs.
    pub(super) fn hold(&self, portion: &Window, held: &mut Held, around: Around<'_>) -> Result<()> {
        match &self.from {
            From::Memory(elements) => {
                held.elements.get_or_insert_with(|| Arc::clone(elements));
            }
            From::Result { on_disk: false, place } => {
                held.elements.get_or_insert_with(|| (around.results)(*place).in_memory());
            }
            From::Source(_) if self.is_tilewise => {}
            From::Result { on_disk: true, .. } | From::Source(_) | From::Block(..) => {
                let window = self.window(portion);
                let mut own = std::mem::replace(&mut held.own, Buffer::nothing());
                own.resize(window.len());
                let done = self.read(&window, held, around, &mut own);
                held.own = own;
                held.window = window;
                done?;
            }
        }
        Ok(())
    }

    /// Fills `out` with a window of the leaf.
    pub(super) fn read(
        &self,
        window: &Window,
        held: &mut Held,
        around: Around<'_>,
        out: &mut Buffer,
    ) -> Result<()> {
        match &self.from {
            From::Memory(elements) => self.copy(elements, window, out),
            From::Result { place, .. } => match (around.results)(*place) {
                Made::Disk(source) => source.read(window, out)?,
                kept => self.copy(&kept.in_memory(), window, out),
            },
            From::Source(source) => named(self.name(), self.origin, || match &self.every {
                Some(every) => source.read_every(every, window, out),
                None => source.read(window, out),
            })?,
            From::Block(block, programs) => {
                let mut inputs = held.inputs(&**block, programs, window, around);
                named(self.name(), self.origin, || block.evaluate(window, &mut inputs, out))?;
            }
        }
        Ok(())
    }

    /// Whether it is a block that fills memory wherever it lies.
    pub(super) fn fills(&self) -> bool {
        matches!(&self.from, From::Block(block, _) if block.fills().is_some())
    }

    /// Fills memory with a window of the leaf, if it can.
    pub(super) fn fill(
        &self,
        window: &Window,
        held: &mut Held,
        around: Around<'_>,
        out: Room<'_>,
    ) -> Result<()> {
        if let From::Block(block, programs) = &self.from
            && let Some(fill) = block.fills()
        {
            let mut inputs = held.inputs(&**block, programs, window, around);
            return named(self.name(), self.origin, || fill.fill(window, &mut inputs, out));
        }
        unreachable!("`{}` fills no memory", self.name())
    }

    /// Fills `out` with a window of elements that lie in memory.
    pub(super) fn copy(&self, elements: &Buffer, window: &Window, out: &mut Buffer) {
        let whole = View::whole(&self.shape);
        let (first, strides) = whole.places(window, &Window::whole(&self.shape));
        with_dtype!(self.dtype, T => {
            gather::<T>(elements.elements(), first, &strides, window.shape(), out.elements_mut());
        });
    }

    /// Where the elements of a tile lie, if they are there and lie in rows.
    pub(super) fn place(&self, view: usize, tile: &Window, held: &Held) -> Option<Place> {
        if self.is_tilewise {
            return None;
        }
        let (first, strides) = self.places(view, tile, held);
        in_rows(first, tile.shape(), &strides)
    }

    /// Where the first element of a tile lies, and how far along each axis the next.
    fn places(&self, view: usize, tile: &Window, held: &Held) -> (usize, SmallVec<[isize; 4]>) {
        match self.is_ahead {
            true => View::whole(tile.shape()).places(tile, &held.window),
            false => self.views[view].places(tile, &held.window),
        }
    }

    /// Puts the elements of a tile one after another.
    pub(super) fn load(
        &self,
        view: usize,
        tile: &Window,
        held: &Held,
        to: &mut Buffer,
    ) -> Result<()> {
        if let From::Source(source) = &self.from
            && self.is_tilewise
        {
            return named(self.name(), self.origin, || source.read(tile, to));
        }
        to.resize(tile.len());
        let (first, strides) = self.places(view, tile, held);
        with_dtype!(self.dtype, T => {
            gather::<T>(held.elements().elements(), first, &strides, tile.shape(), to.elements_mut());
        });
        Ok(())
    }
}

/// What is read that is not in memory.
#[derive(Clone, Copy)]
pub(crate) enum ReadFrom<'a> {
    /// A source, which has so many bytes.
    Source(&'a Arc<dyn AnySource>, usize),
    /// A result of an earlier stage that was put aside.
    Result,
}

/// The shapes of the windows that a block asks its inputs for, to make one of a shape.
pub(super) fn asked(block: &dyn Block, shape: &[usize]) -> HashMap<usize, Dims> {
    let asked = std::cell::RefCell::new(HashMap::new());
    block.bytes(shape, &|input, shape| {
        asked.borrow_mut().insert(input, Dims::from(shape));
        0
    });
    asked.into_inner()
}

/// So many of `all` elements' bytes.
fn share(bytes: u128, elements: u128, all: usize) -> u128 {
    let all = (all as u128).max(1);
    match bytes.checked_mul(elements) {
        Some(product) => product / all,
        None => (bytes / all).saturating_mul(elements),
    }
}

/// The least window that holds all of some.
pub(super) fn union(windows: impl Iterator<Item = Window>) -> Window {
    let both = |mut all: Window, other: Window| {
        for axis in 0..all.ndim() {
            let (a, b) = (all.range(axis), other.range(axis));
            all.set(axis, a.start.min(b.start)..a.end.max(b.end));
        }
        all
    };
    windows.reduce(both).unwrap_or_else(|| Window::whole(&[]))
}
