//! A private folder for one probe, with what is run in it. Gone when the probe is done.

use std::fs::{self, DirBuilder, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::sh;

/// How long a program may take that only says its version or compiles a page of C. Generous, since
/// a probe that gives up on a busy machine reports a working thing as broken.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// How long a program that was asked to end may take to do so.
const GRACE: Duration = Duration::from_secs(2);

#[derive(Debug)]
pub(super) struct Scratch(PathBuf);

impl Scratch {
    /// Below cargo's target folder and not in the system's one for temporary files, where clusters
    /// often forbid to run programs.
    pub(super) fn new(name: &str) -> Result<Self> {
        let parent = std::path::absolute(sh::target_dir())?.join("tenfold/doctor");
        fs::create_dir_all(&parent).with_context(|| format!("cannot make {}", parent.display()))?;
        let stamp = std::time::UNIX_EPOCH.elapsed().unwrap_or_default().subsec_nanos();
        let path = parent.join(format!("{name}-{}-{stamp}", std::process::id()));
        private_dir().create(&path).with_context(|| format!("cannot make {}", path.display()))?;
        Ok(Self(path))
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub(super) fn write(&self, name: &str, text: &str) -> Result<PathBuf> {
        let path = self.path(name);
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(path)
    }

    /// Compiles a program of one file. `compiler` holds its own arguments already.
    pub(super) fn compile(&self, mut compiler: Command, name: &str, text: &str) -> Result<PathBuf> {
        let source = self.write(&format!("{name}.c"), text)?;
        let program = self.path(name);
        compiler.arg(source).arg("-o").arg(&program).arg("-ldl");
        self.text(&mut compiler, PATIENCE)?;
        Ok(program)
    }

    /// What the command prints; an error when it fails or takes longer than `limit`.
    pub(super) fn text(&self, command: &mut Command, limit: Duration) -> Result<String> {
        let reply = self.run(command, limit)?;
        if !reply.status.success() {
            bail!("{} failed: {}", name(command), reply.complaint());
        }
        Ok(reply.stdout)
    }

    /// Runs the command for `limit` at most. What it prints goes through files: a pipe that a
    /// grandchild keeps open would hold us up after the child is gone.
    pub(super) fn run(&self, command: &mut Command, limit: Duration) -> Result<Reply> {
        let (out, err) = (self.path("stdout"), self.path("stderr"));
        command.stdin(Stdio::null()).stdout(File::create(&out)?).stderr(File::create(&err)?);
        own_group(command);
        let child = command.spawn().with_context(|| format!("cannot start {}", name(command)))?;
        let status = wait(child, limit)?
            .with_context(|| format!("{} took more than {limit:?}", name(command)))?;
        Ok(Reply { status, stdout: lossy(&out)?, stderr: lossy(&err)? })
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed lies in target/, where `cargo clean` finds it.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What a program left behind.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: ExitStatus,
    pub(super) stdout: String,
    pub(super) stderr: String,
}

impl Reply {
    /// The line that most likely says what went wrong.
    pub(super) fn complaint(&self) -> String {
        complaint(&self.stderr).unwrap_or_else(|| self.status.to_string())
    }
}

/// The first line that speaks of an error, else the last one (where Python says it). Rulers and
/// blanks, with which MPI frames its messages, say nothing.
fn complaint(stderr: &str) -> Option<String> {
    let lines = || stderr.lines().map(str::trim).filter(|line| line.contains(char::is_alphabetic));
    let error = lines().find(|line| line.to_lowercase().contains("error:"));
    error.or_else(|| lines().next_back()).map(str::to_owned)
}

fn name(command: &Command) -> String {
    let program = Path::new(command.get_program());
    program.file_name().unwrap_or(program.as_os_str()).to_string_lossy().into_owned()
}

fn lossy(path: &Path) -> Result<String> {
    Ok(String::from_utf8_lossy(&fs::read(path)?).into_owned())
}

/// The status of a child that ended in time.
fn wait(mut child: Child, limit: Duration) -> Result<Option<ExitStatus>> {
    if let Some(status) = ended(&mut child, limit)? {
        return Ok(Some(status));
    }
    // First ask: mpirun ends its ranks, which have process groups of their own, only when asked.
    signal("TERM", &mut child);
    if ended(&mut child, GRACE)?.is_none() {
        signal("KILL", &mut child);
        child.wait()?;
    }
    Ok(None)
}

fn ended(child: &mut Child, limit: Duration) -> Result<Option<ExitStatus>> {
    let start = Instant::now();
    loop {
        match child.try_wait()? {
            None if start.elapsed() < limit => sleep(Duration::from_millis(5)),
            status => return Ok(status),
        }
    }
}

#[cfg(unix)]
fn own_group(command: &mut Command) {
    use std::os::unix::process::CommandExt as _;
    command.process_group(0);
}

/// Through a shell, since every shell has `kill` built in and not every machine has the program.
#[cfg(unix)]
fn signal(signal: &str, child: &mut Child) {
    let kill = format!("kill -{signal} -{}", child.id());
    // A group that is gone already is what we want.
    let _ = Command::new("sh").args(["-c", &kill]).stderr(Stdio::null()).status();
}

#[cfg(unix)]
fn private_dir() -> DirBuilder {
    use std::os::unix::fs::DirBuilderExt as _;
    let mut builder = DirBuilder::new();
    builder.mode(0o700);
    builder
}

#[cfg(not(unix))]
fn own_group(_: &mut Command) {}

#[cfg(not(unix))]
fn signal(_: &str, child: &mut Child) {
    let _ = child.kill();
}

#[cfg(not(unix))]
fn private_dir() -> DirBuilder {
    DirBuilder::new()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn sh(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_program_is_not_waited_for_beyond_its_limit() {
        let scratch = Scratch::new("test-limit").unwrap();
        let start = Instant::now();
        // The grandchild keeps stdout open, the way a lost rank does.
        let error = scratch.text(&mut sh("sleep 30 & sleep 30"), Duration::from_millis(50));
        assert!(error.unwrap_err().to_string().contains("took more than 50ms"));
        assert!(start.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn a_failure_carries_the_line_that_explains_it() {
        let scratch = Scratch::new("test-failure").unwrap();
        let error = scratch.text(&mut sh("echo 'a.c:1: error: no such thing' >&2; exit 1"), GRACE);
        assert_eq!(error.unwrap_err().to_string(), "sh failed: a.c:1: error: no such thing");
    }

    #[test]
    fn the_folder_goes_with_its_owner() {
        let scratch = Scratch::new("test-drop").unwrap();
        let path = scratch.write("file", "text").unwrap();
        assert!(path.exists());
        drop(scratch);
        assert!(!path.parent().unwrap().exists());
    }

    #[test]
    fn complaints_are_found_between_rulers() {
        let mpi = "-----\nThere are not enough slots\n-----\n\n";
        assert_eq!(complaint(mpi).as_deref(), Some("There are not enough slots"));
        assert_eq!(
            complaint("Traceback:\n  x\nModuleNotFoundError: No module named 'a'\n").as_deref(),
            Some("ModuleNotFoundError: No module named 'a'")
        );
        assert_eq!(complaint("----\n"), None);
    }
}
