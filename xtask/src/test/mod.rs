//! `cargo xtask test`: everything that must hold before a change lands.

mod alone;
mod child;
mod compile;
mod examples;
mod fmt;
mod libtest;
mod outcome;
mod release;
mod scaffold;
mod seed;
mod smoke;
mod system;

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use anyhow::Result;
use lexopt::{Arg, Parser, ValueExt as _};

use crate::exit::{self, Exit};
use outcome::Outcome;

pub(crate) const HELP: &str = "\
cargo xtask test [--quick] [--only STEP,..] [--list]

Everything that must hold before a change lands. Runs every step also after a failure, and installs
nothing. With CI=true something skipped counts as a failure.

  --quick        the step `tests` alone: at most a minute once things are built
  --only STEPS   these steps alone, separated by commas
  --list         the steps and what each is for
";

/// One thing to try.
struct Step {
    name: &'static str,
    why: &'static str,
    run: fn() -> Result<Outcome>,
}

/// In the order in which they run: what is quick to tell comes first.
const STEPS: &[Step] = &[
    Step { name: "fmt", why: "rustfmt changes nothing, and reaches every file", run: fmt::run },
    Step { name: "clippy", why: "no warning in any target, all features", run: compile::clippy },
    Step { name: "tests", why: "unit, property, integration and doc tests", run: compile::tests },
    Step { name: "examples", why: "every example runs and ends well", run: examples::run },
    Step { name: "micro", why: "every micro-benchmark runs once", run: compile::micro },
    Step {
        name: "docs",
        why: "the documentation builds without warnings, and so does the book",
        run: compile::docs,
    },
    Step { name: "bench", why: "every rung of the ladder gives the right answer", run: smoke::run },
    Step {
        name: "alone",
        why: "each crate as the one dependency of a new package runs its README's example",
        run: alone::run,
    },
    Step {
        name: "release",
        why: "what a release takes, as far as no build and no network does",
        run: release::run,
    },
    Step {
        name: "scaffold",
        why: "what `cargo xtask new` writes builds, passes its tests and raises no warning",
        run: scaffold::run,
    },
    Step {
        name: "system",
        why: "packages that need a system library, where doctor finds it",
        run: system::run,
    },
];

/// `cargo xtask test`
pub(crate) fn run(parser: Parser) -> Result<Exit> {
    match Options::parse(parser)? {
        Options::Help => exit::print(HELP),
        Options::List => exit::print(&list()),
        Options::Run(steps) => run_all(&steps),
    }
}

enum Options {
    Help,
    List,
    Run(Vec<&'static Step>),
}

impl Options {
    fn parse(mut parser: Parser) -> Result<Self> {
        let usage = |error: lexopt::Error| exit::usage(format!("{error}\n\n{HELP}"));
        let (mut list, mut chosen) = (false, None);
        while let Some(arg) = parser.next().map_err(usage)? {
            let names = match arg {
                Arg::Long("help") | Arg::Short('h') => return Ok(Self::Help),
                Arg::Long("list") => {
                    list = true;
                    continue;
                }
                Arg::Long("quick") => String::from("tests"),
                Arg::Long("only") => parser.value().and_then(|v| v.string()).map_err(usage)?,
                other => return Err(usage(other.unexpected())),
            };
            if chosen.replace(choose(&names)?).is_some() {
                return Err(exit::usage(
                    "--quick and --only choose the steps: give one of them, once",
                ));
            }
        }
        Ok(if list { Self::List } else { Self::Run(chosen.unwrap_or(STEPS.iter().collect())) })
    }
}

/// The steps of a list of names, in the order in which they run.
fn choose(names: &str) -> Result<Vec<&'static Step>> {
    let names: Vec<&str> = names.split(',').map(str::trim).collect();
    if let Some(unknown) = names.iter().find(|&&name| STEPS.iter().all(|step| step.name != name)) {
        let known: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
        return Err(exit::usage(format!("`{unknown}` is no step; there are {}", known.join(", "))));
    }
    Ok(STEPS.iter().filter(|step| names.contains(&step.name)).collect())
}

fn list() -> String {
    STEPS.iter().fold(String::new(), |mut text, step| {
        let _ = writeln!(text, "{:<9} {}", step.name, step.why);
        text
    })
}

/// The command that runs a step again.
fn again(step: &str) -> String {
    format!("cargo xtask test --only {step}")
}

fn run_all(steps: &[&Step]) -> Result<Exit> {
    let strict = promised_everything(std::env::var("CI").ok().as_deref());
    let (mut all, mut times) = (Outcome::default(), String::new());
    for step in steps {
        let (mut outcome, elapsed) = run_one(step);
        if strict {
            outcome.skips_are_failures(step.name);
        }
        let _ = writeln!(times, "{}", timing(step.name, &outcome, elapsed));
        all.add(outcome);
    }
    exit::print(&report(&times, &all))?;
    Ok(if all.failures.is_empty() { Exit::Ok } else { Exit::Failed })
}

/// Whether the value of `CI` says that nothing may be missing here.
fn promised_everything(ci: Option<&str>) -> bool {
    ci.is_some_and(|ci| !matches!(ci, "" | "0" | "false"))
}

/// A step that cannot be carried out has failed.
fn run_one(step: &Step) -> (Outcome, Duration) {
    exit::say(&format!("\n== {}: {}", step.name, step.why));
    let start = Instant::now();
    let outcome = (step.run)()
        .unwrap_or_else(|error| Outcome::failed(format!("{error:#}"), again(step.name)));
    let elapsed = start.elapsed();
    exit::say(&timing(step.name, &outcome, elapsed));
    (outcome, elapsed)
}

fn timing(name: &str, outcome: &Outcome, elapsed: Duration) -> String {
    format!("{:>7.1} s  {name:<9} {}", elapsed.as_secs_f64(), outcome.tally())
}

/// What a person wants to know at the end; the last line is for scripts too.
fn report(times: &str, all: &Outcome) -> String {
    let mut text = format!("\n{times}");
    if !all.skips.is_empty() {
        text.push_str("\nskipped:\n");
    }
    for skip in &all.skips {
        let _ = writeln!(text, "  {}: {}", skip.name, skip.reason);
    }
    if !all.failures.is_empty() {
        text.push_str("\nfailed:\n");
    }
    for failure in &all.failures {
        let _ = writeln!(text, "  {}", failure.what);
        for line in &failure.said {
            let _ = writeln!(text, "    | {line}");
        }
        let _ = writeln!(text, "    repeat: {}", failure.repeat);
    }
    let _ = writeln!(text, "\n{}", all.tally());
    text
}

#[cfg(test)]
mod tests {
    use super::{
        HELP, Options, Outcome, Parser, STEPS, Step, promised_everything, report, run_one,
    };

    fn names(args: &[&str]) -> Result<Vec<&'static str>, String> {
        match Options::parse(Parser::from_args(args)) {
            Ok(Options::Run(steps)) => Ok(steps.iter().map(|step| step.name).collect()),
            Ok(_) => Ok(vec![]),
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn chooses_steps() {
        assert_eq!(names(&[]).unwrap().len(), STEPS.len());
        assert_eq!(names(&["--quick"]).unwrap(), ["tests"]);
        assert_eq!(names(&["--only", "docs,fmt"]).unwrap(), ["fmt", "docs"]);
        assert_eq!(names(&["--only=fmt"]).unwrap(), ["fmt"]);
        let error = names(&["--only", "fmt,ftm"]).unwrap_err();
        assert!(error.starts_with("`ftm` is no step; there are fmt, clippy, tests"), "{error}");
        assert!(names(&["--quick", "--only", "fmt"]).unwrap_err().contains("one of them"));
        assert!(names(&["--fast"]).unwrap_err().contains(HELP));
        assert!(names(&["--only"]).unwrap_err().contains(HELP));
        assert!(names(&["fmt"]).unwrap_err().contains(HELP));
    }

    #[test]
    fn help_and_list_win_over_running() {
        assert!(matches!(Options::parse(Parser::from_args(["--help"])), Ok(Options::Help)));
        let list = Options::parse(Parser::from_args(["--quick", "--list"]));
        assert!(matches!(list, Ok(Options::List)));
    }

    #[test]
    fn ci_promises_everything() {
        assert!(promised_everything(Some("true")) && promised_everything(Some("1")));
        assert!(![None, Some(""), Some("0"), Some("false")].into_iter().any(promised_everything));
    }

    #[test]
    fn a_step_that_cannot_run_has_failed() {
        let step = Step { name: "x", why: "", run: || anyhow::bail!("no git") };
        assert_eq!(run_one(&step).0, Outcome::failed("no git", super::again("x")));
    }

    #[test]
    fn the_last_line_is_the_tally() {
        let mut all = Outcome::passed(7);
        assert!(report("", &all).ends_with("\n7 passed, 0 failed\n"));
        all.add(Outcome::skipped("ranks", "no MPI"));
        all.add(Outcome::failed("a::b", String::from("cargo test 'a::b'")));
        let text = report("", &all);
        assert!(text.contains("skipped:\n  ranks: no MPI\n"), "{text}");
        assert!(text.contains("failed:\n  a::b\n    repeat: cargo test 'a::b'\n"), "{text}");
        all.failures[0].said = vec![String::from("left: 1"), String::from("right: 2")];
        let text = report("", &all);
        assert!(text.contains("  a::b\n    | left: 1\n    | right: 2\n    repeat: "), "{text}");
        assert!(text.ends_with("\n7 passed, 1 failed, 1 skipped\n"), "{text}");
    }
}
