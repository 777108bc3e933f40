//! What a worker did from one moment to another.

use std::fmt;

/// Something that a worker did. 40 bytes: a record is written in a few nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct TraceRecord {
    /// When it began, in nanoseconds after the run did. A worker that has the next task at hand starts it when the
    /// last one ends: what is between is counted to the next.
    pub start_ns: u64,
    /// When it had ended, with the release of what nobody needed any more.
    pub end_ns: u64,
    /// Of arrays, how many bytes were read, computed, written or merged. Of a task, by how many more results were alive
    /// after it than before, as far as their sizes were told.
    pub bytes: i64,
    /// Which chunk of the stage, the first of those that were worked on together; or which task, by its place in the
    /// planned order.
    pub number: u64,
    /// Which stage of the plan, from 0 on. 0 for tasks.
    pub stage: u32,
    /// On which worker.
    pub worker: u16,
    /// What it did.
    pub activity: Activity,
    /// Whether it failed.
    pub failed: bool,
}

const _: () = assert!(size_of::<TraceRecord>() == 40);

/// What a worker did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Activity {
    /// A task ran.
    Task,
    /// Windows of files and other sources, or of arrays put aside on disk, were read; or an array of a checkpoint. All that was read for what is
    /// computed next stands before it, be it that they took turns.
    Read,
    /// Elements were computed, folded into reductions, or stored in memory.
    Compute,
    /// What chunks were reduced to was taken together.
    Merge,
    /// A target took a portion of chunks side by side, or a chunk if it has chunks of its own; or a checkpoint took what a
    /// stage has made.
    Write,
    /// A portion of chunks side by side was put aside on disk.
    Spill,
}

impl Activity {
    pub(super) const ALL: [Self; 6] =
        [Self::Task, Self::Read, Self::Compute, Self::Merge, Self::Write, Self::Spill];
}

impl fmt::Display for Activity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Task => "task",
            Self::Read => "read",
            Self::Compute => "compute",
            Self::Merge => "merge",
            Self::Write => "write",
            Self::Spill => "spill",
        })
    }
}
