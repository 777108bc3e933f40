//! Where the program is, asked so many times a second: for code that nobody annotated.
//!
//! Each thread has a timer of its own on the monotonic clock, whose signal goes to that thread. The
//! handler takes the stack apart by unwind tables that were loaded before, and leaves it in the
//! thread's ring; it takes no lock that anybody waits for, and allocates nothing. A thread of ours
//! looks for threads that came and went, and empties the rings.
//!
//! Rejected: `SIGPROF` of an interval timer, which ticks with the kernel (250 a second where 1000
//! were asked for) and goes to any thread; one thread that signals all others, which itself has to
//! wait for a core when all are busy.

mod handler;
mod modules;
mod ring;
mod slot;
mod symbols;
mod timer;

use std::collections::{HashMap, HashSet};
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::Thread;
use std::time::{Duration, Instant};

use crate::error::{Error, ErrorKind, Result};
use crate::report::document::{SampleThread, Samples};
use slot::Slot;
use timer::Timer;

/// Samples a second of one thread, at most.
const MOST_HZ: u32 = 10_000;
/// Signals a second of all threads together; with more threads each is asked more seldom.
const MOST_SIGNALS: u64 = 20_000;
/// How often threads are looked for and rings emptied.
const ROUND: Duration = Duration::from_millis(5);
/// In one of so many rounds it is looked for libraries that came.
const ROUNDS: usize = 20;
/// Until this round a thread is asked for its name now and then: it gives itself one when it first has a core, and has that
/// of another until then.
const UNNAMED: u32 = 32;
/// Threads of ours.
const OURS: [&str; 2] = ["tenfold-sampler", "tenfold-lines"];
/// The number of no thread.
const NOBODY: i32 = 0;

/// A sampler that runs.
#[derive(Debug)]
pub(crate) struct Sampler {
    hz: u32,
    /// The process that it is in: one that is forked has none of its threads.
    process: u32,
    thread: Thread,
    /// What it finds, and whether somebody has asked for that: nothing is found any more then.
    watch: Arc<Mutex<Option<Watch>>>,
}

impl Sampler {
    pub(crate) fn start(hz: u32) -> Result<Self> {
        if !(1..=MOST_HZ).contains(&hz) {
            return Err(Error::argument("sampler_hz", hz, "from 1 to 10000"));
        }
        modules::load();
        handler::install()?;
        let mut watch = Watch::new(hz);
        // The threads that are here are sampled from now on, not from the first round on.
        watch.look(NOBODY, Instant::now());
        if watch.watched.is_empty() {
            return Err(Error::new(ErrorKind::Unsupported("timer for a thread of this process")));
        }
        let watch = Arc::new(Mutex::new(Some(watch)));
        let watched = Arc::clone(&watch);
        let run = move || crate::memory::uncounted(|| run(&watched));
        let named = std::thread::Builder::new().name("tenfold-sampler".to_owned());
        // A handler of the program's that ends it would wait for ever where it interrupts us, who have the lock.
        let thread = handler::without_signals(|| named.spawn(run)).map_err(|_| {
            handler::stop();
            Error::new(ErrorKind::Unsupported("thread for the sampler"))
        })?;
        let thread = thread.thread().clone();
        Ok(Self { hz, process: std::process::id(), thread, watch })
    }

    /// Ends it; gives what it found, by name. Our thread is not waited for: at times it waits for the loader's lock itself,
    /// which a program that ends in the middle of loading a library never gives back.
    pub(crate) fn stop(self) -> Samples {
        handler::stop();
        let now = Instant::now();
        // Nobody is there who would end, or who has found anything.
        if self.process != std::process::id() {
            return Watch::new(self.hz).finish();
        }
        let watch = lock(&self.watch).take();
        self.thread.unpark();
        let mut watch = watch.unwrap_or_else(|| Watch::new(self.hz));
        crate::memory::uncounted(|| watch.end(now));
        watch.finish()
    }
}

fn lock(watch: &Mutex<Option<Watch>>) -> MutexGuard<'_, Option<Watch>> {
    watch.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What our thread does, until there is nothing to watch any more. It looks for libraries without the lock.
fn run(watch: &Mutex<Option<Watch>>) {
    let own = timer::thread_id();
    for round in 1_usize.. {
        // First of all: a thread that comes now has no name yet.
        std::thread::park_timeout(ROUND);
        if round.is_multiple_of(ROUNDS) {
            modules::refresh();
        }
        match lock(watch).as_mut() {
            Some(watch) => watch.round(own),
            None => break,
        }
    }
}

/// A stack, from the innermost address to the outermost.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Stack {
    addresses: Vec<u64>,
    /// It was inside of the system.
    waits: bool,
    /// What is further out is not known.
    cut: bool,
}

/// What the sampler has found, and whom it asks.
#[derive(Debug)]
struct Watch {
    hz: u32,
    watched: HashMap<i32, Watched>,
    /// Threads that live without a timer: nobody asks for one again each round.
    refused: HashSet<i32>,
    /// By the name of the thread.
    found: HashMap<String, HashMap<Stack, u64>>,
    sums: Sums,
}

/// Counts of samples.
#[derive(Debug, Default)]
struct Sums {
    threads: u64,
    unwatched: u64,
    expected: f64,
    taken: u64,
    merged: u64,
    full: u64,
}

/// A thread with its timer.
#[derive(Debug)]
struct Watched {
    name: String,
    /// How many rounds it has been there, up to [`UNNAMED`].
    rounds: u32,
    slot: &'static Slot,
    timer: Timer,
    per_second: f64,
    since: Instant,
    seen: Instant,
}

impl Watched {
    /// It is still there.
    fn see(&mut self, tid: i32, now: Instant) {
        self.seen = now;
        if self.rounds == UNNAMED {
            return;
        }
        self.rounds += 1;
        if self.rounds.is_power_of_two() {
            self.name = name_of(tid).unwrap_or_else(|| mem::take(&mut self.name));
        }
    }
}

/// The threads of this process that there are.
fn threads() -> Vec<i32> {
    let tids = std::fs::read_dir("/proc/self/task").into_iter().flatten();
    tids.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()).collect()
}

/// What a thread calls itself; `None` of one that has ended.
fn name_of(tid: i32) -> Option<String> {
    let name = std::fs::read_to_string(format!("/proc/self/task/{tid}/comm")).ok()?;
    Some(name.trim().to_owned())
}

impl Watch {
    fn new(hz: u32) -> Self {
        let (watched, refused, found) = (HashMap::new(), HashSet::new(), HashMap::new());
        Self { hz, watched, refused, found, sums: Sums::default() }
    }

    /// What is done every few milliseconds, by the thread of this number, which is not watched.
    fn round(&mut self, own: i32) {
        self.look(own, Instant::now());
        self.empty();
    }

    /// Lets go of all threads, of which signals count no more since a moment ago.
    fn end(&mut self, stopped: Instant) {
        for tid in threads() {
            if let Some(watched) = self.watched.get_mut(&tid) {
                watched.see(tid, stopped);
            }
        }
        let all: Vec<i32> = self.watched.keys().copied().collect();
        all.into_iter().for_each(|tid| self.unwatch(tid));
    }

    /// Watches threads that came, but for its own, and lets go of those that ended.
    fn look(&mut self, own: i32, now: Instant) {
        let tids = threads();
        let count = tids.len() as u64;
        self.refused.retain(|tid| tids.contains(tid));
        for tid in tids {
            match self.watched.get_mut(&tid) {
                Some(watched) => watched.see(tid, now),
                None if tid == own || self.refused.contains(&tid) => {}
                None => self.watch(tid, count, now),
            }
        }
        let ours =
            |(tid, watched): (&i32, &Watched)| OURS.contains(&&*watched.name).then_some(*tid);
        let ours: Vec<i32> = self.watched.iter().filter_map(ours).collect();
        ours.into_iter().for_each(|tid| self.forget(tid));
        let ended = self.watched.iter().filter(|(_, watched)| watched.seen < now);
        let ended: Vec<i32> = ended.map(|(tid, _)| *tid).collect();
        ended.into_iter().for_each(|tid| self.unwatch(tid));
    }

    fn watch(&mut self, tid: i32, threads: u64, now: Instant) {
        // It ended before it was seen to begin.
        let Some(name) = name_of(tid) else { return };
        if OURS.contains(&&*name) {
            return;
        }
        let stride = (threads * u64::from(self.hz)).div_ceil(MOST_SIGNALS).max(1);
        let watched = slot::take(tid, stride).and_then(|(number, slot)| {
            let period = Duration::from_nanos(1_000_000_000 * stride / u64::from(self.hz));
            let Some(timer) = Timer::start(tid, number, period) else {
                slot.close();
                slot.release();
                return None;
            };
            slot.arm(timer.id());
            let per_second = f64::from(self.hz) / stride as f64;
            Some(Watched { name, rounds: 0, slot, timer, per_second, since: now, seen: now })
        });
        match watched {
            Some(watched) => drop(self.watched.insert(tid, watched)),
            // It has ended since.
            None if name_of(tid).is_none() => return,
            None => {
                self.sums.unwatched += 1;
                self.refused.insert(tid);
            }
        }
        self.sums.threads += 1;
    }

    /// Lets go of a thread of ours, which had no name when it was first seen.
    fn forget(&mut self, tid: i32) {
        let Some(Watched { slot, timer, .. }) = self.watched.remove(&tid) else { return };
        drop(timer);
        slot.close();
        slot.release();
        self.sums.threads -= 1;
    }

    fn unwatch(&mut self, tid: i32) {
        let Some(watched) = self.watched.remove(&tid) else { return };
        let Watched { name, slot, timer, per_second, since, seen, .. } = watched;
        drop(timer);
        slot.close();
        let lived = seen.saturating_duration_since(since).as_secs_f64();
        self.sums.expected += lived * per_second;
        drain(&mut self.found, &name, slot);
        let (taken, merged, full) = slot.release();
        self.sums.taken += taken;
        self.sums.merged += merged;
        self.sums.full += full;
    }

    fn empty(&mut self) {
        // Samples of one that came in this round may be of another name than it has.
        for watched in self.watched.values().filter(|watched| watched.rounds > 0) {
            drain(&mut self.found, &watched.name, watched.slot);
        }
    }

    /// By name, when nothing is recorded any more.
    fn finish(self) -> Samples {
        let mut symbols = symbols::Symbols::default();
        let mut threads: Vec<SampleThread> = self
            .found
            .into_iter()
            .map(|(name, stacks)| SampleThread { name, stacks: symbols.stacks(stacks) })
            .collect();
        threads.sort_by(|a, b| a.name.cmp(&b.name));
        let Sums { threads: seen, unwatched, expected, taken, merged, full } = self.sums;
        Samples {
            hz: self.hz,
            expected: expected.round(),
            taken,
            merged,
            lost: full,
            cut: symbols.cut(),
            seen_threads: seen,
            unwatched_threads: unwatched,
            frames: symbols.frames(),
            threads,
        }
    }
}

/// Takes all samples out of a ring.
fn drain(found: &mut HashMap<String, HashMap<Stack, u64>>, name: &str, slot: &Slot) {
    let stride = slot.stride();
    while let Some(sample) = slot.ring.pop() {
        let stacks = match found.get_mut(name) {
            Some(stacks) => stacks,
            None => found.entry(name.to_owned()).or_default(),
        };
        let ring::Sample { stack: addresses, waits, cut, weight } = sample;
        *stacks.entry(Stack { addresses, waits, cut }).or_insert(0) += weight * stride;
    }
}

#[cfg(test)]
mod tests {
    use super::Sampler;

    #[test]
    fn signals_of_the_program_go_to_others() {
        let blocked = || {
            let status = std::fs::read_to_string("/proc/thread-self/status").unwrap();
            let line = status.lines().find_map(|line| line.strip_prefix("SigBlk:")).unwrap();
            u64::from_str_radix(line.trim(), 16).unwrap()
        };
        let started = super::handler::without_signals(|| std::thread::spawn(blocked));
        // All but the two that nobody can block and the two that are the C library's own.
        let all = !(1 << (libc::SIGKILL - 1) | 1 << (libc::SIGSTOP - 1) | 3 << 31);
        assert_eq!(started.join().unwrap(), all);
        assert_eq!(blocked() & 1 << (libc::SIGTERM - 1), 0);
    }

    #[test]
    fn a_forked_process_lets_go_of_it() {
        let sampler = Sampler::start(1000).unwrap();
        // SAFETY: the child stops the sampler, which waits for nobody there, and ends.
        let child = unsafe { libc::fork() };
        if child == 0 {
            // SAFETY: it ends a child that hangs, and the test with an error.
            unsafe { libc::alarm(20) };
            let found = sampler.stop();
            // SAFETY: it has no effect but the end of the child.
            unsafe { libc::_exit(if found.taken == 0 { 7 } else { 1 }) };
        }
        let mut status = -1;
        // SAFETY: the status is a number that lives during the call.
        let ended = unsafe { libc::waitpid(child, &raw mut status, 0) };
        // A child that panics ends with 0, as its last thread does.
        assert_eq!((ended, libc::WEXITSTATUS(status)), (child, 7));
        sampler.stop();
    }
}
