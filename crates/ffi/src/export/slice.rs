//! Slices, as a pointer and a length.

use std::ptr::NonNull;
use std::slice;

use super::extent::Extent;
use super::refusal::{self, Checked, Refusal, Status};

/// A slice that can be there, as far as its pointer and its length say.
#[derive(Debug)]
pub struct Slice<T> {
    name: &'static str,
    address: *mut T,
    len: usize,
}

impl<T: Copy> Slice<T> {
    /// Checks pointer and length. An empty one may be anywhere, and NULL: Python has some that are not aligned.
    ///
    /// # Errors
    ///
    /// NULL, not aligned, or more bytes than there can be.
    pub fn new(name: &'static str, address: *mut T, len: usize) -> Checked<Self> {
        if len == 0 {
            return Ok(Self { name, address: NonNull::dangling().as_ptr(), len });
        }
        refusal::place(name, address)?;
        let bytes = len.checked_mul(size_of::<T>()).filter(|&bytes| isize::try_from(bytes).is_ok());
        if bytes.and_then(|bytes| address.addr().checked_add(bytes)).is_none() {
            let message =
                format!("`{name}` cannot have {len} elements of {} bytes", size_of::<T>());
            return Err(Refusal::new(Status::Shape, message));
        }
        Ok(Self { name, address, len })
    }

    /// Its bytes, for one that is read.
    #[must_use]
    pub fn read(&self) -> Extent {
        self.extent(false)
    }

    /// Its bytes, for one that is written.
    #[must_use]
    pub fn write(&self) -> Extent {
        self.extent(true)
    }

    fn extent(&self, writes: bool) -> Extent {
        let start = self.address.addr();
        Extent::new(self.name, start, start + self.len * size_of::<T>(), writes)
    }

    /// The slice.
    ///
    /// # Safety
    ///
    /// So many numbers are there for as long as this is, and nobody writes them.
    #[must_use]
    pub unsafe fn get(&self) -> &[T] {
        // SAFETY: pointer and length have been checked in `new`, and the caller knows of the rest.
        unsafe { slice::from_raw_parts(self.address, self.len) }
    }

    /// The slice, to be written.
    ///
    /// # Safety
    ///
    /// So many numbers are there for as long as this is, and nobody else looks at them.
    #[must_use]
    pub unsafe fn get_mut(&mut self) -> &mut [T] {
        // SAFETY: pointer and length have been checked in `new`, and the caller knows of the rest.
        unsafe { slice::from_raw_parts_mut(self.address, self.len) }
    }
}

#[cfg(test)]
mod tests {
    use std::ptr;

    use super::*;

    fn status(address: *mut f64, len: usize) -> Option<Status> {
        Slice::new("x", address, len).err().map(|refusal| refusal.status)
    }

    #[test]
    fn pointers_and_lengths_are_checked() {
        let mut numbers = [1.0, 2.0];
        let address = numbers.as_mut_ptr();
        assert_eq!(status(address, 2), None);
        assert_eq!(status(ptr::null_mut(), 0), None);
        assert_eq!(status(address.wrapping_byte_add(1), 0), None);
        assert_eq!(status(ptr::null_mut(), 1), Some(Status::Null));
        assert_eq!(status(address.wrapping_byte_add(4), 1), Some(Status::Align));
        for len in [usize::MAX, usize::MAX / 8, isize::MAX as usize / 8 + 1] {
            assert_eq!(status(address, len), Some(Status::Shape), "{len}");
        }
        let end = ptr::without_provenance_mut(usize::MAX - 15);
        assert_eq!((status(end, 1), status(end, 2)), (None, Some(Status::Shape)));
    }

    #[test]
    fn an_empty_one_is_empty() {
        let slice = Slice::<f64>::new("x", ptr::null_mut(), 0).unwrap();
        assert_eq!((slice.read().bytes.start, slice.read().bytes.end), (8, 8));
        // SAFETY: there is nothing.
        assert!(unsafe { slice.get() }.is_empty());
    }
}
