//! What must not hang.

use std::io::Write as _;
use std::process;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// Far longer than any of these tests takes on a loaded machine.
const LIMIT: Duration = Duration::from_secs(if cfg!(miri) { 3600 } else { 120 });

/// Runs a test in a thread of its own, and ends the process if it does not come back.
pub(crate) fn in_time(name: &'static str, test: impl FnOnce() + Send + 'static) {
    let (done, wait) = mpsc::channel::<()>();
    let dog = thread::spawn(move || {
        if wait.recv_timeout(LIMIT) == Err(mpsc::RecvTimeoutError::Timeout) {
            // What `eprintln!` writes is captured, and lost with the process.
            let _ = writeln!(std::io::stderr(), "{name} hangs");
            process::abort();
        }
    });
    let result = thread::Builder::new().stack_size(256 << 20).spawn(test).unwrap().join();
    drop(done);
    dog.join().unwrap();
    if let Err(panic) = result {
        std::panic::resume_unwind(panic);
    }
}
