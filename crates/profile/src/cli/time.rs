//! How long a program takes.

use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

use lexopt::{Arg, Parser, ValueExt as _};
use tenfold_profile::Timeit;

use crate::show::{missing, program};
use crate::{Done, Failure, print};

const MOST_RUNS: usize = 100_000;

/// Runs a program again and again, its output thrown away.
pub(crate) fn timeit(mut parser: Parser) -> Done {
    let mut runs = 10;
    let mut command = loop {
        match parser.next()? {
            Some(Arg::Long("runs")) => runs = parser.value()?.parse()?,
            Some(Arg::Value(name)) => break program(&mut parser, name)?,
            Some(other) => return Err(other.unexpected().into()),
            None => return Err(missing("PROGRAM")),
        }
    };
    if !(1..=MOST_RUNS).contains(&runs) {
        return Err(Failure::Usage(format!("--runs {runs}: has to be from 1 to {MOST_RUNS}")));
    }
    command.stdin(Stdio::null()).stdout(Stdio::null());
    // The first run tells whether it runs at all, and warms caches.
    once(&mut command)?;
    let mut failed = None;
    let timing = Timeit::new()
        .warm_up(Duration::ZERO)
        .min_sample(Duration::ZERO)
        .max_time(Duration::MAX)
        .samples(runs)
        .run(|| failed = once(&mut command).err().or(failed.take()));
    failed.map_or(Ok(()), Err)?;
    // The witness is of this process, which only waits: it speaks against no run.
    let text = timing.without_witness().to_string();
    let text = text.split_once("; ").map_or(text.as_str(), |(times, _)| times);
    print(&format!("{}; {runs} runs)\n", text.replace("per loop", "per run")))?;
    Ok(ExitCode::SUCCESS)
}

fn once(command: &mut Command) -> Result<(), Failure> {
    let name = command.get_program().to_string_lossy().into_owned();
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Failure::Failed(format!("{name} ended with {status}"))),
        Err(error) => Err(Failure::Failed(format!("cannot run {name}: {error}"))),
    }
}
