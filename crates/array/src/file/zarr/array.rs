//! Reading Zarr arrays.

use std::marker::PhantomData;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::attributes::dimension_names;
use super::codec::zeros;
use super::described::Described;
use super::options::ZarrVersion;
use super::pieces::{
    chunk_window, common, indices, one_run, place, runs, runs_of, touched, within,
};
use super::shard::Shard;
use crate::chunks::Chunks;
use crate::element::{DType, Element};
use crate::error::{Error, ErrorKind, Result};
use crate::file::disk::{Disk, is_missing};
use crate::file::extent::Extent;
use crate::file::layout::Layout;
use crate::source::Source;
use crate::window::{Dims, Window};

/// An array in a folder of the format Zarr, version 2 or 3, of which windows are read. Feature `zarr`.
///
/// Elements are those of all types here, in either order of bytes and, in version 2, of axes; chunks may be packed once, by
/// Zstandard, gzip, zlib or Blosc, after what keeps or sets the number of bytes (`transpose`, `numcodecs.shuffle`,
/// `numcodecs.fixedscaleoffset`), have checksums (CRC32C), and lie in shards. Other codecs are refused, and so are those in
/// an order in which a file could say how much memory it takes: of a chunk that is packed twice, or a shard within
/// another. A chunk whose file is missing is of the fill value. Who changes files while it is open reads what is
/// there then; on a network file system, what its cache of attributes knows.
///
/// # Cost
/// Chunks that are not packed are read as a raw file is, in shards too: only what a window needs, right into the caller's
/// slice. Others are unpacked as a whole, once for each window, right into the caller's slice if they lie there in one
/// piece; of shards, those chunks that a window touches. What that takes is counted by plans, which then read whole chunks of
/// the lazy array: so these should be as the file's are, which `"auto"` makes them, or consist of several. The indices of
/// the last four shards are kept as long as it is open; plans that read it count them. Up to sixteen files stay open, 128 of
/// all arrays together, so that those that are removed give their space back when the array is dropped.
///
/// ```
/// use tenfold_array::{Array, Settings, ZarrArray, ZarrWriter, ndarray::Ix2};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("x.zarr");
/// let writer = ZarrWriter::create(&path, &[300, 400], &[100, 100])?;
/// Settings::new().store(&Array::<f64, Ix2>::ones([300, 400], 100), &writer)?;
/// writer.finish()?;
///
/// let x = Array::<f64, Ix2>::from_source(ZarrArray::open(&path)?, "auto");
/// assert_eq!(x.chunks().largest().as_slice(), [100, 100]);
/// assert_eq!(x.sum().compute()?.into_scalar(), 120_000.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct ZarrArray<T> {
    described: Described,
    fill: T,
    of: PhantomData<T>,
}

impl<T: Element> ZarrArray<T> {
    /// Opens the array in a folder, which has a `zarr.json` or a `.zarray`, and reads that.
    ///
    /// # Errors
    /// [`Io`](ErrorKind::Io) if it cannot be read, [`Data`](ErrorKind::Data) if the folder is no array, is described
    /// wrongly, or has other elements than `T`; [`Unsupported`](ErrorKind::Unsupported) if no array here has such
    /// elements, or a codec or an extension is not known.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let described = Described::open::<T>(path.as_ref())?;
        let fill = described.fill_value()?;
        Ok(Self { described, fill, of: PhantomData })
    }

    /// What elements are that are in no file.
    #[must_use]
    pub fn fill_value(&self) -> T {
        self.fill
    }

    /// What its author has written beside it.
    #[must_use]
    pub fn attributes(&self) -> &Map<String, Value> {
        self.described.attributes()
    }

    /// The names of its axes, where they have some: of version 2 by the attribute that xarray uses for them.
    #[must_use]
    pub fn dimension_names(&self) -> Vec<Option<String>> {
        dimension_names(&self.described)
    }

    /// The version of the format.
    #[must_use]
    pub fn version(&self) -> ZarrVersion {
        ZarrVersion::of(self.described.array.metadata())
    }

    /// The shape of what is one file, which has several chunks if it is a shard.
    #[must_use]
    pub fn shard(&self) -> &[usize] {
        &self.described.chunk
    }

    /// Reads what a file has of a window.
    fn read_file(&self, index: &[usize], window: &Window, out: &mut [T]) -> Result<()> {
        let array = &self.described;
        let origin = chunk_window(index, &array.chunk);
        let part = common(&origin, window);
        let open = match array.opened.get(index, || array.file(index)) {
            Ok(open) => open,
            Err(error) if is_missing(&error) => return self.fill(&part, window, out),
            Err(error) => return Err(error),
        };
        let (disk, len) = (&open.disk, open.len);
        let Some(shard) = &array.shard else {
            return self.read_chunk(disk, 0..len, &origin, window, out);
        };
        let places = shard.index(index, disk, len)?;
        for index in indices(&touched(&within(&part, &origin), &shard.chunk)) {
            let mut chunk = chunk_window(&index, &shard.chunk);
            for (axis, &start) in origin.start().iter().enumerate() {
                let range = chunk.range(axis);
                chunk.set(axis, range.start + start..range.end + start);
            }
            match places.range(&index, len, disk.subject())? {
                Some(range) => self.read_chunk(disk, range, &chunk, window, out)?,
                None => self.fill(&common(&chunk, window), window, out)?,
            }
        }
        Ok(())
    }

    /// Reads what a chunk, which has these bytes of a file, has of a window.
    fn read_chunk(
        &self,
        disk: &Arc<Disk>,
        range: Range<u64>,
        chunk: &Window,
        window: &Window,
        out: &mut [T],
    ) -> Result<()> {
        let codec = &self.described.codec;
        let part = common(chunk, window);
        if let Some(is_foreign) = codec.foreign_if_plain() {
            return self.read_plain(disk, range, is_foreign, chunk, window, out);
        }
        let subject = disk.subject();
        let bytes = usize::try_from(range.end - range.start).unwrap_or(usize::MAX);
        if bytes > codec.most() {
            let what = format!(
                "{subject} has {bytes} bytes, more than the {} of its elements take",
                codec.bytes
            );
            return Err(Error::new(ErrorKind::Data, what));
        }
        let mut stored = zeros(bytes, subject)?;
        disk.read(range.start, &mut stored)?;
        let not_elements = |error: Error| {
            let what = format!("{subject} holds something else than {}", T::DTYPE);
            Error::new(ErrorKind::Data, what).because(error)
        };
        // Unpacked where it is wanted, if all of it is and lies together.
        let is_unpacked_here = part == *chunk && codec.is_native();
        if let Some(run) = one_run(&part, window).filter(|_| is_unpacked_here) {
            let mut is_unpacked = false;
            let done = T::from_bytes(&mut out[run], &mut |to| {
                codec.unpack(&stored, to, subject)?;
                is_unpacked = true;
                Ok(())
            });
            return done.map_err(|error| if is_unpacked { not_elements(error) } else { error });
        }
        let array = &self.described.array;
        let elements = codec.decode(&stored, array.data_type(), array.fill_value(), subject)?;
        let each = T::DTYPE.bytes();
        runs(&part, window, chunk, |to, from, len| {
            T::from_bytes(&mut out[to..to + len], &mut |bytes| {
                bytes.copy_from_slice(&elements[from * each..(from + len) * each]);
                Ok(())
            })
            .map_err(not_elements)
        })
    }

    /// The same of a chunk whose bytes lie as they do in memory, or each number the other way round.
    fn read_plain(
        &self,
        disk: &Arc<Disk>,
        range: Range<u64>,
        is_foreign: bool,
        chunk: &Window,
        window: &Window,
        out: &mut [T],
    ) -> Result<()> {
        let codec = &self.described.codec;
        let subject = disk.subject();
        let layout = Layout::new(&codec.chunk, T::DTYPE, range.start);
        let mut layout = layout.map_err(|fault| fault.of(subject))?;
        layout.is_foreign = is_foreign;
        if layout.bytes != range.end - range.start {
            let (bytes, found) = (layout.bytes, range.end - range.start);
            let what = format!("{subject} has {found} bytes, but its elements have {bytes}");
            return Err(Error::new(ErrorKind::Data, what));
        }
        let extent = Extent { disk: Arc::clone(disk), layout };
        let part = common(chunk, window);
        let mut rest = within(&part, chunk);
        if extent.read_among(&rest, window.shape(), &mut out[place(part.start(), window)..])? {
            return Ok(());
        }
        // Piece by piece, as they lie together where they are wanted.
        let first = (0..part.ndim()).rev().find(|&axis| part.shape()[axis] != window.shape()[axis]);
        let outer =
            Window::new(&(0..first.unwrap_or(0)).map(|axis| part.range(axis)).collect::<Vec<_>>());
        let mut pieces = indices(&outer);
        runs_of(&part, window, |at, len| {
            let index = pieces.next().unwrap_or_default();
            for axis in 0..part.ndim() {
                let range = match index.get(axis) {
                    Some(&i) => i..i + 1,
                    None => part.range(axis),
                };
                let start = chunk.start()[axis];
                rest.set(axis, range.start - start..range.end - start);
            }
            extent.read(&rest, &mut out[at..at + len])
        })
    }

    /// Fills a part of a window.
    fn fill(&self, part: &Window, window: &Window, out: &mut [T]) -> Result<()> {
        runs_of(part, window, |at, len| {
            out[at..at + len].fill(self.fill);
            Ok(())
        })
    }
}

impl<T: Element> Source<T> for ZarrArray<T> {
    fn shape(&self) -> Dims {
        self.described.shape().clone()
    }

    /// Those of the file: of shards, the chunks within.
    fn chunks(&self) -> Option<Chunks> {
        Chunks::even(self.described.shape(), &self.described.codec.chunk).ok()
    }

    fn memory(&self) -> usize {
        let array = &self.described;
        let packed = array.codec.memory();
        // Not every byte is a `bool`, so they come to rest elsewhere first.
        let bools = if T::DTYPE == DType::Bool && packed > 0 { array.codec.bytes } else { 0 };
        packed.saturating_add(bools)
    }

    fn kept(&self) -> usize {
        self.described.shard.as_ref().map_or(0, Shard::memory)
    }

    fn read(&self, window: &Window, out: &mut [T]) -> Result<()> {
        self.described.check(window, out.len())?;
        if window.len() == 0 {
            return Ok(());
        }
        let files = touched(window, &self.described.chunk);
        indices(&files).try_for_each(|index| self.read_file(&index, window, out))
    }
}
