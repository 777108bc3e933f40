//! Sends and receives that go on while the program does something else.

use std::fmt;

use crate::memory::Held;
use crate::{Call, CallKind, Communicator, Element, Pending, Result, Status};

/// A send or a receive that has been started, with its buffer.
///
/// Dropped before it is done it is taken back; where the other rank is just copying, that waits for the
/// copy. A send that the system cannot take back goes on. Forgotten, it leaks its buffer.
///
/// ```
/// use tenfold_comm::{Communicator, World};
///
/// let sums = World::threads(2).run(|world| {
///     let other = 1 - world.rank();
///     let receive = world.irecv(vec![0; 3], other, 7)?;
///     world.send(&[1, 2, 3], other, 7)?;
///     let (numbers, status) = receive.wait()?;
///     assert_eq!((status.source(), status.count()), (other, 3));
///     Ok::<i32, tenfold_comm::Error>(numbers.iter().sum())
/// });
/// assert_eq!(sums.unwrap(), [6, 6]);
/// ```
#[must_use = "a request that is dropped is taken back"]
pub struct Request<'c, C: Communicator, T: Element> {
    comm: &'c C,
    held: Held<C::Pending<'c>, T>,
}

fn finish<P: Pending, T: Element>(held: Held<P, T>) -> Result<(Vec<T>, Status)> {
    let (buffer, result) = held.finish();
    result.map(|status| (buffer, status))
}

/// What [`Request::cancel`] came to.
pub enum Cancel<'c, C: Communicator, T: Element> {
    /// It was taken back. Here is the buffer.
    Cancelled(Vec<T>),
    /// It had been met already, and is done.
    Completed(Vec<T>, Status),
    /// It is under way, and the system cannot take it back: sends over some of MPI's implementations.
    Refused(Request<'c, C, T>),
}

impl<'c, C: Communicator + 'c, T: Element> Request<'c, C, T> {
    pub(crate) fn new(comm: &'c C, held: Held<C::Pending<'c>, T>) -> Self {
        Self { comm, held }
    }

    /// Whether [`wait`](Self::wait) would come back at once: MPI's `test`.
    #[must_use]
    pub fn is_done(&mut self) -> bool {
        self.held.pending().is_done()
    }

    /// Waits until it is done, and gives the buffer back. A message that is shorter than the buffer
    /// leaves the rest of it as it was.
    ///
    /// # Errors
    /// [`Truncated`](crate::ErrorKind::Truncated), [`Type`](crate::ErrorKind::Type),
    /// [`RankFailed`](crate::ErrorKind::RankFailed), [`RankEnded`](crate::ErrorKind::RankEnded).
    #[track_caller]
    pub fn wait(self) -> Result<(Vec<T>, Status)> {
        if self.comm.is_observed() { self.wait_observed() } else { finish(self.held) }
    }

    /// Apart, so that a wait that nobody observes is small where programs make it.
    #[cold]
    #[track_caller]
    fn wait_observed(self) -> Result<(Vec<T>, Status)> {
        let Self { comm, held } = self;
        comm.observe(&Call::new(CallKind::Wait), || finish(held))
    }

    /// Takes it back, unless it has been met.
    ///
    /// # Errors
    /// As [`wait`](Self::wait), of one that has been met.
    pub fn cancel(mut self) -> Result<Cancel<'c, C, T>> {
        let pending = self.held.pending();
        if pending.cancel() {
            return Ok(Cancel::Cancelled(self.held.give_up()));
        }
        if !pending.is_done() {
            return Ok(Cancel::Refused(self));
        }
        finish(self.held).map(|(buffer, status)| Cancel::Completed(buffer, status))
    }
}

impl<'c, C: Communicator + 'c, T: Element> fmt::Debug for Request<'c, C, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").finish_non_exhaustive()
    }
}

impl<'c, C: Communicator + 'c, T: Element + fmt::Debug> fmt::Debug for Cancel<'c, C, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cancelled(buffer) => f.debug_tuple("Cancelled").field(buffer).finish(),
            Self::Completed(buffer, status) => {
                f.debug_tuple("Completed").field(buffer).field(status).finish()
            }
            Self::Refused(request) => f.debug_tuple("Refused").field(request).finish(),
        }
    }
}

/// Waits for all, and gives their buffers back in the same order.
///
/// # Errors
/// That of the first in the list which has one. Those behind it are taken back, and what those before it have
/// received is lost: [`wait_each`] keeps it.
#[track_caller]
pub fn wait_all<'c, C: Communicator + 'c, T: Element>(
    requests: impl IntoIterator<Item = Request<'c, C, T>>,
) -> Result<Vec<(Vec<T>, Status)>> {
    let mut done = vec![];
    for request in requests {
        done.push(request.wait()?);
    }
    Ok(done)
}

/// Waits for all, whatever they come to, and gives that in the same order: what [`Request::wait`] gives of each.
///
/// ```
/// use tenfold_comm::{Communicator, Error, ErrorKind, World, wait_each};
///
/// World::threads(1).run(|world| {
///     let requests = vec![world.irecv(vec![0; 1], 0, 0)?, world.irecv(vec![0; 2], 0, 0)?];
///     world.send(&[1, 2], 0, 0)?;
///     world.send(&[3, 4], 0, 0)?;
///     let results = wait_each(requests);
///     let error = results[0].as_ref().unwrap_err();
///     assert!(matches!(error.kind(), ErrorKind::Truncated { sent: 2, room: 1, .. }));
///     let (numbers, _) = results[1].as_ref().unwrap();
///     assert_eq!(numbers, &[3, 4]);
///     Ok::<(), Error>(())
/// }).unwrap();
/// ```
#[track_caller]
#[must_use = "these may be errors"]
pub fn wait_each<'c, C: Communicator + 'c, T: Element>(
    requests: impl IntoIterator<Item = Request<'c, C, T>>,
) -> Vec<Result<(Vec<T>, Status)>> {
    let mut results = vec![];
    for request in requests {
        results.push(request.wait());
    }
    results
}

/// Waits for one, removes it from the list, and tells where it stood; `None` if the list is empty.
///
/// # Errors
/// That of the one which is done. It is removed, and the others stay; [`wait_some`] tells which it was.
#[track_caller]
pub fn wait_any<'c, C: Communicator + 'c, T: Element>(
    requests: &mut Vec<Request<'c, C, T>>,
) -> Result<Option<(usize, Vec<T>, Status)>> {
    let Some(comm) = requests.first().map(|request| request.comm) else { return Ok(None) };
    comm.observe(&Call::new(CallKind::Wait), || {
        let mut list: Vec<_> = requests.iter_mut().map(|request| request.held.pending()).collect();
        let Some(at) = Pending::wait_any(&mut list) else { return Ok(None) };
        let (buffer, status) = finish(requests.remove(at).held)?;
        Ok(Some((at, buffer, status)))
    })
}

/// Waits for one, and removes all that are done, each with its place in the list as it was, and with what
/// [`Request::wait`] gives of it. An empty list gives an empty one.
///
/// # Errors
/// None of its own, and none of a request: what a communicator that [observes](Communicator::observe) refuses.
/// The list is as it was then.
#[track_caller]
#[expect(clippy::type_complexity, reason = "places, and what `wait` gives")]
pub fn wait_some<'c, C: Communicator + 'c, T: Element>(
    requests: &mut Vec<Request<'c, C, T>>,
) -> Result<Vec<(usize, Result<(Vec<T>, Status)>)>> {
    let Some(comm) = requests.first().map(|request| request.comm) else { return Ok(vec![]) };
    comm.observe(&Call::new(CallKind::Wait), || {
        let mut list: Vec<_> = requests.iter_mut().map(|request| request.held.pending()).collect();
        Pending::wait_any(&mut list);
        let (mut done, mut open) = (vec![], vec![]);
        for (at, mut request) in requests.drain(..).enumerate() {
            if request.is_done() {
                done.push((at, request));
            } else {
                open.push(request);
            }
        }
        *requests = open;
        Ok(done.into_iter().map(|(at, request)| (at, finish(request.held))).collect())
    })
}
