//! A session: from when to when things are recorded.

use std::sync::Mutex;
use std::time::Duration;

use crate::counters::Counters;
use crate::error::{Error, ErrorKind, Result};
use crate::memory;
use crate::record::overhead::Ticks;
use crate::record::thread::lock;
use crate::record::ticks::{self, Moment, Rate};
use crate::record::watch::{self, Watch};
use crate::record::{self, ALLOC, LINES, TIMED, TRACE};
use crate::report::Report;
use crate::report::document::{self, Document, FORMAT, LinesMode, VERSION};
use crate::report::snapshot::{self, Places};
use crate::report::trace::Events;
use crate::sampler::Sampler;

/// From when to when things are recorded, on all threads. There is one at a time in a process.
///
/// ```
/// use tenfold_profile::{Session, scope};
///
/// # fn main() -> Result<(), tenfold_profile::Error> {
/// let session = Session::start()?;
/// {
///     scope!("assemble");
///     std::hint::black_box((0..1000u64).sum::<u64>());
/// }
/// let report = session.finish();
/// assert_eq!(report.functions()[0].name(), "assemble");
/// # Ok(())
/// # }
/// ```
///
/// Finishing takes the session away, so that it cannot be finished twice:
///
/// ```compile_fail,E0382
/// let session = tenfold_profile::Session::start().unwrap();
/// session.finish();
/// session.finish();
/// ```
///
/// One that is dropped instead ends too, and what it recorded is gone.
#[derive(Debug)]
#[must_use = "a session that is dropped records nothing"]
pub struct Session {
    state: u32,
    settings: Builder,
    price: Ticks,
    start: Moment,
    delay: Option<Duration>,
    sampler: Option<Sampler>,
    watch: Option<Watch>,
    counters: Option<Counters>,
    running: bool,
}

/// What a session records.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Builder {
    alloc: bool,
    leaks: bool,
    traced: usize,
    sampler_hz: u32,
    lines: Option<Lines>,
    counters: bool,
    rank: Option<u64>,
    program: Option<String>,
}

/// How the lines of functions with `#[profile(lines)]` are told apart; see
/// [`Builder::lines`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lines {
    /// Counts how often each line was begun: some 0.7 ns each time.
    Counts,
    /// Counts, and has a thread look where all threads are, 1000 times a second or as often as
    /// [`Builder::sampler_hz`] says: time at the cost of counts, to a few per cent.
    Sample,
    /// Counts, and reads the clock at each line, when all before it is done: some 20 ns each time,
    /// which stand in no figure.
    Time,
}

impl Lines {
    /// Looks a second.
    const HZ: u32 = 1000;

    fn wants(self) -> u32 {
        if self == Self::Time { LINES | TIMED } else { LINES }
    }

    fn mode(self) -> LinesMode {
        match self {
            Self::Counts => LinesMode::Counts,
            Self::Sample => LinesMode::Sample,
            Self::Time => LinesMode::Time,
        }
    }
}

/// Whether a session runs.
static RUNS: Mutex<bool> = Mutex::new(false);

impl Session {
    /// Starts a session that records scopes.
    ///
    /// # Errors
    /// When a session runs already, or the crate was built without its feature `record`.
    pub fn start() -> Result<Self> {
        Self::builder().start()
    }

    /// A session with wishes.
    pub fn builder() -> Builder {
        Builder {
            alloc: false,
            leaks: false,
            traced: 0,
            sampler_hz: 0,
            lines: None,
            counters: false,
            rank: None,
            program: None,
        }
    }

    /// Ends the session and gives what it recorded. Scopes that are open, on this thread or on
    /// others, count as if they ended now.
    #[must_use = "what was recorded is in the report alone"]
    pub fn finish(mut self) -> Report {
        let end = self.stop();
        let (sampler, counters) = (self.sampler.take(), self.counters.take());
        memory::uncounted(|| {
            let counters = counters.map(Counters::stop).unwrap_or_default();
            let looks = self.watch.take().map(Watch::stop);
            self.report(end, sampler.map(Sampler::stop), counters, looks)
        })
    }

    /// Ends it without a report.
    fn give_up(&mut self) {
        self.stop();
        drop(self.sampler.take().map(Sampler::stop));
        // What it saw is in no report.
        let _ = self.watch.take().map(Watch::stop);
    }

    fn stop(&mut self) -> (Moment, memory::Counted) {
        self.running = false;
        record::stop();
        (Moment::read(), memory::stop())
    }

    fn report(
        &self,
        (end, counted): (Moment, memory::Counted),
        samples: Option<document::Samples>,
        counters: Vec<document::Counter>,
        looks: Option<watch::Looks>,
    ) -> Report {
        let rate = Rate::until(&end);
        let delay = crate::clock::run_delay(crate::Scope::Process);
        let delay = delay.and_then(|delay| Some(delay.saturating_sub(self.delay?)));
        let mut places = Places::default();
        let threads = snapshot::threads(self.state, end.ticks, rate, &mut places);
        let memory = self.settings.alloc.then(|| document::Memory {
            live_bytes: counted.live,
            peak_bytes: counted.peak,
            resident_bytes: crate::clock::peak_resident(),
            leaks: places.leaks(&counted),
        });
        let events = (self.settings.traced > 0)
            .then(|| Events::read(self.state, self.start.ticks, rate, &mut places));
        let overhead = self.price.to_ns(rate);
        let wall = end.since(&self.start).as_secs_f64();
        let lines = self.settings.lines.map(|lines| document::LinesPart {
            mode: lines.mode(),
            mark_ns: if lines == Lines::Time { overhead.mark_ns } else { 0.0 },
            looks: looks.map(|looks| self.looks(looks, wall)),
            functions: snapshot::lines(self.state, end.ticks, rate, self.look_ns()),
        });
        // Only now may another session have the threads' records.
        *lock(&RUNS) = false;
        let document = Document {
            format: FORMAT.to_owned(),
            version: VERSION,
            program: self.settings.program.clone().unwrap_or_else(program),
            rank: self.settings.rank.or_else(rank),
            wall_ns: wall * 1e9,
            run_delay_ns: delay.map(|delay| delay.as_secs_f64() * 1e9),
            clock: ticks::name().to_owned(),
            overhead: document::Overhead {
                inner_ns: overhead.inner_ns,
                whole_ns: overhead.whole_ns,
                untimed_ns: overhead.untimed_ns,
            },
            functions: places.list,
            threads,
            memory,
            samples,
            counters,
            lines,
        };
        Report::new(document, events)
    }

    /// What a look at lines stands for; 0 where nobody looks.
    fn look_ns(&self) -> f64 {
        let looks = self.settings.lines == Some(Lines::Sample);
        if looks { 1e9 / f64::from(self.settings.looks_hz()) } else { 0.0 }
    }

    fn looks(&self, found: watch::Looks, wall: f64) -> document::Looks {
        let watch::Looks { taken, merged, outside } = found;
        let hz = self.settings.looks_hz();
        let expected = (wall * f64::from(hz)).round();
        document::Looks { hz, expected, taken, merged, outside }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if self.running {
            self.give_up();
            *lock(&RUNS) = false;
        }
    }
}

impl Builder {
    /// Exits that a thread keeps at most, for [`trace`](Self::trace).
    const MOST_TRACED: usize = 1 << 24;

    /// Counts allocations: bytes and blocks by scope, what is live and its peak. Scopes that are open
    /// at the end have theirs on the thread that ends the session, not on others. The program has
    /// to declare a [`CountingAllocator`](crate::CountingAllocator), and cannot be started without:
    ///
    /// ```
    /// let error = tenfold_profile::Session::builder().alloc(true).start().unwrap_err();
    /// assert_eq!(error.kind(), &tenfold_profile::ErrorKind::NoAllocator);
    /// assert!(error.to_string().contains("#[global_allocator]"));
    /// ```
    pub const fn alloc(mut self, alloc: bool) -> Self {
        self.alloc = alloc;
        self
    }

    /// Lists what was allocated in the session and not released, by the path that allocated it.
    /// Implies [`alloc`](Self::alloc), and costs a lock and a hash table a block.
    pub const fn leaks(mut self, leaks: bool) -> Self {
        self.leaks = leaks;
        self.alloc = self.alloc || leaks;
        self
    }

    /// Keeps the last so many scopes of each thread with their time, for
    /// [`to_chrome_trace`](Report::to_chrome_trace). 0 keeps none.
    pub const fn trace(mut self, last: usize) -> Self {
        self.traced = last;
        self
    }

    /// Asks each thread so many times a second where it is, from 1 to 10,000; 0 does not ask. For
    /// code that nobody annotated: see [`Report::sampled`].
    ///
    /// A timer sends each thread a signal (`SIGPROF`), whose handler runs on the thread's own stack
    /// and takes a few KiB of it. The system starts most calls again that the signal interrupts, but
    /// `sleep`, `nanosleep`, `poll`, `select`, `epoll_wait` and waits with a timeout return early
    /// with `EINTR`: std goes on by itself, and other code has to.
    ///
    /// A process that is forked has no samples: its timers stay with its parent.
    pub const fn sampler_hz(mut self, hz: u32) -> Self {
        self.sampler_hz = hz;
        self
    }

    /// Tells the lines of functions with `#[profile(lines)]` apart, for [`Report::lines`]. Without it
    /// they are timed as a whole.
    ///
    /// ```
    /// use tenfold_profile::{Lines, Session, profile};
    ///
    /// #[profile(lines)]
    /// fn collatz(mut n: u64) -> u32 {
    ///     let mut steps = 0;
    ///     while n > 1 {
    ///         n = if n % 2 == 0 { n / 2 } else { 3 * n + 1 };
    ///         steps += 1;
    ///     }
    ///     steps
    /// }
    ///
    /// # fn main() -> Result<(), tenfold_profile::Error> {
    /// let session = Session::builder().lines(Lines::Counts).start()?;
    /// assert_eq!(collatz(27), 111);
    /// let tables = session.finish().lines().unwrap();
    /// println!("{tables}");
    /// let collatz = tables.function("collatz").unwrap();
    /// let line = collatz.lines.iter().find(|line| line.text.contains("steps += 1")).unwrap();
    /// assert_eq!(line.hits, Some(111));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Functions that were entered before the session began have no lines in it. Counting is in the
    /// times of scopes, timing is not.
    pub const fn lines(mut self, lines: Lines) -> Self {
        self.lines = Some(lines);
        self
    }

    fn looks_hz(&self) -> u32 {
        if self.sampler_hz > 0 { self.sampler_hz } else { Lines::HZ }
    }

    /// Counts events of the processor and of the kernel, on the thread that starts the session and
    /// on those that it starts in it: see [`Report::counters`].
    pub const fn counters(mut self, counters: bool) -> Self {
        self.counters = counters;
        self
    }

    /// Which rank of a parallel program this process is, for
    /// [`merge`](Report::merge). Without it, what MPI's starters and Slurm say in the environment.
    pub const fn rank(mut self, rank: u64) -> Self {
        self.rank = Some(rank);
        self
    }

    /// What the report says was measured; the name of the program otherwise.
    pub fn program(mut self, name: impl Into<String>) -> Self {
        self.program = Some(name.into());
        self
    }

    /// Starts the session, after half a millisecond that finds out what recording costs; a whole one
    /// where lines are timed.
    ///
    /// # Errors
    /// When a session runs already, an argument is out of bounds, allocations cannot be counted,
    /// or the crate was built without its feature `record`.
    pub fn start(self) -> Result<Session> {
        if !cfg!(feature = "record") {
            return Err(Error::new(ErrorKind::FeatureOff("record")));
        }
        if self.traced > Self::MOST_TRACED {
            return Err(Error::argument("trace", self.traced, "at most 16777216"));
        }
        let mut runs = lock(&RUNS);
        if *runs {
            return Err(Error::new(ErrorKind::SessionRuns));
        }
        let delay = memory::uncounted(|| crate::clock::run_delay(crate::Scope::Process));
        let (price, start, state) = memory::uncounted(|| self.begin());
        if self.alloc && !memory::start(self.leaks) {
            record::stop();
            return Err(Error::new(ErrorKind::NoAllocator));
        }
        let (sampler, watch, counters, running) = (None, None, None, false);
        let mut session = Session {
            state,
            settings: self,
            price,
            start,
            delay,
            sampler,
            watch,
            counters,
            running,
        };
        if session.settings.sampler_hz > 0 {
            let sampler = memory::uncounted(|| Sampler::start(session.settings.sampler_hz));
            session.sampler = Some(sampler.inspect_err(|_| session.give_up())?);
        }
        if session.settings.lines == Some(Lines::Sample) {
            let watch = memory::uncounted(|| Watch::start(state, session.settings.looks_hz()));
            session.watch = Some(watch.inspect_err(|_| session.give_up())?);
        }
        if session.settings.counters {
            session.counters = Some(memory::uncounted(Counters::start));
        }
        *runs = true;
        session.running = true;
        Ok(session)
    }

    fn begin(&self) -> (Ticks, Moment, u32) {
        let wants = if self.alloc { ALLOC } else { 0 }
            | if self.traced > 0 { TRACE } else { 0 }
            | self.lines.map_or(0, Lines::wants);
        // Also chooses the clock.
        let _ = Moment::read();
        record::start(wants, self.traced, Ticks::NOTHING);
        let price = Ticks::measure();
        record::stop();
        let start = Moment::read();
        (price, start, record::start(wants, self.traced, price))
    }
}

/// The name of the program's file.
fn program() -> String {
    let path = std::env::current_exe().ok();
    let name = path.as_deref().and_then(|path| path.file_name());
    name.map_or_else(|| "program".to_owned(), |name| name.to_string_lossy().into_owned())
}

/// What the starter of a parallel program says.
fn rank() -> Option<u64> {
    let variables = ["OMPI_COMM_WORLD_RANK", "PMI_RANK", "PMIX_RANK", "SLURM_PROCID"];
    variables.into_iter().find_map(|name| std::env::var(name).ok()?.parse().ok())
}

/// A phase of a program, timed by itself: no session needed.
///
/// ```
/// use tenfold_profile::Timer;
///
/// let timer = Timer::start();
/// let sum: u64 = (0..1000).sum();
/// let lap = timer.elapsed();
/// assert!(sum == 499_500 && lap.wall.as_nanos() > 0);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Timer {
    start: Times,
    wall: std::time::Instant,
}

/// What three clocks say of a phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Times {
    /// Time on the wall.
    pub wall: Duration,
    /// Time that this thread had a core; `None` where the system does not tell.
    pub thread_cpu: Option<Duration>,
    /// Time that the process's threads had cores, together; `None` where the system does not tell.
    pub process_cpu: Option<Duration>,
}

impl Timer {
    /// Reads the clocks. Two system calls: about a microsecond.
    #[must_use]
    pub fn start() -> Self {
        Self { start: Self::cpu(), wall: std::time::Instant::now() }
    }

    /// What passed since the start. May be asked again and again.
    #[must_use]
    pub fn elapsed(&self) -> Times {
        let wall = self.wall.elapsed();
        let now = Self::cpu();
        let since = |now: Option<Duration>, start| Some(now?.saturating_sub(start?));
        Times {
            wall,
            thread_cpu: since(now.thread_cpu, self.start.thread_cpu),
            process_cpu: since(now.process_cpu, self.start.process_cpu),
        }
    }

    fn cpu() -> Times {
        Times {
            wall: Duration::ZERO,
            thread_cpu: crate::clock::cpu(crate::Scope::Thread),
            process_cpu: crate::clock::cpu(crate::Scope::Process),
        }
    }
}
