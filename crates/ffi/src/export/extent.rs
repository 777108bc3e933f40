//! The bytes that arguments lie on, with the names of the arguments.

use super::refusal::{Checked, Refusal, Status};
use crate::extent;

/// An argument's bytes.
#[derive(Debug, Clone, Copy)]
pub struct Extent {
    name: &'static str,
    pub(super) bytes: extent::Extent,
}

impl Extent {
    /// From the first byte to behind the last.
    pub(super) fn new(name: &'static str, start: usize, end: usize, is_written: bool) -> Self {
        Self { name, bytes: extent::Extent { start, end, is_written } }
    }
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
            if first.bytes.clash(&second.bytes) > 0 {
                return Err(overlap(first, second));
            }
        }
    }
    Ok(())
}

#[cold]
fn overlap(first: &Extent, second: &Extent) -> Refusal {
    let bytes = first.bytes.clash(&second.bytes);
    let (written, other) = if first.bytes.is_written { (first, second) } else { (second, first) };
    let message =
        format!("`{}` is written and overlaps `{}`, by {bytes} bytes", written.name, other.name);
    Refusal::new(Status::Overlap, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_written_has_to_be_alone() {
        let read = Extent::new("x", 0, 16, false);
        assert_eq!(disjoint(&[read, Extent::new("y", 8, 24, false)]), Ok(()));
        assert_eq!(disjoint(&[read, Extent::new("y", 16, 24, true)]), Ok(()));
        assert_eq!(disjoint(&[Extent::new("y", 16, 24, true), read]), Ok(()));
        let refusal = disjoint(&[read, Extent::new("y", 8, 24, true)]).unwrap_err();
        assert_eq!(refusal.message, "`y` is written and overlaps `x`, by 8 bytes");
        // An empty one lies on nothing.
        assert_eq!(disjoint(&[read, Extent::new("y", 8, 8, true)]), Ok(()));
    }
}
