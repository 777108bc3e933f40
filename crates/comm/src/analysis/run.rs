//! The calls of all ranks on one clock.

use std::collections::HashMap;

use super::pieces::pieces;
use super::role::{Role, role};
use super::total;
use crate::{Event, Place, RankLog, Trace};

/// A trace as the analysis reads it: calls have one numbering over all ranks, their times are those of one
/// clock, and their places are those of one table.
pub(super) struct Run<'t> {
    /// The calls, rank by rank, each rank's in the order of time. One that others were made within is several,
    /// with those between them.
    pub(super) calls: Vec<Call<'t>>,
    /// Where the calls of each rank begin, and where the last end.
    pub(super) first: Vec<usize>,
    /// When each rank began and ended.
    pub(super) ends: Vec<(u64, u64)>,
    places: Vec<&'t Place>,
    /// How many calls were not recorded, or lie before the time from which all ranks are.
    pub(super) dropped: u64,
    logs: Vec<&'t RankLog>,
    /// The first and the last piece of each call that is several.
    divided: Vec<(usize, usize)>,
}

/// A call, or a piece of one.
#[derive(Clone, Copy)]
pub(super) struct Call<'t> {
    pub(super) event: &'t Event,
    /// Which rank's, by its place in the trace.
    pub(super) lane: usize,
    pub(super) start: u64,
    pub(super) end: u64,
    /// How long the rank had worked before it.
    pub(super) work: u64,
    /// The number of its place; none has [`NO_PLACE`].
    pub(super) place: usize,
    /// Which of the calls that are several it is a piece of; [`WHOLE`].
    divided: usize,
}

/// Of no call that is several.
const WHOLE: usize = usize::MAX;

pub(super) const NO_PLACE: usize = usize::MAX;

impl Call<'_> {
    pub(super) fn elapsed(&self) -> u64 {
        self.end - self.start
    }

    /// How long it takes where messages take no time.
    pub(super) fn alone(&self) -> u64 {
        if role(self.event) == Role::Alone { self.elapsed() } else { 0 }
    }
}

impl<'t> Run<'t> {
    pub(super) fn of(trace: &'t Trace) -> Self {
        let logs: Vec<&RankLog> = trace.ranks.iter().collect();
        let begin = common_begin(&logs);
        let mut run = Self {
            calls: Vec::with_capacity(logs.iter().map(|log| log.events.len()).sum()),
            first: vec![0],
            ends: vec![],
            places: vec![],
            dropped: total(logs.iter().map(|log| log.dropped)),
            logs,
            divided: vec![],
        };
        let mut numbers = HashMap::new();
        for lane in 0..run.logs.len() {
            run.add(lane, begin, &mut numbers);
        }
        run
    }

    fn add(&mut self, lane: usize, begin: Option<u64>, numbers: &mut HashMap<&'t Place, usize>) {
        let log = self.logs[lane];
        let places: Vec<usize> =
            log.places.iter().map(|place| self.number(place, numbers)).collect();
        let rank_start = log.clock.common(log.start_ns).max(begin.unwrap_or(0));
        let (mut events, mut times) = (vec![], vec![]);
        for event in &log.events {
            let (start, end) = (log.clock.common(event.start_ns), log.clock.common(event.end_ns));
            // Of one that goes on then, the rest counts: it is no work.
            if begin.is_some_and(|begin| start < begin && end <= begin) {
                self.dropped = self.dropped.saturating_add(1);
                continue;
            }
            events.push(event);
            times.push((start, end));
        }
        let (mut now, mut open) = (rank_start, vec![]);
        pieces(&times, |piece| {
            let event = events[piece.call];
            // Clocks may go backwards.
            let start = piece.start.max(now);
            let end = piece.end.max(start);
            let place = places.get(usize::from(event.place)).copied().unwrap_or(NO_PLACE);
            let work = start - now;
            let divided = self.divided(&mut open, piece.is_first, piece.is_last);
            self.calls.push(Call { event, lane, start, end, work, place, divided });
            now = end;
        });
        self.ends.push((rank_start, log.clock.common(log.end_ns).max(now)));
        self.first.push(self.calls.len());
    }

    /// Which of the calls that are several the next piece is of. Those that go on are `open`.
    fn divided(&mut self, open: &mut Vec<usize>, is_first: bool, is_last: bool) -> usize {
        let at = self.calls.len();
        if is_first && is_last {
            return WHOLE;
        }
        if is_first {
            open.push(self.divided.len());
            self.divided.push((at, at));
        }
        let number = if is_last { open.pop() } else { open.last().copied() };
        let number = number.unwrap_or(WHOLE);
        if let Some((_, last)) = self.divided.get_mut(number) {
            *last = at;
        }
        number
    }

    /// The first piece of the call that this is, or is a piece of.
    pub(super) fn first_of(&self, at: usize) -> usize {
        self.divided.get(self.calls[at].divided).map_or(at, |(first, _)| *first)
    }

    /// The last piece of the call that this is, or is a piece of.
    pub(super) fn last_of(&self, at: usize) -> usize {
        self.divided.get(self.calls[at].divided).map_or(at, |(_, last)| *last)
    }

    /// How many calls there are.
    pub(super) fn count(&self) -> usize {
        (0..self.calls.len()).filter(|at| self.first_of(*at) == *at).count()
    }

    fn number(&mut self, place: &'t Place, numbers: &mut HashMap<&'t Place, usize>) -> usize {
        let next = self.places.len();
        *numbers.entry(place).or_insert_with(|| {
            self.places.push(place);
            next
        })
    }

    /// How many ranks there are.
    pub(super) fn lanes(&self) -> usize {
        self.logs.len()
    }

    pub(super) fn log(&self, lane: usize) -> &'t RankLog {
        self.logs[lane]
    }

    /// The calls of a rank, by their numbers.
    pub(super) fn of_lane(&self, lane: usize) -> std::ops::Range<usize> {
        self.first[lane]..self.first[lane + 1]
    }

    /// When the first rank began.
    pub(super) fn begin(&self) -> u64 {
        self.ends.iter().map(|(start, _)| *start).min().unwrap_or(0)
    }

    /// How long it took from there until the last rank ended.
    pub(super) fn runtime(&self) -> u64 {
        self.ends.iter().map(|(_, end)| *end).max().unwrap_or(0) - self.begin()
    }

    /// How long a rank worked after its last call.
    pub(super) fn tail(&self, lane: usize) -> u64 {
        let (start, end) = self.ends[lane];
        end - self.calls[self.of_lane(lane)].last().map_or(start, |call| call.end)
    }

    /// How long each rank worked: the time outside calls.
    pub(super) fn useful(&self) -> Vec<u64> {
        let of = |lane| {
            self.calls[self.of_lane(lane)].iter().map(|call| call.work).sum::<u64>()
                + self.tail(lane)
        };
        (0..self.lanes()).map(of).collect()
    }

    pub(super) fn place(&self, number: usize) -> String {
        self.places.get(number).map_or_else(|| "an unknown line".into(), |p| p.to_string())
    }

    /// The rank of the world that a lane is of.
    pub(super) fn rank(&self, lane: usize) -> usize {
        self.logs[lane].rank
    }
}

/// From when on all ranks are recorded; `None` if they are from the beginning.
fn common_begin(logs: &[&RankLog]) -> Option<u64> {
    let cut = logs.iter().filter(|log| log.dropped > 0);
    cut.filter_map(|log| log.events.first().map(|event| log.clock.common(event.start_ns))).max()
}
