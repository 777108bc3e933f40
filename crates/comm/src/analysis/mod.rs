//! What a run did with its time, told from its trace.

#[cfg(test)]
#[expect(clippy::cast_possible_truncation, reason = "traces made by hand are small")]
mod built;
mod efficiency;
mod links;
#[cfg(feature = "report")]
mod page;
mod path;
#[cfg(feature = "report")]
mod perfetto;
mod pieces;
mod replay;
mod role;
mod run;
mod summary;
#[cfg(test)]
#[expect(clippy::cast_possible_truncation, reason = "traces made by hand are small")]
mod tests;
mod text;
mod verdict;
mod volume;
mod waits;

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

pub use efficiency::Efficiency;
pub use path::{PathShare, PathStretch};
pub use verdict::{Verdict, VerdictKind};
pub use volume::{LineTotal, Traffic};
pub use waits::{RankTime, WaitKind, WaitPattern};

use links::Links;
use replay::Replay;
use run::Run;
use verdict::Facts;
use waits::Wait;

use crate::{CallKind, Trace};

/// What the ranks of a run did with their time, what they waited for, and what kept the run from being
/// faster. `Display` prints the most important of it.
///
/// The run is replayed on a network that takes no time: each rank works as long as it did between its calls,
/// and waits where it must. What is left of the run time is that of its dependencies, what is gone was messages.
/// Scalasca, and tools of the [POP methodology](https://pop-coe.eu/node/69), tell this for MPI.
///
/// An operation of a reduction may itself make calls, within the one that drives it. They are calls like others, which
/// come when the last part in the reduction was there that had come by then; that operation's own work is time
/// of the call that drives it.
///
/// Two ranks work for a second each, but the second begins with what the first has worked out:
///
/// ```
/// use tenfold_comm::{Analysis, CallKind, Event, Members, RankLog, Trace};
///
/// let second = 1_000_000_000;
/// let mut send = Event::new(CallKind::Send, second, second);
/// (send.to, send.tag, send.sequence) = (1, 7, 0);
/// let mut recv = Event::new(CallKind::Recv, 0, second);
/// (recv.from, recv.want, recv.sequence) = (0, 7, 0);
/// let log = |rank, event, end_ns| {
///     let world = Members { id: 0, ranks: vec![0, 1] };
///     RankLog { end_ns, events: vec![event], communicators: vec![world], ..RankLog::new(rank) }
/// };
/// let trace = Trace { size: 2, ranks: vec![log(0, send, second), log(1, recv, 2 * second)] };
/// let analysis = Analysis::of(&trace);
/// assert_eq!(analysis.ideal_runtime().as_secs(), 2);
/// assert_eq!(analysis.efficiency().serialisation, 0.5);
/// assert_eq!(analysis.ranks()[1].late_sender_ns, second);
/// ```
///
/// # Cost
/// In proportion to the number of calls, some hundred nanoseconds each.
#[derive(Clone, Debug)]
pub struct Analysis {
    runtime_ns: u64,
    ideal_ns: u64,
    calls: usize,
    ranks: Vec<RankTime>,
    efficiency: Efficiency,
    waits: Vec<WaitPattern>,
    path: Vec<PathStretch>,
    path_shares: Vec<PathShare>,
    traffic: BTreeMap<(usize, usize), Traffic>,
    lines: Vec<LineTotal>,
    notes: Vec<String>,
    /// Whether the trace has all calls of all ranks.
    is_complete: bool,
    verdict: Verdict,
}

impl Analysis {
    /// What a trace tells. Whatever it holds is taken as it is: what is missing in it is told in
    /// [`notes`](Self::notes).
    #[must_use]
    pub fn of(trace: &Trace) -> Self {
        let run = Run::of(trace);
        let links = Links::of(&run);
        let replay = Replay::of(&run, &links, true);
        let latest = waits::latest(&run, &links);
        let waits: Vec<Option<Wait>> =
            (0..run.calls.len()).map(|at| waits::wait(&run, &links, &latest, at)).collect();
        let useful = run.useful();
        let (path, path_shares) = path::critical_path(&run, &replay);
        let mut analysis = Self {
            runtime_ns: run.runtime(),
            ideal_ns: replay.runtime(),
            calls: run.count(),
            ranks: rank_times(&run, &useful, &waits),
            efficiency: Efficiency::of(&useful, replay.runtime(), run.runtime()),
            waits: waits::patterns(&run, &waits),
            path,
            path_shares,
            traffic: volume::traffic(&run),
            lines: volume::lines(&run, &waits),
            notes: notes(trace, &run, &links, &replay),
            is_complete: trace.ranks.len() >= trace.size && run.dropped == 0,
            verdict: Verdict::none(),
        };
        let facts = Facts {
            unwaited_ns: Replay::of(&run, &links, false).runtime(),
            under_way_ns: volume::under_way(&run, &links),
            excess: excess(&run, &useful),
        };
        analysis.verdict = Verdict::of(&analysis, &facts);
        analysis
    }

    /// From the first rank's beginning to the last one's end.
    #[must_use]
    pub fn runtime(&self) -> Duration {
        Duration::from_nanos(self.runtime_ns)
    }

    /// The run time of the replay on a network that takes no time.
    #[must_use]
    pub fn ideal_runtime(&self) -> Duration {
        Duration::from_nanos(self.ideal_ns)
    }

    /// How many calls were analysed.
    #[must_use]
    pub fn calls(&self) -> usize {
        self.calls
    }

    /// Where the time of each rank went.
    #[must_use]
    pub fn ranks(&self) -> &[RankTime] {
        &self.ranks
    }

    /// How much of it was work, and what kept it from more.
    #[must_use]
    pub fn efficiency(&self) -> Efficiency {
        self.efficiency
    }

    /// What waited for what, the longest together first.
    #[must_use]
    pub fn waits(&self) -> &[WaitPattern] {
        &self.waits
    }

    /// What the end of the run depends on, in the order of time.
    #[must_use]
    pub fn critical_path(&self) -> &[PathStretch] {
        &self.path
    }

    /// Who worked on that path how long, and before which line, the longest first. All together are the
    /// ideal run time, but for the time after the first rank's beginning when the path begins on another.
    #[must_use]
    pub fn critical_path_shares(&self) -> &[PathShare] {
        &self.path_shares
    }

    /// What each rank has sent to each, point to point: by sender and receiver.
    #[must_use]
    pub fn traffic(&self) -> &BTreeMap<(usize, usize), Traffic> {
        &self.traffic
    }

    /// The calls by kind and line, those that took longest together first.
    #[must_use]
    pub fn lines(&self) -> &[LineTotal] {
        &self.lines
    }

    /// What the trace does not tell, and what does not fit together in it.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// What keeps the run from being faster.
    #[must_use]
    pub fn verdict(&self) -> &Verdict {
        &self.verdict
    }

    fn mean_useful_ns(&self) -> u64 {
        total(self.ranks.iter().map(|rank| rank.useful_ns)) / self.ranks.len().max(1) as u64
    }
}

/// The sum. A file may hold any numbers: of those that are too large it is the largest.
fn total(numbers: impl IntoIterator<Item = u64>) -> u64 {
    numbers.into_iter().fold(0, u64::saturating_add)
}

fn rank_times(run: &Run<'_>, useful: &[u64], waits: &[Option<Wait>]) -> Vec<RankTime> {
    let of = |lane: usize| {
        let rank = run.rank(lane);
        let mut time = RankTime { rank, useful_ns: useful[lane], ..RankTime::default() };
        run.of_lane(lane).for_each(|at| time.add(run.calls[at].elapsed(), waits[at]));
        time
    };
    (0..run.lanes()).map(of).collect()
}

/// Before which call the busiest rank has most more work than the mean of all.
fn excess(run: &Run<'_>, useful: &[u64]) -> Option<(CallKind, String, u64)> {
    let busiest = (0..run.lanes()).max_by_key(|lane| (useful[*lane], std::cmp::Reverse(*lane)))?;
    let mut work: HashMap<(CallKind, usize), (u64, u64)> = HashMap::new();
    for call in &run.calls {
        let (own, all) = work.entry((call.event.kind, call.place)).or_default();
        *all = total([*all, call.work]);
        *own += if call.lane == busiest { call.work } else { 0 };
    }
    let lanes = run.lanes() as u64;
    let more = work.into_iter().map(|(key, (own, all))| (own.saturating_sub(all / lanes), key));
    let (ns, (call, place)) = more.max_by_key(|(ns, (call, place))| (*ns, call.name(), *place))?;
    Some((call, run.place(place), ns))
}

fn notes(trace: &Trace, run: &Run<'_>, links: &Links, replay: &Replay) -> Vec<String> {
    let mut notes = vec![];
    let lost = trace.size.saturating_sub(trace.ranks.len());
    if lost > 0 {
        notes.push(format!("{lost} of {} ranks have no log", trace.size));
    }
    if run.dropped > 0 {
        notes.push(format!("{} calls are left out: logs were full, and began again", run.dropped));
    }
    let example = |calls: &[usize]| {
        let call = &run.calls[calls[0]];
        format!("rank {}'s {} at {}", run.rank(call.lane), call.event.kind, run.place(call.place))
    };
    if !links.unreceived.is_empty() {
        let (count, first) = (links.unreceived.len(), example(&links.unreceived));
        notes.push(format!("{count} messages were sent and not received: first {first}"));
    }
    if !links.unsent.is_empty() {
        let (count, first) = (links.unsent.len(), example(&links.unsent));
        notes.push(format!("{count} messages were received and not sent: first {first}"));
    }
    if replay.forced > 0 {
        notes.push(format!("{} waits of the replay have no end, and are left out", replay.forced));
    }
    notes
}
