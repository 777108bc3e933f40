//! What is started on ranks: an example or a program of a package, which is built before, or a path.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;
use lexopt::{Parser, ValueExt as _};

use crate::{args, exit, sh};

/// What to start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Program {
    Example(String),
    Bin(String),
    Path(String),
}

/// A program, and how it is built.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) program: Program,
    pub(crate) package: Option<String>,
    pub(crate) args: Vec<String>,
    pub(crate) release: bool,
}

/// What a command line has said of it so far.
#[derive(Debug, Default)]
pub(crate) struct Said {
    pub(crate) programs: Vec<Program>,
    pub(crate) package: Option<String>,
    /// What stands behind `--`, another program's.
    pub(crate) rest: Vec<String>,
    pub(crate) release: bool,
}

impl Said {
    pub(crate) fn is_empty(&self) -> bool {
        self.programs.is_empty() && self.rest.is_empty()
    }

    /// Takes all that stands behind `--`, if that comes next.
    ///
    /// # Errors
    /// A word is no UTF-8.
    pub(crate) fn takes_rest(&mut self, parser: &mut Parser) -> Result<bool, lexopt::Error> {
        let rest = parser.try_raw_args().filter(|rest| rest.peek().is_some_and(|arg| arg == "--"));
        let Some(rest) = rest else { return Ok(false) };
        self.rest = rest.skip(1).map(|word| word.string()).collect::<Result<_, _>>()?;
        Ok(true)
    }

    /// Takes an option that is about the program; false if this is none.
    pub(crate) fn takes(&mut self, name: &str, parser: &mut Parser) -> Result<bool, lexopt::Error> {
        match name {
            "--release" => self.release = true,
            "--package" | "-p" => self.package = Some(args::value(parser)?),
            "--example" => self.programs.push(Program::Example(args::value(parser)?)),
            "--bin" => self.programs.push(Program::Bin(args::value(parser)?)),
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// # Errors
    /// Usage: none is said, or several are.
    pub(crate) fn target(mut self) -> Result<Target> {
        let program = match (self.programs.pop(), self.rest.is_empty()) {
            (Some(program), _) if self.programs.is_empty() => program,
            (Some(_), _) => return Err(exit::usage("one program: --example or --bin, once")),
            (None, false) => Program::Path(self.rest.remove(0)),
            (None, true) => {
                return Err(exit::usage("say what to start: --example, --bin or -- PROGRAM"));
            }
        };
        if matches!(program, Program::Path(_)) && (self.release || self.package.is_some()) {
            let message = "--release and --package are for what is built: --example or --bin";
            return Err(exit::usage(message));
        }
        let Self { package, rest: args, release, .. } = self;
        Ok(Target { program, package, args, release })
    }
}

impl Target {
    /// The command that builds it, in a package that is taken unless another is said.
    pub(crate) fn build(&self, package: &str) -> Option<Command> {
        let (kind, name) = match &self.program {
            Program::Example(name) => ("--example", name),
            Program::Bin(name) => ("--bin", name),
            Program::Path(_) => return None,
        };
        let mut cargo = sh::cargo();
        let package = self.package.as_deref().unwrap_or(package);
        cargo.args(["build", "--quiet", "--package", package, kind, name]);
        cargo.args(self.release.then_some("--release"));
        Some(cargo)
    }

    /// Where the program lies, when it is built into this folder.
    pub(crate) fn path(&self, target: &Path) -> PathBuf {
        let folder = target.join(if self.release { "release" } else { "debug" });
        let file = |name: &String| format!("{name}{}", std::env::consts::EXE_SUFFIX);
        match &self.program {
            Program::Example(name) => folder.join("examples").join(file(name)),
            Program::Bin(name) => folder.join(file(name)),
            Program::Path(path) => PathBuf::from(path),
        }
    }
}
