//! What was used last.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::file::disk::Stamp;
use crate::window::Dims;

/// What belongs to files, each by the place of its file among all, and what that was like; what was used last is last.
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
        let mut kept = self.kept();
        let at = kept.iter().position(|(of, _, _)| **of == *place)?;
        let used = kept.remove(at)?;
        let found = (used.1, Arc::clone(&used.2));
        kept.push_back(used);
        Some(found)
    }

    /// Keeps it instead of what was not used for longest, or of the one before at the same place.
    pub(super) fn put(&self, place: &[usize], stamp: Stamp, one: &Arc<T>) {
        let mut kept = self.kept();
        kept.retain(|(of, _, _)| **of != *place);
        if kept.len() == self.most {
            kept.pop_front();
        }
        kept.push_back((place.into(), stamp, Arc::clone(one)));
    }

    /// Keeps nothing of the file at a place.
    pub(super) fn forget(&self, place: &[usize]) {
        self.kept().retain(|(of, _, _)| **of != *place);
    }

    /// Keeps what was not used for longest no more.
    pub(super) fn drop_oldest(&self) {
        self.kept().pop_front();
    }

    fn kept(&self) -> MutexGuard<'_, VecDeque<(Dims, Stamp, Arc<T>)>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
