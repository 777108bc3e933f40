//! What was seen of a run.

use std::fmt;
use std::sync::Arc;

use crate::{Deadlock, Error, Finding, Trace};

/// What was seen of a run: the trace, and what is wrong.
///
/// `Display` is what is wrong, a line each, and what of the trace is missing; empty where nothing is.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Report {
    /// What the ranks have called.
    pub trace: Trace,
    /// Ranks that waited for each other, in the order in which they were found: more than once where a program goes
    /// on after the error.
    pub deadlocks: Vec<Deadlock>,
    /// What else is wrong, in the order in which it was seen.
    pub findings: Vec<Finding>,
    /// Why the trace could not be written to the [folder](crate::Tracing::folder) that was asked for.
    pub unwritten: Option<Arc<Error>>,
}

impl Report {
    /// Whether nothing is wrong with the program.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.deadlocks.is_empty() && self.findings.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.deadlocks.iter().try_for_each(|deadlock| f.write_str(&deadlock.text()))?;
        self.findings.iter().try_for_each(|finding| writeln!(f, "{finding}"))?;
        for log in self.trace.ranks.iter().filter(|log| log.dropped > 0) {
            writeln!(f, "rank {}: the first {} calls were not kept", log.rank, log.dropped)?;
        }
        self.unwritten.as_ref().map_or(Ok(()), |error| writeln!(f, "{error:#}"))
    }
}
