//! A slice of elements whose type is known at run time.

use std::marker::PhantomData;
use std::ptr;
use std::slice;

use crate::{Element, ErrorKind, Layout, Status, Tag};

/// What is sent: a borrowed slice of elements, and how they lie in memory.
#[derive(Clone, Copy, Debug)]
pub struct SendBuffer<'a> {
    start: *const u8,
    count: usize,
    layout: Layout,
    slice: PhantomData<&'a [u8]>,
}

/// What is received into: a slice of elements, borrowed alone.
#[derive(Debug)]
pub struct RecvBuffer<'a> {
    start: *mut u8,
    count: usize,
    layout: Layout,
    slice: PhantomData<&'a mut [u8]>,
}

// SAFETY: it is a shared slice of elements, and `Element` demands `Sync`.
unsafe impl Send for SendBuffer<'_> {}
// SAFETY: as above.
unsafe impl Sync for SendBuffer<'_> {}
// SAFETY: it is an exclusive slice of elements, and `Element` demands `Send`.
unsafe impl Send for RecvBuffer<'_> {}
// SAFETY: nothing is read through a shared one.
unsafe impl Sync for RecvBuffer<'_> {}

impl<'a, T: Element> From<&'a [T]> for SendBuffer<'a> {
    fn from(slice: &'a [T]) -> Self {
        let start = slice.as_ptr().cast();
        Self { start, count: slice.len(), layout: T::LAYOUT, slice: PhantomData }
    }
}

impl<'a, T: Element> From<&'a mut [T]> for RecvBuffer<'a> {
    fn from(slice: &'a mut [T]) -> Self {
        let start = slice.as_mut_ptr().cast();
        Self { start, count: slice.len(), layout: T::LAYOUT, slice: PhantomData }
    }
}

impl SendBuffer<'_> {
    /// # Safety
    /// `start` must be good for reads of `count` elements of that layout as long as the borrow lasts.
    pub(super) unsafe fn of_raw(start: *const u8, count: usize, layout: Layout) -> Self {
        Self { start, count, layout, slice: PhantomData }
    }

    /// The first element.
    #[must_use]
    pub fn as_ptr(&self) -> *const u8 {
        self.start
    }

    /// How many elements there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// How they lie in memory.
    #[must_use]
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// How many bytes there are.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.count * self.layout.bytes()
    }

    /// The bytes, of which all have a value.
    ///
    /// # Errors
    /// [`Elements`](ErrorKind::Elements) but for [plain](Layout::is_plain) ones.
    pub fn as_bytes(&self) -> Result<&[u8], ErrorKind> {
        self.layout.checked_plain()?;
        // SAFETY: it is a borrowed slice, and elements of a plain layout have no gaps between fields.
        Ok(unsafe { slice::from_raw_parts(self.start, self.bytes()) })
    }

    /// The same without the borrow, for what goes on after a call.
    ///
    /// # Safety
    /// The elements must be there and must not change until the [`Pending`](crate::Pending) that is
    /// started with this says that it is done, or is dropped; for ever if it is forgotten.
    #[must_use]
    pub unsafe fn detach(self) -> SendBuffer<'static> {
        SendBuffer { slice: PhantomData, ..self }
    }
}

impl RecvBuffer<'_> {
    /// The first element.
    #[must_use]
    pub fn as_mut_ptr(&mut self) -> *mut u8 {
        self.start
    }

    /// For how many elements there is room.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// How they lie in memory.
    #[must_use]
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// For how many bytes there is room.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.count * self.layout.bytes()
    }

    /// The bytes, of which all have a value and may have any.
    ///
    /// # Errors
    /// [`Elements`](ErrorKind::Elements) but for [plain](Layout::is_plain) ones.
    pub fn as_bytes_mut(&mut self) -> Result<&mut [u8], ErrorKind> {
        self.layout.checked_plain()?;
        // SAFETY: it is a slice that is borrowed alone; elements of a plain layout have no gaps between
        // fields, and any bits are one.
        Ok(unsafe { slice::from_raw_parts_mut(self.start, self.bytes()) })
    }

    /// The same without the borrow, for what goes on after a call.
    ///
    /// # Safety
    /// Nobody else may use the elements until the [`Pending`](crate::Pending) that is started with this
    /// says that it is done, or is dropped; for ever if it is forgotten.
    #[must_use]
    pub unsafe fn detach(self) -> RecvBuffer<'static> {
        RecvBuffer { slice: PhantomData, ..self }
    }

    /// Takes what rank `from` sends with this tag.
    pub(crate) fn fill(
        &mut self,
        data: SendBuffer<'_>,
        from: usize,
        tag: Tag,
    ) -> Result<Status, ErrorKind> {
        let (sent, room) = (data.count, self.count);
        if data.layout != self.layout {
            let (sent, expected) = (data.layout, self.layout);
            return Err(ErrorKind::Type { sent, expected, from, tag });
        }
        if sent > room {
            return Err(ErrorKind::Truncated { sent, room, from, tag });
        }
        // SAFETY: both are borrowed slices, of one layout, and there is room (both just checked). This
        // one is borrowed alone, so that they do not overlap.
        unsafe { ptr::copy_nonoverlapping(data.start, self.start, data.bytes()) };
        Ok(Status::new(from, tag, sent, data.layout))
    }
}
