//! Running a program on ranks that are threads.

use std::fmt;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::Mutex;
use std::thread;

use super::overseer::Overseer;
use super::shared::Shared;
use super::{ThreadComm, TracedWorld, environment};
use crate::thrown::caught;
use crate::{Communicator as _, Ended, Error, ErrorKind, Tracing, progress, untold_panic};

/// A number of ranks that can run a program.
///
/// ```
/// use tenfold_comm::{Communicator, Error, Sum, World};
///
/// fn program<C: Communicator>(world: &C) -> Result<usize, Error> {
///     let mut sum = [0];
///     world.allreduce(&[world.rank()], &mut sum, Sum)?;
///     Ok(sum[0])
/// }
///
/// assert_eq!(World::threads(4).run(program).unwrap(), [6; 4]);
/// ```
#[derive(Clone, Debug)]
#[must_use = "a world does nothing before it runs a program"]
pub struct World {
    ranks: usize,
    stack_bytes: Option<usize>,
}

/// Why a program has no results: what happened to the rank that failed first. `{:#}` says of an [`Error`] what it
/// comes from too.
#[derive(Debug)]
pub struct RunError<E> {
    rank: usize,
    cause: Cause<E>,
}

/// What happened to a rank.
#[derive(Debug)]
#[non_exhaustive]
pub enum Cause<E> {
    /// Its program came back with an error.
    Error(E),
    /// Its program panicked with this message.
    Panic(String),
    /// It could not be started.
    Start(Error),
}

/// More threads than a machine runs, and fewer than make it run out of memory for their mailboxes.
pub(super) const MAX_RANKS: usize = 1 << 16;

impl World {
    /// Ranks that are threads of this process: at least 1, and at most 65536.
    pub fn threads(ranks: usize) -> Self {
        Self { ranks, stack_bytes: None }
    }

    /// As many ranks that are threads of this process as the environment variable `TENFOLD_RANKS` says: from
    /// 1 to 65536. Where it is not set there are as many as cores that this process may use, as with
    /// `mpirun` without a number.
    ///
    /// ```
    /// use tenfold_comm::{Communicator, Error, World};
    ///
    /// // TENFOLD_RANKS=4 cargo run
    /// let sizes = World::from_env()?.run(|world| Ok::<_, Error>(world.size())).unwrap();
    /// assert_eq!(sizes, vec![sizes.len(); sizes.len()]);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Variable`](ErrorKind::Variable) for anything else, also for an empty text.
    pub fn from_env() -> crate::Result<Self> {
        environment::ranks().map(Self::threads)
    }

    /// How many ranks.
    pub(super) fn ranks(&self) -> usize {
        self.ranks
    }

    /// With so large a stack for each rank; else it is that of any thread.
    pub fn stack_bytes(self, bytes: usize) -> Self {
        Self { stack_bytes: Some(bytes), ..self }
    }

    /// Runs `program` on every rank, and gives what each comes to, in the order of ranks.
    ///
    /// The threads are named `rank 0`, `rank 1`, .. They are threads of one process: statics are shared.
    ///
    /// # Errors
    /// What happened to the first rank that failed. Calls of the other ranks fail with
    /// [`RankFailed`](ErrorKind::RankFailed) from then on, those that are waiting too.
    pub fn run<R, E, F>(&self, program: F) -> Result<Vec<R>, RunError<E>>
    where
        R: Send,
        E: Send,
        F: Fn(&ThreadComm) -> Result<R, E> + Sync,
    {
        match Tracing::from_env() {
            Ok(None) => self.run_on(None, program),
            Ok(Some(tracing)) => self.clone().traced(tracing).run(program).0,
            Err(error) => Err(RunError { rank: 0, cause: Cause::Start(error) }),
        }
    }

    /// The same ranks, whose calls are recorded, and which are watched while they run.
    ///
    /// ```
    /// use tenfold_comm::{CallKind, Communicator, Tracing, World};
    ///
    /// let (result, report) = World::threads(3).traced(Tracing::new()).run(|world| world.barrier());
    /// assert!(result.is_ok() && report.is_clean());
    /// let log = &report.trace.ranks[2];
    /// assert_eq!(log.events[0].kind, CallKind::Barrier);
    /// assert!(log.place(&log.events[0]).unwrap().line > 0);
    /// ```
    pub fn traced(self, tracing: Tracing) -> TracedWorld {
        TracedWorld::new(self, tracing)
    }

    /// Runs the program, where somebody looks on or nobody.
    pub(super) fn run_on<R, E, F>(
        &self,
        overseer: Option<&Overseer>,
        program: F,
    ) -> Result<Vec<R>, RunError<E>>
    where
        R: Send,
        E: Send,
        F: Fn(&ThreadComm) -> Result<R, E> + Sync,
    {
        if let Some(kind) = self.refusal() {
            return Err(RunError { rank: 0, cause: Cause::Start(kind.into()) });
        }
        let shared = Shared::new(self.ranks);
        let shared = Arc::new(match overseer {
            Some(overseer) => shared.watched(overseer.watch()),
            None => shared,
        });
        let job = Job { shared, program, overseer, first: Mutex::new(None) };
        let results = thread::scope(|scope| {
            let guard = overseer.and_then(|it| it.start(scope, &job.shared));
            let mut threads = vec![];
            for rank in 0..self.ranks {
                let mut builder = thread::Builder::new().name(format!("rank {rank}"));
                if let Some(bytes) = self.stack_bytes {
                    builder = builder.stack_size(bytes);
                }
                let job = &job;
                match builder.spawn_scoped(scope, move || job.run(rank)) {
                    Ok(thread) => threads.push(thread),
                    Err(source) => {
                        let error = Error::caused(ErrorKind::Start { rank }, source);
                        job.fail(rank, Cause::Start(error));
                        break;
                    }
                }
            }
            // What unwinds is caught in the thread.
            let results = threads.into_iter().map(|thread| thread.join().ok().flatten());
            let results = results.collect::<Vec<_>>();
            drop(guard);
            results
        });
        if let Some(overseer) = overseer {
            overseer.end(&job.shared);
        }
        let first = job.first.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        first.map_or_else(|| all(results), Err)
    }

    /// Why so many ranks cannot be.
    fn refusal(&self) -> Option<ErrorKind> {
        match self.ranks {
            0 => Some(ErrorKind::NoRanks),
            1..=MAX_RANKS => None,
            value => Some(ErrorKind::Value { argument: "ranks", value, must: "at most 65536" }),
        }
    }
}

/// The results of all ranks. One that has none and no cause either is not passed over.
fn all<R, E>(results: Vec<Option<R>>) -> Result<Vec<R>, RunError<E>> {
    let lost = |rank| {
        let cause = Cause::Panic(String::from("its result was lost"));
        RunError { rank, cause }
    };
    let result = |(rank, result): (usize, Option<R>)| result.ok_or_else(|| lost(rank));
    results.into_iter().enumerate().map(result).collect()
}

/// A program that runs, and what went wrong first.
struct Job<'a, F, E> {
    shared: Arc<Shared>,
    program: F,
    overseer: Option<&'a Overseer>,
    first: Mutex<Option<RunError<E>>>,
}

impl<F, E> Job<'_, F, E> {
    fn run<R>(&self, rank: usize) -> Option<R>
    where
        F: Fn(&ThreadComm) -> Result<R, E>,
    {
        let _ending = Ending { shared: &self.shared, rank };
        let comm = ThreadComm::of_world(Arc::clone(&self.shared), rank);
        let tracer = self.overseer.map(|overseer| overseer.tracer(rank));
        let comm = match &tracer {
            Some(tracer) => comm.traced(Rc::clone(tracer)),
            None => comm,
        };
        let program = || {
            let result = (self.program)(&comm)?;
            // What others still wait for.
            comm.wait_until(&mut || untold_panic().is_some() || !progress());
            Ok(result)
        };
        let ended = caught(program);
        let untold = untold_panic();
        if let Some((overseer, tracer)) = self.overseer.zip(tracer) {
            overseer.keep(tracer.end(match &ended {
                Err(_) => Ended::Panic,
                _ if untold.is_some() => Ended::Panic,
                Ok(Err(_)) => Ended::Error,
                Ok(Ok(_)) => Ended::Well,
            }));
        }
        let cause = match (ended, untold) {
            (ended, Some(text)) => {
                // It came first. What the program gives may panic when it is dropped.
                let _ = caught(|| drop(ended));
                Cause::Panic(text)
            }
            (Ok(Ok(result)), None) => return Some(result),
            (Ok(Err(error)), None) => Cause::Error(error),
            (Err(text), None) => Cause::Panic(text),
        };
        // An error that comes second is dropped there, and may panic.
        let _ = caught(|| self.fail(rank, cause));
        None
    }

    /// Notes what happened, unless something has before: to this rank, or to one that the others were told of
    /// before it ended.
    fn fail(&self, rank: usize, cause: Cause<E>) {
        let error = RunError { rank, cause };
        let mut first = self.first.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        self.shared.fail(rank);
        let is_first = self.shared.first_failed() == Some(rank);
        let later = if is_first || first.is_none() { first.replace(error) } else { Some(error) };
        drop(first);
        // The user's error is dropped without the lock.
        drop(later);
    }
}

/// Ends a rank, whatever its program does to its thread.
struct Ending<'a> {
    shared: &'a Shared,
    rank: usize,
}

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.shared.fail(self.rank);
        }
        self.shared.end(self.rank);
    }
}

impl<E> RunError<E> {
    /// The rank that failed first.
    #[must_use]
    pub fn rank(&self) -> usize {
        self.rank
    }

    /// What happened to it.
    #[must_use]
    pub fn cause(&self) -> &Cause<E> {
        &self.cause
    }

    /// What happened to it.
    #[must_use]
    pub fn into_cause(self) -> Cause<E> {
        self.cause
    }
}

impl<E: fmt::Display> fmt::Display for RunError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rank {} ", self.rank)?;
        // The errors as they are asked for: with what they come from by `{:#}`.
        match &self.cause {
            Cause::Error(error) => {
                f.write_str("failed: ")?;
                fmt::Display::fmt(error, f)
            }
            Cause::Panic(message) => write!(f, "panicked: {message}"),
            Cause::Start(error) => {
                f.write_str("was not started: ")?;
                fmt::Display::fmt(error, f)
            }
        }
    }
}

impl<E: std::error::Error + 'static> std::error::Error for RunError<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.cause {
            Cause::Error(error) => error.source(),
            Cause::Panic(_) => None,
            Cause::Start(error) => error.source(),
        }
    }
}
