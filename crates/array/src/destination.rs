//! Where a stage puts the arrays that it makes.

use std::marker::PhantomData;
use std::sync::Arc;

use crate::buffer::{Buffer, Part};
use crate::chunks::Chunks;
use crate::element::{DType, Element};
use crate::error::Result;
use crate::node::AnySource;
use crate::room::Room;
use crate::source::Target;
use crate::window::Window;

/// An array that a stage has made.
#[derive(Clone)]
pub(crate) enum Made {
    /// In memory.
    Memory(Arc<Buffer>),
    /// Put aside on disk, or spread over ranks: it is read by windows.
    Disk(Arc<dyn AnySource>),
    /// With the user, who has given a target.
    Away,
}

impl Made {
    /// The elements, which the plan has in memory.
    pub(crate) fn in_memory(self) -> Arc<Buffer> {
        match self {
            Self::Memory(elements) => elements,
            Self::Disk(_) | Self::Away => unreachable!("an array is not where the plan has it"),
        }
    }
}

/// Takes an array, chunk by chunk, from several threads.
pub(crate) trait Destination: Send + Sync {
    /// Begins a chunk, which is begun once.
    fn claim<'a>(&'a self, chunk: usize) -> Box<dyn Claimed + 'a>;

    /// The array, when all chunks are finished.
    fn finish(self: Box<Self>) -> Made;
}

/// A chunk that was begun.
pub(crate) trait Claimed {
    /// Takes a part of the chunk.
    fn write(&mut self, window: &Window, elements: &Part<'_>);

    /// Where the elements of a part lie, if that is in memory and one after another: they can be made there instead.
    fn room(&mut self, _window: &Window) -> Option<Room<'_>> {
        None
    }

    /// All parts have come.
    fn finish(self: Box<Self>) -> Result<()>;
}

/// Where the user wants an array.
pub(crate) enum Wanted<'a> {
    /// At a target, which takes it chunk by chunk.
    Target(Arc<dyn AnyTarget + 'a>),
    /// In memory that is there.
    Memory(&'a dyn Destination),
}

/// A destination that somebody else has.
pub(crate) struct Lent<'a>(pub(crate) &'a dyn Destination);

impl Destination for Lent<'_> {
    fn claim<'a>(&'a self, chunk: usize) -> Box<dyn Claimed + 'a> {
        self.0.claim(chunk)
    }

    fn finish(self: Box<Self>) -> Made {
        Made::Away
    }
}

/// A [`Target`] of elements whose type is known at run time.
pub(crate) trait AnyTarget: Send + Sync {
    fn write(&self, window: &Window, elements: &Part<'_>) -> Result<()>;
}

/// A target that remembers the type of its elements.
pub(crate) struct Remembered<T, S> {
    target: S,
    element: PhantomData<fn(T)>,
}

impl<T, S> Remembered<T, S> {
    pub(crate) fn new(target: S) -> Self {
        Self { target, element: PhantomData }
    }
}

impl<T: Element, S: Target<T>> AnyTarget for Remembered<T, S> {
    fn write(&self, window: &Window, elements: &Part<'_>) -> Result<()> {
        self.target.write(window, elements.elements())
    }
}

/// Collects each chunk, and writes it to a target when it is complete.
pub(crate) struct Collected<'a> {
    pub(crate) target: Arc<dyn AnyTarget + 'a>,
    pub(crate) dtype: DType,
    pub(crate) chunks: Chunks,
    /// What reads the array later.
    pub(crate) kept: Made,
}

struct Collecting<'a> {
    to: &'a Collected<'a>,
    window: Window,
    elements: Buffer,
}

impl Destination for Collected<'_> {
    fn claim<'a>(&'a self, chunk: usize) -> Box<dyn Claimed + 'a> {
        let window = self.chunks.window(chunk);
        let mut elements = Buffer::new(self.dtype);
        elements.resize(window.len());
        Box::new(Collecting { to: self, window, elements })
    }

    fn finish(self: Box<Self>) -> Made {
        self.kept
    }
}

impl Claimed for Collecting<'_> {
    fn write(&mut self, window: &Window, elements: &Part<'_>) {
        elements.copy_into(&mut self.elements, &self.window, window);
    }

    fn room(&mut self, window: &Window) -> Option<Room<'_>> {
        // What is empty needs none, and is not made.
        (*window == self.window && window.len() > 0).then(|| self.elements.room())
    }

    fn finish(self: Box<Self>) -> Result<()> {
        let len = self.elements.len();
        if len == 0 {
            return Ok(());
        }
        self.to.target.write(&self.window, &self.elements.part(0..len))
    }
}

/// Collects what is made at a time of several chunks side by side, and writes it to a target in one: its rows are then
/// as long as they lie in a file. The page cache keeps what comes in runs of some thousand bytes in pages as small, out
/// of which it is read at half the rate.
pub(crate) struct Portion<'a> {
    target: Arc<dyn AnyTarget + 'a>,
    elements: Buffer,
    /// Where they belong, once it was begun.
    window: Option<Window>,
}

impl<'a> Portion<'a> {
    pub(crate) fn new(target: Arc<dyn AnyTarget + 'a>, dtype: DType) -> Self {
        Self { target, elements: Buffer::new(dtype), window: None }
    }

    /// The elements of this window come next.
    pub(crate) fn begin(&mut self, window: &Window) {
        self.elements.resize(window.len());
        self.window = Some(window.clone());
    }

    /// Takes a part of the window.
    pub(crate) fn take(&mut self, part: &Window, elements: &Part<'_>) {
        match &self.window {
            Some(window) => elements.copy_into(&mut self.elements, window, part),
            None => unreachable!("{part:?} comes before its portion is begun"),
        }
    }

    /// All parts have come, if it was begun: says how many bytes there were.
    pub(crate) fn write(&mut self) -> Result<usize> {
        let Some(window) = self.window.take() else { return Ok(0) };
        let elements = self.elements.part(0..self.elements.len());
        self.target.write(&window, &elements)?;
        Ok(elements.bytes())
    }
}
