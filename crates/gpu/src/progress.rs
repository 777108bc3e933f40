//! How far a device is with what was handed over to it.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Work that was handed over, counted from 1; none at first, which is done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Submission(u64);

/// What is done, and who waits for more.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    reached: Mutex<Reached>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Reached {
    /// The last submission that is done, and all before it are.
    done: Submission,
    /// How many threads wait: a condition variable that is told asks the system, also where none does.
    waiting: usize,
}

impl Submission {
    pub(crate) fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl Progress {
    fn lock(&self) -> MutexGuard<'_, Reached> {
        self.reached.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A submission is done. It is called by wgpu, also where the stream is locked, and may come late.
    pub(crate) fn tell(&self, submission: Submission) {
        let mut reached = self.lock();
        reached.done = submission.max(reached.done);
        let is_awaited = reached.waiting > 0;
        drop(reached);
        if is_awaited {
            self.changed.notify_all();
        }
    }

    /// Whether a submission is done in this time.
    pub(crate) fn within(&self, submission: Submission, timeout: Duration) -> bool {
        let mut reached = self.lock();
        if timeout.is_zero() {
            return reached.done >= submission;
        }
        reached.waiting += 1;
        let waits = |reached: &mut Reached| reached.done < submission;
        let waited = self.changed.wait_timeout_while(reached, timeout, waits);
        reached = waited.unwrap_or_else(PoisonError::into_inner).0;
        reached.waiting -= 1;
        reached.done >= submission
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::thread;
    use std::time::Duration;

    use super::{Progress, Submission};

    #[test]
    fn what_is_done_is_told_in_any_order() {
        let progress = Arc::<Progress>::default();
        let first = Submission::default().next();
        assert!(progress.within(Submission::default(), Duration::ZERO));
        assert!(!progress.within(first, Duration::from_micros(10)));
        let tells = Arc::clone(&progress);
        let other = thread::spawn(move || {
            tells.tell(first.next());
            tells.tell(first);
        });
        assert!(progress.within(first, Duration::from_secs(60)));
        other.join().unwrap();
        assert!(progress.within(first.next(), Duration::ZERO));
        assert!(!progress.within(first.next().next(), Duration::ZERO));
    }
}
