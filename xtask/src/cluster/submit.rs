//! Submitting a job: `run` and `submit`.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};

use super::job::Job;
use super::launcher::Host;
use super::machine;
use super::options::{Place, Submission};
use super::place;
use super::plan::Plan;
use super::profiled;
use super::scheduler::Kind;
use super::script::script;
use super::site::Site;
use super::wait;
use crate::doctor::Mpi;
use crate::exit::{self, Exit};
use crate::program::Program;
use crate::{mpirun, sh};

pub(super) fn run(said: &Submission) -> Result<Exit> {
    let request = Request::of(said)?;
    if said.dry_run {
        return request.show();
    }
    let job = request.submit()?;
    if let Some(id) = &job.id {
        exit::say(&format!("job {}: {id} of {}", job.number, job.kind.scheduler().name()));
    }
    if said.waits { super::finish(&job) } else { Ok(Exit::Ok) }
}

/// All that a submission needs but the job's folder.
struct Request<'a> {
    said: &'a Submission,
    site: Site,
    place: Place,
    hosts: Vec<Host>,
    /// Where jobs lie.
    root: PathBuf,
    program: PathBuf,
    sampler: Option<PathBuf>,
}

impl<'a> Request<'a> {
    /// Reads the site file, and builds the program.
    fn of(said: &'a Submission) -> Result<Self> {
        let site = super::site_of(said.site.as_ref())?;
        let place = place::chosen(said.place.as_ref(), &site)?;
        let (hosts, root) = (place.hosts()?, super::root(&site)?);
        if place == Place::Local && said.nodes.is_some_and(|nodes| nodes > 1) {
            return Err(exit::usage("--nodes: this machine is one; say --hosts, --slurm or --pbs"));
        }
        if !hosts.is_empty() {
            place::room(&hosts, said.ranks, said.nodes)?;
        }
        let program = built(said, &site)?;
        let sampler = said.is_profiled.then(|| profiled::sampler(said.dry_run)).transpose()?;
        Ok(Self { said, site, place, hosts, root, program, sampler })
    }

    /// Prints what would be written and run.
    fn show(&self) -> Result<Exit> {
        let plan = self.plan(self.root.join("N"))?;
        let script = self.script(&plan)?;
        let path = plan.folder.join("job.sh");
        let command = sh::display(&self.place.kind().scheduler().submission(&path));
        exit::print(&format!("# {}\n{script}\n# then\n{command}\n", path.display()))
    }

    /// Makes the job's folder and hands it over. Of what is refused, nothing is left.
    fn submit(&self) -> Result<Job> {
        let (number, folder) = Job::folder(&self.root)?;
        self.hand_over(number, &folder).inspect_err(|_| {
            // Nobody asks for a job that never was.
            let _ = std::fs::remove_dir_all(&folder);
        })
    }

    fn hand_over(&self, number: u32, folder: &Path) -> Result<Job> {
        let plan = self.plan(folder.to_owned())?;
        place::check(&self.hosts, &plan)?;
        if self.place == Place::Local {
            machine::check(&plan)?;
        }
        if plan.memory.is_some() && self.place.kind() == Kind::Local {
            exit::say("--mem: a queue would hold the job to it; here nobody does");
        }
        let script = self.script(&plan)?;
        let mut job = Job { number, kind: self.place.kind(), id: None, submitted: now(), plan };
        if self.said.waits {
            // Before there is a job that could be left without a word.
            wait::listen()?;
        }
        job.submit(&script)?;
        Ok(job)
    }

    fn plan(&self, folder: PathBuf) -> Result<Plan> {
        let said = self.said;
        let workdir = std::env::current_dir().context("there is no folder that we are in")?;
        sh::text(&workdir)?;
        let words = std::iter::once(sh::text(&self.program)?.to_owned());
        Ok(Plan {
            name: said.name.clone().unwrap_or_else(|| name_of(&self.program)),
            ranks: said.ranks,
            nodes: said.nodes,
            threads_per_rank: said.threads_per_rank,
            gpus_per_rank: said.gpus_per_rank,
            limit: said.limit,
            memory: said.memory,
            tasks: said.tasks,
            steps: said.steps.clone(),
            sampler: self.sampler.clone(),
            program: words.chain(said.target.args.iter().cloned()).collect(),
            variables: self.site.variables.clone(),
            workdir,
            folder,
        })
    }

    fn script(&self, plan: &Plan) -> Result<String> {
        let hosts = self.hosts.clone();
        let launcher = place::launcher(&self.place, &self.site, plan, hosts, self.said.mpi)?;
        let head = self.place.kind().scheduler().head(plan, &self.site);
        Ok(script(plan, &self.site, &head, &*launcher))
    }
}

/// What a job is called whose program has this name.
fn name_of(program: &Path) -> String {
    let stem = program.file_stem().unwrap_or_default().to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let name: String = stem.chars().filter(|&c| plain(c)).take(60).collect();
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic());
    if is_name { name } else { format!("job-{name}") }
}

/// Seconds since 1970.
pub(super) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// Builds what is to be built, for the processors and the MPI of the site: where the program is then.
fn built(said: &Submission, site: &Site) -> Result<PathBuf> {
    let target = sh::build_dir();
    let Some(mut cargo) = said.target.build("tenfold-comm-mpi") else {
        let Program::Path(path) = &said.target.program else { unreachable!("it is not built") };
        return Ok(here(path));
    };
    let mut folder = target.clone();
    if let Some(cpu) = &site.target_cpu {
        // In a folder of its own: other flags build everything anew.
        folder = target.join("cluster");
        let before = std::env::var("RUSTFLAGS").unwrap_or_default();
        cargo.env("RUSTFLAGS", format!("{before} -C target-cpu={cpu}").trim());
    }
    let mpi = match said.mpi {
        None => Mpi::find(None).ok(),
        which => Some(Mpi::find(which).map_err(|error| mpirun::missing(which, &error))?),
    };
    let place = mpi.as_ref().map_or_else(|| folder.clone(), |mpi| mpi.folder(&folder));
    if let Some(mpi) = &mpi {
        mpi.choose(&mut cargo);
    }
    if place != target {
        cargo.arg("--target-dir").arg(&place);
    }
    if said.dry_run {
        exit::print(&format!("# {}", sh::typed(&cargo)))?;
    } else {
        sh::run(cargo.stdin(Stdio::null()))?;
    }
    Ok(said.target.path(&place))
}

/// A program of this folder by its whole path; one of PATH by its name.
fn here(path: &str) -> PathBuf {
    match path.contains('/') {
        true => std::path::absolute(path).unwrap_or_else(|_| PathBuf::from(path)),
        false => PathBuf::from(path),
    }
}
