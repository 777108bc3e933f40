//! Buffers whose borrow does not bind a thread: all pointers of the crate.

mod buffer;
mod held;
mod line;
mod packed;
mod parts;
mod plain;
mod region;
mod scope;

pub use buffer::{RecvBuffer, SendBuffer};
pub(crate) use held::{Held, receive_within, send_meanwhile, send_within};
pub(crate) use line::{LINE_BYTES, Line};
pub(crate) use packed::Packed;
pub(crate) use parts::{Parts, Seat};
pub(crate) use plain::{elements, elements_mut, zero};
pub(crate) use region::{ALIGNMENT, Region};
pub(crate) use scope::scope;
pub use scope::{Scope, ScopedRequest};
