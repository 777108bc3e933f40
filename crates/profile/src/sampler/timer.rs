//! A timer whose signal goes to one thread.

use std::mem::MaybeUninit;
use std::ptr;
use std::time::Duration;

/// A thread's timer; dropping it ends it. A signal that is on its way may still arrive.
#[derive(Debug)]
pub(super) struct Timer {
    id: usize,
}

impl Timer {
    /// Sends the signal to a thread of this process every `period`, with `number` in it. `None`
    /// where the thread has ended or the system has no more timers.
    pub(super) fn start(thread: i32, number: usize, period: Duration) -> Option<Self> {
        // SAFETY: all zeros is a value of this C structure.
        let mut event: libc::sigevent = unsafe { MaybeUninit::zeroed().assume_init() };
        event.sigev_notify = libc::SIGEV_THREAD_ID;
        event.sigev_signo = super::handler::SIGNAL;
        event.sigev_notify_thread_id = thread;
        event.sigev_value = libc::sigval { sival_ptr: ptr::without_provenance_mut(number) };
        let mut id: libc::timer_t = ptr::null_mut();
        // SAFETY: both pointers lead to values that live during the call.
        let created =
            unsafe { libc::timer_create(libc::CLOCK_MONOTONIC, &raw mut event, &raw mut id) };
        if created != 0 {
            return None;
        }
        let timer = Self { id: id.addr() };
        let every = libc::timespec {
            tv_sec: libc::time_t::try_from(period.as_secs()).ok()?,
            tv_nsec: period.subsec_nanos().into(),
        };
        let spec = libc::itimerspec { it_interval: every, it_value: every };
        // SAFETY: the timer exists, and the specification lives during the call.
        let set = unsafe { libc::timer_settime(id, 0, &raw const spec, ptr::null_mut()) };
        (set == 0).then_some(timer)
    }

    pub(super) fn id(&self) -> usize {
        self.id
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        // SAFETY: the timer is ours, and nobody else deletes it.
        unsafe { libc::timer_delete(ptr::without_provenance_mut(self.id)) };
    }
}

/// How many expirations came with the one whose signal is handled. Safe in a handler; 0 for a timer
/// that is gone.
pub(super) fn merged(id: usize) -> u32 {
    // SAFETY: an id that is no timer's, or no longer one's, is an error and nothing else.
    let count = unsafe { libc::timer_getoverrun(ptr::without_provenance_mut(id)) };
    u32::try_from(count).unwrap_or(0)
}

/// The calling thread, as the kernel numbers it. Safe in a handler.
pub(super) fn thread_id() -> i32 {
    // SAFETY: it has no arguments and no effect.
    unsafe { libc::gettid() }
}
