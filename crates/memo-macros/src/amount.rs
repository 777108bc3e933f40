//! Amounts that are written as text: `"64MiB"`, `"1.5s"`.

use crate::suggest::did_you_mean;

/// The units of bytes.
const BYTES: &[(&str, u64)] = &[
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
    ("kB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("B", 1),
];

/// The units of time, in nanoseconds.
const TIME: &[(&str, u64)] = &[
    ("ns", 1),
    ("us", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("min", 60_000_000_000),
    ("h", 3_600_000_000_000),
    ("d", 86_400_000_000_000),
];

/// `"64MiB"` in bytes.
pub(crate) fn bytes(text: &str) -> Result<u64, String> {
    amount(text, BYTES, "64MiB")
}

/// `"30s"` in nanoseconds.
pub(crate) fn time(text: &str) -> Result<u64, String> {
    amount(text, TIME, "30s")
}

fn amount(text: &str, units: &[(&str, u64)], example: &str) -> Result<u64, String> {
    let names = || units.iter().map(|(name, _)| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let text = text.trim();
    if text.starts_with('-') {
        return Err(format!("is not negative, as \"{text}\" is: write \"{example}\""));
    }
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let (number, unit) = (&text[..end], text[end..].trim());
    let Some((_, factor)) = units.iter().find(|(name, _)| *name == unit) else {
        let said = match unit {
            "" => String::new(),
            unit => {
                format!("; there is no `{unit}`{}", did_you_mean(unit, units.iter().map(|u| u.0)))
            }
        };
        return Err(format!(
            "needs a number and a unit, as in \"{example}\", of {}{said}",
            names()
        ));
    };
    decimal(number, *factor).ok_or_else(|| {
        format!("is a number above 0, and below 2^64 in its smallest unit, not `{number}`: write \"{example}\"")
    })
}

/// A number with a fraction times a factor, exactly: what is smaller than 1 is cut off. Not 0.
fn decimal(number: &str, factor: u64) -> Option<u64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let whole = whole.parse::<u64>().ok()?.checked_mul(factor)?;
    let digits = u32::try_from(fraction.len()).ok()?;
    let scale = 10_u128.checked_pow(digits)?;
    let part = fraction.parse::<u64>().ok()? as u128 * u128::from(factor) / scale;
    let total = whole.checked_add(u64::try_from(part).ok()?)?;
    (total > 0).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::{bytes, time};

    #[test]
    fn units_multiply() {
        assert_eq!(bytes("64MiB"), Ok(64 << 20));
        assert_eq!(bytes(" 1.5 kB "), Ok(1500));
        assert_eq!(bytes("1B"), Ok(1));
        assert_eq!(time("0.25s"), Ok(250_000_000));
        assert_eq!(time("2min"), Ok(120_000_000_000));
    }

    #[test]
    fn what_is_no_amount_says_so() {
        for text in ["", "64", "MiB", "64 mib", "1..5s", "-1B", "0B", "0.1B", "99999999TiB", "1.B"]
        {
            assert!(bytes(text).is_err(), "{text}");
        }
        assert!(time("30").unwrap_err().contains("`min`"));
    }
}
