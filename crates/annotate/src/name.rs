//! Names of functions, short enough to be read.

/// The longest short name; those of generics fill screens.
const LONGEST: usize = 60;

/// A name without its generics, of a trait's method with the type that it is of, and of a long one
/// the last two segments.
pub(crate) fn short(name: &str) -> String {
    // The `>` of `->` closes nothing.
    let name = name.replace("->", "");
    let plain = plain(&name);
    let plain = plain.trim_matches(':');
    if plain.is_empty() {
        return name.chars().take(LONGEST).collect();
    }
    if plain.chars().count() <= LONGEST {
        return plain.to_owned();
    }
    let segments: Vec<&str> = plain.split("::").collect();
    let last = segments[segments.len().saturating_sub(2)..].join("::");
    last.chars().take(LONGEST).collect()
}

fn plain(name: &str) -> String {
    // `<A as B>::f` is `f` of `A`.
    let of_type = name.strip_prefix('<').and_then(|rest| {
        let end = closing(rest)?;
        Some((&rest[..of_trait(&rest[..end])], &rest[end + 1..]))
    });
    let mut out = String::new();
    let (of, rest) = of_type.unwrap_or(("", name));
    let mut depth = 0_usize;
    for c in of.chars().chain(rest.chars()) {
        match c {
            '<' => depth += 1,
            '>' => depth = depth.saturating_sub(1),
            c if depth == 0 => out.push(c),
            _ => {}
        }
    }
    out.replace("::::", "::")
}

/// Where the trait begins in `A as B`, or the end.
fn of_trait(text: &str) -> usize {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '<' => depth += 1,
            '>' => depth = depth.saturating_sub(1),
            ' ' if depth == 0 && text[at..].starts_with(" as ") => return at,
            _ => {}
        }
    }
    text.len()
}

/// Where the bracket ends that was opened before the text.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 1_usize;
    for (at, c) in text.char_indices() {
        match c {
            '<' => depth += 1,
            '>' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

/// A text of so many characters, the last one a sign if it was longer.
pub(crate) fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain("…".chars()).collect()
}

/// The function's own name.
pub(crate) fn last_segment(name: &str) -> String {
    let short = short(name);
    short.rsplit("::").next().unwrap_or(&short).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_end_in_a_sign() {
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(cut("äbcd", 3), "äb…");
        assert_eq!(cut("ab", 0), "…");
    }

    #[test]
    fn names_lose_their_generics() {
        assert_eq!(short("alloc::vec::Vec<T, A>::push"), "alloc::vec::Vec::push");
        assert_eq!(
            short("<heat::Grid<T> as heat::Step<fn(f64) -> f64>>::step"),
            "heat::Grid::step"
        );
        assert_eq!(short("<[f64] as heat::Step>::step"), "[f64]::step");
        assert_eq!(short("<<A as B>::C as D>::f"), "C::f");
        assert_eq!(short("<never closed"), "<never closed");
        assert_eq!(short("exp"), "exp");
        assert_eq!(short("<>"), "<>");
        assert_eq!(short(&format!("{}::b::c", "a".repeat(80))), "b::c");
        assert_eq!(short(&"é".repeat(80)), "é".repeat(60));
    }
}
