//! The command line of `cargo xtask bench`.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, bail};
use lexopt::{Arg, Parser, ValueExt as _};

use crate::exit::usage;

pub(crate) const HELP: &str = "\
cargo xtask bench [WORKLOAD..] [OPTIONS]

Climbs the ladder: runs each workload's naive rung, checks every other rung's answer against it,
and times those that are right. Writes target/tenfold/report.html and a line of history.

what to measure
  --rung R            measure this rung beside naive; may be repeated
  --size s|m|l|course  which problems (default: course, the parameters of Python in HPC)
  --input W=FILE      give workload W this file in place of a drawn problem
  --threads 1,2       pool sizes for the rungs that use threads (default: all cores)
  --with F,G          build with these cargo features of tenfold-benches (linalg, gpu)
  --micro [CRATE]     the criterion micro-benchmarks, of all crates or of one, in place of the
                      ladder (with --full or a WORKLOAD: in addition); those that are heavy to
                      build only by their name or with --with
  --profile           in place of timing, shows where each rung's time goes, and writes a page for it
                      to target/tenfold/profile
  --ladder PROGRAM    use this ladder program in place of building ours; stays out of the history
beside others
  --peers P,Q         python, numpy, numba, cython, cffi, c, dask, mpi4py or all: the same problems as one writes
                      them there, in turns with the rungs; with --micro, what a call, a message and a task cost
                      there. Tells first what it downloads for that
how long
  --smoke             size s, a few samples, done in seconds: checks every answer
  --full              sizes s, m, l and course, 10 minutes, and --micro
  --time 60s          how long the measuring may take
comparing
  --against last|FILE compare with the last run on this host, with the document FILE, or with
                      the ladder program FILE; samples of both builds alternate
  --fail-on 5%        exit with 1 only if a rung got slower by more than this
  --strict            exit with 3 if the host was too busy for some figure
what to print
  --format text|json|jsonl|md  what goes to stdout (default: text)
  --list              what would be measured
  --dry-run           what would be run
  --seed N            repeat the order of an earlier run's samples
";

/// Who can be measured beside the rungs.
pub(super) const PEERS: [&str; 8] =
    ["python", "numpy", "numba", "cython", "cffi", "c", "dask", "mpi4py"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Text,
    Json,
    Jsonl,
    Md,
}

/// What is run before the document is written: all, or only told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Help,
    List,
    DryRun,
    Measure,
}

#[derive(Debug, Clone)]
pub(super) struct Options {
    pub(super) action: Action,
    pub(super) workloads: Vec<String>,
    pub(super) rungs: Vec<String>,
    pub(super) sizes: Vec<String>,
    pub(super) inputs: Vec<(String, PathBuf)>,
    pub(super) threads: Option<String>,
    pub(super) features: Vec<String>,
    /// The bench targets to run with criterion: `Some(None)` is all of them.
    micro: Option<Option<String>>,
    pub(super) ladder: Option<PathBuf>,
    pub(super) profile: bool,
    pub(super) smoke: bool,
    pub(super) full: bool,
    pub(super) time: Option<Duration>,
    pub(super) peers: Vec<String>,
    pub(super) against: Option<String>,
    pub(super) fail_on: f64,
    pub(super) strict: bool,
    pub(super) format: Format,
    pub(super) seed: Option<u64>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            action: Action::Measure,
            workloads: Vec::new(),
            rungs: Vec::new(),
            sizes: Vec::new(),
            inputs: Vec::new(),
            threads: None,
            features: Vec::new(),
            micro: None,
            ladder: None,
            profile: false,
            smoke: false,
            full: false,
            time: None,
            peers: Vec::new(),
            against: None,
            fail_on: 0.0,
            strict: false,
            format: Format::Text,
            seed: None,
        }
    }
}

impl Options {
    pub(super) fn parse(parser: Parser) -> Result<Self> {
        let options = Self::read(parser).map_err(|error| usage(format!("{error:#}")))?;
        options.consistent().map_err(|error| usage(format!("{error:#}")))?;
        Ok(options)
    }

    fn read(mut parser: Parser) -> Result<Self> {
        let mut options = Self::default();
        while let Some(arg) = parser.next()? {
            match arg {
                Arg::Value(name) => options.workloads.push(name.string()?),
                Arg::Long("rung") => options.rungs.push(parser.value()?.string()?),
                Arg::Long("size") => options.sizes.push(size(parser.value()?.string()?)?),
                Arg::Long("input") => options.inputs.push(input(&parser.value()?.string()?)?),
                Arg::Long("threads") => options.threads = Some(parser.value()?.string()?),
                Arg::Long("with") => options.features.extend(words(&parser.value()?.string()?)),
                Arg::Long("micro") => options.micro = Some(optional(&mut parser)?),
                Arg::Long("ladder") => options.ladder = Some(std::path::absolute(parser.value()?)?),
                Arg::Long("profile") => options.profile = true,
                Arg::Long("smoke") => options.smoke = true,
                Arg::Long("full") => options.full = true,
                Arg::Long("time") => options.time = Some(duration(&parser.value()?.string()?)?),
                Arg::Long("peers") => {
                    let named = peers(&parser.value()?.string()?)?.into_iter();
                    let new =
                        named.filter(|peer| !options.peers.contains(peer)).collect::<Vec<_>>();
                    options.peers.extend(new);
                }
                Arg::Long("against") => options.against = Some(parser.value()?.string()?),
                Arg::Long("fail-on") => options.fail_on = percent(&parser.value()?.string()?)?,
                Arg::Long("strict") => options.strict = true,
                Arg::Long("format") => options.format = format(&parser.value()?.string()?)?,
                Arg::Long("seed") => options.seed = Some(parser.value()?.parse()?),
                Arg::Long("list") => options.action = Action::List,
                Arg::Long("dry-run") => options.action = Action::DryRun,
                Arg::Short('h') | Arg::Long("help") => options.action = Action::Help,
                other => return Err(other.unexpected().into()),
            }
        }
        Ok(options)
    }

    fn consistent(&self) -> Result<()> {
        if self.smoke && self.full {
            bail!("--smoke and --full exclude each other");
        }
        if self.smoke && self.against.is_some() {
            bail!("--smoke takes too few samples for --against; leave one of them out");
        }
        if (self.smoke || self.full) && !self.sizes.is_empty() {
            bail!("--smoke and --full choose the sizes; leave --size out");
        }
        if self.profile {
            self.profiles_alone()?;
        }
        if self.ladder.is_some() && !self.features.is_empty() {
            bail!("--ladder names a program that is built already; leave --with out");
        }
        Ok(())
    }

    /// A profile compares nothing, keeps no history and has one form.
    fn profiles_alone(&self) -> Result<()> {
        let others = [
            (self.micro.is_some(), "--micro"),
            (self.full, "--full"),
            (self.against.is_some(), "--against"),
            (!self.peers.is_empty(), "--peers"),
            (self.strict, "--strict"),
            (self.fail_on > 0.0, "--fail-on"),
            (self.format != Format::Text, "--format"),
        ];
        match others.into_iter().find(|(is_there, _)| *is_there) {
            Some((_, other)) => bail!("--profile shows where time goes; leave {other} out"),
            None => Ok(()),
        }
    }

    /// How long the measuring may take.
    pub(super) fn time(&self) -> Duration {
        let default = match (self.smoke, self.full) {
            (true, _) => 4,
            (_, true) => 600,
            _ => 60,
        };
        // A slow peer takes longer for one answer than our rungs for all their samples.
        let peers = if self.smoke { 0 } else { 30 * self.peers.len() as u64 };
        self.time.unwrap_or(Duration::from_secs(default + peers))
    }

    /// Whether the ladder is climbed at all.
    pub(super) fn climbs(&self) -> bool {
        self.micro.is_none() || self.full || !self.workloads.is_empty()
    }

    /// Whether the run goes into the history. A smoke run's few samples stay out of it, and so does
    /// a ladder that is not ours.
    pub(super) fn recorded(&self) -> bool {
        !self.smoke && self.ladder.is_none()
    }

    /// Which micro-benchmarks are run, if any: `Some(None)` is all of them.
    pub(super) fn micro(&self) -> Option<Option<&str>> {
        match &self.micro {
            Some(one) => Some(one.as_deref()),
            None => self.full.then_some(None),
        }
    }

    /// The arguments of the ladder program, after `run` or `list`.
    pub(super) fn ladder_args(&self) -> Vec<String> {
        let mut args = self.workloads.clone();
        let mut flag = |name: &str, value: &str| args.extend([name.to_owned(), value.to_owned()]);
        let sizes: &[&str] = match (self.smoke, self.full) {
            (true, _) => &["s"],
            (_, true) => &["s", "m", "l", "course"],
            _ => &[],
        };
        let chosen = self.sizes.iter().map(String::as_str);
        sizes.iter().copied().chain(chosen).for_each(|size| flag("--size", size));
        self.rungs.iter().for_each(|rung| flag("--rung", rung));
        for (name, file) in &self.inputs {
            flag("--input", &format!("{name}={}", file.display()));
        }
        if let Some(threads) = &self.threads {
            flag("--threads", threads);
        }
        args
    }

    /// Further arguments of `run`.
    pub(super) fn run_args(&self, seed: u64) -> Vec<String> {
        let seconds = self.time().as_secs_f64().to_string();
        let mut args = vec!["--seconds".to_owned(), seconds, "--seed".to_owned(), seed.to_string()];
        if self.smoke {
            args.extend(
                ["--check-all", "--enough", "5", "--min-sample-ms", "1"].map(str::to_owned),
            );
        }
        args
    }
}

fn size(name: String) -> Result<String> {
    if ["s", "m", "l", "course"].contains(&name.as_str()) {
        return Ok(name);
    }
    bail!("--size {name}: expected s, m, l or course")
}

/// Names of peers, each once.
fn peers(list: &str) -> Result<Vec<String>> {
    let mut named = Vec::new();
    for word in words(list) {
        let these = if word == "all" { PEERS.map(str::to_owned).to_vec() } else { vec![word] };
        if let Some(other) = these.iter().find(|name| !PEERS.contains(&name.as_str())) {
            bail!("--peers {other}: no such peer; there are {} and all", PEERS.join(", "));
        }
        named.extend(these.into_iter().filter(|name| !named.contains(name)).collect::<Vec<_>>());
    }
    if named.is_empty() {
        bail!("--peers: no name given; there are {} and all", PEERS.join(", "));
    }
    Ok(named)
}

/// The file's path is made absolute, because the ladder may run elsewhere.
fn input(text: &str) -> Result<(String, PathBuf)> {
    match text.split_once('=') {
        Some((name, file)) if !name.is_empty() && !file.is_empty() => {
            Ok((name.to_owned(), std::path::absolute(file)?))
        }
        _ => bail!("--input {text}: expected WORKLOAD=FILE"),
    }
}

fn words(list: &str) -> Vec<String> {
    list.split(',').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// A value that may follow, if what follows is no option.
fn optional(parser: &mut Parser) -> Result<Option<String>> {
    let next = parser.raw_args()?.peek().map(|next| next.to_string_lossy().into_owned());
    match next {
        Some(next) if !next.starts_with('-') => Ok(Some(parser.value()?.string()?)),
        _ => Ok(None),
    }
}

/// `90`, `90s`, `1.5m`, `500ms`.
fn duration(text: &str) -> Result<Duration> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &text[digits.len()..] {
        "ms" => 1e-3,
        "" | "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        _ => bail!("--time {text}: expected a number with ms, s, m or h"),
    };
    match digits.parse::<f64>().map(|number| Duration::try_from_secs_f64(number * unit)) {
        Ok(Ok(time)) if !time.is_zero() => Ok(time),
        _ => bail!("--time {text}: expected a time above zero, such as 60s"),
    }
}

/// `5%` or `5`.
fn percent(text: &str) -> Result<f64> {
    match text.trim_end_matches('%').parse::<f64>() {
        Ok(percent) if percent.is_finite() && percent >= 0.0 => Ok(percent / 100.0),
        _ => bail!("--fail-on {text}: expected a percentage of at least 0, such as 5%"),
    }
}

fn format(name: &str) -> Result<Format> {
    Ok(match name {
        "text" => Format::Text,
        "json" => Format::Json,
        "jsonl" => Format::Jsonl,
        "md" => Format::Md,
        _ => bail!("--format {name}: expected text, json, jsonl or md"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options> {
        Options::parse(Parser::from_args(line.split_whitespace()))
    }

    #[test]
    fn the_whole_command_line() {
        let line = "heat pi --rung tuned --size s --size m --threads 1,2 --with linalg \
                    --time 1.5m --against last --fail-on 5% --strict --format json --seed 7 --micro";
        let options = parse(line).unwrap();
        assert_eq!(options.workloads, ["heat", "pi"]);
        assert_eq!(options.time(), Duration::from_secs(90));
        assert!((options.fail_on - 0.05).abs() < 1e-12);
        assert_eq!(options.format, Format::Json);
        assert_eq!(options.micro, Some(None));
        let expected = "heat pi --size s --size m --rung tuned --threads 1,2";
        assert_eq!(options.ladder_args().join(" "), expected);
        assert_eq!(options.run_args(7).join(" "), "--seconds 90 --seed 7");
    }

    #[test]
    fn micro_takes_a_crate_or_none() {
        assert_eq!(parse("--micro report").unwrap().micro, Some(Some("report".to_owned())));
        assert_eq!(parse("--micro --list").unwrap().micro, Some(None));
        assert_eq!(parse("").unwrap().micro, None);
    }

    #[test]
    fn smoke_is_small_and_short() {
        let options = parse("--smoke").unwrap();
        assert_eq!(options.ladder_args(), ["--size", "s"]);
        assert!(options.time() <= Duration::from_secs(5));
    }

    #[test]
    fn what_makes_no_sense_is_named() {
        let cases = [
            ("--size xl", "--size xl: expected s, m, l or course"),
            ("--time 0", "--time 0: expected a time above zero"),
            ("--time 5y", "--time 5y: expected a number with ms"),
            ("--time nan", "--time nan"),
            ("--fail-on -3%", "--fail-on -3%: expected a percentage"),
            ("--format xml", "--format xml: expected text"),
            ("--input heat", "--input heat: expected WORKLOAD=FILE"),
            ("--input =x", "--input =x: expected WORKLOAD=FILE"),
            ("--smoke --full", "exclude each other"),
            ("--smoke --against last", "too few samples"),
            ("--full --size s", "leave --size out"),
            ("heat --profile --against last", "leave --against out"),
            ("--profile --micro", "leave --micro out"),
            ("--profile --format json", "leave --format out"),
            ("--frobnicate", "--frobnicate"),
            ("--seed x", "\"x\""),
            ("--rung", "--rung"),
        ];
        for (line, expected) in cases {
            let error = format!("{:#}", parse(line).unwrap_err());
            assert!(error.contains(expected), "{line}: {error}");
        }
    }
}
