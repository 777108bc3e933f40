//! Numbers as people read them.

/// What a number counts, and so how it is written.
///
/// ```
/// use tenfold_report::Unit;
///
/// assert_eq!(Unit::Seconds.format(12.34e-6), "12.3 µs");
/// assert_eq!(Unit::Si("B/s").format(1.2e9), "1.2 GB/s");
/// assert_eq!(Unit::Bytes.format(1536.0), "1.5 KiB");
/// assert_eq!(Unit::Ratio.format(2.8), "2.8×");
/// assert_eq!(Unit::Percent.format(0.125), "12.5 %");
/// assert_eq!(Unit::Seconds.format(f64::NAN), "n/a");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unit {
    /// A bare number.
    #[default]
    Plain,
    /// Seconds, written from nanoseconds to days.
    Seconds,
    /// Bytes of memory, in powers of 1024.
    Bytes,
    /// Anything that takes SI prefixes, such as `B/s` or `FLOP/s`.
    Si(&'static str),
    /// A factor, such as a speed-up.
    Ratio,
    /// A share, where 1 is 100 %.
    Percent,
}

impl Unit {
    /// The number with its unit, to three significant digits; `n/a` when it is not finite.
    #[must_use]
    pub fn format(self, value: f64) -> String {
        match self {
            Unit::Plain => plain(value),
            Unit::Seconds => duration(value),
            Unit::Bytes => bytes(value),
            Unit::Si(unit) => si(value, unit),
            Unit::Ratio => with_suffix(value, "×"),
            Unit::Percent => with_suffix(value * 100.0, " %"),
        }
    }
}

type Step = (f64, &'static str);

const SI: [Step; 17] = [
    (1e24, "Y"),
    (1e21, "Z"),
    (1e18, "E"),
    (1e15, "P"),
    (1e12, "T"),
    (1e9, "G"),
    (1e6, "M"),
    (1e3, "k"),
    (1.0, ""),
    (1e-3, "m"),
    (1e-6, "µ"),
    (1e-9, "n"),
    (1e-12, "p"),
    (1e-15, "f"),
    (1e-18, "a"),
    (1e-21, "z"),
    (1e-24, "y"),
];

const BINARY: [Step; 6] = [
    (1_125_899_906_842_624.0, "Pi"),
    (1_099_511_627_776.0, "Ti"),
    (1_073_741_824.0, "Gi"),
    (1_048_576.0, "Mi"),
    (1024.0, "Ki"),
    (1.0, ""),
];

/// Beyond two of a larger unit the larger one is used; nobody reads picoseconds, so the
/// nanosecond is the last.
const TIME: [Step; 7] = [
    (172_800.0, "d"),
    (7200.0, "h"),
    (120.0, "min"),
    (1.0, "s"),
    (1e-3, "ms"),
    (1e-6, "µs"),
    (1e-9, "ns"),
];

/// A number with an SI prefix and its unit, to three significant digits.
///
/// ```
/// use tenfold_report::si;
/// assert_eq!(si(1.2e9, "B/s"), "1.2 GB/s");
/// assert_eq!(si(999_600.0, "op"), "1 Mop");
/// assert_eq!(si(f64::INFINITY, "B"), "n/a");
/// ```
#[must_use]
pub fn si(value: f64, unit: &str) -> String {
    stepped(value, &SI, unit)
}

/// A time given in seconds, to three significant digits, from nanoseconds to days.
///
/// ```
/// use tenfold_report::duration;
/// assert_eq!(duration(0.37e-9), "0.37 ns");
/// assert_eq!(duration(12.3e-6), "12.3 µs");
/// assert_eq!(duration(90.0), "90 s");
/// assert_eq!(duration(300.0), "5 min");
/// ```
#[must_use]
pub fn duration(seconds: f64) -> String {
    let Some(rounded) = round3(seconds) else { return "n/a".to_owned() };
    let size = rounded.abs();
    let step = TIME.iter().find(|step| size >= step.0).unwrap_or(&TIME[TIME.len() - 1]);
    let scale = match step.1 {
        "d" => 86_400.0,
        "h" => 3600.0,
        "min" => 60.0,
        _ => step.0,
    };
    if size == 0.0 { "0 s".to_owned() } else { scaled(rounded, scale, step.1, "s") }
}

/// Not rounded beforehand: 1023 bytes are not 1020.
fn bytes(value: f64) -> String {
    if !value.is_finite() {
        return "n/a".to_owned();
    }
    let step = BINARY.iter().find(|step| value.abs() >= step.0).unwrap_or(&(1.0, ""));
    scaled(value, step.0, &format!("{}B", step.1), "B")
}

fn stepped(value: f64, steps: &[Step], unit: &str) -> String {
    let Some(rounded) = round3(value) else { return "n/a".to_owned() };
    let last = steps.len() - 1;
    let step = match steps.iter().find(|step| rounded.abs() >= step.0) {
        Some(step) => step,
        None if rounded == 0.0 => &(1.0, ""),
        None => &steps[last],
    };
    scaled(rounded, step.0, &format!("{}{unit}", step.1), unit)
}

/// Writes `value / scale`, or falls back to powers of ten in the bare unit.
fn scaled(value: f64, scale: f64, unit: &str, bare: &str) -> String {
    let scaled = value / scale;
    let legible = value == 0.0 || (0.001..1e5).contains(&scaled.abs());
    let (digits, unit) =
        if legible { (significant(scaled), unit) } else { (scientific(value), bare) };
    if unit.is_empty() { digits } else { format!("{digits} {unit}") }
}

fn plain(value: f64) -> String {
    match value {
        v if !v.is_finite() => "n/a".to_owned(),
        // `+ 0.0` turns a negative zero into zero.
        v if v.fract() == 0.0 && v.abs() < 1e7 => format!("{:.0}", v + 0.0),
        v if (0.001..1e7).contains(&v.abs()) => significant(v),
        v => scientific(v),
    }
}

fn with_suffix(value: f64, suffix: &str) -> String {
    if value.is_finite() { plain(value) + suffix } else { "n/a".to_owned() }
}

/// Rounds to three significant digits before the prefix is chosen, so that 999.9 becomes 1 k.
fn round3(value: f64) -> Option<f64> {
    if !value.is_finite() {
        return None;
    }
    // Above about 1.7975e308 rounding up would overflow: then the number stands as it is.
    format!("{value:.2e}").parse().ok().filter(|v: &f64| v.is_finite()).or(Some(value))
}

fn significant(value: f64) -> String {
    let decimals = match value.abs() {
        v if v >= 99.95 => 0,
        v if v >= 9.995 => 1,
        v if v >= 0.9995 => 2,
        v if v >= 0.09995 => 3,
        v if v >= 0.009_995 => 4,
        _ => 5,
    };
    trim(&format!("{value:.decimals$}")).to_owned()
}

fn scientific(value: f64) -> String {
    let text = format!("{value:.2e}");
    match text.split_once('e') {
        Some((mantissa, exponent)) => format!("{}e{exponent}", trim(mantissa)),
        None => text,
    }
}

fn trim(digits: &str) -> &str {
    if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { digits }
}

/// The geometric mean, the one mean that is right for ratios.
///
/// `None` when there is no value, or one that is not finite and positive: a mean over part of
/// the values would not say what it seems to say. Summed in the order given.
///
/// ```
/// use tenfold_report::geometric_mean;
/// assert_eq!(geometric_mean([2.0, 8.0]), Some(4.0));
/// assert_eq!(geometric_mean([]), None);
/// assert_eq!(geometric_mean([2.0, 0.0]), None);
/// ```
#[must_use]
pub fn geometric_mean(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let (mut count, mut sum) = (0.0, 0.0);
    for value in values {
        if !(value.is_finite() && value > 0.0) {
            return None;
        }
        count += 1.0;
        sum += value.log2();
    }
    (count > 0.0).then(|| (sum / count).exp2())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_carry_into_the_next_unit() {
        let cases = [
            (0.0, "0 s"),
            (-2.5e-3, "-2.5 ms"),
            (999.6e-9, "1 µs"),
            (1707e-9, "1.71 µs"),
            (0.078, "78 ms"),
            (119.0, "119 s"),
            (7300.0, "2.03 h"),
            (86_400.0 * 30.0, "30 d"),
            (1e-300, "1e-300 s"),
            (1e300, "1e300 s"),
        ];
        for (seconds, text) in cases {
            assert_eq!(duration(seconds), text);
        }
    }

    #[test]
    fn plain_numbers_and_shares() {
        assert_eq!(Unit::Plain.format(12345.0), "12345");
        assert_eq!(Unit::Plain.format(-0.0), "0");
        assert_eq!(Unit::Plain.format(0.000_12), "1.2e-4");
        assert_eq!(Unit::Ratio.format(8123.4), "8123×");
        assert_eq!(Unit::Percent.format(f64::MAX), "n/a");
        assert_eq!(Unit::Bytes.format(0.0), "0 B");
        assert_eq!(Unit::Bytes.format(1023.0), "1023 B");
    }

    #[test]
    fn no_number_prints_as_not_a_number() {
        let extremes = [f64::MAX, f64::MIN, f64::MIN_POSITIVE, 5e-324, f64::NAN, f64::NEG_INFINITY];
        let units = [Unit::Plain, Unit::Seconds, Unit::Bytes, Unit::Si("B"), Unit::Ratio];
        for (value, unit) in extremes.iter().flat_map(|v| units.map(|u| (*v, u))) {
            let text = unit.format(value);
            assert!(!text.contains("NaN") && !text.contains("inf"), "{value}: {text}");
        }
    }

    #[test]
    fn the_mean_survives_a_product_that_would_overflow() {
        assert_eq!(geometric_mean([1e300, 1e-300].repeat(50)).map(|m| m.round()), Some(1.0));
    }
}
