//! Places for callbacks that C calls without a `void *` of their own.
//!
//! Each closure has one function for each place, which looks there for its state. That is 4 KB for a large
//! closure, to whose one body the functions jump, and 6 to 12 KB for a small one, which the compiler puts into
//! each of them: a jump costs 0.14 of a call. A thread-local cell in place of the pool costs more in each
//! call, and could not hold two callbacks of one call.

use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::callback::state::{Head, State};
use crate::error::{Error, ErrorKind, Result};

/// How many such callbacks there may be at a time, in the whole process.
pub(crate) const PLACES: usize = 64;

/// What is at a place that nobody has: no null, so that a call has one thing to look at.
static NOBODY: Head = Head::nobody();

/// The state of the callback that has a place.
static STATES: [AtomicPtr<Head>; PLACES] = [const { AtomicPtr::new(nobody()) }; PLACES];

const fn nobody() -> *mut Head {
    (&raw const NOBODY).cast_mut()
}

static FREE: Mutex<Free> = Mutex::new(Free { taken: 0, next: 0 });

/// Which places are free. They are given away in turn, so that one whose callback is gone stays empty for
/// as long as can be.
struct Free {
    taken: u64,
    next: u32,
}

impl Free {
    fn take(&mut self) -> Option<u32> {
        let after = self.taken.rotate_right(self.next).trailing_ones();
        if after == u64::BITS {
            return None;
        }
        let place = (self.next + after) % u64::BITS;
        self.taken |= 1 << place;
        self.next = (place + 1) % u64::BITS;
        Some(place)
    }

    fn give(&mut self, place: u32) {
        self.taken &= !(1 << place);
    }
}

/// A place that a callback has, until this is dropped.
#[derive(Debug)]
pub(crate) struct Place(u32);

impl Place {
    /// Takes one.
    ///
    /// # Safety
    ///
    /// The state stays where it is until the place is dropped.
    pub(crate) unsafe fn take<K, R>(state: *const State<K, R>) -> Result<Self> {
        let place = FREE.lock().unwrap_or_else(PoisonError::into_inner).take();
        let place = place.ok_or_else(|| {
            let message = format!(
                "there are {PLACES} callbacks without user data, and no more: give C a `void *`"
            );
            Error::new(ErrorKind::Exhausted, message)
        })?;
        STATES[place as usize].store(state.cast_mut().cast(), Ordering::Release);
        Ok(Self(place))
    }

    pub(crate) fn at(&self) -> usize {
        self.0 as usize
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        STATES[self.at()].store(nobody(), Ordering::Release);
        FREE.lock().unwrap_or_else(PoisonError::into_inner).give(self.0);
    }
}

/// The state at a place, if it is one of this closure. Another one may be there, if C calls a callback that
/// is gone.
///
/// # Safety
///
/// The place is not dropped while the state is used.
#[inline]
pub(crate) unsafe fn find<'a, K, R>(place: usize) -> Option<&'a State<K, R>> {
    let state = STATES[place].load(Ordering::Acquire);
    // SAFETY: what is there stays while its place is taken, and that is so during the call.
    let head = unsafe { &*state };
    // SAFETY: it is the begin of such a state, which stays as well.
    head.is_of::<K, R>().then(|| unsafe { &*state.cast::<State<K, R>>() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_given_away_in_turn() {
        let mut free = Free { taken: 0, next: 0 };
        assert_eq!((free.take(), free.take()), (Some(0), Some(1)));
        free.give(0);
        assert!((2..64).all(|place| free.take() == Some(place)));
        assert_eq!((free.take(), free.take()), (Some(0), None));
        free.give(40);
        assert_eq!((free.take(), free.take()), (Some(40), None));
    }
}
