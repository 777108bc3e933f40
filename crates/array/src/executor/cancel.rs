//! Stopping a computation from outside.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Error, ErrorKind};

/// Stops computations: whoever has a clone of it can, from any thread.
///
/// Tasks that run are not interrupted, but none starts any more. A chunk of an array is given up before the next
/// window that is read for it, and within some thousand elements; what is being read, multiplied or done by a function of
/// yours comes to its end. The computation ends with [`ErrorKind::Cancelled`]. A token that was used stays used.
///
/// ```
/// use tenfold_array::Cancel;
///
/// let cancel = Cancel::new();
/// let clone = cancel.clone();
/// clone.cancel();
/// assert!(cancel.is_cancelled());
/// ```
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// A token that nobody has used.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Stops all computations that have this token.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it was used.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// That somebody has cancelled, after so many of all.
pub(crate) fn cancelled(done: usize, of: usize, what: &str) -> Error {
    let sentence = format!("the computation was cancelled after {done} of {of} {what}");
    Error::new(ErrorKind::Cancelled, sentence)
}
