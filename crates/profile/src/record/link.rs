//! A shared, changeable reference to something that is never freed.

use std::fmt;
use std::marker::PhantomData;
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

/// `Option<&'static T>` in an atomic. Reading and writing it costs what a pointer costs.
pub(crate) struct Link<T: 'static> {
    to: AtomicPtr<T>,
    shares: PhantomData<&'static T>,
}

impl<T> Link<T> {
    /// To nothing.
    pub(crate) const fn none() -> Self {
        Self { to: AtomicPtr::new(ptr::null_mut()), shares: PhantomData }
    }

    /// What it leads to.
    #[inline]
    pub(crate) fn get(&self) -> Option<&'static T> {
        let to = self.to.load(Ordering::Acquire);
        // SAFETY: the pointer is null or comes from a `&'static T` in `set`, the only writer; what
        // it pointed at was written before, which the release there and the acquire here order.
        unsafe { to.as_ref() }
    }

    /// Leads it elsewhere.
    #[inline]
    pub(crate) fn set(&self, to: Option<&'static T>) {
        let to = to.map_or(ptr::null_mut(), |to| ptr::from_ref(to).cast_mut());
        self.to.store(to, Ordering::Release);
    }
}

impl<T> fmt::Debug for Link<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Link({:p})", self.to.load(Ordering::Relaxed))
    }
}
