//! A Slurm of one test's own: four nodes, all of them this machine.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::{Site, daemon, end, free_ports, is_here, until};

const NODES: usize = 4;

/// Its daemons, and their folder.
pub(super) struct Slurm {
    folder: PathBuf,
    daemons: Mutex<Vec<Child>>,
}

impl Slurm {
    /// One for all tests that run now, unless this machine lacks what it needs.
    pub(super) fn shared() -> Option<Arc<Self>> {
        static SHARED: Mutex<Weak<Slurm>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slurm) = shared.upgrade() {
            return Some(slurm);
        }
        let slurm = Arc::new(Self::start()?);
        *shared = Arc::downgrade(&slurm);
        Some(slurm)
    }

    /// Starts one; `None`, counted as a skip, where it is not installed.
    pub(super) fn start() -> Option<Self> {
        let needs = ["munged", "slurmctld", "slurmd", "sbatch", "srun", "squeue"];
        if let Some(absent) = needs.iter().find(|name| !is_here(name)) {
            crate::workspace::skip("jobs of a real Slurm", &format!("{absent} is not installed"));
            return None;
        }
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = format!("tenfold-slurm-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(folder);
        let slurm = Self { folder, daemons: Mutex::default() };
        slurm.munge();
        fs::write(slurm.config(), slurm.text()).unwrap();
        // Slurm looks that there is such a file, and takes it for a device.
        let devices = ["null", "zero"].map(|name| format!("Name=gpu File=/dev/{name}\n"));
        fs::write(slurm.folder.join("gres.conf"), devices.concat()).unwrap();
        slurm.controller();
        for node in 1..=NODES {
            let mut slurmd = daemon("slurmd");
            slurmd.args(["-D", "-N", &format!("n{node}"), "-f"]).arg(slurm.config());
            slurm.spawn(slurmd);
        }
        slurm.wait_for_nodes();
        Some(slurm)
    }

    /// A site on it.
    pub(super) fn site(&self, more: &str) -> Site {
        Site::new(&format!("scheduler = \"slurm\"\nsrun-mpi = \"pmi2\"\n{more}"))
            .with("SLURM_CONF", self.config().to_str().unwrap())
    }

    /// Has an administrator do something.
    pub(super) fn control(&self, args: &[&str]) {
        let mut control = Command::new("scontrol");
        let status = control.args(args).env("SLURM_CONF", self.config()).status().unwrap();
        assert!(status.success(), "scontrol {args:?}");
    }

    /// Whether the queue knows nothing of a job any more.
    pub(super) fn has_forgotten(&self, id: &str) -> bool {
        let mut squeue = Command::new("squeue");
        let output = squeue.args(["--jobs", id]).env("SLURM_CONF", self.config()).output().unwrap();
        String::from_utf8_lossy(&output.stderr).contains("Invalid job id")
    }

    fn config(&self) -> PathBuf {
        self.folder.join("slurm.conf")
    }

    /// Starts the controller, or starts it again.
    pub(super) fn controller(&self) -> u32 {
        let mut controller = daemon("slurmctld");
        controller.args(["-D", "-f"]).arg(self.config());
        self.spawn(controller)
    }

    /// Kills a daemon, with the keeper of its time.
    pub(super) fn kill(&self, process: u32) {
        let mut daemons = self.daemons.lock().unwrap();
        let at = daemons.iter().position(|daemon| daemon.id() == process).unwrap();
        end(&mut daemons.swap_remove(at));
    }

    pub(super) fn first_controller(&self) -> u32 {
        self.daemons.lock().unwrap()[1].id()
    }

    fn spawn(&self, mut command: Command) -> u32 {
        let log = fs::File::options().create(true).append(true).open(self.folder.join("log"));
        let (log, again) = log.and_then(|log| Ok((log.try_clone()?, log))).unwrap();
        // In our folder, by which what it starts is known again.
        command.current_dir(&self.folder).stdin(Stdio::null()).stdout(log).stderr(again);
        let child = command.spawn().unwrap();
        let id = child.id();
        self.daemons.lock().unwrap().push(child);
        id
    }

    /// Who says who is who. It minds who may look into its folders.
    fn munge(&self) {
        let own = self.folder.join("munge");
        fs::create_dir_all(&own).unwrap();
        fs::create_dir_all(self.folder.join("state")).unwrap();
        fs::set_permissions(&own, fs::Permissions::from_mode(0o700)).unwrap();
        let key = fs::read("/proc/sys/kernel/random/uuid").unwrap().repeat(8);
        fs::write(own.join("key"), key).unwrap();
        fs::set_permissions(own.join("key"), fs::Permissions::from_mode(0o400)).unwrap();
        let mut munged = daemon("munged");
        munged.args(["--foreground", "--force"]);
        munged.arg(format!("--socket={}", self.folder.join("munge.sock").display()));
        for (flag, name) in
            [("key-file", "key"), ("pid-file", "pid"), ("log-file", "log"), ("seed-file", "seed")]
        {
            munged.arg(format!("--{flag}={}", own.join(name).display()));
        }
        self.spawn(munged);
        until("munged listens", || self.folder.join("munge.sock").exists());
    }

    fn text(&self) -> String {
        let output = |program: &str, arg: &str| {
            let output = Command::new(program).arg(arg).output().unwrap();
            String::from_utf8(output.stdout).unwrap().trim().to_owned()
        };
        let (host, user) = (output("hostname", "-s"), output("id", "-un"));
        let folder = self.folder.display();
        let [controller, ports @ ..] = free_ports::<{ NODES + 1 }>();
        let mut text = format!(
            "ClusterName=tenfold
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.sock
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool.%n
SlurmdPidFile={folder}/slurmd.%n.pid
SlurmctldPidFile={folder}/slurmctld.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SlurmdParameters=config_overrides
KillWait=5
MinJobAge=10
GresTypes=gpu
PartitionName=main Nodes=n[1-{NODES}] Default=YES MaxTime=01:00:00 State=UP
"
        );
        for (port, node) in ports.iter().zip(1..) {
            text += &format!(
                "NodeName=n{node} NodeHostname={host} NodeAddr=127.0.0.1 Port={port} CPUs=2 Sockets=1 CoresPerSocket=2 \
                 ThreadsPerCore=1 RealMemory=4000 Gres=gpu:2 State=UNKNOWN\n"
            );
        }
        text
    }

    fn wait_for_nodes(&self) {
        until("all nodes are idle", || self.has_idle_nodes());
    }

    fn has_idle_nodes(&self) -> bool {
        let mut sinfo = Command::new("sinfo");
        sinfo.args(["--noheader", "--states=idle", "--format=%D"]);
        let output = sinfo.env("SLURM_CONF", self.config()).output().unwrap();
        String::from_utf8_lossy(&output.stdout).trim() == NODES.to_string()
    }
}

impl Drop for Slurm {
    fn drop(&mut self) {
        let since = Instant::now();
        while since.elapsed() < Duration::from_secs(5) && !self.has_idle_nodes() {
            sleep(Duration::from_millis(100));
        }
        let daemons = self.daemons.get_mut().unwrap_or_else(PoisonError::into_inner);
        daemons.iter_mut().rev().for_each(end);
        // A step whose end nobody has heard of tries to tell for ever.
        for process in started_in(&self.folder) {
            let _ = Command::new("kill").args(["-KILL", &process]).status();
        }
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The processes that stand in a folder.
fn started_in(folder: &Path) -> Vec<String> {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let is_there = |entry: &fs::DirEntry| {
        fs::read_link(entry.path().join("cwd")).is_ok_and(|stands| stands == folder)
    };
    let names = processes.filter(is_there).map(|entry| entry.file_name());
    names.filter_map(|name| name.into_string().ok()).collect()
}
