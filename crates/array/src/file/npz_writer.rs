//! Writing npz files.

use std::io::Read as _;
use std::marker::PhantomData;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use flate2::Crc;

use super::disk::{Disk, io_error};
use super::extent::Extent;
use super::filling::Filling;
use super::npy_writer::begin;
use super::unfinished::Unfinished;
use super::zip::{self, Entry};
use crate::element::Element;
use crate::error::{Error, ErrorKind, Result};
use crate::source::Target;
use crate::window::{Dims, Window};

/// A file of several arrays, in NumPy's format npz and not packed, that is written window by window, and is not
/// there before it is whole: as [`NpyWriter`](crate::NpyWriter) is.
///
/// An archive has a checksum of each array, for which [`finish`](Self::finish) reads what was written once more.
/// The example is that of [`NpzFile`](crate::NpzFile).
#[derive(Debug)]
pub struct NpzWriter {
    file: Unfinished,
    members: Mutex<Vec<Arc<Member>>>,
}

/// An array in the archive.
#[derive(Debug)]
struct Member {
    entry: Entry,
    filling: Filling,
}

impl NpzWriter {
    /// Begins a file without arrays.
    ///
    /// # Errors
    /// [`Io`](ErrorKind::Io) if it cannot be created.
    pub fn create(path: impl AsRef<Path>) -> Result<Self> {
        Ok(Self { file: Unfinished::create(path.as_ref())?, members: Mutex::default() })
    }

    /// Adds an array. Several may be written at a time.
    ///
    /// # Errors
    /// [`Value`](ErrorKind::Value) if there is one of that name already, or the name is empty or has more than
    /// 1000 bytes; [`Io`](ErrorKind::Io) if the disk has not as many bytes; [`Data`](ErrorKind::Data) if the
    /// shape has more elements than can be counted.
    pub fn array<T: Element>(&self, name: &str, shape: &[usize]) -> Result<NpzMember<'_, T>> {
        let mut members = self.members.lock().unwrap_or_else(PoisonError::into_inner);
        let (disk, file_name) = (self.file.disk(), format!("{name}.npy"));
        let problem = match name.len() {
            0 => Some("which is empty".to_owned()),
            bytes @ 1001.. => Some(format!("which has {bytes} bytes, but at most 1000 can be")),
            _ => members
                .iter()
                .any(|member| member.entry.name == file_name)
                .then(|| format!("which {} has already", disk.subject())),
        };
        if let Some(problem) = problem {
            let start: String = name.chars().take(20).collect();
            let what = format!("argument `name` is {start:?}, {problem}");
            return Err(Error::new(ErrorKind::Value, what));
        }
        let header = members.last().map_or(0, |member| member.filling.extent.layout.end());
        let entry = Entry { name: file_name, header, ..Entry::default() };
        let start = header + zip::local_header(&entry).len() as u64;
        let disk = disk.renamed(format!("array `{name}` of {}", disk.subject()));
        let extent = begin::<T>(Arc::new(disk), start, shape)?;
        let size = extent.layout.end() - start;
        let entry = Entry { size, packed: size, ..entry };
        let member = Arc::new(Member { entry, filling: Filling::new(extent) });
        members.push(Arc::clone(&member));
        Ok(NpzMember { member, of: PhantomData })
    }

    /// Ends the file, waits until the disk has it, and gives it its name.
    ///
    /// # Errors
    /// [`Data`](ErrorKind::Data) if an element of an array was not written, [`Io`](ErrorKind::Io) if the file system
    /// refuses.
    pub fn finish(self) -> Result<()> {
        let (disk, mut entries, mut at) = (self.file.disk(), Vec::new(), 0);
        for member in self.members.into_inner().unwrap_or_else(PoisonError::into_inner) {
            member.filling.check()?;
            let Extent { disk, layout } = &member.filling.extent;
            let crc = checksum(disk, layout.end() - member.entry.size, layout.end())?;
            let entry = Entry { crc, ..member.entry.clone() };
            disk.write(entry.header, &zip::local_header(&entry))?;
            at = layout.end();
            entries.push(entry);
        }
        let directory = zip::directory(&entries, at);
        disk.write(at, &directory)?;
        // What an array that could not be added may have left.
        disk.cut(at + directory.len() as u64)?;
        self.file.finish()
    }
}

fn checksum(disk: &Disk, start: u64, end: u64) -> Result<u32> {
    let (mut reader, mut bytes, mut crc) = (disk.bytes(start..end), vec![0; 256 << 10], Crc::new());
    loop {
        let count = reader.read(&mut bytes);
        let what = || format!("{} cannot be read for its checksum", disk.subject());
        match count.map_err(|error| io_error(what(), error))? {
            0 => return Ok(crc.sum()),
            count => crc.update(&bytes[..count]),
        }
    }
}

/// An array of an [`NpzWriter`]. It ends with that.
#[derive(Debug)]
pub struct NpzMember<'a, T> {
    member: Arc<Member>,
    of: PhantomData<(&'a NpzWriter, T)>,
}

impl<T: Element> Target<T> for NpzMember<'_, T> {
    fn shape(&self) -> Dims {
        self.member.filling.extent.shape()
    }

    fn write(&self, window: &Window, elements: &[T]) -> Result<()> {
        self.member.filling.write(window, elements)
    }
}
