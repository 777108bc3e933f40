//! Memory of which each rank has a part, that all write and read in turn.

use std::cell::UnsafeCell;
use std::fmt;
use std::sync::Arc;

use super::Region;
use crate::sync::{AtomicU64, Once, Ordering};

/// The parts of all ranks.
#[derive(Debug)]
pub(crate) struct Parts(Box<[Part]>);

#[derive(Debug)]
struct Part {
    /// Set when its rank takes its seat.
    region: Once<Cell>,
    /// How often its rank has said that it has done with what it borrowed.
    turns: AtomicU64,
}

struct Cell(UnsafeCell<Region>);

// SAFETY: what is borrowed of it when is decided by `Seat`.
unsafe impl Sync for Cell {}

impl fmt::Debug for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cell").finish_non_exhaustive()
    }
}

/// One rank's hold of the parts. There is one for each rank.
///
/// Turns are counted from 0. In even ones a rank writes its own part, in odd ones all ranks read all parts,
/// each once no rank's turn is below its own. While something is borrowed of a seat its turn stays. So a rank
/// that reads is at the turn of one that writes or beyond it, and that one at the reader's or beyond: both
/// would be at the same turn, which is not even and odd.
#[derive(Debug)]
pub(crate) struct Seat {
    parts: Arc<Parts>,
    rank: usize,
    turn: u64,
}

impl Parts {
    pub(crate) fn new(ranks: usize) -> Self {
        let part = |_| Part { region: Once::new(), turns: AtomicU64::new(0) };
        Self((0..ranks).map(part).collect())
    }
}

impl Seat {
    /// The seat of this rank, with its part; `None` where the rank has one already, or is not there.
    pub(crate) fn take(parts: Arc<Parts>, rank: usize, region: Region) -> Option<Self> {
        parts.0.get(rank)?.region.set(Cell(UnsafeCell::new(region))).ok()?;
        Some(Self { parts, rank, turn: 0 })
    }

    /// Ends this rank's turn: it has borrowed nothing.
    pub(crate) fn end_turn(&mut self) {
        self.turn += 1;
        self.parts.0[self.rank].turns.store(self.turn, Ordering::Release);
    }

    /// Whether all ranks have come as far.
    pub(crate) fn is_open(&self) -> bool {
        self.parts.0.iter().all(|part| part.turns.load(Ordering::Acquire) >= self.turn)
    }

    /// The own part, to be written; `None` where it is not the time.
    pub(crate) fn own(&mut self) -> Option<&mut [u8]> {
        if !self.turn.is_multiple_of(2) || !self.is_open() {
            return None;
        }
        let cell = self.parts.0[self.rank].region.get()?;
        // SAFETY: the turn is even and open, so that nobody reads (see `Seat`), and of the one seat of its
        // rank this is borrowed alone.
        let region = unsafe { &mut *cell.0.get() };
        Some(region.as_bytes_mut())
    }

    /// The part of a rank, to be read; `None` where it is not the time, or the rank is not there.
    pub(crate) fn part(&self, rank: usize) -> Option<&[u8]> {
        if self.turn.is_multiple_of(2) || !self.is_open() {
            return None;
        }
        let cell = self.parts.0.get(rank)?.region.get()?;
        // SAFETY: the turn is odd and open, so that nobody writes (see `Seat`) while this is borrowed.
        let region = unsafe { &*cell.0.get() };
        Some(region.as_bytes())
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::sync::Arc;

    use super::{Parts, Seat};
    use crate::memory::Region;

    fn seats() -> [Seat; 2] {
        let parts = Arc::new(Parts::new(2));
        [0, 1].map(|rank| {
            Seat::take(Arc::clone(&parts), rank, Region::of(&[9; 3])).expect("not taken")
        })
    }

    #[test]
    fn who_is_ahead_waits() {
        let [mut a, mut b] = seats();
        assert!(a.own().is_some() && a.part(1).is_none());
        a.own().expect("its turn")[0] = 1;
        a.end_turn();
        assert!(!a.is_open() && a.own().is_none() && a.part(0).is_none());
        // The other writes still.
        b.own().expect("its turn")[0] = 2;
        b.end_turn();
        assert_eq!((a.part(1), b.part(0)), (Some(&[2, 9, 9][..]), Some(&[1, 9, 9][..])));
        assert!(a.own().is_none() && a.part(2).is_none());
        b.end_turn();
        // The other reads still.
        assert!(b.own().is_none() && a.part(1).is_some());
        a.end_turn();
        assert!(a.own().is_some() && b.own().is_some());
    }

    #[test]
    fn a_rank_has_one_seat() {
        let parts = Arc::new(Parts::new(1));
        let first = Seat::take(Arc::clone(&parts), 0, Region::of(&[]));
        assert!(first.is_some());
        drop(first);
        assert!(Seat::take(Arc::clone(&parts), 0, Region::of(&[])).is_none());
        assert!(Seat::take(parts, 1, Region::of(&[])).is_none());
    }
}
