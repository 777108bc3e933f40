//! How far a computation is.

use std::fmt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::panics::caught;
use crate::error::{Error, ErrorKind, Result};

/// Who is told how many tasks of how many have finished.
pub(crate) type Listener = dyn Fn(usize, usize) + Send + Sync;

/// Tells somebody how many tasks have finished.
pub(super) struct Progress<'a> {
    listener: &'a Listener,
    finished: AtomicUsize,
    total: usize,
    /// How many were told of, by whoever tells at the moment.
    told: Mutex<usize>,
}

impl<'a> Progress<'a> {
    pub(super) fn new(listener: &'a Listener, total: usize) -> Self {
        Self { listener, finished: AtomicUsize::new(0), total, told: Mutex::new(0) }
    }

    /// One more has finished. Nobody waits: while one tells, others go on, and the last is told of by
    /// [`tell`](Self::tell) in the end.
    pub(super) fn step(&self) -> Result<()> {
        self.finished.fetch_add(1, Ordering::Relaxed);
        self.tell()
    }

    /// Tells how many have finished, if that is news.
    pub(super) fn tell(&self) -> Result<()> {
        let Ok(mut told) = self.told.try_lock() else { return Ok(()) };
        let finished = self.finished.load(Ordering::Relaxed);
        if finished <= *told {
            return Ok(());
        }
        *told = finished;
        caught(|| (self.listener)(finished, self.total)).map_err(|text| {
            let sentence = format!("who is told of the progress panicked: {text}");
            Error::new(ErrorKind::Panicked, sentence)
        })
    }
}

impl fmt::Debug for Progress<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.finished.load(Ordering::Relaxed), self.total)
    }
}
