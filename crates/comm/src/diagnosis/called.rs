//! A call that a diagnosis tells of.

use std::fmt;

use crate::{Builtin, Call, CallKind, Place, Source, Tag, Tags};

/// A call of a rank, as a [`Report`](crate::Report) tells of it. Ranks are those of the world.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Called {
    /// Who has called it.
    pub rank: usize,
    /// What was called.
    pub kind: CallKind,
    /// Where.
    pub place: Place,
    /// Of which communicator; 0 is that of all.
    pub communicator: u64,
    /// Of a collective, as which of the communicator's, from 0.
    pub number: Option<u32>,
    /// Whom it sends to, or the root.
    pub to: Option<usize>,
    /// Whom it receives from.
    pub from: Option<Source>,
    /// The tag of what it sends.
    pub tag: Option<Tag>,
    /// The tag of what it receives.
    pub want: Option<Tags>,
    /// How many bytes it brings.
    pub bytes: usize,
    /// What it combines with.
    pub operation: Option<Builtin>,
}

/// The same, as it stands while the call is open: nothing is copied but this. The ranks in the call are those of
/// the world.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Active {
    pub(crate) rank: usize,
    pub(crate) call: Call,
    pub(crate) communicator: u64,
    pub(crate) number: Option<u32>,
}

impl From<Active> for Called {
    fn from(active: Active) -> Self {
        let Active { rank, call, communicator, number } = active;
        let Call { kind, to, from, tag, want, bytes, operation, .. } = call;
        let place = Place::from(call.at);
        Self { rank, kind, place, communicator, number, to, from, tag, want, bytes, operation }
    }
}

/// What is called, and with whom: `recv from rank 1, tag 7`.
pub(super) struct What<'a>(pub(super) &'a Called);

impl fmt::Display for What<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let called = self.0;
        write!(f, "{}", called.kind)?;
        if let Some(number) = called.number {
            write!(f, " #{number}")?;
            called.to.map_or(Ok(()), |root| write!(f, " with root {root}"))?;
        } else if let Some(to) = called.to {
            write!(f, " to rank {to}")?;
            called.tag.map_or(Ok(()), |tag| write!(f, ", tag {tag}, {} bytes", called.bytes))?;
        }
        if let Some(operation) = called.operation {
            write!(f, " by {operation:?}")?;
        }
        match called.from {
            Some(Source::Rank(rank)) => write!(f, " from rank {rank}")?,
            Some(Source::Any) => f.write_str(" from any rank")?,
            None => {}
        }
        match called.want {
            Some(Tags::Only(tag)) => write!(f, ", tag {tag}")?,
            Some(Tags::Any) => f.write_str(", any tag")?,
            None => {}
        }
        if called.communicator != 0 {
            write!(f, " of communicator {}", called.communicator)?;
        }
        Ok(())
    }
}

impl fmt::Display for Called {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rank {}: {} at {}", self.rank, What(self), self.place)
    }
}
