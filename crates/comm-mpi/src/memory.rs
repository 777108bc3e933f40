//! Copies between buffers of the program and bytes.

use std::mem::MaybeUninit;
use std::ptr;

use tenfold_comm::{RecvBuffer, SendBuffer};

/// Bytes of a message; those between fields may have no value.
pub(crate) type Bytes = [MaybeUninit<u8>];

/// The bytes of a buffer.
pub(crate) fn bytes<'a>(data: &SendBuffer<'a>) -> &'a Bytes {
    // SAFETY: a slice of elements, borrowed for as long, and any byte may be uninitialised.
    unsafe { std::slice::from_raw_parts(data.as_ptr().cast(), data.bytes()) }
}

/// A copy of the bytes.
pub(crate) fn copied(bytes: &Bytes) -> Box<Bytes> {
    let mut copy = Box::new_uninit_slice(bytes.len());
    copy.copy_from_slice(bytes);
    copy
}

/// Writes the bytes of elements to where there is room for them.
///
/// # Safety
/// They must be those of elements of the buffer's layout.
///
/// # Panics
/// Where there is no room.
pub(crate) unsafe fn fill(room: &mut RecvBuffer<'_>, bytes: &Bytes) {
    assert!(bytes.len() <= room.bytes(), "checked before");
    // SAFETY: there is room, just checked, which is borrowed alone; elements of the layout, says the caller.
    unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), room.as_mut_ptr().cast(), bytes.len()) };
}
