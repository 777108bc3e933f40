//! Pass messages between ranks: point to point, collectives, requests and objects, with ranks as threads of
//! one process.
//!
//! This replaces mpi4py. It is not for loops that a pool of threads can share: ranks share nothing, and what
//! they tell each other is copied.
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
//! that goes on; in a [`Scope`] it borrows its buffer. [`Element`] is what arrays of are sent as they lie in
//! memory; [`Operation`] is what reductions combine with. [`Cartesian`] and [`Blocks`] tell who is whose
//! neighbour, and who has what.
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
//! | `MPI.Request.Waitall(reqs)`, `Waitany`, `Waitsome` | [`wait_all`], [`wait_any`], [`wait_some`] |
//! | `comm.Bcast(x, root=0)` | `comm.bcast(&mut x, 0)` |
//! | `comm.Allreduce(x, y, op=MPI.SUM)` | `comm.allreduce(&x, &mut y, Sum)` |
//! | `MPI.Op.Create(f)` | a closure `\|a, b\| ..` in place of `Sum` |
//! | `comm.Scatterv([x, counts, displs, t], y)` | `comm.scatterv(&x, &counts, &mut y, 0)`, without gaps |
//! | `comm.Send_init(x, 1)`, `req.Start()` | [`send_init`](Communicator::send_init), [`Persistent::start`] |
//! | `comm.Create(group)` | [`subset`](Communicator::subset) |
//! | `comm.Dup()`, `comm.Split(color, key)` | [`dup`](Communicator::dup), [`split`](Communicator::split) |
//! | `comm.Create_cart(dims, periods)`, `cart.Shift(0, 1)` | [`Cartesian::new`], [`Cartesian::shift`] |
//! | `MPI.Compute_dims(size, 2)` | [`Cartesian::balanced`] |
//! | `mpirun -n 4 python program.py` | `World::threads(4).run(program)`; or [`World::from_env`] and `TENFOLD_RANKS=4 cargo run` |
//!
//! ## Failures
//! An error or a panic of one rank fails the world: all calls that wait, and all that follow, give
//! [`RankFailed`](ErrorKind::RankFailed). A rank that comes back well has sent all that it will, and who waits
//! for more gets [`RankEnded`](ErrorKind::RankEnded). Ranks that wait for each other in a circle do hang.
//! Collectives that do not fit together are an error when one of the ranks hears from the other, in that
//! collective or in a later one.
//!
//! # Cost model
//! A message is copied once, by whoever comes second: into the buffer of a receive that waits, or out of the
//! buffer of a send that waits. Up to 4 KiB that nobody waits for are copied aside, and the sender goes on.
//! Each message takes the lock of the receiver's mailbox, and finds its partner by a search from the oldest.
//! Trees take log2(ranks) rounds, rounded up: barrier, bcast, scan, exscan, reduce, allreduce. A reduce to
//! another root than rank 0 takes one more, and an allreduce twice as many where the number of ranks is no
//! power of 2. Gathers and scatters are as many messages as ranks, one after another at the root; an
//! allgather and an alltoall take as many rounds, less one; a reduce_scatter is a reduce and a scatter. A
//! rank that waits looks for some microseconds, offers its core for some more, and then sleeps.
//!
//! # Features
//! - `objects` (default): values of any serde type.
//! - `ndarray`: arrays and views of them as buffers.
//! - `complex`: the complex numbers of num-complex as elements.
//! - `conformance`: the suite that every implementation of [`Communicator`] runs.

#![deny(unsafe_code)]

mod address;
#[cfg(feature = "ndarray")]
mod array;
mod block;
mod call;
mod cartesian;
mod collective;
mod communicator;
#[cfg(feature = "conformance")]
pub mod conformance;
#[expect(unsafe_code, reason = "an element promises its layout")]
mod element;
mod error;
#[cfg(all(test, loom))]
mod interleavings;
mod matched;
#[expect(unsafe_code, reason = "all pointers, and the borrows that they outlive")]
mod memory;
#[cfg(feature = "objects")]
mod object;
mod operation;
mod pending;
mod persistent;
mod request;
mod status;
mod sync;
mod threads;

#[cfg(feature = "ndarray")]
pub use ::ndarray;
pub use address::{Address, Mode, Source, Space, Tag, Tags, Want};
pub use block::Blocks;
pub use call::{Call, CallKind};
pub use cartesian::Cartesian;
pub use collective::agree;
pub use communicator::Communicator;
pub use element::{Element, Layout, Located, Primitive};
pub use error::{Error, ErrorKind, Result};
pub use matched::Matched;
pub use memory::{RecvBuffer, Scope, ScopedRequest, SendBuffer};
pub use operation::{
    And, BitAnd, BitOr, BitXor, Max, MaxLoc, Min, MinLoc, Operation, Or, Prod, Sum, Xor,
};
pub use pending::{Message, Pending};
pub use persistent::Persistent;
pub use request::{Cancel, Request, wait_all, wait_any, wait_some};
pub use status::Status;
pub use threads::{Cause, RunError, ThreadComm, ThreadMessage, ThreadPending, World};
