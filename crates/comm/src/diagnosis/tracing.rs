//! How a run is watched.

use std::path::{Path, PathBuf};
use std::time::Duration;

/// How a run is recorded and watched: what [`World::traced`](crate::World::traced) takes.
///
/// A program that nobody has told of it can be watched by environment variables:
///
/// | variable | |
/// |---|---|
/// | `TENFOLD_COMM_TRACE=FOLDER` | record the calls, and write a [`Trace`](crate::Trace) to the folder for each world |
/// | `TENFOLD_COMM_CHECK=1` | tell of deadlocks while the program runs, and of what else is wrong at its end |
/// | `TENFOLD_COMM_SYNCHRONOUS=1` | the same, with each send waiting for its receiver |
/// | `TENFOLD_COMM_EVENTS=N` | keep the last `N` calls of each rank |
/// | `TENFOLD_COMM_STALL_MS=N` | how long ranks wait for each other before that is told, in milliseconds |
///
/// Each of the first three turns it on. Without them nothing is recorded or watched.
///
/// ```
/// use tenfold_comm::{Communicator, Error, Tracing, World};
///
/// let (result, report) = World::threads(2).traced(Tracing::new().quiet()).run(|world| {
///     if world.rank() == 0 {
///         world.send(&[1.0, 2.0], 1, 7)?;
///     }
///     Ok::<(), Error>(())
/// });
/// assert!(result.is_ok());
/// let found = report.findings[0].to_string();
/// assert!(found.starts_with("1 messages (16 bytes) of rank 0 for rank 1, tag 7 were never received"));
/// assert_eq!(report.trace.ranks[0].events.len(), 1);
/// ```
#[derive(Clone, Debug)]
#[must_use = "it changes nothing before a world takes it"]
pub struct Tracing {
    pub(crate) events: usize,
    pub(crate) stall: Duration,
    pub(crate) is_synchronous: bool,
    pub(crate) is_quiet: bool,
    pub(crate) folder: Option<PathBuf>,
}

/// 64 MB a rank.
const EVENTS: usize = 1_000_000;

/// Twice this, and what a busy machine takes, is below the two seconds that a programmer waits.
const STALL: Duration = Duration::from_millis(500);

impl Default for Tracing {
    fn default() -> Self {
        Self::new()
    }
}

impl Tracing {
    /// Keeps a million calls of each rank, tells of ranks that wait for each other within a second, and prints
    /// what is wrong to stderr.
    pub fn new() -> Self {
        Self { events: EVENTS, stall: STALL, is_synchronous: false, is_quiet: false, folder: None }
    }

    /// Keeps so many calls of each rank, the last ones, of 64 bytes each; with 0 none.
    pub fn events(self, events: usize) -> Self {
        Self { events, ..self }
    }

    /// Tells of ranks that wait for each other when they have done so for this long, and for twice as long at
    /// most. It is no guess: who computes for longer is not among them.
    pub fn stall(self, stall: Duration) -> Self {
        Self { stall, ..self }
    }

    /// Has each standard send wait for its receiver, as [`ssend`](crate::Communicator::ssend) does: so a
    /// program whose sends come back only because messages are small or buffers large is found out.
    pub fn synchronous_sends(self) -> Self {
        Self { is_synchronous: true, ..self }
    }

    /// Prints nothing, unless the trace cannot be written.
    pub fn quiet(self) -> Self {
        Self { is_quiet: true, ..self }
    }

    /// Where the trace is written to, if it is.
    #[must_use]
    pub fn written_to(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    /// Writes the trace to a file of this folder, which is made if it is not there. Where that fails it is printed, and
    /// [`Report::unwritten`](crate::Report::unwritten) says why.
    pub fn folder(self, folder: impl AsRef<Path>) -> Self {
        Self { folder: Some(folder.as_ref().to_owned()), ..self }
    }
}
