//! What a run is asked to do.

use std::path::PathBuf;
use std::time::Duration;

use crate::workload::Size;

/// What a run is asked to do; the command line's defaults are [`Settings::default`].
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// Names of workloads; empty means all.
    pub(crate) workloads: Vec<String>,
    /// Names of rungs to measure beside `naive`; empty means all.
    pub(crate) rungs: Vec<String>,
    pub(crate) sizes: Vec<Size>,
    /// Pool sizes for the rungs that use threads.
    pub(crate) threads: Vec<usize>,
    /// Files that replace the drawn problems of a workload.
    pub(crate) inputs: Vec<(String, PathBuf)>,
    /// How long the whole run may take.
    pub(crate) time: Duration,
    /// Check every answer, also when the time is up.
    pub(crate) check_all: bool,
    /// How many clean samples are enough.
    pub(crate) enough: usize,
    /// How long a sample lasts at least.
    pub(crate) min_sample: Duration,
    pub(crate) seed: u64,
    /// Where pictures go; none are written without it.
    pub(crate) out: Option<PathBuf>,
    /// Another build's ladder to compare with.
    pub(crate) against: Option<PathBuf>,
    /// Who else is measured beside the rungs, by names of [`crate::peer::PEERS`].
    pub(crate) peers: Vec<String>,
    /// The program that runs them, named by its first argument; or why there is none.
    pub(crate) peer_program: Result<PathBuf, String>,
    /// Whether somebody watches.
    pub(crate) progress: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            workloads: Vec::new(),
            rungs: Vec::new(),
            sizes: vec![Size::Course],
            threads: vec![crate::host::cores()],
            inputs: Vec::new(),
            time: Duration::from_secs(60),
            check_all: false,
            enough: 30,
            min_sample: Duration::from_millis(10),
            seed: 0,
            out: None,
            against: None,
            peers: Vec::new(),
            peer_program: Err(String::from("no --peer-program runs it")),
            progress: false,
        }
    }
}

impl Settings {
    /// Whether the rung is wanted. `naive` always is: the speed-ups stand on it.
    pub(crate) fn wants(&self, rung: &str) -> bool {
        self.rungs.is_empty() || rung == "naive" || self.rungs.iter().any(|name| name == rung)
    }
}
