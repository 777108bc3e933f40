//! Ranks as threads of one process.

mod communicator;
mod environment;
mod mailbox;
mod pending;
mod promise;
mod run;
mod shared;
mod signal;

pub use communicator::ThreadComm;
pub use pending::{ThreadMessage, ThreadPending};
pub use run::{Cause, RunError, World};
#[cfg(all(test, loom))]
pub(crate) use shared::Shared;
