//! The bytes that an argument of a call lies on.

/// Some bytes, from the first to behind the last, and whether the call writes them.
#[derive(Debug, Clone, Copy)]
pub struct Extent {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) is_written: bool,
}

impl Extent {
    /// How many bytes two arguments share of which one is written.
    #[inline]
    pub(crate) fn clash(&self, other: &Self) -> usize {
        if !self.is_written && !other.is_written {
            return 0;
        }
        // So that an empty one inside of another overlaps nothing.
        self.end.min(other.end).saturating_sub(self.start.max(other.start))
    }
}
