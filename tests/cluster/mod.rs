//! `cargo xtask cluster` as its users run it: on this machine, on hosts that ssh reaches, or a stand-in for it, on a
//! stand-in for PBS, and on a real Slurm.

mod hosts;
mod local;
mod pbs;
mod profile;
mod queue;
mod slurm;
mod sshd;

use std::collections::BTreeSet;
use std::fs;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::io::Write as _;
use std::iter::repeat_with;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::workspace::xtask;

/// What a shell runs until [`Site::let_go`].
const WAITS: &str = "until [ -e go ]; do sleep 0.1; done;";

/// What a shell runs long enough to be sampled.
const BUSY: &str = "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done";

/// Longer than anything here takes on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(180);

/// A folder of one test's own, gone with it: a site file, and jobs beside it.
struct Site {
    folder: PathBuf,
    variables: Vec<(String, String)>,
}

impl Site {
    fn new(more: &str) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = format!("tenfold-cluster-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(folder);
        fs::create_dir_all(&folder).unwrap();
        let site = Self { folder, variables: vec![] };
        site.write(more);
        site
    }

    /// Writes the site file, with what is said beside where jobs lie.
    fn write(&self, more: &str) {
        let jobs = self.folder.join("jobs");
        let text = format!("folder = {:?}\n{more}\n", jobs.to_str().unwrap());
        fs::write(self.folder.join("tenfold-site.toml"), text).unwrap();
    }

    /// With a variable, for all that is run here.
    fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Puts a script beside the others that are found before the system's programs.
    fn stand_in(&self, name: &str, script: &str) {
        let bin = self.folder.join("bin");
        fs::create_dir_all(&bin).unwrap();
        let path = bin.join(name);
        fs::write(&path, script).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// `cargo xtask cluster`, in this folder.
    fn cluster(&self, args: &[&str]) -> Command {
        self.here(xtask(), args)
    }

    /// Runs it to its end, which is soon, unless it has much to build.
    fn run(&self, args: &[&str]) -> Said {
        let mut timeout = Command::new("timeout");
        timeout.args(["--kill-after=5", "1800"]).arg(xtask().get_program()).stdin(Stdio::null());
        Said::of(&self.here(timeout, args).output().unwrap())
    }

    fn here(&self, mut xtask: Command, args: &[&str]) -> Command {
        let path = std::env::var("PATH").unwrap();
        without_jobs(&mut xtask).arg("cluster").args(args).current_dir(&self.folder);
        xtask.env("PATH", format!("{}:{path}", self.folder.join("bin").display()));
        // Of a folder that all jobs share Open MPI takes away what is empty, also while another job begins there.
        xtask.env("TMPDIR", &self.folder);
        xtask.envs(self.variables.iter().cloned());
        xtask
    }

    /// Makes a file that a program waits for: see [`WAITS`].
    fn let_go(&self) {
        fs::write(self.folder.join("go"), "").unwrap();
    }

    /// Builds a program of MPICH from C.
    fn compile(&self, name: &str, source: &str) {
        let file = format!("{name}.c");
        fs::write(self.folder.join(&file), source).unwrap();
        let mut compile = Command::new("mpicc.mpich");
        compile.args(["-O1", "-g", "-o", name, &file]).current_dir(&self.folder);
        assert!(compile.status().unwrap().success());
    }

    /// The numbers of the jobs on record.
    fn jobs(&self) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.folder.join("jobs")) else { return vec![] };
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    /// Asks until the last job is in that state.
    fn until(&self, state: &str) -> Said {
        let since = Instant::now();
        loop {
            let said = self.run(&["status"]);
            if said.out.contains(state) {
                return said;
            }
            assert!(since.elapsed() < PATIENCE, "no {state:?}, but {}", said.out);
            sleep(Duration::from_millis(100));
        }
    }

    /// What its scheduler calls the job of a number.
    fn id(&self, job: u32) -> String {
        let record = fs::read(self.folder.join(format!("jobs/{job}/job.json"))).unwrap();
        let record: Value = serde_json::from_slice(&record).unwrap();
        record["id"].as_str().unwrap().to_owned()
    }

    /// What is collected of the last job.
    fn collected(&self) -> Value {
        serde_json::from_str(&self.run(&["collect"]).out).unwrap()
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        // Nothing can be done about a folder that does not go.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// How a command ended, and what it said.
#[derive(Debug)]
struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Said {
    fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    }

    /// That it ended so, with these words among the last.
    #[track_caller]
    fn ends(&self, code: i32, words: &str) {
        assert_eq!(self.code, Some(code), "{self:?}");
        assert!(self.err.contains(words), "no {words:?} in {self:?}");
    }

    /// That so many ranks have printed this line. Open MPI says more on a machine that is busy.
    #[track_caller]
    fn has(&self, line: &str, count: usize) {
        let found = self.out.lines().filter(|&printed| printed == line).count();
        assert_eq!(found, count, "{line:?} in {self:?}");
    }
}

/// Takes away what a queue or an MPI has told, if these tests run in a job of theirs.
fn without_jobs(command: &mut Command) -> &mut Command {
    let theirs = [
        "SLURM",
        "SBATCH_",
        "SRUN_",
        "SQUEUE_",
        "PBS_",
        "OMPI_",
        "PMI",
        "MPI",
        "CUDA_VISIBLE",
        "LD_PRELOAD",
    ];
    for (name, _) in std::env::vars_os() {
        if theirs.iter().any(|start| name.to_string_lossy().starts_with(start)) {
            command.env_remove(name);
        }
    }
    command
}

/// Whether a program is on PATH.
fn is_here(name: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let sbin = Path::new("/usr/sbin").join(name);
    std::env::split_paths(&path).any(|folder| folder.join(name).is_file()) || sbin.is_file()
}

/// Ends a process of ours by its number.
fn signal(name: &str, process: u32) {
    let status = Command::new("kill").args([name, &process.to_string()]).status().unwrap();
    assert!(status.success());
}

/// Starts a daemon that stops by itself after a while, for if we are killed.
fn daemon(name: &str) -> Command {
    let mut timeout = Command::new("timeout");
    without_jobs(&mut timeout).args(["--kill-after=5", "900"]);
    let sbin = Path::new("/usr/sbin").join(name);
    timeout.arg(if sbin.is_file() { sbin } else { name.into() });
    timeout
}

/// Tells a daemon to end by its keeper, and waits until it has.
fn end(daemon: &mut Child) {
    let told = Command::new("kill").args(["-TERM", &daemon.id().to_string()]).status();
    assert!(told.is_ok_and(|status| status.success()));
    daemon.wait().unwrap();
}

/// Whether a process runs: one that has ended may be there until somebody asks how.
fn runs(process: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    !stat.is_empty() && !stat.contains(") Z ")
}

fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let since = Instant::now();
    while !is_so() {
        assert!(since.elapsed() < PATIENCE, "not in time: {what}");
        sleep(Duration::from_millis(50));
    }
}

/// Ports that nobody listens at, each given to one test alone. They lie below those that systems give to whoever asks for
/// any, who could take one before it is used.
fn free_ports<const N: usize>() -> [u16; N] {
    static GIVEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
    let any = || 10_000 + (RandomState::new().build_hasher().finish() % 20_000) as u16;
    let mut given = GIVEN.lock().unwrap();
    [(); N].map(|()| {
        let is_free =
            |&port: &u16| TcpListener::bind(("127.0.0.1", port)).is_ok() && given.insert(port);
        repeat_with(any).take(1_000).find(is_free).expect("one of a thousand ports is free")
    })
}

/// Shows what a test has measured, which the test runner would keep to itself.
fn tell(text: &str) {
    std::io::stdout().write_all(text.as_bytes()).unwrap();
}
