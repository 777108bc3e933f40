//! The analysis in a few numbers, for programs.

use super::{Analysis, RankTime, total};

const SECOND: f64 = 1e9;

impl Analysis {
    /// A JSON object of seconds and efficiencies.
    ///
    /// ```text
    /// {"seconds": of the run, "ideal_seconds": if messages took no time, "calls": how many were analysed,
    ///  "load_balance": .., "serialisation": .., "transfer": .., "parallel": from 0 to 1, see `Efficiency`,
    ///  "mean": {"compute": .., "communication": .., "wait": ..},
    ///  "ranks": [{"rank": 0, "compute": .., "communication": .., "wait": ..}, ..],
    ///  "complete": whether the trace has all calls of all ranks}
    /// ```
    ///
    /// Of a rank's seconds, `compute` passed outside calls ([`useful_ns`](RankTime::useful_ns)), `wait` in calls for
    /// ranks that were not there yet ([`waiting_ns`](RankTime::waiting_ns)), and `communication` is the rest of its
    /// calls ([`transfer_ns`](RankTime::transfer_ns)). `mean` is that of all ranks; of none it is 0.
    ///
    /// ```
    /// use tenfold_comm::{Analysis, CallKind, Event, RankLog, Trace};
    ///
    /// let second = 1_000_000_000;
    /// let event = Event::new(CallKind::Send, second, 3 * second);
    /// let log = RankLog { end_ns: 4 * second, events: vec![event], ..RankLog::new(0) };
    /// let summary = Analysis::of(&Trace { size: 1, ranks: vec![log] }).to_summary();
    /// assert!(summary.contains("\"mean\": {\"compute\": 2, \"communication\": 2, \"wait\": 0}"));
    /// ```
    #[must_use]
    pub fn to_summary(&self) -> String {
        let seconds = |ns: u64| ns as f64 / SECOND;
        let efficiency = self.efficiency;
        let ranks = self.ranks.iter().map(|time| {
            let parts = parts(time).map(seconds);
            format!("    {{\"rank\": {}, {}}}", time.rank, members(parts))
        });
        let ranks: Vec<String> = ranks.collect();
        format!(
            "{{\n  \"seconds\": {},\n  \"ideal_seconds\": {},\n  \"calls\": {},\n  \
             \"load_balance\": {},\n  \"serialisation\": {},\n  \"transfer\": {},\n  \"parallel\": {},\n  \
             \"mean\": {{{}}},\n  \"ranks\": [\n{}\n  ],\n  \"complete\": {}\n}}\n",
            seconds(self.runtime_ns),
            seconds(self.ideal_ns),
            self.calls,
            efficiency.load_balance,
            efficiency.serialisation,
            efficiency.transfer,
            efficiency.parallel(),
            members(self.means()),
            ranks.join(",\n"),
            self.is_complete,
        )
    }

    /// The parts of the time, as means over all ranks, in seconds.
    fn means(&self) -> [f64; 3] {
        let sum = |part: usize| total(self.ranks.iter().map(|time| parts(time)[part]));
        [0, 1, 2].map(|part| sum(part) as f64 / SECOND / self.ranks.len().max(1) as f64)
    }
}

/// Nanoseconds of work, of messages, of waiting.
fn parts(time: &RankTime) -> [u64; 3] {
    [time.useful_ns, time.transfer_ns, time.waiting_ns()]
}

/// Finite numbers, as JSON writes them too.
fn members([compute, communication, wait]: [f64; 3]) -> String {
    format!("\"compute\": {compute}, \"communication\": {communication}, \"wait\": {wait}")
}

#[cfg(test)]
mod tests {
    use crate::{Analysis, CallKind, RankLog, Trace, analysis::built::Built};

    /// Rank 0 works for 3 s and sends; rank 1 waits for that, and has the message a second later.
    #[test]
    fn the_parts_of_each_rank_are_those_of_the_analysis() {
        let mut built = Built::new(2);
        let second = 1_000_000_000;
        built.send((0, 1), CallKind::Send, 8, (3 * second, 3 * second), 1);
        built.recv((0, 1), CallKind::Recv, (0, 4 * second), 2);
        let summary = Analysis::of(&built.trace()).to_summary();
        for part in [
            "\"mean\": {\"compute\": 1.5, \"communication\": 0.5, \"wait\": 1.5}",
            "{\"rank\": 1, \"compute\": 0, \"communication\": 1, \"wait\": 3}\n",
            "\"load_balance\": 0.5,",
            "\"complete\": true\n",
        ] {
            assert!(summary.contains(part), "{part} in {summary}");
        }
    }

    #[test]
    fn what_is_missing_is_told() {
        let lost = Analysis::of(&Trace { size: 2, ranks: vec![RankLog::new(0)] }).to_summary();
        assert!(lost.contains("\"complete\": false"), "{lost}");
        let full = RankLog { dropped: 1, ..RankLog::new(0) };
        let full = Analysis::of(&Trace { size: 1, ranks: vec![full] }).to_summary();
        assert!(full.contains("\"complete\": false"), "{full}");
        let nothing = Analysis::of(&Trace::default()).to_summary();
        assert!(nothing.contains("\"mean\": {\"compute\": 0, \"communication\": 0, \"wait\": 0}"));
    }
}
