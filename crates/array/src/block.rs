//! Operations that make windows of windows.

pub(crate) mod coarsen;
pub(crate) mod contract;
pub(crate) mod convolve;
pub(crate) mod diagonal;
pub(crate) mod join;
pub(crate) mod lanes;
pub(crate) mod map;
pub(crate) mod pick;
pub(crate) mod reshape;
pub(crate) mod search;
pub(crate) mod write;

use smallvec::SmallVec;

use crate::buffer::{Buffer, Part};
use crate::error::Result;
use crate::program::{MADE, MOVED};
use crate::room::Room;
use crate::window::Window;

/// Windows of inputs, each with the number of the input.
pub(crate) type Needs = SmallVec<[(usize, Window); 4]>;

/// How many elements a block reads of a window of an input.
pub(crate) struct Reads {
    pub(crate) input: usize,
    pub(crate) hull: Window,
    pub(crate) elements: u128,
}

impl Reads {
    /// All of them, once.
    pub(crate) fn all(input: usize, hull: Window) -> Self {
        let elements = hull.len() as u128;
        Self { input, hull, elements }
    }
}

/// An operation that makes any window of its result from windows of its inputs.
pub(crate) trait Block: Send + Sync {
    /// What it is called in pictures and tables.
    fn name(&self) -> &str;

    /// Whether its elements are made once and held, rather than again wherever they are used: a window that does not
    /// begin where a chunk does costs more than its elements.
    fn is_held(&self) -> bool {
        false
    }

    /// The windows of its inputs that it reads for a window of the result, one after another.
    fn needs(&self, window: &Window) -> Needs;

    /// The same windows in the pieces in which it reads them.
    #[cfg(feature = "ranks")]
    fn asks(&self, window: &Window) -> Vec<(usize, Window)> {
        self.needs(window).into_vec()
    }

    /// How many bytes it holds at most for any window of a shape, beside the window. `input` says how many it
    /// takes to hold a window of an input, by the input's number and the window's shape.
    fn bytes(&self, shape: &[usize], input: &dyn Fn(usize, &[usize]) -> usize) -> usize;

    /// In what windows it is best asked for its result.
    fn grain(&self) -> Grain {
        Grain::Element
    }

    /// How many elements of its input on both sides of each axis an element of its result is made of: all that a window
    /// needs beside it is read for each window anew, so that windows should be longer. None where that does not matter.
    fn reach(&self) -> &[usize] {
        &[]
    }

    /// Whether it computes something, rather than to move elements.
    fn computes(&self) -> bool {
        true
    }

    /// How many nanoseconds it takes for an element of its result, beside its inputs.
    fn nanoseconds(&self) -> f64 {
        if self.computes() { MADE } else { MOVED }
    }

    /// What it reads for a window, as a plan counts it: without a list that is as long as the window.
    fn reads(&self, window: &Window) -> SmallVec<[Reads; 4]> {
        self.needs(window).into_iter().map(|(input, hull)| Reads::all(input, hull)).collect()
    }

    /// How many times it reads the elements of an input, to make all of its result in windows of a shape.
    fn passes(&self, _input: usize, _at_a_time: &[usize]) -> usize {
        1
    }

    /// Whether it shows the elements of its input several times.
    fn repeats(&self) -> bool {
        false
    }

    /// Whether rows of its result are rows of its inputs, or parts of them.
    fn keeps_rows(&self) -> bool {
        false
    }

    /// Whether a chunk of its result shows whole chunks of its inputs, and no chunk is shown twice.
    fn keeps_chunks(&self) -> bool {
        false
    }

    /// Fills `out`, which has as many elements as the window, dense, in row-major order. The window has elements.
    fn evaluate(&self, window: &Window, inputs: &mut dyn Read, out: &mut Buffer) -> Result<()>;

    /// What fills memory wherever it lies, as [`evaluate`](Self::evaluate) fills a buffer, if it can: then a chunk is made
    /// where it goes to, and is not copied.
    fn fills(&self) -> Option<&dyn Fill> {
        None
    }
}

/// A [`Block`] that makes its result in memory that is somebody else's.
pub(crate) trait Fill {
    /// Fills `out` as [`Block::evaluate`].
    fn fill(&self, window: &Window, inputs: &mut dyn Read, out: Room<'_>) -> Result<()>;
}

/// In what windows a [`Block`] is best asked for its result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grain {
    /// In any: an element costs the same in a small one as in a large one.
    Element,
    /// In large ones.
    Window,
    /// In its own chunks, each of which it makes as a whole, however little of it was asked for.
    Chunk,
    /// In windows that follow each other along an axis from the beginning of a chunk on: it keeps what it needs to go
    /// on.
    Sequence(usize),
}

/// The inputs of a [`Block`]. What they are asked for has elements.
pub(crate) trait Read {
    /// Fills `out` with the elements of a window of input `input`, dense, in row-major order.
    fn read(&mut self, input: usize, window: &Window, out: &mut Buffer) -> Result<()>;

    /// The same elements in a buffer of the input's own, which it keeps.
    fn get(&mut self, input: usize, window: &Window) -> Result<Part<'_>>;

    /// What [`get`](Self::get) gave last of an input, so that several can be looked at together.
    fn got(&self, input: usize) -> Part<'_>;

    /// What the block has kept of the window that it made before, and that window, if it has.
    fn kept(&mut self) -> &mut Option<(Window, Buffer)>;

    /// All elements of an input, if they lie in memory.
    fn all(&mut self, input: usize) -> Option<Part<'_>>;
}
