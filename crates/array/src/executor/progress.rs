//! How far a computation is.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

#[cfg(feature = "progress")]
use super::bar::Bar;
use super::panics::caught;
use crate::error::{Error, ErrorKind, Result};

/// Who wants to know how far a computation is.
#[derive(Clone)]
pub(crate) enum Listener {
    Function(Arc<dyn Fn(usize, usize) + Send + Sync>),
    /// Whoever looks at the terminal.
    #[cfg(feature = "progress")]
    Terminal,
    /// Who was told of this already, as part of what is computed.
    Begun(Arc<Progress>),
}

/// Tells somebody how many tasks of how many have finished.
pub(crate) struct Progress {
    listener: Box<dyn Fn(usize, usize) + Send + Sync>,
    finished: AtomicUsize,
    total: usize,
    /// How many were told of, by whoever tells at the moment.
    told: Mutex<usize>,
}

impl Listener {
    /// Begins to tell of `total` things that are called `what`, if there is somebody, or goes on with that of which
    /// they are a part.
    pub(crate) fn begin(&self, total: usize, what: &'static str) -> Option<Arc<Progress>> {
        #[cfg(not(feature = "progress"))]
        let _ = what;
        let listener: Box<dyn Fn(usize, usize) + Send + Sync> = match self {
            Self::Function(told) => {
                let told = Arc::clone(told);
                Box::new(move |finished, total| told(finished, total))
            }
            #[cfg(feature = "progress")]
            Self::Terminal => {
                let bar = Bar::on_terminal(total, what)?;
                Box::new(move |finished, _| bar.show(finished))
            }
            Self::Begun(progress) => return Some(Arc::clone(progress)),
        };
        let (finished, told) = (AtomicUsize::new(0), Mutex::new(0));
        Some(Arc::new(Progress { listener, finished, total, told }))
    }
}

impl Progress {
    /// So many more have finished. Nobody waits: while one tells, others go on, and the last is told of by
    /// [`tell`](Self::tell) in the end.
    pub(crate) fn step(&self, finished: usize) -> Result<()> {
        self.finished.fetch_add(finished, Ordering::Relaxed);
        self.tell()
    }

    /// Tells how many have finished, if that is news.
    pub(crate) fn tell(&self) -> Result<()> {
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

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.finished.load(Ordering::Relaxed), self.total)
    }
}
