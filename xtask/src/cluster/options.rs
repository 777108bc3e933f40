//! The command line of `cargo xtask cluster`.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use lexopt::{Arg, Parser, ValueExt as _};

use super::plan::{Steps, Tasks};
use crate::doctor::Which as Mpi;
use crate::program::{self, Program, Target};
use crate::{args, exit};

pub(crate) const HELP: &str = "\
cargo xtask cluster run|submit [WHERE] [SIZE] (--example NAME | --bin NAME) [-- ARGS..]
cargo xtask cluster run|submit [WHERE] [SIZE] -- PROGRAM [ARGS..]
cargo xtask cluster scale [WHERE] [SIZE] -n 1,2,4 [--weak] heat|pi
cargo xtask cluster scale [WHERE] [SIZE] -n 1,2,4 [--weak] -- PROGRAM [ARGS..]
cargo xtask cluster status|logs [JOB] [--task N]
cargo xtask cluster collect|cancel [JOB]
cargo xtask cluster init [--force]

  run                  submits a program, waits for it, and shows what it prints
  submit               submits it alone
  scale                runs a workload of the ladder, or a program that writes how long it took, on each of
                       these numbers of ranks, and reports how far more of them pay: report.html and
                       speedup.svg in the job's folder
  status               what has become of a job, or of a task of it, or of all jobs
  logs                 what a job, or a task of it, has printed
  collect              the results of a job as JSON: of each task its state, seconds, and what the program
                       has written to the file that TENFOLD_RESULT names; what is no JSON, as `text`
  cancel               ends a job
  init                 writes tenfold-site.toml, filled from what this machine shows; --force: over one
                       that is there

Where
  --local              this machine; the default unless the site file names another
  --hosts A,B:4        these machines, which ssh reaches
  --hostfile FILE      those of a file
  --slurm | --pbs      a queue
  --site FILE          another site file than tenfold-site.toml

Size
  -n RANKS             from 1 to 1048576; 1 unless said
  --nodes N            on so many nodes
  --threads-per-rank T  1 unless said
  --gpus-per-rank G    each rank finds the first of its devices in TENFOLD_GPU, all in CUDA_VISIBLE_DEVICES
  --time 10m           as long as it may take: each task of an array, and all runs of a study together
  --mem 4G             as much as it may have on each node, to which queues hold it. Without --nodes, this and
                       the devices are asked for as if all ranks were on one node
  --array 0-15         so many tasks, each of which finds its number in TENFOLD_TASK

Program
  --example NAME, --bin NAME  built before
  -p, --package P      the package that has it
  --release            optimised
  --mpi openmpi|mpich  the MPI that it is built for, and started by
  --name NAME          what the job is called; that of the program unless said
  --size s|m|l, --samples N   of a workload of `scale`
  --weak               of `scale`: as large for each rank, not for all
  --trace              of `scale`: record calls, and split the time into computing, messages and waiting
  --profile            sample where each rank's time goes, and compare the ranks
  --dry-run            show what would be written and run

What becomes of a job is written down beside its log, in target/tenfold/cluster or the site's `folder`.
So Ctrl-C ends the waiting and not the job, and `status` finds it again.

Exit codes: 0 ok, 1 a program that does not build or a queue that cancels nothing, 2 usage, a job that is
refused or a folder that cannot be used, 3 no scheduler or no times to report, 5 failed job, 130 interrupted:
the job goes on
";

/// What is asked for.
#[derive(Debug)]
pub(super) enum Options {
    Help,
    Init { force: bool },
    Submit(Box<Submission>),
    Status(Which),
    Logs(Which),
    Collect(Which),
    Cancel(Which),
}

/// A job, or the last, and a task of it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Which {
    pub(super) job: Option<u32>,
    pub(super) task: Option<u32>,
    pub(super) site: Option<PathBuf>,
}

/// A job that is to be submitted.
#[derive(Debug)]
pub(super) struct Submission {
    pub(super) place: Option<Place>,
    pub(super) site: Option<PathBuf>,
    pub(super) ranks: usize,
    pub(super) nodes: Option<usize>,
    pub(super) threads_per_rank: usize,
    pub(super) gpus_per_rank: usize,
    pub(super) limit: Option<u64>,
    pub(super) memory: Option<u64>,
    pub(super) tasks: Option<Tasks>,
    pub(super) steps: Option<Steps>,
    pub(super) name: Option<String>,
    pub(super) mpi: Option<Mpi>,
    pub(super) target: Target,
    pub(super) waits: bool,
    pub(super) is_profiled: bool,
    pub(super) dry_run: bool,
}

/// Where a job runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    Local,
    Hosts(String),
    Hostfile(PathBuf),
    Slurm,
    Pbs,
}

impl Place {
    fn flag(&self) -> &'static str {
        match self {
            Self::Local => "--local",
            Self::Hosts(_) => "--hosts",
            Self::Hostfile(_) => "--hostfile",
            Self::Slurm => "--slurm",
            Self::Pbs => "--pbs",
        }
    }
}

impl Options {
    pub(super) fn parse(mut parser: Parser) -> Result<Self> {
        let command = args::command(&mut parser).map_err(wrong)?;
        match command.as_str() {
            "help" => Ok(Self::Help),
            "init" => init(parser),
            "run" => Submission::parse(parser, true),
            "submit" => Submission::parse(parser, false),
            "scale" => Submission::parse_study(parser),
            "status" => Which::parse(parser, true, Self::Status),
            "logs" => Which::parse(parser, true, Self::Logs),
            "collect" => Which::parse(parser, false, Self::Collect),
            "cancel" => Which::parse(parser, false, Self::Cancel),
            other => Err(usage(&format!("`{other}` is no command of cluster"))),
        }
    }
}

fn init(mut parser: Parser) -> Result<Options> {
    let mut force = false;
    while let Some(arg) = parser.next().map_err(wrong)? {
        match arg {
            Arg::Long("help") | Arg::Short('h') => return Ok(Options::Help),
            Arg::Long("force") => force = true,
            other => return Err(wrong(other.unexpected())),
        }
    }
    Ok(Options::Init { force })
}

impl Which {
    fn parse(mut parser: Parser, takes_task: bool, of: fn(Self) -> Options) -> Result<Options> {
        let mut which = Self::default();
        while let Some(arg) = parser.next().map_err(wrong)? {
            match arg {
                Arg::Long("help") | Arg::Short('h') => return Ok(Options::Help),
                Arg::Long("task") if !takes_task => {
                    return Err(usage("--task is for status and logs: the others take whole jobs"));
                }
                Arg::Long("task") => which.task = Some(number("--task", &value(&mut parser)?)?),
                Arg::Long("site") => which.site = Some(value(&mut parser)?.into()),
                Arg::Value(job) if which.job.is_none() => {
                    which.job = Some(number("JOB", &job.string().map_err(wrong)?)?);
                }
                other => return Err(wrong(other.unexpected())),
            }
        }
        Ok(of(which))
    }
}

/// The most ranks of a job: more than any machine has cores of.
const MOST: usize = 1 << 20;

impl Submission {
    fn new(waits: bool) -> Self {
        let program = Program::Path(String::new());
        let target = Target { program, package: None, args: vec![], release: false };
        Self {
            place: None,
            site: None,
            ranks: 1,
            nodes: None,
            threads_per_rank: 1,
            gpus_per_rank: 0,
            limit: None,
            memory: None,
            tasks: None,
            steps: None,
            name: None,
            mpi: None,
            target,
            waits,
            is_profiled: false,
            dry_run: false,
        }
    }

    fn parse(mut parser: Parser, waits: bool) -> Result<Options> {
        let (mut new, mut said) = (Self::new(waits), program::Said::default());
        while let Some(arg) = words(&mut parser, &mut said)? {
            match arg.as_str() {
                "--help" => return Ok(Options::Help),
                "-n" => new.ranks = within("-n", &value(&mut parser)?, 1)?,
                name if !name.starts_with('-') => {
                    return Err(usage(&format!(
                        "{name}: a program stands behind --, as -- {name}"
                    )));
                }
                name => new.take(name, &mut parser)?,
            }
        }
        new.target = said.target().map_err(|error| usage(&error.to_string()))?;
        new.check()?;
        Ok(Options::Submit(Box::new(new)))
    }

    /// A scaling study: one job, whose ranks are the most of the list.
    fn parse_study(mut parser: Parser) -> Result<Options> {
        let (mut new, mut said) = (Self::new(true), program::Said::default());
        let mut steps = Steps { ranks: vec![], is_weak: false, is_traced: false };
        let (mut workload, mut more) = (None, vec![]);
        while let Some(arg) = words(&mut parser, &mut said)? {
            match arg.as_str() {
                "--help" => return Ok(Options::Help),
                "-n" => steps.ranks = list(&value(&mut parser)?)?,
                "--weak" => steps.is_weak = true,
                "--trace" => steps.is_traced = true,
                "--size" | "--samples" => more.extend([arg, value(&mut parser)?]),
                "heat" | "pi" if workload.is_none() => workload = Some(arg),
                "--array" | "--profile" => {
                    return Err(usage(&format!("{arg} is for run and submit, not for scale")));
                }
                name if !name.starts_with('-') => {
                    return Err(usage(&format!("{name} is no workload: heat, pi, or -- PROGRAM")));
                }
                name => new.take(name, &mut parser)?,
            }
        }
        let Some(&most) = steps.ranks.last() else {
            return Err(usage("say on how many ranks: -n 1,2,4"));
        };
        let name = workload.clone();
        new.target = match workload {
            Some(workload) if said.is_empty() => timed(&workload, more, &steps),
            None if more.is_empty() => said.target().map_err(|error| usage(&error.to_string()))?,
            None => return Err(usage(&format!("{} is for a workload: heat or pi", more[0]))),
            Some(workload) => {
                return Err(usage(&format!("one program: {workload} or another one")));
            }
        };
        if name.is_some() {
            let threads = new.threads_per_rank.to_string();
            new.target.args.extend([String::from("--threads"), threads]);
            new.name = new.name.or(name);
        }
        (new.ranks, new.steps) = (most, Some(steps));
        new.check()?;
        Ok(Options::Submit(Box::new(new)))
    }

    /// An option that says where or how large.
    fn take(&mut self, name: &str, parser: &mut Parser) -> Result<()> {
        let mut text = || value(parser);
        match name {
            "--local" => return self.at(Place::Local),
            "--slurm" => return self.at(Place::Slurm),
            "--pbs" => return self.at(Place::Pbs),
            "--hosts" => return self.at(Place::Hosts(text()?)),
            "--hostfile" => return self.at(Place::Hostfile(text()?.into())),
            "--dry-run" => self.dry_run = true,
            "--profile" => self.is_profiled = true,
            "--site" => self.site = Some(text()?.into()),
            "--nodes" => self.nodes = Some(within(name, &text()?, 1)?),
            "--threads-per-rank" => self.threads_per_rank = within(name, &text()?, 1)?,
            "--gpus-per-rank" => self.gpus_per_rank = within(name, &text()?, 0)?,
            "--time" => self.limit = Some(duration(&text()?)?),
            "--mem" => self.memory = Some(mebibytes(&text()?)?),
            "--array" => self.tasks = Some(Tasks::parse(&text()?).map_err(|error| usage(&error))?),
            "--name" => self.name = Some(job_name(&text()?)?),
            "--mpi" => self.mpi = Some(Mpi::parse(&text()?).map_err(|error| usage(&error))?),
            _ => return Err(usage(&format!("unexpected argument '{name}'"))),
        }
        Ok(())
    }

    fn at(&mut self, place: Place) -> Result<()> {
        match self.place.replace(place) {
            None => Ok(()),
            Some(before) => {
                let now = self.place.as_ref().map_or("", Place::flag);
                Err(usage(&format!("one place: {} or {now}", before.flag())))
            }
        }
    }

    fn check(&self) -> Result<()> {
        match self.nodes {
            Some(nodes) if nodes > self.ranks => {
                Err(usage(&format!("--nodes {nodes}: more than the {} ranks of -n", self.ranks)))
            }
            _ => Ok(()),
        }
    }
}

/// The program of the ladder that times a workload on ranks.
fn timed(workload: &str, more: Vec<String>, steps: &Steps) -> Target {
    let words = ["time", workload].map(str::to_owned).into_iter();
    let weak = steps.is_weak.then(|| String::from("--weak"));
    // Others would wait while the first rank looks at the answer, and that would be recorded.
    let unchecked = steps.is_traced.then(|| String::from("--no-check"));
    Target {
        program: Program::Bin(String::from("ladder-mpi")),
        package: Some(String::from("tenfold-benches-mpi")),
        args: words.chain(weak).chain(unchecked).chain(more).collect(),
        release: true,
    }
}

/// The next word that is not about the program, which is put aside.
fn words(parser: &mut Parser, said: &mut program::Said) -> Result<Option<String>> {
    while !said.takes_rest(parser).map_err(wrong)? {
        let Some(arg) = parser.next().map_err(wrong)? else { break };
        let name = match arg {
            Arg::Short('h') => String::from("--help"),
            other => args::name(&other),
        };
        if !said.takes(&name, parser).map_err(wrong)? {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

/// `1,2,4`, in any order, each once.
fn list(text: &str) -> Result<Vec<usize>> {
    let numbers = text.split(',').map(|number| within("-n", number.trim(), 1));
    let mut numbers: Vec<usize> = numbers.collect::<Result<_>>()?;
    numbers.sort_unstable();
    numbers.dedup();
    Ok(numbers)
}

fn within(name: &str, text: &str, least: usize) -> Result<usize> {
    let number = text.parse().ok().filter(|number| (least..=MOST).contains(number));
    number.ok_or_else(|| usage(&format!("{name} {text}: expected a number from {least} to {MOST}")))
}

fn number(name: &str, text: &str) -> Result<u32> {
    let wrong = || usage(&format!("{name} {text}: expected a number from 0 to {}", u32::MAX));
    text.parse().map_err(|_| wrong())
}

/// `10m`, `1h 30m` or `01:30:00`.
fn duration(text: &str) -> Result<u64> {
    let clock = || {
        let fields: Option<Vec<u64>> = text.split(':').map(|field| field.parse().ok()).collect();
        match fields?[..] {
            [hours, minutes, seconds] if minutes < 60 && seconds < 60 => {
                hours.checked_mul(3600)?.checked_add(minutes * 60 + seconds)
            }
            _ => None,
        }
    };
    let said = || humantime::parse_duration(text).ok().map(|time: Duration| time.as_secs());
    clock().or_else(said).filter(|&seconds| seconds > 0).ok_or_else(|| {
        usage(&format!("--time {text}: expected a time such as 10m, `1h 30m` or 01:30:00"))
    })
}

/// `512M` or `4G`, as MiB.
fn mebibytes(text: &str) -> Result<u64> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &text[digits.len()..] {
        "M" | "MB" | "MiB" => Some(1),
        "G" | "GB" | "GiB" => Some(1 << 10),
        "T" | "TB" | "TiB" => Some(1 << 20),
        _ => None,
    };
    let size = digits.parse::<u64>().ok().zip(unit);
    let size = size.and_then(|(number, unit)| number.checked_mul(unit)).filter(|&size| size > 0);
    size.ok_or_else(|| usage(&format!("--mem {text}: expected a size such as 512M or 4G")))
}

/// What every queue takes for a name.
fn job_name(text: &str) -> Result<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let is_name = text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(plain);
    match is_name && text.len() <= 64 {
        true => Ok(text.to_owned()),
        false => Err(usage(&format!(
            "--name {text}: expected at most 64 letters, digits and -_. behind a letter"
        ))),
    }
}

fn value(parser: &mut Parser) -> Result<String> {
    args::value(parser).map_err(wrong)
}

fn wrong(error: lexopt::Error) -> anyhow::Error {
    usage(&error.to_string())
}

/// Without the help, which is longer than a terminal: what is wrong would scroll away.
fn usage(message: &str) -> anyhow::Error {
    exit::usage(format!("{message}; `cargo xtask cluster --help` says what there is"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options, String> {
        Options::parse(Parser::from_args(line.split_whitespace())).map_err(|e| e.to_string())
    }

    fn submission(line: &str) -> Submission {
        match parse(line).unwrap() {
            Options::Submit(submission) => *submission,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_line_says_where_how_large_and_what() {
        let said = submission(
            "run --slurm -n 8 --nodes 2 --threads-per-rank 2 --gpus-per-rank 1 --time 01:30:00 \
             --mem 2G --array 0-3 --name heat.1 -- ./heat -n 3 --mem 1",
        );
        assert!(said.waits && !said.dry_run);
        assert_eq!(said.place, Some(Place::Slurm));
        assert_eq!((said.ranks, said.nodes, said.threads_per_rank), (8, Some(2), 2));
        assert_eq!((said.gpus_per_rank, said.limit, said.memory), (1, Some(5400), Some(2048)));
        assert_eq!((said.tasks.unwrap().last, said.name.as_deref()), (3, Some("heat.1")));
        assert_eq!(said.target.program, Program::Path("./heat".into()));
        assert_eq!(said.target.args, ["-n", "3", "--mem", "1"]);
        let said = submission("submit --hosts a,b --release --bin x --dry-run");
        assert!(!said.waits && said.dry_run && said.target.release);
        assert_eq!(said.place, Some(Place::Hosts("a,b".into())));
        assert_eq!((said.ranks, said.place.unwrap().flag()), (1, "--hosts"));
    }

    #[test]
    fn a_study_has_a_list_of_ranks() {
        let said = submission("scale --slurm -n 4,1,2,2 --weak --trace --samples 9 heat");
        let steps = said.steps.unwrap();
        assert_eq!((said.ranks, steps.ranks), (4, vec![1, 2, 4]));
        assert!(steps.is_weak && steps.is_traced && said.waits && said.target.release);
        assert_eq!(
            said.target.args,
            ["time", "heat", "--weak", "--no-check", "--samples", "9", "--threads", "1"]
        );
        let said = submission("scale -n 1,2 --nodes 2 -- ./mine 3");
        assert_eq!((said.nodes, said.target.args), (Some(2), vec![String::from("3")]));
    }

    #[test]
    fn jobs_are_numbers() {
        let Options::Logs(which) = parse("logs 7 --task 3").unwrap() else { panic!() };
        assert_eq!((which.job, which.task), (Some(7), Some(3)));
        let Options::Status(which) = parse("status").unwrap() else { panic!() };
        assert_eq!(which, Which::default());
        assert!(matches!(parse("cancel --help").unwrap(), Options::Help));
        assert!(matches!(parse("init --force").unwrap(), Options::Init { force: true }));
        assert!(matches!(parse("").unwrap(), Options::Help));
    }

    #[test]
    fn names_the_value_and_the_bound() {
        let cases = [
            ("walk", "`walk` is no command of cluster"),
            ("run", "say what to start: --example, --bin or -- PROGRAM"),
            ("run -n 0 -- x", "-n 0: expected a number from 1 to 1048576"),
            ("run -n 2 --nodes 3 -- x", "--nodes 3: more than the 2 ranks of -n"),
            ("run --nodes two -- x", "--nodes two: expected a number from 1 to 1048576"),
            ("run --threads-per-rank 0 -- x", "--threads-per-rank 0: expected a number from 1"),
            ("run --gpus-per-rank -1 -- x", "--gpus-per-rank -1: expected a number from 0"),
            ("run --time soon -- x", "--time soon: expected a time such as 10m"),
            ("run --time 0s -- x", "--time 0s: expected a time such as 10m"),
            ("run --time 1:70:00 -- x", "--time 1:70:00: expected a time such as 10m"),
            ("run --mem 4 -- x", "--mem 4: expected a size such as 512M or 4G"),
            ("run --mem -4G -- x", "--mem -4G: expected a size such as 512M or 4G"),
            ("run --array 3-1 -- x", "--array 3-1: expected numbers such as 0-15"),
            ("run --name 1;rm -- x", "--name 1;rm: expected at most 64 letters"),
            ("run --local --slurm -- x", "one place: --local or --slurm"),
            ("run --queue x -- x", "unexpected argument '--queue'"),
            ("run x", "x: a program stands behind --, as -- x"),
            ("scale -- x", "say on how many ranks: -n 1,2,4"),
            ("scale -n 1,x heat", "-n x: expected a number from 1"),
            ("scale -n 1,2 fire", "fire is no workload: heat, pi, or -- PROGRAM"),
            ("scale -n 1,2 heat -- x", "one program: heat or another one"),
            ("scale -n 1,2 --size m -- x", "--size is for a workload: heat or pi"),
            ("scale -n 1,2 --array 0-3 heat", "--array is for run and submit"),
            ("scale -n 1,2", "say what to start: --example, --bin or -- PROGRAM"),
            ("run --example a --bin b", "one program: --example or --bin, once"),
            ("run --release -- x", "--release and --package are for what is built"),
            ("status x", "JOB x: expected a number"),
            ("status 1 2", "unexpected argument \"2\""),
            ("logs --task x", "--task x: expected a number"),
            ("collect --task 1", "--task is for status and logs"),
            ("cancel 3 --task 1", "--task is for status and logs"),
            ("init now", "unexpected argument \"now\""),
        ];
        for (line, expected) in cases {
            let error = parse(line).unwrap_err();
            assert!(error.starts_with(expected), "{line:?} gave {error:?}");
            assert_eq!(error.lines().count(), 1, "{error}");
        }
    }
}
