//! How a memo is made.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use crate::info::CacheParameters;
use crate::limits::{Lifetime, Limits};
use crate::local::LocalMemo;
use crate::memo::Memo;
use crate::shelf::Shelf;
use crate::store::Fresh;
use crate::tier::Tier;

/// Up to this many entries a memo is one shard, whose order of use is exact.
const EXACT_UP_TO: usize = 16_384;

/// Shards of a larger one: more than cores that hold a lock at one time.
const SHARDS: usize = 16;

const LARGEST_SHARDS: usize = 1024;

type Weigher<V> = Arc<dyn Fn(&V) -> usize + Send + Sync>;
type MakeShelf<K, V> = fn(usize) -> Box<dyn Shelf<K, V>>;
type Clock = Arc<dyn Fn() -> Duration + Send + Sync>;

/// Makes a [`Memo`] or a [`LocalMemo`].
///
/// ```
/// use std::time::Duration;
/// use tenfold_memo::Memo;
///
/// let pages: Memo<String, Vec<u8>> = Memo::builder()
///     .max_bytes(64 << 20, |page: &Vec<u8>| page.len())
///     .ttl(Duration::from_secs(30))
///     .build();
/// let page = pages.get_or_insert_with("index", || vec![0; 100]);
/// assert_eq!((page.len(), pages.info().bytes), (100, 100));
/// ```
pub struct Builder<K, V> {
    maxsize: Option<usize>,
    max_bytes: Option<u64>,
    weigher: Option<Weigher<V>>,
    ttl: Option<Duration>,
    clock: Option<Clock>,
    shards: Option<usize>,
    single_flight: bool,
    patience: Option<Duration>,
    typed: bool,
    tier: Option<Box<dyn Tier<K, V>>>,
    /// Makes a shelf of so many entries.
    shelf: Option<MakeShelf<K, V>>,
    key: PhantomData<fn(K)>,
}

/// What a memo keeps to.
pub(crate) struct Rules<V> {
    pub(crate) limits: Limits,
    pub(crate) weigher: Option<Weigher<V>>,
    pub(crate) lifetime: Option<Lifetime>,
    pub(crate) patience: Option<Duration>,
    pub(crate) parameters: CacheParameters,
}

impl<K, V> Builder<K, V> {
    pub(crate) fn new() -> Self {
        Self {
            maxsize: None,
            max_bytes: None,
            weigher: None,
            ttl: None,
            clock: None,
            shards: None,
            single_flight: true,
            patience: None,
            typed: false,
            tier: None,
            shelf: None,
            key: PhantomData,
        }
    }

    /// Holds so many entries at most. 0 remembers nothing, `None`, the default, everything.
    #[must_use]
    pub fn maxsize(mut self, entries: impl Into<Option<usize>>) -> Self {
        self.maxsize = entries.into();
        self
    }

    /// Holds entries of so many bytes at most, as `weigh` has them. A value that is larger than all of
    /// that is not kept.
    #[must_use]
    pub fn max_bytes(
        mut self,
        bytes: u64,
        weigh: impl Fn(&V) -> usize + Send + Sync + 'static,
    ) -> Self {
        self.max_bytes = Some(bytes);
        self.weigher = Some(Arc::new(weigh));
        self
    }

    /// A value is good for so long after it was computed.
    #[must_use]
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.ttl = Some(ttl);
        self
    }

    /// Where the time comes from, in place of the system's steady clock: since any start, and never
    /// going back. It is asked only where there is a `ttl`.
    #[must_use]
    pub fn clock(mut self, clock: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        self.clock = Some(Arc::new(clock));
        self
    }

    /// Splits the entries into so many parts with a lock each, rounded up to a power of two from 1 to
    /// 1024, and no more than there are entries. With more than one, the entry that goes is the oldest of its
    /// part, not of all, and a value must fit into its part of `max_bytes`.
    ///
    /// The default is 1 up to a `maxsize` of 16384 and where there are `max_bytes`, and 16 beyond.
    #[must_use]
    pub fn shards(mut self, shards: usize) -> Self {
        self.shards = Some(shards);
        self
    }

    /// Whether threads that ask for one key at one time wait for the first of them, and compute once.
    /// On by default.
    #[must_use]
    pub fn single_flight(mut self, on: bool) -> Self {
        self.single_flight = on;
        self
    }

    /// Who has waited so long for another thread computes as well. Without this, the wait has no end
    /// but the other thread's.
    ///
    /// For bodies that hand out work to a pool (`rayon::join`) and wait for it: a worker that takes up
    /// such work and waits for a key that its own pool's stack is computing cannot be told from one
    /// that waits for good reason.
    #[must_use]
    pub fn patience(mut self, longest: Duration) -> Self {
        self.patience = Some(longest);
        self
    }

    /// Asks a folder before it computes, and writes into it what it has computed. The bounds are those of
    /// the memory; a `ttl` holds for files too, by the system's clock.
    #[cfg(feature = "disk")]
    #[must_use]
    pub fn disk(mut self, disk: crate::Disk) -> Self
    where
        K: serde::Serialize + std::hash::Hash,
        V: serde::Serialize + serde::de::DeserializeOwned,
    {
        self.tier = Some(disk.tier());
        self
    }

    /// Keeps values by S3-FIFO in place of the order of use: one that is asked for again is not driven
    /// out by a scan of many that are not. It needs a `maxsize`; where there are a `ttl` or `max_bytes`,
    /// the order of use stays.
    #[cfg(feature = "s3fifo")]
    #[must_use]
    pub fn s3fifo(mut self) -> Self
    where
        K: Eq + Send + Sync + 'static,
        V: Clone + Send + Sync + 'static,
    {
        self.shelf = Some(|entries| Box::new(crate::s3fifo::S3Fifo::new(entries)));
        self
    }

    /// What the macros note of `typed`.
    #[doc(hidden)]
    #[must_use]
    pub fn typed(mut self, typed: bool) -> Self {
        self.typed = typed;
        self
    }

    /// A memo for all threads.
    #[must_use]
    pub fn build(mut self) -> Memo<K, V> {
        let shards = self.count_shards();
        let tier = self.tier.take();
        // Bytes and times are for the order of use alone, and nothing at all needs no shelf.
        let has_place = self.max_bytes.is_none() && self.ttl.is_none();
        let entries = self.maxsize.filter(|&entries| entries > 0 && has_place);
        let shelf = self.shelf.zip(entries).map(|(make, entries)| make(entries));
        Memo::with_rules(self.rules(shards), tier, shelf)
    }

    fn count_shards(&self) -> usize {
        let is_small = self.maxsize.is_some_and(|entries| entries <= EXACT_UP_TO);
        let is_exact = is_small || self.max_bytes.is_some();
        let shards = self.shards.unwrap_or(if is_exact { 1 } else { SHARDS });
        let shards = shards.clamp(1, LARGEST_SHARDS).next_power_of_two();
        // Rounded down, so that each has an entry.
        let most = self.maxsize.map_or(LARGEST_SHARDS, |entries| 1 << entries.max(1).ilog2());
        shards.min(most)
    }

    /// A memo for one thread. Shards, single flight and a disk mean nothing to it.
    #[must_use]
    pub fn build_local(mut self) -> LocalMemo<K, V> {
        self.single_flight = false;
        LocalMemo::with_rules(self.rules(1))
    }

    fn rules(self, shards: usize) -> Rules<V> {
        Rules {
            limits: Limits {
                entries: self.maxsize,
                bytes: self.max_bytes,
                timed: self.ttl.is_some(),
            },
            weigher: self.weigher,
            lifetime: self.ttl.map(|ttl| Lifetime::new(ttl, self.clock)),
            patience: self.patience,
            parameters: CacheParameters {
                maxsize: self.maxsize,
                typed: self.typed,
                max_bytes: self.max_bytes,
                ttl: self.ttl,
                shards,
                single_flight: self.single_flight,
            },
        }
    }
}

impl<V> Rules<V> {
    /// The time, where it matters.
    #[inline]
    pub(crate) fn now_ns(&self) -> u64 {
        self.lifetime.as_ref().map_or(0, Lifetime::now_ns)
    }

    /// What a value's age is to be less than.
    pub(crate) fn ttl_ns(&self) -> u64 {
        self.lifetime.as_ref().map_or(u64::MAX, Lifetime::ttl_ns)
    }

    /// Whether nothing is ever kept.
    #[inline]
    pub(crate) fn keeps_nothing(&self) -> bool {
        self.limits.entries == Some(0)
    }

    /// Weighs a value that is so old already, and gives it its time. Runs the user's code: never call it with a lock held.
    #[inline]
    pub(crate) fn fresh(&self, value: V, age_ns: u64) -> Fresh<V> {
        let bytes = self.weigher.as_ref().map_or(0, |weigh| weigh(&value) as u64);
        let span = |lifetime: &Lifetime| {
            let now_ns = lifetime.now_ns();
            let end_ns = now_ns.saturating_add(lifetime.ttl_ns());
            (now_ns, end_ns.saturating_sub(age_ns))
        };
        let (now_ns, deadline_ns) = self.lifetime.as_ref().map_or((0, u64::MAX), span);
        Fresh { value, bytes, now_ns, deadline_ns }
    }
}

impl<K, V> fmt::Debug for Builder<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("maxsize", &self.maxsize)
            .field("max_bytes", &self.max_bytes)
            .field("ttl", &self.ttl)
            .field("shards", &self.shards)
            .field("single_flight", &self.single_flight)
            .finish_non_exhaustive()
    }
}
