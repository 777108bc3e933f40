//! Chunks that lie side by side and are worked on together.

use std::ops::Range;

use crate::chunks::Chunks;

/// How the chunks of a space are grouped into strips along the last axis, so that rows of a file are read as they lie in
/// it: rows of one chunk are some thousand bytes, and a call for each of them takes longer than to copy them. A strip
/// has chunks of one shape: those that are shorter are one each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Strips {
    /// Chunks along the last axis, those of them that are of full size, and how many are in a strip.
    along: usize,
    full: usize,
    pub(crate) wide: usize,
    rows: usize,
}

impl Strips {
    /// Each chunk by itself.
    pub(crate) fn single(chunks: &Chunks) -> Self {
        let along = chunks.axes().last().map_or(1, crate::AxisChunks::count);
        Self { along, full: along, wide: 1, rows: chunks.count() / along }
    }

    /// So many together, where they have one size.
    pub(crate) fn new(chunks: &Chunks, wide: usize) -> Self {
        let single = Self::single(chunks);
        let Some((last, size)) =
            chunks.axes().last().and_then(|last| Some((last, last.even_size()?)))
        else {
            return single;
        };
        Self { full: last.len() / size, wide: wide.max(1), ..single }
    }

    fn in_a_row(self) -> usize {
        self.full.div_ceil(self.wide) + self.along - self.full
    }

    /// How many strips there are.
    pub(crate) fn count(self) -> usize {
        self.rows.saturating_mul(self.in_a_row())
    }

    /// The numbers of the chunks of a strip.
    pub(crate) fn chunks(self, strip: usize) -> Range<usize> {
        let (row, place) = (strip / self.in_a_row(), strip % self.in_a_row());
        let whole = self.full.div_ceil(self.wide);
        let along = match place.checked_sub(whole) {
            None => place * self.wide..((place + 1) * self.wide).min(self.full),
            Some(rest) => self.full + rest..self.full + rest + 1,
        };
        row * self.along + along.start..row * self.along + along.end
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_chunk_is_in_one_strip_with_its_like(
            lens in prop::collection::vec(0..20_usize, 0..3),
            size in 1..6_usize,
            wide in 1..6_usize,
        ) {
            let chunks = Chunks::even(&lens, &vec![size; lens.len()]).unwrap();
            let strips = Strips::new(&chunks, wide);
            let all: Vec<usize> = (0..strips.count()).flat_map(|strip| strips.chunks(strip)).collect();
            prop_assert_eq!(all, (0..chunks.count()).collect::<Vec<_>>());
            for strip in 0..strips.count() {
                let mut shapes: Vec<_> = strips.chunks(strip).map(|chunk| chunks.window(chunk).shape().to_vec()).collect();
                prop_assert!(shapes.len() <= wide);
                shapes.dedup();
                prop_assert_eq!(shapes.len(), 1);
            }
        }
    }
}
