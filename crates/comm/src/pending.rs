//! What goes on after a call, as a backend makes it.

use crate::memory::RecvBuffer;
use crate::{Result, Status};

/// A send or a receive that a backend has started. Programs meet it in a [`Request`](crate::Request).
///
/// # Safety
/// Once [`is_done`](Self::is_done) has said so, [`wait`](Self::wait) has come back, whatever with, or the
/// value is dropped, the implementor must not touch the buffer any more. Dropping one that is not done
/// takes it back, or waits until its copy has ended. [`release`](Self::release) may keep the buffer instead.
#[expect(unsafe_code, reason = "a promise about buffers")]
pub unsafe trait Pending: Sized {
    /// Whether [`wait`](Self::wait) would come back at once.
    fn is_done(&mut self) -> bool;

    /// Waits until it is done.
    ///
    /// # Errors
    /// What the message or the world has come to: [`Truncated`](crate::ErrorKind::Truncated),
    /// [`Type`](crate::ErrorKind::Type), [`RankFailed`](crate::ErrorKind::RankFailed),
    /// [`RankEnded`](crate::ErrorKind::RankEnded).
    fn wait(self) -> Result<Status>;

    /// Takes it back, unless somebody has met it, or the system cannot.
    fn cancel(&mut self) -> bool;

    /// Gives it up, with its buffer: takes it back, or, where the system cannot, keeps the buffer until it
    /// is done.
    fn release<B: 'static>(self, buffer: B) {
        drop(self);
        drop(buffer);
    }

    /// Waits until one of these is done, and tells which; `None` where there are none.
    fn wait_any(list: &mut [&mut Self]) -> Option<usize>;
}

/// A message that has been taken out of the queue, and is still to be received.
pub trait Message: Sized {
    /// What is known of it.
    fn status(&self) -> Status;

    /// Receives it.
    ///
    /// # Errors
    /// [`Truncated`](crate::ErrorKind::Truncated) and [`Type`](crate::ErrorKind::Type);
    /// [`Cancelled`](crate::ErrorKind::Cancelled) if its sender has taken it back.
    fn receive(self, room: RecvBuffer<'_>) -> Result<Status>;
}
