//! The bytes that arguments lie on.

use super::refusal::{Checked, Refusal, Status};

/// An argument's bytes, from the first to behind the last.
#[derive(Debug, Clone, Copy)]
pub struct Extent {
    pub(super) name: &'static str,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) writes: bool,
}

/// Whether nothing that is written lies on anything else.
///
/// # Errors
///
/// Two arguments on the same bytes, of which one is written. Views between whose elements others lie are
/// told by their ends.
pub fn disjoint(extents: &[Extent]) -> Checked<()> {
    for (index, first) in extents.iter().enumerate() {
        for second in &extents[index + 1..] {
            let writes = first.writes || second.writes;
            // So that an empty one inside of another overlaps nothing.
            if writes && first.start.max(second.start) < first.end.min(second.end) {
                return Err(overlap(first, second));
            }
        }
    }
    Ok(())
}

#[cold]
fn overlap(first: &Extent, second: &Extent) -> Refusal {
    let (written, other) = if first.writes { (first, second) } else { (second, first) };
    let bytes = first.end.min(second.end) - first.start.max(second.start);
    let message =
        format!("`{}` is written and overlaps `{}`, by {bytes} bytes", written.name, other.name);
    Refusal::new(Status::Overlap, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extent(name: &'static str, start: usize, end: usize, writes: bool) -> Extent {
        Extent { name, start, end, writes }
    }

    #[test]
    fn only_what_is_written_has_to_be_alone() {
        let read = extent("x", 0, 16, false);
        assert_eq!(disjoint(&[read, extent("y", 8, 24, false)]), Ok(()));
        assert_eq!(disjoint(&[read, extent("y", 16, 24, true)]), Ok(()));
        assert_eq!(disjoint(&[extent("y", 16, 24, true), read]), Ok(()));
        let refusal = disjoint(&[read, extent("y", 8, 24, true)]).unwrap_err();
        assert_eq!(refusal.message, "`y` is written and overlaps `x`, by 8 bytes");
        // An empty one lies on nothing.
        assert_eq!(disjoint(&[read, extent("y", 8, 8, true)]), Ok(()));
    }
}
