//! What is wrong with a program that may yet come to its end.

use std::fmt;

use super::called::What;
use crate::{Called, ErrorKind, Place, Tag};

/// Something that is wrong with a program. Ranks are those of the world.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Finding {
    /// Two ranks are in the same collective of a communicator with different kinds, roots, operations or counts.
    Collectives {
        /// The first that came.
        first: Called,
        /// One that differs.
        other: Called,
    },
    /// A call failed in a way that says that the program's messages do not fit together: they are too long or
    /// of another type, the counts of a collective differ, who is waited for has ended, and so on.
    Failed {
        /// The call.
        call: Called,
        /// What it failed with. Ranks in it are those of the communicator.
        error: ErrorKind,
    },
    /// Messages that nobody has received when all ranks have ended.
    Unreceived {
        /// Who has sent them.
        from: usize,
        /// Whom they were for.
        to: usize,
        /// The tag.
        tag: Tag,
        /// Of which communicator.
        communicator: u64,
        /// How many.
        count: usize,
        /// How many bytes they have.
        bytes: usize,
        /// Where the last was sent, if that was recorded.
        place: Option<Place>,
    },
    /// A request that was never waited for: it was dropped or forgotten.
    Request {
        /// What has started it.
        started: Called,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Collectives { first, other } => {
                write!(f, "collectives do not fit together: {first}; {other}")
            }
            Self::Failed { call, error } => write!(f, "{call}: {error}"),
            Self::Unreceived { from, to, tag, communicator, count, bytes, place } => {
                write!(
                    f,
                    "{count} messages ({bytes} bytes) of rank {from} for rank {to}, tag {tag}"
                )?;
                if *communicator != 0 {
                    write!(f, ", of communicator {communicator}")?;
                }
                f.write_str(" were never received")?;
                place.as_ref().map_or(Ok(()), |place| write!(f, ", sent at {place}"))
            }
            Self::Request { started } => {
                let (rank, place) = (started.rank, &started.place);
                write!(f, "rank {rank}: the {} of {place} was never waited for", What(started))
            }
        }
    }
}

/// Whether an error says that a program's messages do not fit together, and not that an argument is none, or
/// that another rank has failed.
pub(crate) fn is_finding(kind: ErrorKind) -> bool {
    use ErrorKind::{
        CollectiveMismatch, CollectiveOrder, CountMismatch, FileMismatch, GroupMismatch, NotReady,
        RankEnded, SelfReceive, SelfSend, Truncated, Type, WindowType,
    };
    matches!(
        kind,
        CollectiveMismatch { .. }
            | CollectiveOrder { .. }
            | CountMismatch { .. }
            | FileMismatch { .. }
            | GroupMismatch { .. }
            | NotReady { .. }
            | RankEnded { .. }
            | SelfReceive { .. }
            | SelfSend { .. }
            | Truncated { .. }
            | Type { .. }
            | WindowType { .. }
    )
}
