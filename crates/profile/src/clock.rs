//! The clocks of one thread or of the whole process, where the system has them.

use std::time::Duration;

use crate::Scope;

/// CPU time spent so far. `None` where there is no such clock.
#[cfg(unix)]
pub(crate) fn cpu(scope: Scope) -> Option<Duration> {
    use rustix::time::{ClockId, clock_gettime};
    let now = clock_gettime(match scope {
        Scope::Thread => ClockId::ThreadCPUTime,
        Scope::Process => ClockId::ProcessCPUTime,
    });
    Some(Duration::new(now.tv_sec.try_into().ok()?, now.tv_nsec.try_into().ok()?))
}

/// CPU time spent so far. `None` where there is no such clock.
#[cfg(not(unix))]
pub(crate) fn cpu(_: Scope) -> Option<Duration> {
    None
}

/// Time spent so far ready to run, while something else had the core. `None` where the system
/// does not tell.
#[cfg(target_os = "linux")]
pub(crate) fn run_delay(scope: Scope) -> Option<Duration> {
    match scope {
        Scope::Thread => thread_delay("/proc/thread-self/schedstat".as_ref()),
        // The file of the process itself speaks of its main thread alone.
        Scope::Process => std::fs::read_dir("/proc/self/task")
            .ok()?
            .filter_map(|thread| Some(thread.ok()?.path().join("schedstat")))
            // A thread may end between the listing and the reading.
            .filter_map(|file| thread_delay(&file))
            .reduce(|a, b| a + b),
    }
}

/// Time spent so far ready to run, while something else had the core. `None` where the system
/// does not tell.
#[cfg(not(target_os = "linux"))]
pub(crate) fn run_delay(_: Scope) -> Option<Duration> {
    None
}

/// The second field of a schedstat file, in nanoseconds.
#[cfg(target_os = "linux")]
fn thread_delay(file: &std::path::Path) -> Option<Duration> {
    let text = std::fs::read_to_string(file).ok()?;
    let nanoseconds = text.split_ascii_whitespace().nth(1)?.parse().ok()?;
    Some(Duration::from_nanos(nanoseconds))
}

/// The process's high-water mark of resident memory, in bytes. `None` where the system does not
/// tell.
#[cfg(target_os = "linux")]
pub(crate) fn peak_resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

/// The process's high-water mark of resident memory, in bytes. `None` where the system does not
/// tell.
#[cfg(not(target_os = "linux"))]
pub(crate) fn peak_resident() -> Option<u64> {
    None
}
