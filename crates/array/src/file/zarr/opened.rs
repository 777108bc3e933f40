//! Files of chunks that were read last, and stay open: opening one takes as long as reading 64 KiB of it.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::recent::Recent;
use crate::error::Result;
use crate::file::disk::{Disk, Stamp};

/// How many files an array keeps open at most: windows that are read at a time, or one after another, are of few.
const MOST: usize = 16;

/// How many all arrays do together, so that many arrays leave a process most of the 1024 files that it may open.
const ALL: usize = 128;

static KEPT: AtomicUsize = AtomicUsize::new(0);

/// The files of an array that stay open.
#[derive(Debug)]
pub(super) struct Opened(Recent<Open>);

/// A file, as long as it was when it was opened.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) disk: Arc<Disk>,
    pub(super) len: u64,
    path: PathBuf,
    seat: Option<Seat>,
}

/// One of the [`ALL`].
#[derive(Debug)]
struct Seat;

impl Seat {
    fn take() -> Option<Self> {
        let one_more = |kept| (kept < ALL).then_some(kept + 1);
        KEPT.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more).ok().map(|_| Self)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        KEPT.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Opened {
    pub(super) fn new() -> Self {
        Self(Recent::new(MOST))
    }

    /// The file at a place among all, which is opened anew if another one has its name by now, or it was changed.
    pub(super) fn get(
        &self,
        place: &[usize],
        name: impl FnOnce() -> (PathBuf, String),
    ) -> Result<Arc<Open>> {
        if let Some((stamp, open)) = self.0.get(place)
            && Stamp::at(&open.path).is_ok_and(|now| now == stamp)
        {
            return Ok(open);
        }
        let (path, subject) = name();
        let opened = Disk::open(&path).map_err(|error| error.within(&subject));
        let (disk, len) = opened.inspect_err(|_| self.0.forget(place))?;
        let disk = disk.renamed(subject);
        let stamp = disk.stamp()?;
        let seat = Seat::take().or_else(|| {
            self.0.drop_oldest();
            Seat::take()
        });
        let open = Arc::new(Open { disk: Arc::new(disk), len, path, seat });
        // Who fills it just now may have made it longer since.
        if open.seat.is_some() && stamp.len() == len {
            self.0.put(place, stamp, &open);
        }
        Ok(open)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_stay_open_and_what_was_replaced_is_opened_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = |i: usize| folder.path().join(i.to_string());
        let opened = Opened::new();
        let get = |i: usize| opened.get(&[i], || (path(i), format!("chunk {i}")));
        for i in 0..MOST + 2 {
            std::fs::write(path(i), [7; 3]).unwrap();
            assert_eq!(get(i).unwrap().len, 3);
        }
        let kept = |i: usize| opened.0.get(&[i]).is_some();
        assert_eq!((kept(0), kept(1), kept(2), kept(MOST + 1)), (false, false, true, true));
        assert!(Arc::ptr_eq(&get(2).unwrap(), &get(2).unwrap()));

        std::fs::write(path(MOST + 2), [8; 4]).unwrap();
        std::fs::rename(path(MOST + 2), path(2)).unwrap();
        assert_eq!(get(2).unwrap().len, 4);
        std::fs::remove_file(path(2)).unwrap();
        let error = get(2).unwrap_err();
        assert!(crate::file::disk::is_missing(&error), "{error}");
        assert!(!kept(2));
    }
}
