//! Sends whose request is gone, and their buffers.

use std::any::Any;
use std::cell::RefCell;
use std::fmt;
use std::ptr;

use mpi::ffi::{self, MPI_Request};

/// Sends that MPI cannot take back, with the buffers that they read from, until they are done.
#[derive(Default)]
pub(crate) struct Orphans(RefCell<Vec<(MPI_Request, Box<dyn Any>)>>);

/// So many are kept before they are looked at: each look takes a call of MPI for each.
const FEW: usize = 16;

impl Orphans {
    /// Keeps a buffer until its send is done.
    pub(crate) fn adopt(&self, request: MPI_Request, buffer: Box<dyn Any>) {
        if self.0.borrow().len() >= FEW {
            self.look();
        }
        self.0.borrow_mut().push((request, buffer));
    }

    /// Lets those go that are done; whether none is left.
    pub(crate) fn look(&self) -> bool {
        let mut list = self.0.borrow_mut();
        list.retain_mut(|(request, _)| {
            let mut is_done = 0;
            // SAFETY: a request that is under way, and that nobody else has; MPI writes to `is_done`, and to
            // no status.
            let code =
                unsafe { ffi::MPI_Test(request, &raw mut is_done, ffi::RSMPI_STATUS_IGNORE) };
            // One that fails is at an end too, and there is nobody to tell.
            is_done == 0 && code == ffi::MPI_SUCCESS as std::ffi::c_int
        });
        list.is_empty()
    }

    /// Leaks what is left, for MPI may still read from it.
    pub(crate) fn forget(&self) {
        for (mut request, buffer) in self.0.take() {
            // SAFETY: as above. MPI frees the request when it is done, which may be never.
            unsafe { ffi::MPI_Request_free(&raw mut request) };
            std::mem::forget(buffer);
        }
    }
}

impl Drop for Orphans {
    fn drop(&mut self) {
        // Without a look at the requests, whose MPI may have ended.
        std::mem::forget(self.0.take());
    }
}

impl fmt::Debug for Orphans {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Orphans").field(&self.0.borrow().len()).finish()
    }
}

/// The request of nothing.
pub(crate) fn no_request() -> MPI_Request {
    // SAFETY: a constant, which MPI sets before it is started.
    unsafe { ptr::read(&raw const ffi::RSMPI_REQUEST_NULL) }
}
