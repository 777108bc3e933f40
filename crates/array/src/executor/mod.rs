//! Tasks on threads.

mod blocks;
mod cancel;
mod claims;
mod crew;
mod failure;
mod panics;

pub(crate) use self::blocks::for_blocks;
pub use self::cancel::Cancel;
