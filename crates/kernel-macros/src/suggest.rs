//! The nearest of the names that would have been right.

/// ` (did you mean `sqrt`?)`, or nothing if no name is near.
pub(crate) fn did_you_mean(word: &str, names: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let nearest = names
        .into_iter()
        .map(|name| (distance(word, name.as_ref()), name.as_ref().to_owned()))
        .min();
    // A third of the word may be wrong, and at least one letter.
    match nearest {
        Some((edits, name)) if edits <= (word.chars().count() / 3).max(1) => {
            format!(" (did you mean `{name}`?)")
        }
        _ => String::new(),
    }
}

/// Letters to insert, remove, replace or swap with the next.
fn distance(a: &str, b: &str) -> usize {
    // Only short words can be near a name, and the time grows with the square of the length.
    const LONGEST: usize = 40;
    let short = |word: &str| word.chars().take(LONGEST).collect::<String>();
    strsim::osa_distance(&short(a), &short(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_that_differ_are_counted() {
        assert_eq!(distance("sqrt", "sqrt"), 0);
        assert_eq!(distance("sqtr", "sqrt"), 1);
        assert_eq!(distance("", "ln"), 2);
        assert_eq!(distance("kitten", "sitting"), 3);
    }

    #[test]
    fn only_near_names_are_suggested() {
        assert_eq!(did_you_mean("stricd", ["strict", "fast"]), " (did you mean `strict`?)");
        assert_eq!(did_you_mean("unwrap", ["sqrt", "exp"]), "");
    }
}
