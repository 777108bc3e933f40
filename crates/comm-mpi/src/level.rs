//! Which threads may call MPI.

use mpi::Threading;
use tenfold_comm::{ErrorKind, Result};

/// Which threads of a process may call MPI, besides tenfold, which does on the thread that has started it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ThreadLevel {
    /// There is one thread.
    Single,
    /// The one that has started MPI.
    Funneled,
    /// One at a time.
    Serialized,
    /// All.
    Multiple,
}

impl ThreadLevel {
    /// That MPI allows it.
    pub(crate) fn check(self, allowed: Self) -> Result<()> {
        if allowed >= self {
            return Ok(());
        }
        let (wanted, allowed) = (self.name(), allowed.name());
        Err(ErrorKind::ThreadLevel { wanted, allowed }.into())
    }

    fn name(self) -> &'static str {
        match self {
            Self::Single => "Single",
            Self::Funneled => "Funneled",
            Self::Serialized => "Serialized",
            Self::Multiple => "Multiple",
        }
    }
}

impl From<Threading> for ThreadLevel {
    fn from(level: Threading) -> Self {
        match level {
            Threading::Single => Self::Single,
            Threading::Funneled => Self::Funneled,
            Threading::Serialized => Self::Serialized,
            Threading::Multiple => Self::Multiple,
        }
    }
}

impl From<ThreadLevel> for Threading {
    fn from(level: ThreadLevel) -> Self {
        match level {
            ThreadLevel::Single => Self::Single,
            ThreadLevel::Funneled => Self::Funneled,
            ThreadLevel::Serialized => Self::Serialized,
            ThreadLevel::Multiple => Self::Multiple,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ThreadLevel;

    #[test]
    fn less_than_asked_for_is_an_error() {
        assert!(ThreadLevel::Funneled.check(ThreadLevel::Multiple).is_ok());
        let error = ThreadLevel::Multiple.check(ThreadLevel::Single).unwrap_err();
        assert_eq!(error.to_string(), "MPI allows Single, `level` is Multiple");
    }
}
