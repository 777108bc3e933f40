//! The same calls as CPython's `functools.lru_cache` gets, with the same outcome.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;

use tenfold_memo::{LocalMemo, Memo};

/// As in `golden/lru_cache.py`.
const CASES: [(Option<usize>, u64); 5] =
    [(Some(0), 5), (Some(1), 3), (Some(2), 5), (Some(128), 200), (None, 2000)];

const OPERATIONS: u64 = 100_000;

const GOLDEN: &str = include_str!("../golden/lru_cache.txt");

fn splitmix(seed: u64, i: u64) -> u64 {
    let mut z = seed.wrapping_add((i + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

const EMPTY: u64 = 0xCBF2_9CE4_8422_2325;

fn feed(hash: u64, number: u64) -> u64 {
    (hash ^ number).wrapping_mul(0x100_0000_01B3)
}

/// What the test asks of both kinds of memo.
trait Cache {
    fn square(&self, n: u64, computed: &mut u64) -> u64;
    fn clear(&self);
    fn counts(&self) -> (u64, u64, usize);
    fn has(&self, n: u64) -> bool;
}

macro_rules! cache {
    ($memo:ident) => {
        impl Cache for $memo<u64, u64> {
            fn square(&self, n: u64, computed: &mut u64) -> u64 {
                self.get_or_insert_with(n, || {
                    *computed = 1;
                    n * n
                })
            }

            fn clear(&self) {
                self.clear();
            }

            fn counts(&self) -> (u64, u64, usize) {
                let info = self.info();
                (info.hits, info.misses, info.currsize)
            }

            fn has(&self, n: u64) -> bool {
                self.contains(n)
            }
        }
    };
}

cache!(Memo);
cache!(LocalMemo);

/// The lines of the script, made with one of our memos for each maxsize.
fn lines(seed: u64, make: impl Fn(Option<usize>) -> Box<dyn Cache>) -> String {
    let mut text = String::new();
    for (maxsize, keys) in CASES {
        let (cache, mut trace) = (make(maxsize), EMPTY);
        for i in 0..OPERATIONS {
            let draw = splitmix(seed, i);
            if draw >> 32 < 500_000 {
                cache.clear();
            }
            let key = (draw & 0xFFFF) % keys * ((draw >> 16) & 0xFFFF) % keys;
            let mut computed = 0;
            assert_eq!(cache.square(key, &mut computed), key * key);
            trace = feed(trace, computed);
            if (i + 1) % 1000 == 0 {
                let (hits, misses, currsize) = cache.counts();
                let live = (0..keys).filter(|&key| cache.has(key)).fold(EMPTY, feed);
                let maxsize = maxsize.map_or_else(|| "None".to_owned(), |size| size.to_string());
                writeln!(text, "{maxsize} {hits} {misses} {currsize} {trace:016x} {live:016x}")
                    .unwrap();
            }
        }
    }
    text
}

/// The seed and the lines of what the script printed.
fn read(printed: &str) -> (u64, &str) {
    let (head, lines) = printed.split_once('\n').unwrap();
    assert!(head.starts_with("# cpython 3."), "{head}");
    (head.rsplit(' ').next().unwrap().parse().unwrap(), lines)
}

type Make = fn(Option<usize>) -> Box<dyn Cache>;

fn agree(printed: &str) {
    let (seed, expected) = read(printed);
    assert_eq!(expected.lines().count(), 500);
    let memos: [(&str, Make); 4] = [
        ("memo", |maxsize| Box::new(Memo::builder().maxsize(maxsize).shards(1).build())),
        ("memo of several shards", |maxsize| Box::new(Memo::new(maxsize))),
        ("memo without single flight", |maxsize| {
            Box::new(Memo::builder().maxsize(maxsize).single_flight(false).build())
        }),
        ("memo of a thread", |maxsize| Box::new(Memo::builder().maxsize(maxsize).build_local())),
    ];
    for (name, make) in memos {
        let ours = lines(seed, make);
        let differs = ours.lines().zip(expected.lines()).position(|(a, b)| a != b);
        assert_eq!(differs, None, "{name}: line {differs:?}");
        assert_eq!(ours, expected, "{name}");
    }
}

#[test]
fn agrees_with_what_cpython_did() {
    agree(GOLDEN);
}

#[test]
fn agrees_with_the_cpython_that_is_here() {
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/lru_cache.py");
    let seed = std::process::id().to_string();
    match Command::new("python3").arg(script).arg(seed).output() {
        Ok(output) => {
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            agree(&String::from_utf8(output.stdout).unwrap());
        }
        Err(error) => {
            let line = format!("skipped: lru_cache beside ours: no python3: {error}\n");
            std::io::stdout().write_all(line.as_bytes()).unwrap();
        }
    }
}
