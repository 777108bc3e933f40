//! The allocator that counts.

use std::alloc::{GlobalAlloc, Layout, System};

use super::{allocated, counts, released};

/// A global allocator that counts what another one allocates.
///
/// A session with [`alloc`](crate::Builder::alloc) needs it, and without such a session it costs
/// one relaxed load and a branch a call.
///
/// ```
/// use tenfold_profile::CountingAllocator;
///
/// #[global_allocator]
/// static ALLOCATOR: CountingAllocator = CountingAllocator::system();
/// # fn main() {}
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct CountingAllocator<A = System> {
    inner: A,
}

impl CountingAllocator {
    /// Counts what the system's allocator allocates.
    #[must_use]
    pub const fn system() -> Self {
        Self::new(System)
    }
}

impl<A> CountingAllocator<A> {
    /// Counts what `inner` allocates.
    #[must_use]
    pub const fn new(inner: A) -> Self {
        Self { inner }
    }
}

// SAFETY: every call goes to `inner` as it came, and what `inner` returns is returned; counting
// in between neither unwinds nor touches the memory.
unsafe impl<A: GlobalAlloc> GlobalAlloc for CountingAllocator<A> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract of `alloc`, which is also that of `inner`.
        let block = unsafe { self.inner.alloc(layout) };
        if counts() && !block.is_null() {
            allocated(block.addr(), layout.size());
        }
        block
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as in `alloc`.
        let block = unsafe { self.inner.alloc_zeroed(layout) };
        if counts() && !block.is_null() {
            allocated(block.addr(), layout.size());
        }
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // Struck off first: once it is free, another thread may be given the address.
        if counts() {
            released(block.addr(), layout.size());
        }
        // SAFETY: the caller says that `block` came from here with this layout, so from `inner`.
        unsafe { self.inner.dealloc(block, layout) };
    }

    /// Counts as a block of the new size and a release of the old one.
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        let counts = counts();
        if counts {
            released(block.addr(), layout.size());
        }
        // SAFETY: as in `dealloc`, and the caller keeps what `realloc` asks of the new size.
        let moved = unsafe { self.inner.realloc(block, layout, new_size) };
        if counts {
            // A failed one leaves the old block as it was.
            match moved.is_null() {
                true => super::kept(block.addr(), layout.size()),
                false => allocated(moved.addr(), new_size),
            }
        }
        moved
    }
}
