//! A small validator of JSON (RFC 8259): it accepts or says where it stopped.

use std::str::CharIndices;

/// Panics where the text is not one JSON value.
pub(crate) fn assert_json(text: &str) {
    match value(text.trim_start()) {
        Some(rest) => assert!(rest.trim().is_empty(), "after the value: {rest:.40}"),
        None => panic!("no JSON: {text:.200}"),
    }
}

/// Reads one value and gives back what follows it.
fn value(text: &str) -> Option<&str> {
    match text.chars().next()? {
        '{' => list(&text[1..], '}', member),
        '[' => list(&text[1..], ']', value),
        '"' => string(text),
        _ => ["true", "false", "null"]
            .iter()
            .find_map(|w| text.strip_prefix(w))
            .or_else(|| number(text)),
    }
}

fn list(text: &str, close: char, item: fn(&str) -> Option<&str>) -> Option<&str> {
    let mut rest = text.trim_start();
    if let Some(rest) = rest.strip_prefix(close) {
        return Some(rest);
    }
    loop {
        rest = item(rest)?.trim_start();
        match rest.strip_prefix(',') {
            Some(after) => rest = after.trim_start(),
            None => return rest.strip_prefix(close),
        }
    }
}

fn member(text: &str) -> Option<&str> {
    value(string(text)?.trim_start().strip_prefix(':')?.trim_start())
}

fn string(text: &str) -> Option<&str> {
    let mut chars = text.strip_prefix('"')?.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some(&text[at + 2..]),
            '\\' => escape(&mut chars)?,
            c if u32::from(c) < 0x20 => return None,
            _ => {}
        }
    }
    None
}

/// Reads what follows a backslash.
fn escape(chars: &mut CharIndices<'_>) -> Option<()> {
    match chars.next()?.1 {
        'u' => (0..4).try_for_each(|_| chars.next()?.1.is_ascii_hexdigit().then_some(())),
        escaped => "\"\\/bfnrt".contains(escaped).then_some(()),
    }
}

fn number(text: &str) -> Option<&str> {
    let end =
        text.find(|c: char| !(c.is_ascii_digit() || "+-.eE".contains(c))).unwrap_or(text.len());
    let digits = text[..end].trim_start_matches('-');
    let zero_led =
        digits.len() > 1 && digits.starts_with('0') && digits.as_bytes()[1].is_ascii_digit();
    let whole =
        digits.starts_with(|c: char| c.is_ascii_digit()) && !zero_led && !digits.ends_with('.');
    (whole && text[..end].parse::<f64>().is_ok()).then(|| &text[end..])
}

#[test]
fn the_validator_knows_json() {
    for good in ["{}", "[1, -2.5e3, \"a\\u00e9\\n\", {\"k\": [true, null]}]", " 0 "] {
        assert_json(good);
    }
    for bad in ["", "{a:1}", "[1,]", "\"\n\"", "01", "NaN", "[1", "\"\\x\"", "1 2"] {
        assert!(std::panic::catch_unwind(|| assert_json(bad)).is_err(), "{bad} passed");
    }
}
