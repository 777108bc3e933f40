//! The ladder's command line. People use `cargo xtask bench`, which calls this.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Result, anyhow, bail};
use lexopt::{Arg, Parser, ValueExt as _};

use crate::any::AnyWorkload;
use crate::peer::Peers;
use crate::profile::profile;
use crate::run::{jobs, run};
use crate::settings::Settings;
use crate::worker::serve;
use crate::workload::{Cores, Size};

const HELP: &str = "\
ladder run [WORKLOAD..] [--size s|m|l|course].. [--rung R].. [--threads 1,2] [--input W=FILE]..
           [--seconds 60] [--check-all] [--enough 30] [--min-sample-ms 10] [--seed N] [--out FOLDER]
           [--against PROGRAM] [--peer NAME].. [--peer-program PROGRAM | --peer-lacks REASON]
           [--progress]                          events, one JSON object a line
ladder profile [the same]                        where each rung's time goes, with pages in FOLDER
ladder list [the same]                           what that would measure
ladder host                                      the machine, as one JSON object
ladder worker                                    samples on request, over stdin and stdout
";

/// The exit code of a profile in which an answer was wrong.
const WRONG: u8 = 4;

/// Runs a ladder of these workloads with this process's arguments: what `main` does, and what a
/// program with workloads of its own does to be measured like this one.
#[must_use]
pub fn main(workloads: &[Box<dyn AnyWorkload>]) -> ExitCode {
    match command(workloads, Parser::from_env()) {
        Ok(Ok(code)) => code,
        Ok(Err(error)) => complain(&error, 1),
        Err(error) => complain(&error, 2),
    }
}

/// The outer error is of the command line, the inner one of the work.
fn command(workloads: &[Box<dyn AnyWorkload>], mut parser: Parser) -> Result<Result<ExitCode>> {
    match parser.next()? {
        Some(Arg::Value(command)) => match command.string()?.as_str() {
            "run" => {
                let settings = settings(parser)?;
                let peers = Peers::start(&settings)?;
                let workloads = peers.beside(workloads);
                let jobs = jobs(&workloads, &settings)?;
                Ok(run(jobs, &settings).map(|()| ExitCode::SUCCESS))
            }
            "profile" => {
                let settings = settings(parser)?;
                let jobs = jobs(workloads, &settings)?;
                let code = |all_right| if all_right { 0 } else { WRONG };
                Ok(profile(jobs, &settings).map(|all_right| ExitCode::from(code(all_right))))
            }
            "list" => list(workloads, &settings(parser)?).map(|()| Ok(ExitCode::SUCCESS)),
            "host" => {
                let host = format!("{}\n", serde_json::to_string(&crate::host::host())?);
                Ok(write_out(&host).map(|()| ExitCode::SUCCESS))
            }
            "worker" => Ok(serve(workloads).map(|()| ExitCode::SUCCESS)),
            other => bail!("`{other}` is no command of the ladder\n\n{HELP}"),
        },
        _ => bail!("a command is missing\n\n{HELP}"),
    }
}

fn settings(mut parser: Parser) -> Result<Settings> {
    let mut settings = Settings::default();
    let mut sizes = Vec::new();
    while let Some(arg) = parser.next()? {
        match arg {
            Arg::Value(name) => settings.workloads.push(name.string()?),
            Arg::Long("size") => sizes.push(size(&parser.value()?.string()?)?),
            Arg::Long("rung") => settings.rungs.push(parser.value()?.string()?),
            Arg::Long("threads") => settings.threads = threads(&parser.value()?.string()?)?,
            Arg::Long("input") => settings.inputs.push(input(&parser.value()?.string()?)?),
            Arg::Long("seconds") => {
                let seconds: f64 = parser.value()?.parse()?;
                settings.time = Duration::try_from_secs_f64(seconds)
                    .map_err(|error| anyhow!("--seconds {seconds}: {error}"))?;
            }
            Arg::Long("check-all") => settings.check_all = true,
            Arg::Long("enough") => settings.enough = parser.value()?.parse()?,
            Arg::Long("min-sample-ms") => {
                settings.min_sample = Duration::from_millis(parser.value()?.parse()?);
            }
            Arg::Long("seed") => settings.seed = parser.value()?.parse()?,
            Arg::Long("out") => settings.out = Some(parser.value()?.into()),
            Arg::Long("against") => settings.against = Some(parser.value()?.into()),
            Arg::Long("peer") => settings.peers.push(parser.value()?.string()?),
            Arg::Long("peer-program") => settings.peer_program = Ok(parser.value()?.into()),
            Arg::Long("peer-lacks") => {
                settings.peer_program = Err(parser.value()?.string()?);
            }
            Arg::Long("progress") => settings.progress = true,
            other => return Err(other.unexpected().into()),
        }
    }
    if !sizes.is_empty() {
        settings.sizes = sizes;
    }
    Ok(settings)
}

/// The workload of that name.
pub(crate) fn workload<'a>(
    workloads: &'a [Box<dyn AnyWorkload + 'a>],
    name: &str,
) -> Result<&'a dyn AnyWorkload> {
    let found = workloads.iter().find(|workload| workload.name() == name);
    found.map(|workload| &**workload).ok_or_else(|| {
        let known: Vec<_> = workloads.iter().map(|workload| workload.name()).collect();
        anyhow!("`{name}` is no workload; known: {}", known.join(", "))
    })
}

/// The size of that name.
pub(crate) fn size(name: &str) -> Result<Size> {
    let found = Size::ALL.into_iter().find(|(known, _)| *known == name);
    found.map(|(_, size)| size).ok_or_else(|| anyhow!("--size {name}: expected s, m, l or course"))
}

/// `1,2,4`: each at least 1 and no more than a pool can hold.
fn threads(list: &str) -> Result<Vec<usize>> {
    const MOST: usize = 1024;
    let one = |word: &str| match word.trim().parse() {
        Ok(n @ 1..=MOST) => Ok(n),
        _ => bail!("--threads {list}: {word:?} is no number from 1 to {MOST}"),
    };
    let mut threads = list.split(',').map(one).collect::<Result<Vec<_>>>()?;
    threads.sort_unstable();
    threads.dedup();
    Ok(threads)
}

fn input(text: &str) -> Result<(String, PathBuf)> {
    match text.split_once('=') {
        Some((name, file)) if !file.is_empty() => Ok((name.to_owned(), file.into())),
        _ => bail!("--input {text}: expected WORKLOAD=FILE"),
    }
}

/// Prints what a run would measure: a problem a line, and its rungs below.
fn list(workloads: &[Box<dyn AnyWorkload>], settings: &Settings) -> Result<()> {
    let mut text = String::new();
    for job in jobs(workloads, settings)? {
        text += &job.describe(settings);
    }
    write_out(&text)
}

fn write_out(text: &str) -> Result<()> {
    Ok(std::io::stdout().lock().write_all(text.as_bytes())?)
}

impl crate::run::Job<'_> {
    fn describe(&self, settings: &Settings) -> String {
        let rungs = self.workload().rungs();
        let wanted = rungs.iter().filter(|rung| settings.wants(rung.name));
        let words: Vec<String> = wanted
            .map(|rung| match (rung.missing_feature, rung.cores) {
                (Some(feature), _) => format!("{} (--with {feature})", rung.name),
                (None, Cores::One | Cores::Device) => rung.name.to_owned(),
                (None, Cores::All) => format!("{} ({:?} threads)", rung.name, settings.threads),
            })
            .collect();
        let (title, size) = (self.title(), self.size());
        format!("{title} [{size}]: {}\n    rungs: {}\n", self.workload().about(), words.join(", "))
    }
}

#[expect(clippy::print_stderr, reason = "the ladder's one place for errors")]
fn complain(error: &anyhow::Error, code: u8) -> ExitCode {
    eprintln!("error: {error:#}");
    ExitCode::from(code)
}

/// Says what went wrong and does not matter enough to stop.
#[expect(clippy::print_stderr, reason = "the ladder's one place for warnings")]
pub(crate) fn warn(error: &anyhow::Error) {
    eprintln!("warning: {error:#}");
}
