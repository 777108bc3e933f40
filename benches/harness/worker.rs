//! A ladder in another process, of this build or of another, that takes samples when told to.
//!
//! Comparing two builds means alternating their samples, so both run at the same time, each in a
//! process of its own, and only ever one of them works.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, bail};
use serde::{Deserialize, Serialize};
use tenfold_profile::Sample;

use crate::any::{AnyProblem, AnyWorkload};
use crate::climb::Entry;
use crate::pools::Pools;
use crate::settings::Settings;
use crate::workload::Cores;

/// One line from the harness to the worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Request {
    /// Say what answers, and of which version.
    About,
    /// Draw a problem: the n-th of a workload's size, or one from a file.
    Open { workload: String, size: String, nth: usize, input: Option<PathBuf> },
    /// Run the rung once, and give a few numbers of its answer.
    Answer { rung: String, threads: usize },
    /// Take one sample; 0 loops means as many as make it long enough.
    Sample { rung: String, threads: usize, loops: u64, min_sample_ms: u64 },
}

/// One line from the worker to the harness.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reply {
    /// What answers.
    About(About),
    /// The problem's label.
    Opened(String),
    /// Numbers of an answer, as `Workload::digest` says.
    Answered(Vec<f64>),
    /// A sample.
    Sampled(Reading),
    /// It cannot be done, and why.
    Failed(String),
}

/// What a worker is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct About {
    /// Its name and version.
    pub(crate) words: String,
    /// For each of its rungs the workloads that it has.
    pub(crate) written: BTreeMap<String, Vec<String>>,
}

/// What the comparison needs of a sample.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Reading {
    pub(crate) loops: u64,
    /// CPU time of one loop for a rung on one core, wall time for one on several.
    pub(crate) ns: f64,
    pub(crate) clean: bool,
    /// All loops together, in nanoseconds: wall time, CPU time, and the time spent waiting for a core. From
    /// peers; builds of the ladder are compared by `ns`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) clocks: Option<Clocks>,
}

/// What a sample is made of.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Clocks {
    pub(crate) wall_ns: u64,
    pub(crate) cpu_ns: u64,
    pub(crate) run_delay_ns: u64,
}

/// The harness's end of a worker. Dropping it ends the worker.
#[derive(Debug)]
pub(crate) struct Worker {
    child: Child,
    /// Closed to tell it to end.
    input: Option<ChildStdin>,
    lines: Receiver<std::io::Result<String>>,
    /// How long it may take for a reply.
    limit: Duration,
    program: PathBuf,
}

/// No rung takes a day.
const LONGEST: Duration = Duration::from_secs(86_400);
/// A peer that takes longer hangs: what would take as long is not asked of it.
const PEERS_LONGEST: Duration = Duration::from_secs(180);
/// How long a worker may take to end when it is told to.
const ENDING: Duration = Duration::from_secs(1);

impl Worker {
    /// Starts the ladder `program` as a worker.
    pub(crate) fn start(program: &Path) -> Result<Self> {
        let mut command = Command::new(program);
        if program != std::env::current_exe()? {
            // Another build has ranks of its own beside it, or none.
            command.env_remove(crate::ladder::job::VARIABLE);
        }
        Self::spawn(command, program, LONGEST)
    }

    /// Starts one peer of those that `program` knows, on so many ranks if it has some.
    pub(crate) fn start_peer(program: &Path, peer: &str, ranks: usize) -> Result<Self> {
        let mut command = Command::new(program);
        command.arg(peer).env("PEERS_RANKS", ranks.to_string());
        Self::spawn(command, program, PEERS_LONGEST)
    }

    fn spawn(mut command: Command, program: &Path, limit: Duration) -> Result<Self> {
        let mut child = command
            .arg("worker")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let input = child.stdin.take().ok_or_else(|| anyhow!("the worker has no stdin"))?;
        let output = child.stdout.take().ok_or_else(|| anyhow!("the worker has no stdout"))?;
        let (line, lines) = channel();
        // It ends with the worker's output, or when nobody listens any more.
        std::thread::spawn(move || {
            BufReader::new(output).lines().try_for_each(|read| line.send(read))
        });
        Ok(Self { child, input: Some(input), lines, limit, program: program.to_owned() })
    }

    /// Sends a request and waits for the reply.
    pub(crate) fn reply(&mut self, request: &Request) -> Result<Reply> {
        let context = || format!("the worker {} stopped answering", self.program.display());
        let input = self.input.as_mut().with_context(context)?;
        writeln!(input, "{}", serde_json::to_string(request)?).with_context(context)?;
        let line = match self.lines.recv_timeout(self.limit) {
            Ok(line) => line.with_context(context)?,
            Err(RecvTimeoutError::Disconnected) => bail!(context()),
            Err(RecvTimeoutError::Timeout) => {
                // Its reply to this would be taken for that to another.
                self.input = None;
                let (program, limit) = (self.program.display(), self.limit.as_secs());
                bail!("the worker {program} has not answered for {limit} s");
            }
        };
        serde_json::from_str(&line).with_context(context)
    }

    /// The same, where `Failed` is an error.
    fn ask(&mut self, request: &Request) -> Result<Reply> {
        match self.reply(request)? {
            Reply::Failed(reason) => bail!(reason),
            reply => Ok(reply),
        }
    }

    /// Asks what it is.
    pub(crate) fn about(&mut self) -> Result<About> {
        match self.ask(&Request::About)? {
            Reply::About(about) => Ok(about),
            other => bail!("expected a version, got {other:?}"),
        }
    }

    /// Opens a problem, which must be the one of that label.
    pub(crate) fn open(&mut self, request: &Request, label: &str) -> Result<()> {
        match self.ask(request)? {
            Reply::Opened(theirs) if theirs == label => Ok(()),
            Reply::Opened(theirs) => bail!("its problem is {theirs}, ours {label}"),
            other => bail!("expected a problem, got {other:?}"),
        }
    }

    /// Asks for a few numbers of the answer; none from builds that are older than the question.
    pub(crate) fn answer(&mut self, rung: &str, threads: usize) -> Result<Option<Vec<f64>>> {
        let request = Request::Answer { rung: rung.to_owned(), threads };
        match self.reply(&request)? {
            Reply::Answered(numbers) => Ok(Some(numbers)),
            Reply::Failed(reason) if reason.starts_with("unknown variant") => Ok(None),
            Reply::Failed(reason) => bail!(reason),
            other => bail!("expected an answer, got {other:?}"),
        }
    }

    /// Asks for a sample.
    pub(crate) fn sample(&mut self, request: &Request) -> Result<Reading> {
        match self.ask(request)? {
            Reply::Sampled(reading) => Ok(reading),
            other => bail!("expected a sample, got {other:?}"),
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // It ends with its input, as one that has started others has to; a program that is no ladder may never. One that
        // is gone already is as good.
        self.input = None;
        let until = Instant::now() + ENDING;
        while Instant::now() < until && matches!(self.child.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(2));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The worker's end: answers requests until its input ends.
pub(crate) fn serve(workloads: &[Box<dyn AnyWorkload>]) -> Result<()> {
    let mut served = Served { workloads, open: None, pools: Pools::default() };
    let mut output = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let reply = serde_json::from_str(&line?).map_err(anyhow::Error::from);
        let reply = reply.and_then(|request| served.answer(request));
        let reply = reply.unwrap_or_else(|error| Reply::Failed(format!("{error:#}")));
        writeln!(output, "{}", serde_json::to_string(&reply)?)?;
    }
    Ok(())
}

/// A workload and a problem of it.
type Open<'a> = (&'a dyn AnyWorkload, Box<dyn AnyProblem>);

struct Served<'a> {
    workloads: &'a [Box<dyn AnyWorkload>],
    open: Option<Open<'a>>,
    pools: Pools,
}

impl Served<'_> {
    fn about(&self) -> About {
        let mut written = BTreeMap::<String, Vec<String>>::new();
        for workload in self.workloads {
            for rung in workload.rungs() {
                written.entry(rung.name.to_owned()).or_default().push(workload.name().to_owned());
            }
        }
        About { words: format!("tenfold {}", env!("CARGO_PKG_VERSION")), written }
    }

    fn answer(&mut self, request: Request) -> Result<Reply> {
        match request {
            Request::About => Ok(Reply::About(self.about())),
            Request::Open { workload, size, nth, input } => {
                let workload = crate::cli::workload(self.workloads, &workload)?;
                let mut problems = match input {
                    Some(file) => vec![workload.read(&file).map_err(|error| anyhow!(error))?],
                    None => workload.problems(crate::cli::size(&size)?),
                };
                if nth >= problems.len() {
                    bail!("{} has no problem {nth} of size {size}", workload.name());
                }
                let problem = problems.swap_remove(nth);
                let label = problem.label();
                self.open = Some((workload, problem));
                Ok(Reply::Opened(label))
            }
            Request::Answer { rung, threads } => {
                let (entry, problem) = entry(self.open.as_ref(), &rung, threads)?;
                let digest = || problem.digest(entry.index);
                let numbers = self.pools.run(entry.rung.cores, threads, digest);
                let numbers = numbers.map_err(|e| anyhow!(e))?;
                // JSON has no other numbers.
                if let Some(number) = numbers.iter().find(|number| !number.is_finite()) {
                    bail!("the answer of {rung} has {number} in its digest");
                }
                Ok(Reply::Answered(numbers))
            }
            Request::Sample { rung, threads, loops, min_sample_ms } => {
                self.sample(&rung, threads, loops, min_sample_ms)
            }
        }
    }

    fn sample(&mut self, rung: &str, threads: usize, loops: u64, ms: u64) -> Result<Reply> {
        let (entry, problem) = entry(self.open.as_ref(), rung, threads)?;
        let timeit = entry.timeit(Duration::from_millis(ms));
        let take = || {
            let loops = if loops == 0 { problem.autorange(entry.index, &timeit) } else { loops };
            problem.sample(entry.index, &timeit, loops)
        };
        let sample = self.pools.run(entry.rung.cores, threads, take);
        let sample = sample.and_then(|sample| sample).map_err(|e| anyhow!(e))?;
        Ok(Reply::Sampled(reading(&sample, entry.rung.cores)))
    }
}

/// A rung, and the problem that is open.
fn entry<'a>(
    open: Option<&'a Open<'_>>,
    rung: &str,
    threads: usize,
) -> Result<(Entry, &'a dyn AnyProblem)> {
    let (workload, problem) = open.context("no problem is open")?;
    let settings = Settings { threads: vec![threads], ..Settings::default() };
    let entry = Entry::all(*workload, &settings)
        .into_iter()
        .find(|entry| entry.rung.name == rung && entry.rung.missing_feature.is_none())
        .with_context(|| format!("{} has no rung {rung} in this build", workload.name()))?;
    Ok((entry, &**problem))
}

fn reading(sample: &Sample, cores: Cores) -> Reading {
    let cpu = sample.cpu_ns().filter(|_| cores == Cores::One);
    Reading {
        loops: sample.loops,
        ns: cpu.unwrap_or_else(|| sample.wall_ns()),
        clean: sample.is_clean(),
        clocks: None,
    }
}
