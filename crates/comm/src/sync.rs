//! Locks and atomics: those of the machine, or loom's, which tries every order.

#[cfg(not(loom))]
mod kind {
    pub(crate) use std::sync::OnceLock as Once;
    pub(crate) use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering};

    pub(crate) use parking_lot::{Condvar, Mutex};
}

#[cfg(loom)]
mod kind;

pub(crate) use kind::{
    AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Condvar, Mutex, Once, Ordering,
};
