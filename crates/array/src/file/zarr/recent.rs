//! What was used last.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use crate::file::disk::Stamp;
use crate::window::Dims;

/// What belongs to files, each by the place of its file among all, and what that was like; the last one last.
#[derive(Debug)]
pub(super) struct Recent<T> {
    /// How many are kept.
    most: usize,
    kept: Mutex<VecDeque<(Dims, Stamp, Arc<T>)>>,
}

impl<T> Recent<T> {
    pub(super) fn new(most: usize) -> Self {
        Self { most, kept: Mutex::default() }
    }

    /// What belongs to the file at a place, and what that was like then.
    pub(super) fn get(&self, place: &[usize]) -> Option<(Stamp, Arc<T>)> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.iter().find(|(of, _, _)| **of == *place);
        found.map(|(_, stamp, one)| (*stamp, Arc::clone(one)))
    }

    /// Keeps it instead of the oldest, or of the one before at the same place.
    pub(super) fn put(&self, place: &[usize], stamp: Stamp, one: &Arc<T>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(of, _, _)| **of != *place);
        if kept.len() == self.most {
            kept.pop_front();
        }
        kept.push_back((place.into(), stamp, Arc::clone(one)));
    }
}
