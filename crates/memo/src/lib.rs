//! Remember what was computed: attributes that make a function keep its results, and memos as values,
//! with Python's exact order of use, single flight, bounds, and a tier of files.
//!
//! This replaces Python's `functools.lru_cache` and `functools.cache`, and `joblib.Memory`. It is not for
//! functions with side effects, for functions that are faster than a hit (some ten nanoseconds), nor for
//! caches that are asked mostly for what they do not have.
//!
//! ```
//! use tenfold_memo::lru_cache;
//!
//! #[lru_cache(maxsize = 128)]
//! fn fib(n: u64) -> u64 {
//!     if n < 2 { n } else { fib(n - 1) + fib(n - 2) }
//! }
//!
//! assert_eq!(fib(80), 23_416_728_348_467_685);
//! assert_eq!(fib::cache_info().to_string(), "CacheInfo(hits=78, misses=81, maxsize=128, currsize=81)");
//! ```
//!
//! # Overview
//! [`lru_cache`](macro@lru_cache) and [`memoize`](macro@memoize) are the same attribute with another
//! default: 128 entries, or no bound. The page of [`memoize`](macro@memoize) has all arguments, and
//! what it does with methods, generic and async functions. Behind a function stands a [`Memo`], which
//! can be had without the attribute, as a value and in fields; a [`LocalMemo`] is for one thread.
//! [`Builder`] makes either with bounds of bytes and time.
//!
//! - Arguments are looked up as they are: a `&str` makes a `String` when it is not found
//!   ([`Lookup`]). Floats are keys by their numbers or their bits ([`Floats`]).
//! - Threads that ask for one key at one time compute once, and a recursion never waits for itself.
//! - A panic is not remembered, nor is an `Err`.
//! - `disk = "cache/"` keeps results from one run to the next, and between processes ([`Disk`]).
//!
//! ## From Python
//!
//! | Python | here |
//! |---|---|
//! | `@lru_cache` | `#[lru_cache]` |
//! | `@lru_cache(maxsize=None)`, `@cache` | `#[memoize]` |
//! | `@lru_cache(typed=True)` | `#[lru_cache(typed = true)]`: -0.0 is not 0.0; types differ anyway |
//! | `f.cache_info()` | `f::cache_info()`, of a generic function `f::cache_info::<T>()` |
//! | `f.cache_clear()` | `f::cache_clear()` |
//! | `f.cache_parameters()` | `f::cache_parameters()` |
//! | `f.__wrapped__(x)` | `f::uncached(x)` |
//! | `@lru_cache` on a method, which keeps `self` alive | `#[lru_cache(field = cache)]` and a field `cache: Memo<..>` |
//! | `@cached_property` | a field of type [`std::sync::OnceLock`] |
//! | `cachetools.TTLCache` | `#[memoize(ttl = "30s")]` |
//! | `cachetools.cached(.., getsizeof=..)` | `#[memoize(max_bytes = "64MiB", weigh = ..)]` |
//! | `joblib.Memory("cache/").cache` | `#[memoize(disk = "cache/")]` |
//! | `.cache(ignore=["verbose"])` | `ignore(verbose)` |
//! | `Memory.reduce_size(..)` | `disk_bytes = "10GiB"` |
//! | `f.check_call_in_cache(x)` | [`Memo::contains`], of what is in memory |
//!
//! Two threads that ask for one key compute it twice in Python, and once here. What is unhashable there
//! does not compile here. Where a key is computed twice all the same, as by a body that asks for its own
//! key, the first value stays, as in Python with a `maxsize`; without one, Python keeps the last.
//!
//! ## Sizes and order
//! With a `maxsize` of up to 16384 the entry that goes is the one that was used longest ago, as in
//! Python, and so with `max_bytes`. A larger memo, and one without bound, is split in 16 parts with a lock
//! each: the entry that goes is the oldest of its part. `shards` says otherwise.
//!
//! # Cost model
//! A hit hashes and compares the arguments, locks one shard, moves the entry to the front and clones the
//! value: no allocation. Large values belong in an `Arc`. A miss besides makes the key, and locks once
//! more when the value is there; in a full memo of numbers it allocates nothing. With `scope = "thread"`
//! there are no locks. An entry takes its key and value and 40 to 110 bytes. A generic or associated
//! function looks its memo up by its types first. A hit on disk reads one file.
//!
//! # Features
//! - `ndarray`: arrays and views of them as arguments.
//! - `disk`: [`Disk`] and `disk = ..`; keys and values are written by serde.
//! - `s3fifo`: `policy = "s3fifo"`, by the crate `quick_cache`.
//! - `metrics`: `CacheInfo::emit` hands counts to the facade of that name.
//! - `tracing`: warnings of the disk go there in place of stderr.

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
mod order;
mod registry;
#[cfg(feature = "s3fifo")]
mod s3fifo;
mod shelf;
mod store;
mod sync;
mod table;
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
    pub use crate::__with_s3fifo as with_s3fifo;
    #[cfg(feature = "ndarray")]
    pub use crate::array::{View, ViewKey, ViewOf, view};
    pub use crate::code::{code, name_of};
    #[cfg(feature = "disk")]
    pub use crate::disk::Disk;
    pub use crate::enter::{Enter, Finish, OfThread, PerThread, Within};
    pub use crate::local::LocalTurn;
    pub use crate::lookup::{Key, key};
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
