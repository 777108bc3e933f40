//! Traces as files.
//!
//! Little-endian numbers: the magic and the version, the size of the world, the number of logs, and for each log
//! its numbers, its tables and its events of 64 bytes.

use std::fs;
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use super::{Clock, Ended, Event, Members, Outcome, Place, RankLog, Reading, Trace};
use crate::{CallKind, Error, ErrorKind, Result};

const MAGIC: &[u8; 8] = b"TFTRACE\x02";

/// Where the clock of the first log stands: behind the magic, the sizes of the world and of the list, and the rank.
const CLOCK: u64 = 32;

impl Trace {
    /// Writes it to a file, which [`read`](Self::read) reads.
    ///
    /// ```
    /// use tenfold_comm::{RankLog, Trace};
    ///
    /// let path = std::env::temp_dir().join(format!("{}.trace", std::process::id()));
    /// let trace = Trace { size: 1, ranks: vec![RankLog::new(0)] };
    /// trace.write(&path)?;
    /// assert_eq!(Trace::read(&path)?, trace);
    /// # std::fs::remove_file(path).unwrap();
    /// # Ok::<(), tenfold_comm::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`TraceFile`](ErrorKind::TraceFile), whose source says which file cannot be written, and why. What is there of
    /// it then is refused by [`read`](Self::read).
    pub fn write(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        fs::write(path, self.to_bytes()).map_err(|source| not_written(path, &source))
    }

    /// Sets the clock of the first log of a file that [`write`](Self::write) has written. A rank that is a process knows
    /// how its clock has gone when all have ended; where one fails its trace must be there before.
    ///
    /// ```
    /// use tenfold_comm::{Clock, RankLog, Reading, Trace};
    ///
    /// let path = std::env::temp_dir().join(format!("clock-{}.trace", std::process::id()));
    /// Trace { size: 2, ranks: vec![RankLog::new(1)] }.write(&path)?;
    /// let last = Reading { at_ns: 9, offset_ns: -3 };
    /// let clock = Clock { first: Reading::default(), last };
    /// Trace::set_clock(&path, clock)?;
    /// assert_eq!(Trace::read(&path)?.ranks[0].clock, clock);
    /// # std::fs::remove_file(path).unwrap();
    /// # Ok::<(), tenfold_comm::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub fn set_clock(path: impl AsRef<Path>, clock: Clock) -> Result<()> {
        let path = path.as_ref();
        let mut out = Out::default();
        out.clock(clock);
        let set = || {
            let mut file = fs::OpenOptions::new().write(true).open(path)?;
            file.seek(SeekFrom::Start(CLOCK))?;
            file.write_all(out.bytes())
        };
        set().map_err(|source| not_written(path, &source))
    }

    /// Reads what [`write`](Self::write) has written.
    ///
    /// # Errors
    /// [`TraceFile`](ErrorKind::TraceFile) for a file that cannot be read, is cut off, is something else, or of
    /// another version.
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let refused = |source| Error::caused(ErrorKind::TraceFile { must: "readable" }, source);
        Self::from_bytes(&fs::read(path).map_err(refused)?)
    }

    /// The bytes of the file.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Out(MAGIC.to_vec());
        out.put(self.size as u64);
        out.list(&self.ranks, Out::log);
        out.0
    }

    /// What such bytes mean.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let rest = bytes
            .strip_prefix(MAGIC)
            .ok_or(ErrorKind::TraceFile { must: "a trace of this version" })?;
        let mut input = In(rest);
        let size = input.size()?;
        let ranks = input.list(In::log)?;
        if !input.0.is_empty() {
            return Err(ErrorKind::TraceFile { must: "a trace and nothing behind it" }.into());
        }
        Ok(Self { size, ranks })
    }
}

/// Bytes that are written.
#[derive(Debug, Default)]
pub(crate) struct Out(Vec<u8>);

impl Out {
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn put(&mut self, number: u64) {
        self.0.extend(number.to_le_bytes());
    }

    fn put_half(&mut self, number: u32) {
        self.0.extend(number.to_le_bytes());
    }

    /// Things behind a number that says how many, as [`In::list`] reads them.
    pub(crate) fn list<T>(&mut self, list: &[T], mut one: impl FnMut(&mut Self, &T)) {
        self.put(list.len() as u64);
        list.iter().for_each(|it| one(self, it));
    }

    fn log(&mut self, log: &RankLog) {
        self.put(log.rank as u64);
        self.clock(log.clock);
        self.put(log.start_ns);
        self.put(log.end_ns);
        self.put(log.ended as u64);
        self.put(log.dropped);
        self.list(&log.places, Self::place);
        self.list(&log.communicators, Self::members);
        self.list(&log.events, Self::event);
    }

    fn members(&mut self, members: &Members) {
        self.put(members.id);
        self.list(&members.ranks, |out, &rank| out.put_half(rank));
    }

    fn clock(&mut self, clock: Clock) {
        for Reading { at_ns, offset_ns } in [clock.first, clock.last] {
            self.put(at_ns);
            self.put(offset_ns.cast_unsigned());
        }
    }

    pub(crate) fn place(&mut self, place: &Place) {
        self.put_half(place.line);
        self.put_half(place.column);
        self.put(place.file.len() as u64);
        self.0.extend(place.file.as_bytes());
    }

    fn event(&mut self, event: &Event) {
        let Event { kind, outcome, place, communicator, .. } = *event;
        self.0.extend([kind as u8, outcome as u8]);
        self.0.extend(place.to_le_bytes());
        self.put_half(communicator);
        for number in [event.start_ns, event.end_ns, event.sent, event.received] {
            self.put(number);
        }
        let Event { to, from, tag, want, sequence, link, .. } = *event;
        for number in [to, from, tag, want, sequence, link] {
            self.put_half(number);
        }
    }
}

/// Bytes that are read.
#[derive(Debug)]
pub(crate) struct In<'a>(&'a [u8]);

impl<'a> In<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    fn bytes<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (bytes, rest) = self.0.split_first_chunk::<N>().ok_or_else(cut_off)?;
        self.0 = rest;
        Ok(*bytes)
    }

    pub(crate) fn number(&mut self) -> Result<u64> {
        self.bytes().map(u64::from_le_bytes)
    }

    fn half(&mut self) -> Result<u32> {
        self.bytes().map(u32::from_le_bytes)
    }

    pub(crate) fn size(&mut self) -> Result<usize> {
        usize::try_from(self.number()?).map_err(|_| cut_off())
    }

    /// As many as a number before them says. They are not made room for before they are there.
    pub(crate) fn list<T>(
        &mut self,
        mut one: impl FnMut(&mut Self) -> Result<T>,
    ) -> Result<Vec<T>> {
        let count = self.size()?;
        let mut list = vec![];
        for _ in 0..count {
            list.push(one(self)?);
        }
        Ok(list)
    }

    fn log(&mut self) -> Result<RankLog> {
        let rank = self.size()?;
        let clock = Clock { first: self.reading()?, last: self.reading()? };
        let (start_ns, end_ns) = (self.number()?, self.number()?);
        let ended = match self.number()? {
            0 => Ended::Well,
            1 => Ended::Error,
            2 => Ended::Panic,
            _ => return Err(foreign()),
        };
        let dropped = self.number()?;
        let places = self.list(Self::place)?;
        let communicators = self.list(Self::members)?;
        let events = self.list(Self::event)?;
        Ok(RankLog { rank, clock, start_ns, end_ns, ended, events, dropped, places, communicators })
    }

    fn reading(&mut self) -> Result<Reading> {
        Ok(Reading { at_ns: self.number()?, offset_ns: self.number()?.cast_signed() })
    }

    pub(crate) fn place(&mut self) -> Result<Place> {
        let (line, column, len) = (self.half()?, self.half()?, self.size()?);
        let (file, rest) = self.0.split_at_checked(len).ok_or_else(cut_off)?;
        self.0 = rest;
        let file = str::from_utf8(file).map_err(|_| foreign())?.into();
        Ok(Place { file, line, column })
    }

    fn members(&mut self) -> Result<Members> {
        Ok(Members { id: self.number()?, ranks: self.list(Self::half)? })
    }

    fn event(&mut self) -> Result<Event> {
        let [kind, outcome] = self.bytes()?;
        let kind = CallKind::numbered(kind).ok_or_else(foreign)?;
        let outcome = match outcome {
            0 => Outcome::Done,
            1 => Outcome::Nothing,
            2 => Outcome::Failed,
            _ => return Err(foreign()),
        };
        Ok(Event {
            kind,
            outcome,
            place: self.bytes().map(u16::from_le_bytes)?,
            communicator: self.half()?,
            start_ns: self.number()?,
            end_ns: self.number()?,
            sent: self.number()?,
            received: self.number()?,
            to: self.half()?,
            from: self.half()?,
            tag: self.half()?,
            want: self.half()?,
            sequence: self.half()?,
            link: self.half()?,
        })
    }
}

fn not_written(path: &Path, source: &io::Error) -> Error {
    let told = io::Error::new(source.kind(), format!("{}: {source}", path.display()));
    Error::caused(ErrorKind::TraceFile { must: "writable" }, told)
}

fn cut_off() -> Error {
    ErrorKind::TraceFile { must: "whole, it is cut off" }.into()
}

pub(crate) fn foreign() -> Error {
    ErrorKind::TraceFile { must: "as it was written, a number in it means nothing" }.into()
}

#[cfg(test)]
mod tests {
    use super::{Clock, Event, Members, Place, RankLog, Reading, Trace};
    use crate::{CallKind, ErrorKind};

    fn example() -> Trace {
        let mut log = RankLog::new(1);
        let reading = |at_ns, offset_ns| Reading { at_ns, offset_ns };
        log.clock = Clock { first: reading(1, -2), last: reading(3, -4) };
        log.places.push(Place { file: "ring.rs".into(), line: 31, column: 5 });
        log.communicators.push(Members { id: 4, ranks: vec![0, 1] });
        log.events.push(Event { to: 0, sent: 8, ..Event::new(CallKind::Exchange, 3, 9) });
        Trace { size: 2, ranks: vec![RankLog::new(0), log] }
    }

    #[test]
    fn what_is_written_is_read() {
        assert_eq!(Trace::from_bytes(&example().to_bytes()).unwrap(), example());
    }

    #[test]
    fn each_cut_is_an_error() {
        let bytes = example().to_bytes();
        for len in 0..bytes.len() {
            let error = Trace::from_bytes(&bytes[..len]).unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::TraceFile { .. }), "{len}");
        }
        let longer = [&bytes[..], &[0]].concat();
        assert!(Trace::from_bytes(&longer).is_err());
    }

    #[test]
    fn other_files_are_refused() {
        assert!(Trace::from_bytes(b"PNG").is_err());
        let mut bytes = example().to_bytes();
        let last = bytes.len() - 64;
        bytes[last] = u8::MAX;
        assert!(Trace::from_bytes(&bytes).is_err());
    }
}
