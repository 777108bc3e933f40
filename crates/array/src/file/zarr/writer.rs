//! Writing Zarr arrays.

use std::borrow::Cow;
use std::io::ErrorKind as IoKind;
use std::marker::PhantomData;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use zarrs::array::{Array, ArrayBytes, ArrayMetadata, ArrayToBytesCodecTraits as _};
use zarrs::filesystem::FilesystemStore;

use super::codec::{alone, zeros};
use super::described::{Described, broken};
use super::folder::{UnfinishedFolder, flush, replace, write};
use super::options::{ZarrOptions, ZarrVersion};
use super::pieces::{chunk_window, indices, one_run, runs, touched};
use crate::chunks::Chunks;
use crate::element::Element;
use crate::error::{Error, ErrorKind, Result};
use crate::executor::caught;
use crate::file::coverage::Coverage;
use crate::file::disk::io_error;
use crate::source::Target;
use crate::window::{Dims, Window, count};

/// A Zarr array that is written by whole chunks, from several threads. Feature `zarr`.
///
/// A new one is not there before it is whole: its files go to a hidden folder beside it, and
/// [`finish`](Self::finish) gives that its name, which nothing may have yet. Dropped before that, or if anything fails,
/// nothing is left; a process that is killed leaves the hidden folder `.NAME.*.part`. Chunks of one that is
/// [there](Self::open) are replaced one by one, each at once and whole.
///
/// A chunk, or a shard of several, is one file, which is written as a whole and once: two tasks that each had a part of
/// it would undo each other's work. [`Settings::store`](crate::Settings::store) cuts an array as it must be. A window
/// of your own that takes a part of a chunk is an error, as is one with a chunk that was written before. A part
/// of the array is stored by a [`Region`](crate::Region).
///
/// ```
/// use tenfold_array::{Target, Window, ZarrArray, ZarrWriter, Source};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("x.zarr");
/// let writer = ZarrWriter::<i32>::create(&path, &[5], &[4])?;
/// writer.write(&Window::new(&[4..5]), &[5])?;
/// let error = writer.write(&Window::new(&[0..2]), &[1, 2]).unwrap_err();
/// assert!(error.to_string().contains("takes a part of chunk [0..4]"), "{error}");
/// writer.write(&Window::new(&[0..4]), &[1, 2, 3, 4])?;
/// assert!(!path.exists());
/// writer.finish()?;
///
/// let mut back = [0; 5];
/// ZarrArray::<i32>::open(&path)?.read(&Window::whole(&[5]), &mut back)?;
/// assert_eq!(back, [1, 2, 3, 4, 5]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct ZarrWriter<T> {
    described: Described,
    /// Where it is written, and what is written of it at the end, if it is new.
    new: Option<(UnfinishedFolder, Vec<(&'static str, Value)>)>,
    /// Which chunks have come, by their place in the grid of them.
    came: Mutex<Coverage>,
    of: PhantomData<T>,
}

impl<T: Element> ZarrWriter<T> {
    /// Begins an array of a shape in chunks of another, of version 3, packed by Zstandard.
    ///
    /// # Errors
    /// [`Io`](ErrorKind::Io) if something has its name, or the folder of that takes none;
    /// [`Shape`](ErrorKind::Shape) or [`Chunks`](ErrorKind::Chunks) if there is not one size for each axis, or one is 0;
    /// [`Data`](ErrorKind::Data) if the shape has more elements than can be counted.
    pub fn create(path: impl AsRef<Path>, shape: &[usize], chunk: &[usize]) -> Result<Self> {
        Self::create_with(path, shape, chunk, &ZarrOptions::new())
    }

    /// The same with other options.
    ///
    /// # Errors
    /// As [`create`](Self::create), and for options that do not go together.
    pub fn create_with(
        path: impl AsRef<Path>,
        shape: &[usize],
        chunk: &[usize],
        options: &ZarrOptions<T>,
    ) -> Result<Self> {
        let path = path.as_ref();
        let subject = format!("Zarr array `{}`", path.display());
        let texts = options.metadata(shape, chunk)?;
        let folder = UnfinishedFolder::create(path, &subject)?;
        let array = array_of(folder.path(), options.of_version(), &texts, &subject)?;
        let described = Described::new::<T>(folder.path(), subject, array)?;
        Self::new(described, Some((folder, texts)))
    }

    /// Opens an array that is there, to replace some of its chunks. Its shape stays. Who reads it meanwhile, or when the process
    /// was killed, has some of the new chunks and some of those before, each of them whole.
    ///
    /// # Errors
    /// As [`ZarrArray::open`](crate::ZarrArray::open).
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::new(Described::open::<T>(path.as_ref())?, None)
    }

    fn new(
        described: Described,
        new: Option<(UnfinishedFolder, Vec<(&'static str, Value)>)>,
    ) -> Result<Self> {
        let grid = described.chunks()?.counts();
        Ok(Self { came: Mutex::new(Coverage::new(&grid)), described, new, of: PhantomData })
    }

    /// Ends an array of which all chunks have come: waits until the disk has them, and gives a new one its name. Of one
    /// that was there before any may have come.
    ///
    /// # Errors
    /// [`Data`](ErrorKind::Data) if a chunk of a new array was not written, [`Io`](ErrorKind::Io) if the file system refuses.
    pub fn finish(self) -> Result<()> {
        if self.new.is_some()
            && !self.described.shape().contains(&0)
            && let Some(index) = self.came().missing()
        {
            let (subject, window) = (&self.described.subject, self.described.chunk_window(&index));
            let what = format!(
                "{subject} has shape {:?}, but chunk {window:?} was not written",
                self.described.shape()
            );
            return Err(Error::new(ErrorKind::Data, what));
        }
        self.finish_filled()
    }

    /// Ends an array whose chunks need not all have come: the others are of the fill value, until somebody
    /// [opens](Self::open) it and writes them.
    ///
    /// # Errors
    /// [`Io`](ErrorKind::Io) if the file system refuses.
    pub fn finish_filled(self) -> Result<()> {
        let subject = &self.described.subject;
        let Some((folder, texts)) = self.new else { return flush(&self.described.folder, subject) };
        for (name, text) in texts {
            write(&folder.path().join(name), format!("{text:#}").as_bytes()).map_err(|error| {
                io_error(format!("`{name}` of {subject} cannot be written"), error)
            })?;
        }
        folder.finish()
    }

    fn came(&self) -> MutexGuard<'_, Coverage> {
        self.came.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// That a window has whole chunks alone, but for the ends of the array.
    fn check_whole(&self, window: &Window) -> Result<()> {
        let array = &self.described;
        let is_cut = |axis: usize| {
            let (range, size, len) = (window.range(axis), array.chunk[axis], array.shape()[axis]);
            let is_edge = |at: usize| at.is_multiple_of(size) || at == len;
            !is_edge(range.start) || !is_edge(range.end)
        };
        if !(0..window.ndim()).any(is_cut) {
            return Ok(());
        }
        let files = touched(window, &array.chunk);
        let shared = indices(&files).map(|index| array.chunk_window(&index)).find(|chunk| {
            (0..window.ndim()).any(|axis| {
                let (chunk, window) = (chunk.range(axis), window.range(axis));
                chunk.start < window.start || chunk.end > window.end
            })
        });
        let what = format!(
            "argument `window` is {window:?}, of shape {:?}, which takes a part of chunk {:?} of {}, whose chunks are \
             written as a whole and have shape {:?}",
            window.shape(),
            shared.unwrap_or_else(|| window.clone()),
            array.subject,
            array.chunk.as_slice()
        );
        Err(Error::new(ErrorKind::Chunks, what))
    }

    /// Writes the chunk with this index, of a window that has all of it.
    fn write_chunk(&self, index: &[usize], window: &Window, elements: &[T]) -> Result<()> {
        let array = &self.described;
        let (path, subject) = array.file(index);
        let bytes = self.chunk_bytes(index, window, elements, &subject)?;
        let refused = |error| io_error(format!("{subject} cannot be written"), error);
        if is_all(&bytes, array.array.fill_value().as_ne_bytes()) {
            // What stands for it is that there is no file.
            return match std::fs::remove_file(&path) {
                Err(error) if error.kind() != IoKind::NotFound => Err(refused(error)),
                _ => Ok(()),
            };
        }
        let zarrs = &array.array;
        let encoded = caught(|| {
            let shape: Vec<_> = array
                .chunk
                .iter()
                .filter_map(|&len| std::num::NonZeroU64::new(len as u64))
                .collect();
            let bytes = ArrayBytes::new_flen(bytes);
            zarrs.codecs().encode(bytes, &shape, zarrs.data_type(), zarrs.fill_value(), &alone())
        });
        let encoded = encoded.map_err(|text| broken(&subject, &text))?.map_err(|error| {
            Error::new(ErrorKind::Data, format!("{subject} cannot be encoded: {error}"))
                .because(error)
        })?;
        match self.new {
            Some(_) => write(&path, &encoded),
            None => replace(&path, &encoded),
        }
        .map_err(refused)
    }

    /// The bytes of a chunk: behind the end of the array those of the fill value.
    fn chunk_bytes<'a>(
        &self,
        index: &[usize],
        window: &Window,
        elements: &'a [T],
        subject: &str,
    ) -> Result<Cow<'a, [u8]>> {
        let array = &self.described;
        let (chunk, part) = (chunk_window(index, &array.chunk), array.chunk_window(index));
        if let Some(run) = one_run(&part, window).filter(|_| chunk == part) {
            return Ok(Cow::Borrowed(T::as_bytes(&elements[run])));
        }
        let mut bytes = zeros(count(&array.chunk) * T::DTYPE.bytes(), subject)?;
        let fill = array.array.fill_value().as_ne_bytes();
        if chunk != part && fill.iter().any(|&byte| byte != 0) {
            bytes.chunks_exact_mut(fill.len()).for_each(|element| element.copy_from_slice(fill));
        }
        let each = T::DTYPE.bytes();
        runs(&part, &chunk, window, |to, from, len| {
            bytes[to * each..(to + len) * each]
                .copy_from_slice(T::as_bytes(&elements[from..from + len]));
            Ok(())
        })?;
        Ok(Cow::Owned(bytes))
    }
}

/// Whether all elements are this one, bit for bit.
fn is_all(bytes: &[u8], fill: &[u8]) -> bool {
    !fill.is_empty() && bytes.chunks_exact(fill.len()).all(|element| element == fill)
}

/// An array of metadata that are not written yet.
fn array_of(
    folder: &Path,
    version: ZarrVersion,
    texts: &[(&'static str, Value)],
    subject: &str,
) -> Result<Array<FilesystemStore>> {
    let refuse = |what: &dyn std::fmt::Display| {
        Error::new(ErrorKind::Data, format!("{subject} cannot be described: {what}"))
    };
    let about = texts.first().map_or(Value::Null, |(_, about)| about.clone());
    let metadata = match version {
        ZarrVersion::V3 => serde_json::from_value(about).map(ArrayMetadata::V3),
        ZarrVersion::V2 => serde_json::from_value(about).map(ArrayMetadata::V2),
    };
    let metadata = metadata.map_err(|error| refuse(&error))?;
    let store = FilesystemStore::new(folder).map_err(|error| refuse(&error))?;
    let made = caught(|| Array::new_with_metadata(Arc::new(store), "/", metadata));
    made.map_err(|text| broken(subject, &text))?.map_err(|error| refuse(&error))
}

impl<T: Element> Target<T> for ZarrWriter<T> {
    fn shape(&self) -> Dims {
        self.described.shape().clone()
    }

    /// Those that are a file each: of shards, all that is in one.
    fn chunks(&self) -> Option<Chunks> {
        self.described.chunks().ok()
    }

    /// A chunk behind whose end the array goes no further, what it is packed to, and what codecs hold meanwhile.
    fn memory(&self) -> usize {
        let copies = 3 + self.described.codec.packing().copies();
        count(&self.described.chunk).saturating_mul(T::DTYPE.bytes()).saturating_mul(copies)
    }

    fn write(&self, window: &Window, elements: &[T]) -> Result<()> {
        let array = &self.described;
        array.check(window, elements.len())?;
        if elements.is_empty() {
            return Ok(());
        }
        self.check_whole(window)?;
        let files = touched(window, &array.chunk);
        // Before anything is written: two threads may come with the same chunk.
        self.came().take(&files).map_err(|index| {
            let what = format!(
                "argument `window` is {window:?}, but chunk {:?} of {} has come before",
                array.chunk_window(&index),
                array.subject
            );
            Error::new(ErrorKind::Value, what)
        })?;
        let written =
            indices(&files).try_for_each(|index| self.write_chunk(&index, window, elements));
        if written.is_err() {
            self.came().give_back(&files);
        }
        written
    }
}
