//! Remember what was computed.
#![forbid(unsafe_code)]

#[cfg(feature = "ndarray")]
mod array;
mod builder;
mod code;
#[cfg(feature = "disk")]
mod disk;
mod enter;
#[cfg(feature = "disk")]
mod error;
mod flight;
mod floats;
mod info;
#[cfg(all(test, loom))]
mod interleavings;
mod limits;
mod local;
mod lookup;
mod memo;
mod registry;
mod store;
mod sync;
mod tier;
mod turn;

pub use builder::Builder;
#[cfg(feature = "disk")]
pub use disk::{Disk, Survey, SurveyedFunction, clear, survey};
#[cfg(feature = "disk")]
pub use error::{Error, ErrorKind};
pub use floats::{Content, Floats, FloatsOf};
pub use info::{CacheInfo, CacheParameters};
pub use local::LocalMemo;
pub use lookup::Lookup;
pub use memo::Memo;
pub use tenfold_memo_macros::{lru_cache, memoize, versioned};

/// What expansions of the macros name. Nothing here is for people, and it may change any time.
#[doc(hidden)]
pub mod __private {
    pub use std::borrow::ToOwned;
    pub use std::rc::Rc;
    pub use std::result::Result::{Err, Ok};
    pub use std::sync::LazyLock;
    pub use std::thread_local;

    pub use crate::__with_disk as with_disk;
    #[cfg(feature = "ndarray")]
    pub use crate::array::{View, ViewKey, ViewOf, view};
    pub use crate::code::code;
    #[cfg(feature = "disk")]
    pub use crate::disk::Disk;
    pub use crate::enter::{Enter, Finish, OfThread, Within};
    pub use crate::local::LocalTurn;
    pub use crate::registry::{LocalRegistry, Number, Registry};
    pub use crate::turn::Turn;
    pub use crate::{CacheInfo, CacheParameters, Floats, LocalMemo, Memo};

    /// Says in its error that there is a feature for views of arrays.
    #[cfg(not(feature = "ndarray"))]
    pub type ViewKey<V, const TYPED: bool> = Floats<V, TYPED>;

    /// Says in its error that there is a feature for views of arrays.
    #[cfg(not(feature = "ndarray"))]
    pub const fn view<const TYPED: bool, V>(view: &V) -> crate::FloatsOf<'_, V, TYPED>
    where
        V: crate::Content + ToOwned,
    {
        Floats::of(view)
    }
}

#[doc = include_str!("../README.md")]
#[cfg(doctest)]
struct ReadmeDoctests;
