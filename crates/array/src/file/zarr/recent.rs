//! The indices of shards that were read last.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use super::shard::Index;
use crate::file::disk::Stamp;
use crate::window::Dims;

/// So many are kept: windows that are read one after another, or at a time, are of few shards.
pub(super) const RECENT: usize = 4;

/// Indices, each with the place of its shard and what its file was like when it was read; the last one last.
#[derive(Debug, Default)]
pub(super) struct Recent(Mutex<VecDeque<(Dims, Stamp, Arc<Index>)>>);

impl Recent {
    /// The index of a shard whose file is as it was.
    pub(super) fn get(&self, place: &[usize], stamp: Stamp) -> Option<Arc<Index>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.iter().find(|(of, then, _)| **of == *place && *then == stamp);
        found.map(|(_, _, index)| Arc::clone(index))
    }

    /// Keeps an index instead of the oldest, or of the one before of the same shard.
    pub(super) fn put(&self, place: &[usize], stamp: Stamp, index: &Arc<Index>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(of, _, _)| **of != *place);
        if kept.len() == RECENT {
            kept.pop_front();
        }
        kept.push_back((place.into(), stamp, Arc::clone(index)));
    }
}
