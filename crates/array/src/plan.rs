//! What a computation will do, known before it runs.

mod brought;
mod build;
mod dealt;
mod estimate;
mod merge;
mod pass;
mod repeated;
mod run;
mod saved;
#[cfg(feature = "ranks")]
mod share;
mod strip;
mod table;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use smallvec::SmallVec;

#[cfg(feature = "ranks")]
pub(crate) use self::brought::is_small;
#[cfg(feature = "ranks")]
pub(crate) use self::build::{ANSWER, ANSWERS};
pub(crate) use self::build::{Wishes, plan};
#[cfg(feature = "ranks")]
pub(crate) use self::dealt::{Dealt, Hand};
pub use self::pass::Pass;
pub(crate) use self::pass::Passes;
#[cfg(feature = "ranks")]
pub(crate) use self::run::{Brought, Owned, Partial, Team};
#[cfg(feature = "ranks")]
pub use self::share::Share;
pub(crate) use self::strip::{Lists, Strips};
pub(crate) use self::table::size;
#[cfg(feature = "ranks")]
pub(crate) use self::table::time;

use crate::chunks::Chunks;
use crate::element::DType;
use crate::hash::Identity;
use crate::node::Origin;
use crate::owners::Owners;
use crate::program::{Program, ReadFrom};
use crate::reduce::Reducer;
use crate::window::{Dims, Window};

/// The stages of a computation, what each needs and what all of them need. Made by
/// [`Array::plan`](crate::Array::plan), from formulas: a thousand million chunks take no longer than ten.
pub struct Plan {
    pub(crate) stages: Vec<Stage>,
    pub(crate) stored: Vec<Stored>,
    /// The stored arrays that were asked for.
    pub(crate) roots: Vec<usize>,
    pub(crate) threads: usize,
    pub(crate) memory: Option<usize>,
    /// How many ranks share it. What is said of memory is so of each.
    pub(crate) ranks: usize,
    /// Where arrays are put aside.
    pub(crate) folder: PathBuf,
    /// What one of the ranks does of it, if somebody wants to know.
    #[cfg(feature = "ranks")]
    pub(crate) share: Option<Share>,
}

/// An array that is there as a whole for some time.
#[derive(Clone)]
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
    /// How many bytes its target takes to write a chunk, beside the elements.
    pub(crate) writing: usize,
    /// Over how many ranks its chunks are made, and which of them has which, if that was said.
    pub(crate) ranks: usize,
    pub(crate) owners: Owners,
    /// What it is in any run of the program, if there are checkpoints and that is known, and whether it goes to one.
    pub(crate) lasting: Option<Identity>,
    pub(crate) is_saved: bool,
}

/// Where a stored array is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Memory,
    /// In a file without a name, because memory is short. It has no chunks of its own either.
    Disk,
    /// At a target of the user that has chunks of its own, by its number.
    Target(usize),
    /// At one that has none.
    Rows(usize),
    /// In memory of the user, by its number.
    Lent(usize),
    /// In memory of several ranks, of which each has its own chunks.
    Ranks,
}

impl Place {
    /// Whether elements are written right where they stay.
    pub(crate) fn is_in_memory(self) -> bool {
        matches!(self, Self::Memory | Self::Lent(_) | Self::Ranks)
    }

    /// Whether it is written in rows of several chunks as they are made, not chunk by chunk: at a target of the user
    /// ([`Rows`](Self::Rows)) or in a file of the plan ([`Disk`](Self::Disk)), neither of which has chunks.
    pub(crate) fn is_by_rows(self) -> bool {
        matches!(self, Self::Disk | Self::Rows(_))
    }
}

/// A loop over the chunks of a space. Chunks do not depend on each other; stages do.
#[derive(Clone)]
pub(crate) struct Stage {
    pub(crate) chunks: Chunks,
    pub(crate) owners: Owners,
    pub(crate) program: Program,
    /// What is done with the outputs of the program, one each.
    pub(crate) sinks: Vec<Sink>,
    /// Which chunks are worked on together.
    pub(crate) strips: Strips,
    /// How many threads can be fed under the cap.
    pub(crate) workers: usize,
    /// Whether it waits for other ranks, so that twice as many workers as threads are of use.
    pub(crate) waits: bool,
    /// How many bytes a worker holds, and how many more wait to be merged for each beyond the first.
    pub(crate) scratch: usize,
    pub(crate) behind: usize,
    /// How many bytes it takes with one worker that reads as little at a time as it can, beside stored arrays and with
    /// them.
    pub(crate) alone: usize,
    pub(crate) least: usize,
    /// How many bytes stored arrays take while it runs, and what is merged of its reductions.
    pub(crate) held: usize,
}

/// Where the elements of a stage go.
#[derive(Clone)]
pub(crate) struct Sink {
    /// The stored array that it makes.
    pub(crate) stored: usize,
    pub(crate) end: End,
}

#[derive(Clone)]
pub(crate) enum End {
    /// They are the array.
    Store,
    /// They are reduced to it.
    Reduce { axes: SmallVec<[usize; 4]>, reducer: Arc<dyn Reducer>, by_chunk: bool, shape: Dims },
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

    /// The least cap under which as many arrays can be in memory, in bytes: with one thread, and small portions.
    #[must_use]
    pub fn minimum_memory(&self) -> usize {
        self.stages.iter().map(|stage| stage.least).max().unwrap_or(0)
    }

    /// The least cap that is not refused, in bytes: with all put aside on disk that saves memory, but for arrays of up
    /// to 256 KiB. It is found anew each time that it is asked for.
    ///
    /// ```
    /// use tenfold_array::{Array, ErrorKind, Settings, ndarray::{NewAxis, s}};
    ///
    /// let half = Array::<f64, _>::ones([400, 300], 50).map(|x| x / 2.0);
    /// let sum = half.slice(s![.., .., NewAxis]).broadcast([400, 300, 3]).sum();
    /// let plan = sum.plan()?;
    /// // `half` is computed once, and held if there is room.
    /// assert!(plan.least_memory() < 400 * 300 * 8 && plan.minimum_memory() > 400 * 300 * 8);
    /// let least = Settings::new().memory(plan.least_memory());
    /// assert_eq!(least.compute(&sum)?.into_scalar(), 180_000.0);
    /// let refused = Settings::new().memory(plan.least_memory() - 1).compute(&sum);
    /// assert_eq!(refused.unwrap_err().kind(), ErrorKind::Memory);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[must_use]
    pub fn least_memory(&self) -> usize {
        build::least(self)
    }

    /// The cap from which on all threads can work, in bytes; over ranks, twice as many workers where those wait for each other.
    #[must_use]
    pub fn full_speed_memory(&self) -> usize {
        self.peak(|stage| stage.wanted(self.threads))
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

    /// How often each source is read that does not compute its elements: with its name and how many times all of its
    /// bytes, in the order in which the plan comes to them.
    ///
    /// ```
    /// use tenfold_array::{Array, NpyFile, NpyWriter, Settings, ndarray::Ix2};
    ///
    /// let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("x.npy");
    /// let file = NpyWriter::create(&path, &[100, 100])?;
    /// Settings::new().store(&Array::<f64, Ix2>::ones([100, 100], 50), &file)?;
    /// file.finish()?;
    /// let x = Array::<f64, Ix2>::from_source(NpyFile::open(&path)?, 50);
    /// // For the mean, and for what is made with it.
    /// assert_eq!((&x - &x.mean()).max().plan()?.passes(), [("source".to_owned(), 2.0)]);
    /// // Each half of the columns.
    /// assert_eq!(x.slice(tenfold_array::ndarray::s![.., ..50]).sum().plan()?.passes()[0].1, 0.5);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn passes(&self) -> Vec<(String, f64)> {
        let mut sources: Vec<(*const (), String, u128, usize)> = vec![];
        for stage in &self.stages {
            stage.reads(&stage.strips, &mut |from, bytes| {
                let ReadFrom::Source(source, all) = from else { return };
                let own = Arc::as_ptr(source).cast::<()>();
                match sources.iter_mut().find(|(other, ..)| *other == own) {
                    Some((_, _, read, _)) => *read = read.saturating_add(bytes),
                    None => sources.push((own, source.name().to_owned(), bytes, all)),
                }
            });
        }
        #[expect(clippy::cast_precision_loss, reason = "a ratio for people")]
        let passes =
            |(_, name, read, all): (_, _, u128, usize)| (name, read as f64 / all.max(1) as f64);
        sources.into_iter().map(passes).collect()
    }

    /// How many bytes are written: to targets, and of arrays that are put aside.
    #[must_use]
    pub fn bytes_written(&self) -> u128 {
        let written = self.stored.iter().filter(|stored| !stored.place.is_in_memory());
        written.map(|stored| stored.bytes() as u128).fold(0, u128::saturating_add)
    }
}

impl Stage {
    fn bytes_read(&self) -> u128 {
        let mut all = 0_u128;
        self.reads(&self.strips, &mut |from, bytes| {
            if let ReadFrom::Source(..) = from {
                all = all.saturating_add(bytes);
            }
        });
        all
    }

    /// What it reads by these strips, and how many bytes of each.
    fn reads(&self, strips: &Strips, add: &mut dyn FnMut(ReadFrom<'_>, u128)) {
        self.reads_for(&Window::whole(&self.chunks.shape()), strips, add);
    }

    /// The same for a part of its space.
    fn reads_for(&self, part: &Window, strips: &Strips, add: &mut dyn FnMut(ReadFrom<'_>, u128)) {
        // Every element of the space is made once, whatever its chunks, as a part of a strip.
        self.program.reads(part, &self.strip(strips), add);
    }

    /// The shape of the largest of some strips.
    fn strip(&self, strips: &Strips) -> Dims {
        let wide = self.chunks.largest().into_iter().zip(strips.wide());
        wide.map(|(len, wide)| len.saturating_mul(wide)).collect()
    }
}

impl Stage {
    /// How many workers are of use with so many threads.
    fn wanted(&self, threads: usize) -> usize {
        let workers = if self.waits { threads.saturating_mul(2) } else { threads };
        workers.min(self.strips.count())
    }

    /// The most it holds, with so many threads at work.
    fn peak(&self, workers: usize) -> usize {
        let others = workers.saturating_sub(1).saturating_mul(self.behind);
        self.held.saturating_add(workers.saturating_mul(self.scratch)).saturating_add(others)
    }
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a plan of {} stages with {} tasks", self.stages(), self.tasks())
    }
}
