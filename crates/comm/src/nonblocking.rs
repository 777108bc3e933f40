//! Collectives that go on while the program does something else.

use std::cell::Cell;
use std::fmt;
use std::rc::Rc;

use crate::collective::{self, Counts, Stepwise};
use crate::progress::Task;
use crate::{Call, CallKind, Communicator, Element, Operation, Result};

/// A collective that has been started, with its buffers.
///
/// It goes on when this rank asks whether it is done, and in every call of its thread that waits or looks for
/// a message. So requests may be waited for in any order, also in another on each rank. Started by all ranks
/// it comes to an end on all, as long as each makes such calls until its own is done.
///
/// Dropped or forgotten it goes on all the same: the others wait for it. Only its result is lost, and no
/// [panic](NonblockingCollectives#panics) of its operation.
///
/// ```
/// use tenfold_comm::{Communicator, NonblockingCollectives, Sum, World};
///
/// let sums = World::threads(3).run(|world| {
///     let sum = world.iallreduce(vec![world.rank()], vec![0], Sum)?;
///     let all = world.iallgather(vec![world.rank()], vec![0; 3])?;
///     // Something else, then in any order:
///     assert_eq!(all.wait()?, [0, 1, 2]);
///     Ok::<usize, tenfold_comm::Error>(sum.wait()?[0])
/// });
/// assert_eq!(sums.unwrap(), [3; 3]);
/// ```
#[must_use = "a request that is dropped has no result"]
pub struct CollectiveRequest<'c, C: Communicator, R> {
    comm: &'c C,
    task: Rc<Task<C::Handle, R>>,
    number: u64,
}

impl<C: Communicator, R: 'static> CollectiveRequest<'_, C, R> {
    /// Drives it, and tells whether [`wait`](Self::wait) would come back at once: MPI's `test`.
    #[must_use]
    pub fn is_done(&mut self) -> bool {
        self.task.is_done()
    }

    /// Waits until it is done on this rank, and gives what it comes to: the buffer that it was to fill.
    ///
    /// # Errors
    /// [`CountMismatch`](crate::ErrorKind::CountMismatch),
    /// [`CollectiveMismatch`](crate::ErrorKind::CollectiveMismatch), [`Type`](crate::ErrorKind::Type),
    /// [`RankFailed`](crate::ErrorKind::RankFailed), [`RankEnded`](crate::ErrorKind::RankEnded).
    ///
    /// # Panics
    /// Goes on with the panic of its operation.
    #[track_caller]
    pub fn wait(self) -> Result<R> {
        self.comm.observe(&Call::new(CallKind::Wait).of_task(self.number), || {
            self.comm.wait_until(&mut || self.task.is_done());
            self.task.finish()
        })
    }
}

impl<C: Communicator, R> Drop for CollectiveRequest<'_, C, R> {
    fn drop(&mut self) {
        self.task.leave();
    }
}

impl<C: Communicator, R> fmt::Debug for CollectiveRequest<'_, C, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CollectiveRequest").finish_non_exhaustive()
    }
}

thread_local! {
    /// How many collectives this thread has started that are waited for by another call.
    static STARTED: Cell<u64> = const { Cell::new(0) };
}

/// The number of what this thread starts next, which is waited for by another call.
pub(crate) fn next_task() -> u64 {
    STARTED.replace(STARTED.get() + 1)
}

/// Starts what the body makes of the way that its messages go.
fn start<'c, C: Communicator, R: 'static, F: Future<Output = Result<R>> + 'static>(
    comm: &'c C,
    call: &Call,
    body: impl FnOnce(Stepwise<C::Handle>) -> F,
) -> Result<CollectiveRequest<'c, C, R>> {
    let number = next_task();
    comm.observe(&call.of_task(number), || {
        let task = Task::start(comm.handle(), body(Stepwise::new(comm.handle())))?;
        Ok(CollectiveRequest { comm, task, number })
    })
}

/// The collectives of every [`Communicator`], without waiting: a request holds the buffers, and
/// [`wait`](CollectiveRequest::wait) gives back the one that the collective fills.
///
/// Each does what the call of that name without the `i` does, and gives the same bits. Every rank starts the
/// same ones of a communicator in the same order; there may be other collectives in between, which they never
/// meet. What they send is copied aside.
///
/// # Panics
/// What an operation of a reduction holds lives as long as the collective is open. It runs in whatever call drives
/// the collective. A panic of it does not disturb that call: it goes on in the wait for its own request, or where
/// the request is dropped, or in the call that starts the collective, if it runs there. Until then the ranks that
/// wait for this one in the collective wait, as for a rank that does not come. Where the request was dropped
/// before, or is while something else unwinds, nobody would come: the rank has failed then, all are told at once,
/// and the world ends with that panic. So it does when a program ends and has forgotten the request.
///
/// # Errors
/// The call that starts one refuses buffers and roots that do not fit, as the call without the `i` does.
/// Nothing is started then. What comes of the messages is an error of the wait, unless it was there at once. Of two
/// different collectives one of the ranks is told when it hears from the other; of two different roots too. One
/// that fails does no harm to those after it; what other ranks still send for it stays until the world ends.
#[expect(clippy::missing_errors_doc, reason = "the errors of all calls stand above")]
pub trait NonblockingCollectives: Communicator {
    /// Starts a [`barrier`](Communicator::barrier): it is done when every rank has started it.
    ///
    /// ```
    /// use tenfold_comm::{Communicator, NonblockingCollectives, World};
    ///
    /// let counts = World::threads(2).run(|world| {
    ///     let mut barrier = world.ibarrier()?;
    ///     let mut count = 0;
    ///     while !barrier.is_done() {
    ///         // Work that can be done until the others are there.
    ///         count += 1;
    ///     }
    ///     barrier.wait()?;
    ///     Ok::<u64, tenfold_comm::Error>(count)
    /// });
    /// assert_eq!(counts.unwrap().len(), 2);
    /// ```
    #[track_caller]
    fn ibarrier(&self) -> Result<CollectiveRequest<'_, Self, ()>> {
        start(self, &Call::new(CallKind::Ibarrier), collective::barrier)
    }

    /// Starts a [`bcast`](Communicator::bcast), and gives the buffer.
    #[track_caller]
    fn ibcast<T: Element>(
        &self,
        mut buffer: Vec<T>,
        root: usize,
    ) -> Result<CollectiveRequest<'_, Self, Vec<T>>> {
        let call = Call::new(CallKind::Ibcast).root(root).moves(&buffer, &buffer);
        start(self, &call, |way| async move {
            collective::bcast(way, &mut buffer, root).await?;
            Ok(buffer)
        })
    }

    /// Starts a [`scatter`](Communicator::scatter), and gives `recv`.
    #[track_caller]
    fn iscatter<T: Element>(
        &self,
        send: Vec<T>,
        mut recv: Vec<T>,
        root: usize,
    ) -> Result<CollectiveRequest<'_, Self, Vec<T>>> {
        let call = Call::new(CallKind::Iscatter).root(root).moves(&send, &recv);
        start(self, &call, |way| async move {
            let counts = Counts::Each(recv.len());
            collective::scatterv(way, (&send, counts), &mut recv, root).await?;
            Ok(recv)
        })
    }

    /// Starts a [`scatterv`](Communicator::scatterv), and gives `recv`.
    #[track_caller]
    fn iscatterv<T: Element>(
        &self,
        send: Vec<T>,
        counts: &[usize],
        mut recv: Vec<T>,
        root: usize,
    ) -> Result<CollectiveRequest<'_, Self, Vec<T>>> {
        let call = Call::new(CallKind::Iscatter).root(root).moves(&send, &recv);
        let counts = counts.to_vec();
        start(self, &call, |way| async move {
            let counts = Counts::List(&counts);
            collective::scatterv(way, (&send, counts), &mut recv, root).await?;
            Ok(recv)
        })
    }

    /// Starts a [`gather`](Communicator::gather), and gives `recv`.
    #[track_caller]
    fn igather<T: Element>(
        &self,
        send: Vec<T>,
        mut recv: Vec<T>,
        root: usize,
    ) -> Result<CollectiveRequest<'_, Self, Vec<T>>> {
        let call = Call::new(CallKind::Igather).root(root).moves(&send, &recv);
        start(self, &call, |way| async move {
            let counts = Counts::Each(send.len());
            collective::gatherv(way, &send, (&mut recv, counts), root).await?;
            Ok(recv)
        })
    }

    /// Starts a [`gatherv`](Communicator::gatherv), and gives `recv`.
    #[track_caller]
    fn igatherv<T: Element>(
        &self,
        send: Vec<T>,
        mut recv: Vec<T>,
        counts: &[usize],
        root: usize,
    ) -> Result<CollectiveRequest<'_, Self, Vec<T>>> {
        let call = Call::new(CallKind::Igather).root(root).moves(&send, &recv);
        let counts = counts.to_vec();
        start(self, &call, |way| async move {
            let counts = Counts::List(&counts);
            collective::gatherv(way, &send, (&mut recv, counts), root).await?;
            Ok(recv)
        })
    }

    /// Starts an [`allgather`](Communicator::allgather), and gives `recv`.
    #[track_caller]
    fn iallgather<T: Element>(
        &self,
        send: Vec<T>,
        mut recv: Vec<T>,
    ) -> Result<CollectiveRequest<'_, Self, Vec<T>>> {
        let call = Call::new(CallKind::Iallgather).moves(&send, &recv);
        start(self, &call, |way| async move {
            let counts = Counts::Each(send.len());
            collective::allgatherv(way, &send, (&mut recv, counts)).await?;
            Ok(recv)
        })
    }

    /// Starts an [`allgatherv`](Communicator::allgatherv), and gives `recv`.
    #[track_caller]
    fn iallgatherv<T: Element>(
        &self,
        send: Vec<T>,
        mut recv: Vec<T>,
        counts: &[usize],
    ) -> Result<CollectiveRequest<'_, Self, Vec<T>>> {
        let call = Call::new(CallKind::Iallgather).moves(&send, &recv);
        let counts = counts.to_vec();
        start(self, &call, |way| async move {
            let counts = Counts::List(&counts);
            collective::allgatherv(way, &send, (&mut recv, counts)).await?;
            Ok(recv)
        })
    }

    /// Starts an [`alltoall`](Communicator::alltoall), and gives `recv`.
    #[track_caller]
    fn ialltoall<T: Element>(
        &self,
        send: Vec<T>,
        mut recv: Vec<T>,
    ) -> Result<CollectiveRequest<'_, Self, Vec<T>>> {
        let call = Call::new(CallKind::Ialltoall).moves(&send, &recv);
        let counts = Counts::Each(send.len() / self.size());
        start(self, &call, |way| async move {
            collective::alltoallv(way, (&send, counts), (&mut recv, counts)).await?;
            Ok(recv)
        })
    }

    /// Starts an [`alltoallv`](Communicator::alltoallv), and gives `recv`.
    #[track_caller]
    fn ialltoallv<T: Element>(
        &self,
        send: Vec<T>,
        send_counts: &[usize],
        mut recv: Vec<T>,
        recv_counts: &[usize],
    ) -> Result<CollectiveRequest<'_, Self, Vec<T>>> {
        let call = Call::new(CallKind::Ialltoall).moves(&send, &recv);
        let (sends, receives) = (send_counts.to_vec(), recv_counts.to_vec());
        start(self, &call, |way| async move {
            let (sends, receives) = (Counts::List(&sends), Counts::List(&receives));
            collective::alltoallv(way, (&send, sends), (&mut recv, receives)).await?;
            Ok(recv)
        })
    }

    /// Starts a [`reduce`](Communicator::reduce), and gives `recv`.
    #[track_caller]
    fn ireduce<T: Element>(
        &self,
        send: Vec<T>,
        mut recv: Vec<T>,
        operation: impl Operation<T> + 'static,
        root: usize,
    ) -> Result<CollectiveRequest<'_, Self, Vec<T>>> {
        let call = Call::new(CallKind::Ireduce).root(root).moves(&send, &recv).by(&operation);
        start(self, &call, |way| async move {
            collective::reduce(way, &send, &mut recv, &operation, root).await?;
            Ok(recv)
        })
    }

    /// Starts an [`allreduce`](Communicator::allreduce), and gives `recv`.
    #[track_caller]
    fn iallreduce<T: Element>(
        &self,
        send: Vec<T>,
        mut recv: Vec<T>,
        operation: impl Operation<T> + 'static,
    ) -> Result<CollectiveRequest<'_, Self, Vec<T>>> {
        let call = Call::new(CallKind::Iallreduce).moves(&send, &recv).by(&operation);
        start(self, &call, |way| async move {
            collective::allreduce(way, &send, &mut recv, &operation).await?;
            Ok(recv)
        })
    }

    /// Starts a [`scan`](Communicator::scan), and gives `recv`.
    #[track_caller]
    fn iscan<T: Element>(
        &self,
        send: Vec<T>,
        mut recv: Vec<T>,
        operation: impl Operation<T> + 'static,
    ) -> Result<CollectiveRequest<'_, Self, Vec<T>>> {
        let call = Call::new(CallKind::Iscan).moves(&send, &recv).by(&operation);
        start(self, &call, |way| async move {
            collective::scan(way, &send, &mut recv, &operation).await?;
            Ok(recv)
        })
    }

    /// Starts an [`exscan`](Communicator::exscan), and gives `recv`.
    #[track_caller]
    fn iexscan<T: Element>(
        &self,
        send: Vec<T>,
        mut recv: Vec<T>,
        operation: impl Operation<T> + 'static,
    ) -> Result<CollectiveRequest<'_, Self, Vec<T>>> {
        let call = Call::new(CallKind::Iexscan).moves(&send, &recv).by(&operation);
        start(self, &call, |way| async move {
            collective::exscan(way, &send, &mut recv, &operation).await?;
            Ok(recv)
        })
    }

    /// Starts a [`reduce_scatter`](Communicator::reduce_scatter), and gives `recv`.
    #[track_caller]
    fn ireduce_scatter<T: Element>(
        &self,
        send: Vec<T>,
        mut recv: Vec<T>,
        counts: &[usize],
        operation: impl Operation<T> + 'static,
    ) -> Result<CollectiveRequest<'_, Self, Vec<T>>> {
        let call = Call::new(CallKind::IreduceScatter).moves(&send, &recv).by(&operation);
        let counts = counts.to_vec();
        start(self, &call, |way| async move {
            let counts = Counts::List(&counts);
            collective::reduce_scatter(way, &send, &mut recv, counts, &operation).await?;
            Ok(recv)
        })
    }
}

impl<C: Communicator> NonblockingCollectives for C {}
