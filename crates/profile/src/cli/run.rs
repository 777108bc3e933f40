//! Runs a program under the sampler.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::SystemTime;

use lexopt::{Arg, Parser, ValueExt as _};
use tenfold_profile::Report;

use crate::show::{self, missing, program};
use crate::{Done, Failure, print};

/// The library that samples, as it is named beside this program or in its folder of examples.
const LIBRARY: &str = "libpreload.so";

/// Runs a program with the sampler's library loaded before it, and shows what it found.
pub(crate) fn run(mut parser: Parser) -> Done {
    let (mut hz, mut out) = (1000_u32, PathBuf::from("profile.html"));
    let mut command = loop {
        match parser.next()? {
            Some(Arg::Long("hz")) => hz = parser.value()?.parse()?,
            Some(Arg::Long("out")) => out = parser.value()?.into(),
            Some(Arg::Value(name)) => break program(&mut parser, name)?,
            Some(other) => return Err(other.unexpected().into()),
            None => return Err(missing("PROGRAM")),
        }
    };
    if !(1..=10_000).contains(&hz) {
        return Err(Failure::Usage(format!("--hz {hz}: has to be from 1 to 10000")));
    }
    let folder = Folder::new()?;
    preload(&mut command, &library()?);
    command.env("TENFOLD_PROFILE_FOLDER", &folder.0).env("TENFOLD_PROFILE_HZ", hz.to_string());
    let name = command.get_program().to_string_lossy().into_owned();
    let status =
        command.status().map_err(|error| Failure::Failed(format!("cannot run {name}: {error}")))?;
    let report = folder.largest()?.ok_or_else(|| {
        Failure::Failed(format!(
            "{name} left no report ({status}): it is linked statically, or was ended by a signal, or \
             has a profiler of its own"
        ))
    })?;
    show::write(&report, &out)?;
    print(&format!("{report}\nwritten: {}\n", out.display()))?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

/// Has the library loaded before the program; before what cargo runs, where the program is cargo,
/// which would be sampled itself otherwise.
fn preload(command: &mut Command, library: &Path) {
    let is_cargo = Path::new(command.get_program()).file_stem().is_some_and(|name| name == "cargo");
    if is_cargo {
        let runner = format!("env LD_PRELOAD={}", library.display());
        command.env("CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUNNER", runner);
    } else {
        command.env("LD_PRELOAD", library);
    }
}

fn library() -> Result<PathBuf, Failure> {
    let own = std::env::current_exe()?;
    let folder = own.parent().unwrap_or(Path::new("."));
    let places = [folder.join(LIBRARY), folder.join("examples").join(LIBRARY)];
    let found = places.iter().find(|place| place.is_file()).cloned();
    found.ok_or_else(|| {
        Failure::Failed(format!(
            "there is no {} beside this program: build it with `cargo build --release --package \
             tenfold-profile --all-features --example preload`",
            places[1].display()
        ))
    })
}

/// A folder for the reports of the processes, that goes away with its owner.
#[derive(Debug)]
struct Folder(PathBuf);

impl Folder {
    /// Its own, and nobody else's to look into: a folder that is there already may be somebody's who
    /// waits for reports, or has put links for them.
    fn new() -> Result<Self, Failure> {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let name = format!("tenfold-profile-{}-{}", std::process::id(), now.as_nanos());
        let folder = std::env::temp_dir().join(name);
        let mut builder = std::fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&folder).map_err(|error| {
            Failure::Failed(format!("cannot make the folder {}: {error}", folder.display()))
        })?;
        Ok(Self(folder))
    }

    /// The report with the most samples: shells and starters have few. Those that cannot be read, as
    /// one of a process that was ended while it wrote, are named and left out.
    fn largest(&self) -> Result<Option<Report>, Failure> {
        let mut reports = vec![];
        for entry in std::fs::read_dir(&self.0)? {
            match Report::read(entry?.path()) {
                Ok(report) => reports.push(report),
                Err(error) => {
                    // When stderr is gone there is nobody to tell.
                    let _ = writeln!(std::io::stderr(), "left out: {error}");
                }
            }
        }
        let running = |report: &Report| report.sampled().map_or(0, |sampled| sampled.running());
        Ok(reports.into_iter().max_by_key(running))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Nothing can be done about a folder that does not go.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
