//! The message of the last call that failed, of each thread.

use std::cell::RefCell;
use std::ffi::{CStr, CString, c_char};

use super::header;
use super::refusal::Refusal;

thread_local! {
    static LAST: RefCell<CString> = RefCell::default();
}

/// Keeps the message, with the function's name before it, and gives the status.
#[cold]
#[inline(never)]
pub(super) fn keep(text: &'static [u8], refusal: &Refusal) -> i32 {
    let name = header::name_of(text);
    let message = format!("{name}: {}", refusal.message).replace('\0', "\\0");
    let message = CString::new(message).unwrap_or_default();
    // A thread that ends has no messages any more.
    let _ = LAST.try_with(|last| last.replace(message));
    refusal.status as i32
}

/// Why the last call of this thread failed; empty if none did. Good until the next that fails.
#[must_use]
pub fn last_error() -> *const c_char {
    const NONE: &CStr = c"";
    LAST.try_with(|last| last.borrow().as_ptr()).unwrap_or(NONE.as_ptr())
}
