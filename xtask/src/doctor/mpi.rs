//! MPI: two processes that know of each other. The compiler wrapper, the launcher and the library
//! can come from three installations; only a run shows that they fit.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use super::finding::Answer;
use super::launcher::launcher_of;
use super::path::{find, variable};
use super::scratch::{PATIENCE, Scratch};

const HELLO: &str = include_str!("mpi.c");

/// Starting two ranks took 0.4 s on two cores; a launcher that looks for a network can need
/// longer before it gives up on it.
const LAUNCH: Duration = Duration::from_secs(120);

pub(super) fn probe(scratch: &Scratch) -> Result<Answer> {
    let wrapper = variable("MPICC").unwrap_or_else(|| String::from("mpicc"));
    let launcher = launcher_of(&wrapper);
    let Some(mpicc) = find(&wrapper) else {
        return Ok(Answer::missing(format!("no {wrapper} on PATH")));
    };
    let Some(mpirun) = find(&launcher) else {
        return Ok(Answer::broken(format!("{} is there, but no {launcher}", mpicc.display())));
    };
    let version = scratch.text(Command::new(&mpirun).arg("--version"), PATIENCE)?;
    let version = Version::parse(&version);
    let program = scratch.compile(Command::new(&mpicc), "hello", HELLO)?;
    let said = scratch
        .text(version.start(&mpirun, 2, Place { root: true, crowded: true }).arg(program), LAUNCH)
        .with_context(|| misfit(&version.name, &mpicc, &mpirun))?;
    Ok(judge(&said, &version.name, &mpicc, &mpirun))
}

/// An MPI to start programs with.
#[derive(Debug)]
pub(crate) struct Mpi {
    /// The compiler wrapper that goes with the launcher. It may be missing where nothing is built.
    wrapper: String,
    launcher: PathBuf,
    version: Version,
}

/// The implementations that are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    OpenMpi,
    Mpich,
}

/// Where ranks are started, as far as a launcher minds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// By root.
    pub(crate) root: bool,
    /// More ranks than cores.
    pub(crate) crowded: bool,
}

impl Which {
    /// What `--mpi` means.
    pub(crate) fn parse(name: &str) -> Result<Self, String> {
        match name {
            "openmpi" => Ok(Self::OpenMpi),
            "mpich" => Ok(Self::Mpich),
            other => Err(format!("--mpi {other}: there are openmpi and mpich")),
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::OpenMpi => "Open MPI",
            Self::Mpich => "MPICH",
        }
    }

    const ALL: [Self; 2] = [Self::OpenMpi, Self::Mpich];

    /// Where several are installed, each has a suffix of its own; one alone may have none.
    fn wrappers(self) -> [&'static str; 2] {
        match self {
            Self::OpenMpi => ["mpicc.openmpi", "mpicc"],
            Self::Mpich => ["mpicc.mpich", "mpicc"],
        }
    }
}

impl Mpi {
    /// The one that is asked for; else that of `MPICC`, or of `mpicc`.
    ///
    /// # Errors
    /// What was looked for and what was found.
    pub(crate) fn find(which: Option<Which>) -> Result<Self> {
        let named = || vec![variable("MPICC").unwrap_or_else(|| String::from("mpicc"))];
        let wrappers = which.map_or_else(named, |which| which.wrappers().map(String::from).into());
        let mut tried = vec![];
        for wrapper in wrappers {
            let launcher = launcher_of(&wrapper);
            let Some(path) = find(&launcher) else {
                tried.push(format!("no {launcher} on PATH"));
                continue;
            };
            let version = Version::of(&path)?;
            if which.is_none_or(|which| version.is(which)) {
                return Ok(Self { wrapper, launcher: path, version });
            }
            tried.push(format!("{launcher} is {}", version.name));
        }
        bail!("{}", tried.join(", "))
    }

    /// Every one that programs can be built for: first that of `MPICC`, or of `mpicc`, then another
    /// implementation that stands beside it, if it has a [`folder`](Self::folder) of its own.
    ///
    /// # Errors
    /// There is no first: what was looked for and what was found.
    pub(crate) fn all() -> Result<Vec<Self>> {
        let first = Self::find(None)?;
        let others = Which::ALL.into_iter().filter(|&which| !first.is(which));
        let others = others.filter_map(|which| Self::find(Some(which)).ok());
        let is_aside = |mpi: &Self| mpi.is(Which::Mpich) != first.is(Which::Mpich);
        let others = others.filter(|mpi| find(&mpi.wrapper).is_some() && is_aside(mpi));
        let others: Vec<Self> = others.collect();
        Ok([first].into_iter().chain(others).collect())
    }

    pub(crate) fn is(&self, which: Which) -> bool {
        self.version.is(which)
    }

    /// What it says that it is: `MPICH 4.0.2`.
    pub(crate) fn name(&self) -> &str {
        &self.version.name
    }

    /// Where cargo puts what it builds for this MPI. The library is linked, so that programs of two
    /// installations are not the same.
    pub(crate) fn folder(&self, target: &Path) -> PathBuf {
        if self.is(Which::Mpich) { target.join("mpich") } else { target.to_owned() }
    }

    /// Has cargo build for this MPI, in whichever folder.
    pub(crate) fn choose(&self, cargo: &mut Command) {
        cargo.env("MPICC", &self.wrapper);
    }

    /// Has cargo build for this MPI, in the [`folder`](Self::folder) for it.
    pub(crate) fn build(&self, cargo: &mut Command, target: &Path) {
        self.choose(cargo);
        let folder = self.folder(target);
        if folder != target {
            cargo.arg("--target-dir").arg(folder);
        }
    }

    pub(crate) fn launcher(&self) -> &Path {
        &self.launcher
    }

    /// What the launcher has to be told of a place.
    pub(crate) fn flags(&self, place: Place) -> impl Iterator<Item = &'static str> {
        self.version.flags(place)
    }

    /// The launcher and its flags; the program goes behind.
    pub(crate) fn start(&self, ranks: usize, place: Place) -> Command {
        self.version.start(&self.launcher, ranks, place)
    }
}

#[cfg(test)]
impl Mpi {
    /// One that exists on paper.
    pub(crate) fn fake(which: Which) -> Self {
        let [wrapper, _] = which.wrappers();
        let launcher = Path::new("/bin").join(launcher_of(wrapper));
        let version = Version { name: which.name().to_owned(), open: which == Which::OpenMpi };
        Self { wrapper: wrapper.to_owned(), launcher, version }
    }
}

/// Which MPI the launcher belongs to.
#[derive(Debug, PartialEq, Eq)]
struct Version {
    name: String,
    open: bool,
}

impl Version {
    /// Open MPI says `mpirun (Open MPI) 4.1.4`, or, where the launcher has another name,
    /// `mpirun.openmpi (OpenRTE) 4.1.4`; MPICH prints a page with a line `Version: 4.0.2`.
    fn parse(text: &str) -> Self {
        let first = text.lines().next().unwrap_or_default().trim();
        let open = ["(Open MPI)", "(OpenRTE)"].iter().find_map(|name| first.split_once(name));
        if let Some((_, number)) = open {
            return Self { name: format!("Open MPI {}", number.trim()), open: true };
        }
        let number = text.lines().find_map(|line| line.trim().strip_prefix("Version:"));
        let name = match number {
            Some(number) if first.starts_with("HYDRA") => format!("MPICH {}", number.trim()),
            _ => first.to_owned(),
        };
        Self { name, open: false }
    }

    /// What a launcher says that it is.
    fn of(launcher: &Path) -> Result<Self> {
        let scratch = Scratch::new("mpirun")?;
        Ok(Self::parse(&scratch.text(Command::new(launcher).arg("--version"), PATIENCE)?))
    }

    fn is(&self, which: Which) -> bool {
        self.name.starts_with(which.name())
    }

    /// Open MPI refuses to run as root, and more ranks than cores, unless told otherwise; MPICH
    /// refuses neither and knows no such flags.
    fn flags(&self, place: Place) -> impl Iterator<Item = &'static str> {
        let root = (self.open && place.root).then_some("--allow-run-as-root");
        root.into_iter().chain((self.open && place.crowded).then_some("--oversubscribe"))
    }

    fn start(&self, mpirun: &Path, ranks: usize, place: Place) -> Command {
        let mut command = Command::new(mpirun);
        command.args(self.flags(place)).args(["-n", &ranks.to_string()]);
        command
    }
}

/// What a failed start points to, when the launcher's MPI is not the library's.
fn misfit(version: &str, mpicc: &Path, mpirun: &Path) -> String {
    let (mpicc, mpirun) = (mpicc.display(), mpirun.display());
    format!("{mpirun} ({version}) does not run two ranks of what {mpicc} compiles")
}

fn judge(said: &str, version: &str, mpicc: &Path, mpirun: &Path) -> Answer {
    let (mpicc, mpirun) = (mpicc.display(), mpirun.display());
    let mut ranks = parse_hello(said);
    ranks.sort_unstable();
    match ranks.as_slice() {
        [(0, 2), (1, 2)] => Answer::found(format!("{version}, 2 ranks greet, {mpicc}")),
        [(0, 1), (0, 1)] => Answer::broken(format!(
            "both processes are rank 0 of 1: {mpirun} ({version}) and the library that {mpicc} \
             links come from different installations of MPI"
        )),
        _ => {
            Answer::broken(format!("{mpirun} -n 2 should start ranks 0 and 1 of 2, got: {said:?}"))
        }
    }
}

/// Each `rank R of S` as (R, S), in the order of arrival.
fn parse_hello(said: &str) -> Vec<(u32, u32)> {
    said.lines()
        .filter_map(|line| {
            let (rank, size) = line.trim().strip_prefix("rank ")?.split_once(" of ")?;
            Some((rank.parse().ok()?, size.parse().ok()?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::finding::Status;
    use super::*;

    fn judged(said: &str) -> Answer {
        judge(said, "Open MPI 4.1.4", Path::new("/usr/bin/mpicc"), Path::new("/usr/bin/mpirun"))
    }

    #[test]
    fn two_ranks_in_any_order_are_one_world() {
        assert_eq!(judged("rank 1 of 2\nrank 0 of 2\n").status, Status::Found);
        // MPI's own warnings share stdout with the ranks.
        assert_eq!(judged("note: no network\nrank 0 of 2\nrank 1 of 2\n").status, Status::Found);
    }

    #[test]
    fn two_worlds_of_one_name_the_mismatch() {
        let answer = judged("rank 0 of 1\nrank 0 of 1\n");
        assert_eq!(answer.status, Status::Broken);
        assert!(answer.detail.contains("different installations"), "{}", answer.detail);
    }

    #[test]
    fn anything_else_is_shown() {
        let answer = judged("rank 0 of 2\n");
        assert_eq!(answer.status, Status::Broken);
        assert!(answer.detail.contains("got: \"rank 0 of 2\\n\""), "{}", answer.detail);
        assert_eq!(judged("").status, Status::Broken);
    }

    #[test]
    fn launchers_tell_what_they_are() {
        for said in ["mpirun (Open MPI) 4.1.4\n\nReport ..\n", "mpirun.openmpi (OpenRTE) 4.1.4\n"] {
            let open = Version { name: String::from("Open MPI 4.1.4"), open: true };
            assert_eq!(Version::parse(said), open, "{said}");
        }
        let mpich = "HYDRA build details:\n    Version:                                 4.0.2\n";
        let mpich = Version::parse(mpich);
        assert_eq!(mpich, Version { name: String::from("MPICH 4.0.2"), open: false });
        let intel = Version::parse("Intel(R) MPI Library for Linux* OS, Version 2021.11\n");
        assert_eq!(intel.name, "Intel(R) MPI Library for Linux* OS, Version 2021.11");
        assert!(!intel.open);
    }

    #[test]
    fn only_open_mpi_wants_to_be_told() {
        let line = |open, place| {
            let version = Version { name: String::new(), open };
            crate::sh::display(&version.start(Path::new("/bin/mpirun"), 4, place))
        };
        let (bare, container) =
            (Place { root: false, crowded: false }, Place { root: true, crowded: true });
        assert_eq!(line(true, bare), "/bin/mpirun -n 4");
        assert_eq!(line(true, container), "/bin/mpirun --allow-run-as-root --oversubscribe -n 4");
        assert_eq!(line(false, container), "/bin/mpirun -n 4");
    }

    #[test]
    fn only_mpich_is_built_aside() {
        let built = |which| {
            let mut cargo = Command::new("cargo");
            Mpi::fake(which).build(&mut cargo, Path::new("/t"));
            let mpicc = cargo.get_envs().next().unwrap().1.unwrap().to_owned();
            (mpicc.into_string().unwrap(), crate::sh::display(&cargo))
        };
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(built(Which::OpenMpi), pair("mpicc.openmpi", "cargo"));
        assert_eq!(built(Which::Mpich), pair("mpicc.mpich", "cargo --target-dir /t/mpich"));
    }

    #[test]
    fn each_implementation_is_there_once() {
        // A machine without MPI has nothing to list.
        let Ok(all) = Mpi::all() else { return };
        for which in Which::ALL {
            assert!(all.iter().filter(|mpi| mpi.is(which)).count() <= 1, "{all:?}");
        }
    }
}
