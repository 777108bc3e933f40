//! A closure, and how it fares.

use std::any::{Any, TypeId};
use std::marker::PhantomData;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::callback::closure::{Kind, Run};
use crate::callback::on_error::OnError;
use crate::error::{Error, ErrorKind, Result};

/// It may be called.
const READY: u8 = 0;
/// It runs, and may not run twice at a time.
const RUNNING: u8 = 1;
/// It has panicked, and is not called again.
const PANICKED: u8 = 2;

/// What went wrong in a call, until somebody asks.
enum Failure {
    Panic(Box<dyn Any + Send>),
    Reentrant,
}

/// What a trampoline finds behind its pointer. It stays where it is.
#[repr(C)]
pub(crate) struct State<K, R> {
    /// First, so that whoever has the pointer sees whose it is.
    pub(crate) head: Head,
    status: AtomicU8,
    on_error: R,
    closure: K,
    failure: Mutex<Option<Failure>>,
}

/// The begin of every state.
pub(crate) struct Head {
    tag: TypeId,
}

impl Head {
    /// That of no state.
    pub(crate) const fn nobody() -> Self {
        Self { tag: TypeId::of::<Self>() }
    }

    /// Whether it is that of a state with this closure.
    #[inline]
    pub(crate) fn is_of<K, R>(&self) -> bool {
        self.tag == tag::<State<K, R>>()
    }
}

/// A number of a type, which may borrow: types that differ in lifetimes alone have one.
fn tag<T>() -> TypeId {
    trait Tagged {
        fn tag(&self) -> TypeId
        where
            Self: 'static;
    }
    impl<T> Tagged for PhantomData<T> {
        fn tag(&self) -> TypeId
        where
            Self: 'static,
        {
            TypeId::of::<T>()
        }
    }
    let phantom = PhantomData::<T>;
    let borrowed: &dyn Tagged = &phantom;
    // SAFETY: only the bound changes, which is there so that nobody takes the number for a proof that two
    // types have the same lifetimes; nobody here does, and the method looks at no value.
    let tagged = unsafe { mem::transmute::<&dyn Tagged, &(dyn Tagged + 'static)>(borrowed) };
    tagged.tag()
}

impl<K: Kind, R: OnError> State<K, R> {
    pub(crate) fn new(closure: K, on_error: R) -> Self {
        Self {
            head: Head { tag: tag::<Self>() },
            status: AtomicU8::new(READY),
            on_error,
            closure,
            failure: Mutex::new(None),
        }
    }

    /// Calls the closure, unless it has panicked or runs: then C gets the value of an error. Between plain
    /// loads and stores nothing waits, so that a call costs what C's does.
    #[inline]
    pub(crate) fn call<A>(&self, arguments: A) -> R
    where
        K: Run<A, Result = R>,
    {
        if self.status.load(Ordering::Relaxed) != READY {
            return self.refuse();
        }
        if K::IS_EXCLUSIVE {
            self.status.store(RUNNING, Ordering::Relaxed);
        }
        // SAFETY: an exclusive closure does not run, as the status said, and whoever made the function
        // pointer known to C promised that its calls do not overlap.
        match catch_unwind(AssertUnwindSafe(|| unsafe { self.closure.run(arguments) })) {
            Ok(result) => {
                if K::IS_EXCLUSIVE {
                    self.status.store(READY, Ordering::Relaxed);
                }
                result
            }
            Err(payload) => self.panicked(payload),
        }
    }

    #[cold]
    #[inline(never)]
    fn refuse(&self) -> R {
        if self.status.load(Ordering::Relaxed) == RUNNING {
            self.note(Failure::Reentrant);
        }
        self.on_error
    }

    #[cold]
    #[inline(never)]
    fn panicked(&self, payload: Box<dyn Any + Send>) -> R {
        self.status.store(PANICKED, Ordering::Relaxed);
        self.note(Failure::Panic(payload));
        self.on_error
    }
}

impl<K, R> State<K, R> {
    /// Keeps the first failure, but a panic before all else.
    fn note(&self, failure: Failure) {
        let mut noted = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        let second = match (&*noted, failure) {
            (None | Some(Failure::Reentrant), failure) => {
                *noted = Some(failure);
                None
            }
            (Some(Failure::Panic(_)), failure) => Some(failure),
        };
        drop(noted);
        if let Some(Failure::Panic(payload)) = second {
            // Two threads have panicked. To drop what one said may panic again.
            mem::forget(payload);
        }
    }

    fn take(&self) -> Option<Failure> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// What an owner asks of a state, whatever its closure is.
pub(crate) trait Finish {
    /// Goes on with the panic of the closure, or says what else went wrong since the last time.
    fn finish(&self) -> Result<()>;

    /// Whether the closure runs, as far as is known: of one that may run several times at a time it is not.
    fn is_running(&self) -> bool;

    /// The panic of the closure, if it was not asked for.
    fn take_panic(&self) -> Option<Box<dyn Any + Send>>;
}

impl<K, R> Finish for State<K, R> {
    fn finish(&self) -> Result<()> {
        match self.take() {
            None => Ok(()),
            Some(Failure::Panic(payload)) => resume_unwind(payload),
            Some(Failure::Reentrant) => {
                let message = "a callback was called while it ran, and its closure may change what it \
                               has: see `Callback::shared`";
                Err(Error::new(ErrorKind::Reentrant, message))
            }
        }
    }

    fn is_running(&self) -> bool {
        self.status.load(Ordering::Relaxed) == RUNNING
    }

    fn take_panic(&self) -> Option<Box<dyn Any + Send>> {
        match self.take()? {
            Failure::Panic(payload) => Some(payload),
            Failure::Reentrant => None,
        }
    }
}

impl<K, R> Drop for State<K, R> {
    fn drop(&mut self) {
        // Nobody asked, as another panic is on its way. To drop a payload may panic, so it is left.
        if let Some(payload) = self.take_panic() {
            mem::forget(payload);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_told_apart_whatever_they_borrow() {
        fn same<'a, 'b>(_: &'a u8, _: &'b u8) -> bool {
            tag::<&'a u8>() == tag::<&'b u8>()
        }
        assert!(same(&1, &2));
        assert_ne!(tag::<&u8>(), tag::<&i8>());
    }
}
