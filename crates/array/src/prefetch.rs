//! Cache lines that are needed soon, asked for while something else is computed.
//!
//! A tile is computed in the first cache. Its elements would be waited for when the first step reads them, with nothing under
//! way from memory while the other steps run. So each step asks for some of the next tile between its own elements: a
//! processor has a few dozen lines under way, and stands still when it is asked for all at once.

#![expect(unsafe_code, reason = "memory is asked for by an instruction")]

use crate::gather::Place;

/// How many bytes come at a time.
const LINE: usize = 64;

/// How many elements are computed between. With half as many, calls for them take what is gained.
const BETWEEN: usize = 512;

/// More bytes than caches have left for one array, mostly: of 18 MiB and more a chain of four functions took 0.85 to 0.9 of the
/// time beside a third cache of 32 MiB, of 8 MiB 1.03.
const FAR: usize = 16 << 20;

/// Rows of elements that are needed soon. They are not looked at.
#[derive(Debug)]
pub(crate) struct Prefetch {
    /// Where the row begins of which is asked for some, and how many bytes from there the next one does.
    row: *const u8,
    apart: isize,
    /// How many rows are left, with this one.
    rows: usize,
    /// How many lines a row has, and how many of this one somebody has asked for.
    lines: usize,
    asked: usize,
    /// How many steps are left in which to ask, and how many lines each so many elements of this one ask for.
    steps: usize,
    share: usize,
    of: usize,
}

/// Whether it is worth to ask for some of so many bytes.
pub(crate) fn is_far(bytes: usize) -> bool {
    cfg!(target_arch = "x86_64") && bytes > FAR
}

impl Prefetch {
    pub(crate) fn nothing() -> Self {
        let row = std::ptr::null();
        Self { row, apart: 0, rows: 0, lines: 0, asked: 0, steps: 0, share: 0, of: 1 }
    }

    /// So many elements that lie there, to be asked for in so many steps.
    pub(crate) fn of<T>(elements: &[T], place: Place, len: usize, steps: usize) -> Self {
        Self {
            row: elements[place.first..].as_ptr().cast(),
            apart: place.apart * size_of::<T>().cast_signed(),
            rows: len / place.row,
            lines: (place.row * size_of::<T>()).div_ceil(LINE),
            steps,
            ..Self::nothing()
        }
    }

    /// How many lines are left.
    fn left(&self) -> usize {
        self.rows * self.lines - self.asked
    }

    /// Begins a step that computes so many elements.
    pub(crate) fn step(&mut self, elements: usize) {
        if self.rows > 0 {
            (self.share, self.of) = (self.left().div_ceil(self.steps.max(1)), elements);
            self.steps = self.steps.saturating_sub(1);
        }
    }

    /// How many elements are computed between, of rows of so many: as many as divide them.
    pub(crate) fn between(&self, row: usize) -> usize {
        if row.is_multiple_of(BETWEEN) && self.rows > 0 { BETWEEN } else { row }
    }

    /// Asks for some of it, before so many elements are computed.
    #[inline(always)]
    pub(crate) fn some(&mut self, elements: usize) {
        if self.rows > 0 {
            self.ask(elements);
        }
    }

    #[inline(never)]
    fn ask(&mut self, elements: usize) {
        for _ in 0..self.left().min((self.share * elements).div_ceil(self.of)) {
            fetch(self.row.wrapping_add(self.asked * LINE));
            self.asked += 1;
            if self.asked == self.lines {
                self.row = self.row.wrapping_offset(self.apart);
                (self.rows, self.asked) = (self.rows - 1, 0);
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn fetch(line: *const u8) {
    use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
    // SAFETY: every x86-64 has the instruction, which reads nothing and fails at no address.
    unsafe { _mm_prefetch::<_MM_HINT_T0>(line.cast()) };
}

/// Where the language has no instruction for it, nothing is far.
#[cfg(not(target_arch = "x86_64"))]
fn fetch(_: *const u8) {}

#[cfg(test)]
mod tests {
    use super::*;

    /// Asks in steps that compute pieces of so many elements, and gives what is left after each.
    fn left(prefetch: &mut Prefetch, steps: usize, elements: usize, piece: usize) -> Vec<usize> {
        let step = |_| {
            prefetch.step(elements);
            (0..elements / piece).for_each(|_| prefetch.some(piece));
            prefetch.left()
        };
        (0..steps).map(step).collect()
    }

    #[test]
    fn each_step_asks_for_its_share() {
        let elements = vec![0.0_f64; 8192];
        // All in one row, and in rows that lie apart, of which the last is the first.
        for place in [Place::dense(64, 2048), Place { first: 7168, row: 256, apart: -1024 }] {
            for (piece, expected) in
                [(512, [168, 84, 0]), (256, [168, 80, 0]), (2048, [170, 85, 0])]
            {
                let mut prefetch = Prefetch::of(&elements, place, 2048, 3);
                assert_eq!(left(&mut prefetch, 3, 2048, piece), expected, "{place:?} by {piece}");
                assert_eq!(prefetch.rows, 0);
            }
        }
    }

    #[test]
    fn short_pieces_ask_for_no_more_than_all() {
        let elements = vec![0_u8; 1 << 16];
        let mut prefetch = Prefetch::of(&elements, Place { first: 0, row: 1, apart: 1000 }, 50, 2);
        assert_eq!(left(&mut prefetch, 3, 50, 1), [0, 0, 0]);
        let mut prefetch = Prefetch::of(&elements, Place::dense(0, 1000), 1000, 1);
        assert_eq!(prefetch.left(), 16);
        assert_eq!(left(&mut prefetch, 1, 3, 1), [0]);
    }

    #[test]
    fn rows_are_cut_where_that_divides_them() {
        let elements = [0.0_f32; 2048];
        let prefetch = Prefetch::of(&elements, Place::dense(0, 2048), 2048, 1);
        let rows = [2048, 1024, 1000, 256].map(|row| prefetch.between(row));
        assert_eq!(rows, [512, 512, 1000, 256]);
        // And not for nothing.
        assert_eq!(Prefetch::nothing().between(2048), 2048);
        assert_eq!(left(&mut Prefetch::nothing(), 2, 10, 5), [0, 0]);
    }
}
