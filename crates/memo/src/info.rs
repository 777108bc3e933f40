//! What a cache says of itself.

use std::fmt;

use crate::store::Tally;

/// What was asked of a cache and what it holds, as `cache_info()` gives it.
///
/// Prints as Python's does; `{:#}` says all of it.
///
/// ```
/// use tenfold_memo::Memo;
///
/// let squares = Memo::new(128);
/// for n in [3_u64, 4, 3] {
///     squares.get_or_insert_with(n, || n * n);
/// }
/// assert_eq!(squares.info().to_string(), "CacheInfo(hits=1, misses=2, maxsize=128, currsize=2)");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct CacheInfo {
    /// Calls that got a remembered value, or one that another thread was computing.
    pub hits: u64,
    /// Calls that did not: they computed, or found the value on disk.
    pub misses: u64,
    /// Entries at most; `None` if there is no bound.
    pub maxsize: Option<usize>,
    /// Entries now.
    pub currsize: usize,
    /// Hits that waited for another thread's computation.
    pub waits: u64,
    /// Entries that went for others.
    pub evictions: u64,
    /// Entries that were found past their time.
    pub expirations: u64,
    /// Values larger than all bytes there are, which were not kept.
    pub too_large: u64,
    /// The weight of all entries; 0 without a weigher.
    pub bytes: u64,
    /// Misses that were answered from disk.
    pub disk_hits: u64,
    /// Values written to disk.
    pub disk_writes: u64,
    /// Files that were damaged, or not what their name said.
    pub disk_bad: u64,
    /// Times the disk could not be read or written.
    pub disk_errors: u64,
}

impl CacheInfo {
    pub(crate) fn add(&mut self, tally: &Tally) {
        self.hits += tally.hits;
        self.misses += tally.misses;
        self.currsize += tally.entries;
        self.waits += tally.waits;
        self.evictions += tally.evictions;
        self.expirations += tally.expirations;
        self.too_large += tally.too_large;
        self.bytes += tally.bytes;
    }

    /// Hands all counts to the `metrics` facade, as `tenfold_memo_hits` and so on, with the label
    /// `memo`. Nothing is handed on by itself: a hit would cost more than it saves. Call this as often as
    /// the counts are wanted.
    #[cfg(feature = "metrics")]
    pub fn emit(&self, memo: &'static str) {
        #[expect(clippy::cast_precision_loss, reason = "gauges are floats")]
        let gauge = |name, value: u64| metrics::gauge!(name, "memo" => memo).set(value as f64);
        let counter = |name, value| metrics::counter!(name, "memo" => memo).absolute(value);
        counter("tenfold_memo_hits", self.hits);
        counter("tenfold_memo_misses", self.misses);
        counter("tenfold_memo_waits", self.waits);
        counter("tenfold_memo_evictions", self.evictions);
        counter("tenfold_memo_expirations", self.expirations);
        counter("tenfold_memo_too_large", self.too_large);
        counter("tenfold_memo_disk_hits", self.disk_hits);
        counter("tenfold_memo_disk_writes", self.disk_writes);
        counter("tenfold_memo_disk_bad", self.disk_bad);
        counter("tenfold_memo_disk_errors", self.disk_errors);
        gauge("tenfold_memo_entries", self.currsize as u64);
        gauge("tenfold_memo_bytes", self.bytes);
    }

    /// The share of calls that were hits; `None` before the first call.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a share needs no 53 bits")]
    pub fn hit_rate(&self) -> Option<f64> {
        let calls = self.hits + self.misses;
        (calls > 0).then(|| self.hits as f64 / calls as f64)
    }
}

/// As Python has it: `None` for no bound.
fn size(maxsize: Option<usize>) -> String {
    maxsize.map_or_else(|| "None".into(), |size| size.to_string())
}

impl fmt::Display for CacheInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { hits, misses, currsize, .. } = self;
        let maxsize = size(self.maxsize);
        write!(
            f,
            "CacheInfo(hits={hits}, misses={misses}, maxsize={maxsize}, currsize={currsize}"
        )?;
        if f.alternate() {
            let more = [
                ("waits", self.waits),
                ("evictions", self.evictions),
                ("expirations", self.expirations),
                ("too_large", self.too_large),
                ("bytes", self.bytes),
                ("disk_hits", self.disk_hits),
                ("disk_writes", self.disk_writes),
                ("disk_bad", self.disk_bad),
                ("disk_errors", self.disk_errors),
            ];
            more.iter().try_for_each(|(name, count)| write!(f, ", {name}={count}"))?;
        }
        f.write_str(")")
    }
}

/// What a cache was made with, as `cache_parameters()` gives it. Prints as Python's does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct CacheParameters {
    /// Entries at most; `None` if there is no bound.
    pub maxsize: Option<usize>,
    /// Whether floats are compared by their bits.
    pub typed: bool,
    /// Bytes at most, by the weigher.
    pub max_bytes: Option<u64>,
    /// How long a value is good for.
    pub ttl: Option<std::time::Duration>,
    /// Parts with a lock each. With one, the order of use is exact.
    pub shards: usize,
    /// Whether calls of one key at one time compute once.
    pub single_flight: bool,
}

impl fmt::Display for CacheParameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let typed = if self.typed { "True" } else { "False" };
        write!(f, "{{'maxsize': {}, 'typed': {typed}}}", size(self.maxsize))
    }
}
