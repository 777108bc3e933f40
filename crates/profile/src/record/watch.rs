//! A thread of ours that looks where all threads are: which line is the current one of each function.
//!
//! It wakes once in each period, at a moment that is drawn, so that it does not fall in with a rhythm
//! of the program. Where it wakes too late, what it sees counts for the periods that it missed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::{random, thread};
use crate::error::{Error, ErrorKind, Result};
use crate::memory;

/// What it did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Looks {
    pub(crate) taken: u64,
    /// Periods that counted with the next.
    pub(crate) merged: u64,
    /// Looks at a thread that was in none of the functions.
    pub(crate) outside: u64,
}

/// The thread while it runs.
#[derive(Debug)]
pub(crate) struct Watch {
    /// The process that it is in: one that is forked has it not.
    process: u32,
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Looks>,
}

impl Watch {
    /// Looks at the threads of a session, so many times a second.
    pub(crate) fn start(state: u32, hz: u32) -> Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let period = Duration::from_secs(1) / hz.max(1);
        let run = move || memory::uncounted(|| run(state, period, &stopped));
        let named = std::thread::Builder::new().name("tenfold-lines".to_owned());
        let thread = named
            .spawn(run)
            .map_err(|_| Error::new(ErrorKind::Unsupported("thread that looks at lines")))?;
        Ok(Self { process: std::process::id(), stop, thread })
    }

    pub(crate) fn stop(self) -> Looks {
        if self.process != std::process::id() {
            return Looks::default();
        }
        self.stop.store(true, Ordering::Release);
        self.thread.thread().unpark();
        // It cannot panic; if it did, it saw nothing, and that is said.
        self.thread.join().unwrap_or_default()
    }
}

fn run(state: u32, period: Duration, stop: &AtomicBool) -> Looks {
    let start = Instant::now();
    let mut looks = Looks::default();
    let period_ns = u64::try_from(period.as_nanos()).unwrap_or(u64::MAX);
    let mut periods = 0_u64;
    loop {
        let drawn = period_ns.saturating_mul(periods).saturating_add(random() % period_ns);
        wait(start + Duration::from_nanos(drawn), stop);
        if stop.load(Ordering::Acquire) {
            return looks;
        }
        let now = u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX) / period_ns;
        let weight = now.saturating_sub(periods) + 1;
        look(state, weight, &mut looks);
        periods = now.saturating_add(1);
    }
}

fn wait(until: Instant, stop: &AtomicBool) {
    while !stop.load(Ordering::Acquire) {
        match until.checked_duration_since(Instant::now()) {
            Some(left) if !left.is_zero() => std::thread::park_timeout(left),
            _ => return,
        }
    }
}

fn look(state: u32, weight: u64, looks: &mut Looks) {
    looks.taken += 1;
    looks.merged += weight - 1;
    for thread in thread::unsorted_of_session(state) {
        let mut lines = thread.lines().filter_map(|lines| lines.current()).peekable();
        if lines.peek().is_none() && thread.is_taken() {
            looks.outside += weight;
        }
        lines.for_each(|line| line.samples.add(weight));
    }
}
