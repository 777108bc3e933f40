//! Pass messages between ranks: point to point, collectives, requests, objects, one-sided windows and parallel
//! files, with ranks as threads of one process.
//!
//! This replaces mpi4py. It is not for loops that a pool of threads can share: ranks share nothing but what
//! they make a [`SharedWindow`] of, and what they tell each other is copied.
//!
//! ```
//! use tenfold_comm::{Communicator, Error, World};
//!
//! fn program<C: Communicator>(world: &C) -> Result<usize, Error> {
//!     let (rank, size) = (world.rank(), world.size());
//!     let mut left = [0];
//!     world.sendrecv((&[rank], (rank + 1) % size, 7), &mut left, (rank + size - 1) % size, 7)?;
//!     Ok(left[0])
//! }
//!
//! assert_eq!(World::threads(3).run(program).unwrap(), [2, 0, 1]);
//! ```
//!
//! # Overview
//! [`Communicator`] is the trait that programs are written for. A [`World`] runs a program on every rank and
//! gives their results, or a [`RunError`] with the rank that failed first. [`Request`] is a send or a receive
//! that goes on; in a [`Scope`] it borrows its buffer. [`NonblockingCollectives`] are collectives that go on,
//! each as a [`CollectiveRequest`]. [`Element`] is what arrays of are sent as they lie in memory; [`Operation`]
//! is what reductions combine with, and [`ExactSum`] a sum that is rounded once. [`OneSided`] makes a [`Window`],
//! which other ranks put to and get from while its own rank does something else, and a [`SharedWindow`], which
//! ranks of a node see where it lies; [`ParallelIo`] opens a [`File`] on all ranks. [`Cartesian`] and [`Blocks`]
//! tell who is whose neighbour, and who has what. `Halo` (feature `ndarray`) fills the ghost layers of a rank's
//! block.
//!
//! ## From Python
//!
//! | mpi4py | here |
//! |---|---|
//! | `comm.Send([x, MPI.DOUBLE], dest=1, tag=7)` | `comm.send(&x, 1, 7)` |
//! | `comm.Recv(x, source=MPI.ANY_SOURCE, tag=7)` | `comm.recv(&mut x, Source::Any, 7)` |
//! | `comm.send(obj, dest=1)`, `comm.recv()` | [`send_object`](Communicator::send_object), [`recv_object`](Communicator::recv_object) |
//! | `req = comm.Irecv(x)`, `req.Wait()` | [`irecv`](Communicator::irecv), which takes a `Vec`, or [`scope`](Communicator::scope) |
//! | `req.Test()`, `req.Cancel()` | [`Request::is_done`], [`Request::cancel`] |
//! | `MPI.Request.Waitall(reqs)`, `Waitany`, `Waitsome` | [`wait_all`], or [`wait_each`], [`wait_any`], [`wait_some`] |
//! | `comm.Bcast(x, root=0)` | `comm.bcast(&mut x, 0)` |
//! | `comm.Allreduce(x, y, op=MPI.SUM)` | `comm.allreduce(&x, &mut y, Sum)` |
//! | `math.fsum(itertools.chain(*comm.allgather(x)))` | [`sum_exact`](ExactReductions::sum_exact), [`ExactSum`] |
//! | `req = comm.Iallreduce(x, y)`, `req.Wait()` | [`iallreduce`](NonblockingCollectives::iallreduce), which takes `Vec`s, [`CollectiveRequest::wait`] |
//! | `MPI.Datatype.Create_struct(..)` | `#[derive(Element)]` on the struct |
//! | `MPI.Op.Create(f)` | a closure `\|a, b\| ..` in place of `Sum` |
//! | `comm.Scatterv([x, counts, displs, t], y)` | `comm.scatterv(&x, &counts, &mut y, 0)`, without gaps |
//! | `comm.Send_init(x, 1)`, `req.Start()` | [`send_init`](Communicator::send_init), [`Persistent::start`] |
//! | `comm.Get_group()`, `Group.Union(a, b)`, .. | [`Group`] |
//! | `comm.Create(group)` | `comm.subset(group.ranks())` |
//! | `comm.Dup()`, `comm.Split(color, key)` | [`dup`](Communicator::dup), [`split`](Communicator::split) |
//! | `comm.Create_cart(dims, periods)`, `cart.Shift(0, 1)` | [`Cartesian::new`], [`Cartesian::shift`] |
//! | `MPI.Compute_dims(size, 2)` | [`Cartesian::balanced`] |
//! | `win = MPI.Win.Allocate(..)` | [`window`](OneSided::window) |
//! | `win.Lock(1)`, `win.Put(x, 1)`, `win.Unlock(1)` | `window.lock(1, Lock::Exclusive, \|target\| target.put(&x, 0))` |
//! | `win.Lock_all()`, `win.Fence()` | [`Window::lock_all`], [`Window::epoch`] |
//! | `win.Get`, `win.Accumulate`, `win.Fetch_and_op`, `win.Compare_and_swap`, `win.Flush` | [`Target`] |
//! | `MPI.Win.Allocate_shared(..)`, `win.Shared_query(1)` | [`shared_window`](OneSided::shared_window), [`SharedView::part`] |
//! | `comm.Split_type(MPI.COMM_TYPE_SHARED)` | [`split_shared`](OneSided::split_shared) |
//! | `MPI.File.Open(comm, path, MPI.MODE_RDONLY)` | [`open_file`](ParallelIo::open_file) with [`FileMode::Read`] |
//! | `f.Write_at(offset, x)`, `f.Read_at_all(offset, x)` | [`File::write_at`], [`File::read_at_all`] |
//! | `f.Write_ordered(x)` | [`File::write_ordered`], at an offset: there is no file pointer |
//! | `cart.Neighbor_allgather(x, y)`, `Neighbor_alltoall` | [`Cartesian::neighbor_allgather`], [`neighbor_alltoall`](Cartesian::neighbor_alltoall) |
//! | two `cart.Shift` and four `comm.Sendrecv` of rows and columns | `Halo::exchange` |
//! | `mpirun -n 4 python program.py` | `World::threads(4).run(program)`; or [`World::from_env`] and `TENFOLD_RANKS=4 cargo run` |
//!
//! ## Failures
//! An error or a panic of one rank fails the world: all calls that wait, and all that follow, give
//! [`RankFailed`](ErrorKind::RankFailed). A rank that comes back well has sent all that it will, and who waits
//! for more gets [`RankEnded`](ErrorKind::RankEnded). Ranks that wait for each other in a circle hang,
//! unless they are watched.
//! A panic of an operation of a [non-blocking collective](NonblockingCollectives) comes out of the wait for its
//! request, whatever call has driven it; where no request is left its rank has failed.
//! Collectives that do not fit together are an error when one of the ranks hears from the other, in that
//! collective or, if they wait, in a later one.
//!
//! ## Diagnosis
//! [`World::traced`] records what ranks call, and watches them. Ranks that wait for each other end with
//! [`Deadlock`](ErrorKind::Deadlock), and who waits for whom, in which call and on which line, is printed.
//! `TENFOLD_COMM_CHECK=1` does so without a word in the program. The [`Report`] has the [`Trace`] and each
//! [`Finding`]; an [`Analysis`] says where the time of each rank went and what kept the run from being faster.
//!
//! ```
//! use tenfold_comm::{Communicator, Tracing, World};
//!
//! let (result, report) = World::threads(3).traced(Tracing::new().quiet()).run(|world| {
//!     let (rank, size) = (world.rank(), world.size());
//!     world.recv(&mut [0], (rank + size - 1) % size, 7)?; // everybody receives first
//!     world.send(&[rank], (rank + 1) % size, 7)
//! });
//! assert!(result.is_err());
//! assert_eq!(report.deadlocks[0].circle(), [0, 2, 1]);
//! ```
//!
//! # Cost model
//! A message is copied once, by whoever comes second: into the buffer of a receive that waits, or out of the
//! buffer of a send that waits. Up to 4 KiB that nobody waits for are copied aside, and the sender goes on.
//! Each message takes the lock of the receiver's mailbox, and finds its partner by a search from the oldest.
//! Trees take log2(ranks) rounds, rounded up: barrier, bcast, scan, exscan, reduce, allreduce. A reduce to
//! another root than rank 0 takes one more, and an allreduce twice as many where the number of ranks is no
//! power of 2. Gathers and scatters are as many messages as ranks, one after another at the root; an
//! allgather and an alltoall take as many rounds, less one; a reduce_scatter is a reduce and a scatter. Among
//! neighbours there are two rounds for each axis. A halo copies each face once more on either side, sends one
//! message for each, and waits once for each axis, or once for all without corners. A rank that waits looks
//! for some microseconds, offers its core for some more, and then sleeps.
//!
//! An exact sum is an allreduce of 280 bytes. Before it each rank adds its own numbers, a slice of some hundred or
//! more in a small multiple of the time that a sum of floats takes.
//!
//! A put, a get or an accumulate takes the lock of the target's memory, and copies or combines under it: what
//! ranks do at one target is done one after another. A [`Window::lock`] is asked for in a queue of its
//! target; locks of all, and an epoch, ask every rank's, and an epoch takes two barriers besides. A
//! [`SharedWindow`] is a barrier each time that it is published or edited, and its memory is read at the
//! speed of memory. Calls on a file that are for every rank are as an allgather, besides what the system
//! takes; each rank writes and reads for itself.
//! A collective that does not wait sends the same messages. They are copied twice, aside and from there, as
//! large as they are. It makes no progress of its own: a round begins when a call of its thread waits, looks for
//! a message or asks whether something is done, and finds that the message of the last has come. Each such
//! call asks for all that are open; where none is, it looks at one counter.
//!
//! # Features
//! - `derive` (default): `#[derive(Element)]` for structs of elements.
//! - `objects` (default): values of any serde type.
//! - `ndarray`: arrays and views of them as buffers; halos.
//! - `complex`: the complex numbers of num-complex as elements.
//! - `conformance`: the suite that every implementation of [`Communicator`] runs.
//! - `report`: analyses as pages and for Perfetto, and the program `comm-trace`.

#![deny(unsafe_code)]

mod address;
mod analysis;
#[cfg(feature = "ndarray")]
mod array;
mod block;
mod builtin;
mod call;
mod cartesian;
mod collective;
mod communicator;
#[cfg(feature = "conformance")]
pub mod conformance;
mod diagnosis;
#[expect(unsafe_code, reason = "an element promises its layout")]
mod element;
mod error;
mod exact_reductions;
mod exact_sum;
mod exposed;
mod file;
mod group;
#[cfg(feature = "ndarray")]
mod halo;
#[cfg(all(test, loom))]
mod interleavings;
mod joint;
mod matched;
#[expect(unsafe_code, reason = "all pointers, and the borrows that they outlive")]
mod memory;
mod no_memory;
mod nonblocking;
#[cfg(feature = "objects")]
mod object;
mod one_sided;
mod operation;
mod parallel_io;
mod pending;
mod persistent;
mod progress;
mod request;
mod shared_window;
mod status;
mod sync;
mod threads;
mod thrown;
mod trace;
mod window;

#[cfg(feature = "ndarray")]
pub use ::ndarray;
pub use address::{Address, Mode, Source, Space, Tag, Tags, Want};
pub use analysis::{
    Analysis, Efficiency, LineTotal, PathShare, PathStretch, RankTime, Traffic, Verdict,
    VerdictKind, WaitKind, WaitPattern,
};
pub use block::Blocks;
pub use builtin::Builtin;
pub use call::{Call, CallKind};
pub use cartesian::Cartesian;
pub use collective::{agree, meet};
pub use communicator::Communicator;
pub use diagnosis::{Called, Deadlock, Finding, Report, Tracing, Waiting};
pub use element::{Element, Layout, Located, Primitive};
pub use error::{Error, ErrorKind, Result};
pub use exact_reductions::ExactReductions;
pub use exact_sum::ExactSum;
pub use exposed::{Exposed, Lock, lock_each};
pub use file::{File, FileMode};
pub use group::{Comparison, Group};
#[cfg(feature = "ndarray")]
pub use halo::Halo;
pub use joint::Joint;
pub use matched::Matched;
pub use memory::{RecvBuffer, Scope, ScopedRequest, SendBuffer};
pub use no_memory::NoMemory;
pub use nonblocking::{CollectiveRequest, NonblockingCollectives};
pub use one_sided::OneSided;
pub use operation::{
    And, BitAnd, BitOr, BitXor, Max, MaxLoc, Min, MinLoc, NoOp, Operation, Or, Prod, Replace, Sum,
    Xor,
};
pub use parallel_io::ParallelIo;
pub use pending::{Message, Pending};
pub use persistent::Persistent;
pub use progress::{any_open, progress};
pub use request::{Cancel, Request, wait_all, wait_any, wait_each, wait_some};
pub use shared_window::{SharedView, SharedWindow};
pub use status::Status;
#[cfg(feature = "derive")]
pub use tenfold_comm_macros::Element;
pub use threads::{
    Cause, RunError, ThreadComm, ThreadExposed, ThreadJoint, ThreadMessage, ThreadPending,
    TracedWorld, World,
};
pub use thrown::untold_panic;
pub use trace::{Clock, Ended, Event, Members, Outcome, Place, RankLog, Reading, Trace, Tracer};
pub use window::{Epoch, Target, Window};
