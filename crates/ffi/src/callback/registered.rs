//! Callbacks that stay.

use std::ffi::c_void;
use std::fmt;
use std::panic::resume_unwind;
use std::ptr::NonNull;
use std::thread;

use crate::callback::pool::Place;
use crate::callback::state::Finish;
use crate::error::Result;

/// Owns a closure that C may call until this is dropped. Tell C first that it is not to call any more.
///
/// If the closure has panicked and nobody has [asked](Self::check), the panic goes on where this is dropped,
/// unless another one is on its way there. A closure of [`Callback::new`](crate::Callback::new) may drop its own
/// owner: it goes on, and is leaked.
///
/// # Examples
///
/// ```
/// let counted = tenfold_ffi::Callback::new(|n: i32| n + 1).register()?;
/// let function = counted.as_fn();
/// // SAFETY: `counted` lives.
/// assert_eq!(unsafe { function(1) }, 2);
/// counted.check()?;
/// drop(counted);
/// // SAFETY: its place is empty, and nobody drops it meanwhile.
/// assert_eq!(unsafe { function(1) }, 0);
/// # Ok::<(), tenfold_ffi::Error>(())
/// ```
#[must_use = "it ends at once"]
pub struct Registered<F> {
    function: F,
    data: *mut c_void,
    place: Option<Place>,
    state: NonNull<dyn Finish>,
}

// SAFETY: the closure is `Send`, as whoever made this asked; the rest is numbers.
unsafe impl<F> Send for Registered<F> {}

// SAFETY: a shared reference gives away the function, which is unsafe to call, and the failure, which is
// behind a lock.
unsafe impl<F> Sync for Registered<F> {}

impl<F: Copy> Registered<F> {
    /// # Safety
    ///
    /// The state came from `Box::into_raw`, nobody else owns it, its closure is `Send`, and the function
    /// and the place are its own.
    pub(crate) unsafe fn new<T: Finish + 'static>(
        function: F,
        data: *mut c_void,
        place: Option<Place>,
        state: *mut T,
    ) -> Self {
        let state: *mut dyn Finish = state;
        // SAFETY: a box is never null.
        let state = unsafe { NonNull::new_unchecked(state) };
        Self { function, data, place, state }
    }

    /// The function. To call it is sound while this lives; see [`Callback`](crate::Callback).
    #[must_use]
    pub fn as_fn(&self) -> F {
        self.function
    }

    /// The user data that it is to be called with: null if it takes none.
    #[must_use]
    pub fn data(&self) -> *mut c_void {
        self.data
    }

    /// Says what went wrong in the calls since the last time.
    ///
    /// # Errors
    ///
    /// [`Reentrant`](crate::ErrorKind::Reentrant), if the closure was called while it ran.
    ///
    /// # Panics
    ///
    /// With what the closure has panicked with. Its calls are not run any more, even so.
    pub fn check(&self) -> Result<()> {
        // SAFETY: the box is given back in `drop` alone.
        unsafe { self.state.as_ref() }.finish()
    }
}

impl<F> Drop for Registered<F> {
    fn drop(&mut self) {
        drop(self.place.take());
        // SAFETY: the box is given back below.
        if unsafe { self.state.as_ref() }.is_running() {
            // The closure drops its own owner. It is leaked, as it goes on.
            return;
        }
        // SAFETY: it came from `Box::into_raw`, and this is dropped once.
        let state = unsafe { Box::from_raw(self.state.as_ptr()) };
        if thread::panicking() {
            return;
        }
        let panic = state.take_panic();
        drop(state);
        if let Some(payload) = panic {
            resume_unwind(payload);
        }
    }
}

impl<F> fmt::Debug for Registered<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registered").field("data", &self.data).finish_non_exhaustive()
    }
}
