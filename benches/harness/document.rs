//! The types of what the ladder prints: one event a line, and the document made of them.
//!
//! This file is compiled into two programs, the ladder that writes and xtask that reads, so that
//! there is one definition and xtask need not depend on the benches. The schema is described in
//! `benches/SCHEMA.md`.

use serde::{Deserialize, Serialize};

/// Raised when a field changes its meaning or goes away; new fields do not raise it.
pub const SCHEMA: u32 = 1;

/// One line of what the ladder prints.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// First: who measures.
    Start {
        /// [`SCHEMA`].
        schema: u32,
        /// The seed of the order of samples and of the bootstrap.
        seed: u64,
        /// The machine.
        host: Host,
    },
    /// What the machine can do, for the roofline.
    Peaks(Peaks),
    /// What is done next.
    Begin {
        /// The problem.
        title: String,
    },
    /// A finished problem.
    Workload(Box<Workload>),
    /// A finished comparison of one rung of one problem with another build.
    Comparison(Comparison),
    /// Last: nothing was lost.
    End,
}

/// Everything of one run.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Document {
    /// [`SCHEMA`].
    pub schema: u32,
    /// When the run started, RFC 3339 in UTC.
    pub time: String,
    /// The command that repeats it.
    pub command: String,
    /// The seed of the order of samples and of the bootstrap.
    pub seed: u64,
    /// The hash of the program that measured; the program is kept for `--against`.
    pub program: String,
    /// The machine.
    pub host: Host,
    /// The median of the workloads' noise floors, as a ratio (0.01 is 1 %); `None` if no A/A pair
    /// was clean.
    pub noise_floor: Option<f64>,
    /// How the run went as a whole.
    pub status: RunStatus,
    /// What the machine can do.
    pub peaks: Option<Peaks>,
    /// The problems, in the order of the ladder.
    pub workloads: Vec<Workload>,
    /// With `--against`: what it was compared with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub against: Option<String>,
    /// With `--against`: one entry for each rung of each problem.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub comparisons: Vec<Comparison>,
    /// With `--micro`: criterion's estimates.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub micro: Vec<Micro>,
}

/// How a run went as a whole; the worst of its parts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// Every rung that could be measured was.
    #[default]
    Ok,
    /// The host was too busy for some rung or comparison.
    Degraded,
    /// A comparison found a rung slower.
    Regression,
    /// Nothing was measured.
    Nothing,
    /// A rung gave a wrong answer.
    Wrong,
    /// The ladder crashed; what was finished is in the document.
    Crashed,
    /// Somebody stopped the run; what was finished is in the document.
    Interrupted,
}

/// The machine that measured.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Host {
    /// What must be equal for figures to be comparable: processor, cores, memory, system.
    pub fingerprint: String,
    /// The processor's name.
    pub cpu: String,
    /// Threads that may run at once.
    pub cores: usize,
    /// How many of them a spin on all of them really got, as the run began.
    pub cores_granted: Option<f64>,
    /// Instruction sets worth knowing of: "avx2 fma avx512f".
    pub isa: String,
    /// Main memory in bytes.
    pub memory_bytes: u64,
    /// Operating system and kernel.
    pub os: String,
    /// The one-minute load average as the run began.
    pub load: Option<f64>,
    /// The share of time in which some task waited for a core, in the last 10 s before the run
    /// (pressure stall information), from 0 to 1.
    pub cpu_pressure: Option<f64>,
    /// The compiler; filled in by xtask.
    #[serde(default)]
    pub rustc: String,
    /// Commit, with `+` when there are changes; filled in by xtask.
    #[serde(default)]
    pub commit: String,
}

/// What the machine can do, measured on the spot with baseline instructions.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Peaks {
    /// Bytes per second of a triad over arrays far larger than the cache, on one core.
    pub bytes_per_s: f64,
    /// Floating-point operations per second of independent multiply-adds, on one core.
    pub flops_per_s: f64,
    /// The triad on all cores.
    pub bytes_per_s_all: f64,
    /// The multiply-adds on all cores.
    pub flops_per_s_all: f64,
}

/// One problem of a workload and what its rungs made of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Workload {
    /// Its place on the ladder; problems are timed in another order, the quick ones first.
    pub position: usize,
    /// The workload's name.
    pub name: String,
    /// What it computes.
    pub about: String,
    /// `s`, `m`, `l`, `course`, or `input` for a file.
    pub size: String,
    /// The problem's parameters in words.
    pub label: String,
    /// What an operation is.
    pub unit: String,
    /// Operations of the naive rung.
    pub ops: f64,
    /// Floating-point operations of one operation; 0 if the workload does not say.
    pub flops_per_op: f64,
    /// Bytes to and from memory of one operation; 0 if the workload does not say.
    pub bytes_per_op: f64,
    /// From this problem's own A/A pair: how far two measurements of one thing were apart, as a
    /// ratio (0.01 is 1 %).
    pub noise_floor: Option<f64>,
    /// The rungs, lowest first, and then the peers.
    pub rungs: Vec<Rung>,
    /// What the course "Python in HPC" measured of this problem, on its own machine: whose figure it is, and
    /// nanoseconds of one operation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub course: Vec<(String, f64)>,
    /// A picture of the answer, as a file name in the report's folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
}

/// What became of a rung.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RungStatus {
    /// Checked and timed.
    Measured,
    /// Checked, but the host or the time could not give what a figure needs; there is none.
    Degraded,
    /// The answer is wrong; it was not timed.
    Wrong,
    /// It cannot run here, or not on this problem.
    Unavailable,
    /// It was left out of the build.
    NotBuilt,
}

/// One rung on one problem. Times are nanoseconds of wall time for one operation, or `None` where
/// there is no figure.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Rung {
    /// The rung's name.
    pub name: String,
    /// How many threads it was given.
    pub threads: usize,
    /// What became of it.
    pub status: RungStatus,
    /// Why it is not `measured`, in one sentence.
    pub reason: Option<String>,
    /// Whether its answer was compared with the reference and found right.
    pub checked: bool,
    /// The largest error, in the measure of the workload's check.
    pub max_error: Option<f64>,
    /// Seconds that cargo took in this run to build the program that holds the rung.
    pub build_s: Option<f64>,
    /// The first call, with cold caches and fresh pages, in nanoseconds for the whole problem.
    pub first_call_ns: Option<f64>,
    /// The minimum of the clean samples.
    pub best_ns_per_op: Option<f64>,
    /// The upper end of the 95 % bootstrap interval of that minimum; its lower end is the minimum.
    pub best_high_ns_per_op: Option<f64>,
    /// The median of the clean samples.
    pub median_ns_per_op: Option<f64>,
    /// The minimum of CPU time, of all threads together.
    pub cpu_ns_per_op: Option<f64>,
    /// Best of `naive` by best of this.
    pub speedup_vs_naive: Option<f64>,
    /// Best of the nearest measured rung below by best of this.
    pub speedup_vs_previous: Option<f64>,
    /// How many samples were taken.
    pub samples: usize,
    /// In how many the run delay was at most 2 %.
    pub clean_samples: usize,
    /// Every clean sample, in the order of time.
    pub clean_ns_per_op: Vec<f64>,
    /// The device that computed, for a rung that uses one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// How long arrays were on their way there and back, in nanoseconds for one operation: the minimum of a few
    /// further runs that wait for each array.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transfer_ns_per_op: Option<f64>,
    /// What it is and of which version, where it is no rung of ours but a peer: "numpy 2.4.6, Python 3.11.2".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peer: Option<String>,
    /// The rung's source; left out of the history.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
}

/// The verdict on one rung in a comparison of two builds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Slower, by more than noise explains.
    Slower,
    /// Faster, by more than noise explains.
    Faster,
    /// No difference that noise does not explain.
    Same,
    /// There is no telling: too noisy, too few clean pairs, or the other build cannot run it.
    Degraded,
}

/// One rung of one problem, this build against another, samples of both alternating.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Comparison {
    /// The workload's name.
    pub name: String,
    /// The problem's label.
    pub label: String,
    /// The rung's name.
    pub rung: String,
    /// The threads it was given.
    pub threads: usize,
    /// The median of the paired ratios new/old, minus one: 0.05 is 5 % slower.
    pub change: Option<f64>,
    /// The 95 % bootstrap interval of `change`.
    pub interval: Option<(f64, f64)>,
    /// How far two processes of this same build were apart in this run.
    pub noise_floor: Option<f64>,
    /// How many pairs were taken.
    pub pairs: usize,
    /// In how many both samples were clean.
    pub clean_pairs: usize,
    /// The verdict.
    pub verdict: Verdict,
    /// Why it is `degraded`, in one sentence.
    pub reason: Option<String>,
}

/// An estimate of a criterion benchmark, in nanoseconds per iteration.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Micro {
    /// The bench target, named after the crate it measures.
    pub bench: String,
    /// The benchmark's full id.
    pub id: String,
    /// The median.
    pub median_ns: f64,
    /// The 95 % interval of the median.
    pub interval_ns: (f64, f64),
}
