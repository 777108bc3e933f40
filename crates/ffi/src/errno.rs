//! What C says went wrong: `errno`.

use std::ffi::c_int;
use std::fmt;
use std::io;

/// `errno` as one call has left it: 0 if the call set none.
///
/// # Examples
///
/// ```
/// use tenfold_ffi::{Library, args};
///
/// // SAFETY: libc is loaded already.
/// let mut c = unsafe { Library::open("c")? };
/// c.cdef("int close(int file);")?;
/// // SAFETY: no file has that number.
/// let (status, errno) = unsafe { c.prepare("close")?.call_errno(&args![-1])? };
/// assert_eq!(i32::try_from(status)?, -1);
/// assert_eq!(std::io::Error::from(errno).raw_os_error(), Some(errno.code()));
/// assert_ne!(errno.code(), 0);
/// # Ok::<(), tenfold_ffi::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Errno(c_int);

impl Errno {
    /// The number, such as `ENOENT`.
    #[must_use]
    pub fn code(self) -> i32 {
        self.0
    }

    /// Reads that of this thread.
    pub(crate) fn take() -> Self {
        // SAFETY: the platform gives the address of this thread's, which lives as long as the thread.
        let place = unsafe { location() };
        // SAFETY: as above.
        Self(unsafe { place.read() })
    }

    /// Sets that of this thread to 0.
    pub(crate) fn clear() {
        // SAFETY: as in `take`.
        let place = unsafe { location() };
        // SAFETY: as above.
        unsafe { place.write(0) };
    }
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        io::Error::from(*self).fmt(f)
    }
}

impl From<Errno> for io::Error {
    fn from(errno: Errno) -> Self {
        Self::from_raw_os_error(errno.0)
    }
}

unsafe extern "C" {
    #[cfg_attr(any(target_os = "linux", target_os = "emscripten"), link_name = "__errno_location")]
    #[cfg_attr(any(target_vendor = "apple", target_os = "freebsd"), link_name = "__error")]
    #[cfg_attr(
        any(target_os = "android", target_os = "netbsd", target_os = "openbsd"),
        link_name = "__errno"
    )]
    #[cfg_attr(windows, link_name = "_errno")]
    fn location() -> *mut c_int;
}
