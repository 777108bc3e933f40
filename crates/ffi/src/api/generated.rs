//! What generated code names. It is no public face: it changes with the program that writes that code.

pub use core::ffi::{
    CStr, c_char, c_double, c_float, c_int, c_long, c_longlong, c_schar, c_short, c_uchar, c_uint,
    c_ulong, c_ulonglong, c_ushort, c_void,
};

pub use num_complex::Complex;

pub use crate::api::array::{Order, ReadArray, WriteArray, check_apart, check_length, length};
pub use crate::api::opaque::{Float128, LongDouble};
pub use crate::api::resolve::Loaded;
pub use crate::error::{Error, Result};
pub use crate::extent::Extent;

use crate::error::ErrorKind;

/// Bit-fields.
pub mod bits {
    pub use crate::api::bits::{read, write};
}

/// The text that a function returned.
///
/// # Errors
///
/// [`Null`](ErrorKind::Null) if it returned the null pointer.
///
/// # Safety
///
/// The text is null or ends with a byte 0, and nobody ever frees or changes it.
pub unsafe fn text(function: &str, text: *const c_char) -> Result<&'static CStr> {
    if text.is_null() {
        let message = format!("`{function}` returned the null pointer in place of a text");
        return Err(Error::new(ErrorKind::Null, message));
    }
    // SAFETY: the caller promises it.
    Ok(unsafe { CStr::from_ptr(text) })
}
