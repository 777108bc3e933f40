//! Names that somebody may have meant.

/// How many are told.
const COUNT: usize = 3;

/// Longer names are not compared.
const MAX_LENGTH: usize = 64;

/// The nearest names, those with the fewest changes first.
pub(crate) fn names<'a>(name: &str, others: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let bound = (name.len() / 3).max(1);
    let mut found: Vec<(usize, &str)> = Vec::new();
    for other in others {
        if name.len() > MAX_LENGTH || other.len().abs_diff(name.len()) > bound {
            continue;
        }
        let distance = distance(name.as_bytes(), other.as_bytes());
        if (1..=bound).contains(&distance) {
            found.push((distance, other));
        }
    }
    found.sort_unstable();
    found.dedup();
    found.into_iter().take(COUNT).map(|(_, other)| other).collect()
}

/// What a message asks where a name is unknown, or nothing if no other is near.
pub(crate) fn question<'a>(name: &'a str, others: impl Iterator<Item = &'a str>) -> String {
    let near = names(name, others);
    near.first().map_or(String::new(), |near| format!("; is it `{near}`?"))
}

/// How many bytes are inserted, deleted, replaced or swapped with their neighbour.
fn distance(a: &[u8], b: &[u8]) -> usize {
    let mut before: Vec<usize> = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, &x) in a.iter().enumerate() {
        let mut row = vec![i + 1; b.len() + 1];
        for (j, &y) in b.iter().enumerate() {
            let replaced = last[j] + usize::from(x != y);
            row[j + 1] = replaced.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && x == b[j - 1] && a[i - 1] == y {
                row[j + 1] = row[j + 1].min(before[j - 1] + 1);
            }
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_changes_are_near() {
        let all = ["size_t", "ssize_t", "time_t", "sizet", "point"];
        assert_eq!(names("szie_t", all.into_iter()), ["size_t", "sizet", "ssize_t"]);
        assert_eq!(names("xxxxxx", all.into_iter()), [""; 0]);
    }

    #[test]
    fn a_swap_is_one_change() {
        assert_eq!(distance(b"lenght", b"length"), 1);
        assert_eq!(distance(b"", b"abc"), 3);
        assert_eq!(distance(b"abc", b"abc"), 0);
    }
}
