//! Which scheduler and which launcher a place has.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::Result;

use super::launcher::{Alone, Host, Launcher, Mpirun, Named, Srun, hosts_of, hosts_of_file};
use super::options::Place;
use super::plan::Plan;
use super::scheduler::Kind;
use super::site::Site;
use crate::doctor::{Mpi, Which};
use crate::{exit, mpirun, sh};

/// The place of a command line, or of the site file.
pub(super) fn chosen(said: Option<&Place>, site: &Site) -> Result<Place> {
    match (said, site.scheduler.as_deref()) {
        (Some(place), _) => Ok(place.clone()),
        (None, None | Some("local")) => Ok(Place::Local),
        (None, Some("slurm")) => Ok(Place::Slurm),
        (None, Some("pbs")) => Ok(Place::Pbs),
        (None, Some(other)) => {
            let message =
                format!("scheduler = {other:?} in the site file: there are local, slurm and pbs");
            Err(exit::usage(message))
        }
    }
}

impl Place {
    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Local | Self::Hosts(_) | Self::Hostfile(_) => Kind::Local,
            Self::Slurm => Kind::Slurm,
            Self::Pbs => Kind::Pbs,
        }
    }

    /// The machines that it names.
    pub(super) fn hosts(&self) -> Result<Vec<Host>> {
        match self {
            Self::Hosts(list) => {
                hosts_of(list).map_err(|error| exit::usage(format!("--hosts {list}: {error}")))
            }
            Self::Hostfile(path) => {
                let name = path.display();
                let text = std::fs::read_to_string(path).map_err(|error| {
                    exit::usage(format!("--hostfile {name}: cannot be read: {error}"))
                })?;
                hosts_of_file(&text)
                    .map_err(|error| exit::usage(format!("--hostfile {name}: {error}")))
            }
            Self::Local | Self::Slurm | Self::Pbs => Ok(vec![]),
        }
    }
}

/// What starts the ranks of a plan at a place.
pub(super) fn launcher(
    place: &Place,
    site: &Site,
    plan: &Plan,
    hosts: Vec<Host>,
    mpi: Option<Which>,
) -> Result<Box<dyn Launcher>> {
    let srun = || Box::new(Srun { mpi: site.srun_mpi.clone() });
    match (site.launcher.as_deref(), place) {
        (Some("srun"), Place::Slurm) | (None, Place::Slurm) => Ok(srun()),
        (Some(words), Place::Slurm | Place::Pbs) if words != "mpirun" => {
            let wrong =
                |error| exit::usage(format!("launcher = {words:?} in the site file: {error}"));
            Ok(Box::new(Named::new(words).map_err(wrong)?))
        }
        (_, Place::Local) | (None, Place::Pbs) if plan.ranks == 1 => Ok(Box::new(Alone)),
        _ => Ok(Box::new(mpirun_of(place, plan, hosts, mpi)?)),
    }
}

/// The launcher of an MPI. That of a queue's nodes is taken to be of the same kind as here.
fn mpirun_of(place: &Place, plan: &Plan, hosts: Vec<Host>, which: Option<Which>) -> Result<Mpirun> {
    let found = Mpi::find(which);
    if matches!(place, Place::Slurm | Place::Pbs) {
        // The one that the job's modules bring.
        let is_open_mpi = found.map_or(true, |mpi| mpi.is(Which::OpenMpi));
        return Ok(Mpirun { program: String::from("mpirun"), is_open_mpi, flags: vec![], hosts });
    }
    let mpi = found.map_err(|error| mpirun::missing(which, &error))?;
    let mut here = mpirun::place(plan.ranks * plan.threads_per_rank);
    // How many cores others have is theirs to say.
    here.crowded &= *place == Place::Local;
    let flags = mpi.flags(here).map(str::to_owned).collect();
    let program = mpi.launcher().to_string_lossy().into_owned();
    Ok(Mpirun { program, is_open_mpi: mpi.is(Which::OpenMpi), flags, hosts })
}

/// That hosts have room for all ranks, and that nothing else is said of how many hosts there are.
pub(super) fn room(hosts: &[Host], ranks: usize, nodes: Option<usize>) -> Result<()> {
    if let Some(nodes) = nodes.filter(|&nodes| nodes != hosts.len()) {
        let count = hosts.len();
        return Err(exit::usage(format!("--nodes {nodes}: {count} hosts are named; leave it out")));
    }
    let slots = hosts.iter().map(|host| host.slots).sum::<Option<usize>>();
    match slots.filter(|&slots| slots < ranks) {
        Some(slots) => Err(exit::usage(format!(
            "-n {ranks}: the hosts take {slots} ranks; ask for less, or give them more slots"
        ))),
        None => Ok(()),
    }
}

/// That each host answers ssh, and sees the program and both folders where they are here.
pub(super) fn check(hosts: &[Host], plan: &Plan) -> Result<()> {
    for host in hosts {
        let name = &host.name;
        let output = sh::output(&mut look(host, plan)).map_err(|error| {
            exit::nothing(format!("host {name}: {error:#}; `cargo xtask setup slurm` installs ssh"))
        })?;
        if output.status.success() {
            continue;
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let said = said.lines().next_back().unwrap_or("it says nothing").trim();
        return Err(exit::usage(match output.status.code() {
            Some(255) => format!(
                "host {name} does not answer ssh: {said}; let `ssh {name} true` work without a password, or leave \
                 it out"
            ),
            _ => format!(
                "host {name} does not see {}, {} and {} where they are here: put them on a disk that all hosts share",
                plan.program[0],
                plan.workdir.display(),
                plan.folder.display()
            ),
        }));
    }
    Ok(())
}

fn look(host: &Host, plan: &Plan) -> Command {
    let quoted = |path: &Path| sh::quoted(&path.to_string_lossy());
    let program = sh::quoted(&plan.program[0]);
    let (workdir, folder) = (quoted(&plan.workdir), quoted(&plan.folder));
    let test = format!("test -d {workdir} -a -d {folder} && cd {workdir} && command -v {program}");
    let mut ssh = Command::new("ssh");
    ssh.args(["-o", "BatchMode=yes", "-o", "ConnectTimeout=30", &host.name, &test]);
    ssh.stdin(Stdio::null());
    ssh
}

#[cfg(test)]
mod tests {
    use super::launcher as launcher_of;
    use super::*;

    #[test]
    fn the_site_chooses_where_the_line_does_not() {
        let site = |name: &str| Site { scheduler: Some(name.to_owned()), ..Site::default() };
        assert_eq!(chosen(None, &Site::default()).unwrap(), Place::Local);
        assert_eq!(chosen(None, &site("slurm")).unwrap(), Place::Slurm);
        assert_eq!(chosen(Some(&Place::Local), &site("pbs")).unwrap(), Place::Local);
        let error = chosen(None, &site("lsf")).unwrap_err().to_string();
        assert_eq!(error, "scheduler = \"lsf\" in the site file: there are local, slurm and pbs");
    }

    #[test]
    fn a_queue_has_its_launcher_unless_the_site_says_another() {
        let plan = Plan { ranks: 4, nodes: Some(2), ..Plan::fake("heat") };
        let words = |place: &Place, launcher: Option<&str>| {
            let site = Site { launcher: launcher.map(str::to_owned), ..Site::default() };
            launcher_of(place, &site, &plan, vec![], None).unwrap().words(&plan).join(" ")
        };
        assert_eq!(words(&Place::Slurm, None), "srun --nodes=2 --ntasks=4 --cpus-per-task=1");
        assert_eq!(
            words(&Place::Slurm, Some("srun")),
            "srun --nodes=2 --ntasks=4 --cpus-per-task=1"
        );
        assert_eq!(words(&Place::Slurm, Some("ibrun {ranks}")), "ibrun 4");
        assert_eq!(words(&Place::Pbs, Some("aprun -n {ranks}")), "aprun -n 4");
        assert!(words(&Place::Pbs, None).contains("-n 4"));
        for (text, error) in [
            ("mpirun -n {rank}", "\"{rank}\" has none of {ranks}, {nodes}, "),
            (" ", "expected srun, mpirun, or the words of another one"),
        ] {
            let site = Site { launcher: Some(text.to_owned()), ..Site::default() };
            let said = launcher_of(&Place::Slurm, &site, &plan, vec![], None).err().unwrap();
            assert!(said.to_string().contains(error), "{said}");
        }
        let alone = Plan { ranks: 1, ..Plan::fake("heat") };
        for place in [Place::Local, Place::Pbs] {
            let launcher = launcher_of(&place, &Site::default(), &alone, vec![], None);
            assert!(launcher.unwrap().words(&alone).is_empty(), "{place:?}");
        }
    }

    #[test]
    fn hosts_have_room_for_all_ranks() {
        let said = |list: &str, ranks, nodes| {
            let room = room(&hosts_of(list).unwrap(), ranks, nodes);
            room.map_err(|error| error.to_string()).err().unwrap_or_default()
        };
        assert_eq!(said("a:1,b:2", 3, Some(2)), "");
        assert_eq!(said("a:1,b", 9, None), "");
        let expected = "-n 4: the hosts take 3 ranks; ask for less, or give them more slots";
        assert_eq!(said("a:1,b:2", 4, None), expected);
        assert_eq!(said("a,b", 4, Some(3)), "--nodes 3: 2 hosts are named; leave it out");
    }

    #[test]
    fn a_bad_line_of_a_hostfile_is_named() {
        let path = std::env::temp_dir().join(format!("hosts-{}", std::process::id()));
        std::fs::write(&path, "a slots=2\nb slots\n").unwrap();
        let error = Place::Hostfile(path.clone()).hosts().unwrap_err().to_string();
        std::fs::remove_file(&path).unwrap();
        assert!(error.contains("line 2: \"b slots\" is no host"), "{error}");
        let error = Place::Hostfile(path).hosts().unwrap_err().to_string();
        assert!(error.contains("cannot be read"), "{error}");
    }
}
