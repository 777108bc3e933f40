//! Places for results, and of numbers that C passes by pointer.

use super::extent::Extent;
use super::refusal::{self, Checked};

/// So many numbers behind a pointer.
#[derive(Debug)]
pub struct Place<T> {
    name: &'static str,
    address: *mut T,
    len: usize,
}

impl<T: Copy> Place<T> {
    /// Checks the pointer.
    ///
    /// # Errors
    ///
    /// NULL, or not aligned.
    pub fn new(name: &'static str, address: *mut T, len: usize) -> Checked<Self> {
        refusal::place(name, address)?;
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
        // The end of memory is no number: what ends there overlaps what it should all the same.
        let end = start.saturating_add(self.len.saturating_mul(size_of::<T>()));
        Extent::new(self.name, start, end, writes)
    }

    /// The number.
    ///
    /// # Safety
    ///
    /// There is a number, which nobody writes meanwhile.
    #[must_use]
    pub unsafe fn get(&self) -> T {
        // SAFETY: it is aligned and not null, and the caller knows that a number is there.
        unsafe { self.address.read() }
    }

    /// Writes one number.
    ///
    /// # Safety
    ///
    /// There is room for it, which nobody else looks at.
    pub unsafe fn put(&self, value: T) {
        // SAFETY: it is aligned and not null, and the caller knows that there is room.
        unsafe { self.address.write(value) };
    }

    /// Writes as many numbers as there is room for.
    ///
    /// # Safety
    ///
    /// As for [`put`](Self::put), with room for `len` of `new`.
    pub unsafe fn put_all(&self, values: &[T]) {
        let count = values.len().min(self.len);
        // SAFETY: it is aligned and not null, the caller knows that there is room for `len`, and what was
        // returned lies elsewhere.
        unsafe { self.address.copy_from_nonoverlapping(values.as_ptr(), count) };
    }
}
