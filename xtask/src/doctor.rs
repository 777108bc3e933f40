//! `doctor`: tries what tenfold wants of the system, and says what each is for and who supplies it.
//!
//! Every probe uses the thing itself (compiles, loads, starts two ranks), since the usual trouble
//! is a part that is installed and does not work. Only [`Dependency::Rust`] and [`Dependency::Cc`] are
//! required.

mod cc;
mod dependency;
mod finding;
#[path = "../../benches/harness/launcher.rs"]
mod launcher;
mod libclang;
mod mdbook;
mod mpi;
mod page;
mod path;
mod peers;
mod python;
mod rust;
mod scratch;
mod shells;
mod slurm;
mod tool;
mod valgrind;
mod vulkan;

use anyhow::Result;
use lexopt::{Arg, Parser};

pub(crate) use self::dependency::Dependency;
pub(crate) use self::finding::{Finding, Status};
pub(crate) use self::mpi::{Mpi, Place, Which};
pub(crate) use self::page::{colour, list};
pub(crate) use self::path::find;
pub(crate) use self::peers::{PINNED as PEERS, folder as peers_folder, python as peers_python};
pub(crate) use self::tool::{folder as tools_folder, program as tool};

use crate::exit::{self, Exit};
use crate::sh;

pub(crate) const HELP: &str = "\
cargo xtask doctor [--json | --devices]

Tries what tenfold wants of the system: a C compiler, MPI, libclang, Vulkan, Slurm, Python, the
Python peers, valgrind, shells, mdbook, and what checks a release. Only Rust and the C compiler are required;
the rest is optional, and `cargo xtask setup` installs it. The last line is the verdict.

  --json      one JSON document on stdout
  --devices   asks tenfold-gpu in place of the loader alone, which is built for it: each adapter with its
              limits, by which TENFOLD_GPU it is selected, and which one is opened

Exit codes: 0 ready, 1 the devices cannot be asked for, 2 usage, 3 something required is not there
";

pub(crate) fn run(mut parser: Parser) -> Result<Exit> {
    let (mut json, mut asks_devices) = (false, false);
    while let Some(arg) = parser.next().map_err(wrong)? {
        match arg {
            Arg::Long("json") => json = true,
            Arg::Long("devices") => asks_devices = true,
            Arg::Short('h') | Arg::Long("help") => return exit::print(HELP),
            other => return Err(wrong(other.unexpected())),
        }
    }
    if asks_devices {
        return if json {
            Err(exit::usage("--devices prints no JSON; leave --json out"))
        } else {
            devices()
        };
    }
    let findings = probe_all();
    exit::print(&if json { page::json(&findings)? } else { page::text(&findings, colour()) })?;
    Ok(if page::is_ready(&findings) { Exit::Ok } else { Exit::Nothing })
}

/// What tenfold-gpu says of the adapters. It is a program of its own, as no command of ours shall wait until wgpu
/// is built.
fn devices() -> Result<Exit> {
    let mut query = sh::cargo();
    query.args(["run", "--quiet", "--package", "tenfold-gpu", "--example", "device_query"]);
    sh::run(&mut query).map(|()| Exit::Ok)
}

fn wrong(error: lexopt::Error) -> anyhow::Error {
    exit::usage(format!("{error}\n\n{HELP}"))
}

/// Tries everything.
pub(crate) fn probe_all() -> Vec<Finding> {
    probe_each(&Dependency::ALL)
}

/// Tries some, all at once: most of the time goes into waiting for programs to start.
pub(crate) fn probe_each(dependencies: &[Dependency]) -> Vec<Finding> {
    std::thread::scope(|scope| {
        let probes: Vec<_> =
            dependencies.iter().map(|&which| (which, scope.spawn(move || probe(which)))).collect();
        let join = |(which, probe): (Dependency, std::thread::ScopedJoinHandle<'_, Finding>)| {
            let panicked = || finding::Answer::broken("doctor itself failed to try it");
            probe.join().unwrap_or_else(|_| Finding::new(which, panicked()))
        };
        probes.into_iter().map(join).collect()
    })
}

/// Tries one.
pub(crate) fn probe(dependency: Dependency) -> Finding {
    Finding::new(dependency, dependency.answer())
}
