//! Something under way, with its buffer.

use std::mem::ManuallyDrop;

use super::{RecvBuffer, SendBuffer};
use crate::{Element, Error, Pending, Result, Status};

/// Something under way whose buffer moves with it.
///
/// Both are released together. One that is forgotten leaks the elements, which are valid for ever then.
#[derive(Debug)]
pub(crate) struct Held<P: Pending, T: Element> {
    pending: ManuallyDrop<P>,
    buffer: ManuallyDrop<Vec<T>>,
}

impl<P: Pending, T: Element> Drop for Held<P, T> {
    fn drop(&mut self) {
        let (pending, buffer) = self.take();
        pending.release(buffer);
    }
}

impl<P: Pending, T: Element> Held<P, T> {
    pub(crate) fn sending(
        buffer: Vec<T>,
        start: impl FnOnce(SendBuffer<'static>) -> Result<P>,
    ) -> Result<Self, (Vec<T>, Error)> {
        let data = SendBuffer::from(&buffer[..]);
        // SAFETY: the elements stay where they are until `pending` is done or released: `buffer` is not
        // touched before (see `finish`), and is dropped later.
        match start(unsafe { data.detach() }) {
            Ok(pending) => Ok(Self::new(pending, buffer)),
            Err(error) => Err((buffer, error)),
        }
    }

    pub(crate) fn receiving(
        mut buffer: Vec<T>,
        start: impl FnOnce(RecvBuffer<'static>) -> Result<P>,
    ) -> Result<Self, (Vec<T>, Error)> {
        let room = RecvBuffer::from(&mut buffer[..]);
        // SAFETY: as in `sending`.
        match start(unsafe { room.detach() }) {
            Ok(pending) => Ok(Self::new(pending, buffer)),
            Err(error) => Err((buffer, error)),
        }
    }

    fn new(pending: P, buffer: Vec<T>) -> Self {
        Self { pending: ManuallyDrop::new(pending), buffer: ManuallyDrop::new(buffer) }
    }

    /// Both. Nobody may use this afterwards.
    fn take(&mut self) -> (P, Vec<T>) {
        // SAFETY: the callers either drop this or forget it.
        let pending = unsafe { ManuallyDrop::take(&mut self.pending) };
        // SAFETY: as above.
        let buffer = unsafe { ManuallyDrop::take(&mut self.buffer) };
        (pending, buffer)
    }

    fn into_parts(self) -> (P, Vec<T>) {
        ManuallyDrop::new(self).take()
    }

    pub(crate) fn pending(&mut self) -> &mut P {
        &mut self.pending
    }

    /// Waits, and gives the buffer back.
    pub(crate) fn finish(self) -> (Vec<T>, Result<Status>) {
        let (pending, buffer) = self.into_parts();
        let result = pending.wait();
        (buffer, result)
    }

    /// The buffer, of what was taken back.
    pub(crate) fn give_up(self) -> Vec<T> {
        let (pending, buffer) = self.into_parts();
        drop(pending);
        buffer
    }
}

/// Sends, and comes back when it is done.
pub(crate) fn send_within<P: Pending>(
    data: SendBuffer<'_>,
    start: impl FnOnce(SendBuffer<'static>) -> Result<P>,
) -> Result<Status> {
    // SAFETY: the borrow lasts longer than this function, which waits for what it starts, or drops it.
    start(unsafe { data.detach() })?.wait()
}

/// Receives, and comes back when it is done.
pub(crate) fn receive_within<P: Pending>(
    room: RecvBuffer<'_>,
    start: impl FnOnce(RecvBuffer<'static>) -> Result<P>,
) -> Result<Status> {
    // SAFETY: as above.
    start(unsafe { room.detach() })?.wait()
}

/// Sends while `body` runs, and comes back when both are done.
pub(crate) fn send_meanwhile<P: Pending, R>(
    data: SendBuffer<'_>,
    start: impl FnOnce(SendBuffer<'static>) -> Result<P>,
    body: impl FnOnce() -> Result<R>,
) -> Result<R> {
    // SAFETY: as above; `data` is borrowed for `body` too.
    let pending = start(unsafe { data.detach() })?;
    let result = body()?;
    pending.wait().map(|_| result)
}
