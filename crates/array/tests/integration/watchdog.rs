//! Against tests that hang.

use std::panic::resume_unwind;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

/// Runs a body on a thread of its own, and fails if it hangs.
pub(crate) fn in_time<R: Send + 'static>(
    limit: Duration,
    body: impl FnOnce() -> R + Send + 'static,
) -> R {
    let (sender, receiver) = channel();
    let thread = thread::spawn(move || {
        let _ = sender.send(body());
    });
    match receiver.recv_timeout(limit) {
        Ok(result) => result,
        Err(RecvTimeoutError::Timeout) => panic!("it has not come back after {limit:?}"),
        Err(RecvTimeoutError::Disconnected) => match thread.join() {
            Err(thrown) => resume_unwind(thrown),
            Ok(()) => unreachable!("it has sent its result"),
        },
    }
}
