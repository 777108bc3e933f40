//! `cargo xtask mpirun`: starts a program on so many ranks, threads of one process or processes of
//! MPI.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use anyhow::{Context as _, Result};
use lexopt::{Arg, Parser};

use crate::doctor::{Dependency, Mpi, Place, Which};
use crate::exit::{self, Exit};
use crate::program::{self, Target};
use crate::{args, sh};

pub(crate) const HELP: &str = "\
cargo xtask mpirun -n RANKS [OPTIONS] (--example NAME | --bin NAME) [-- ARGS..]
cargo xtask mpirun -n RANKS [OPTIONS] -- PROGRAM [ARGS..]

Starts a program on RANKS ranks, and ends with its exit code.

  -n RANKS             from 1 to 65536
  --backend threads    one process with TENFOLD_RANKS=RANKS, for `World::from_env`; the default
  --backend mpi        as many processes, by the launcher of an MPI: that of MPICC, or of `mpicc`
  --mpi openmpi|mpich  the launcher of this one
  --example NAME       an example, which is built before
  --bin NAME           a program of a package, which is built before
  -p, --package P      the package: tenfold-comm unless said, with MPI tenfold-comm-mpi
  --release            optimised
  --trace FOLDER       record all calls in FOLDER, in place of an earlier run's, say what kept the run from
                       being faster, and write FOLDER/ranks.html and, for Perfetto, FOLDER/ranks.json
  --dry-run            show what would be run

Open MPI is told with --allow-run-as-root when root runs it, and with --oversubscribe when there are
more ranks than cores. What is built for MPICH goes into a folder `mpich` of its own in cargo's.
";

/// As many as a world of threads takes.
const MAX_RANKS: usize = 65_536;

/// `cargo xtask mpirun`
pub(crate) fn run(parser: Parser) -> Result<Exit> {
    let Some(options) = Options::parse(parser)? else { return exit::print(HELP) };
    let target = sh::build_dir();
    let (build, mut start) = match options.backend {
        Backend::Threads => threads(&options, &target),
        Backend::Mpi(which) => {
            let mpi = Mpi::find(which).map_err(|error| missing(which, &error))?;
            processes(&options, &target, &mpi, place(options.ranks))
        }
    };
    let analyse = options.trace.as_ref().map(|folder| {
        start.env(TRACE, folder);
        analysis(folder)
    });
    if options.dry_run {
        let lines = build.iter().chain([&start]).chain(&analyse).map(sh::typed);
        return exit::print(&lines.collect::<String>());
    }
    if let Some(mut build) = build {
        sh::run(build.stdin(std::process::Stdio::null()))?;
    }
    if let Some(folder) = &options.trace {
        emptied(folder).with_context(|| format!("--trace {}", folder.display()))?;
    }
    let status = start.status();
    let status = status.with_context(|| format!("cannot start {}", sh::display(&start)))?;
    // A program that has failed may have a trace too; if not, its own exit code still counts.
    let analysed = analyse.map_or(Ok(()), |mut analyse| sh::run(&mut analyse));
    if status.success() {
        analysed?;
    }
    Ok(ended(status))
}

/// Asks the ranks of tenfold-comm, threads or processes, to record their calls in this folder.
const TRACE: &str = "TENFOLD_COMM_TRACE";

/// Tells what the ranks have recorded. It stands in this workspace, as cargo does; the folder need not.
fn analysis(folder: &Path) -> Command {
    let mut cargo = comm_trace(folder);
    cargo.arg("--html").arg(folder.join("ranks.html"));
    cargo.arg("--json").arg(folder.join("ranks.json"));
    cargo
}

/// What looks through the traces of a folder; what it is to write goes behind.
pub(crate) fn comm_trace(folder: &Path) -> Command {
    let mut cargo = sh::cargo();
    cargo.args([
        "run",
        "--quiet",
        "--release",
        "--package",
        "tenfold-comm",
        "--features",
        "report",
    ]);
    cargo.args(["--bin", "comm-trace", "--"]).arg(folder);
    cargo
}

/// Makes the folder, without the traces of an earlier run.
fn emptied(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "trace") {
            std::fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// What a launcher minds of this machine.
pub(crate) fn place(ranks: usize) -> Place {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let root = || sh::output(Command::new("id").arg("-u")).is_ok_and(|id| id.stdout == b"0\n");
    Place { root: root(), crowded: ranks > cores }
}

/// Why nothing can be started, and what supplies it.
pub(crate) fn missing(which: Option<Which>, error: &anyhow::Error) -> anyhow::Error {
    let name = which.map_or("MPI", Which::name);
    let supply = Dependency::Mpi.supply();
    exit::nothing(format!("no launcher of {name}: {error:#}; `{supply}` installs it"))
}

/// The exit code of the program; of one that a signal ended, that of shells.
fn ended(status: ExitStatus) -> Exit {
    if status.success() {
        return Exit::Ok;
    }
    if sh::interrupted(status) {
        return Exit::Interrupted;
    }
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    code.or_else(|| signal(status)).map_or(Exit::Failed, Exit::Program)
}

#[cfg(unix)]
fn signal(status: ExitStatus) -> Option<u8> {
    use std::os::unix::process::ExitStatusExt as _;
    status.signal().and_then(|signal| u8::try_from(128 + signal).ok())
}

#[cfg(not(unix))]
fn signal(_: ExitStatus) -> Option<u8> {
    None
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Backend {
    Threads,
    Mpi(Option<Which>),
}

#[derive(Debug)]
struct Options {
    ranks: usize,
    backend: Backend,
    target: Target,
    /// Where calls are recorded, from the root of the file system on.
    trace: Option<PathBuf>,
    dry_run: bool,
}

/// What the command line has said so far.
#[derive(Debug, Default)]
struct Said {
    ranks: Option<usize>,
    backend: Option<String>,
    mpi: Option<String>,
    program: program::Said,
    trace: Option<String>,
    dry_run: bool,
}

impl Options {
    /// `None` asks for help.
    fn parse(mut parser: Parser) -> Result<Option<Self>> {
        let mut said = Said::default();
        while !said.program.takes_rest(&mut parser).map_err(wrong)? {
            let Some(arg) = parser.next().map_err(wrong)? else { break };
            match arg {
                Arg::Long("help") | Arg::Short('h') => return Ok(None),
                Arg::Long("dry-run") => said.dry_run = true,
                Arg::Long("trace") => said.trace = Some(value(&mut parser)?),
                Arg::Short('n') => said.ranks = Some(ranks(&value(&mut parser)?)?),
                Arg::Long("backend") => said.backend = Some(value(&mut parser)?),
                Arg::Long("mpi") => said.mpi = Some(value(&mut parser)?),
                other => {
                    let (name, unexpected) = (args::name(&other), other.unexpected());
                    if !said.program.takes(&name, &mut parser).map_err(wrong)? {
                        return Err(wrong(unexpected));
                    }
                }
            }
        }
        said.options().map(Some)
    }
}

impl Said {
    fn options(mut self) -> Result<Options> {
        let ranks = self.ranks.ok_or_else(|| usage("say how many ranks: -n 4"))?;
        let backend = backend(self.backend.as_deref(), self.mpi.as_deref())?;
        let target = self.program.target().map_err(|error| usage(&error.to_string()))?;
        // Programs, and cargo, may stand in another folder than we do.
        let trace = self.trace.take().map(std::path::absolute).transpose();
        let trace = trace.map_err(|error| usage(&format!("--trace: {error}")))?;
        Ok(Options { ranks, backend, target, trace, dry_run: self.dry_run })
    }
}

fn ranks(text: &str) -> Result<usize> {
    let ranks = text.parse().ok().filter(|ranks| (1..=MAX_RANKS).contains(ranks));
    ranks.ok_or_else(|| usage(&format!("-n {text}: expected a number from 1 to {MAX_RANKS}")))
}

fn backend(backend: Option<&str>, mpi: Option<&str>) -> Result<Backend> {
    let which = mpi.map(Which::parse).transpose().map_err(|error| usage(&error))?;
    match (backend, mpi) {
        (None | Some("threads"), None) => Ok(Backend::Threads),
        (None | Some("threads"), Some(mpi)) => {
            Err(usage(&format!("--mpi {mpi}: only with --backend mpi")))
        }
        (Some("mpi"), _) => Ok(Backend::Mpi(which)),
        (Some(other), _) => Err(usage(&format!("--backend {other}: there are threads and mpi"))),
    }
}

fn value(parser: &mut Parser) -> Result<String> {
    args::value(parser).map_err(wrong)
}

fn wrong(error: lexopt::Error) -> anyhow::Error {
    usage(&error.to_string())
}

fn usage(message: &str) -> anyhow::Error {
    exit::usage(format!("{message}\n\n{HELP}"))
}

/// How to build the program, if that is asked for, and how to start it on threads.
fn threads(options: &Options, target: &Path) -> (Option<Command>, Command) {
    let mut start = Command::new(options.target.path(target));
    start.env("TENFOLD_RANKS", options.ranks.to_string()).args(&options.target.args);
    (options.target.build("tenfold-comm"), start)
}

/// The same on processes of MPI.
fn processes(
    options: &Options,
    target: &Path,
    mpi: &Mpi,
    place: Place,
) -> (Option<Command>, Command) {
    let mut build = options.target.build("tenfold-comm-mpi");
    if let Some(cargo) = &mut build {
        mpi.build(cargo, target);
    }
    let mut start = mpi.start(options.ranks, place);
    start.arg(options.target.path(&mpi.folder(target))).args(&options.target.args);
    (build, start)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Option<Options>, String> {
        Options::parse(Parser::from_args(line.split_whitespace())).map_err(|e| e.to_string())
    }

    /// What a command line would run on a machine with both implementations.
    fn lines(line: &str, place: Place) -> Vec<String> {
        let options = parse(line).unwrap().unwrap();
        let target = Path::new("/t");
        let (build, start) = match options.backend {
            Backend::Threads => threads(&options, target),
            Backend::Mpi(which) => {
                let mpi = Mpi::fake(which.unwrap_or(Which::OpenMpi));
                processes(&options, target, &mpi, place)
            }
        };
        build
            .iter()
            .chain([&start])
            .map(|command| sh::typed(command).trim_end().to_owned())
            .collect()
    }

    const DESK: Place = Place { root: false, crowded: false };
    const CONTAINER: Place = Place { root: true, crowded: true };

    #[test]
    fn threads_are_one_process() {
        assert_eq!(
            lines("-n 4 --example ring", DESK),
            [
                "cargo build --quiet --package tenfold-comm --example ring",
                "TENFOLD_RANKS=4 /t/debug/examples/ring"
            ]
        );
        assert_eq!(
            lines("-n 3 --release --package mine --bin sum -- -n 5 --mpi", DESK),
            [
                "cargo build --quiet --package mine --bin sum --release",
                "TENFOLD_RANKS=3 /t/release/sum -n 5 --mpi"
            ]
        );
        assert_eq!(lines("-n 2 -- ./mine --help", CONTAINER), ["TENFOLD_RANKS=2 ./mine --help"]);
    }

    #[test]
    fn what_is_recorded_is_analysed() {
        let folder = std::env::temp_dir().join(format!("mpirun-{}", std::process::id()));
        let line = format!("-n 2 --trace {} -- x", folder.display());
        let options = parse(&line).unwrap().unwrap();
        assert_eq!(options.trace.as_deref(), Some(folder.as_path()));
        let analysis = sh::typed(&analysis(&folder));
        assert!(
            analysis.starts_with("cargo run --quiet --release --package tenfold-comm"),
            "{analysis}"
        );
        assert!(analysis.ends_with("ranks.json\n"), "{analysis}");

        emptied(&folder).unwrap();
        std::fs::write(folder.join("0.trace"), "").unwrap();
        std::fs::write(folder.join("mine.txt"), "").unwrap();
        emptied(&folder).unwrap();
        assert!(!folder.join("0.trace").exists() && folder.join("mine.txt").exists());
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn processes_are_a_launchers() {
        assert_eq!(
            lines("-n 4 --backend mpi --example ring", CONTAINER),
            [
                "MPICC=mpicc.openmpi cargo build --quiet --package tenfold-comm-mpi --example ring",
                "/bin/mpirun.openmpi --allow-run-as-root --oversubscribe -n 4 /t/debug/examples/ring"
            ]
        );
        assert_eq!(
            lines("-n 4 --backend mpi --mpi mpich --release --example ring -- a", CONTAINER),
            [
                "MPICC=mpicc.mpich cargo build --quiet --package tenfold-comm-mpi --example ring \
                 --release --target-dir /t/mpich",
                "/bin/mpirun.mpich -n 4 /t/mpich/release/examples/ring a"
            ]
        );
        assert_eq!(
            lines("-n 2 --backend mpi --mpi mpich -- prog x", DESK),
            ["/bin/mpirun.mpich -n 2 prog x"]
        );
    }

    #[test]
    fn names_the_value_and_the_bound() {
        let cases = [
            ("-n 0 -- x", "-n 0: expected a number from 1 to 65536"),
            ("-n x -- x", "-n x: expected a number from 1 to 65536"),
            ("-n 65537 -- x", "-n 65537: expected a number from 1 to 65536"),
            ("-n -1 -- x", "-n -1: expected a number from 1 to 65536"),
            ("-n 2 --backend pvm -- x", "--backend pvm: there are threads and mpi"),
            ("-n 2 --backend mpi --mpi lam -- x", "--mpi lam: there are openmpi and mpich"),
            ("-n 2 --mpi mpich -- x", "--mpi mpich: only with --backend mpi"),
            ("-- x", "say how many ranks: -n 4"),
            ("-n 2", "say what to start: --example, --bin or -- PROGRAM"),
            ("-n 2 --", "say what to start: --example, --bin or -- PROGRAM"),
            ("-n 2 --example a --bin b", "one program: --example or --bin, once"),
            ("-n 2 --release -- x", "--release and --package are for what is built"),
            ("-n 2 --package p -- x", "--release and --package are for what is built"),
            ("-n 2 ring", "unexpected argument \"ring\""),
            ("-n", "missing argument for option '-n'"),
            ("-n 2 --trace", "missing argument for option '--trace'"),
        ];
        for (line, expected) in cases {
            let error = parse(line).unwrap_err();
            assert!(error.starts_with(expected) && error.contains(HELP), "{line:?} gave {error:?}");
        }
        assert!(parse("-n 4 --example ring --help").unwrap().is_none());
    }

    #[test]
    fn a_missing_launcher_says_who_supplies_it() {
        let error = missing(Some(Which::Mpich), &anyhow::anyhow!("no mpirun.mpich on PATH"));
        assert_eq!(
            error.to_string(),
            "no launcher of MPICH: no mpirun.mpich on PATH; `cargo xtask setup mpi` installs it"
        );
        assert_eq!(Exit::from_error(error), Exit::Nothing);
    }

    #[cfg(unix)]
    #[test]
    fn the_programs_exit_code_is_ours() {
        let code = |script: &str| ended(Command::new("sh").args(["-c", script]).status().unwrap());
        assert_eq!(code("exit 0"), Exit::Ok);
        assert_eq!(code("exit 3"), Exit::Program(3));
        assert_eq!(code("exit 255"), Exit::Program(255));
        assert_eq!(code("kill -9 $$"), Exit::Program(137));
        assert_eq!(code("kill -2 $$"), Exit::Interrupted);
    }
}
