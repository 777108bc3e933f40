//! Memos with files.

mod builds;
mod processes;

use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

use tenfold_memo::{Disk, Floats, Memo, memoize, survey, versioned};

use crate::watchdog::in_time;

/// An empty folder for a function, among what is built: nothing removes what a static has made.
fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("memo-disk").join(name);
    let _ = std::fs::remove_dir_all(&path);
    path
}

static SCALED: LazyLock<PathBuf> = LazyLock::new(|| folder("scaled"));
// Generic functions have more than one memo, and one folder.
static GENERIC: LazyLock<PathBuf> = LazyLock::new(|| folder("generic"));
static SIZES: LazyLock<PathBuf> = LazyLock::new(|| folder("sizes"));
static NUMBERS: LazyLock<PathBuf> = LazyLock::new(|| folder("numbers"));

static CALLS: AtomicU32 = AtomicU32::new(0);

#[versioned]
fn helper(x: f64) -> f64 {
    x * 2.0
}

#[memoize(
    maxsize = 0, disk = SCALED.as_path(), version = 3, ignore(verbose), depends(helper),
    disk_bytes = "1MiB", durable = false, shared = SCALED.join("nowhere")
)]
fn scaled(xs: &[f64], by: &str, verbose: bool) -> Result<Vec<f64>, String> {
    CALLS.fetch_add(1, Ordering::Relaxed);
    let by: f64 = by.parse().map_err(|_| format!("{by}, {verbose}"))?;
    Ok(xs.iter().map(|&x| helper(x) * by).collect())
}

/// With `maxsize = 0` there is the disk alone.
#[test]
fn a_function_with_a_disk() {
    for verbose in [false, true] {
        assert_eq!(scaled(&[1.0, 2.0], "3", verbose).unwrap(), [6.0, 12.0]);
        assert!(scaled(&[1.0], "x", verbose).is_err());
    }
    assert_eq!(CALLS.load(Ordering::Relaxed), 3);
    let info = scaled::cache_info();
    assert_eq!((info.misses, info.disk_hits, info.disk_writes, info.currsize), (4, 1, 1, 0));
    assert_eq!((info.disk_errors, info.disk_bad), (0, 0));
    let found = survey(SCALED.as_path()).unwrap();
    assert!(found.functions[0].name.ends_with("::disk::scaled"), "{found:?}");
    assert!(!scaled::invalidate(&[1.0, 2.0], "3", false), "it was not in memory");
    assert_eq!(survey(SCALED.as_path()).unwrap().functions, []);
    assert_eq!(scaled::uncached(&[1.0], "1", true).unwrap(), [2.0]);
}

#[memoize(disk = GENERIC.as_path())]
fn generic<T>(x: T) -> String
where
    T: std::hash::Hash + Eq + Clone + Send + Sync + serde::Serialize + std::fmt::Debug + 'static,
{
    format!("{x:?}, {}", std::any::type_name::<T>())
}

/// Keys that are written alike and are of different types.
#[test]
fn types_are_part_of_the_key() {
    assert_eq!((generic(7_u8), generic(7_i8)), ("7, u8".to_owned(), "7, i8".to_owned()));
    assert_eq!(
        (generic("7".to_owned()), generic(7_u8)),
        ("\"7\", alloc::string::String".to_owned(), "7, u8".to_owned())
    );
}

#[memoize(disk = SIZES.as_path())]
fn size<T: 'static, const N: usize>(times: usize) -> usize {
    size_of::<T>() * N * times
}

struct P;
struct Q;

impl P {
    #[memoize(associated, disk = NUMBERS.as_path())]
    fn number(n: u32) -> String {
        format!("{} {n}", std::any::type_name::<Self>())
    }
}

impl Q {
    #[memoize(associated, disk = NUMBERS.as_path())]
    fn number(n: u32) -> String {
        format!("{} {n}", std::any::type_name::<Self>())
    }
}

/// Types that are neither in the key nor in the value.
#[test]
fn type_parameters_and_self_are_part_of_the_name() {
    assert_eq!((size::<u8, 1>(3), size::<u64, 1>(3), size::<u8, 2>(3)), (3, 24, 6));
    assert!(P::number(5).ends_with("::P 5") && Q::number(5).ends_with("::Q 5"));
}

#[cfg(feature = "ndarray")]
#[test]
fn arrays_go_to_disk() {
    use ndarray::{Array2, ArrayView2, arr2};
    #[memoize(disk = folder("arrays"), maxsize = 0)]
    fn product(a: &Array2<f64>, b: ArrayView2<'_, f64>) -> Array2<f64> {
        a.dot(&b)
    }
    let a = arr2(&[[1.0, 2.0], [3.0, 4.0]]);
    let expected = a.dot(&a.t());
    for _ in 0..2 {
        assert_eq!(product(&a, a.t()), expected);
    }
    assert_eq!(product::cache_info().disk_hits, 1);
}

#[test]
fn threads_that_wait_for_a_file_read_it_once() {
    let folder = tempfile::tempdir().unwrap();
    let memo = || -> Memo<u32, u32> { Memo::builder().disk(Disk::new(folder.path(), "f")).build() };
    memo().get_or_insert_with(1, || 10);
    let second = memo();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| assert_eq!(second.get_or_insert_with(1, || 11), 10));
        }
    });
    let info = second.info();
    assert_eq!((info.hits, info.misses, info.disk_hits), (7, 1, 1));
}

/// A key that is inserted while it is written down, and looks at its memo when it is dropped.
#[derive(Clone)]
struct Nosy(u32, std::sync::Weak<Memo<Nosy, u32>>);

impl PartialEq for Nosy {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl Eq for Nosy {}

impl std::hash::Hash for Nosy {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl Drop for Nosy {
    fn drop(&mut self) {
        assert!(self.1.upgrade().is_none_or(|memo| memo.info().misses <= 100));
    }
}

impl serde::Serialize for Nosy {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        static IS_FIRST: AtomicU32 = AtomicU32::new(0);
        if IS_FIRST.fetch_add(1, Ordering::Relaxed) == 0
            && let Some(memo) = self.1.upgrade()
        {
            memo.get_or_insert_with(self, || 10);
        }
        self.0.serialize(serializer)
    }
}

#[test]
fn a_key_that_is_not_needed_is_dropped_without_the_lock() {
    in_time("a key that is not needed", || {
        let folder = tempfile::tempdir().unwrap();
        let disk = Disk::new(folder.path(), "f");
        let memo = std::sync::Arc::new(Memo::<Nosy, u32>::builder().disk(disk).shards(1).build());
        let key = Nosy(1, std::sync::Arc::downgrade(&memo));
        assert_eq!(memo.get_or_insert_with(&key, || 11), 10);
        assert_eq!((memo.info().hits, memo.info().misses), (1, 1));
    });
}

/// Neither in memory nor on disk, whether somebody could wait for it or not, or nothing is kept.
#[test]
fn what_is_forgotten_while_it_is_computed_is_not_written() {
    for (single, maxsize, clears) in
        [(true, None, false), (false, None, false), (true, Some(0), false), (true, None, true)]
    {
        let folder = tempfile::tempdir().unwrap();
        let memo = Memo::<u32, u32>::builder().disk(Disk::new(folder.path(), "f"));
        let memo = memo.single_flight(single).maxsize(maxsize).build();
        let forget = || if clears { memo.clear() } else { assert!(!memo.invalidate(1)) };
        memo.get_or_insert_with(1, || {
            forget();
            7
        });
        assert_eq!(memo.get_or_insert_with(1, || 8), 8);
        assert_eq!(memo.info().disk_writes, 1);
    }
}

/// A value that forgets its key while it is written, or read.
#[derive(Clone)]
struct Forgetful;

static FORGETFUL: LazyLock<Memo<u32, Forgetful>> =
    LazyLock::new(|| Memo::builder().disk(Disk::new(folder("forgetful"), "f")).build());

impl serde::Serialize for Forgetful {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        FORGETFUL.invalidate(1);
        serializer.serialize_u32(7)
    }
}

impl<'de> serde::Deserialize<'de> for Forgetful {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        u32::deserialize(deserializer).map(|_| Self)
    }
}

#[test]
fn what_is_forgotten_while_it_is_written_is_taken_back() {
    FORGETFUL.get_or_insert_with(1, || Forgetful);
    FORGETFUL.get_or_insert_with(1, || Forgetful);
    assert_eq!((FORGETFUL.info().misses, FORGETFUL.info().disk_hits), (2, 0));
}

/// Between the memory's forgetting and the file's removal, somebody reads the file.
#[test]
fn what_is_read_while_it_is_forgotten_is_not_kept() {
    #[derive(Clone, PartialEq, Eq, Hash)]
    struct Key;
    static MEMO: LazyLock<Memo<Key, u32>> =
        LazyLock::new(|| Memo::builder().disk(Disk::new(folder("read"), "f")).build());
    static WRITTEN: AtomicU32 = AtomicU32::new(0);
    impl serde::Serialize for Key {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            // The second key is that of `invalidate`.
            if WRITTEN.fetch_add(1, Ordering::Relaxed) == 1 {
                assert_eq!(MEMO.get_or_insert_with(&Key, || unreachable!("it is on disk")), 7);
            }
            serializer.serialize_unit()
        }
    }
    MEMO.get_or_insert_with(&Key, || 7);
    MEMO.invalidate(&Key);
    assert_eq!(MEMO.get_or_insert_with(&Key, || 8), 8);
}

/// Floats that are one key are one file.
#[test]
fn floats_that_are_equal_are_one_file() {
    let folder = tempfile::tempdir().unwrap();
    type Key = Floats<Option<(f64, u8)>>;
    let memo = || -> Memo<Key, u32> { Memo::builder().disk(Disk::new(folder.path(), "f")).build() };
    let of = |memo: &Memo<Key, u32>, x: f64, n: u8, value: u32| {
        memo.get_or_insert_with(Floats::of(&Some((x, n))), || value)
    };
    let (first, second) = (memo(), memo());
    assert_eq!((of(&first, 0.0, 1, 1), of(&first, f64::NAN, 1, 2)), (1, 2));
    assert_eq!((of(&second, -0.0, 1, 3), of(&second, -f64::NAN, 1, 4)), (1, 2));
    assert_eq!((of(&second, 0.0, 2, 5), of(&second, 1.0, 1, 6)), (5, 6));
    assert!(first.invalidate(Floats::of(&Some((-0.0, 1)))));
    assert_eq!(of(&memo(), 0.0, 1, 7), 7);
}

const MUTE: &str = "TENFOLD_MEMO_MUTE";

/// Warns of a folder that cannot be, in a process of its own.
#[test]
fn mute() {
    let Some(file) = std::env::var_os(MUTE) else { return };
    let memo: Memo<u32, u32> = Memo::builder().disk(Disk::new(file, "f")).build();
    assert_eq!(memo.get_or_insert_with(1, || 10), 10);
    assert!(memo.info().disk_errors > 0);
}

#[cfg(target_os = "linux")]
#[test]
fn a_warning_that_cannot_be_written_costs_nothing() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "disk::mute", "--nocapture"]).env(MUTE, file.path());
    let status = child.stdout(std::process::Stdio::null()).stderr(full).status().unwrap();
    assert!(status.success(), "{status}");
}

/// A file is as old as the value in it, and what is read from it no younger.
#[test]
fn a_file_ends_with_its_time() {
    use std::time::Duration;
    let folder = tempfile::tempdir().unwrap();
    let memo = |ttl| -> Memo<u32, u32> {
        let builder = Memo::builder().ttl(ttl).clock(|| Duration::ZERO);
        builder.disk(Disk::new(folder.path(), "f")).build()
    };
    let hour = Duration::from_secs(3600);
    assert_eq!(memo(hour).get_or_insert_with(1, || 10), 10);
    assert_eq!(memo(hour).get_or_insert_with(1, || 11), 10);
    assert_eq!(memo(Duration::from_nanos(1)).get_or_insert_with(1, || 12), 12);
    assert_eq!(memo(hour).get_or_insert_with(1, || 13), 12, "it was written anew");
}

const VERSION: u32 = 2;

#[versioned(version = VERSION + 1)]
fn in_version(n: u32) -> u32 {
    n
}

#[memoize(disk = folder("version"), version = VERSION + 1, depends(in_version))]
fn of_version(n: u32) -> u32 {
    in_version(n)
}

#[test]
fn a_version_is_an_expression() {
    assert_eq!(of_version(7), 7);
}

/// Keys of which the same is written.
#[test]
fn what_serde_leaves_out_is_part_of_the_key() {
    #[derive(Clone, PartialEq, Eq, Hash)]
    struct Options(Option<u32>, Option<u32>);
    impl serde::Serialize for Options {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            // As with `skip_serializing_if = "Option::is_none"`.
            serializer.collect_seq(self.0.iter().chain(&self.1))
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let memo =
        || -> Memo<Options, u32> { Memo::builder().disk(Disk::new(folder.path(), "f")).build() };
    let (first, second) = (Options(Some(1), None), Options(None, Some(1)));
    assert_eq!(memo().get_or_insert_with(&first, || 1), 1);
    assert_eq!(memo().get_or_insert_with(&second, || 2), 2);
    assert_eq!(memo().get_or_insert_with(&first, || 3), 1);
}
