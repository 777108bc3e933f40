//! What a backend has that exposes no memory.

use crate::memory::{RecvBuffer, SendBuffer};
use crate::{Builtin, CallKind, Exposed, Joint, Lock, Primitive, Result};

/// The memory of a [`Communicator`](crate::Communicator) whose ranks expose none and have none together: there
/// is no such value, and who asks for one is told that it is [`Unsupported`](crate::ErrorKind::Unsupported).
#[derive(Clone, Copy, Debug)]
pub enum NoMemory {}

impl Exposed for NoMemory {
    fn lock(&self, _: usize, _: Lock) -> Result<()> {
        match *self {}
    }

    fn unlock(&self, _: usize) -> Result<()> {
        match *self {}
    }

    fn lock_all(&self) -> Result<()> {
        match *self {}
    }

    fn unlock_all(&self) -> Result<()> {
        match *self {}
    }

    fn flush(&self, _: usize) -> Result<()> {
        match *self {}
    }

    fn meet(&self, _: CallKind) -> Result<()> {
        match *self {}
    }

    fn put(&self, _: SendBuffer<'_>, _: usize, _: usize) -> Result<()> {
        match *self {}
    }

    fn get(&self, _: RecvBuffer<'_>, _: usize, _: usize) -> Result<()> {
        match *self {}
    }

    fn accumulate(
        &self,
        _: SendBuffer<'_>,
        _: usize,
        _: usize,
        _: (Builtin, Primitive),
    ) -> Result<()> {
        match *self {}
    }

    fn fetch_and_op(
        &self,
        _: (SendBuffer<'_>, RecvBuffer<'_>),
        _: usize,
        _: usize,
        _: (Builtin, Primitive),
    ) -> Result<()> {
        match *self {}
    }

    fn compare_and_swap(
        &self,
        _: ([SendBuffer<'_>; 2], RecvBuffer<'_>),
        _: usize,
        _: usize,
        _: Primitive,
    ) -> Result<()> {
        match *self {}
    }

    fn with_local<R>(&self, _: impl FnOnce(&mut [u8]) -> R) -> Result<R> {
        match *self {}
    }

    fn free(self) -> Result<()> {
        match self {}
    }
}

// SAFETY: there is nothing to borrow from.
#[expect(unsafe_code, reason = "a promise about borrows")]
unsafe impl Joint for NoMemory {
    fn meet(&mut self, _: CallKind) -> Result<()> {
        match *self {}
    }

    fn own(&mut self) -> Option<&mut [u8]> {
        match *self {}
    }

    fn part(&self, _: usize) -> Option<&[u8]> {
        match *self {}
    }

    fn free(self) -> Result<()> {
        match self {}
    }
}
