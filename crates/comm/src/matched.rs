//! A message that was probed and taken.

use std::fmt;

use crate::{Communicator, Element, Message, Result, Status};

/// A message that [`mprobe`](Communicator::mprobe) has taken, and that nobody else can receive now. One
/// that is dropped is lost. Its sender may wait until it is received or dropped, and can take it back before.
#[must_use = "a message that is not received is lost"]
pub struct Matched<'c, C: Communicator + 'c>(C::Message<'c>);

impl<'c, C: Communicator + 'c> Matched<'c, C> {
    pub(crate) fn new(message: C::Message<'c>) -> Self {
        Self(message)
    }

    /// What is known of it.
    #[must_use]
    pub fn status(&self) -> Status {
        self.0.status()
    }

    /// Receives it.
    ///
    /// # Errors
    /// [`Truncated`](crate::ErrorKind::Truncated) and [`Type`](crate::ErrorKind::Type); the message is
    /// lost then. [`Cancelled`](crate::ErrorKind::Cancelled) if its sender has taken it back.
    pub fn recv<T: Element>(self, room: &mut [T]) -> Result<Status> {
        self.0.receive(room.into())
    }
}

impl<'c, C: Communicator + 'c> fmt::Debug for Matched<'c, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Matched").field(&self.status()).finish()
    }
}
