//! A small message on its way from one thread to another, in one cache line or two.

use std::mem::MaybeUninit;
use std::ptr;

use super::SendBuffer;
use crate::Primitive;
use crate::sync::{AtomicU32, Ordering, UnsafeCell};

/// The largest message that fits.
pub(crate) const LINE_BYTES: usize = 64;

const EMPTY: u32 = 0;
/// Somebody reads or writes.
const BUSY: u32 = 1;
const FULL: u32 = 2;

/// Room for one message of numbers, with what it is known by.
///
/// The state stands before the message, so that 27 bytes with a label of 24 are one cache line, which
/// goes from one core to the other once.
#[derive(Debug)]
#[repr(C, align(128))]
pub(crate) struct Line<L> {
    state: AtomicU32,
    content: UnsafeCell<MaybeUninit<Content<L>>>,
}

#[derive(Clone, Copy, Debug)]
#[repr(C)]
struct Content<L> {
    label: L,
    count: u32,
    primitive: Primitive,
    bytes: [MaybeUninit<u8>; LINE_BYTES],
}

// SAFETY: the content is used by the one thread alone that has set `BUSY`.
unsafe impl<L: Send> Sync for Line<L> {}

impl<L: Copy> Line<L> {
    pub(crate) fn new() -> Self {
        let content = UnsafeCell::new(MaybeUninit::uninit());
        Self { state: AtomicU32::new(EMPTY), content }
    }

    /// Whether there is a message.
    pub(crate) fn is_full(&self) -> bool {
        self.state.load(Ordering::Acquire) == FULL
    }

    /// Leaves a message here; `false` where there is one, or it does not fit.
    pub(crate) fn put(&self, label: L, data: SendBuffer<'_>) -> bool {
        let Some(primitive) = data.layout().primitive().filter(|_| data.bytes() <= LINE_BYTES)
        else {
            return false;
        };
        // As many as there are bytes at most.
        let Ok(count) = u32::try_from(data.count()) else { return false };
        if !self.enter(EMPTY) {
            return false;
        }
        let bytes = [MaybeUninit::uninit(); LINE_BYTES];
        self.content.with_mut(|place| {
            // SAFETY: nobody else is here, since `enter` has said so.
            let place = unsafe { &mut *place };
            let content = place.write(Content { label, count, primitive, bytes });
            let start = content.bytes.as_mut_ptr().cast();
            // SAFETY: `data` is a borrowed slice that is no larger than the room, as was just checked.
            unsafe { ptr::copy_nonoverlapping(data.as_ptr(), start, data.bytes()) };
        });
        self.state.store(FULL, Ordering::Release);
        true
    }

    /// Takes the message, if there is one with a label that is wanted.
    pub(crate) fn take<R>(
        &self,
        wants: impl FnOnce(L) -> bool,
        with: impl FnOnce(L, SendBuffer<'_>) -> R,
    ) -> Option<R> {
        if !self.is_full() || !self.enter(FULL) {
            return None;
        }
        // Not copied out: what was just written in small pieces is slow to read in large ones.
        self.content.with(|place| {
            // SAFETY: as above; a panic of `with` leaves it busy, which nobody reads.
            let content = unsafe { &*place };
            // SAFETY: who has set `FULL` has written it.
            let Content { label, count, primitive, bytes } = unsafe { content.assume_init_ref() };
            if !wants(*label) {
                self.state.store(FULL, Ordering::Release);
                return None;
            }
            let start = bytes.as_ptr().cast();
            // SAFETY: so many elements of that layout were copied here by `put`.
            let data = unsafe { SendBuffer::of_raw(start, *count as usize, primitive.layout()) };
            let result = with(*label, data);
            self.state.store(EMPTY, Ordering::Release);
            Some(result)
        })
    }

    /// Goes in, alone, if the state is this.
    fn enter(&self, state: u32) -> bool {
        let entered =
            self.state.compare_exchange(state, BUSY, Ordering::Acquire, Ordering::Relaxed);
        entered.is_ok()
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::{LINE_BYTES, Line};

    #[test]
    fn a_message_is_there_once() {
        let line = Line::new();
        assert!(line.put('a', (&[1.5, 2.5][..]).into()));
        assert!(!line.put('b', (&[0_u8][..]).into()));
        let mut seen = vec![];
        let mut see = |label, data: crate::SendBuffer<'_>| {
            seen.push((label, data.count(), data.as_bytes().unwrap().to_vec(), data.layout()));
        };
        assert!(line.take(|label| label == 'b', &mut see).is_none() && line.is_full());
        assert!(line.take(|label| label == 'a', &mut see).is_some());
        assert!(line.take(|_| true, &mut see).is_none());
        let bytes: Vec<u8> = [1.5_f64, 2.5].iter().flat_map(|x| x.to_ne_bytes()).collect();
        assert_eq!(seen, [('a', 2, bytes, <f64 as crate::Element>::LAYOUT)]);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let line = Line::new();
        assert!(!line.put((), (&[0_u8; LINE_BYTES + 1][..]).into()));
        assert!(!line.put((), (&[[0_u8; 2]; 2][..]).into()));
        assert!(!line.is_full());
        assert!(line.put((), (&[0_u8; LINE_BYTES][..]).into()));
    }

    /// Of two who put and two who take, each message is seen once.
    #[test]
    fn threads_share_a_line() {
        let (line, sum) = (Line::new(), AtomicU64::new(0));
        let take = || {
            let mut count = 0;
            while count < 1000 {
                let add = |label: u64, _: crate::SendBuffer<'_>| {
                    sum.fetch_add(label, Ordering::Relaxed);
                };
                count += u64::from(line.take(|_| true, add).is_some());
                std::thread::yield_now();
            }
        };
        let put = || {
            for label in 0..1000 {
                while !line.put(label, (&[label][..]).into()) {
                    std::thread::yield_now();
                }
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(take);
                scope.spawn(put);
            }
        });
        assert_eq!(sum.into_inner(), 999 * 1000);
    }
}
