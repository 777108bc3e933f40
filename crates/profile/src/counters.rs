//! Events that the kernel counts: of the processor where it has a unit for them, and its own.
//!
//! Each is a file of `perf_event_open`, for the thread that starts the session and those that it
//! starts in it. One that cannot be had says why, and is never 0.

use std::io;
use std::mem::size_of_val;

use crate::report::document::Counter;

const HARDWARE: u32 = 0;
const SOFTWARE: u32 = 1;

/// Name, kind and number, as `linux/perf_event.h` has them.
const EVENTS: [(&str, u32, u64); 8] = [
    ("cycles", HARDWARE, 0),
    ("instructions", HARDWARE, 1),
    ("cache-misses", HARDWARE, 3),
    ("branch-misses", HARDWARE, 5),
    ("task-clock", SOFTWARE, 1),
    ("page-faults", SOFTWARE, 2),
    ("context-switches", SOFTWARE, 3),
    ("cpu-migrations", SOFTWARE, 4),
];

/// Counters that run.
#[derive(Debug)]
pub(crate) struct Counters(Vec<(&'static str, io::Result<Event>)>);

impl Counters {
    pub(crate) fn start() -> Self {
        Self(
            EVENTS
                .iter()
                .map(|(name, kind, number)| (*name, Event::open(*kind, *number)))
                .collect(),
        )
    }

    /// What they counted.
    pub(crate) fn stop(self) -> Vec<Counter> {
        let read = |(name, event): (&str, io::Result<Event>)| {
            let found = event.and_then(|event| event.read());
            let (value, share, missing) = match found {
                Ok((value, share)) => (Some(value), Some(share), None),
                Err(error) => (None, None, Some(error.to_string())),
            };
            Counter { name: name.to_owned(), value, share, missing }
        };
        self.0.into_iter().map(read).collect()
    }
}

/// The first version of the structure that `perf_event_open` takes: kind and size, number, period,
/// sample type, read format, flags, wake-up and breakpoint type, address.
type Attributes = [u64; 8];

/// In the flags: threads that this one starts are counted too.
const INHERIT: u64 = 1 << 1;
/// In the flags: the kernel's own work is not counted, which needs no rights.
const EXCLUDE_KERNEL: u64 = 1 << 5;
const EXCLUDE_HYPERVISOR: u64 = 1 << 6;
/// In the read format: for how long it was enabled, and counted.
const TIMES: u64 = 3;

#[derive(Debug)]
struct Event(std::fs::File);

impl Event {
    /// With the kernel's part where that is allowed, without it elsewhere.
    fn open(kind: u32, number: u64) -> io::Result<Self> {
        Self::with(kind, number, INHERIT)
            .or_else(|_| Self::with(kind, number, INHERIT | EXCLUDE_KERNEL | EXCLUDE_HYPERVISOR))
    }

    fn with(kind: u32, number: u64, flags: u64) -> io::Result<Self> {
        use std::os::fd::FromRawFd as _;
        let mut attributes: Attributes = [0, number, 0, 0, TIMES, flags, 0, 0];
        attributes[0] = u64::from(kind) | (size_of_val(&attributes) as u64) << 32;
        let (this_thread, any_core, no_group, close_on_exec) = (0, -1, -1, 8);
        // SAFETY: the kernel reads as many bytes as the structure says that it has.
        let file = unsafe {
            libc::syscall(
                libc::SYS_perf_event_open,
                attributes.as_ptr(),
                this_thread,
                any_core,
                no_group,
                close_on_exec,
            )
        };
        let file = i32::try_from(file).ok().filter(|file| *file >= 0);
        let file = file.ok_or_else(io::Error::last_os_error)?;
        // SAFETY: the file is open, and nobody else has it.
        Ok(Self(unsafe { std::fs::File::from_raw_fd(file) }))
    }

    /// The count, and for which share of the time it was counted: a processor has few units, and
    /// the kernel lets events take turns. The count is scaled to all of the time.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a positive estimate"
    )]
    fn read(mut self) -> io::Result<(u64, f64)> {
        use std::io::Read as _;
        let mut bytes = [0; 24];
        self.0.read_exact(&mut bytes)?;
        let word =
            |at: usize| bytes[at..].first_chunk().map_or(0, |word| u64::from_ne_bytes(*word));
        let (value, enabled, ran) = (word(0), word(8), word(16));
        if ran == 0 {
            return Err(io::Error::other("it never had its turn on the processor"));
        }
        let share = ran as f64 / enabled.max(1) as f64;
        let all = if ran < enabled { (value as f64 / share).round() as u64 } else { value };
        Ok((all, share))
    }
}
