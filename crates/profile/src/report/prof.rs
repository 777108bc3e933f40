//! Python's `.prof`: a dictionary in the marshal format, as cProfile dumps it.
//!
//! ```text
//! {(file, line, name): (primitive calls, calls, tottime, cumtime,
//!     {caller: (calls, primitive calls, tottime, cumtime)})}
//! ```
//!
//! The order of the two counts does differ between function and caller: pstats reads it so.
//!
//! Not as in cProfile: of a function that calls itself, the primitive calls and `cumtime` from itself
//! are 0, where cProfile has those of its outermost calls from itself. They stand with the caller of
//! the outermost call, and calls further in are not kept apart.

use std::collections::BTreeMap;

use super::Report;
use super::analysis::{self, Sum};
use super::document::Place;

/// File, line and name: what pstats takes for one function. Places that a macro wrote share them.
type Key<'a> = (&'a str, u32, &'a str);

/// What stands behind a key: its sum, and those of its callers.
type Entry<'a> = (Sum, BTreeMap<Key<'a>, Sum>);

fn key(place: &Place) -> Key<'_> {
    (&place.file, place.line, &place.name)
}

/// A dictionary has each key once: a later one would take the earlier one's place.
fn entries(report: &Report) -> BTreeMap<Key<'_>, Entry<'_>> {
    let mut entries: BTreeMap<Key<'_>, Entry<'_>> = BTreeMap::new();
    for function in report.by_place.iter().filter(|function| function.calls() > 0) {
        entries.entry(key(&function.place)).or_default().0.add(&function.sum);
    }
    let place = |at: usize| key(&report.document.functions[at]);
    for edge in analysis::edges(&report.document) {
        let Some(caller) = edge.caller else { continue };
        let (_, callers) = entries.entry(place(edge.callee)).or_default();
        callers.entry(place(caller)).or_default().add(&edge.sum);
    }
    entries
}

pub(crate) fn write(report: &Report) -> Vec<u8> {
    let mut out = Marshal::default();
    out.open_dict();
    for (place, (sum, callers)) in entries(report) {
        out.place(place);
        let Sum { calls, primitive_calls, self_ns, total_ns, .. } = sum;
        out.tuple(5);
        out.int(primitive_calls);
        out.int(calls);
        out.seconds(self_ns);
        out.seconds(total_ns);
        out.open_dict();
        for (caller, sum) in callers {
            out.place(caller);
            out.tuple(4);
            out.int(sum.calls);
            out.int(sum.primitive_calls);
            out.seconds(sum.self_ns);
            out.seconds(sum.total_ns);
        }
        out.close_dict();
    }
    out.close_dict();
    out.bytes
}

/// A writer of the marshal format, of those types that a profile has.
#[derive(Debug, Default)]
struct Marshal {
    bytes: Vec<u8>,
}

impl Marshal {
    fn open_dict(&mut self) {
        self.bytes.push(b'{');
    }

    fn close_dict(&mut self) {
        self.bytes.push(b'0');
    }

    fn size(&mut self, size: usize) {
        let size = i32::try_from(size).unwrap_or(i32::MAX);
        self.bytes.extend(size.to_le_bytes());
    }

    fn tuple(&mut self, size: usize) {
        self.bytes.push(b'(');
        self.size(size);
    }

    fn text(&mut self, text: &str) {
        self.bytes.push(b'u');
        self.size(text.len());
        self.bytes.extend(text.as_bytes());
    }

    /// One of 32 bits with a sign, or a long one in digits of 15 bits.
    fn int(&mut self, value: u64) {
        if let Ok(value) = i32::try_from(value) {
            self.bytes.push(b'i');
            self.bytes.extend(value.to_le_bytes());
            return;
        }
        let digits: Vec<u16> = std::iter::successors(Some(value), |value| Some(value >> 15))
            .take_while(|value| *value > 0)
            .map(|value| u16::try_from(value & 0x7fff).unwrap_or(0))
            .collect();
        self.bytes.push(b'l');
        self.size(digits.len());
        digits.iter().for_each(|digit| self.bytes.extend(digit.to_le_bytes()));
    }

    fn seconds(&mut self, ns: f64) {
        self.bytes.push(b'g');
        self.bytes.extend((ns / 1e9).to_le_bytes());
    }

    fn place(&mut self, (file, line, name): Key<'_>) {
        self.tuple(3);
        self.text(file);
        self.int(u64::from(line));
        self.text(name);
    }
}

#[cfg(test)]
mod tests {
    use super::Marshal;

    #[test]
    fn ints_are_as_python_writes_them() {
        let bytes = |value| {
            let mut out = Marshal::default();
            out.int(value);
            out.bytes
        };
        assert_eq!(bytes(7), b"i\x07\0\0\0");
        assert_eq!(bytes(0x7fff_ffff), b"i\xff\xff\xff\x7f");
        // marshal.dumps(1 << 31, 1)
        assert_eq!(bytes(1 << 31), b"l\x03\0\0\0\0\0\0\0\x02\0");
    }
}
