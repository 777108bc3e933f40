//! Pieces of memory that the host writes and the device copies from, used again and again.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::device::Device;
use crate::error::Result;

/// Pieces of one size, so many at most.
#[derive(Debug)]
pub(crate) struct Ring {
    piece_bytes: usize,
    most: usize,
    pieces: Mutex<Pieces>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Pieces {
    /// Those that the host may write now.
    idle: Vec<wgpu::Buffer>,
    /// All that there are.
    made: usize,
    /// How many threads wait for one: a condition variable that is told asks the system, also where none does.
    waiting: usize,
}

impl Ring {
    pub(crate) fn new(piece_bytes: usize, most: usize) -> Arc<Self> {
        let (pieces, changed) = (Mutex::default(), Condvar::new());
        Arc::new(Self { piece_bytes, most, pieces, changed })
    }

    fn lock(&self) -> MutexGuard<'_, Pieces> {
        self.pieces.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn piece_bytes(&self) -> usize {
        self.piece_bytes
    }

    /// Bytes of all pieces that there are.
    pub(crate) fn bytes(&self) -> u64 {
        (self.lock().made * self.piece_bytes) as u64
    }

    /// An idle piece, or room for a new one; within this time, where there is neither.
    fn within(&self, timeout: Duration) -> Option<Option<wgpu::Buffer>> {
        let waits = |pieces: &mut Pieces| pieces.idle.is_empty() && pieces.made >= self.most;
        let mut pieces = self.lock();
        pieces.waiting += 1;
        let waited = self.changed.wait_timeout_while(pieces, timeout, waits);
        pieces = waited.unwrap_or_else(PoisonError::into_inner).0;
        pieces.waiting -= 1;
        if let Some(piece) = pieces.idle.pop() {
            return Some(Some(piece));
        }
        let has_room = pieces.made < self.most;
        pieces.made += usize::from(has_room);
        has_room.then_some(None)
    }

    /// A piece that could not be made, or not be shown again.
    fn lost(&self) {
        let mut pieces = self.lock();
        pieces.made -= 1;
        self.tell(pieces, 1);
    }

    /// A piece that nobody has written to.
    pub(crate) fn give_back(&self, piece: wgpu::Buffer) {
        let mut pieces = self.lock();
        pieces.idle.push(piece);
        self.tell(pieces, 1);
    }

    /// Has as many threads look again as there is more room for, of those that wait.
    fn tell(&self, pieces: MutexGuard<'_, Pieces>, more: usize) {
        let told = pieces.waiting.min(more);
        drop(pieces);
        for _ in 0..told {
            self.changed.notify_one();
        }
    }

    /// Has a piece come back when what was handed over is done with it.
    pub(crate) fn await_back(self: &Arc<Self>, piece: &wgpu::Buffer) {
        let (ring, again) = (Arc::clone(self), piece.clone());
        piece.map_async(wgpu::MapMode::Write, .., move |mapped| match mapped {
            Ok(()) => ring.give_back(again),
            Err(_) => ring.lost(),
        });
    }

    /// Gives the idle pieces back to the driver; how many bytes that was.
    pub(crate) fn trim(&self) -> u64 {
        let mut pieces = self.lock();
        let idle = std::mem::take(&mut pieces.idle);
        pieces.made -= idle.len();
        self.tell(pieces, idle.len());
        (idle.len() * self.piece_bytes) as u64
    }
}

impl Device {
    /// A piece of a ring that the host may write; waited for, where all are under way. The stream must not be
    /// locked.
    pub(crate) fn piece(&self, ring: &Ring) -> Result<wgpu::Buffer> {
        let found = match ring.within(Duration::ZERO) {
            Some(found) => found,
            None => self.poll_until(None, |pause| ring.within(pause))?,
        };
        if let Some(piece) = found {
            return Ok(piece);
        }
        let usage = wgpu::BufferUsages::MAP_WRITE | wgpu::BufferUsages::COPY_SRC;
        self.host_buffer(ring.piece_bytes as u64, usage).inspect_err(|_| ring.lost())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Ring;
    use crate::{Device, Select};

    #[test]
    fn pieces_come_back_and_are_no_more_than_they_may_be() {
        let device = Device::open(Select::noop()).unwrap();
        let ring = Ring::new(1024, 2);
        let first = device.piece(&ring).unwrap();
        let second = device.piece(&ring).unwrap();
        assert_eq!(ring.bytes(), 2048);
        assert_eq!(ring.within(Duration::ZERO), None);
        first.unmap();
        ring.await_back(&first);
        assert_eq!(device.piece(&ring).unwrap(), first);
        ring.give_back(second);
        assert_eq!((ring.trim(), ring.bytes()), (1024, 1024));
        assert_eq!(ring.trim(), 0);
    }

    #[test]
    fn a_piece_that_is_not_shown_again_makes_room() {
        let device = Device::open(Select::noop()).unwrap();
        let ring = Ring::new(1024, 1);
        let piece = device.piece(&ring).unwrap();
        piece.unmap();
        ring.await_back(&piece);
        // What is under way with it is given up.
        piece.destroy();
        drop(piece);
        assert_eq!(device.piece(&ring).unwrap().size(), 1024);
        assert_eq!(ring.bytes(), 1024);
    }
}
