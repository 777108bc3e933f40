//! Files of elements and nothing else.

use std::marker::PhantomData;
use std::path::Path;
use std::sync::Arc;

use super::byte_order::ByteOrder;
use super::disk::Disk;
use super::extent::Extent;
use super::fault::Fault;
use super::filling::Filling;
use super::layout::Layout;
use super::unfinished::Unfinished;
use crate::element::Element;
use crate::error::Result;
use crate::source::{Source, Target};
use crate::window::{Dims, Window};

/// An array that lies somewhere in a file, dense and in row-major order, as `numpy.fromfile` takes it.
///
/// What holds for [`NpyFile`](crate::NpyFile) on windows and memory holds here too.
///
/// ```
/// use tenfold_array::{ByteOrder, RawFile, Source, Window};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("a.raw");
/// std::fs::write(&path, [255, 0, 1, 0, 2, 0, 3, 0, 4])?;
///
/// // Two rows of two, behind a byte of something else.
/// let file = RawFile::<u16>::open(&path, 1, &[2, 2], ByteOrder::Big)?;
/// let mut row = [0; 2];
/// file.read(&Window::new(&[1..2, 0..2]), &mut row)?;
/// assert_eq!(row, [3, 4]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct RawFile<T> {
    extent: Extent,
    of: PhantomData<T>,
}

impl<T: Element> RawFile<T> {
    /// Opens the array of a shape whose first byte is byte `offset` of the file.
    ///
    /// # Errors
    /// [`Io`](crate::ErrorKind::Io) if the file cannot be opened, [`Data`](crate::ErrorKind::Data) if it has not as
    /// many bytes.
    pub fn open(
        path: impl AsRef<Path>,
        offset: u64,
        shape: &[usize],
        order: ByteOrder,
    ) -> Result<Self> {
        let (disk, len) = Disk::open(path.as_ref())?;
        let laid = layout::<T>(offset, shape, order).and_then(|layout| {
            layout.check_end(len)?;
            Ok(layout)
        });
        let layout = laid.map_err(|fault| fault.of(disk.subject()))?;
        Ok(Self { extent: Extent { disk: Arc::new(disk), layout }, of: PhantomData })
    }
}

/// Where the elements lie.
pub(super) fn layout<T: Element>(
    offset: u64,
    shape: &[usize],
    order: ByteOrder,
) -> Result<Layout, Fault> {
    let layout = Layout::new(shape, T::DTYPE, offset)?;
    Ok(Layout { is_foreign: order.is_foreign(), ..layout })
}

impl<T: Element> Source<T> for RawFile<T> {
    fn shape(&self) -> Dims {
        self.extent.shape()
    }

    fn version(&self) -> Option<String> {
        self.extent.version()
    }

    fn read(&self, window: &Window, out: &mut [T]) -> Result<()> {
        self.extent.read(window, out)
    }
}

/// A file of elements and nothing else, written window by window, that is not there before it is whole: as
/// [`NpyWriter`](crate::NpyWriter) is, without a header.
///
/// ```
/// use tenfold_array::{ByteOrder, RawWriter, Target, Window};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("a.raw");
/// let writer = RawWriter::<u16>::create(&path, &[2], ByteOrder::Big)?;
/// writer.write(&Window::whole(&[2]), &[1, 2])?;
/// writer.finish()?;
/// assert_eq!(std::fs::read(&path)?, [0, 1, 0, 2]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct RawWriter<T> {
    file: Unfinished,
    filling: Filling,
    of: PhantomData<T>,
}

impl<T: Element> RawWriter<T> {
    /// Begins a file of the given shape, in row-major order.
    ///
    /// # Errors
    /// [`Io`](crate::ErrorKind::Io) if the file cannot be created, or the disk has not as many bytes;
    /// [`Data`](crate::ErrorKind::Data) if the shape has more elements than can be counted.
    pub fn create(path: impl AsRef<Path>, shape: &[usize], order: ByteOrder) -> Result<Self> {
        let file = Unfinished::create(path.as_ref())?;
        let disk = Arc::clone(file.disk());
        let layout = layout::<T>(0, shape, order).map_err(|fault| fault.of(disk.subject()))?;
        disk.reserve(layout.end())?;
        let filling = Filling::new(Extent { disk, layout });
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

impl<T: Element> Target<T> for RawWriter<T> {
    fn shape(&self) -> Dims {
        self.filling.extent.shape()
    }

    fn write(&self, window: &Window, elements: &[T]) -> Result<()> {
        self.filling.write(window, elements)
    }
}
