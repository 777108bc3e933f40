//! How much memory the process has.

#[cfg(target_os = "linux")]
use std::fs::File;

/// How much memory the process had at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct TraceSample {
    /// When, in nanoseconds after the run began.
    pub at_ns: u64,
    /// How many bytes of it were in memory, which the system counts.
    pub resident: u64,
}

/// Asks the system, which takes it a microsecond or two.
#[derive(Debug)]
pub(super) struct Resident {
    #[cfg(target_os = "linux")]
    file: Option<File>,
}

#[cfg(target_os = "linux")]
impl Resident {
    pub(super) fn open() -> Self {
        Self { file: File::open("/proc/self/statm").ok() }
    }

    pub(super) fn bytes(&self) -> Option<u64> {
        use std::os::unix::fs::FileExt;
        let mut text = [0; 128];
        let len = self.file.as_ref()?.read_at(&mut text, 0).ok()?;
        let text = str::from_utf8(&text[..len]).ok()?;
        let pages: u64 = text.split_ascii_whitespace().nth(1)?.parse().ok()?;
        pages.checked_mul(rustix::param::page_size() as u64)
    }
}

#[cfg(not(target_os = "linux"))]
impl Resident {
    pub(super) fn open() -> Self {
        Self {}
    }

    #[expect(clippy::unused_self, reason = "as where the system tells")]
    pub(super) fn bytes(&self) -> Option<u64> {
        None
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn memory_that_is_used_is_resident() {
        let resident = Resident::open();
        let grown = || {
            let before = resident.bytes().unwrap();
            let used = std::hint::black_box(vec![1_u8; 64 << 20]);
            let after = resident.bytes().unwrap();
            drop(used);
            after.saturating_sub(before)
        };
        // Other tests of this process may give memory back meanwhile.
        let grown: Vec<u64> = (0..10).map(|_| grown()).collect();
        assert!(grown.iter().any(|bytes| (56 << 20..80 << 20).contains(bytes)), "{grown:?}");
    }
}
