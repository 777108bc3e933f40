//! A copy of what was sent, for a receiver that is not there yet.

use std::mem::MaybeUninit;
use std::ptr;

use super::SendBuffer;
use crate::Layout;

/// Bytes that need no allocation of their own.
const SMALL: usize = 64;

/// The bytes of some elements. Those between fields may have no value.
#[derive(Debug)]
pub(crate) struct Packed {
    bytes: Bytes,
    count: usize,
    layout: Layout,
}

#[derive(Debug)]
enum Bytes {
    Small([MaybeUninit<u8>; SMALL]),
    Large(Box<[MaybeUninit<u8>]>),
}

impl Packed {
    pub(crate) fn of(data: SendBuffer<'_>) -> Self {
        let mut bytes = if data.bytes() <= SMALL {
            Bytes::Small([MaybeUninit::uninit(); SMALL])
        } else {
            Bytes::Large(Box::new_uninit_slice(data.bytes()))
        };
        let room = match &mut bytes {
            Bytes::Small(room) => &mut room[..],
            Bytes::Large(room) => &mut room[..],
        };
        let start = room.as_mut_ptr().cast();
        // SAFETY: `data` is a borrowed slice, and the room that was just made is no smaller.
        unsafe { ptr::copy_nonoverlapping(data.as_ptr(), start, data.bytes()) };
        Self { bytes, count: data.count(), layout: data.layout() }
    }

    pub(crate) fn as_buffer(&self) -> SendBuffer<'_> {
        let bytes = match &self.bytes {
            Bytes::Small(bytes) => &bytes[..],
            Bytes::Large(bytes) => &bytes[..],
        };
        // SAFETY: so many elements of that layout were copied here by `of`.
        unsafe { SendBuffer::of_raw(bytes.as_ptr().cast(), self.count, self.layout) }
    }
}
