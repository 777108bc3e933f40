//! An array that several threads write, each its own chunks.

#![expect(unsafe_code, reason = "threads write disjoint parts of one array")]

use std::cell::UnsafeCell;
use std::cmp::Reverse;
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ndarray::{ArrayViewMut, Dimension};
use smallvec::SmallVec;

use crate::buffer::{Buffer, Part};
use crate::chunks::Chunks;
use crate::destination::{Claimed, Destination, Made};
use crate::element::Element;
use crate::error::{Error, ErrorKind, Result};
use crate::gather::{dense_strides, each_pair_of_places, is_dense};
use crate::room::Room;
use crate::window::{Dims, Window, count};

/// An array in memory. Who claims one of its chunks may write there, and nobody else then.
pub(crate) struct Slab<'a, T> {
    memory: Memory<'a, T>,
    /// How far neighbours along each axis lie apart.
    strides: SmallVec<[isize; 4]>,
    /// The axes in the order in which they are gone through: the one whose neighbours lie closest is the last.
    order: Dims,
    chunks: Chunks,
    claimed: Box<[AtomicBool]>,
}

enum Memory<'a, T> {
    /// Dense, in row-major order.
    Own(Box<[UnsafeCell<T>]>),
    /// Where the first element of somebody's array is, which is borrowed from him.
    Lent(*mut T, PhantomData<&'a mut T>),
}

// SAFETY: elements are owned, or borrowed as by `&mut`.
unsafe impl<T: Send> Send for Slab<'_, T> {}

// SAFETY: elements are reached through a claimed chunk alone, which one thread has.
unsafe impl<T: Send> Sync for Slab<'_, T> {}

/// A chunk that was claimed.
pub(crate) struct Claim<'a, T> {
    slab: &'a Slab<'a, T>,
    window: Window,
}

impl<T: Element> Slab<'static, T> {
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
        let raw = Box::into_raw(elements) as *mut [UnsafeCell<T>];
        // SAFETY: `UnsafeCell<T>` has the layout of `T`, and the box was just given up.
        let elements = unsafe { Box::from_raw(raw) };
        Ok(Self::of(Memory::Own(elements), dense_strides(&shape), chunks))
    }
}

impl<'a, T: Element> Slab<'a, T> {
    /// The array that is borrowed, of any layout and of the shape that `chunks` cut.
    ///
    /// # Errors
    /// [`ErrorKind::Memory`] if the system has no byte for each chunk.
    pub(crate) fn lent<D: Dimension>(
        mut view: ArrayViewMut<'a, T, D>,
        chunks: Chunks,
    ) -> Result<Self> {
        assert_eq!(view.shape(), chunks.shape().as_slice(), "chunks of another array");
        is_there::<AtomicBool>(chunks.count())?;
        let strides = view.strides().into();
        Ok(Self::of(Memory::Lent(view.as_mut_ptr(), PhantomData), strides, chunks))
    }

    fn of(memory: Memory<'a, T>, strides: SmallVec<[isize; 4]>, chunks: Chunks) -> Self {
        let mut order: Dims = (0..strides.len()).collect();
        let shape = chunks.shape();
        order.sort_by_key(|&axis| (shape[axis] > 1, Reverse(strides[axis].unsigned_abs())));
        let claimed = (0..chunks.count()).map(|_| AtomicBool::new(false)).collect();
        Self { memory, strides, order, chunks, claimed }
    }

    /// The right to write a chunk, for the first that asks.
    pub(crate) fn claim(&self, chunk: usize) -> Option<Claim<'_, T>> {
        let was_claimed = self.claimed[chunk].swap(true, Ordering::Relaxed);
        (!was_claimed).then(|| Claim { slab: self, window: self.chunks.window(chunk) })
    }

    /// Where an element is.
    fn place(&self, index: &[usize]) -> *mut T {
        let first = match &self.memory {
            Memory::Own(elements) => UnsafeCell::raw_get(elements.as_ptr()),
            Memory::Lent(first, _) => *first,
        };
        let along = index.iter().zip(&self.strides);
        first.wrapping_offset(along.map(|(&i, stride)| i.cast_signed() * stride).sum())
    }

    /// The elements of an array of its own, when nobody writes any more.
    pub(crate) fn into_elements(self) -> Option<Vec<T>> {
        let Memory::Own(elements) = self.memory else { return None };
        let raw = Box::into_raw(elements) as *mut [T];
        // SAFETY: as in `new`, back again; no claim can be alive, since they borrow the slab.
        Some(unsafe { Box::from_raw(raw) }.into_vec())
    }
}

/// Asks the system whether it has memory for so many elements. It is asked beforehand, because only the zeros of `vec!`
/// cost nothing before they are written, and that ends the process if there is no memory.
pub(crate) fn is_there<T>(len: usize) -> Result<()> {
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
    /// Where the elements of a window that was checked are, if they lie one after another in row-major order.
    fn dense(&mut self, window: &Window) -> Option<&mut [T]> {
        if window.len() == 0 || !is_dense(window.shape(), &self.slab.strides) {
            return None;
        }
        let first = self.slab.place(window.start());
        // SAFETY: they are elements of the array, of its own or borrowed, in the window of this claim, which was
        // checked. No other claim is for any of them, because chunks are disjoint and claimed once, and this one is
        // borrowed while they are.
        Some(unsafe { std::slice::from_raw_parts_mut(first, window.len()) })
    }

    fn check(&self, window: &Window) {
        let is_within = (0..window.ndim()).all(|axis| {
            let (part, chunk) = (window.range(axis), self.window.range(axis));
            chunk.start <= part.start && part.end <= chunk.end
        });
        assert!(
            window.ndim() == self.window.ndim() && is_within,
            "{window:?} in {:?}",
            self.window
        );
    }

    /// Writes the elements of a window within the chunk, dense, in row-major order.
    pub(crate) fn write(&mut self, window: &Window, elements: &[T]) {
        assert_eq!(elements.len(), window.len(), "elements of {window:?}");
        self.check(window);
        if let Some(out) = self.dense(window) {
            out.copy_from_slice(elements);
        } else if !elements.is_empty() {
            self.write_apart(window, elements);
        }
    }

    /// The same of a window that was checked and lies apart in the array: along the axis whose neighbours lie closest.
    fn write_apart(&mut self, window: &Window, elements: &[T]) {
        let slab = self.slab;
        let first = slab.place(window.start());
        let dense = dense_strides(window.shape());
        let shape: Dims = slab.order.iter().map(|&axis| window.shape()[axis]).collect();
        let [to, from] = [&slab.strides, &dense].map(|strides| {
            slab.order.iter().map(|&axis| strides[axis]).collect::<SmallVec<[_; 4]>>()
        });
        let last = |of: &[isize]| of.last().map_or(1, |stride| *stride);
        let (len, steps) = (shape.last().copied().unwrap_or(1), [last(&to), last(&from)]);
        let outer = &shape[..shape.len().saturating_sub(1)];
        each_pair_of_places(outer, [&to, &from], |[to, from]| {
            let to = first.wrapping_offset(to);
            let row = &elements[from.unsigned_abs()..];
            match steps {
                // SAFETY: they are elements of this claim, as in `dense`. `row` is as long, and no part of a slab.
                [1, 1] => unsafe { std::ptr::copy_nonoverlapping(row[..len].as_ptr(), to, len) },
                [apart, step] => {
                    let row = row.iter().step_by(step.unsigned_abs()).take(len);
                    for (i, &element) in (0..).zip(row) {
                        // SAFETY: as above.
                        unsafe { to.wrapping_offset(apart * i).write(element) };
                    }
                }
            }
        });
    }
}

impl<T: Element> Destination for Slab<'_, T> {
    fn claim<'a>(&'a self, chunk: usize) -> Box<dyn Claimed + 'a> {
        match Self::claim(self, chunk) {
            Some(claim) => Box::new(claim),
            None => unreachable!("chunk {chunk} is made twice"),
        }
    }

    fn finish(self: Box<Self>) -> Made {
        match self.into_elements() {
            Some(own) => Made::Memory(Arc::new(Buffer::of(own))),
            None => Made::Away,
        }
    }
}

impl<T: Element> Claimed for Claim<'_, T> {
    fn write(&mut self, window: &Window, elements: &Part<'_>) {
        Claim::write(self, window, elements.elements());
    }

    fn room(&mut self, window: &Window) -> Option<Room<'_>> {
        self.check(window);
        self.dense(window).map(Room::of)
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
        assert_eq!(slab.into_elements().unwrap(), expected.collect::<Vec<_>>());
    }

    #[test]
    #[should_panic = "[2..4, 0..1] in [0..3, 0..4]"]
    fn nothing_outside_of_a_claim_is_written() {
        let slab = Slab::<u8>::new(Chunks::even(&[4, 6], &[3, 4]).unwrap()).unwrap();
        slab.claim(0).unwrap().write(&Window::new(&[2..4, 0..1]), &[1, 2]);
    }
}
