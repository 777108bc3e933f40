//! `cargo xtask trial`: the harness against itself.
//!
//! Runs comparisons whose right verdict is known: a build against itself, idle and with a load
//! beside it, must raise no flag; a build that does 5 % more work must be caught in every run
//! whose own noise floor is at most 1 %, and any other run must say that it cannot tell.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, bail};
use lexopt::{Arg, Parser};

use crate::bench::document::{Comparison, Event, Verdict};
use crate::exit::{self, Exit, usage};
use crate::sh;

pub(crate) const HELP: &str = "\
cargo xtask trial [--runs 20] [--seconds 8]

Tries the harness on comparisons with a known answer: RUNS of a build against itself, half of them
with a load beside them, and RUNS against a build that does 5 % less work. Exits with 1 if a flag
is raised without a cause or a slowdown goes unseen in a quiet run.
";

/// The rung that is slowed.
const SLOWED: &str = "tuned";
/// With a floor above this, a run may say that it cannot tell.
const QUIET: f64 = 0.01;
/// Of the slowdowns in quiet runs, at most this share may go unseen.
const UNSEEN: f64 = 0.05;

/// Runs the command.
pub(crate) fn run(mut parser: Parser) -> Result<Exit> {
    let (mut runs, mut seconds) = (20_usize, 8.0_f64);
    while let Some(arg) = parser.next().map_err(|error| usage(error.to_string()))? {
        match arg {
            Arg::Long("runs") => runs = number(&mut parser, "--runs")?,
            Arg::Long("seconds") => seconds = number(&mut parser, "--seconds")?,
            Arg::Short('h') | Arg::Long("help") => return exit::print(HELP),
            other => return Err(usage(other.unexpected().to_string())),
        }
    }
    let folder = build()?;
    let trial = |program: &str, seed: usize| {
        comparisons(&folder.join(program), &folder.join("planted"), seconds, seed)
    };
    let mut tally = Tally::default();
    for run in 0..runs {
        let load = (run % 2 == 1).then(Load::start).transpose()?;
        let name = if load.is_some() { "A/A loaded" } else { "A/A" };
        tally.same(name, &trial("planted", run)?);
    }
    for run in 0..runs {
        tally.slow("+5 %", &trial("planted-slow", run)?);
    }
    tally.end()
}

fn number<T: std::str::FromStr>(parser: &mut Parser, name: &str) -> Result<T> {
    let value = parser.value().map_err(|error| usage(error.to_string()))?;
    let text = value.to_string_lossy();
    text.parse().map_err(|_| usage(format!("{name} {text}: expected a number")))
}

/// Builds the planted ladders and gives the folder they are in.
fn build() -> Result<std::path::PathBuf> {
    let mut cargo = sh::cargo();
    cargo.args(["build", "--release", "--package", "tenfold-benches", "--features", "planted"]);
    sh::run(cargo.args(["--bin", "planted", "--bin", "planted-slow"]))?;
    Ok(sh::target_dir().join("release"))
}

/// One comparison of two ladders.
fn comparisons(this: &Path, other: &Path, seconds: f64, seed: usize) -> Result<Vec<Comparison>> {
    let mut command = Command::new(this);
    command.args(["run", "--rung", SLOWED, "--seconds"]).arg(seconds.to_string());
    command.args(["--seed", &seed.to_string(), "--against"]).arg(other);
    let output = sh::output(command.stderr(Stdio::inherit()))?;
    if !output.status.success() {
        bail!("{} failed: {}", sh::display(&command), output.status);
    }
    let mut comparisons = Vec::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let event = serde_json::from_str(line).with_context(|| format!("not an event: {line}"))?;
        if let Event::Comparison(comparison) = event {
            comparisons.push(comparison);
        }
    }
    Ok(comparisons)
}

/// A load beside the measurement: processes that spin, one on each core, until dropped.
struct Load(Vec<Child>);

impl Load {
    fn start() -> Result<Self> {
        let cores = std::thread::available_parallelism().map_or(1, Into::into);
        // The shell is the one spinner that every system has.
        let spin = || Command::new("sh").args(["-c", "while :; do :; done"]).spawn();
        let spinners: std::io::Result<Vec<Child>> = (0..cores).map(|_| spin()).collect();
        Ok(Self(spinners.context("cannot start a load")?))
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        for child in &mut self.0 {
            // Already gone is as good.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// What the comparisons came to.
#[derive(Default)]
struct Tally {
    compared: usize,
    flags: usize,
    degraded: usize,
    slowed: usize,
    quiet: usize,
    caught_quiet: usize,
    caught: usize,
    /// Loud, not flagged, and not said to be degraded: there must be none.
    silent: usize,
}

impl Tally {
    fn same(&mut self, name: &str, comparisons: &[Comparison]) {
        for c in comparisons {
            show(name, c);
            self.compared += 1;
            self.flags += usize::from(flagged(c));
            self.degraded += usize::from(c.verdict == Verdict::Degraded);
        }
    }

    fn slow(&mut self, name: &str, comparisons: &[Comparison]) {
        for c in comparisons {
            if c.rung != SLOWED {
                continue;
            }
            show(name, c);
            let quiet = c.noise_floor.is_some_and(|floor| floor <= QUIET);
            let caught = c.verdict == Verdict::Slower;
            self.slowed += 1;
            self.quiet += usize::from(quiet);
            self.caught += usize::from(caught);
            self.caught_quiet += usize::from(quiet && caught);
            self.silent += usize::from(!quiet && !caught && c.verdict != Verdict::Degraded);
        }
    }

    fn end(&self) -> Result<Exit> {
        let same = format!(
            "a build against itself: {} comparisons, {} judged and {} too noisy to judge, {} flags\n",
            self.compared,
            self.compared - self.degraded,
            self.degraded,
            self.flags
        );
        let slow = format!(
            "5 % more work: {} comparisons, {} caught; of the {} with a floor of at most 1 %, {} \
             caught; of the others, {} kept silent\n",
            self.slowed, self.caught, self.quiet, self.caught_quiet, self.silent
        );
        exit::print(&(same + &slow))?;
        if self.compared == self.degraded || self.quiet == 0 {
            exit::say("the host was too busy for a single verdict: the trial shows nothing");
            return Ok(Exit::Nothing);
        }
        let unseen = self.quiet - self.caught_quiet;
        let seen = unseen as f64 <= UNSEEN * self.quiet as f64;
        Ok(if self.flags == 0 && seen && self.silent == 0 { Exit::Ok } else { Exit::Failed })
    }
}

fn flagged(c: &Comparison) -> bool {
    matches!(c.verdict, Verdict::Slower | Verdict::Faster)
}

fn show(name: &str, c: &Comparison) {
    let percent = |ratio: Option<f64>| ratio.map_or(f64::NAN, |ratio| 100.0 * ratio);
    exit::say(&format!(
        "{name:<10} {} {:<6} change {:+.2} %, floor {:.2} %, {}/{} pairs clean: {:?}",
        c.name,
        c.rung,
        percent(c.change),
        percent(c.noise_floor),
        c.clean_pairs,
        c.pairs,
        c.verdict
    ));
}
