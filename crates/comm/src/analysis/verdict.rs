//! What it comes to, in a sentence.

use std::fmt;
use std::time::Duration;

use super::{Analysis, WaitKind, WaitPattern, total};
use crate::CallKind;

/// What keeps a run from being faster, and what there is to gain. `Display` is a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verdict {
    /// What it is.
    pub kind: VerdictKind,
    /// How long the run takes now, in nanoseconds.
    pub now_ns: u64,
    /// How long at best it would take without that.
    pub then_ns: u64,
    sentence: String,
}

/// The kind of a [`Verdict`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum VerdictKind {
    /// Nothing was recorded.
    Empty,
    /// Ranks have as much to do, but one after another: four ranks or more together do not work for
    /// 1.2 times the ideal run time.
    Serialised,
    /// Messages, which take most of the time, pass one after another.
    InTurn,
    /// One rank has much more to do than others, and that costs more than messages do.
    Imbalanced,
    /// Ranks wait for each other more than messages take, and for a fifth of the time, or of a run that works for
    /// less than four fifths of it.
    Waiting,
    /// Much time goes into many messages of a few bytes.
    SmallMessages,
    /// Much time goes into messages.
    Transfers,
    /// There is little to gain.
    Fine,
}

impl Verdict {
    /// That there is none yet.
    pub(super) fn none() -> Self {
        Self { kind: VerdictKind::Empty, now_ns: 0, then_ns: 0, sentence: String::new() }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

/// What counts as one after another: so often the ideal run time is the work of all ranks, on so many or more.
const SERIAL: f64 = 1.2;
const SERIAL_RANKS: usize = 4;
/// What counts as balance, as much, and as small.
const BALANCED: f64 = 0.8;
const MUCH: f64 = 0.2;
const SMALL_BYTES: f64 = 1024.0;
/// The share of all time from which on a wait is named although there is little to gain.
const WORTH_NAMING: f64 = 0.01;

/// What the analysis has found so far, for the verdict alone.
pub(super) struct Facts {
    /// The ideal run time if no send waited for its receiver.
    pub(super) unwaited_ns: u64,
    /// Messages under way: how long together, and how long at least one of them.
    pub(super) under_way_ns: (u64, u64),
    /// Before which call the busiest rank has most more work than the mean, and how much.
    pub(super) excess: Option<(CallKind, String, u64)>,
}

impl Verdict {
    /// The first of these that holds.
    pub(super) fn of(analysis: &Analysis, facts: &Facts) -> Self {
        let judges: [fn(&Analysis, &Facts) -> Option<Self>; 7] =
            [empty, serialised, in_turn, imbalanced, waiting, small_messages, transfers];
        let found = judges.iter().find_map(|judge| judge(analysis, facts));
        found.unwrap_or_else(|| fine(analysis))
    }

    fn new(kind: VerdictKind, (now_ns, then_ns): (u64, u64), sentence: String) -> Self {
        let gain = match kind {
            VerdictKind::Empty => String::new(),
            _ if then_ns >= now_ns => format!(" ({})", time(now_ns)),
            _ => format!(" ({} now, {} at best)", time(now_ns), time(then_ns)),
        };
        Self { kind, now_ns, then_ns: then_ns.min(now_ns), sentence: sentence + &gain }
    }
}

fn empty(analysis: &Analysis, _: &Facts) -> Option<Verdict> {
    let is_empty = analysis.calls() == 0;
    let sentence = || "no call was recorded".to_owned();
    is_empty.then(|| Verdict::new(VerdictKind::Empty, (analysis.runtime_ns, 0), sentence()))
}

fn serialised(analysis: &Analysis, facts: &Facts) -> Option<Verdict> {
    let ranks = analysis.ranks().len();
    let useful = total(analysis.ranks().iter().map(|rank| rank.useful_ns));
    let ideal = analysis.ideal_ns;
    let is_serial = useful > 0
        && useful as f64 <= SERIAL * ideal as f64
        && analysis.efficiency().load_balance >= BALANCED;
    if ranks < SERIAL_RANKS || !is_serial {
        return None;
    }
    let sends_wait = (facts.unwaited_ns as f64) < BALANCED * ideal as f64;
    let kinds = if sends_wait {
        &[WaitKind::LateReceiver][..]
    } else {
        &[WaitKind::LateSender, WaitKind::Collective]
    };
    let pattern = analysis.waits().iter().find(|wait| kinds.contains(&wait.kind));
    let who = pattern.or(analysis.waits().first()).map(describe).unwrap_or_default();
    let (then, advice) = if sends_wait {
        (facts.unwaited_ns, "use isend or sendrecv, so that nobody waits to send")
    } else {
        (
            useful / ranks as u64,
            "give ranks work that does not need each other's, or pass it on in smaller parts",
        )
    };
    let all = everybody(analysis);
    let sentence = format!("{all} ran one after another: {who}; {advice}");
    Some(Verdict::new(VerdictKind::Serialised, (analysis.runtime_ns, then), sentence))
}

fn in_turn(analysis: &Analysis, facts: &Facts) -> Option<Verdict> {
    let (together, union) = facts.under_way_ns;
    let (runtime, ranks) = (analysis.runtime_ns, analysis.ranks().len());
    let messages: u64 = analysis.traffic().values().map(|pair| pair.messages).sum();
    let is_most = union >= runtime / 2 && union > 0;
    let is_one = together as f64 <= SERIAL * union as f64;
    if ranks < SERIAL_RANKS || messages < ranks as u64 - 1 || !is_most || !is_one {
        return None;
    }
    let wait = analysis.waits().iter().find(|wait| wait.kind != WaitKind::Collective)?;
    let then = runtime - union + union / (ranks as u64 - 1);
    let sentence = format!(
        "messages passed one after another: {}; use sendrecv, or isend and irecv, so that they pass at the \
         same time",
        describe(wait)
    );
    Some(Verdict::new(VerdictKind::InTurn, (runtime, then), sentence))
}

fn imbalanced(analysis: &Analysis, facts: &Facts) -> Option<Verdict> {
    if analysis.efficiency().load_balance >= BALANCED {
        return None;
    }
    let busiest = analysis.ranks().iter().rev().max_by_key(|rank| rank.useful_ns)?;
    let mean = analysis.mean_useful_ns();
    if busiest.useful_ns - mean < analysis.runtime_ns.saturating_sub(analysis.ideal_ns) {
        return None;
    }
    let place = facts.excess.as_ref().map(|(call, place, ns)| {
        format!(", {} of it more than the mean before {call} at {place}", time(*ns))
    });
    let sentence = format!(
        "rank {} works for {}, and ranks in the mean for {}{}; deal the work out evenly",
        busiest.rank,
        time(busiest.useful_ns),
        time(mean),
        place.unwrap_or_default()
    );
    let then = analysis.runtime_ns - (busiest.useful_ns - mean).min(analysis.runtime_ns);
    Some(Verdict::new(VerdictKind::Imbalanced, (analysis.runtime_ns, then), sentence))
}

fn waiting(analysis: &Analysis, facts: &Facts) -> Option<Verdict> {
    let waiting = total(analysis.ranks().iter().map(|rank| rank.waiting_ns()));
    let most = analysis.waits().first()?;
    let share = share_of_all(analysis, waiting);
    if share < transfer_share(analysis) || (share < MUCH && is_efficient(analysis)) {
        return None;
    }
    let advice = match most.kind {
        WaitKind::LateReceiver => "use isend or sendrecv, so that nobody waits to send",
        WaitKind::LateSender => "send earlier, or work on something else before receiving",
        WaitKind::Collective => "let ranks come to it at the same time, or start it and wait later",
    };
    let share = 100.0 * share;
    let sentence = format!(
        "ranks wait for {share:.0} % of their time: most where {}; {advice}",
        describe(most)
    );
    let then = if most.kind == WaitKind::LateReceiver {
        facts.unwaited_ns
    } else {
        analysis.runtime_ns - (waiting / analysis.ranks().len() as u64).min(analysis.runtime_ns)
    };
    Some(Verdict::new(VerdictKind::Waiting, (analysis.runtime_ns, then), sentence))
}

fn small_messages(analysis: &Analysis, _: &Facts) -> Option<Verdict> {
    let share = transfer_share(analysis);
    let pairs = analysis.traffic().values();
    let (messages, bytes) = pairs.fold((0, 0), |(messages, bytes), pair| {
        (messages + pair.messages, total([bytes, pair.bytes]))
    });
    let mean = bytes as f64 / messages.max(1) as f64;
    let is_many = messages >= 100 * analysis.ranks().len() as u64;
    if share < MUCH || !is_many || mean >= SMALL_BYTES {
        return None;
    }
    let line =
        analysis.lines().iter().filter(|line| line.sent_bytes > 0).max_by_key(|line| line.calls)?;
    let sentence = format!(
        "{:.0} % of the time goes into {messages} messages of {mean:.0} bytes in the mean, most by {} at {}; send \
         fewer, larger ones",
        100.0 * share,
        line.call,
        line.place
    );
    Some(Verdict::new(
        VerdictKind::SmallMessages,
        (analysis.runtime_ns, analysis.ideal_ns),
        sentence,
    ))
}

fn transfers(analysis: &Analysis, _: &Facts) -> Option<Verdict> {
    let share = transfer_share(analysis);
    let line = analysis.lines().iter().max_by_key(|line| line.ns - line.waiting_ns)?;
    if share < MUCH && is_efficient(analysis) {
        return None;
    }
    let sentence = format!(
        "{:.0} % of the time goes into messages, most by {} at {}; send less, or start it and work meanwhile",
        100.0 * share,
        line.call,
        line.place
    );
    Some(Verdict::new(VerdictKind::Transfers, (analysis.runtime_ns, analysis.ideal_ns), sentence))
}

fn fine(analysis: &Analysis) -> Verdict {
    let parallel = 100.0 * analysis.efficiency().parallel();
    let is_long = |wait: &&WaitPattern| share_of_all(analysis, wait.ns) >= WORTH_NAMING;
    let longest = analysis.waits().first().filter(is_long);
    let rest = longest.map(|wait| format!("; the longest waits are where {}", describe(wait)));
    let rest = rest.unwrap_or_default();
    let sentence =
        format!("ranks work for {parallel:.0} % of the time, and there is little to gain{rest}");
    let then = analysis.mean_useful_ns();
    Verdict::new(VerdictKind::Fine, (analysis.runtime_ns, then), sentence)
}

/// Whether there is little to gain, whatever it goes into.
fn is_efficient(analysis: &Analysis) -> bool {
    analysis.efficiency().parallel() >= BALANCED
}

/// The share of the time of all ranks that messages take.
fn transfer_share(analysis: &Analysis) -> f64 {
    share_of_all(analysis, total(analysis.ranks().iter().map(|rank| rank.transfer_ns)))
}

/// What share this is of the time of all ranks.
fn share_of_all(analysis: &Analysis, ns: u64) -> f64 {
    let all = analysis.runtime_ns as f64 * analysis.ranks().len() as f64;
    ns as f64 / all.max(1.0)
}

fn everybody(analysis: &Analysis) -> String {
    let ranks = analysis.ranks();
    match (ranks.first(), ranks.last()) {
        (Some(first), Some(last)) => format!("ranks {} to {}", first.rank, last.rank),
        _ => "ranks".to_owned(),
    }
}

fn describe(wait: &WaitPattern) -> String {
    let WaitPattern { rank, call, place, late_rank, late_call, late_place, .. } = wait;
    format!(
        "rank {rank}'s {call} at {place} waits for rank {late_rank}'s {late_call} at {late_place}"
    )
}

pub(super) fn time(ns: u64) -> String {
    if ns == 0 { "0".to_owned() } else { format!("{:.2?}", Duration::from_nanos(ns)) }
}
