//! Peers: what others are measured with, beside our rungs and in turns with them.
//!
//! A peer is a program that answers the worker's requests for each of its names. To the harness it is one more rung,
//! whose answers and samples come from that process: checked by its digest before it is timed.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, bail};
use tenfold_profile::{Sample, Timeit};

use crate::any::{AnyProblem, AnyWorkload, Checked, RungInfo};
use crate::check;
use crate::settings::Settings;
use crate::worker::{About, Request, Worker};
use crate::workload::{Cores, Note, Picture, Size};

/// The names of peers, the process that has it, and how many cores it uses.
const PEERS: [(&str, &str, Cores); 11] = [
    ("python", "python", Cores::One),
    ("lru_cache", "python", Cores::One),
    ("numpy", "numpy", Cores::One),
    ("numba", "numba", Cores::One),
    ("numba+threads", "numba", Cores::All),
    ("cython", "cython", Cores::One),
    ("cffi", "cffi", Cores::One),
    ("c", "c", Cores::One),
    ("c+threads", "c", Cores::All),
    ("dask", "dask", Cores::All),
    ("mpi4py", "mpi4py", Cores::All),
];

/// The peers of a run, each started once.
pub(crate) struct Peers(Vec<Arc<Peer>>);

/// One name of a process.
struct Peer {
    name: &'static str,
    cores: Cores,
    about: String,
    /// The workloads that it has; all, where the process does not run and cannot say.
    written: Option<Vec<String>>,
    min_sample: Duration,
    /// Shared by all names of the process; or why it does not run.
    served: Result<Arc<Mutex<Served>>, String>,
}

/// A process, and the problem that is open in it.
struct Served {
    worker: Worker,
    open: Option<Request>,
}

impl Peers {
    /// Starts the peers that are asked for.
    pub(crate) fn start(settings: &Settings) -> Result<Self> {
        let mut peers = Vec::new();
        let ranks = settings.threads.iter().copied().max().unwrap_or(1);
        for (nth, process) in settings.peers.iter().enumerate() {
            if settings.peers[..nth].contains(process) {
                continue;
            }
            let names: Vec<_> = PEERS.iter().filter(|(_, of, _)| of == process).collect();
            if names.is_empty() {
                let mut known = PEERS.map(|(_, process, _)| process).to_vec();
                known.dedup();
                bail!("--peer {process}: no such peer; known: {}", known.join(", "));
            }
            // One that does not run is listed with the reason, and the others go on.
            let started = settings.peer_program.clone().map_err(anyhow::Error::msg);
            let started = started.and_then(|program| serve(&program, process, ranks));
            let (served, about) = match started {
                Ok((served, about)) => (Ok(served), Some(about)),
                Err(error) => (Err(format!("{error:#}")), None),
            };
            peers.extend(names.into_iter().map(|&(name, _, cores)| {
                let words = about.as_ref().map_or(process, |about| &about.words);
                let written = about.as_ref().and_then(|about| about.written.get(name));
                Arc::new(Peer {
                    name,
                    cores,
                    about: words.clone(),
                    written: about.is_some().then(|| written.cloned().unwrap_or_default()),
                    min_sample: settings.min_sample,
                    served: served.clone(),
                })
            }));
        }
        Ok(Self(peers))
    }

    /// The workloads with the peers as rungs above their own.
    pub(crate) fn beside<'a>(
        &self,
        workloads: &'a [Box<dyn AnyWorkload>],
    ) -> Vec<Box<dyn AnyWorkload + 'a>> {
        let beside = |ours: &'a dyn AnyWorkload| -> Box<dyn AnyWorkload + 'a> {
            let has = |peer: &&Arc<Peer>| {
                peer.written.as_ref().is_none_or(|written| written.iter().any(|w| w == ours.name()))
            };
            Box::new(Beside { ours, peers: self.0.iter().filter(has).cloned().collect() })
        };
        workloads.iter().map(|ours| beside(ours.as_ref())).collect()
    }
}

fn serve(program: &Path, process: &str, ranks: usize) -> Result<(Arc<Mutex<Served>>, About)> {
    let mut worker = Worker::start_peer(program, process, ranks)?;
    let about = worker.about().with_context(|| format!("the peer {process} does not answer"))?;
    Ok((Arc::new(Mutex::new(Served { worker, open: None })), about))
}

/// A workload of ours, and the peers.
struct Beside<'a> {
    ours: &'a dyn AnyWorkload,
    peers: Vec<Arc<Peer>>,
}

impl Beside<'_> {
    fn problem(&self, problem: Box<dyn AnyProblem>, open: Request) -> Box<dyn AnyProblem> {
        Box::new(Problem {
            ours: problem,
            open,
            first: self.ours.rungs().len(),
            peers: self.peers.clone(),
            tolerance: self.ours.digest_tolerance(),
        })
    }

    fn open(&self, size: &str, nth: usize, input: Option<&Path>) -> Request {
        Request::Open {
            workload: self.ours.name().to_owned(),
            size: size.to_owned(),
            nth,
            input: input.map(Path::to_owned),
        }
    }
}

impl AnyWorkload for Beside<'_> {
    fn name(&self) -> &'static str {
        self.ours.name()
    }
    fn about(&self) -> &'static str {
        self.ours.about()
    }
    fn unit(&self) -> &'static str {
        self.ours.unit()
    }
    fn flops(&self) -> f64 {
        self.ours.flops()
    }
    fn bytes(&self) -> f64 {
        self.ours.bytes()
    }
    fn digest_tolerance(&self) -> f64 {
        self.ours.digest_tolerance()
    }
    fn rungs(&self) -> Vec<RungInfo> {
        let peers = self.peers.iter().map(|peer| RungInfo {
            name: peer.name,
            source: "",
            cores: peer.cores,
            missing_feature: None,
            peer: Some(peer.about.clone()),
        });
        self.ours.rungs().into_iter().chain(peers).collect()
    }
    fn problems(&self, size: Size) -> Vec<Box<dyn AnyProblem>> {
        let problems = self.ours.problems(size).into_iter().enumerate();
        problems
            .map(|(nth, problem)| self.problem(problem, self.open(size.name(), nth, None)))
            .collect()
    }
    fn read(&self, path: &Path) -> Result<Box<dyn AnyProblem>, String> {
        Ok(self.problem(self.ours.read(path)?, self.open("input", 0, Some(path))))
    }
}

/// A problem of ours, which the peers can open too.
struct Problem {
    ours: Box<dyn AnyProblem>,
    open: Request,
    /// The place of the first peer among the rungs.
    first: usize,
    peers: Vec<Arc<Peer>>,
    tolerance: f64,
}

impl Problem {
    /// The peer at that place, if it is not a rung of ours.
    fn peer(&self, rung: usize) -> Option<&Peer> {
        self.peers.get(rung.checked_sub(self.first)?).map(Arc::as_ref)
    }

    /// The peer's process, in which this problem is open.
    fn opened<'p>(&self, peer: &'p Peer) -> Result<MutexGuard<'p, Served>> {
        let served = peer.served.as_ref().map_err(|reason| anyhow!(reason.clone()))?;
        let mut served = served.lock().unwrap_or_else(PoisonError::into_inner);
        if served.open.as_ref() != Some(&self.open) {
            served.open = None;
            served.worker.open(&self.open, &self.ours.label())?;
            served.open = Some(self.open.clone());
        }
        Ok(served)
    }

    fn asked(&self, peer: &Peer) -> Result<Checked> {
        let reference =
            self.ours.reference_digest().context("there is no answer to compare with")?;
        if reference.is_empty() {
            bail!("this workload does not say by which numbers answers are compared");
        }
        let mut served = self.opened(peer)?;
        let start = Instant::now();
        let answer = served.worker.answer(peer.name, peer.threads())?;
        let first_call = start.elapsed();
        let answer = answer.context("it gives no answer")?;
        let verdict = check::same_digest(&reference, &answer, self.tolerance);
        Ok(Checked { first_call, verdict })
    }

    fn sampled(&self, peer: &Peer, loops: u64) -> Result<Sample> {
        let request = Request::Sample {
            rung: peer.name.to_owned(),
            threads: peer.threads(),
            loops,
            min_sample_ms: peer.min_sample.as_millis() as u64,
        };
        let reading = self.opened(peer)?.worker.sample(&request)?;
        let clocks = reading.clocks.context("its sample has no clocks")?;
        let [wall, cpu, run_delay] =
            [clocks.wall_ns, clocks.cpu_ns, clocks.run_delay_ns].map(Duration::from_nanos);
        Ok(Sample::from_parts(reading.loops, wall, Some(cpu), Some(run_delay)))
    }
}

impl Peer {
    /// Those of the pool that the harness calls it in, as any rung.
    fn threads(&self) -> usize {
        if self.cores == Cores::All { rayon::current_num_threads() } else { 1 }
    }
}

impl AnyProblem for Problem {
    fn label(&self) -> String {
        self.ours.label()
    }
    fn ops(&self) -> f64 {
        self.ours.ops()
    }
    fn course(&self) -> &'static [(&'static str, f64)] {
        self.ours.course()
    }
    fn excuse(&self, rung: usize) -> Option<String> {
        match self.peer(rung) {
            Some(peer) => self.opened(peer).err().map(|error| format!("{error:#}")),
            None => self.ours.excuse(rung),
        }
    }
    fn reference_digest(&self) -> Option<Vec<f64>> {
        self.ours.reference_digest()
    }
    fn check(&mut self, rung: usize) -> Result<Checked, String> {
        match self.peer(rung) {
            Some(peer) => self.asked(peer).map_err(|error| format!("{error:#}")),
            None => self.ours.check(rung),
        }
    }
    fn digest(&self, rung: usize) -> Vec<f64> {
        self.ours.digest(rung)
    }
    fn autorange(&self, rung: usize, timeit: &Timeit) -> u64 {
        // A peer finds its number of loops with its first sample.
        if self.peer(rung).is_some() { 0 } else { self.ours.autorange(rung, timeit) }
    }
    fn sample(&self, rung: usize, timeit: &Timeit, loops: u64) -> Result<Sample, String> {
        match self.peer(rung) {
            Some(peer) => self.sampled(peer, loops).map_err(|error| format!("{error:#}")),
            None => self.ours.sample(rung, timeit, loops),
        }
    }
    fn note(&self, rung: usize) -> Option<Note> {
        self.peer(rung).is_none().then(|| self.ours.note(rung)).flatten()
    }
    fn picture(&self) -> Option<Picture> {
        self.ours.picture()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::PathBuf;
    use std::process::Command;

    use super::*;
    use crate::climb::Climb;
    use crate::document::{Rung, RungStatus};
    use crate::ladder::integrate::Integrate;
    use crate::pools::Pools;

    /// A peer in the shell that knows one workload, and says of it what `answer` and `sample` are.
    fn program(folder: &Path, answer: &str, sample: &str) -> PathBuf {
        let about = r#"{"about": {"words": "a shell 1.0", "written": {"c": ["integrate", "pi"]}}}"#;
        let opened = r#"{"opened": "[0, 2] in 100000 parts"}"#;
        let script = format!(
            "#!/bin/sh\n[ \"$1\" = c ] || exit 1\nwhile read -r line; do case $line in\n\
             *about*) echo '{about}';;\n*open*) echo '{opened}';;\n*answer*) {answer};;\n\
             *sample*) {sample};;\nesac; done\n"
        );
        let (text, file) = (folder.join("text"), folder.join("peer"));
        fs::write(&text, script).unwrap();
        fs::set_permissions(&text, fs::Permissions::from_mode(0o755)).unwrap();
        // By a process of its own: what a test beside this one starts just now has all files that are open here for a
        // moment, and what somebody may write to nobody can run.
        assert!(Command::new("cp").args([&text, &file]).status().unwrap().success());
        file
    }

    const RIGHT: &str = r#"echo '{"answered": [0.6666466668]}'"#;
    const SAMPLE: &str = r#"echo '{"sampled": {"loops": 2, "ns": 1e6, "clean": true,
        "clocks": {"wall_ns": 2000000, "cpu_ns": 1900000, "run_delay_ns": 0}}}' | tr -d '\n'; echo"#;

    /// What becomes of the peer `c` beside the integral.
    fn measured(peer_program: Result<PathBuf, String>) -> Rung {
        let settings = Settings {
            rungs: vec!["tuned".to_owned()],
            peers: vec!["c".to_owned()],
            peer_program,
            min_sample: Duration::from_micros(10),
            enough: 3,
            ..Settings::default()
        };
        let ours: Vec<Box<dyn AnyWorkload>> = vec![Box::new(Integrate)];
        let beside = Peers::start(&settings).unwrap().beside(&ours);
        let mut problem = beside[0].problems(Size::S).swap_remove(0);
        let mut pools = Pools::default();
        let until = Instant::now() + Duration::from_secs(60);
        let climb = Climb::check(&*beside[0], &mut *problem, &settings, &mut pools, until);
        let (_, mut rungs) = climb.time(&*problem, &settings, &mut pools, until);
        assert_eq!(rungs[1].name, "tuned");
        assert!(rungs[1].checked && rungs[1].peer.is_none());
        rungs.swap_remove(2)
    }

    fn with(answer: &str, sample: &str) -> Rung {
        let folder = tempfile::tempdir().unwrap();
        measured(Ok(program(folder.path(), answer, sample)))
    }

    #[test]
    fn a_right_answer_is_timed_beside_ours() {
        let rung = with(RIGHT, SAMPLE);
        assert_eq!((rung.name.as_str(), rung.threads), ("c", 1));
        assert_eq!(rung.peer.as_deref(), Some("a shell 1.0"));
        assert_eq!((rung.status, rung.reason), (RungStatus::Measured, None));
        assert!(rung.checked && rung.samples >= 3);
        // A million nanoseconds for 100,000 operations.
        assert_eq!(rung.best_ns_per_op, Some(10.0));
        assert_eq!(rung.cpu_ns_per_op, Some(9.5));
        assert!(rung.speedup_vs_naive.is_some() && rung.speedup_vs_previous.is_none());
    }

    #[test]
    fn a_wrong_answer_is_told_and_not_timed() {
        let rung = with(r#"echo '{"answered": [0.7]}'"#, SAMPLE);
        assert_eq!((rung.status, rung.samples), (RungStatus::Wrong, 0));
        assert!(rung.reason.unwrap().starts_with("its answer is another one: [0.7], ours [0.66"));
    }

    #[test]
    fn what_does_not_run_is_listed_with_the_reason() {
        let failed = with(r#"echo '{"failed": "no compiler"}'"#, SAMPLE);
        assert_eq!(failed.status, RungStatus::Unavailable);
        assert_eq!(failed.reason.as_deref(), Some("no compiler"));
        let lost = with(RIGHT, "exit 0");
        assert_eq!((lost.status, lost.samples), (RungStatus::Degraded, 0));
        assert!(lost.reason.unwrap().ends_with("stopped answering"));
        let lacks = measured(Err("there is no Python".to_owned()));
        assert_eq!(lacks.status, RungStatus::Unavailable);
        assert_eq!(lacks.reason.as_deref(), Some("there is no Python"));
        let missing = measured(Ok("/nowhere/peer".into()));
        assert_eq!(
            missing.reason.as_deref(),
            Some("cannot start /nowhere/peer: No such file or directory (os error 2)")
        );
    }

    #[test]
    fn workloads_that_a_peer_does_not_have_are_without_it() {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings {
            peers: vec!["c".to_owned()],
            peer_program: Ok(program(folder.path(), RIGHT, SAMPLE)),
            ..Settings::default()
        };
        let ours = crate::ladder::all();
        let beside = Peers::start(&settings).unwrap().beside(&ours);
        let has = |workload: &dyn AnyWorkload| workload.rungs().iter().any(|r| r.peer.is_some());
        let all = beside.iter().map(AsRef::as_ref);
        let names: Vec<_> = all.filter(|w| has(*w)).map(AnyWorkload::name).collect();
        assert_eq!(names, ["pi", "integrate"]);
        // `c+threads` is a name of the same process, of which it says nothing.
        let unknown = Settings { peers: vec!["fortran".to_owned()], ..Settings::default() };
        let error = Peers::start(&unknown).err().unwrap().to_string();
        assert!(error.starts_with("--peer fortran: no such peer; known: python, numpy"), "{error}");
    }
}
