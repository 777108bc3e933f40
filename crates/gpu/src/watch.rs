//! One thread of a device that waits for what is awaited, as long as there is any.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::adapter::AdapterKind;
use crate::device::Device;
use crate::error::{Error, ErrorKind, Result};
use crate::poll::{caught, pause};

/// How long the thread looks without a pause, and the least that it sleeps then.
const BUSY: Duration = Duration::from_millis(2);
const LEAST: Duration = Duration::from_micros(50);

/// What is awaited: something that the driver tells of, and whom to wake then.
pub(crate) trait Awaited: Send + Sync {
    /// Whether it was told, or is not wanted any more.
    fn is_over(&self) -> bool;

    /// Tells that the device is lost.
    fn give_up(&self);

    /// Wakes who waits, which may run anything.
    fn wake(&self);
}

/// What the thread of a device waits for.
#[derive(Default)]
pub(crate) struct Watch(Mutex<Watched>);

#[derive(Default)]
struct Watched {
    awaited: Vec<Arc<dyn Awaited>>,
    is_running: bool,
    /// When the last of them came.
    since: Option<Instant>,
}

impl Watch {
    fn lock(&self) -> MutexGuard<'_, Watched> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes out what is over, or all of it; and since when the rest waits, of which there may be none. The
    /// thread ends then.
    fn over(&self, all: bool) -> (Vec<Arc<dyn Awaited>>, Option<Instant>) {
        let mut watched = self.lock();
        let over: Vec<_> =
            watched.awaited.extract_if(.., |awaited| all || awaited.is_over()).collect();
        watched.is_running = !watched.awaited.is_empty();
        (over, watched.since.filter(|_| watched.is_running))
    }
}

impl Device {
    /// Has the thread of the device wait for something, too.
    pub(crate) fn watch(&self, awaited: Arc<dyn Awaited>) -> Result<()> {
        let mut watched = self.watched().lock();
        if !watched.is_running {
            let device = self.clone();
            let spawned = thread::Builder::new()
                .name("tenfold-gpu".to_owned())
                .spawn(move || device.keep_watch());
            spawned.map_err(|source| {
                let message =
                    "the system has no thread that waits for what is read; wait for it instead";
                Error::new(ErrorKind::Driver, message).with_source(source)
            })?;
            watched.is_running = true;
        }
        watched.awaited.push(awaited);
        watched.since = Some(Instant::now());
        Ok(())
    }

    fn keep_watch(&self) {
        let (start, kind) = (Instant::now(), self.adapter().kind());
        loop {
            let is_lost = self.poll_alive().is_err();
            let (over, since) = self.watched().over(is_lost);
            for awaited in over {
                if is_lost {
                    awaited.give_up();
                }
                // One that panics must not keep the others waiting.
                drop(caught(|| awaited.wake()));
            }
            let Some(since) = since else { return };
            thread::sleep(pause_of(start.elapsed(), since.elapsed(), kind));
        }
    }
}

/// How long the thread pauses that has watched for so long, and for the last that came for so long. Where more come
/// before all are over, each would have it look without a pause, and it would keep a core busy without an end: it
/// looks so for what was awaited when it began, and sleeps a little each time after that.
fn pause_of(watched: Duration, waited: Duration, kind: AdapterKind) -> Duration {
    let least = if watched < BUSY { Duration::ZERO } else { LEAST };
    pause(waited, kind).max(least)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{LEAST, pause_of};
    use crate::AdapterKind;

    #[test]
    fn futures_without_an_end_keep_no_core_busy() {
        let of = |watched: u64, waited: u64, kind| {
            pause_of(Duration::from_micros(watched), Duration::from_micros(waited), kind)
        };
        for kind in [AdapterKind::Discrete, AdapterKind::Cpu] {
            assert_eq!(of(100, 10, kind), Duration::ZERO);
            // The last came just now, the first long before.
            assert_eq!(of(1_000_000, 10, kind), LEAST);
            // No less than where nothing more comes.
            assert_eq!(of(10_000_000, 10_000_000, kind), Duration::from_millis(1));
        }
    }
}
