//! Writing npy files.

use std::marker::PhantomData;
use std::path::Path;
use std::sync::Arc;

use super::disk::Disk;
use super::extent::Extent;
use super::fault::Fault;
use super::filling::Filling;
use super::layout::Layout;
use super::npy_header::NpyHeader;
use super::unfinished::Unfinished;
use crate::element::Element;
use crate::error::Result;
use crate::source::Target;
use crate::window::{Dims, Window};

/// An npy file that is written window by window, from several threads, and is not there before it is whole.
///
/// Elements go to a hidden file beside it, whose space the disk sets aside when it is created.
/// [`finish`](Self::finish) gives it its name. Dropped before that, or if anything fails, nothing is left, and
/// what had the name before still has it. A process that is killed leaves the hidden file `.NAME.*.part`.
///
/// Each element is written once: a window with one that was written before is an error, and changes nothing. To know
/// that takes some 100 bytes for each window that has no neighbour yet; those that come about in the order of a grid
/// are soon one. Those in no grid take more than that, and time that grows with the square of their number. A window
/// that could not be written may be written again.
///
/// ```
/// use tenfold_array::{NpyWriter, Target, Window};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("a.npy");
/// let writer = NpyWriter::<i32>::create(&path, &[4])?;
/// writer.write(&Window::new(&[2..4]), &[3, 4])?;
/// writer.write(&Window::new(&[0..2]), &[1, 2])?;
/// assert!(!path.exists());
/// writer.finish()?;
/// assert!(std::fs::read(&path)?.ends_with(&[1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct NpyWriter<T> {
    file: Unfinished,
    filling: Filling,
    of: PhantomData<T>,
}

impl<T: Element> NpyWriter<T> {
    /// Begins a file of the given shape, in row-major order and this machine's order of bytes, of version 1.0.
    ///
    /// # Errors
    /// [`Io`](crate::ErrorKind::Io) if the file cannot be created, or the disk has not as many bytes;
    /// [`Data`](crate::ErrorKind::Data) if the shape has more elements than can be counted,
    /// [`Unsupported`](crate::ErrorKind::Unsupported) if it has more than 64 axes.
    pub fn create(path: impl AsRef<Path>, shape: &[usize]) -> Result<Self> {
        let file = Unfinished::create(path.as_ref())?;
        let disk = Arc::clone(file.disk());
        let filling = Filling::new(begin::<T>(disk, 0, shape)?);
        Ok(Self { file, filling, of: PhantomData })
    }

    /// Ends the file, waits until the disk has it, and gives it its name.
    ///
    /// # Errors
    /// [`Data`](crate::ErrorKind::Data) if an element was not written, [`Io`](crate::ErrorKind::Io) if the file system
    /// refuses.
    pub fn finish(self) -> Result<()> {
        self.filling.check()?;
        self.file.finish()
    }
}

/// Writes a header, and sets space aside for the elements behind it.
pub(super) fn begin<T: Element>(disk: Arc<Disk>, start: u64, shape: &[usize]) -> Result<Extent> {
    let made = laid_out::<T>(start, shape);
    let (bytes, layout) = made.map_err(|fault| fault.of(disk.subject()))?;
    disk.reserve(layout.end())?;
    disk.write(start, &bytes)?;
    Ok(Extent { disk, layout })
}

/// A header, and where the elements lie behind it.
pub(super) fn laid_out<T: Element>(
    start: u64,
    shape: &[usize],
) -> Result<(Vec<u8>, Layout), Fault> {
    let bytes = NpyHeader::new(T::DTYPE, shape).encode()?;
    let layout = Layout::new(shape, T::DTYPE, start + bytes.len() as u64)?;
    Ok((bytes, layout))
}

impl<T: Element> Target<T> for NpyWriter<T> {
    fn shape(&self) -> Dims {
        self.filling.extent.shape()
    }

    fn write(&self, window: &Window, elements: &[T]) -> Result<()> {
        self.filling.write(window, elements)
    }
}
