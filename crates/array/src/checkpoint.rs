//! What a run leaves for a later one that makes the same arrays.
//!
//! An array is known by a hash of all that it is made of ([`lasting`]): of the program, of what is read, and of how the
//! array is cut; not of the plan that it was a part of, nor of how many ranks there were. When a stage is over, what later
//! ones read of it goes to files under that hash ([`folder`]). A later run looks which of them are there and whole before
//! it begins, and makes no more than what is missing ([`resume`]).

mod folder;
mod lasting;
mod own;
mod resume;

pub(crate) use self::folder::Folder;
pub(crate) use self::lasting::lasting;
pub(crate) use self::own::Own;
pub(crate) use self::resume::{Checkpoints, How, Members};
