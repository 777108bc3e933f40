//! Chrome's trace-event JSON, which Perfetto and `chrome://tracing` open.

use std::fmt::{self, Display, Formatter, Write};
use std::time::Duration;

/// Where an event happened: a process (or rank) and a thread in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
pub struct Track {
    /// The process, or the rank.
    pub process: u32,
    /// The thread within the process.
    pub thread: u32,
}

/// A trace in the trace-event format, in its JSON object form.
///
/// Times count from any origin that the events share; they are written in microseconds with
/// three decimals, so nothing of a nanosecond clock is lost.
///
/// ```
/// use std::time::Duration;
/// use tenfold_report::{Trace, Track};
///
/// let mut trace = Trace::new();
/// let main = Track { process: 0, thread: 0 };
/// trace.process_name(0, "rank 0");
/// trace.complete(main, "stencil", "compute", Duration::ZERO, Duration::from_nanos(1500));
/// trace.counter(main, "bytes", Duration::from_micros(2), &[("sent", 64.0)]);
/// assert!(trace.to_json().contains("\"ph\":\"X\",\"ts\":0.000,\"dur\":1.500"));
/// ```
#[derive(Debug, Clone, Default)]
pub struct Trace {
    events: Vec<String>,
}

impl Trace {
    /// A trace without events.
    #[must_use]
    pub fn new() -> Trace {
        Trace::default()
    }

    /// Names a process.
    pub fn process_name(&mut self, process: u32, name: &str) {
        let name = Json(name);
        self.events.push(format!(
            "{{\"name\":\"process_name\",\"ph\":\"M\",\"pid\":{process},\"args\":{{\"name\":{name}}}}}"
        ));
    }

    /// Names a thread.
    pub fn thread_name(&mut self, track: Track, name: &str) {
        let (Track { process, thread }, name) = (track, Json(name));
        self.events.push(format!(
            "{{\"name\":\"thread_name\",\"ph\":\"M\",\"pid\":{process},\"tid\":{thread},\
             \"args\":{{\"name\":{name}}}}}"
        ));
    }

    /// Something that took time.
    pub fn complete(
        &mut self,
        track: Track,
        name: &str,
        category: &str,
        start: Duration,
        elapsed: Duration,
    ) {
        self.complete_with(track, name, category, start, elapsed, &[]);
    }

    /// Something that took time, with facts that the viewer shows beside it.
    pub fn complete_with(
        &mut self,
        track: Track,
        name: &str,
        category: &str,
        start: Duration,
        elapsed: Duration,
        facts: &[(&str, &str)],
    ) {
        let (head, elapsed) = (head(track, name), Micros(elapsed));
        let category = Json(category);
        let mut event = format!(
            "{{{head},\"ph\":\"X\",\"ts\":{},\"dur\":{elapsed},\"cat\":{category}",
            Micros(start)
        );
        if !facts.is_empty() {
            let facts = facts.iter().map(|(key, value)| (*key, Json(value).to_string()));
            event += &object("args", facts);
        }
        self.events.push(event + "}");
    }

    /// An arrow from a moment of one track to a moment of another, such as a message. It begins and ends
    /// in what these tracks were doing then. Each needs a number of its own.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tenfold_report::{Trace, Track};
    ///
    /// let mut trace = Trace::new();
    /// let [from, to] = [0, 1].map(|process| Track { process, thread: 0 });
    /// trace.flow("message", 7, (from, Duration::ZERO), (to, Duration::from_micros(3)));
    /// assert!(trace.to_json().contains("\"ph\":\"f\",\"bp\":\"e\",\"id\":7,\"ts\":3.000"));
    /// ```
    pub fn flow(&mut self, name: &str, id: u64, from: (Track, Duration), to: (Track, Duration)) {
        for (phase, (track, at)) in [("\"s\"", from), ("\"f\",\"bp\":\"e\"", to)] {
            let (head, at) = (head(track, name), Micros(at));
            self.events.push(format!(
                "{{{head},\"ph\":{phase},\"id\":{id},\"ts\":{at},\"cat\":\"flow\"}}"
            ));
        }
    }

    /// Values at a moment, drawn as stacked areas. Values that are not finite are left out,
    /// because JSON cannot say them.
    pub fn counter(&mut self, track: Track, name: &str, at: Duration, values: &[(&str, f64)]) {
        let finite = values.iter().filter(|(_, value)| value.is_finite());
        let values = finite.map(|(series, value)| (*series, format!("{value:e}")));
        let (head, ts) = (head(track, name), Micros(at));
        let args = object("args", values);
        self.events.push(format!("{{{head},\"ph\":\"C\",\"ts\":{ts}{args}}}"));
    }

    /// The number of events.
    #[must_use]
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// Whether there is no event yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// The document.
    #[must_use]
    pub fn to_json(&self) -> String {
        let events = self.events.join(",\n");
        format!("{{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n{events}\n]}}\n")
    }
}

fn head(track: Track, name: &str) -> String {
    format!("\"name\":{},\"pid\":{},\"tid\":{}", Json(name), track.process, track.thread)
}

/// A further member of an object: `,"name":{...}`.
fn object(name: &str, members: impl Iterator<Item = (impl AsRef<str>, String)>) -> String {
    let members: Vec<String> =
        members.map(|(key, value)| format!("{}:{value}", Json(key.as_ref()))).collect();
    format!(",{}:{{{}}}", Json(name), members.join(","))
}

/// Microseconds with three decimals, from whole nanoseconds: no rounding.
struct Micros(Duration);

impl Display for Micros {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let nanos = self.0.as_nanos();
        write!(f, "{}.{:03}", nanos / 1000, nanos % 1000)
    }
}

/// A JSON string, quoted and escaped (RFC 8259, section 7).
struct Json<'a>(&'a str);

impl Display for Json<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        for c in self.0.chars() {
            match c {
                '"' => f.write_str("\\\"")?,
                '\\' => f.write_str("\\\\")?,
                '\n' => f.write_str("\\n")?,
                '\t' => f.write_str("\\t")?,
                c if c.is_control() => write!(f, "\\u{:04x}", u32::from(c))?,
                c => f.write_char(c)?,
            }
        }
        f.write_char('"')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn micros_keep_every_nanosecond() {
        assert_eq!(Micros(Duration::from_nanos(1_234_567)).to_string(), "1234.567");
        assert_eq!(Micros(Duration::from_nanos(5)).to_string(), "0.005");
        assert_eq!(Micros(Duration::MAX).to_string(), "18446744073709551615999999.999");
    }

    #[test]
    fn strings_are_quoted() {
        assert_eq!(Json("a\"\\\n\u{1}é").to_string(), "\"a\\\"\\\\\\n\\u0001é\"");
    }
}
