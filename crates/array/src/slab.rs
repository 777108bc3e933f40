//! An array that several threads write, each its own chunks.

#![expect(unsafe_code, reason = "threads write disjoint parts of one array")]

use std::cell::UnsafeCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use smallvec::SmallVec;

use crate::buffer::{Buffer, Part};
use crate::chunks::Chunks;
use crate::destination::{Claimed, Destination, Made};
use crate::element::Element;
use crate::error::{Error, ErrorKind, Result};
use crate::window::{Window, count};

/// A dense array in row-major order. Who claims one of its chunks may write there, and nobody else then.
pub(crate) struct Slab<T> {
    elements: Box<[UnsafeCell<T>]>,
    strides: SmallVec<[usize; 4]>,
    chunks: Chunks,
    claimed: Box<[AtomicBool]>,
}

// SAFETY: elements are reached through a claimed chunk alone, which one thread has.
unsafe impl<T: Send> Sync for Slab<T> {}

/// A chunk that was claimed.
pub(crate) struct Claim<'a, T> {
    slab: &'a Slab<T>,
    window: Window,
}

impl<T: Element> Slab<T> {
    /// An array of zeros.
    ///
    /// # Errors
    /// [`ErrorKind::Memory`] if the system has not so much.
    pub(crate) fn new(chunks: Chunks) -> Result<Self> {
        let shape = chunks.shape();
        let len = count(&shape);
        is_there::<T>(len)?;
        is_there::<AtomicBool>(chunks.count())?;
        let mut elements = vec![T::default(); len].into_boxed_slice();
        ask_for_huge_pages(&mut elements);
        let mut strides: SmallVec<[usize; 4]> = SmallVec::from_elem(1, shape.len());
        for axis in (1..shape.len()).rev() {
            strides[axis - 1] = strides[axis] * shape[axis];
        }
        let claimed = (0..chunks.count()).map(|_| AtomicBool::new(false)).collect();
        let raw = Box::into_raw(elements) as *mut [UnsafeCell<T>];
        // SAFETY: `UnsafeCell<T>` has the layout of `T`, and the box was just given up.
        let elements = unsafe { Box::from_raw(raw) };
        Ok(Self { elements, strides, chunks, claimed })
    }

    /// The right to write a chunk, for the first that asks.
    pub(crate) fn claim(&self, chunk: usize) -> Option<Claim<'_, T>> {
        let was_claimed = self.claimed[chunk].swap(true, Ordering::Relaxed);
        (!was_claimed).then(|| Claim { slab: self, window: self.chunks.window(chunk) })
    }

    /// The elements, when nobody writes any more.
    pub(crate) fn into_elements(self) -> Vec<T> {
        let raw = Box::into_raw(self.elements) as *mut [T];
        // SAFETY: as in `new`, back again; no claim can be alive, since they borrow the slab.
        unsafe { Box::from_raw(raw) }.into_vec()
    }
}

/// Asks the system whether it has memory for so many elements. It is asked beforehand, because only the zeros of `vec!`
/// cost nothing before they are written, and that ends the process if there is no memory.
fn is_there<T>(len: usize) -> Result<()> {
    Vec::<T>::new().try_reserve_exact(len).map_err(|error| {
        let bytes = len as u128 * size_of::<T>() as u128;
        let sentence = format!("{bytes} bytes for an array are more than the system has");
        Error::new(ErrorKind::Memory, sentence).because(error)
    })
}

/// Asks the system for pages of 2 MiB: it then has 512 times fewer to find when they are first written, which takes
/// longer than to compute what stands there. It asks for pages that lie wholly within the elements, so that they take no
/// more memory. What comes of it makes no difference but to the time.
#[cfg(target_os = "linux")]
fn ask_for_huge_pages<T>(elements: &mut [T]) {
    const HUGE: usize = 2 << 20;
    let range = elements.as_mut_ptr_range();
    let start = range.start.addr().next_multiple_of(HUGE);
    let end = range.end.addr() / HUGE * HUGE;
    if let Some(len @ 1..) = end.checked_sub(start) {
        let first = range.start.with_addr(start).cast();
        // SAFETY: the pages are within `elements`, which are borrowed, and the advice keeps what they hold.
        let _ = unsafe { rustix::mm::madvise(first, len, rustix::mm::Advice::LinuxHugepage) };
    }
}

#[cfg(not(target_os = "linux"))]
fn ask_for_huge_pages<T>(_: &mut [T]) {}

impl<T: Element> Claim<'_, T> {
    /// Writes the elements of a window within the chunk, dense, in row-major order.
    pub(crate) fn write(&mut self, window: &Window, elements: &[T]) {
        let mut is_inside = window.ndim() == self.window.ndim() && elements.len() == window.len();
        for axis in 0..window.ndim() {
            let (part, chunk) = (window.range(axis), self.window.range(axis));
            is_inside &= chunk.start <= part.start && part.end <= chunk.end;
        }
        assert!(is_inside, "{window:?} of {} elements in {:?}", elements.len(), self.window);
        let (len, rows) = crate::tile::rows(window);
        if len == 0 {
            return;
        }
        for (row, start) in elements.chunks_exact(len).zip(rows) {
            let place =
                start.iter().zip(&self.slab.strides).map(|(i, stride)| i * stride).sum::<usize>();
            let cells = &self.slab.elements[place..place + len];
            let to = UnsafeCell::raw_get(cells.as_ptr());
            // SAFETY: `cells` are in the window of this claim, which was checked above, and no other claim is for
            // any of them, because chunks are disjoint and claimed once. `row` is as long, and no part of a slab.
            unsafe { std::ptr::copy_nonoverlapping(row.as_ptr(), to, len) };
        }
    }
}

impl<T: Element> Destination for Slab<T> {
    fn claim<'a>(&'a self, chunk: usize) -> Box<dyn Claimed + 'a> {
        match Self::claim(self, chunk) {
            Some(claim) => Box::new(claim),
            None => unreachable!("chunk {chunk} is made twice"),
        }
    }

    fn finish(self: Box<Self>) -> Made {
        Made::Memory(Arc::new(Buffer::of(self.into_elements())))
    }
}

impl<T: Element> Claimed for Claim<'_, T> {
    fn write(&mut self, window: &Window, elements: &Part<'_>) {
        Claim::write(self, window, elements.elements());
    }

    fn finish(self: Box<Self>) -> Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_claimed_once_and_written_where_they_are() {
        let chunks = Chunks::even(&[4, 6], &[3, 4]).unwrap();
        let slab = Slab::<u64>::new(chunks.clone()).unwrap();
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    for chunk in 0..chunks.count() {
                        if let Some(mut claim) = slab.claim(chunk) {
                            let window = chunks.window(chunk);
                            claim.write(&window, &vec![chunk as u64; window.len()]);
                        }
                    }
                });
            }
        });
        assert!(slab.claim(0).is_none());
        let expected = [[0, 0, 0, 0, 1, 1]; 3].concat().into_iter().chain([2, 2, 2, 2, 3, 3]);
        assert_eq!(slab.into_elements(), expected.collect::<Vec<_>>());
    }

    #[test]
    #[should_panic = "[2..4, 0..1] of 2 elements in [0..3, 0..4]"]
    fn nothing_outside_of_a_claim_is_written() {
        let slab = Slab::<u8>::new(Chunks::even(&[4, 6], &[3, 4]).unwrap()).unwrap();
        slab.claim(0).unwrap().write(&Window::new(&[2..4, 0..1]), &[1, 2]);
    }
}
