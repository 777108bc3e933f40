//! What MPI has under way and nobody waits for, and its buffers.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::fmt;

use mpi::ffi::MPI_Request;

use crate::raw;

/// Requests that MPI cannot take back, with the buffers that it uses, until they are done.
#[derive(Default)]
pub(crate) struct Orphans {
    list: RefCell<Vec<Orphan>>,
    /// Which is looked at next.
    next: Cell<usize>,
}

type Orphan = (MPI_Request, Box<dyn Any>);

/// So many are looked at when one is adopted, and when nothing has come: so a few calls of MPI each time, and
/// more go than come.
const FEW: usize = 4;

impl Orphans {
    /// Keeps a buffer until its request is done.
    pub(crate) fn adopt(&self, request: MPI_Request, buffer: Box<dyn Any>) {
        self.look_at_some();
        self.list.borrow_mut().push((request, buffer));
    }

    /// Lets some of those go that are done.
    pub(crate) fn look_at_some(&self) {
        let some = FEW.min(self.count());
        for _ in 0..some {
            // Dropped when nobody has the list: it may be what a program has given.
            let _done = self.look_at_next();
        }
    }

    /// The next, if it is done.
    fn look_at_next(&self) -> Option<Orphan> {
        let mut list = self.list.borrow_mut();
        let at = self.next.get() % list.len().max(1);
        // One that fails is at an end too, and there is nobody to tell.
        if raw::is_done(&mut list.get_mut(at)?.0).unwrap_or(true) {
            return Some(list.swap_remove(at));
        }
        self.next.set(at + 1);
        None
    }

    /// Lets all go that are done; whether none is left.
    pub(crate) fn look(&self) -> bool {
        let all = self.count();
        for _ in 0..all {
            let _done = self.look_at_next();
        }
        self.count() == 0
    }

    fn count(&self) -> usize {
        self.list.borrow().len()
    }

    /// Leaks what is left, for MPI may still read from it.
    pub(crate) fn forget(&self) {
        for (mut request, buffer) in self.list.take() {
            raw::free_request(&mut request);
            std::mem::forget(buffer);
        }
    }
}

impl Drop for Orphans {
    fn drop(&mut self) {
        // Without a look at the requests, whose MPI may have ended.
        std::mem::forget(self.list.take());
    }
}

impl fmt::Debug for Orphans {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Orphans").field(&self.list.borrow().len()).finish()
    }
}
