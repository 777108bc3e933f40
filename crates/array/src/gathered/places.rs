//! Where something is.

use std::sync::{Mutex, PoisonError};

use super::Limit;
use crate::error::Result;
use crate::source::Target;
use crate::tile::rows;
use crate::window::{Dims, Window};

/// A target that keeps where it is given `true`: the places in row-major order.
#[derive(Debug)]
pub(crate) struct Places {
    shape: Dims,
    limit: Limit,
    found: Mutex<Found>,
}

#[derive(Debug, Default)]
struct Found {
    /// Those of each window, in order; none where there are none.
    parts: Vec<Vec<usize>>,
    /// How many they are together.
    places: usize,
}

impl Places {
    pub(crate) fn new(shape: Dims, limit: Limit) -> Self {
        Self { shape, limit, found: Mutex::default() }
    }

    /// All places in order.
    pub(crate) fn into_sorted(self) -> Vec<usize> {
        let Found { parts, places } =
            self.found.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut found = Vec::with_capacity(places);
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
        if here.is_empty() {
            return Ok(());
        }
        here.shrink_to_fit();
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.places += here.len();
        found.parts.push(here);
        // Once more while they are put in order.
        let [places, parts] = [
            2 * found.places * size_of::<usize>(),
            found.parts.capacity() * size_of::<Vec<usize>>(),
        ];
        self.limit.check(places + parts)
    }
}
