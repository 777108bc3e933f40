//! Waiting for a future on this thread, and for a device.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use crate::adapter::AdapterKind;

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// What a future gives. Those of adapters and devices here are done when they are first asked.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    // Without what would wake this thread, which has to be allocated: every call to the driver comes here twice.
    if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        return output;
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}

/// What wgpu gives, or why it panicked: it does where a driver fails while it is waited for, and a lost
/// device is an error here.
pub(crate) fn caught<R>(work: impl FnOnce() -> R) -> Result<R, String> {
    // What is behind it is wgpu's, whose locks are not poisoned, and a lost device is used no more.
    catch_unwind(AssertUnwindSafe(work)).map_err(|payload| {
        let text = payload.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
        text.unwrap_or("wgpu panicked").to_owned()
    })
}

/// For so long a device is asked without a pause: one of the system takes some 60 microseconds, which much of
/// what is waited for does not.
const BUSY: Duration = Duration::from_millis(2);
/// The same for one that computes on the processor, and would have to do without a core meanwhile.
const BUSY_ON_CPU: Duration = Duration::from_micros(300);

/// How long to pause, after so long a wait, before a device is asked again: little beside what was waited.
pub(crate) fn pause(waited: Duration, kind: AdapterKind) -> Duration {
    let (busy, part) = match kind {
        AdapterKind::Cpu => (BUSY_ON_CPU, 16),
        _ => (BUSY, 64),
    };
    if waited < busy {
        thread::yield_now();
        return Duration::ZERO;
    }
    (waited / part).min(Duration::from_millis(1))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{caught, pause};
    use crate::AdapterKind;

    #[test]
    fn pauses_are_little_beside_what_was_waited() {
        let waits = [10, 400, 6_400, 10_000_000].map(Duration::from_micros);
        let of = |kind| waits.map(|waited| pause(waited, kind).as_micros());
        assert_eq!(of(AdapterKind::Discrete), [0, 0, 100, 1000]);
        assert_eq!(of(AdapterKind::Cpu), [0, 25, 400, 1000]);
    }

    #[test]
    fn a_panic_is_told() {
        assert_eq!(caught(|| 3), Ok(3));
        let lost = || -> u32 { panic!("{}: device lost", 1 + 1) };
        assert_eq!(caught(lost), Err("2: device lost".to_owned()));
        assert_eq!(caught(|| -> u32 { panic!("lost") }), Err("lost".to_owned()));
    }
}
