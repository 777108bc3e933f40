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
    /// Those of each window, in order.
    found: Mutex<Vec<Vec<usize>>>,
}

impl Places {
    pub(crate) fn new(shape: Dims, room: Room) -> Self {
        Self { shape, room, found: Mutex::default() }
    }

    /// All places in order.
    pub(crate) fn into_sorted(self) -> Vec<usize> {
        let parts = self.found.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut found = Vec::with_capacity(parts.iter().map(Vec::len).sum());
        parts.into_iter().for_each(|part| found.extend(part));
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
        here.shrink_to_fit();
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.push(here);
        let places = found.iter().map(Vec::len).sum::<usize>();
        // Once more while they are put in order.
        self.room
            .check(2 * places * size_of::<usize>() + found.capacity() * size_of::<Vec<usize>>())
    }
}
