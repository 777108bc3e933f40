//! Requests that borrow their buffers.

use std::cell::RefCell;
use std::fmt;
use std::marker::PhantomData;

use super::{RecvBuffer, SendBuffer};
use crate::communicator::{checked_address, checked_want};
use crate::{
    Call, CallKind, Communicator, Element, ErrorKind, Mode, Pending, Result, Source, Status, Tag,
    Tags,
};

/// Where requests borrow their buffers, see [`Communicator::scope`].
///
/// The scope, not the request, holds what is under way: a request that is forgotten is waited for all
/// the same.
pub struct Scope<'scope, 'env: 'scope, C: Communicator> {
    comm: &'env C,
    pending: RefCell<Vec<Option<C::Pending<'env>>>>,
    // Neither lifetime may be shortened or stretched, as in `std::thread::Scope`.
    scope: PhantomData<&'scope mut &'scope ()>,
    env: PhantomData<&'env mut &'env ()>,
}

/// A send or a receive of a [`Scope`]. One that is dropped goes on: the scope
/// waits for it.
pub struct ScopedRequest<'scope, 'env, C: Communicator> {
    scope: &'scope Scope<'scope, 'env, C>,
    at: usize,
}

/// Runs `body`, then waits for what it has started; takes that back if `body` panics.
pub(crate) fn scope<'env, C: Communicator + 'env, R>(
    comm: &'env C,
    body: impl for<'scope> FnOnce(&'scope Scope<'scope, 'env, C>) -> Result<R>,
) -> Result<R> {
    // The borrows of buffers last until this function comes back. By then the vector is empty, or, where
    // something unwinds, has been dropped, and with it what is under way.
    let scope = Scope { comm, pending: RefCell::new(vec![]), scope: PhantomData, env: PhantomData };
    let result = body(&scope)?;
    let mut first = Ok(());
    for pending in scope.pending.take().into_iter().flatten() {
        first = first.and(pending.wait().map(drop));
    }
    first.map(|()| result)
}

impl<'scope, 'env, C: Communicator + 'env> Scope<'scope, 'env, C> {
    fn keep(&'scope self, pending: C::Pending<'env>) -> ScopedRequest<'scope, 'env, C> {
        let mut list = self.pending.borrow_mut();
        list.push(Some(pending));
        ScopedRequest { scope: self, at: list.len() - 1 }
    }

    fn send<T: Element>(
        &'scope self,
        data: &'scope [T],
        to: (usize, Tag),
        mode: Mode,
    ) -> Result<ScopedRequest<'scope, 'env, C>> {
        let address = checked_address(self.comm, to, mode)?;
        // SAFETY: the borrow lasts longer than the scope, at whose end this is done or dropped.
        let data = unsafe { SendBuffer::from(data).detach() };
        self.comm.start_send(data, address).map(|pending| self.keep(pending))
    }

    /// Starts to send.
    ///
    /// # Errors
    /// A rank or a tag that is not there; a world that has failed.
    #[track_caller]
    pub fn isend<T: Element>(
        &'scope self,
        data: &'scope [T],
        to: usize,
        tag: Tag,
    ) -> Result<ScopedRequest<'scope, 'env, C>> {
        let call = Call::new(CallKind::Isend).sends(data, to, tag);
        self.comm.observe(&call, || self.send(data, (to, tag), Mode::Standard))
    }

    /// Starts to send, and is done when the receiver has begun to receive.
    ///
    /// # Errors
    /// As [`isend`](Self::isend).
    #[track_caller]
    pub fn issend<T: Element>(
        &'scope self,
        data: &'scope [T],
        to: usize,
        tag: Tag,
    ) -> Result<ScopedRequest<'scope, 'env, C>> {
        let call = Call::new(CallKind::Issend).sends(data, to, tag);
        self.comm.observe(&call, || self.send(data, (to, tag), Mode::Synchronous))
    }

    /// Starts to receive.
    ///
    /// # Errors
    /// As [`isend`](Self::isend).
    #[track_caller]
    pub fn irecv<T: Element>(
        &'scope self,
        room: &'scope mut [T],
        from: impl Into<Source>,
        tag: impl Into<Tags>,
    ) -> Result<ScopedRequest<'scope, 'env, C>> {
        let (from, tag) = (from.into(), tag.into());
        let call = Call::new(CallKind::Irecv).receives(room, from, tag);
        self.comm.observe(&call, || {
            let want = checked_want(self.comm, from, tag)?;
            // SAFETY: as in `send`, and the borrow is exclusive.
            let room = unsafe { RecvBuffer::from(room).detach() };
            self.comm.start_receive(room, want).map(|pending| self.keep(pending))
        })
    }
}

impl<'env, C: Communicator + 'env> ScopedRequest<'_, 'env, C> {
    /// Whether [`wait`](Self::wait) would come back at once.
    #[must_use]
    pub fn is_done(&mut self) -> bool {
        let mut list = self.scope.pending.borrow_mut();
        list[self.at].as_mut().is_none_or(Pending::is_done)
    }

    /// Waits until it is done. The buffer can be used when the scope has ended.
    ///
    /// # Errors
    /// As [`Request::wait`](crate::Request::wait).
    #[track_caller]
    pub fn wait(self) -> Result<Status> {
        self.scope.comm.observe(&Call::new(CallKind::Wait), || {
            // Taken in here: where `observe` does not call this, the scope still waits for it.
            let taken = self.scope.pending.borrow_mut()[self.at].take();
            taken.ok_or(ErrorKind::Cancelled)?.wait()
        })
    }

    /// Takes it back; `false` where somebody has met it, and it is done then, or where the system cannot take it
    /// back, and the scope waits for it.
    #[must_use]
    pub fn cancel(self) -> bool {
        let mut list = self.scope.pending.borrow_mut();
        let Some(mut pending) = list[self.at].take() else { return false };
        let is_cancelled = pending.cancel();
        if !is_cancelled && !pending.is_done() {
            list[self.at] = Some(pending);
        }
        is_cancelled
    }
}

impl<'env, C: Communicator + 'env> fmt::Debug for Scope<'_, 'env, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope").finish_non_exhaustive()
    }
}

impl<'env, C: Communicator + 'env> fmt::Debug for ScopedRequest<'_, 'env, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScopedRequest").field("at", &self.at).finish_non_exhaustive()
    }
}
