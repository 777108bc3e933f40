//! What recording itself costs, measured before a session starts.

use std::hint::black_box;

use super::lines::{Body, enter_lines};
use super::site::{Kind, Site};
use super::thread::Thread;
use super::ticks::{self, Rate};
use super::{LOCAL, enter, enter_sampled};

/// What a call of an empty scope costs, in nanoseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Overhead {
    /// Between its two reads of the clock: it stands in the scope's own time.
    pub(crate) inner_ns: f64,
    /// Altogether: it stands in the time of the scope around it.
    pub(crate) whole_ns: f64,
    /// A call of a sampled scope that is counted and not timed.
    pub(crate) untimed_ns: f64,
    /// A line that is timed.
    pub(crate) mark_ns: f64,
}

static EMPTY: Site = Site::new(Kind::Scope, "(empty)", file!(), line!(), nowhere, 1);
static COUNTED: Site = Site::new(Kind::Scope, "(counted)", file!(), line!(), nowhere, u32::MAX);
static BODY: Body = Body::new(
    Site::new(Kind::Function, "(lines)", file!(), line!(), nowhere, 1),
    line!(),
    "",
    &[0, 0],
);

fn nowhere() -> &'static str {
    ""
}

const CALLS: u64 = 512;
const BATCHES: usize = 24;

/// The same in ticks, as recording subtracts it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ticks {
    pub(crate) inner: u64,
    pub(crate) whole: u64,
    pub(crate) untimed: u64,
    /// A line, and a call of a function without lines.
    pub(crate) mark: u64,
    pub(crate) body: u64,
}

impl Ticks {
    pub(crate) const NOTHING: Self = Self { inner: 0, whole: 0, untimed: 0, mark: 0, body: 0 };

    /// Runs empty scopes on this thread, in a session that is thrown away afterwards. The smallest
    /// mean of many batches, because whatever disturbs one only adds.
    pub(crate) fn measure() -> Self {
        let batches: Vec<[u64; 5]> = (0..BATCHES).map(|_| batch()).collect();
        let least = |at: usize| batches.iter().map(|batch| batch[at]).min().unwrap_or(0);
        let [inner, whole, untimed, mark, body] = [0, 1, 2, 3, 4].map(least);
        Self { inner, whole, untimed, mark, body }
    }

    pub(crate) fn to_ns(self, rate: Rate) -> Overhead {
        Overhead {
            inner_ns: rate.ns(self.inner),
            whole_ns: rate.ns(self.whole),
            untimed_ns: rate.ns(self.untimed),
            mark_ns: rate.ns(self.mark),
        }
    }
}

fn batch() -> [u64; 5] {
    let before = elapsed();
    let start = ticks::now();
    for _ in 0..CALLS {
        let _guard = enter(black_box(&EMPTY));
    }
    let whole = ticks::now().wrapping_sub(start);
    let inner = elapsed().wrapping_sub(before);
    let start = ticks::now();
    for _ in 0..CALLS {
        let _guard = enter_sampled(black_box(&COUNTED));
    }
    let untimed = ticks::now().wrapping_sub(start);
    let guard = enter_lines(black_box(&BODY));
    let start = ticks::now();
    for _ in 0..CALLS / 2 {
        guard.mark(0);
        guard.mark(1);
    }
    let mark = ticks::now().wrapping_sub(start);
    drop(guard);
    let start = ticks::now();
    for _ in 0..CALLS {
        drop(enter_lines(black_box(&BODY)));
    }
    let body = ticks::now().wrapping_sub(start);
    [inner, whole, untimed, mark, body].map(|ticks| (ticks + CALLS / 2) / CALLS)
}

/// What all empty scopes of this thread took.
fn elapsed() -> u64 {
    let thread: Option<&'static Thread> = LOCAL.with(|local| local.thread.get());
    let nodes = thread.map(Thread::nodes).unwrap_or_default();
    nodes.iter().filter(|node| node.site() == Some(&EMPTY)).map(|node| node.elapsed.get()).sum()
}
