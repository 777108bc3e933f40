//! Buffers whose borrow does not bind a thread: all pointers of the crate.

mod buffer;
mod held;
mod packed;
mod scope;

pub use buffer::{RecvBuffer, SendBuffer};
pub(crate) use held::{Held, receive_within, send_meanwhile, send_within};
pub(crate) use packed::Packed;
pub(crate) use scope::scope;
pub use scope::{Scope, ScopedRequest};
