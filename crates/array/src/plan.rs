//! What a computation will do, known before it runs.

mod build;
mod pass;
mod repeated;
mod run;
mod strip;
mod table;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use smallvec::SmallVec;

pub(crate) use self::build::{Wishes, plan};
pub use self::pass::Pass;
pub(crate) use self::pass::Passes;
pub(crate) use self::table::size;

use crate::chunks::Chunks;
use crate::element::DType;
use crate::node::Origin;
use crate::program::Program;
use crate::reduce::Reducer;
use crate::window::Dims;

/// The stages of a computation, what each needs and what all of them need. Made by
/// [`Array::plan`](crate::Array::plan), from formulas: a thousand million chunks take no longer than ten.
pub struct Plan {
    pub(crate) stages: Vec<Stage>,
    pub(crate) stored: Vec<Stored>,
    /// The stored arrays that were asked for.
    pub(crate) roots: Vec<usize>,
    pub(crate) threads: usize,
    pub(crate) memory: Option<usize>,
    /// Where arrays are put aside.
    pub(crate) folder: PathBuf,
}

/// An array that is there as a whole for some time.
pub(crate) struct Stored {
    pub(crate) name: Arc<str>,
    pub(crate) dtype: DType,
    pub(crate) chunks: Chunks,
    pub(crate) origin: Origin,
    /// The stage that makes it, and the last that reads it; the end of the plan if it was asked for.
    pub(crate) made: usize,
    pub(crate) last: usize,
    pub(crate) place: Place,
    /// How often it was asked for: each time is an array of its own.
    pub(crate) copies: usize,
}

/// Where a stored array is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Memory,
    /// In a file without a name, because memory is short.
    Disk,
    /// Where the user wants it, by the number of the target.
    Target(usize),
}

/// A loop over the chunks of a space. Chunks do not depend on each other; stages do.
pub(crate) struct Stage {
    pub(crate) chunks: Chunks,
    pub(crate) program: Program,
    /// What is done with the outputs of the program, one each.
    pub(crate) sinks: Vec<Sink>,
    /// Which chunks are worked on together.
    pub(crate) strips: strip::Strips,
    /// How many threads can be fed under the cap.
    pub(crate) workers: usize,
    /// How many bytes a worker holds.
    pub(crate) scratch: usize,
    /// How many bytes stored arrays take while it runs, and what is merged of its reductions.
    pub(crate) held: usize,
}

/// Where the elements of a stage go.
pub(crate) struct Sink {
    /// The stored array that it makes.
    pub(crate) stored: usize,
    pub(crate) end: End,
}

pub(crate) enum End {
    /// They are the array.
    Store,
    /// They are reduced to it.
    Reduce { axes: SmallVec<[usize; 4]>, reducer: Arc<dyn Reducer>, shape: Dims },
}

impl Plan {
    /// How many chunks are worked on, of all stages.
    #[must_use]
    pub fn tasks(&self) -> usize {
        self.stages.iter().fold(0, |tasks, stage| tasks.saturating_add(stage.chunks.count()))
    }

    /// How many stages there are. Each begins when the one before is over.
    #[must_use]
    pub fn stages(&self) -> usize {
        self.stages.len()
    }

    /// The least cap that the plan could be run under, in bytes: with one thread.
    #[must_use]
    pub fn minimum_memory(&self) -> usize {
        self.peak(|_| 1)
    }

    /// The cap from which on all threads can work, in bytes.
    #[must_use]
    pub fn full_speed_memory(&self) -> usize {
        self.peak(|stage| self.threads.min(stage.strips.count()))
    }

    /// How many bytes the plan will hold at most.
    #[must_use]
    pub fn peak_memory(&self) -> usize {
        self.peak(|stage| stage.workers)
    }

    fn peak(&self, workers: impl Fn(&Stage) -> usize) -> usize {
        self.stages.iter().map(|stage| stage.peak(workers(stage))).max().unwrap_or(0)
    }

    /// How many bytes are put aside on disk for a while, because the cap is too small for them.
    #[must_use]
    pub fn bytes_spilled(&self) -> usize {
        let spilled = self.stored.iter().filter(|stored| stored.place == Place::Disk);
        spilled.map(Stored::bytes).fold(0, usize::saturating_add)
    }

    /// How many bytes are read from files and other sources that do not compute their elements.
    #[must_use]
    pub fn bytes_read(&self) -> u128 {
        self.stages.iter().map(Stage::bytes_read).fold(0, u128::saturating_add)
    }
}

impl Stage {
    fn bytes_read(&self) -> u128 {
        if self.chunks.shape().contains(&0) {
            return 0;
        }
        // Every window of the space is read once, whatever its chunks.
        let mut bytes = 0;
        let whole = crate::window::Window::whole(&self.chunks.shape());
        self.program.reads(&whole, &mut |_, of| bytes += of as u128);
        bytes
    }
}

impl Stage {
    /// The most it holds, with so many threads at work.
    fn peak(&self, workers: usize) -> usize {
        self.held.saturating_add(workers.saturating_mul(self.scratch))
    }
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a plan of {} stages with {} tasks", self.stages(), self.tasks())
    }
}
