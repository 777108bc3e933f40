//! Pass messages between ranks.
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
pub use communicator::Communicator;
pub use element::{Element, Layout, Located, Primitive};
pub use error::{Error, ErrorKind, Result};
pub use matched::Matched;
pub use memory::{RecvBuffer, Scope, ScopedRequest, SendBuffer};
pub use operation::{
    And, BitAnd, BitOr, BitXor, Max, MaxLoc, Min, MinLoc, Operation, Or, Prod, Sum, Xor,
};
pub use pending::{Message, Pending};
pub use request::{Cancel, Request, wait_all, wait_any, wait_some};
pub use status::Status;
pub use threads::{Cause, RunError, ThreadComm, ThreadMessage, ThreadPending, World};
