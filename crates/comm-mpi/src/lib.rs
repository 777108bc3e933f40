//! Ranks of [tenfold-comm](tenfold_comm) as processes of MPI, on one machine or many.
//!
//! This replaces mpi4py, together with tenfold-comm, whose programs run here as they are. It needs an MPI to
//! build and to run: Open MPI or MPICH. Where there is none, ranks are threads of one process, by tenfold-comm
//! alone.
//!
//! ```no_run
//! use tenfold_comm::{Communicator, Error, Sum};
//! use tenfold_comm_mpi::World;
//!
//! fn program<C: Communicator>(world: &C) -> Result<usize, Error> {
//!     let mut sum = [0];
//!     world.allreduce(&[world.rank()], &mut sum, Sum)?;
//!     Ok(sum[0])
//! }
//!
//! fn main() -> Result<(), Error> {
//!     // Every process that mpirun starts comes here.
//!     let sum = World::init()?.run(program);
//!     assert!(sum < 1_000_000);
//!     Ok(())
//! }
//! ```
//!
//! ```sh
//! mpirun -n 4 target/release/program
//! ```
//!
//! # Overview
//! [`World::init`] starts MPI, [`World::run`] runs a program on this process' rank and ends it. The program
//! is given an [`MpiComm`], which is a [`Communicator`](tenfold_comm::Communicator); [`MpiComm::as_raw`] is
//! its handle, for what MPI can do and this cannot.
//!
//! # What differs from ranks that are threads
//! - [`World::run`] gives what this rank comes to, not what all do.
//! - Where a rank fails or panics, all end: with its message, and not with 0. Nobody is told
//!   [`RankFailed`](tenfold_comm::ErrorKind::RankFailed).
//!   An operation of a non-blocking collective that panics does so too, when its request is waited for or dropped,
//!   was dropped before, or the program ends.
//! - A large or synchronous send to another rank cannot be cancelled:
//!   [`Refused`](tenfold_comm::Cancel::Refused). A request that is dropped leaves its buffer here until it is
//!   done. A scope, or a call, that fails and has borrowed a buffer for such a send waits for it, and after ten
//!   seconds ends the job; after two, if it panics.
//! - A rank that waits to send a large or synchronous message to one that has ended ends the job, where a thread
//!   is told: MPI may still read from the buffer.
//! - A message has at most 2147483647 elements.
//! - A [`World`] that is dropped without [`run`](World::run) drives open collectives to their end, and waits for all
//!   ranks; dropped by a panic it ends the job.
//! - A process that leaves by [`exit`](std::process::exit) ends the job; with which code is up to MPI's launcher.
//! - A rank sends to itself by way of a copy, as large as it is, and goes on.
//! - A rank that sends in ready mode is not told that nobody waits.
//! - MPI may bring what is asked of a rank's part of a window only when that rank calls MPI: one that computes
//!   for long may keep others waiting. One that waits, for whatever it be, does not.
//! - A rank that waits for the lock of a window takes the messages that come to it. It is not told of a rank that
//!   leaves in a lock, for then the job ends; a panic there gives the lock back before it does. Where MPI fails
//!   in a lock the rank ends the job, as the others would wait for it.
//! - A window that is dropped without [`free`](tenfold_comm::Window::free), or forgotten, is freed when all ranks
//!   have ended. Windows need MPI's unified memory model, which MPI has where caches agree; elsewhere they are
//!   [`Unsupported`](tenfold_comm::ErrorKind::Unsupported).
//! - [`split_shared`](tenfold_comm::OneSided::split_shared) gives the ranks of this one's node. Memory of ranks of
//!   several nodes is [`Apart`](tenfold_comm::ErrorKind::Apart).
//! - Ranks are watched (`TENFOLD_COMM_CHECK=1`, see [`Tracing`](tenfold_comm::Tracing)) on one machine alone, by
//!   sockets beside MPI. On several, a line at the start says so; what is wrong at the end, and the trace, are told
//!   there too.
//!
//! # Cost model
//! A message goes with a header, which says what it is. Up to 3944 bytes go along with it, and are copied on
//! either side; a larger message follows, by MPI, from the sender's buffer into the receiver's, as soon as the
//! receiver has a place for it. Collectives are tenfold-comm's trees of such messages, the same as between
//! threads: so reductions give the same bits, and calls that do not fit together are an error. A rank takes
//! what has come to it when it waits or asks, for all its communicators; there is no thread that does so
//! besides. A rank that waits has its core; where there are more ranks than cores, it offers it to others.
//!
//! A put, a get or a sum is one of MPI's, and comes back when MPI has done with its buffer. One that meets what this
//! rank has put there before, or added, waits until that is done at the target: by one flush. Other operations, and
//! swaps, are a lock, a get and a put: MPI promises single steps for one operation at a time, and its least of
//! floats passes over NaN. A lock of a window is asked for by adding to numbers beside the part: two additions
//! and their answers, one more for a shared one, and as many as it waits for its turn; it is given back by one or
//! two. Locks of all, and an epoch, ask one rank after another. A window is made and freed by MPI's collectives,
//! between ours. On one node all windows lie in shared memory.
//!
//! # Features
//! None.

#![deny(unsafe_code)]
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "MPI's numbers are C's: ranks and tags, which fit, and counts, which are checked"
)]

mod access;
mod asked;
mod clocks;
#[expect(unsafe_code, reason = "calls MPI")]
mod code;
#[expect(unsafe_code, reason = "a promise about buffers")]
mod communicator;
#[expect(unsafe_code, reason = "calls MPI")]
mod datatype;
mod ends;
#[expect(unsafe_code, reason = "shows the own part of a window")]
mod exposed;
mod header;
mod inbox;
#[expect(unsafe_code, reason = "a promise about borrows")]
mod joint;
mod layouts;
mod level;
mod machines;
#[expect(unsafe_code, reason = "copies bytes")]
mod memory;
#[expect(unsafe_code, reason = "keeps a buffer as long as MPI has it")]
mod message;
mod orphans;
#[expect(unsafe_code, reason = "calls MPI")]
mod part;
#[expect(unsafe_code, reason = "a promise about buffers")]
mod pending;
#[expect(unsafe_code, reason = "calls MPI")]
mod raw;
mod recording;
#[expect(unsafe_code, reason = "copies bytes")]
mod session;
#[expect(unsafe_code, reason = "calls MPI")]
mod transport;
mod world;

pub use ::mpi;
pub use ::tenfold_comm;
pub use communicator::MpiComm;
pub use exposed::MpiExposed;
pub use joint::MpiJoint;
pub use level::ThreadLevel;
pub use message::MpiMessage;
pub use pending::MpiPending;
pub use world::World;
