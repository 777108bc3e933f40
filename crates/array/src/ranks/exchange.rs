//! Where threads that compute ask for what only the rank's own thread can do: it alone sends and receives.

use std::collections::HashMap;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::{self, Thread};

use super::fault::Fault;
use super::message::Request;
use super::pieces::Pieces;
use super::turns::Turns;
use crate::error::{Error, ErrorKind, Result};

/// What is asked of the rank's own thread. Where something comes back, it comes once, or the other end is dropped: then
/// the computation stops.
#[derive(Debug)]
pub(super) enum Asked {
    /// Elements of another rank.
    Elements { request: Request, of: usize, answer: Sender<Vec<u8>> },
    /// To send what was reduced.
    Send { message: Vec<u8>, to: usize, sent: Sender<()> },
    /// What all ranks bring to the end of a stage.
    Meet { own: Vec<u8>, met: Sender<Vec<u8>> },
    /// To tell the others that a chunk has failed here, before all here have stopped.
    Failed(Fault),
    /// All is computed here, or something has failed.
    Ended(Option<Fault>),
}

/// What the threads of a rank share.
#[derive(Debug, Default)]
pub(super) struct Exchange {
    /// Where to ask, while something is computed.
    open: Mutex<Option<(Sender<Asked>, Thread)>>,
    pub(super) turns: Turns,
    /// The arrays of which this rank has chunks.
    arrays: Mutex<HashMap<u64, Weak<Pieces>>>,
}

impl Exchange {
    /// From now on this thread is asked, and so many others compute at a time.
    pub(super) fn open(&self, threads: usize) -> Receiver<Asked> {
        let (to, inbox) = channel();
        self.turns.open(threads);
        *self.way() = Some((to, thread::current()));
        inbox
    }

    /// Nobody is asked any more.
    pub(super) fn close(&self) {
        self.turns.close();
        *self.way() = None;
    }

    fn way(&self) -> MutexGuard<'_, Option<(Sender<Asked>, Thread)>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks, and wakes who is asked. Tells whether there is somebody.
    pub(super) fn ask(&self, asked: Asked) -> bool {
        let way = self.way();
        let Some((to, thread)) = &*way else { return false };
        let is_sent = to.send(asked).is_ok();
        thread.unpark();
        is_sent
    }

    /// Asks, and waits for what comes back.
    pub(super) fn wait<R>(&self, asked: impl FnOnce(Sender<R>) -> Asked) -> Result<R> {
        let (to, back) = channel();
        self.ask(asked(to));
        back.recv().map_err(|_| given_up())
    }

    /// Other ranks may read this array, as long as it is there.
    pub(super) fn show(&self, id: u64, pieces: &Arc<Pieces>) {
        let mut arrays = self.arrays.lock().unwrap_or_else(PoisonError::into_inner);
        arrays.retain(|_, pieces| pieces.strong_count() > 0);
        arrays.insert(id, Arc::downgrade(pieces));
    }

    pub(super) fn find(&self, id: u64) -> Option<Arc<Pieces>> {
        self.arrays.lock().unwrap_or_else(PoisonError::into_inner).get(&id)?.upgrade()
    }
}

/// That something was not done because the computation stops, of which another error tells why.
pub(super) fn given_up() -> Error {
    Error::new(ErrorKind::Ranks, "another rank was waited for when the computation ended")
}
