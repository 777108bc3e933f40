//! A job of some ranks, of one of the examples.

use std::ffi::OsStr;
use std::io::Read as _;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::launcher::launcher_of;

/// The launcher of the MPI that this was built with.
fn launcher() -> String {
    launcher_of(option_env!("MPICC").unwrap_or("mpicc"))
}

/// Open MPI's says so, or, where its file is not called `mpirun`, names its run-time system.
fn is_open_mpi(launcher: &str) -> bool {
    let version = Command::new(launcher).arg("--version").output();
    let version = version.unwrap_or_else(|error| panic!("{launcher}: {error}"));
    let said = String::from_utf8_lossy(&version.stdout);
    said.contains("(Open MPI)") || said.contains("(OpenRTE)")
}

/// Whether the launcher is that of MPICH.
pub(crate) fn is_mpich() -> bool {
    !is_open_mpi(&launcher())
}

/// Examples are built beside this test.
fn example(name: &str) -> PathBuf {
    let mut path = std::env::current_exe().expect("it runs");
    path.pop();
    path.pop();
    path.push("examples");
    path.push(name);
    path
}

/// A folder for what a launcher puts aside. Of one that all jobs share Open MPI 4.1.4 takes away what is empty when a job
/// ends, also while another begins there, which fails then.
struct Aside(PathBuf);

impl Aside {
    fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("tenfold-job-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).expect("a folder can be made");
        Self(folder)
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        // Nothing can be done about a folder that does not go.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn start(
    ranks: usize,
    name: &str,
    arguments: &[&str],
    variables: &[Variable<'_>],
    aside: &Aside,
) -> Child {
    let launcher = launcher();
    let mut command = Command::new(&launcher);
    if is_open_mpi(&launcher) {
        command.args(["--allow-run-as-root", "--oversubscribe"]);
        command.env("OMPI_MCA_orte_tmpdir_base", &aside.0);
    }
    if arguments == ["apart"] {
        // MPICH takes odd ranks for those of one node, and even ones for those of another.
        command.env("MPIR_CVAR_ODD_EVEN_CLIQUES", "1");
    }
    command.args(["-n", &ranks.to_string()]).arg(example(name)).args(arguments);
    // Both launchers hand on what they have on this machine.
    command.envs(variables.iter().copied());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("the launcher was found")
}

/// Runs a job, which ends in time.
pub(crate) fn run(ranks: usize, name: &str, arguments: &[&str]) -> Output {
    run_with(ranks, name, arguments, &[])
}

/// A variable of the environment, and its value.
pub(crate) type Variable<'a> = (&'a str, &'a OsStr);

/// The same, with variables of the environment.
pub(crate) fn run_with(
    ranks: usize,
    name: &str,
    arguments: &[&str],
    variables: &[Variable<'_>],
) -> Output {
    let aside = Aside::new();
    let mut job = start(ranks, name, arguments, variables, &aside);
    let (mut out, mut err) = (job.stdout.take().expect("piped"), job.stderr.take().expect("piped"));
    let read_out = thread::spawn(move || {
        let mut bytes = vec![];
        out.read_to_end(&mut bytes).map(|_| bytes)
    });
    let read_err = thread::spawn(move || {
        let mut bytes = vec![];
        err.read_to_end(&mut bytes).map(|_| bytes)
    });
    // Seven ranks that look for messages all the time take a minute and more on two processors.
    let (since, patience) = (Instant::now(), Duration::from_secs(900));
    let status = loop {
        if let Some(status) = job.try_wait().expect("it was started") {
            break status;
        }
        if since.elapsed() > patience {
            job.kill().expect("it was started");
            job.wait().expect("it was started");
            panic!("{ranks} ranks of {name} {arguments:?} hang");
        }
        thread::sleep(Duration::from_millis(20));
    };
    let [stdout, stderr] = [read_out, read_err].map(|reader| {
        let bytes = reader.join().expect("reads");
        bytes.expect("a pipe can be read")
    });
    Output { status, stdout, stderr }
}

/// What a job says, on both ways, that must end well or must not.
pub(crate) fn says(ranks: usize, name: &str, arguments: &[&str], well: bool) -> String {
    let Output { status, stdout, stderr } = run(ranks, name, arguments);
    let text = [stdout, stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    assert_eq!(status.success(), well, "{ranks} ranks of {name} {arguments:?}: {status}\n{text}");
    text
}
