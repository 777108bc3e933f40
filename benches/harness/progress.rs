//! One line on the terminal that says what is being measured.

use std::io::Write as _;

/// A line that is rewritten; nothing at all when nobody watches.
#[derive(Debug)]
pub(crate) struct Progress {
    watched: bool,
    total: usize,
}

impl Progress {
    const BAR: usize = 20;

    pub(crate) fn new(watched: bool, total: usize) -> Self {
        Self { watched, total }
    }

    /// Shows that `done` of all steps are done and what comes next.
    pub(crate) fn show(&self, done: usize, next: &str) {
        let filled = Self::BAR * done / self.total.max(1);
        let bar = format!("{}{}", "━".repeat(filled), "─".repeat(Self::BAR - filled));
        self.write(&format!("\r\x1b[K{bar} {done}/{} {next}", self.total));
    }

    fn write(&self, text: &str) {
        if self.watched {
            let mut stderr = std::io::stderr().lock();
            // Nobody is hurt by a progress line that does not appear.
            let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.write("\r\x1b[K");
    }
}
