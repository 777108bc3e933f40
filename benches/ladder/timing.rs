//! A workload that ranks time themselves: what one point of a scaling study is made of.
//!
//! Unlike a rung `mpi`, whose ranks are sent their input, all ranks make the problem themselves, and nothing is on
//! its way to them or back while the clock runs.

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;
use std::{env, fs};

use anyhow::{Context as _, Result, anyhow, bail};
use lexopt::{Arg, Parser, ValueExt as _};
use rayon::{ThreadPool, ThreadPoolBuilder};
use serde::Serialize;
use tenfold_comm::{Communicator, Max};

use super::{heat, pi};
use crate::{Size, Workload as _};

const HELP: &str = "\
ladder-mpi time heat|pi [OPTIONS]

Runs the workload on all ranks, compares the answer with that of the rung `naive`, and times it: from a barrier
to the end of the slowest rank. Rank 0 writes the seconds as JSON to the file in TENFOLD_RESULT, or to stdout.

  --size s|m|l    how large the problem is; l by default
  --weak          as many times as large as there are ranks
  --samples N     how often it is timed; 10 by default
  --threads T     threads of each rank; 1 by default
  --no-check      leaves the comparison out, such as where calls are recorded: the other ranks wait for it

Exit codes: 0 ok, 2 usage, 4 wrong answer
";

const USAGE: u8 = 2;
const WRONG: u8 = 4;

/// Where the result goes.
const VARIABLE: &str = "TENFOLD_RESULT";

const MOST_SAMPLES: usize = 1_000_000;
const MOST_THREADS: usize = 4096;

/// Operations of the rung `naive` that a comparison may take: some ten seconds.
pub(super) const MOST_CHECKED: f64 = 2e9;

/// A workload on ranks.
pub(super) trait Timed {
    /// What a rank has when all have ended.
    type Answer;

    /// Runs it. A rank that has threads is given their pool.
    fn once<C: Communicator>(&self, world: &C, pool: Option<&ThreadPool>) -> Result<Self::Answer>;

    /// Whether the answer is that of `naive`: on rank 0, and only where that takes no more than [`MOST_CHECKED`].
    fn is_right<C: Communicator>(&self, world: &C, answer: Self::Answer) -> Result<Option<bool>>;
}

/// The command line `time`, on one of the ranks that all have the same: what comes behind that word.
///
/// What is wrong with it, rank 0 says, and all give the same exit code.
///
/// # Errors
/// The ranks fail.
pub fn command<C: Communicator>(
    world: &C,
    args: impl IntoIterator<Item = OsString>,
) -> Result<ExitCode> {
    let is_root = world.rank() == 0;
    let asked = Options::parse(Parser::from_args(args)).and_then(|options| {
        options.iter().try_for_each(|options| options.fits(world.size()))?;
        Ok(options)
    });
    let options = match asked {
        Ok(Some(options)) => options,
        Ok(None) => return end(world, if is_root { print(HELP).map(|()| 0) } else { Ok(0) }),
        Err(error) => return end(world, if is_root { say(&error, USAGE) } else { Ok(USAGE) }),
    };
    // Rank 0 alone writes: other nodes need not have its folder.
    let target = if is_root { target(env::var_os(VARIABLE).unwrap_or_default()) } else { Ok(None) };
    let mut is_refused = [u8::from(target.is_err())];
    world.bcast(&mut is_refused, 0)?;
    match target {
        Err(error) => end(world, say(&error, USAGE)),
        Ok(_) if is_refused != [0] => end(world, Ok(USAGE)),
        Ok(target) => {
            let timings = options.time(world)?;
            end(world, if is_root { timings.tell(target.as_deref()) } else { Ok(0) })
        }
    }
}

/// All end with the code that rank 0 has.
fn end<C: Communicator>(world: &C, code: Result<u8>) -> Result<ExitCode> {
    let mut code = [code?];
    world.bcast(&mut code, 0)?;
    Ok(code[0].into())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Name {
    Heat,
    Pi,
}

#[derive(Debug)]
struct Options {
    workload: Name,
    size: Size,
    weak: bool,
    samples: usize,
    threads: usize,
    check: bool,
}

impl Options {
    /// `None` asks for help.
    fn parse(mut parser: Parser) -> Result<Option<Self>> {
        let mut workload = None;
        let mut options = Self {
            workload: Name::Heat,
            size: Size::L,
            weak: false,
            samples: 10,
            threads: 1,
            check: true,
        };
        while let Some(arg) = parser.next()? {
            match arg {
                Arg::Long("help") | Arg::Short('h') => return Ok(None),
                Arg::Long("weak") => options.weak = true,
                Arg::Long("no-check") => options.check = false,
                Arg::Long("size") => options.size = size(&parser.value()?.string()?)?,
                Arg::Long("samples") => {
                    options.samples = count("--samples", parser.value()?, MOST_SAMPLES)?;
                }
                Arg::Long("threads") => {
                    options.threads = count("--threads", parser.value()?, MOST_THREADS)?;
                }
                Arg::Value(word) if workload.is_none() => workload = Some(name(&word.string()?)?),
                other => return Err(other.unexpected().into()),
            }
        }
        options.workload = workload.context("say what is timed: heat or pi")?;
        Ok(Some(options))
    }

    /// How many times as large the problem is.
    fn times(&self, ranks: usize) -> usize {
        if self.weak { ranks } else { 1 }
    }

    /// Refuses a problem that so many ranks cannot share.
    fn fits(&self, ranks: usize) -> Result<()> {
        match self.workload {
            Name::Heat => heat::timed::Part::fits(self.size, self.times(ranks), ranks),
            Name::Pi => Ok(()),
        }
    }

    /// Times it, on all ranks. Whether the answer is right is known to rank 0.
    fn time<C: Communicator>(&self, world: &C) -> Result<Timings> {
        let times = self.times(world.size());
        let (name, (right, samples)) = match self.workload {
            Name::Heat => {
                let part = heat::timed::Part::new(world, self.size, times);
                (heat::Heat::NAME, self.measure(world, &part)?)
            }
            Name::Pi => {
                let points = pi::Points::of_size(self.size, times);
                (pi::Pi::NAME, self.measure(world, &points)?)
            }
        };
        Ok(Timings {
            workload: name,
            size: self.size.name(),
            ranks: world.size(),
            threads_per_rank: self.threads,
            weak: self.weak,
            samples,
            right,
            host: host(),
        })
    }

    /// Whether the answer is right, and if it is not wrong, the samples.
    fn measure<C: Communicator>(
        &self,
        world: &C,
        timed: &impl Timed,
    ) -> Result<(Option<bool>, Vec<f64>)> {
        let several =
            (self.threads > 1).then(|| ThreadPoolBuilder::new().num_threads(self.threads));
        let pool = several.map(ThreadPoolBuilder::build).transpose()?;
        let answer = timed.once(world, pool.as_ref())?;
        let right = if self.check { timed.is_right(world, answer)? } else { None };
        let mut is_wrong = [u8::from(right == Some(false))];
        world.bcast(&mut is_wrong, 0)?;
        let mut samples = vec![];
        while samples.len() < self.samples && is_wrong == [0] {
            samples.push(sample(world, timed, pool.as_ref())?);
        }
        Ok((right, samples))
    }
}

/// Seconds of the slowest rank.
fn sample<C: Communicator>(
    world: &C,
    timed: &impl Timed,
    pool: Option<&ThreadPool>,
) -> Result<f64> {
    world.barrier()?;
    let start = Instant::now();
    std::hint::black_box(timed.once(world, pool)?);
    let mut slowest = [0.0];
    world.allreduce(&[start.elapsed().as_secs_f64()], &mut slowest, Max)?;
    Ok(slowest[0])
}

/// What is written.
#[derive(Debug, Serialize)]
struct Timings {
    workload: &'static str,
    size: &'static str,
    ranks: usize,
    threads_per_rank: usize,
    weak: bool,
    /// Seconds.
    samples: Vec<f64>,
    /// None where nobody has looked.
    right: Option<bool>,
    /// That of rank 0.
    host: String,
}

impl Timings {
    /// Writes it. An answer that is wrong, and a file that cannot be written, give an exit code.
    fn tell(&self, file: Option<&Path>) -> Result<u8> {
        if let Err(error) = self.write(file) {
            return say(&error, USAGE);
        }
        if self.right == Some(false) {
            let Self { workload, ranks, .. } = self;
            return say(&anyhow!("the answer of {workload} is wrong, with {ranks} ranks"), WRONG);
        }
        Ok(0)
    }

    /// To stdout, if there is no file.
    fn write(&self, file: Option<&Path>) -> Result<()> {
        let json = format!("{}\n", serde_json::to_string(self)?);
        let Some(file) = file else { return print(&json) };
        // Who waits for the file never sees a half of it.
        let mut part = file.as_os_str().to_owned();
        part.push(".part");
        let written = fs::write(&part, &json).and_then(|()| fs::rename(&part, file));
        written.or_else(|error| {
            print(&json)?;
            Err(anyhow!(
                "cannot write {}, so that the result is on stdout: {error}",
                file.display()
            ))
        })
    }
}

/// Where the result goes; what cannot be written is found out before anything is timed.
fn target(file: OsString) -> Result<Option<PathBuf>> {
    if file.is_empty() {
        return Ok(None);
    }
    let file = PathBuf::from(file);
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    if file.is_dir() || folder.is_some_and(|folder| !folder.is_dir()) {
        bail!("{VARIABLE} is {}, which is no file in a folder that is there", file.display());
    }
    Ok(Some(file))
}

fn size(name: &str) -> Result<Size> {
    // The course has several problems.
    let sizes = Size::ALL.iter().filter(|(_, size)| *size != Size::Course);
    let found = sizes.into_iter().find(|(known, _)| *known == name);
    found.map(|(_, size)| *size).with_context(|| format!("--size {name}: there are s, m and l"))
}

fn name(word: &str) -> Result<Name> {
    match word {
        "heat" => Ok(Name::Heat),
        "pi" => Ok(Name::Pi),
        other => bail!("{other} is not timed on ranks: heat and pi are"),
    }
}

fn count(option: &str, value: OsString, most: usize) -> Result<usize> {
    let text = value.string()?;
    let count = text.parse().ok().filter(|count| (1..=most).contains(count));
    count.with_context(|| format!("{option} {text}: expected a number from 1 to {most}"))
}

/// The name of this machine, where the system tells it by a file.
fn host() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    if name.trim().is_empty() { "unknown".to_owned() } else { name.trim().to_owned() }
}

fn print(text: &str) -> Result<()> {
    Ok(io::stdout().write_all(text.as_bytes())?)
}

/// Says what is wrong, and gives back the exit code.
fn say(error: &anyhow::Error, code: u8) -> Result<u8> {
    writeln!(io::stderr(), "{error:#}")?;
    Ok(code)
}

#[cfg(test)]
mod tests {
    use tenfold_comm::{ThreadComm, World};

    use super::*;

    fn options(line: &str) -> Result<Option<Options>> {
        Options::parse(Parser::from_args(line.split_whitespace()))
    }

    /// What each of some ranks comes to.
    fn timed(ranks: usize, line: &str) -> Vec<Timings> {
        let options = options(line).unwrap().unwrap();
        let run = |world: &ThreadComm| options.time(world).map_err(|error| error.to_string());
        World::threads(ranks).run(run).unwrap()
    }

    #[test]
    fn ranks_time_themselves_and_are_right() {
        for name in ["heat", "pi"] {
            for (ranks, more) in
                [(1, ""), (2, "--weak"), (3, "--threads 2"), (2, "--weak --threads 3"), (5, "")]
            {
                let line = format!("{name} --size s --samples 3 {more}");
                let all = timed(ranks, &line);
                assert_eq!(
                    (all[0].right, all[0].ranks, all[0].workload),
                    (Some(true), ranks, name)
                );
                for each in &all {
                    assert_eq!(each.samples, all[0].samples, "the slowest rank's on all");
                    assert!(each.samples.len() == 3 && each.samples.iter().all(|s| *s > 0.0));
                }
            }
        }
    }

    #[test]
    fn who_is_not_asked_does_not_look() {
        assert_eq!(timed(2, "pi --size s --samples 1 --no-check")[0].right, None);
    }

    /// A workload whose ranks agree, on what is not right.
    struct Off;

    impl Timed for Off {
        type Answer = ();

        fn once<C: Communicator>(&self, _: &C, _: Option<&ThreadPool>) -> Result<()> {
            Ok(())
        }

        fn is_right<C: Communicator>(&self, world: &C, (): ()) -> Result<Option<bool>> {
            Ok((world.rank() == 0).then_some(false))
        }
    }

    #[test]
    fn what_is_wrong_is_not_timed() {
        let options = options("pi").unwrap().unwrap();
        let run =
            |world: &ThreadComm| options.measure(world, &Off).map_err(|error| error.to_string());
        for (rank, (right, samples)) in World::threads(2).run(run).unwrap().into_iter().enumerate()
        {
            assert_eq!((right, samples.len()), ((rank == 0).then_some(false), 0));
        }
    }

    /// Of an answer in which one number is another.
    #[test]
    fn wrong_answers_are_found() {
        let looked = |world: &ThreadComm| {
            let part = heat::timed::Part::new(world, Size::S, 1);
            let mut band = part.once(world, None)?;
            *band.last_mut().unwrap() += if world.rank() == 1 { 1e-6 } else { 0.0 };
            let points = pi::Points::of_size(Size::S, 1);
            let count = points.once(world, None)?;
            Ok((part.is_right(world, band)?, points.is_right(world, count + 1)?))
        };
        let run =
            |world: &ThreadComm| looked(world).map_err(|error: anyhow::Error| error.to_string());
        assert_eq!(World::threads(2).run(run).unwrap()[0], (Some(false), Some(false)));
    }

    #[test]
    fn errors_are_one_sentence() {
        for (line, expected) in [
            ("", "say what is timed: heat or pi"),
            ("julia", "julia is not timed on ranks: heat and pi are"),
            ("heat --size course", "--size course: there are s, m and l"),
            ("heat --samples 0", "--samples 0: expected a number from 1 to 1000000"),
            ("heat --threads 2x", "--threads 2x: expected a number from 1 to 4096"),
            ("heat pi", "unexpected argument \"pi\""),
            ("heat --fast", "invalid option '--fast'"),
            ("heat --size", "missing argument for option '--size'"),
        ] {
            assert_eq!(options(line).unwrap_err().to_string(), expected, "{line}");
        }
        assert!(options("heat --help").unwrap().is_none());
        let fits = |line| options(line).unwrap().unwrap().fits(65);
        let many = fits("heat --size s").unwrap_err().to_string();
        assert!(many.starts_with("a plate of 64 rows has none for some of 65 ranks; "), "{many}");
        assert!(fits("heat --size s --weak").is_ok() && fits("pi --size s").is_ok());
    }

    #[test]
    fn all_ranks_have_the_same_exit_code() {
        let run = |world: &ThreadComm| {
            let args = ["pi", "--quick"].map(OsString::from);
            command(world, args).map_err(|error| error.to_string())
        };
        for code in World::threads(3).run(run).unwrap() {
            assert_eq!(code, ExitCode::from(USAGE));
        }
        let run = |world: &ThreadComm| {
            let code = if world.rank() == 0 { WRONG } else { 0 };
            end(world, Ok(code)).map_err(|error| error.to_string())
        };
        for code in World::threads(3).run(run).unwrap() {
            assert_eq!(code, ExitCode::from(WRONG));
        }
    }

    #[test]
    fn results_are_written_whole_or_said() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.json");
        let target = target(file.clone().into()).unwrap();
        let mut timings = timed(1, "pi --size s --samples 1").remove(0);
        assert_eq!(timings.tell(target.as_deref()).unwrap(), 0);
        let json: serde_json::Value =
            serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
        assert_eq!((&json["ranks"], &json["right"]), (&1.into(), &true.into()));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left");
        timings.right = Some(false);
        assert_eq!(timings.tell(target.as_deref()).unwrap(), WRONG);
        let lost = super::target(folder.path().join("no/such/a.json").into()).unwrap_err();
        assert!(lost.to_string().contains("no file in a folder that is there"), "{lost}");
        assert!(super::target(folder.path().into()).is_err());
        assert!(super::target(OsString::new()).unwrap().is_none());
    }
}
