//! `cargo xtask peers`: our kernels beside gcc's code and beside Numba's, our messages beside mpi4py's.

mod mpi4py;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;
use lexopt::{Arg, Parser, ValueExt as _};

use crate::exit::{self, Exit};
use crate::sh;

pub(crate) const HELP: &str = "\
cargo xtask peers [gcc] [numba] [mpi4py] [--dry-run] [-- OPTIONS]

Runs our kernels and the same formulas elsewhere in turns, after their answers were compared; and our
messages and those of others.

  gcc        triad, dot, a stencil and Black-Scholes beside gcc -O3 -march=native -ffast-math with
             libmvec, in one process (CC names another compiler); OPTIONS are those of the program:
             --bytes 16384,268435456  --sittings 3  --rounds 101
  numba      the ladder's kernel rungs beside Numba's, of the environment that `cargo xtask setup
             peers` makes; OPTIONS are those of `cargo xtask bench`, the workloads first
  mpi4py     messages, reductions and objects between two processes, beside mpi4py's, of the same
             environment; OPTIONS: --rounds 5
  --dry-run  show what would be run

Without a name: gcc.
";

/// The ladder's workloads that have rungs of kernels, which Numba is beside.
const WORKLOADS: [&str; 6] = ["heat", "julia", "pi", "blackscholes", "nbody", "integrate"];

/// `cargo xtask peers`
pub(crate) fn run(parser: Parser) -> Result<Exit> {
    let Some(options) = Options::parse(parser)? else { return exit::print(HELP) };
    let named = [options.gcc, options.numba, options.mpi4py].iter().filter(|&&named| named).count();
    if named > 1 && !options.rest.is_empty() {
        return Err(exit::usage("options behind -- are those of one program: name one peer"));
    }
    let mut commands = vec![];
    if options.gcc || named == 0 {
        commands.extend(gcc(&std::path::absolute(sh::target_dir())?, &options.rest));
    }
    if options.numba {
        commands.push(numba(&options.rest));
    }
    if options.dry_run {
        if options.mpi4py {
            commands.extend(mpi4py::commands()?);
        }
        let lines = commands.iter().map(|command| format!("{}\n", sh::display(command)));
        return exit::print(&lines.collect::<String>());
    }
    std::fs::create_dir_all(folder(&sh::target_dir()))?;
    commands.iter_mut().try_for_each(sh::run)?;
    if options.mpi4py {
        mpi4py::run(&options.rest)?;
    }
    Ok(Exit::Ok)
}

#[derive(Debug, Default)]
struct Options {
    gcc: bool,
    numba: bool,
    mpi4py: bool,
    dry_run: bool,
    rest: Vec<String>,
}

impl Options {
    /// `None` asks for help.
    fn parse(mut parser: Parser) -> Result<Option<Self>> {
        let usage = |error: lexopt::Error| exit::usage(format!("{error}\n\n{HELP}"));
        let mut options = Self::default();
        loop {
            // What follows `--` is another program's.
            let rest = parser.try_raw_args();
            if let Some(rest) = rest
                && rest.peek().is_some_and(|arg| arg == "--")
            {
                let words = rest.skip(1).map(|word| word.to_string_lossy().into_owned());
                options.rest = words.collect();
                return Ok(Some(options));
            }
            match parser.next().map_err(usage)? {
                None => return Ok(Some(options)),
                Some(Arg::Long("help") | Arg::Short('h')) => return Ok(None),
                Some(Arg::Long("dry-run")) => options.dry_run = true,
                Some(Arg::Value(name)) => match name.string().map_err(usage)?.as_str() {
                    "gcc" => options.gcc = true,
                    "numba" => options.numba = true,
                    "mpi4py" => options.mpi4py = true,
                    other => {
                        let message =
                            format!("`{other}` is no peer; there are gcc, numba and mpi4py");
                        return Err(exit::usage(format!("{message}\n\n{HELP}")));
                    }
                },
                Some(other) => return Err(usage(other.unexpected())),
            }
        }
    }
}

/// Where the libraries that are only for comparing go.
fn folder(target: &Path) -> PathBuf {
    target.join("tenfold/compared")
}

/// Builds the kernels twice and the C code once, then runs them beside each other.
fn gcc(target: &Path, rest: &[String]) -> Vec<Command> {
    let folder = folder(target);
    let (native, cells) = (folder.join("native"), folder.join("libcells.so"));
    let library = |target: &Path| target.join("release/libtenfold_peers.so");

    let build = ["build", "--release", "--package", "tenfold-peers"];
    let mut default = sh::cargo();
    default.args(build);
    // Its own folder, lest the two builds replace each other.
    let mut for_this_machine = sh::cargo();
    for_this_machine.args(build).arg("--lib").arg("--target-dir").arg(&native);
    // By the environment, which goes before what a user's configuration says.
    for_this_machine.env("RUSTFLAGS", "-C target-cpu=native").env_remove("CARGO_ENCODED_RUSTFLAGS");
    let mut c = Command::new(std::env::var_os("CC").unwrap_or_else(|| "gcc".into()));
    c.args(["-O3", "-march=native", "-ffast-math", "-fPIC", "-shared", "-o"]).arg(&cells);
    c.arg(sh::root().join("benches/peers/kernels.c")).arg("-lm");
    let mut compare = Command::new(target.join("release/peers"));
    compare.arg(cells).arg(library(target)).arg(library(&native)).args(rest);
    vec![default, for_this_machine, c, compare]
}

/// The ladder's comparison of two programs, of which one is in Python.
fn numba(rest: &[String]) -> Command {
    let mut command = sh::cargo();
    command.args(["xtask", "bench"]);
    if rest.first().is_none_or(|word| word.starts_with('-')) {
        command.args(WORKLOADS);
    }
    if rest.iter().all(|word| word != "--rung") {
        command.args(["--rung", "kernel", "--rung", "kernel+threads"]);
    }
    command.arg("--against").arg(sh::root().join("benches/peers/numba")).args(rest);
    command
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{HELP, Options, Parser, gcc, numba, sh};

    fn parse(line: &str) -> Result<Option<Options>, String> {
        Options::parse(Parser::from_args(line.split_whitespace())).map_err(|e| e.to_string())
    }

    #[test]
    fn passes_on_what_follows_two_dashes() {
        let options = parse("gcc --dry-run -- --sittings 5 x").unwrap().unwrap();
        assert!(options.gcc && options.dry_run && !options.numba);
        assert_eq!(options.rest, ["--sittings", "5", "x"]);
        assert!(parse("--help").unwrap().is_none());
        let error = parse("icc").unwrap_err();
        assert!(error.starts_with("`icc` is no peer; there are gcc, numba and mpi4py"), "{error}");
        assert!(parse("--fast").unwrap_err().contains(HELP));
    }

    #[test]
    fn builds_three_libraries_and_compares_them() {
        let commands = gcc(Path::new("/t"), &["--sittings".to_owned(), "5".to_owned()]);
        let last = sh::display(commands.last().unwrap());
        let native = "/t/tenfold/compared/native/release/libtenfold_peers.so";
        assert_eq!(
            last,
            format!(
                "/t/release/peers /t/tenfold/compared/libcells.so /t/release/libtenfold_peers.so \
                 {native} --sittings 5"
            )
        );
        assert_eq!(commands.len(), 4);
    }

    #[test]
    fn asks_numba_for_all_it_knows_unless_told() {
        let all = sh::display(&numba(&[]));
        assert!(all.contains("bench heat julia pi blackscholes nbody integrate --rung kernel"));
        let one = sh::display(&numba(&["pi".to_owned(), "--rung".to_owned(), "kernel".to_owned()]));
        assert!(one.ends_with("pi --rung kernel") && !one.contains("heat"), "{one}");
    }
}
