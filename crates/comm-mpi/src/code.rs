//! What MPI's functions come back with.

use std::ffi::{CStr, c_int};
use std::fmt;

use mpi::ffi;
use tenfold_comm::{Error, ErrorKind, Result};

/// What MPI says of a code.
#[derive(Debug)]
struct Says(String);

impl fmt::Display for Says {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Says {}

/// That a call went well.
#[inline]
pub(crate) fn check(call: &'static str, code: c_int) -> Result<()> {
    if code == ffi::MPI_SUCCESS as c_int { Ok(()) } else { Err(failed(call, code)) }
}

#[cold]
fn failed(call: &'static str, code: c_int) -> Error {
    Error::caused(ErrorKind::System { call, code }, Says(text(code)))
}

fn text(code: c_int) -> String {
    let mut text = [0; ffi::MPI_MAX_ERROR_STRING as usize + 1];
    let mut length = 0;
    // SAFETY: MPI is at work, as it has given a code; there is room for the longest text, and for a 0 at the end.
    unsafe { ffi::MPI_Error_string(code, text.as_mut_ptr(), &raw mut length) };
    // SAFETY: a C string, and were it not: the last byte is 0.
    let text = unsafe { CStr::from_ptr(text.as_ptr()) };
    text.to_string_lossy().trim().to_owned()
}
