//! Ranks as threads of one process.

mod access;
mod communicator;
mod environment;
mod exposed;
mod gathering;
mod joint;
mod mailbox;
mod overseer;
mod pending;
mod promise;
mod run;
mod shared;
mod signal;
mod traced;

pub use communicator::ThreadComm;
pub use exposed::ThreadExposed;
pub use joint::ThreadJoint;
pub use pending::{ThreadMessage, ThreadPending};
pub use run::{Cause, RunError, World};
#[cfg(all(test, loom))]
pub(crate) use shared::Shared;
pub use traced::TracedWorld;
