//! Remember what was computed.
#![forbid(unsafe_code)]

mod builder;
mod flight;
mod floats;
mod info;
#[cfg(all(test, loom))]
mod interleavings;
mod limits;
mod local;
mod lookup;
mod memo;
mod store;
mod sync;
mod turn;

pub use builder::Builder;
pub use floats::{Content, Floats, FloatsOf};
pub use info::{CacheInfo, CacheParameters};
pub use local::LocalMemo;
pub use lookup::Lookup;
pub use memo::Memo;

/// What expansions of the macros name. Nothing here is for people, and it may change any time.
#[doc(hidden)]
pub mod __private {
    pub use crate::local::{EnteredLocal, LocalTurn};
    pub use crate::turn::{Entered, Turn};
}
