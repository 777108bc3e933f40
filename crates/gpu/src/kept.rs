//! What was compiled before, as much of it as was used last.

use std::hash::Hash;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lru::LruCache;

use crate::error::Result;
use crate::program::Program;

/// Programs that are kept of each kind of what makes them. One takes some ten to some hundred KiB of the driver's
/// memory, and a program that runs has fewer by far.
pub(crate) const MOST: NonZeroUsize = NonZeroUsize::new(1024).unwrap();

/// Programs by what makes them.
#[derive(Debug)]
pub(crate) struct Kept<K: Eq + Hash> {
    programs: Mutex<LruCache<K, Arc<Program>>>,
    hits: AtomicU64,
    misses: AtomicU64,
    evictions: AtomicU64,
}

/// How often a program was there, had to be made, and was let go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Uses {
    pub(crate) hits: u64,
    pub(crate) misses: u64,
    pub(crate) evictions: u64,
}

impl<K: Eq + Hash> Default for Kept<K> {
    fn default() -> Self {
        Self::new(MOST)
    }
}

impl<K: Eq + Hash> Kept<K> {
    fn new(most: NonZeroUsize) -> Self {
        let programs = Mutex::new(LruCache::new(most));
        Self { programs, hits: 0.into(), misses: 0.into(), evictions: 0.into() }
    }

    fn lock(&self) -> MutexGuard<'_, LruCache<K, Arc<Program>>> {
        self.programs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The one that is kept, or that is made now. Others may ask meanwhile; the first one stays.
    pub(crate) fn get_or(
        &self,
        key: K,
        make: impl FnOnce() -> Result<Arc<Program>>,
    ) -> Result<Arc<Program>> {
        if let Some(program) = self.lock().get(&key) {
            self.hits.fetch_add(1, Ordering::Relaxed);
            return Ok(Arc::clone(program));
        }
        let made = make()?;
        self.misses.fetch_add(1, Ordering::Relaxed);
        let mut programs = self.lock();
        if let Some(first) = programs.get(&key) {
            return Ok(Arc::clone(first));
        }
        let evicted = programs.push(key, Arc::clone(&made));
        drop(programs);
        if evicted.is_some() {
            self.evictions.fetch_add(1, Ordering::Relaxed);
        }
        Ok(made)
    }

    pub(crate) fn len(&self) -> usize {
        self.lock().len()
    }

    pub(crate) fn uses(&self) -> Uses {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Uses {
            hits: read(&self.hits),
            misses: read(&self.misses),
            evictions: read(&self.evictions),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;
    use std::sync::Arc;

    use super::{Kept, MOST, Uses};
    use crate::program::Source;
    use crate::{Device, ErrorKind, Select};

    #[test]
    fn what_was_used_last_is_kept() {
        let device = Device::open(Select::noop()).unwrap();
        let kept = Kept::new(NonZeroUsize::new(2).unwrap());
        let get = |key| kept.get_or(key, || device.program(&Source::new("nothing"))).unwrap();
        let first = get(1);
        get(2);
        get(1);
        // The second goes, and is made again.
        get(3);
        let none = || panic!("it is there");
        assert!(Arc::ptr_eq(&kept.get_or(1, none).unwrap(), &first));
        get(2);
        assert_eq!((kept.len(), kept.uses()), (2, Uses { hits: 2, misses: 4, evictions: 2 }));
        let refused = || device.program(&Source::new("wrong").body("no"));
        let error = kept.get_or(9, refused).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Validation { .. }));
        assert_eq!((kept.len(), kept.uses().misses), (2, 4));
    }

    #[test]
    fn programs_are_no_more_than_are_kept() {
        let device = Device::open(Select::noop()).unwrap();
        let source = |i: usize| Source::new("f").body(&format!("let x = {i}u;"));
        let most = MOST.get();
        for i in 0..most + 10 {
            device.program(&source(i)).unwrap();
        }
        let stats = device.stats();
        assert_eq!((stats.programs, stats.program_evictions), (most, 10));
        assert_eq!((stats.program_hits, stats.program_misses), (0, most as u64 + 10));
        device.program(&source(most)).unwrap();
        device.program(&source(0)).unwrap();
        let stats = device.stats();
        assert_eq!((stats.program_hits, stats.program_evictions), (1, 11));
    }
}
