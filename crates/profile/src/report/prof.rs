//! Python's `.prof`: a dictionary in the marshal format, as cProfile dumps it.
//!
//! ```text
//! {(file, line, name): (primitive calls, calls, tottime, cumtime,
//!     {caller: (calls, primitive calls, tottime, cumtime)})}
//! ```
//!
//! The order of the two counts does differ between function and caller: pstats reads it so.

use super::Report;
use super::analysis::{self, Edge, Sum};
use super::document::Place;

pub(crate) fn write(report: &Report) -> Vec<u8> {
    let edges = analysis::edges(&report.document);
    let mut out = Marshal::default();
    out.open_dict();
    for (at, function) in report.by_place.iter().enumerate().filter(|(_, f)| f.calls() > 0) {
        out.place(&function.place);
        let Sum { calls, primitive_calls, self_ns, total_ns, .. } = function.sum;
        out.tuple(5);
        out.int(primitive_calls);
        out.int(calls);
        out.seconds(self_ns);
        out.seconds(total_ns);
        out.open_dict();
        for Edge { caller, sum, .. } in edges.iter().filter(|edge| edge.callee == at) {
            let Some(caller) = caller else { continue };
            out.place(&report.document.functions[*caller]);
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

    fn place(&mut self, place: &Place) {
        self.tuple(3);
        self.text(&place.file);
        self.int(u64::from(place.line));
        self.text(&place.name);
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
