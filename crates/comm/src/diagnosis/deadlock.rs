//! Ranks that wait for each other.

use std::fmt;
use std::sync::Arc;

use super::called::What;
use crate::{CallKind, Called};

/// Ranks that wait for each other, for ever: what [`Error::deadlock`](crate::Error::deadlock) gives of a call that
/// has ended with [`ErrorKind::Deadlock`](crate::ErrorKind::Deadlock).
///
/// `Display` is a sentence; [`text`](Self::text) is the whole.
///
/// ```
/// use std::time::Duration;
/// use tenfold_comm::{Communicator, ErrorKind, Tracing, World};
///
/// let tracing = Tracing::new().stall(Duration::from_millis(20)).quiet();
/// let (result, report) = World::threads(2).traced(tracing).run(|world| {
///     let other = 1 - world.rank();
///     world.recv(&mut [0], other, 7)?;
///     world.send(&[1], other, 7)
/// });
/// assert!(result.is_err());
/// let deadlock = &report.deadlocks[0];
/// assert_eq!(deadlock.circle(), [0, 1]);
/// assert_eq!(deadlock.ranks()[1].waits_for, [0]);
/// ```
#[derive(Clone, Debug)]
pub struct Deadlock(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    ranks: Vec<Waiting>,
    circle: Vec<usize>,
}

/// A rank that waits for ever.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Waiting {
    /// The rank, in the world.
    pub rank: usize,
    /// What it waits in; none at the end of a program, which waits for its non-blocking collectives.
    pub call: Option<Called>,
    /// Of a wait for a request, what has started that.
    pub started: Option<Called>,
    /// For whom.
    pub waits_for: Vec<usize>,
    /// Whether one of them would be enough.
    pub any: bool,
    /// Whether it is a send that only larger buffers would let go on.
    pub is_buffering: bool,
}

impl Deadlock {
    pub(super) fn new(ranks: Vec<Waiting>, circle: Vec<usize>) -> Self {
        Self(Arc::new(Inner { ranks, circle }))
    }

    /// All that wait for ever, in the order of ranks.
    #[must_use]
    pub fn ranks(&self) -> &[Waiting] {
        &self.0.ranks
    }

    /// Ranks that wait in a circle: each for the next, and the last for the first.
    #[must_use]
    pub fn circle(&self) -> &[usize] {
        &self.0.circle
    }

    /// The ranks that wait in a standard send, which a system with larger buffers would let go on. A program with
    /// such sends alone runs or does not, as the system pleases.
    pub fn buffering(&self) -> impl Iterator<Item = &Waiting> {
        self.0.ranks.iter().filter(|waiting| waiting.is_buffering)
    }

    /// Two ranks of one communicator in different collectives.
    #[must_use]
    pub fn out_of_order(&self) -> Option<[&Called; 2]> {
        let calls = self.0.ranks.iter().filter_map(|waiting| waiting.call.as_ref());
        let collectives: Vec<&Called> = calls.filter(|call| call.number.is_some()).collect();
        let differ = |one: &Called, two: &Called| {
            let of = |call: &Called| (call.kind, call.number, call.to);
            one.communicator == two.communicator && of(one) != of(two)
        };
        collectives.iter().enumerate().find_map(|(at, one)| {
            let two = collectives[at + 1..].iter().find(|two| differ(one, two))?;
            Some([*one, *two])
        })
    }

    /// All that is known, on lines: who waits for whom and where, the graph, and what it comes from.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!("deadlock: {self}\n");
        for waiting in self.ranks() {
            text += &format!("  {waiting}\n");
        }
        text += "who waits for whom:\n";
        for waiting in self.ranks() {
            text += &format!("  {}\n", Edge(waiting));
        }
        if let Some([one, two]) = self.out_of_order() {
            text += &format!("collectives do not fit together: {one}; {two}\n");
        }
        for send in self.buffering() {
            text += &format!(
                "only a larger buffer would let the send of rank {} go on: receive before it, \
                              or use sendrecv or isend\n",
                send.rank
            );
        }
        text
    }
}

/// `0 --recv--> 1 | 2`
struct Edge<'a>(&'a Waiting);

impl fmt::Display for Edge<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Waiting { rank, call, waits_for, any, .. } = self.0;
        let kind = call.as_ref().map_or(CallKind::Wait, |call| call.kind);
        let joined = list(waits_for, if *any { " | " } else { " & " });
        write!(f, "{rank} --{kind}--> {joined}")
    }
}

fn list(ranks: &[usize], between: &str) -> String {
    ranks.iter().map(usize::to_string).collect::<Vec<_>>().join(between)
}

impl fmt::Display for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rank, call, started, waits_for, any, .. } = self;
        match call {
            Some(call) => write!(f, "rank {rank} is in {} at {}", What(call), call.place)?,
            None => write!(f, "rank {rank} waits for what it has started")?,
        }
        if let Some(started) = started {
            write!(f, ", for the {} of {}", What(started), started.place)?;
        }
        let one_of = if *any && waits_for.len() > 1 { "one of " } else { "" };
        let ranks = if waits_for.len() == 1 { "rank" } else { "ranks" };
        write!(f, ", and waits for {one_of}{ranks} {}", list(waits_for, ", "))
    }
}

impl fmt::Display for Deadlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ranks: Vec<usize> = self.ranks().iter().map(|waiting| waiting.rank).collect();
        write!(f, "ranks {} wait for ever", list(&ranks, ", "))?;
        let circle = self.circle();
        if let Some(first) = circle.first() {
            write!(f, ", in a circle: {} -> {first}", list(circle, " -> "))?;
        }
        Ok(())
    }
}

impl std::error::Error for Deadlock {}
