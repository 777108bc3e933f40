//! Reading npy files.

use std::marker::PhantomData;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use super::disk::Disk;
use super::extent::Extent;
use super::npy_header::NpyHeader;
use crate::chunks::Chunks;
use crate::element::Element;
use crate::error::Result;
use crate::source::Source;
use crate::window::{Dims, Window};

/// An array in a file of NumPy's format npy, of which windows are read.
///
/// Versions 1.0 to 3.0 are read, in row-major and column-major order, and bytes in either order. Only what a window
/// needs is read, by reads that say where, at most 256 KiB of it in passing elsewhere than in the caller's slice
/// (a window that takes part of each row, or of a column-major file); nothing is mapped. The file may be longer
/// than its array, as in NumPy. Who changes it while it is open reads what is there then.
///
/// ```
/// use tenfold_array::{NpyFile, NpyWriter, Source, Target, Window};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("a.npy");
/// let writer = NpyWriter::<f64>::create(&path, &[2, 3])?;
/// writer.write(&Window::whole(&[2, 3]), &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0])?;
/// writer.finish()?;
///
/// let file = NpyFile::<f64>::open(&path)?;
/// let mut column = [0.0; 2];
/// file.read(&Window::new(&[0..2, 1..2]), &mut column)?;
/// assert_eq!(column, [2.0, 5.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct NpyFile<T> {
    extent: Extent,
    of: PhantomData<T>,
}

impl<T: Element> NpyFile<T> {
    /// Opens a file, and reads and checks its header.
    ///
    /// # Errors
    /// [`Io`](crate::ErrorKind::Io) if the file cannot be read, [`Data`](crate::ErrorKind::Data) if it is no npy file, is torn,
    /// or has other elements than `T`, [`Unsupported`](crate::ErrorKind::Unsupported) if no array here has such elements, or
    /// there are more than 64 axes.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let (disk, len) = Disk::open(path.as_ref())?;
        Self::within(disk, 0..len)
    }

    /// An npy file that is a part of another file.
    pub(super) fn within(disk: Disk, range: Range<u64>) -> Result<Self> {
        let header = NpyHeader::read(&mut disk.bytes(range.clone()), range.end - range.start);
        let layout = header.and_then(|header| header.layout::<T>(range));
        let layout = layout.map_err(|fault| fault.of(disk.subject()))?;
        Ok(Self { extent: Extent { disk: Arc::new(disk), layout }, of: PhantomData })
    }
}

impl<T: Element> Source<T> for NpyFile<T> {
    fn shape(&self) -> Dims {
        self.extent.shape()
    }

    /// For a column-major file, chunks of some 8 MiB of whole columns.
    fn chunks(&self) -> Option<Chunks> {
        self.extent.layout.chunks()
    }

    fn version(&self) -> Option<String> {
        self.extent.version()
    }

    fn read(&self, window: &Window, out: &mut [T]) -> Result<()> {
        self.extent.read(window, out)
    }
}
