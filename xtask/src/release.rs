//! `cargo xtask release`: looks at all that a release takes, and prints the commands of one.
//!
//! Publishing cannot be undone, so that no command of ours does it.

mod changelog;
mod deny;
mod docs_rs;
mod order;
mod package;
mod semver;
mod versions;

use std::fmt::Write as _;

use anyhow::{Result, bail};
use lexopt::{Arg, Parser};

use crate::doctor::Dependency;
use crate::exit::{self, Exit, say};
use crate::lacks::Lacks;
use crate::sh;
use crate::workspace::{self, Package, Workspace};

pub(crate) const HELP: &str = "\
cargo xtask release [--dry-run] [--quick]

Prints the commands that publish the crates, in order. They are typed by hand.

  --dry-run   looks at what a release takes, publishes nothing, and says what is wrong:
              order      each crate after those it depends on
              versions   one for all crates, what they want of each other, and no tag has it
              changelogs  each has a section of that version, with what is new
              packages   what each package holds, and whether it builds from that
              docs.rs    the documentation, built as docs.rs is told to
              deny       licences, known faults and origin of dependencies, by cargo-deny
              semver     the interface beside that of the release before, by cargo-semver-checks
              commit     nothing differs from the last commit
  --quick     with --dry-run: what takes no build and no network, in seconds

Exit codes: 0 nothing is wrong, also where something could not be looked at, which is told; 1 something
is wrong; 2 usage
";

/// `cargo xtask release`
pub(crate) fn run(parser: Parser) -> Result<Exit> {
    let Some(options) = Options::parse(parser)? else { return exit::print(HELP) };
    let workspace = Workspace::read()?;
    let crates = order::of(workspace.publishable())?;
    if !options.dry_run {
        return exit::print(&by_hand(&crates));
    }
    // What builds nothing lacks nothing.
    let lacks = if options.quick { Lacks::default() } else { Lacks::of_machine(&workspace)? };
    let release = Release { lacks, crates };
    let lines = Line::ALL.iter().filter(|line| line.quick || !options.quick);
    let answers: Vec<_> = lines.map(|line| (line.name, line.answer(&release))).collect();
    exit::print(&table(&answers))?;
    let is_wrong = answers.iter().any(|(_, answer)| matches!(answer, Answer::Wrong(_)));
    Ok(if is_wrong { Exit::Failed } else { Exit::Ok })
}

#[derive(Debug, Default)]
struct Options {
    dry_run: bool,
    quick: bool,
}

impl Options {
    /// `None` asks for help.
    fn parse(mut parser: Parser) -> Result<Option<Self>> {
        let usage = |message: &str| exit::usage(format!("{message}\n\n{HELP}"));
        let mut options = Self::default();
        while let Some(arg) = parser.next().map_err(|error| usage(&error.to_string()))? {
            match arg {
                Arg::Long("dry-run") => options.dry_run = true,
                Arg::Long("quick") => options.quick = true,
                Arg::Short('h') | Arg::Long("help") => return Ok(None),
                other => return Err(usage(&other.unexpected().to_string())),
            }
        }
        match options {
            Self { dry_run: false, quick: true } => Err(usage("--quick is for --dry-run")),
            options => Ok(Some(options)),
        }
    }
}

/// What is looked at: the crates in the order in which they are published, and what this machine
/// lacks to build them.
#[derive(Debug)]
pub(crate) struct Release<'a> {
    crates: Vec<&'a Package>,
    lacks: Lacks,
}

impl Release<'_> {
    /// The crates that this machine can build, and of the others why not.
    fn buildable(&self) -> (Vec<&Package>, Vec<String>) {
        let (mut can, mut cannot) = (vec![], vec![]);
        for &package in &self.crates {
            match self.lacks.of(package) {
                None => can.push(package),
                Some(reason) => cannot.push(format!("{}: {reason}", package.name)),
            }
        }
        (can, cannot)
    }
}

/// What a look has shown.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    Right(String),
    Wrong(String),
    /// It could not be looked at: why, and what would supply what is missing.
    Unknown(String),
}

impl Answer {
    /// Right, with this to say, unless something is wrong.
    fn of(right: impl Into<String>, wrong: &[String]) -> Self {
        if wrong.is_empty() { Self::Right(right.into()) } else { Self::Wrong(wrong.join("\n")) }
    }

    fn missing(tool: Dependency) -> Self {
        Self::Unknown(format!("no {}; {}", tool.name(), tool.supply()))
    }
}

/// A line of the table.
struct Line {
    name: &'static str,
    /// It takes no build and no network.
    quick: bool,
    look: fn(&Release<'_>) -> Result<Answer>,
}

impl Line {
    const ALL: &'static [Self] = &[
        Self { name: "order", quick: true, look: order::look },
        Self { name: "versions", quick: true, look: versions::look },
        Self { name: "changelogs", quick: true, look: changelog::look },
        Self { name: "packages", quick: true, look: package::look },
        Self { name: "their build", quick: false, look: package::build },
        Self { name: "docs.rs", quick: false, look: docs_rs::look },
        Self { name: "deny", quick: false, look: deny::look },
        Self { name: "advisories", quick: false, look: deny::advisories },
        Self { name: "semver", quick: false, look: semver::look },
        Self { name: "commit", quick: false, look: commit },
    ];

    /// A look that cannot be taken has found something wrong.
    fn answer(&self, release: &Release<'_>) -> Answer {
        say(&format!("release: {}", self.name));
        (self.look)(release).unwrap_or_else(|error| Answer::Wrong(format!("{error:#}")))
    }
}

/// A line for each look, and the tally.
fn table(answers: &[(&str, Answer)]) -> String {
    let mut text = String::new();
    let mut tally = [0; 3];
    for (name, answer) in answers {
        let (which, word, detail) = match answer {
            Answer::Right(detail) => (0, "right", detail),
            Answer::Wrong(detail) => (1, "WRONG", detail),
            Answer::Unknown(detail) => (2, "not known", detail),
        };
        tally[which] += 1;
        let detail = detail.trim_end().replace('\n', &format!("\n{:24}", ""));
        let _ = writeln!(text, "{name:<12}{word:<12}{detail}");
    }
    let [right, wrong, unknown] = tally;
    let _ = writeln!(text, "\nrelease: {right} right, {wrong} wrong, {unknown} not known");
    text
}

/// Nothing is published that no commit has.
fn commit(_: &Release<'_>) -> Result<Answer> {
    let head = match git(&["rev-parse", "--short", "HEAD"]) {
        Ok(head) => head,
        Err(error) => return Ok(Answer::Unknown(format!("there is no commit: {error:#}"))),
    };
    let changed = git(&["status", "--porcelain"])?;
    Ok(match changed.lines().count() {
        0 => Answer::Right(head.trim().to_owned()),
        files => Answer::Wrong(format!("{files} files differ from {}", head.trim())),
    })
}

/// What git says.
fn git(args: &[&str]) -> Result<String> {
    let mut git = std::process::Command::new("git");
    let output = workspace::stdout(git.current_dir(sh::root()).args(args))?;
    let Ok(text) = String::from_utf8(output) else { bail!("git {} says no UTF-8", args.join(" ")) };
    Ok(text)
}

/// The name that git has for a version.
fn tag(version: &str) -> String {
    format!("v{version}")
}

/// The commands that publish the crates, one after the other.
fn by_hand(crates: &[&Package]) -> String {
    let mut text = String::from(
        "Publishing cannot be undone, and is done by hand. When `cargo xtask release --dry-run` finds\n\
         nothing wrong, and changelogs have the day in place of `unreleased`:\n\n",
    );
    for package in crates {
        let _ = writeln!(text, "  cargo publish --package {}", package.name);
    }
    if let Some(package) = crates.first() {
        let tag = tag(&package.version);
        let _ = writeln!(text, "  git tag --annotate {tag} --message {tag}");
    }
    text
}

/// What `cargo xtask test` looks at: what takes no build and no network. A failure a line.
pub(crate) fn quick() -> Result<Vec<(&'static str, Option<String>)>> {
    let workspace = Workspace::read()?;
    let crates = order::of(workspace.publishable())?;
    let release = Release { lacks: Lacks::default(), crates };
    let lines = Line::ALL.iter().filter(|line| line.quick);
    let answers = lines.map(|line| (line.name, line.answer(&release)));
    Ok(answers
        .map(|(name, answer)| match answer {
            Answer::Right(_) => (name, None),
            Answer::Wrong(why) | Answer::Unknown(why) => (name, Some(why)),
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::{Answer, Exit, HELP, Line, Options, Parser, by_hand, run, table};
    use crate::workspace::Package;

    #[test]
    fn a_line_for_each_look_and_the_tally() {
        let text = table(&[
            ("order", Answer::Right(String::from("2 crates"))),
            ("deny", Answer::Wrong(String::from("a\nb\n"))),
            ("semver", Answer::Unknown(String::from("no tag"))),
        ]);
        let expected = "order       right       2 crates\ndeny        WRONG       a\n                        b\n\
                        semver      not known   no tag\n\nrelease: 1 right, 1 wrong, 1 not known\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn the_commands_are_printed_in_order() {
        let (a, b) = (Package::fake("a", &[]), Package::fake("b", &[]));
        let text = by_hand(&[&b, &a]);
        let commands: Vec<_> = text.lines().filter(|line| line.starts_with("  ")).collect();
        let expected = [
            "  cargo publish --package b",
            "  cargo publish --package a",
            "  git tag --annotate v0.1.0 --message v0.1.0",
        ];
        assert_eq!(commands, expected);
    }

    #[test]
    fn a_wrong_command_line_is_a_usage_error() {
        for words in [&["--quick"][..], &["--publish"], &["now"]] {
            let error = Options::parse(Parser::from_args(words)).unwrap_err();
            assert!(error.to_string().contains(HELP), "{error}");
            assert_eq!(Exit::from_error(error), Exit::Usage, "{words:?}");
        }
        assert_eq!(run(Parser::from_args(["--help"])).unwrap(), Exit::Ok);
    }

    #[test]
    fn the_help_has_every_look() {
        for line in
            Line::ALL.iter().filter(|line| !["their build", "advisories"].contains(&line.name))
        {
            assert!(HELP.contains(&format!("\n              {}", line.name)), "{}", line.name);
        }
    }
}
