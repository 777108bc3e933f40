//! The disk tier: one file for each entry, in a folder that processes share.

mod entry;
mod fed;
mod folder;
mod survey;

use std::any::type_name;
use std::fmt;
use std::hash::Hash;
use std::io;
#[cfg(not(feature = "tracing"))]
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use serde::Serialize;
use serde::de::DeserializeOwned;
use twox_hash::XxHash3_128;

pub(crate) use fed::Fed;
pub use survey::{Survey, SurveyedFunction, clear, survey};

use crate::info::CacheInfo;
use crate::tier::{Place, Tier};
use entry::Identity;
use folder::Folder;

/// A use is noted on disk if the last noted one is longer ago.
const NOTED: Duration = Duration::from_secs(60);

/// A disk tier of a memo: what `disk = "cache/"` stands for.
///
/// A file is known by the function's name, the version of its code and its key, and holds all of them,
/// to be compared, and a checksum. It is written under another name and then renamed, so that
/// processes on any number of machines can share the folder without locks. Whatever is damaged is a
/// miss and is set aside; whatever goes wrong with the disk is counted, said once on stderr, and
/// costs nothing but the computation.
///
/// ```
/// use tenfold_memo::{Disk, Memo};
///
/// # let folder = std::env::temp_dir().join(format!("tenfold-memo-doc-{}", std::process::id()));
/// let memo = || -> Memo<u32, Vec<f64>> {
///     Memo::builder().maxsize(100).disk(Disk::new(&folder, "roots").version(1)).build()
/// };
/// let roots = |memo: &Memo<u32, Vec<f64>>, n: u32| {
///     memo.get_or_insert_with(n, || (0..n).map(|x| f64::from(x).sqrt()).collect())
/// };
/// let (first, second) = (memo(), memo());
/// assert_eq!(roots(&first, 3), roots(&second, 3));
/// assert_eq!((first.info().disk_hits, second.info().disk_hits), (0, 1));
/// # std::fs::remove_dir_all(folder).unwrap();
/// ```
///
/// Keys are told apart by what serde writes of them and by 128 bits of what their `Hash` feeds. Two that
/// are not equal are one where both leave out the same.
///
/// The files can be read by their owner alone, and only the owner's are believed.
#[derive(Debug)]
pub struct Disk {
    folder: PathBuf,
    name: String,
    code: u64,
    shared: Option<PathBuf>,
    max_bytes: Option<u64>,
    durable: bool,
}

impl Disk {
    /// A tier in this folder, which is made when something is written, for values of this name.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>, name: impl Into<String>) -> Self {
        Self {
            folder: folder.into(),
            name: name.into(),
            code: 0,
            shared: None,
            max_bytes: None,
            durable: false,
        }
    }

    /// The version of what computes the values: those of another version are not found.
    #[must_use]
    pub fn version(mut self, version: u64) -> Self {
        self.code = version;
        self
    }

    /// A folder of the same layout that is asked after one's own, and never written to. Whoever has
    /// written its files is believed. A value that is found there is not copied, and survives
    /// [`Memo::invalidate`](crate::Memo::invalidate).
    #[must_use]
    pub fn shared(mut self, folder: impl Into<PathBuf>) -> Self {
        self.shared = Some(folder.into());
        self
    }

    /// The entries of this name have at most about so many bytes: beyond, those go that were used
    /// longest ago, until a tenth is free.
    #[must_use]
    pub fn max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = Some(bytes);
        self
    }

    /// Whether an entry is on the disk, and not only with the system, when it has been written. It
    /// costs milliseconds, and only a machine that loses its power tells the difference.
    #[must_use]
    pub fn durable(mut self, durable: bool) -> Self {
        self.durable = durable;
        self
    }

    pub(crate) fn tier<K, V>(self) -> Box<dyn Tier<K, V>>
    where
        K: Serialize + Hash,
        V: Serialize + DeserializeOwned,
    {
        Box::new(self.files::<K, V>())
    }

    fn files<K, V>(self) -> Files {
        let subfolder = subfolder(&self.name);
        let shared = self.shared.map(|path| Folder::new(path.join(&subfolder), true, false));
        Files {
            own: Folder::new(self.folder.join(&subfolder), false, self.durable),
            shared,
            identity: Identity {
                code: self.code,
                text: format!("{}\n{}", self.name, type_name::<(K, V)>()),
            },
            max_bytes: self.max_bytes,
            bytes: AtomicU64::new(UNKNOWN),
            counts: Counts::default(),
            warned: AtomicBool::new(false),
            now_ns,
        }
    }
}

/// The folder of a name: what of it every system accepts.
fn subfolder(name: &str) -> String {
    let keep = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' };
    let text: String = name.chars().map(keep).collect();
    // Names that differ elsewhere may share a folder: the files are told apart by all of the name.
    let start = text.len().saturating_sub(LONGEST_NAME);
    format!("f-{}", &text[start..])
}

const LONGEST_NAME: usize = 100;

/// No folder has so many bytes.
const UNKNOWN: u64 = u64::MAX;

/// The files of one name.
struct Files {
    own: Folder,
    shared: Option<Folder>,
    identity: Identity,
    max_bytes: Option<u64>,
    /// About how many bytes the folder has; `UNKNOWN` before it was looked at.
    bytes: AtomicU64,
    counts: Counts,
    warned: AtomicBool,
    /// The system's clock, but for a test.
    now_ns: fn() -> u64,
}

/// Since 1970: the only clock that processes share. 584 years.
fn now_ns() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

#[derive(Debug, Default)]
struct Counts {
    hits: AtomicU64,
    writes: AtomicU64,
    bad: AtomicU64,
    errors: AtomicU64,
}

fn increment(count: &AtomicU64) {
    count.fetch_add(1, Ordering::Relaxed);
}

/// What a look into a folder comes to.
enum Look<V> {
    /// A value, and its age in nanoseconds.
    Value(V, u64),
    Nothing,
    Bad,
}

impl Files {
    /// Looks into one folder, for what is younger than `ttl_ns`.
    fn look<V: DeserializeOwned>(&self, folder: &Folder, place: &Place, ttl_ns: u64) -> Look<V> {
        let (bytes, used) = match folder.read(&place.name) {
            Ok(Some(found)) => found,
            Ok(None) => return Look::Nothing,
            Err(error) => {
                self.trouble("read", folder, &error);
                return Look::Nothing;
            }
        };
        let Some(entry) = entry::decode(&bytes) else { return Look::Bad };
        if !entry::is_of(&bytes, &place.head) {
            // Sound, and of another key: hashes of 128 bits have met, or a file was renamed.
            return Look::Nothing;
        }
        // Another machine's clock may be ahead.
        let age_ns = (self.now_ns)().saturating_sub(entry.computed_ns);
        if age_ns >= ttl_ns {
            return Look::Nothing;
        }
        match postcard::take_from_bytes(entry.value) {
            Ok((value, [])) => {
                self.note_use(folder, place, used);
                Look::Value(value, age_ns)
            }
            _ => Look::Bad,
        }
    }

    /// Notes a use where it matters which was the last.
    fn note_use(&self, folder: &Folder, place: &Place, used: SystemTime) {
        let is_long_ago = || used.elapsed().is_ok_and(|age| age > NOTED);
        if self.max_bytes.is_some() && !folder.shared && is_long_ago() {
            folder.touch(&place.name);
        }
    }

    /// Counts what went wrong, and says so the first time.
    fn trouble(&self, verb: &str, folder: &Folder, error: &io::Error) {
        increment(&self.counts.errors);
        if self.warned.swap(true, Ordering::Relaxed) {
            return;
        }
        let path = folder.path.display();
        warn(&format!(
            "tenfold-memo: cannot {verb} in {path}, and goes on without: {error} (said once)"
        ));
    }

    /// Counts the bytes that were written, and sweeps when there are too many, or when nobody has
    /// looked yet.
    fn grow(&self, bytes: u64) {
        let known = self.bytes.load(Ordering::Relaxed);
        let is_full = |limit: u64| known.saturating_add(bytes) > limit;
        if known != UNKNOWN && !self.max_bytes.is_some_and(is_full) {
            self.bytes.fetch_add(bytes, Ordering::Relaxed);
            return;
        }
        // Below the limit by a tenth, lest the next one sweeps again.
        let target = |limit: u64| limit - limit / 10;
        match self.own.sweep(self.max_bytes.map(target)) {
            Ok(left) => self.bytes.store(left, Ordering::Relaxed),
            Err(error) => self.trouble("clean up", &self.own, &error),
        }
    }
}

/// The bytes of a key: what serde writes, and a hash of what its own `Hash` feeds, since serde may be told
/// to leave things out, and names none.
fn written<K: Serialize + Hash>(key: &K) -> Result<Vec<u8>, postcard::Error> {
    let mut fed = Fed::default();
    key.hash(&mut fed);
    let mut bytes = postcard::to_stdvec(key)?;
    bytes.extend(XxHash3_128::oneshot(&fed.0).to_le_bytes());
    Ok(bytes)
}

impl<K, V> Tier<K, V> for Files
where
    K: Serialize + Hash,
    V: Serialize + DeserializeOwned,
{
    fn place(&self, key: &K) -> Option<Place> {
        let too_long = || io::Error::other("the key has 4 GiB or more");
        let key = written(key).map_err(io::Error::other);
        let head = key.and_then(|key| entry::head(&self.identity, &key).ok_or_else(too_long));
        match head {
            Ok(head) => Some(Place { name: entry::name(&head), head }),
            Err(error) => {
                self.trouble("write a key", &self.own, &error);
                None
            }
        }
    }

    fn read(&self, place: &Place, ttl_ns: u64) -> Option<(V, u64)> {
        for folder in std::iter::once(&self.own).chain(&self.shared) {
            match self.look(folder, place, ttl_ns) {
                Look::Value(value, age_ns) => {
                    increment(&self.counts.hits);
                    return Some((value, age_ns));
                }
                Look::Nothing => {}
                Look::Bad => {
                    increment(&self.counts.bad);
                    if !folder.shared {
                        folder.set_aside(&place.name);
                    }
                }
            }
        }
        None
    }

    fn write(&self, place: &Place, value: &V) {
        let bytes = match postcard::to_stdvec(value) {
            Ok(value) => entry::encode(&place.head, &value, (self.now_ns)()),
            Err(error) => return self.trouble("write", &self.own, &io::Error::other(error)),
        };
        match self.own.write(&place.name, &bytes) {
            Ok(()) => {
                increment(&self.counts.writes);
                self.grow(bytes.len() as u64);
            }
            Err(error) => self.trouble("write", &self.own, &error),
        }
    }

    fn count(&self, info: &mut CacheInfo) {
        let get = |count: &AtomicU64| count.load(Ordering::Relaxed);
        info.disk_hits = get(&self.counts.hits);
        info.disk_writes = get(&self.counts.writes);
        info.disk_bad = get(&self.counts.bad);
        info.disk_errors = get(&self.counts.errors);
    }

    fn reset(&self) {
        let Counts { hits, writes, bad, errors } = &self.counts;
        [hits, writes, bad, errors].iter().for_each(|count| count.store(0, Ordering::Relaxed));
    }

    fn forget(&self, place: &Place) {
        self.own.remove(&place.name);
    }
}

/// A cache that does not work must be heard of once, if anybody can hear.
fn warn(text: &str) {
    #[cfg(feature = "tracing")]
    tracing::warn!(target: "tenfold_memo", "{text}");
    #[cfg(not(feature = "tracing"))]
    {
        // Not `eprintln!`, which panics where stderr cannot be written to.
        let _ = writeln!(io::stderr(), "{text}");
    }
}

impl fmt::Debug for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Files").field("folder", &self.own.path).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
