//! The records of a library, from inside.

use std::ffi::{CString, c_char};
use std::slice;
use std::sync::OnceLock;

use super::header;

/// What lies between two symbols of the linker.
///
/// # Safety
///
/// Both are ends of one section that is there for ever, and that nobody writes.
#[must_use]
pub unsafe fn between(start: *const u8, stop: *const u8) -> &'static [u8] {
    let len = stop.addr().saturating_sub(start.addr());
    // SAFETY: the caller promises that the bytes from one to the other are a section.
    unsafe { slice::from_raw_parts(start, len) }
}

/// The declarations, for CFFI. A library has one section, so that it is read once.
#[must_use]
pub fn cdef(section: fn() -> &'static [u8]) -> *const c_char {
    static CDEF: OnceLock<CString> = OnceLock::new();
    let text = CDEF.get_or_init(|| {
        let text = header::cdef_of(&header::records_of(section()).unwrap_or_default());
        CString::new(text).unwrap_or_default()
    });
    text.as_ptr()
}
