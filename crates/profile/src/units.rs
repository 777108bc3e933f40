//! Numbers as people read them.

use std::fmt;

/// Three significant digits and a unit that fits.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Nanoseconds(pub(crate) f64);

impl fmt::Display for Nanoseconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (value, unit) = match self.0 {
            ns if ns < 999.5 => (ns, "ns"),
            ns if ns < 999.5e3 => (ns / 1e3, "µs"),
            ns if ns < 999.5e6 => (ns / 1e6, "ms"),
            ns => (ns / 1e9, "s"),
        };
        write!(f, "{value:.*} {unit}", decimals(value))
    }
}

/// Three significant digits and a unit that fits; powers of 1024.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bytes(pub(crate) f64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.0.abs();
        if size < 999.5 {
            return write!(f, "{:.0} B", self.0);
        }
        let units = [(1024.0, "KiB"), (1_048_576.0, "MiB"), (1_073_741_824.0, "GiB")];
        let fits = units.into_iter().find(|(unit, _)| size / unit < 999.5);
        let (unit, name) = fits.unwrap_or(units[2]);
        write!(f, "{:.*} {name}", decimals(size / unit), self.0 / unit)
    }
}

/// A share as a percentage with one decimal.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Percent(pub(crate) f64);

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} %", 100.0 * self.0)
    }
}

fn decimals(value: f64) -> usize {
    match value {
        v if v < 9.995 => 2,
        v if v < 99.95 => 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::{Bytes, Nanoseconds, Percent};

    #[test]
    fn three_digits_and_a_unit() {
        let cases = [
            (0.371, "0.37 ns"),
            (9.999, "10.0 ns"),
            (999.4, "999 ns"),
            (999.6, "1.00 µs"),
            (12_345.0, "12.3 µs"),
            (2.5e6, "2.50 ms"),
            (61e9, "61.0 s"),
        ];
        for (ns, text) in cases {
            assert_eq!(Nanoseconds(ns).to_string(), text);
        }
    }

    #[test]
    fn bytes_and_shares() {
        let cases = [
            (0.0, "0 B"),
            (999.0, "999 B"),
            (1023.0, "1.00 KiB"),
            (-2048.0, "-2.00 KiB"),
            (5e6, "4.77 MiB"),
            (1e13, "9313 GiB"),
        ];
        for (bytes, text) in cases {
            assert_eq!(Bytes(bytes).to_string(), text);
        }
        assert_eq!(Percent(0.9042).to_string(), "90.4 %");
    }
}
