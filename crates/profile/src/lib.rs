//! Find the ten per cent: where a program's time and memory go, at a cost that leaves it itself.
//!
//! This replaces Python's `timeit`, `cProfile` with `pstats`, `line_profiler` and `memory_profiler`. It is not for
//! comparing two programs over weeks (use a benchmark harness with a history), and not for programs
//! that you cannot build: use `perf` there.
//!
//! ```
//! use tenfold_profile::{Session, profile, scope};
//!
//! #[profile]
//! fn assemble(n: u64) -> u64 {
//!     (0..n).map(|i| i * i % 7).sum()
//! }
//!
//! let session = Session::start().unwrap();
//! let sums: Vec<u64> = scope!("all", (0..10).map(|i| assemble(1000 * i)).collect());
//! let report = session.finish();
//!
//! println!("{report}");
//! assert_eq!(report.function("assemble").unwrap().calls(), 10);
//! assert!(report.function("all").unwrap().total_ns() >= report.function("assemble").unwrap().total_ns());
//! # assert_eq!(sums.len(), 10);
//! ```
//!
//! # Overview
//! A [`Session`] is from when to when things are recorded; there is one at a time, on all threads.
//! Scopes are what is recorded: functions and `impl` blocks with [`#[profile]`](macro@profile), and
//! blocks with [`scope!`]. What a session found is a [`Report`]: a table in pstats' manner
//! ([`Report::stats`]), the fewest functions that take most of the time ([`Report::pareto`]), what
//! speaks against the figures ([`Report::diagnosis`]), and files: JSON, Python's `.prof`,
//! speedscope, Chrome's trace, a flame graph, one HTML page.
//!
//! - Recursion counts as in Python: all calls, and primitive ones, which are those outside of other
//!   calls of the same function; cumulative times count the outermost call.
//! - What recording costs is measured when a session starts and is in no figure. A function that
//!   takes less than ten times that a call is marked, and named in the diagnosis.
//! - Scopes that are open when the session ends count as if they had ended then.
//!
//! [`#[profile(lines)]`](macro@profile#lines) tells the lines of a function apart, in one of three ways
//! that the session chooses ([`Lines`]): how often each ran, where a thread that looks finds it, or by
//! the clock. [`Report::lines`] has them with their source.
//!
//! [`CountingAllocator`] counts bytes and blocks by scope. [`timeit()`] takes a closure and gives a
//! [`Timing`]: a list of [`Sample`]s, each of so many loops that it is long against the clock;
//! [`Timeit`] is the same with knobs; [`Timer`] times a phase by three clocks. Interference only
//! ever adds time, so the **minimum** of the clean samples is the figure closest to the code
//! itself. Each sample carries its own witness: the **run delay**, the time in which it was ready to
//! run and something else had the core.
//!
//! # From Python
//!
//! | Python | here |
//! |---|---|
//! | `timeit.timeit(f)`, `%timeit` | [`timeit()`], [`timeit!`]`(expression)` |
//! | `cProfile.Profile()`, `enable`, `disable` | [`Session::start`], [`Session::finish`] |
//! | `pstats.Stats(p).sort_stats("time").print_stats(10)` | `report.stats().sort_by(Sort::SelfTime).top(10)` |
//! | `.strip_dirs()`, `.print_callers()`, `.print_callees()` | `.strip(true)`, `.callers(true)`, `.callees(true)` |
//! | `p.dump_stats("x.prof")` | [`Report::write_prof`], which pstats and snakeviz open |
//! | `@profile` of line_profiler, `kernprof -l` | `#[profile(lines)]` and `Session::builder().lines(Lines::Time)` |
//! | `@profile` of memory_profiler | `Session::builder().alloc(true)` and [`CountingAllocator`] |
//! | `time.perf_counter()`, `process_time()`, `thread_time()` | [`Timer`] |
//!
//! # Cost
//! A scope is two reads of the clock, 21 ns in a virtual machine on an AMD EPYC (Zen 3), and two
//! nanoseconds beside them; a sampled scope that is not timed is 4 ns; without a session a scope is
//! one relaxed load and a branch. A line costs 0.7 ns where it is counted and 23 ns where it is timed,
//! which stands in no figure; while lines are counted a loop of theirs does not go wide, and without a
//! session it does. Without the feature `record` it is nothing, by the letter of the
//! machine code. A session starts in about half a millisecond. A thread's record takes about 16 KiB
//! and 200 bytes a call path, and is used again by later threads. Built without optimisation, what is
//! inlined into the program costs some 20 ns more, of which a session does not know.
//!
//! # Features
//! - `record`, on by default: scopes record. A library that has scopes depends on this crate with
//!   `default-features = false`, and leaves the choice to the program.
//! - `sampler`: [`Builder::sampler_hz`] and what it needs to unwind stacks and to name addresses. On
//!   Linux with x86-64; elsewhere it is an error to ask for it.
//! - `counters`: [`Builder::counters`], by the system calls of Linux on x86-64; elsewhere each says
//!   that it is not available.
//! - `cli`: the program `tenfold-profile`, which runs programs under the sampler and shows reports.
//!
//! CPU clocks need Unix and the run delay needs Linux; elsewhere both are `None`.

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod clock;
#[cfg(all(feature = "counters", target_os = "linux", target_arch = "x86_64"))]
mod counters;
#[cfg(not(all(feature = "counters", target_os = "linux", target_arch = "x86_64")))]
#[path = "no_counters.rs"]
mod counters;
mod error;
mod memory;
mod record;
mod report;
mod sample;
#[cfg(all(feature = "sampler", target_os = "linux", target_arch = "x86_64"))]
mod sampler;
#[cfg(not(all(feature = "sampler", target_os = "linux", target_arch = "x86_64")))]
#[path = "no_sampler.rs"]
mod sampler;
mod session;
mod stats;
mod timeit;
mod timing;
mod units;

pub use error::{Error, ErrorKind};
pub use memory::CountingAllocator;
pub use report::{
    Change, Counter, Diff, Function, FunctionLines, Leak, Line, LineTables, Pareto, RankFunction,
    RankPath, Ranks, Report, SampledFunction, Sampling, Sort, Spread, Table,
};
pub use sample::{Sample, Scope};
pub use session::{Builder, Lines, Session, Timer, Times};
pub use stats::Stats;
pub use tenfold_profile_macros::profile;
pub use timeit::{Timeit, timeit};
pub use timing::Timing;

#[doc = include_str!("../README.md")]
#[cfg(doctest)]
struct ReadmeDoctests;
