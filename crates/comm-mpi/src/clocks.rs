//! How the clocks of ranks stand against that of rank 0, which asks all, one after another.

use std::cell::Cell;

use tenfold_comm::{Reading, Result};

use crate::header::{Header, Kind};
use crate::session::Session;

/// What has been said of clocks, and was not heeded yet.
#[derive(Debug, Default)]
pub(crate) struct Clocks {
    /// A time that rank 0 asked for; or that asks, at the others.
    time: Cell<Option<u64>>,
    /// How the clock of this rank stands.
    reading: Cell<Option<Reading>>,
}

/// Rank 0 asks so often: the answer that comes soonest tells how the clocks stand.
const ROUNDS: u32 = 20;

/// The answer that has come soonest of a rank.
#[derive(Debug, Default)]
struct Soonest {
    took: Option<u64>,
    reading: Reading,
}

impl Soonest {
    /// It has said its time, which was asked for and heard at these times here: half of what lies between is the error
    /// at most.
    fn hear(&mut self, asked: u64, said: u64, heard: u64) {
        let took = heard - asked;
        if self.took.is_none_or(|least| took < least) {
            let offset_ns = (asked + took / 2).cast_signed() - said.cast_signed();
            *self = Self { took: Some(took), reading: Reading { at_ns: said, offset_ns } };
        }
    }
}

impl Clocks {
    pub(crate) fn hear_time(&self, header: Header) {
        self.time.set(Some(header.count));
    }

    pub(crate) fn hear_reading(&self, header: Header) {
        let Header { count: at_ns, bytes, .. } = header;
        self.reading.set(Some(Reading { at_ns, offset_ns: bytes.cast_signed() }));
    }
}

impl Session {
    /// How the clock of this rank stands against that of rank 0. All come to this, and none waits for anything else.
    pub(crate) fn read_clocks(&self, now: impl Fn() -> u64) -> Result<Reading> {
        if self.rank > 0 {
            return self.answer_time(now);
        }
        for rank in 1..self.size {
            let mut soonest = Soonest::default();
            for _ in 0..ROUNDS {
                let asked = now();
                self.transport.send(rank, Header::alone(Kind::Time), &[])?;
                let said = self.until(|| self.clocks.time.take())?;
                soonest.hear(asked, said, now());
            }
            let Reading { at_ns, offset_ns } = soonest.reading;
            let (count, bytes) = (at_ns, offset_ns.cast_unsigned());
            let header = Header { count, bytes, ..Header::alone(Kind::Reading) };
            self.transport.send(rank, header, &[])?;
        }
        Ok(Reading::default())
    }

    /// Says what time it is whenever rank 0 asks, until that tells how the clock stands.
    fn answer_time(&self, now: impl Fn() -> u64) -> Result<Reading> {
        let Clocks { time, reading } = &self.clocks;
        loop {
            let said = self.until(|| match (reading.take(), time.take()) {
                (None, None) => None,
                (reading, _) => Some(reading),
            })?;
            if let Some(reading) = said {
                return Ok(reading);
            }
            self.transport.send(0, Header { count: now(), ..Header::alone(Kind::Time) }, &[])?;
        }
    }
}

#[cfg(test)]
mod tests {
    use tenfold_comm::{Clock, Reading};

    use super::{ROUNDS, Soonest};

    /// A clock that began late and goes wrong, by parts in a million: its time at a time of rank 0.
    fn shown(at: u64, began: u64, wrong: i64) -> u64 {
        let since = i128::from(at - began);
        (since + since * i128::from(wrong) / 1_000_000) as u64
    }

    /// What 20 answers tell from some time on, each of which takes another time there than back.
    fn read(from: u64, (began, wrong): (u64, i64)) -> Reading {
        let (mut soonest, mut at) = (Soonest::default(), from);
        for round in 0..u64::from(ROUNDS) {
            let (there, back) = (300 + 170 * ((round * 7 + 2) % 11), 300 + 130 * (round * 5 % 13));
            soonest.hear(at, shown(at + there, began, wrong), at + there + back);
            at += there + back;
        }
        soonest.reading
    }

    #[test]
    fn planted_offsets_and_drifts_are_found() {
        const HOUR: u64 = 3_600_000_000_000;
        for began in [0, 1_000, 5_000_000_000] {
            for wrong in [0, 1, 40, -40, 20_000, -20_000] {
                let planted = (began, wrong);
                let begin = began + 1_000_000;
                for length in [1_000_000, HOUR] {
                    let end = begin + length;
                    let clock = Clock { first: read(begin, planted), last: read(end, planted) };
                    for at in [begin, begin + length / 3, begin + length / 2, end] {
                        let told = clock.common(shown(at, began, wrong));
                        // The soonest are there and back in a microsecond, and wrong by half of that at most.
                        assert!(told.abs_diff(at) < 500, "{planted:?}: {told} for {at}");
                    }
                }
            }
        }
    }
}
