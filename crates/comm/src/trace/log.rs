//! What was recorded, of one rank and of all.

use super::{Clock, Event, Place};

/// What the ranks of a run have called.
///
/// The logs are in the order of ranks. One that was lost is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    /// How many ranks the world had.
    pub size: usize,
    /// The logs.
    pub ranks: Vec<RankLog>,
}

/// What one rank has called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RankLog {
    /// The rank, in the world.
    pub rank: usize,
    /// Its clock against that of rank 0.
    pub clock: Clock,
    /// When the rank began, in nanoseconds of its clock.
    pub start_ns: u64,
    /// When it ended.
    pub end_ns: u64,
    /// How it ended.
    pub ended: Ended,
    /// The calls, in the order in which they came back. One that another was made within comes after that.
    pub events: Vec<Event>,
    /// How many calls before these were recorded, and dropped for want of room.
    pub dropped: u64,
    /// Where calls were made.
    pub places: Vec<Place>,
    /// What calls were made of.
    pub communicators: Vec<Members>,
}

/// A communicator: its ranks in the world, in their order there.
///
/// All that have it know it by the same number, which is not its place in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Members {
    /// The number by which all its ranks know it.
    pub id: u64,
    /// Its ranks.
    pub ranks: Vec<u32>,
}

/// How a rank ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Ended {
    /// The program came back.
    Well,
    /// It came back with an error.
    Error,
    /// It panicked.
    Panic,
}

impl RankLog {
    /// An empty log.
    #[must_use]
    pub fn new(rank: usize) -> Self {
        Self {
            rank,
            clock: Clock::default(),
            start_ns: 0,
            end_ns: 0,
            ended: Ended::Well,
            events: vec![],
            dropped: 0,
            places: vec![],
            communicators: vec![],
        }
    }

    /// Where a call was made.
    #[must_use]
    pub fn place(&self, event: &Event) -> Option<&Place> {
        self.places.get(usize::from(event.place))
    }

    /// What a call was made of.
    #[must_use]
    pub fn communicator(&self, event: &Event) -> Option<&Members> {
        self.communicators.get(event.communicator as usize)
    }
}

impl Trace {
    /// The logs of several, each of some of the ranks, as processes write them.
    ///
    /// ```
    /// use tenfold_comm::{RankLog, Trace};
    ///
    /// let of = |rank| Trace { size: 2, ranks: vec![RankLog::new(rank)] };
    /// let trace = Trace::joined([of(1), of(0)]);
    /// assert_eq!(trace.ranks[1].rank, 1);
    /// ```
    #[must_use]
    pub fn joined(traces: impl IntoIterator<Item = Self>) -> Self {
        let mut all = Self::default();
        for trace in traces {
            all.size = all.size.max(trace.size);
            all.ranks.extend(trace.ranks);
        }
        all.ranks.sort_by_key(|log| log.rank);
        all
    }
}
