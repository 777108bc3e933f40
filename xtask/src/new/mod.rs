//! `cargo xtask new`: an isolated module that builds and tests alone before its first line is
//! changed.

mod draft;
mod krate;
mod ladder;
mod list;
mod name;

use std::path::Path;

use anyhow::Result;
use lexopt::{Arg, Parser, ValueExt as _};

use crate::exit::{self, Exit};
use crate::sh;
pub(crate) use draft::Draft;

pub(crate) const HELP: &str = "\
cargo xtask new workload NAME         a workload of the ladder with two rungs
cargo xtask new rung WORKLOAD/RUNG    a rung, as a copy of the workload's naive one
cargo xtask new crate NAME            the package tenfold-NAME, with tests, example and bench

What is written builds, passes its tests and raises no warning; it waits to be edited. Nothing is
written when something is in the way.

  --dry-run    show what would be written
";

/// `cargo xtask new`
pub(crate) fn run(parser: Parser) -> Result<Exit> {
    let Some(options) = Options::parse(parser)? else { return exit::print(HELP) };
    let draft = draft(sh::root(), &options.kind, &options.name)?;
    if options.dry_run {
        return exit::print(&format!("{}would be written; nothing is\n", draft.list()));
    }
    draft.write()?;
    exit::print(&format!("{}next:\n{}", draft.list(), next(&options.kind, &options.name)))
}

#[derive(Debug, Default)]
struct Options {
    kind: String,
    name: String,
    dry_run: bool,
}

impl Options {
    /// `None` asks for help.
    fn parse(mut parser: Parser) -> Result<Option<Self>> {
        let usage = |error: lexopt::Error| exit::usage(format!("{error}\n\n{HELP}"));
        let (mut words, mut dry_run) = (vec![], false);
        while let Some(arg) = parser.next().map_err(usage)? {
            match arg {
                Arg::Long("help") | Arg::Short('h') => return Ok(None),
                Arg::Long("dry-run") => dry_run = true,
                Arg::Value(word) => words.push(word.string().map_err(usage)?),
                other => return Err(usage(other.unexpected())),
            }
        }
        match <[String; 2]>::try_from(words) {
            Ok([kind, name]) => Ok(Some(Self { kind, name, dry_run })),
            Err(_) => Err(exit::usage(format!("say what and its name\n\n{HELP}"))),
        }
    }
}

/// All that the new thing changes under `root`, checked but not written.
pub(crate) fn draft(root: &Path, kind: &str, name: &str) -> Result<Draft> {
    let mut draft = Draft::new(root);
    match kind {
        "workload" => ladder::workload(&mut draft, name)?,
        "rung" => ladder::rung(&mut draft, name)?,
        "crate" => krate::krate(&mut draft, name)?,
        other => return Err(exit::usage(format!("`{other}` is nothing to scaffold\n\n{HELP}"))),
    }
    Ok(draft)
}

/// The commands that come next.
fn next(kind: &str, name: &str) -> String {
    match kind {
        "workload" => format!("  cargo xtask bench {name} --size s\n"),
        "rung" => {
            let (workload, rung) = name.split_once('/').unwrap_or((name, ""));
            format!("  cargo xtask bench {workload} --rung {rung}\n")
        }
        _ => format!(
            "  cargo test --package tenfold-{name}\n  \
             a row for `{name}` in the tables of README.md and ARCHITECTURE.md\n"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::{HELP, Options, Parser, draft};
    use crate::sh;

    fn parse(args: &[&str]) -> Result<Option<Options>, String> {
        Options::parse(Parser::from_args(args)).map_err(|error| error.to_string())
    }

    #[test]
    fn reads_what_and_its_name() {
        let options = parse(&["rung", "heat/blocked", "--dry-run"]).unwrap().unwrap();
        assert_eq!(
            (&*options.kind, &*options.name, options.dry_run),
            ("rung", "heat/blocked", true)
        );
        assert!(parse(&["--help"]).unwrap().is_none());
        assert!(parse(&["rung"]).unwrap_err().contains(HELP));
        assert!(parse(&["rung", "a/b", "c"]).unwrap_err().contains(HELP));
        assert!(parse(&["rung", "--force"]).unwrap_err().contains("--force"));
    }

    /// Every kind of thing, on the files of this workspace.
    #[test]
    fn drafts_on_this_workspace() {
        for (kind, name, files) in [
            ("workload", "probe_of_new", 4),
            ("rung", "heat/probe", 2),
            ("crate", "probe-of-new", 12),
        ] {
            let list = draft(sh::root(), kind, name).unwrap().list();
            assert_eq!(list.lines().count(), files, "{list}");
        }
        assert!(draft(sh::root(), "bench", "x").is_err());
    }

    #[test]
    fn every_workload_takes_a_rung() {
        let ladder = std::fs::read_dir(sh::root().join("benches/ladder")).unwrap();
        for entry in ladder.map(Result::unwrap).filter(|entry| entry.path().join("mod.rs").exists())
        {
            let name = format!("{}/probe", entry.file_name().to_string_lossy());
            draft(sh::root(), "rung", &name).unwrap();
        }
    }

    #[test]
    fn what_exists_is_refused() {
        for (kind, name, why) in [
            ("workload", "heat", "benches/ladder/heat"),
            ("rung", "heat/naive", "benches/ladder/heat/naive.rs"),
            ("rung", "heat/field", "benches/ladder/heat/field.rs"),
            ("rung", "cold/naive", "no workload `cold`"),
            ("rung", "naive", "WORKLOAD/RUNG"),
            ("crate", "profile", "crates/profile"),
        ] {
            let error = draft(sh::root(), kind, name).unwrap_err().to_string();
            assert!(error.contains(why), "{kind} {name}: {error}");
        }
    }
}
