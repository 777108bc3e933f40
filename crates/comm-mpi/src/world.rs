//! All ranks that mpirun has started.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::thread;

use tenfold_comm::{Communicator as _, Ended, Result, progress, untold_panic};

use crate::MpiComm;
use crate::level::ThreadLevel;
use crate::raw;
use crate::recording::Recording;
use crate::session::Session;

/// The ranks of a job, of which this process is one.
///
/// MPI ends with it and with all communicators that come from it. What is open of non-blocking collectives comes
/// to its end before.
#[derive(Debug)]
#[must_use = "MPI ends when the world is dropped"]
pub struct World {
    comm: MpiComm,
}

impl World {
    /// Starts MPI, for programs whose other threads do not call it. A process that mpirun has not started
    /// is a world of one rank.
    ///
    /// # Errors
    /// [`Started`](tenfold_comm::ErrorKind::Started) if MPI was started before, also if it has ended;
    /// [`ThreadLevel`](tenfold_comm::ErrorKind::ThreadLevel);
    /// [`Variable`](tenfold_comm::ErrorKind::Variable) for one of those of
    /// [`Tracing`](tenfold_comm::Tracing) that is none of what it may be;
    /// [`System`](tenfold_comm::ErrorKind::System).
    pub fn init() -> Result<Self> {
        Self::init_with(ThreadLevel::Funneled)
    }

    /// Starts MPI, for programs whose other threads call it too: not tenfold, but what they have besides.
    ///
    /// # Errors
    /// As [`init`](Self::init).
    pub fn init_with(level: ThreadLevel) -> Result<Self> {
        let comm = MpiComm::of_world(Session::start(level)?);
        let Some(recording) = Recording::from_env(&comm)? else { return Ok(Self { comm }) };
        let recording = comm.session.recording.get_or_init(|| recording);
        let tracer = Rc::clone(&recording.tracer);
        Ok(Self { comm: comm.traced(tracer) })
    }

    /// This rank, among all. A panic that unwinds the world ends all ranks.
    #[must_use]
    pub fn communicator(&self) -> &MpiComm {
        &self.comm
    }

    /// Runs `program` on this rank, waits for the others, ends MPI, and gives what this rank comes to. MPI ends
    /// when no communicator is left: a program keeps none.
    ///
    /// Where it comes back with an error or panics, it says so on stderr, with its rank, and ends all ranks:
    /// the job's exit code is not 0. Errors are printed by `{:#}`, with which those of tenfold say what they come
    /// from.
    pub fn run<R, E: fmt::Display>(self, program: impl FnOnce(&MpiComm) -> Result<R, E>) -> R {
        let program = || {
            let result = program(&self.comm)?;
            self.finish();
            Ok::<R, E>(result)
        };
        let ended = catch_unwind(AssertUnwindSafe(program));
        if let Some(message) = untold_panic() {
            // It came first.
            self.fail(Ended::Panic, format_args!("panicked: {message}"));
        }
        match ended {
            Ok(Ok(result)) => result,
            Ok(Err(error)) => self.fail(Ended::Error, format_args!("failed: {error:#}")),
            Err(panic) => self.fail(Ended::Panic, format_args!("panicked: {}", message(&*panic))),
        }
    }

    /// Drives what others still wait for to its end. What waits for ranks that have ended comes to one too.
    fn finish(&self) {
        self.comm.wait_until(&mut || untold_panic().is_some() || !progress());
    }

    /// Tells how this rank has ended.
    fn record(&self, ended: Ended) {
        if let Some(recording) = self.comm.session.recording.get() {
            recording.end(ended);
        }
    }

    fn fail(&self, ended: Ended, what: fmt::Arguments<'_>) -> ! {
        self.record(ended);
        raw::abort(format_args!("rank {} {what}", self.comm.rank()))
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if thread::panicking() {
            self.record(Ended::Panic);
            // The panic has said why. No collective goes on while it unwinds, and others may wait for one.
            raw::abort(format_args!("rank {} panicked", self.comm.rank()));
        }
        // What panicked meanwhile, the session tells.
        self.finish();
        self.record(Ended::Well);
    }
}

/// What a panic says.
fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("something that is no text")
}
