//! Arrays that are put aside on disk for a while.

use std::marker::PhantomData;
use std::path::Path;
use std::sync::Arc;

use super::disk::{Disk, io_error};
use super::extent::Extent;
use super::layout::Layout;
use crate::element::Element;
use crate::error::Result;
use crate::source::{Source, Target};
use crate::window::{Dims, Window};

/// An array on disk that is gone when it is dropped, or when the process ends, however it ends: its file has no
/// name. It is written and read window by window, from several threads; what was not written reads as zero.
///
/// ```
/// use tenfold_array::{ScratchFile, Source, Target, Window};
///
/// let file = ScratchFile::<f64>::create(std::env::temp_dir(), &[2, 2])?;
/// file.write(&Window::new(&[1..2, 0..2]), &[3.0, 4.0])?;
/// let mut all = [1.0; 4];
/// file.read(&Window::whole(&[2, 2]), &mut all)?;
/// assert_eq!(all, [0.0, 0.0, 3.0, 4.0]);
/// # Ok::<(), tenfold_array::Error>(())
/// ```
#[derive(Debug)]
pub struct ScratchFile<T> {
    extent: Extent,
    of: PhantomData<T>,
}

impl<T: Element> ScratchFile<T> {
    /// Sets aside space in a folder for an array of a shape.
    ///
    /// # Errors
    /// [`Io`](crate::ErrorKind::Io) if no file can be created there, or the disk has not as many bytes;
    /// [`Data`](crate::ErrorKind::Data) if the shape has more elements than can be counted.
    pub fn create(folder: impl AsRef<Path>, shape: &[usize]) -> Result<Self> {
        let disk = nameless(folder.as_ref())?;
        let layout = Layout::new(shape, T::DTYPE, 0).map_err(|fault| fault.of(disk.subject()))?;
        disk.reserve(layout.end())?;
        Ok(Self { extent: Extent { disk: Arc::new(disk), layout }, of: PhantomData })
    }

    /// Gives the disk back the space of a window, which nobody reads again, as far as it lies in blocks of its own:
    /// runs of less than 4 KiB keep theirs, and so does every window where the file system cannot.
    ///
    /// # Errors
    /// [`Shape`](crate::ErrorKind::Shape) and [`Index`](crate::ErrorKind::Index) if the window does not lie in the
    /// array, [`Io`](crate::ErrorKind::Io) if the file system refuses.
    pub fn release(&self, window: &Window) -> Result<()> {
        self.extent.release(window)
    }
}

/// A file without a name.
pub(super) fn nameless(folder: &Path) -> Result<Disk> {
    let subject = format!("a scratch file in `{}`", folder.display());
    match tempfile::tempfile_in(folder) {
        Ok(file) => Ok(Disk::new(file, subject)),
        Err(error) => Err(io_error(format!("{subject} cannot be created"), error)),
    }
}

impl<T: Element> Source<T> for ScratchFile<T> {
    fn shape(&self) -> Dims {
        self.extent.shape()
    }

    fn read(&self, window: &Window, out: &mut [T]) -> Result<()> {
        self.extent.read(window, out)
    }
}

impl<T: Element> Target<T> for ScratchFile<T> {
    fn shape(&self) -> Dims {
        self.extent.shape()
    }

    fn write(&self, window: &Window, elements: &[T]) -> Result<()> {
        self.extent.write(window, elements)
    }
}
