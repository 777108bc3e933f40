//! What all ranks can do, whatever carries their messages.

#[cfg(feature = "ndarray")]
use crate::array;
use crate::collective::{self, Blocking, Counts, now};
#[cfg(feature = "objects")]
use crate::element::ObjectByte;
use crate::group::once;
use crate::memory::{
    self, Held, RecvBuffer, SendBuffer, receive_within, send_meanwhile, send_within,
};
#[cfg(feature = "objects")]
use crate::object;
use crate::{
    Address, Call, CallKind, Element, ErrorKind, Exposed, Joint, Matched, Message, Mode, Operation,
    Pending, Persistent, Request, Result, Scope, Source, Space, Status, Tag, Tags, Want,
};

/// One rank among those that can send to each other.
///
/// Programs are written for any of them: `fn program<C: Communicator>(world: &C) -> Result<..>`.
///
/// A communicator is used by the thread of its rank. Every rank calls the same collectives of it in the same
/// order. Messages of one rank to another do not overtake each other: of two that a receive could take,
/// it takes the one that was sent first.
///
/// Calls fail with [`RankFailed`](ErrorKind::RankFailed) when a rank of the world has failed, and with
/// [`RankEnded`](ErrorKind::RankEnded) when what they wait for can no longer come.
///
/// # For implementors
/// The required methods carry bytes; all else is made of them. Collectives may be overridden by those
/// of the system. Ranks and tags are checked before they are handed to a required method. Those that wait
/// drive the non-blocking collectives of their thread meanwhile, by [`progress`](crate::progress).
///
/// # Safety
/// [`start_send`](Self::start_send) and [`start_receive`](Self::start_receive) must use the buffer that
/// they are given only as long as [`Pending`] allows it. [`observe`](Self::observe) must call its body
/// before it comes back and give what that gives, or refuse the call with an error and not call it.
#[expect(
    clippy::missing_errors_doc,
    reason = "the errors of all calls stand above, and each has its own"
)]
#[expect(unsafe_code, reason = "a promise about buffers")]
pub unsafe trait Communicator: Sized {
    /// A send or a receive under way.
    type Pending<'c>: Pending
    where
        Self: 'c;

    /// A message that was taken and is not yet received.
    type Message<'c>: Message
    where
        Self: 'c;

    /// Memory that this rank exposes to the others; [`NoMemory`](crate::NoMemory) on systems that do not.
    type Exposed<'c>: Exposed
    where
        Self: 'c;

    /// Memory that this rank has together with the others; [`NoMemory`](crate::NoMemory) on systems that do
    /// not.
    type Joint<'c>: Joint
    where
        Self: 'c;
    /// The same communicator, for those who may outlive this one.
    type Handle: Communicator + 'static;

    /// This rank, from 0.
    fn rank(&self) -> usize;

    /// How many ranks there are.
    fn size(&self) -> usize;

    /// The largest tag.
    fn max_tag(&self) -> Tag;

    /// Starts to send.
    ///
    /// # Panics
    /// Where the address is not that of a rank.
    fn start_send(&self, data: SendBuffer<'static>, address: Address) -> Result<Self::Pending<'_>>;

    /// Starts to receive.
    ///
    /// # Panics
    /// Where the source is not a rank.
    fn start_receive(&self, room: RecvBuffer<'static>, want: Want) -> Result<Self::Pending<'_>>;

    /// Sends, and comes back when that is done: [`start_send`](Self::start_send) and [`wait`](Pending::wait),
    /// which is what this does, for systems that can do both at once for less.
    ///
    /// # Panics
    /// Where the address is not that of a rank.
    fn hand_over(&self, data: SendBuffer<'_>, address: Address) -> Result<()> {
        send_within(data, |data| self.start_send(data, address)).map(drop)
    }

    /// Receives, and comes back when that is done: [`start_receive`](Self::start_receive) and
    /// [`wait`](Pending::wait), which is what this does, for systems that can do both at once for less.
    ///
    /// # Panics
    /// Where the source is not a rank.
    fn receive(&self, room: RecvBuffer<'_>, want: Want) -> Result<Status> {
        receive_within(room, |room| self.start_receive(room, want))
    }

    /// What is known of the first message that is wanted: waits for it, or gives `None`. Also who does not
    /// wait is told that one rank, which is asked for, has ended.
    ///
    /// # Panics
    /// Where the source is not a rank.
    fn peek(&self, want: Want, wait: bool) -> Result<Option<Status>>;

    /// The first message that is wanted: waits for it, or gives `None`, as [`peek`](Self::peek).
    ///
    /// # Panics
    /// Where the source is not a rank.
    fn take(&self, want: Want, wait: bool) -> Result<Option<Self::Message<'_>>>;

    /// Communicators of groups of ranks that do not overlap; gives that of the group which has this rank.
    /// Every rank calls this with the same groups; it is a [`GroupMismatch`](ErrorKind::GroupMismatch) where
    /// they differ.
    fn derive(&self, groups: &[Vec<usize>]) -> Result<Option<Self>>;

    /// A communicator of the ranks that can have memory together with this one, in their order here. Every rank
    /// calls this.
    fn derive_shared(&self) -> Result<Self> {
        Err(ErrorKind::Unsupported { call: CallKind::SplitShared }.into())
    }

    /// Memory that all ranks reach, of each its own, which begins as a copy of `data`. Every rank calls this.
    /// The elements are [plain](crate::Layout::is_plain), or it is [`Elements`](ErrorKind::Elements).
    fn expose(&self, data: SendBuffer<'_>) -> Result<Self::Exposed<'_>> {
        let _ = data;
        Err(ErrorKind::Unsupported { call: CallKind::Window }.into())
    }

    /// Memory that all ranks see, as [`expose`](Self::expose). All of them can have memory together.
    fn join(&self, data: SendBuffer<'_>) -> Result<Self::Joint<'_>> {
        let _ = data;
        Err(ErrorKind::Unsupported { call: CallKind::SharedWindow }.into())
    }

    /// Counts a collective that begins, and gives its number. So calls that do not fit together are found out
    /// by the next that they could be taken for. One that gives the same for all finds only other kinds and
    /// roots.
    fn next_collective(&self) -> u32 {
        0
    }

    /// The same rank among the same ranks, whose messages are those of this communicator, and which counts its
    /// collectives with it. Non-blocking collectives go on through one.
    fn handle(&self) -> Self::Handle;

    /// Counts a non-blocking collective that begins, and gives its number, of which no other has had the same: the
    /// one of its [stream](Space::Nonblocking). It has no part in the numbers of the other collectives.
    fn next_nonblocking(&self) -> u64;

    /// Lets all ranks know that this one has failed: an operation of a non-blocking collective has panicked, and
    /// says this, and nobody holds a request that could tell. May end the process. Programs do not call this.
    fn operation_panicked(&self, message: &str);

    /// Comes back when `is_done` says so, which is asked at once, and whenever something has happened to this
    /// rank: what it waits for are messages. This asks all the time.
    fn wait_until(&self, is_done: &mut dyn FnMut() -> bool) {
        while !is_done() {
            std::thread::yield_now();
        }
    }

    /// Through here goes what a program sends, receives, probes, waits for, starts and does together with all
    /// ranks, each once; of [`wait_all`](crate::wait_all) and
    /// [`wait_each`](crate::wait_each) the wait for each. These do not:
    /// [`send_init`](Self::send_init) and [`recv_init`](Self::recv_init), `is_done`, `cancel`,
    /// [`Matched::recv`], the waits at the end of a [`scope`](Self::scope), what a window's closure does
    /// besides its calls, the unlock at its end, and the sending of an object that cannot be written.
    ///
    /// This does nothing; a communicator that wraps another can record what is called, and when it comes
    /// back.
    fn observe<R>(&self, call: &Call, body: impl FnOnce() -> Result<R>) -> Result<R> {
        let _ = call;
        body()
    }

    /// Whether [`observe`](Self::observe) does more than run its body. Where it does not, calls that take some
    /// hundredths of a microsecond need not say what they are.
    fn is_observed(&self) -> bool {
        true
    }

    // Point to point.

    /// Sends, and comes back when `data` can be used again. A small message is copied; a large one is, when
    /// the receiver is there.
    ///
    /// # Errors
    /// [`Rank`](ErrorKind::Rank) and [`Tag`](ErrorKind::Tag); [`SelfSend`](ErrorKind::SelfSend) for what
    /// would wait for this rank itself.
    #[track_caller]
    fn send<T: Element>(&self, data: &[T], to: usize, tag: Tag) -> Result<()> {
        send_as(self, CallKind::Send, data, (to, tag), Mode::Standard)
    }

    /// Sends, and comes back when the receiver has begun to receive.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    #[track_caller]
    fn ssend<T: Element>(&self, data: &[T], to: usize, tag: Tag) -> Result<()> {
        send_as(self, CallKind::Ssend, data, (to, tag), Mode::Synchronous)
    }

    /// Sends, and does not wait: what nobody waits for is copied, as large as it is.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    #[track_caller]
    fn bsend<T: Element>(&self, data: &[T], to: usize, tag: Tag) -> Result<()> {
        send_as(self, CallKind::Bsend, data, (to, tag), Mode::Buffered)
    }

    /// Sends to a rank that is known to wait for it.
    ///
    /// # Errors
    /// As [`send`](Self::send); [`NotReady`](ErrorKind::NotReady) if it does not, on systems that can tell.
    #[track_caller]
    fn rsend<T: Element>(&self, data: &[T], to: usize, tag: Tag) -> Result<()> {
        send_as(self, CallKind::Rsend, data, (to, tag), Mode::Ready)
    }

    /// Receives. A message that is shorter than `room` leaves the rest of it as it was;
    /// [`Status::count`] tells.
    ///
    /// # Errors
    /// [`Truncated`](ErrorKind::Truncated) if it is longer, and [`Type`](ErrorKind::Type) if its elements
    /// are others; it is lost then, and `room` as it was. [`SelfReceive`](ErrorKind::SelfReceive) for a
    /// message of this rank that was not sent.
    #[track_caller]
    fn recv<T: Element>(
        &self,
        room: &mut [T],
        from: impl Into<Source>,
        tag: impl Into<Tags>,
    ) -> Result<Status> {
        let (from, tag) = (from.into(), tag.into());
        if self.is_observed() {
            return receive_observed(self, room, (from, tag));
        }
        receive(self, room, (from, tag))
    }

    /// Sends to one and receives from another at the same time.
    ///
    /// # Errors
    /// As [`send`](Self::send) and [`recv`](Self::recv).
    #[track_caller]
    fn sendrecv<T: Element, U: Element>(
        &self,
        (data, to, tag): (&[T], usize, Tag),
        room: &mut [U],
        from: impl Into<Source>,
        want: impl Into<Tags>,
    ) -> Result<Status> {
        let (from, want) = (from.into(), want.into());
        let call = Call::new(CallKind::Sendrecv).sends(data, to, tag).receives(room, from, want);
        self.observe(&call, || {
            let address = checked_address(self, (to, tag), Mode::Standard)?;
            let want = checked_want(self, from, want)?;
            let start = |data| self.start_send(data, address);
            send_meanwhile(data.into(), start, || Communicator::receive(self, room.into(), want))
        })
    }

    /// Waits for a message and tells what is known of it. It stays where it is.
    ///
    /// # Errors
    /// As [`recv`](Self::recv).
    #[track_caller]
    fn probe(&self, from: impl Into<Source>, tag: impl Into<Tags>) -> Result<Status> {
        let (from, tag) = (from.into(), tag.into());
        let call = Call::new(CallKind::Probe).receives::<u8>(&[], from, tag);
        self.observe(&call, || {
            let want = checked_want(self, from, tag)?;
            Ok(self.peek(want, true)?.expect("waited for"))
        })
    }

    /// What is known of a message that is there.
    ///
    /// # Errors
    /// [`Rank`](ErrorKind::Rank) and [`Tag`](ErrorKind::Tag); [`RankEnded`](ErrorKind::RankEnded) if none is
    /// there and none can come from this rank. Of [`Source::Any`] there is none then, and no error.
    #[track_caller]
    fn iprobe(&self, from: impl Into<Source>, tag: impl Into<Tags>) -> Result<Option<Status>> {
        let (from, tag) = (from.into(), tag.into());
        let call = Call::new(CallKind::Probe).receives::<u8>(&[], from, tag);
        self.observe(&call, || self.peek(checked_want(self, from, tag)?, false))
    }

    /// Waits for a message and takes it, to be received when its size is known.
    ///
    /// # Errors
    /// As [`recv`](Self::recv).
    #[track_caller]
    fn mprobe(&self, from: impl Into<Source>, tag: impl Into<Tags>) -> Result<Matched<'_, Self>> {
        let (from, tag) = (from.into(), tag.into());
        let call = Call::new(CallKind::Mprobe).receives::<u8>(&[], from, tag);
        self.observe(&call, || {
            let message = self.take(checked_want(self, from, tag)?, true)?;
            Ok(Matched::new(message.expect("waited for")))
        })
    }

    /// Takes a message that is there.
    ///
    /// # Errors
    /// [`Rank`](ErrorKind::Rank) and [`Tag`](ErrorKind::Tag); [`RankEnded`](ErrorKind::RankEnded) if none is
    /// there and none can come from this rank. Of [`Source::Any`] there is none then, and no error.
    #[track_caller]
    fn improbe(
        &self,
        from: impl Into<Source>,
        tag: impl Into<Tags>,
    ) -> Result<Option<Matched<'_, Self>>> {
        let (from, tag) = (from.into(), tag.into());
        let call = Call::new(CallKind::Mprobe).receives::<u8>(&[], from, tag);
        self.observe(&call, || {
            let message = self.take(checked_want(self, from, tag)?, false)?;
            Ok(message.map(Matched::new))
        })
    }

    /// Starts to send. The request holds the buffer, and gives it back.
    ///
    /// # Errors
    /// [`Rank`](ErrorKind::Rank) and [`Tag`](ErrorKind::Tag).
    #[track_caller]
    fn isend<T: Element>(&self, data: Vec<T>, to: usize, tag: Tag) -> Result<Request<'_, Self, T>> {
        if self.is_observed() {
            return start_send_observed(self, CallKind::Isend, data, (to, tag), Mode::Standard);
        }
        start_send(self, data, (to, tag), Mode::Standard)
    }

    /// Starts to send, and is done when the receiver has begun to receive.
    ///
    /// # Errors
    /// As [`isend`](Self::isend).
    #[track_caller]
    fn issend<T: Element>(
        &self,
        data: Vec<T>,
        to: usize,
        tag: Tag,
    ) -> Result<Request<'_, Self, T>> {
        if self.is_observed() {
            return start_send_observed(self, CallKind::Issend, data, (to, tag), Mode::Synchronous);
        }
        start_send(self, data, (to, tag), Mode::Synchronous)
    }

    /// Starts to receive up to `room.len()` elements. The request holds the buffer, and gives it back.
    ///
    /// # Errors
    /// As [`isend`](Self::isend).
    #[track_caller]
    fn irecv<T: Element>(
        &self,
        room: Vec<T>,
        from: impl Into<Source>,
        tag: impl Into<Tags>,
    ) -> Result<Request<'_, Self, T>> {
        let (from, tag) = (from.into(), tag.into());
        if self.is_observed() {
            return start_receive_observed(self, room, (from, tag));
        }
        start_receive(self, room, (from, tag))
    }

    /// A send of a buffer that can be started again and again.
    ///
    /// # Errors
    /// [`Rank`](ErrorKind::Rank) and [`Tag`](ErrorKind::Tag).
    fn send_init<T: Element>(
        &self,
        data: Vec<T>,
        to: usize,
        tag: Tag,
    ) -> Result<Persistent<'_, Self, T>> {
        let address = checked_address(self, (to, tag), Mode::Standard)?;
        Ok(Persistent::sending(self, data, address))
    }

    /// A receive into a buffer that can be started again and again.
    ///
    /// # Errors
    /// As [`send_init`](Self::send_init).
    fn recv_init<T: Element>(
        &self,
        room: Vec<T>,
        from: impl Into<Source>,
        tag: impl Into<Tags>,
    ) -> Result<Persistent<'_, Self, T>> {
        let (from, tag) = (from.into(), tag.into());
        Ok(Persistent::receiving(self, room, checked_want(self, from, tag)?))
    }

    /// Runs `body` with a scope, in which requests borrow their buffers, and waits for all that it has
    /// started. What it has started is taken back if it fails or panics.
    ///
    /// ```
    /// use tenfold_comm::{Communicator, World};
    ///
    /// World::threads(2).run(|world| {
    ///     let other = 1 - world.rank();
    ///     let (mine, mut theirs) = ([world.rank(); 4], [9; 4]);
    ///     world.scope(|scope| {
    ///         scope.irecv(&mut theirs, other, 0)?;
    ///         scope.isend(&mine, other, 0)?;
    ///         Ok(())
    ///     })?;
    ///     assert_eq!(theirs, [other; 4]);
    ///     Ok::<(), tenfold_comm::Error>(())
    /// }).unwrap();
    /// ```
    ///
    /// A buffer cannot be used while the scope is open:
    ///
    /// ```compile_fail,E0503
    /// # use tenfold_comm::{Communicator, World};
    /// # World::threads(2).run(|world| {
    /// let mut room = [0; 4];
    /// world.scope(|scope| {
    ///     let request = scope.irecv(&mut room, 0, 0)?;
    ///     assert_eq!(room[0], 0);
    ///     request.wait()
    /// })
    /// # });
    /// ```
    ///
    /// # Errors
    /// That of `body`, or the first of what was started and not waited for.
    fn scope<'env, R>(
        &'env self,
        body: impl for<'scope> FnOnce(&'scope Scope<'scope, 'env, Self>) -> Result<R>,
    ) -> Result<R> {
        memory::scope(self, body)
    }

    // Collectives.

    /// Comes back when every rank has called it.
    #[track_caller]
    fn barrier(&self) -> Result<()> {
        self.observe(&Call::new(CallKind::Barrier), || now(collective::barrier(Blocking(self))))
    }

    /// The root's buffer, on every rank. All have the same length.
    ///
    /// # Errors
    /// [`Rank`](ErrorKind::Rank), [`CountMismatch`](ErrorKind::CountMismatch),
    /// [`CollectiveMismatch`](ErrorKind::CollectiveMismatch),
    /// [`CollectiveOrder`](ErrorKind::CollectiveOrder), [`Type`](ErrorKind::Type).
    #[track_caller]
    fn bcast<T: Element>(&self, buffer: &mut [T], root: usize) -> Result<()> {
        let call = Call::new(CallKind::Bcast).root(root).moves(buffer, buffer);
        self.observe(&call, || now(collective::bcast(Blocking(self), buffer, root)))
    }

    /// Cuts the root's `send` into parts of the same length, and gives each rank its own. Elsewhere `send`
    /// is not read.
    ///
    /// # Errors
    /// As [`bcast`](Self::bcast); [`Length`](ErrorKind::Length).
    #[track_caller]
    fn scatter<T: Element>(&self, send: &[T], recv: &mut [T], root: usize) -> Result<()> {
        let call = Call::new(CallKind::Scatter).root(root).moves(send, recv);
        let counts = Counts::Each(recv.len());
        self.observe(&call, || {
            now(collective::scatterv(Blocking(self), (send, counts), recv, root))
        })
    }

    /// As [`scatter`](Self::scatter), with `counts[rank]` elements for each. Elsewhere than on the root
    /// `send` and `counts` are not read.
    ///
    /// # Errors
    /// As [`scatter`](Self::scatter).
    #[track_caller]
    fn scatterv<T: Element>(
        &self,
        send: &[T],
        counts: &[usize],
        recv: &mut [T],
        root: usize,
    ) -> Result<()> {
        let call = Call::new(CallKind::Scatter).root(root).moves(send, recv);
        let counts = Counts::List(counts);
        self.observe(&call, || {
            now(collective::scatterv(Blocking(self), (send, counts), recv, root))
        })
    }

    /// What all ranks bring, in the order of ranks, on the root. All bring as much. Elsewhere `recv` is not
    /// written.
    ///
    /// # Errors
    /// As [`bcast`](Self::bcast); [`Length`](ErrorKind::Length).
    #[track_caller]
    fn gather<T: Element>(&self, send: &[T], recv: &mut [T], root: usize) -> Result<()> {
        let call = Call::new(CallKind::Gather).root(root).moves(send, recv);
        let counts = Counts::Each(send.len());
        self.observe(&call, || now(collective::gatherv(Blocking(self), send, (recv, counts), root)))
    }

    /// As [`gather`](Self::gather), with `counts[rank]` elements of each. Elsewhere than on the root `recv`
    /// and `counts` are not used.
    ///
    /// # Errors
    /// As [`gather`](Self::gather).
    #[track_caller]
    fn gatherv<T: Element>(
        &self,
        send: &[T],
        recv: &mut [T],
        counts: &[usize],
        root: usize,
    ) -> Result<()> {
        let call = Call::new(CallKind::Gather).root(root).moves(send, recv);
        let counts = Counts::List(counts);
        self.observe(&call, || now(collective::gatherv(Blocking(self), send, (recv, counts), root)))
    }

    /// What all ranks bring, in the order of ranks, on every rank. All bring as much.
    ///
    /// # Errors
    /// As [`gather`](Self::gather).
    #[track_caller]
    fn allgather<T: Element>(&self, send: &[T], recv: &mut [T]) -> Result<()> {
        let call = Call::new(CallKind::Allgather).moves(send, recv);
        let counts = Counts::Each(send.len());
        self.observe(&call, || now(collective::allgatherv(Blocking(self), send, (recv, counts))))
    }

    /// As [`allgather`](Self::allgather), with `counts[rank]` elements of each.
    ///
    /// # Errors
    /// As [`gather`](Self::gather).
    #[track_caller]
    fn allgatherv<T: Element>(&self, send: &[T], recv: &mut [T], counts: &[usize]) -> Result<()> {
        let call = Call::new(CallKind::Allgather).moves(send, recv);
        let counts = Counts::List(counts);
        self.observe(&call, || now(collective::allgatherv(Blocking(self), send, (recv, counts))))
    }

    /// Part `k` of `send` to rank `k`, and what rank `k` has for this one as part `k` of `recv`. All parts
    /// have the same length.
    ///
    /// # Errors
    /// As [`gather`](Self::gather).
    #[track_caller]
    fn alltoall<T: Element>(&self, send: &[T], recv: &mut [T]) -> Result<()> {
        let call = Call::new(CallKind::Alltoall).moves(send, recv);
        let counts = Counts::Each(send.len() / self.size());
        self.observe(&call, || {
            now(collective::alltoallv(Blocking(self), (send, counts), (recv, counts)))
        })
    }

    /// As [`alltoall`](Self::alltoall), with `send_counts[k]` elements to rank `k`, and `recv_counts[k]`
    /// from it.
    ///
    /// # Errors
    /// As [`gather`](Self::gather).
    #[track_caller]
    fn alltoallv<T: Element>(
        &self,
        send: &[T],
        send_counts: &[usize],
        recv: &mut [T],
        recv_counts: &[usize],
    ) -> Result<()> {
        let call = Call::new(CallKind::Alltoall).moves(send, recv);
        let (sends, receives) = (Counts::List(send_counts), Counts::List(recv_counts));
        self.observe(&call, || {
            now(collective::alltoallv(Blocking(self), (send, sends), (recv, receives)))
        })
    }

    /// What all ranks bring, combined element by element in the order of ranks, on the root. Elsewhere `recv`
    /// is not written.
    ///
    /// # Determinism
    /// The same bits in every run with as many ranks, on any root, and as [`allreduce`](Self::allreduce).
    ///
    /// # Errors
    /// As [`gather`](Self::gather).
    #[track_caller]
    fn reduce<T: Element>(
        &self,
        send: &[T],
        recv: &mut [T],
        operation: impl Operation<T>,
        root: usize,
    ) -> Result<()> {
        let call = Call::new(CallKind::Reduce).root(root).moves(send, recv).by(&operation);
        self.observe(&call, || {
            now(collective::reduce(Blocking(self), send, recv, &operation, root))
        })
    }

    /// What all ranks bring, combined element by element in the order of ranks, on every rank.
    ///
    /// # Determinism
    /// As [`reduce`](Self::reduce); the same bits on every rank.
    ///
    /// # Errors
    /// As [`gather`](Self::gather).
    #[track_caller]
    fn allreduce<T: Element>(
        &self,
        send: &[T],
        recv: &mut [T],
        operation: impl Operation<T>,
    ) -> Result<()> {
        let call = Call::new(CallKind::Allreduce).moves(send, recv).by(&operation);
        self.observe(&call, || now(collective::allreduce(Blocking(self), send, recv, &operation)))
    }

    /// What the ranks up to this one bring, combined.
    ///
    /// # Determinism
    /// The same bits in every run with as many ranks.
    ///
    /// # Errors
    /// As [`gather`](Self::gather).
    #[track_caller]
    fn scan<T: Element>(
        &self,
        send: &[T],
        recv: &mut [T],
        operation: impl Operation<T>,
    ) -> Result<()> {
        let call = Call::new(CallKind::Scan).moves(send, recv).by(&operation);
        self.observe(&call, || now(collective::scan(Blocking(self), send, recv, &operation)))
    }

    /// What the ranks below this one bring, combined. On rank 0 `recv` is as it was.
    ///
    /// # Determinism
    /// As [`scan`](Self::scan).
    ///
    /// # Errors
    /// As [`gather`](Self::gather).
    #[track_caller]
    fn exscan<T: Element>(
        &self,
        send: &[T],
        recv: &mut [T],
        operation: impl Operation<T>,
    ) -> Result<()> {
        let call = Call::new(CallKind::Exscan).moves(send, recv).by(&operation);
        self.observe(&call, || now(collective::exscan(Blocking(self), send, recv, &operation)))
    }

    /// What all ranks bring, combined as by [`reduce`](Self::reduce); each rank gets its part, of
    /// `counts[rank]` elements.
    ///
    /// # Errors
    /// As [`gather`](Self::gather).
    #[track_caller]
    fn reduce_scatter<T: Element>(
        &self,
        send: &[T],
        recv: &mut [T],
        counts: &[usize],
        operation: impl Operation<T>,
    ) -> Result<()> {
        let call = Call::new(CallKind::ReduceScatter).moves(send, recv).by(&operation);
        let counts = Counts::List(counts);
        self.observe(&call, || {
            now(collective::reduce_scatter(Blocking(self), send, recv, counts, &operation))
        })
    }

    // Objects.

    /// Sends a value of any serde type, and comes back as [`send`](Self::send) does.
    ///
    /// Numbers are better sent as they lie in memory: writing a `Vec<f64>` takes several times as long.
    ///
    /// ```
    /// use std::collections::BTreeMap;
    /// use tenfold_comm::{Communicator, World};
    ///
    /// let map = World::threads(2).run(|world| {
    ///     if world.rank() == 0 {
    ///         world.send_object(&BTreeMap::from([("a", 1)]), 1, 0)?;
    ///         return Ok(None);
    ///     }
    ///     let (map, _) = world.recv_object::<BTreeMap<String, i32>>(0, 0)?;
    ///     Ok::<_, tenfold_comm::Error>(Some(map["a"]))
    /// });
    /// assert_eq!(map.unwrap()[1], Some(1));
    /// ```
    ///
    /// # Errors
    /// As [`send`](Self::send); [`Write`](ErrorKind::Write).
    #[cfg(feature = "objects")]
    #[track_caller]
    fn send_object<V: serde::Serialize + ?Sized>(
        &self,
        value: &V,
        to: usize,
        tag: Tag,
    ) -> Result<()> {
        let bytes = object::write(value)?;
        let call = Call::new(CallKind::Send).sends(&bytes, to, tag);
        self.observe(&call, || send(self, &bytes, (to, tag), Mode::Standard))
    }

    /// Receives a value that was sent with [`send_object`](Self::send_object).
    ///
    /// # Errors
    /// As [`recv`](Self::recv); [`Read`](ErrorKind::Read) if it is of another type, and that can be seen.
    #[cfg(feature = "objects")]
    #[track_caller]
    fn recv_object<V: serde::de::DeserializeOwned>(
        &self,
        from: impl Into<Source>,
        tag: impl Into<Tags>,
    ) -> Result<(V, Status)> {
        let (from, tag) = (from.into(), tag.into());
        let call = Call::new(CallKind::Recv).receives::<u8>(&[], from, tag);
        self.observe(&call, || {
            let message = self.take(checked_want(self, from, tag)?, true)?;
            let message = message.expect("waited for");
            let is_object = message.status().is_of::<ObjectByte>();
            let mut bytes = object::room(if is_object { message.status().count() } else { 0 });
            let status = message.receive(bytes.as_mut_slice().into())?;
            Ok((object::read(&bytes, status.source())?, status))
        })
    }

    /// The root's value, on every rank. Elsewhere `value` is not read.
    ///
    /// # Errors
    /// As [`bcast`](Self::bcast); [`Write`](ErrorKind::Write) on the root, or
    /// [`NoValue`](ErrorKind::NoValue), and [`Read`](ErrorKind::Read) elsewhere.
    #[cfg(feature = "objects")]
    #[track_caller]
    fn bcast_object<V: serde::Serialize + serde::de::DeserializeOwned>(
        &self,
        value: Option<&V>,
        root: usize,
    ) -> Result<V> {
        let call = Call::new(CallKind::Bcast).root(root);
        self.observe(&call, || object::bcast(self, value, root))
    }

    /// The values of all ranks, in their order, on the root; none elsewhere.
    ///
    /// # Errors
    /// As [`bcast_object`](Self::bcast_object).
    #[cfg(feature = "objects")]
    #[track_caller]
    fn gather_object<V: serde::Serialize + serde::de::DeserializeOwned>(
        &self,
        value: &V,
        root: usize,
    ) -> Result<Option<Vec<V>>> {
        let call = Call::new(CallKind::Gather).root(root);
        self.observe(&call, || object::gather(self, value, Some(root)))
    }

    /// The values of all ranks, in their order, on every rank.
    ///
    /// # Errors
    /// As [`bcast_object`](Self::bcast_object).
    #[cfg(feature = "objects")]
    #[track_caller]
    fn allgather_object<V: serde::Serialize + serde::de::DeserializeOwned>(
        &self,
        value: &V,
    ) -> Result<Vec<V>> {
        let call = Call::new(CallKind::Allgather);
        let all = self.observe(&call, || object::gather(self, value, None))?;
        Ok(all.expect("every rank wants it"))
    }

    /// To each rank its own of the root's values. Elsewhere `values` is not read.
    ///
    /// # Errors
    /// As [`bcast_object`](Self::bcast_object); [`Length`](ErrorKind::Length).
    #[cfg(feature = "objects")]
    #[track_caller]
    fn scatter_object<V: serde::Serialize + serde::de::DeserializeOwned>(
        &self,
        values: &[V],
        root: usize,
    ) -> Result<V> {
        let call = Call::new(CallKind::Scatter).root(root);
        self.observe(&call, || object::scatter(self, values, root))
    }

    // Arrays.

    /// Sends the elements of an array or a view, in logical order; from where they lie if that is a slice.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    #[cfg(feature = "ndarray")]
    #[track_caller]
    fn send_array<S, D>(&self, array: &ndarray::ArrayBase<S, D>, to: usize, tag: Tag) -> Result<()>
    where
        S: ndarray::Data + ndarray::RawData<Elem: Element>,
        D: ndarray::Dimension,
    {
        self.send(&array::elements(array), to, tag)
    }

    /// Receives the elements of an array or a view, in logical order.
    ///
    /// # Errors
    /// As [`recv`](Self::recv).
    #[cfg(feature = "ndarray")]
    #[track_caller]
    fn recv_array<T: Element, D: ndarray::Dimension>(
        &self,
        array: ndarray::ArrayViewMut<'_, T, D>,
        from: impl Into<Source>,
        tag: impl Into<Tags>,
    ) -> Result<Status> {
        let (from, tag) = (from.into(), tag.into());
        let call = Call::new(CallKind::Recv).receives::<T>(&[], from, tag);
        self.observe(&call, || array::filled(array, |room| receive(self, room, (from, tag))))
    }

    /// The root's elements in the arrays of every rank, in logical order.
    ///
    /// # Errors
    /// As [`bcast`](Self::bcast).
    #[cfg(feature = "ndarray")]
    #[track_caller]
    fn bcast_array<T: Element, D: ndarray::Dimension>(
        &self,
        array: ndarray::ArrayViewMut<'_, T, D>,
        root: usize,
    ) -> Result<()> {
        let call = Call::new(CallKind::Bcast).root(root);
        self.observe(&call, || {
            array::filled(array, |room| now(collective::bcast(Blocking(self), room, root)))
        })
    }

    // Other communicators.

    /// The same ranks, and messages that never meet those of this communicator.
    #[track_caller]
    fn dup(&self) -> Result<Self> {
        self.observe(&Call::new(CallKind::Dup), || {
            let all = (0..self.size()).collect();
            Ok(self.derive(&[all])?.expect("this rank is among all"))
        })
    }

    /// A communicator for each color, of the ranks that give it, in the order of their keys, then of their
    /// ranks here. None for those that give none.
    ///
    /// ```
    /// use tenfold_comm::{Communicator, World};
    ///
    /// let ranks = World::threads(5).run(|world| {
    ///     let color = (world.rank() % 2) as u32;
    ///     let half = world.split(Some(color), 0)?.expect("it gave a color");
    ///     Ok::<_, tenfold_comm::Error>((half.rank(), half.size()))
    /// });
    /// assert_eq!(ranks.unwrap(), [(0, 3), (0, 2), (1, 3), (1, 2), (2, 3)]);
    /// ```
    #[track_caller]
    fn split(&self, color: Option<u32>, key: i64) -> Result<Option<Self>> {
        self.observe(&Call::new(CallKind::Split), || {
            let color = color.map_or(-1, i64::from);
            let mut all = vec![[0; 2]; self.size()];
            now(collective::allgather_for(
                Blocking(self),
                CallKind::Split,
                &[[color, key]],
                &mut all,
            ))?;
            self.derive(&groups(&all))
        })
    }

    /// A communicator of some ranks, in the order of the list; none for the others. Every rank calls this with
    /// the same list: [`Group`](crate::Group) makes some.
    ///
    /// # Errors
    /// [`Rank`](ErrorKind::Rank), and [`Item`](ErrorKind::Item) for a rank that is there twice;
    /// [`GroupMismatch`](ErrorKind::GroupMismatch) on a rank whose list is not that of rank 0.
    #[track_caller]
    fn subset(&self, ranks: &[usize]) -> Result<Option<Self>> {
        self.observe(&Call::new(CallKind::Subset), || {
            checked_group(self, ranks)?;
            self.derive(&[ranks.to_vec()])
        })
    }
}

/// That these are ranks, each once.
fn checked_group<C: Communicator>(comm: &C, ranks: &[usize]) -> Result<()> {
    ranks.iter().try_for_each(|&rank| checked_rank(comm, "ranks", rank))?;
    once("ranks", ranks)
}

/// The ranks of each color from 0, in the order of their keys.
fn groups(all: &[[i64; 2]]) -> Vec<Vec<usize>> {
    let mut ranks: Vec<usize> = (0..all.len()).filter(|&rank| all[rank][0] >= 0).collect();
    ranks.sort_by_key(|&rank| all[rank]);
    ranks.chunk_by(|&a, &b| all[a][0] == all[b][0]).map(<[usize]>::to_vec).collect()
}

/// Where a program's message goes, if it can go there.
pub(crate) fn checked_address<C: Communicator>(
    comm: &C,
    (to, tag): (usize, Tag),
    mode: Mode,
) -> Result<Address> {
    checked_rank(comm, "to", to)?;
    checked_tag(comm, tag)?;
    Ok(Address { to, tag, mode, space: Space::Program })
}

/// Which messages a program wants, if they can come.
pub(crate) fn checked_want<C: Communicator>(comm: &C, from: Source, tag: Tags) -> Result<Want> {
    if let Source::Rank(rank) = from {
        checked_rank(comm, "from", rank)?;
    }
    if let Tags::Only(tag) = tag {
        checked_tag(comm, tag)?;
    }
    Ok(Want { from, tag, space: Space::Program })
}

pub(crate) fn checked_rank<C: Communicator>(
    comm: &C,
    argument: &'static str,
    rank: usize,
) -> Result<()> {
    let size = comm.size();
    if rank < size { Ok(()) } else { Err(ErrorKind::Rank { argument, rank, size }.into()) }
}

fn checked_tag<C: Communicator>(comm: &C, tag: Tag) -> Result<()> {
    let max = comm.max_tag();
    if tag <= max { Ok(()) } else { Err(ErrorKind::Tag { tag, max }.into()) }
}

#[inline(always)]
#[track_caller]
fn send_as<C: Communicator, T: Element>(
    comm: &C,
    kind: CallKind,
    data: &[T],
    to: (usize, Tag),
    mode: Mode,
) -> Result<()> {
    if comm.is_observed() {
        return send_observed(comm, kind, data, to, mode);
    }
    send(comm, data, to, mode)
}

/// Apart, so that calls that nobody observes are small where programs make them.
#[cold]
#[track_caller]
fn send_observed<C: Communicator, T: Element>(
    comm: &C,
    kind: CallKind,
    data: &[T],
    (to, tag): (usize, Tag),
    mode: Mode,
) -> Result<()> {
    let call = Call::new(kind).sends(data, to, tag);
    comm.observe(&call, || send(comm, data, (to, tag), mode))
}

/// Apart, as above.
#[cold]
#[track_caller]
fn receive_observed<C: Communicator, T: Element>(
    comm: &C,
    room: &mut [T],
    (from, tag): (Source, Tags),
) -> Result<Status> {
    let call = Call::new(CallKind::Recv).receives(room, from, tag);
    comm.observe(&call, || receive(comm, room, (from, tag)))
}

#[inline(always)]
fn send<C: Communicator, T: Element>(
    comm: &C,
    data: &[T],
    to: (usize, Tag),
    mode: Mode,
) -> Result<()> {
    let address = checked_address(comm, to, mode)?;
    comm.hand_over(data.into(), address)
}

#[inline(always)]
fn receive<C: Communicator, T: Element>(
    comm: &C,
    room: &mut [T],
    (from, tag): (Source, Tags),
) -> Result<Status> {
    let want = checked_want(comm, from, tag)?;
    comm.receive(room.into(), want)
}

/// Apart, as above.
#[cold]
#[track_caller]
fn start_send_observed<C: Communicator, T: Element>(
    comm: &C,
    kind: CallKind,
    data: Vec<T>,
    (to, tag): (usize, Tag),
    mode: Mode,
) -> Result<Request<'_, C, T>> {
    let call = Call::new(kind).sends(&data, to, tag);
    comm.observe(&call, || start_send(comm, data, (to, tag), mode))
}

/// Apart, as above.
#[cold]
#[track_caller]
fn start_receive_observed<C: Communicator, T: Element>(
    comm: &C,
    room: Vec<T>,
    (from, tag): (Source, Tags),
) -> Result<Request<'_, C, T>> {
    let call = Call::new(CallKind::Irecv).receives(&room, from, tag);
    comm.observe(&call, || start_receive(comm, room, (from, tag)))
}

fn start_receive<C: Communicator, T: Element>(
    comm: &C,
    room: Vec<T>,
    (from, tag): (Source, Tags),
) -> Result<Request<'_, C, T>> {
    let want = checked_want(comm, from, tag)?;
    let held = Held::receiving(room, |room| comm.start_receive(room, want));
    held.map(|held| Request::new(comm, held)).map_err(|(_, error)| error)
}

fn start_send<C: Communicator, T: Element>(
    comm: &C,
    data: Vec<T>,
    to: (usize, Tag),
    mode: Mode,
) -> Result<Request<'_, C, T>> {
    let address = checked_address(comm, to, mode)?;
    let held = Held::sending(data, |data| comm.start_send(data, address));
    held.map(|held| Request::new(comm, held)).map_err(|(_, error)| error)
}
