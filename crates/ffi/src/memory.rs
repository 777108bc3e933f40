//! Memory that objects of C lie in.

use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::ptr::NonNull;
use std::slice;

use crate::error::{Error, ErrorKind, Result};

/// No object lies on less, so that any basic type may be put into it.
const LEAST_ALIGNMENT: usize = 16;

/// Bytes of one's own, all initialised. They stay where they are when this moves, and C may keep
/// their address.
pub(crate) struct Memory {
    start: NonNull<u8>,
    layout: Layout,
    bytes: usize,
}

// SAFETY: nobody else owns the bytes, and they are plain.
unsafe impl Send for Memory {}

// SAFETY: through a shared reference they are only read.
unsafe impl Sync for Memory {}

impl Memory {
    /// Zeroed bytes. There is one at least, so that the address is of something.
    pub(crate) fn zeroed(bytes: usize, alignment: usize) -> Result<Self> {
        let refused = || {
            let message = format!("there is no memory for an object of {bytes} bytes");
            Error::new(ErrorKind::Exhausted, message)
        };
        let alignment = alignment.max(LEAST_ALIGNMENT);
        let layout = Layout::from_size_align(bytes.max(1), alignment).map_err(|_| refused())?;
        // SAFETY: the layout has one byte at least.
        let start = NonNull::new(unsafe { alloc_zeroed(layout) }).ok_or_else(refused)?;
        Ok(Self { start, layout, bytes })
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        // SAFETY: so many were taken, zeroed, and only initialised ones are written since.
        unsafe { slice::from_raw_parts(self.start.as_ptr(), self.bytes) }
    }

    pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
        // SAFETY: as in `bytes`, and `self` is borrowed for as long.
        unsafe { slice::from_raw_parts_mut(self.start.as_ptr(), self.bytes) }
    }

    /// Where it begins. To write there needs what `&mut self` needs.
    pub(crate) fn start(&self) -> *mut u8 {
        self.start.as_ptr()
    }
}

impl Clone for Memory {
    fn clone(&self) -> Self {
        let Ok(mut copy) = Self::zeroed(self.bytes, self.layout.align()) else {
            handle_alloc_error(self.layout)
        };
        copy.bytes_mut().copy_from_slice(self.bytes());
        copy
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        // SAFETY: it was taken with this layout, and is given back once.
        unsafe { dealloc(self.start.as_ptr(), self.layout) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_aligned_zeroed_and_copied() {
        let mut memory = Memory::zeroed(100, 64).unwrap();
        assert_eq!(memory.start().addr() % 64, 0);
        assert_eq!(memory.bytes(), [0; 100]);
        memory.bytes_mut()[99] = 7;
        let copy = memory.clone();
        assert_ne!(copy.start(), memory.start());
        assert_eq!(copy.bytes(), memory.bytes());
    }

    #[test]
    fn too_much_is_an_error() {
        for bytes in [usize::MAX, isize::MAX as usize - 64] {
            let error = Memory::zeroed(bytes, 16).err().unwrap();
            assert_eq!(error.kind(), ErrorKind::Exhausted);
        }
    }
}
