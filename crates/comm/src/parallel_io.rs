//! Files that ranks open together.

use std::path::Path;

use crate::{Call, CallKind, Communicator, File, FileMode, Result};

/// What ranks do with files together. Every [`Communicator`] can, where all ranks see one file system.
///
/// ```
/// use tenfold_comm::{Communicator, FileMode, ParallelIo, World};
///
/// let path = std::env::temp_dir().join(format!("tenfold-comm-doc-{}", std::process::id()));
/// let result = World::threads(3).run(|world| {
///     let rank = world.rank();
///     let file = world.open_file(&path, FileMode::Truncate)?;
///     // Each as many numbers as its rank, one after another.
///     let range = file.write_ordered(&vec![rank as f64; rank], 0)?;
///     let mut all = [0.0; 3];
///     file.read_at_all(&mut all, 0)?;
///     assert_eq!(all, [1.0, 2.0, 2.0]);
///     Ok::<_, tenfold_comm::Error>(range.end)
/// });
/// std::fs::remove_file(&path).unwrap();
/// assert_eq!(result.unwrap(), [0, 8, 24]);
/// ```
pub trait ParallelIo: Communicator {
    /// Opens a file. Every rank calls this, with the same path and mode; rank 0 makes the file, where there
    /// is none.
    ///
    /// # Errors
    /// [`File`](crate::ErrorKind::File) on every rank if it fails on one: then no rank has it open, and what
    /// stands in it is kept; one that was made stays. [`FileMismatch`](crate::ErrorKind::FileMismatch) on every
    /// rank for other paths or modes. [`Unsupported`](crate::ErrorKind::Unsupported) where the system is no Unix. As
    /// [`allgather`](Communicator::allgather).
    #[track_caller]
    fn open_file(&self, path: impl AsRef<Path>, mode: FileMode) -> Result<File<'_, Self>> {
        self.observe(&Call::new(CallKind::OpenFile), || File::open(self, path.as_ref(), mode))
    }
}

impl<C: Communicator> ParallelIo for C {}
