//! The sampler as a library that is loaded before a program, for programs that know nothing of it.
//!
//! `tenfold-profile run` sets `LD_PRELOAD` to it. It samples from the program's start to its end and
//! writes the report as JSON to the folder that `TENFOLD_PROFILE_FOLDER` names, a file a process.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use tenfold_profile::Session;

static SESSION: Mutex<Option<Session>> = Mutex::new(None);

/// What the loader calls before `main`.
#[used]
#[unsafe(link_section = ".init_array")]
static START: extern "C" fn() = start;

/// The process that is sampled: a child that it forks is another one.
static PROCESS: AtomicU32 = AtomicU32::new(0);

extern "C" fn start() {
    let hz = std::env::var("TENFOLD_PROFILE_HZ").ok().and_then(|hz| hz.parse().ok());
    let (Some(_), Some(hz)) = (folder(), hz) else { return };
    // A program whose profiler cannot start runs without: the report that is missing says so.
    let Ok(session) = Session::builder().sampler_hz(hz).start() else { return };
    PROCESS.store(std::process::id(), Ordering::Relaxed);
    *SESSION.lock().unwrap_or_else(PoisonError::into_inner) = Some(session);
    // SAFETY: `finish` is a function that may be called when the program ends.
    unsafe { libc::atexit(finish) };
}

/// Stands before the C library's function of this name, by which some programs end without what
/// `atexit` asks for. A shell is one.
#[unsafe(no_mangle)]
pub extern "C" fn _exit(code: libc::c_int) -> ! {
    finish();
    loop {
        // SAFETY: the system call ends the process, and needs nothing for it.
        unsafe { libc::syscall(libc::SYS_exit_group, code) };
    }
}

extern "C" fn finish() {
    if PROCESS.load(Ordering::Relaxed) != std::process::id() {
        return;
    }
    let session = SESSION.lock().unwrap_or_else(PoisonError::into_inner).take();
    let (Some(session), Some(folder)) = (session, folder()) else { return };
    let file = folder.join(format!("{}.json", std::process::id()));
    // There is nobody left to tell.
    let _ = session.finish().write_json(file);
}

fn folder() -> Option<PathBuf> {
    std::env::var_os("TENFOLD_PROFILE_FOLDER").map(PathBuf::from)
}
