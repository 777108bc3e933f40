//! Where something is.

use std::sync::{Mutex, PoisonError};

use super::Room;
use crate::error::Result;
use crate::source::Target;
use crate::tile::rows;
use crate::window::{Dims, Window};

/// A target that keeps where it is given `true`: the places in row-major order.
#[derive(Debug)]
pub(crate) struct Places {
    shape: Dims,
    room: Room,
    found: Mutex<Vec<usize>>,
}

impl Places {
    pub(crate) fn new(shape: Dims, room: Room) -> Self {
        Self { shape, room, found: Mutex::default() }
    }

    /// All places in order.
    pub(crate) fn into_sorted(self) -> Vec<usize> {
        let mut found = self.found.into_inner().unwrap_or_else(PoisonError::into_inner);
        found.sort_unstable();
        found
    }
}

impl Target<bool> for Places {
    fn shape(&self) -> Dims {
        self.shape.clone()
    }

    fn write(&self, window: &Window, elements: &[bool]) -> Result<()> {
        let (len, starts) = rows(window);
        let mut here = vec![];
        for (row, start) in elements.chunks_exact(len.max(1)).zip(starts) {
            let along = start.iter().zip(&self.shape);
            let first = along.fold(0, |place, (at, len)| place * len + at);
            here.extend(row.iter().zip(first..).filter(|(is, _)| **is).map(|(_, place)| place));
        }
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.extend(here);
        self.room.check(found.capacity() * size_of::<usize>())
    }
}
