//! Objects that C has made, and that a function of C frees.

use std::mem::ManuallyDrop;
use std::ptr::NonNull;

use crate::error::{Error, ErrorKind, Result};

/// A pointer that C gave, and the function that frees it: CFFI's `ffi.gc`. It is freed once, at the end
/// of the scope at the latest.
///
/// # Examples
///
/// ```
/// use std::ffi::c_void;
/// use tenfold_ffi::Owned;
///
/// unsafe extern "C" {
///     fn malloc(bytes: usize) -> *mut c_void;
///     fn free(pointer: *mut c_void);
/// }
///
/// // SAFETY: it takes any size.
/// let pointer = unsafe { malloc(100) };
/// // SAFETY: it came from `malloc`, and nobody else frees it.
/// let memory = unsafe { Owned::new(pointer, free) }?;
/// assert!(!memory.as_ptr().is_null());
/// # Ok::<(), tenfold_ffi::Error>(())
/// ```
#[derive(Debug)]
#[must_use = "it is freed at once"]
pub struct Owned<T, R = ()> {
    pointer: NonNull<T>,
    free: unsafe extern "C" fn(*mut T) -> R,
}

impl<T, R> Owned<T, R> {
    /// Takes a pointer over.
    ///
    /// # Errors
    ///
    /// [`Null`](ErrorKind::Null) if it is null, as C says that it has failed: `free` is not called.
    ///
    /// # Safety
    ///
    /// `free` may be called with the pointer once, from this thread, at any time, and nobody else frees it.
    ///
    /// # Examples
    ///
    /// See [`Owned`].
    pub unsafe fn new(pointer: *mut T, free: unsafe extern "C" fn(*mut T) -> R) -> Result<Self> {
        let message = "the argument `pointer` is null";
        let pointer = NonNull::new(pointer).ok_or_else(|| Error::new(ErrorKind::Null, message))?;
        Ok(Self { pointer, free })
    }

    /// The pointer, which lives as long as this.
    #[must_use]
    pub fn as_ptr(&self) -> *mut T {
        self.pointer.as_ptr()
    }

    /// Gives the pointer back, unfreed.
    #[must_use = "nobody frees it otherwise"]
    pub fn into_raw(self) -> *mut T {
        ManuallyDrop::new(self).pointer.as_ptr()
    }

    /// Frees it, for what the function says of that.
    #[expect(clippy::must_use_candidate, reason = "not all functions say something")]
    pub fn free(self) -> R {
        let this = ManuallyDrop::new(self);
        // SAFETY: the caller of `new` promised it, and as this is never dropped it is the only call.
        unsafe { (this.free)(this.pointer.as_ptr()) }
    }
}

impl<T, R> Drop for Owned<T, R> {
    fn drop(&mut self) {
        // SAFETY: the caller of `new` promised it, and this is dropped once.
        unsafe { (self.free)(self.pointer.as_ptr()) };
    }
}
