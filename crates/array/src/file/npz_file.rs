//! Reading npz files.

use std::io::Read;
use std::path::Path;

use flate2::Crc;
use flate2::read::DeflateDecoder;

use super::disk::{Bytes, Disk};
use super::fault::Fault;
use super::npy_file::NpyFile;
use super::npy_header::NpyHeader;
use super::scratch::nameless;
use super::zip::{self, Entry};
use crate::element::Element;
use crate::error::{Error, ErrorKind, Result};

const STORED: u16 = 0;
const DEFLATED: u16 = 8;

/// A byte of deflated data never makes more than some 1032.
const LARGEST_RATIO: u64 = 1040;

/// A file of several arrays, in NumPy's format npz: an archive (zip) of npy files.
///
/// Arrays as `numpy.savez` writes them are read where they lie. Those of `numpy.savez_compressed` can only be read
/// from the beginning, so such an array is unpacked once, when it is opened, to a nameless file on disk; that takes
/// as much space there as it has bytes, and no memory.
///
/// ```
/// use tenfold_array::{NpzFile, NpzWriter, Source, Target, Window};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("a.npz");
/// let writer = NpzWriter::create(&path)?;
/// writer.array::<f32>("x", &[2])?.write(&Window::whole(&[2]), &[1.0, 2.0])?;
/// writer.finish()?;
///
/// let file = NpzFile::open(&path)?;
/// assert_eq!(file.names().collect::<Vec<_>>(), ["x"]);
/// let mut x = [0.0; 2];
/// file.array::<f32>("x")?.read(&Window::whole(&[2]), &mut x)?;
/// assert_eq!(x, [1.0, 2.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct NpzFile {
    disk: Disk,
    len: u64,
    entries: Vec<Entry>,
}

impl NpzFile {
    /// Opens a file, and reads which arrays it has.
    ///
    /// # Errors
    /// [`Io`](ErrorKind::Io) if the file cannot be read, [`Data`](ErrorKind::Data) if it is no npz file, or damaged.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let (disk, len) = Disk::open(path.as_ref())?;
        let entries = zip::read_entries(&disk, len)?;
        Ok(Self { disk, len, entries })
    }

    /// The names of the arrays, in the order of the file.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(name)
    }

    /// What an array is, for who does not know its elements beforehand.
    ///
    /// # Errors
    /// As [`array`](Self::array), but for the elements.
    pub fn header(&self, name: &str) -> Result<NpyHeader> {
        let (disk, member) = self.member(name)?;
        NpyHeader::read(&mut *member.reader(&disk), member.entry.size)
            .map_err(|fault| fault.of(disk.subject()))
    }

    /// An array, unpacked if need be to the folder for temporary files.
    ///
    /// # Errors
    /// [`Value`](ErrorKind::Value) if there is none of that name; [`Unsupported`](ErrorKind::Unsupported) if it is
    /// encrypted or packed in another way than NumPy does; those of [`NpyFile::open`].
    pub fn array<T: Element>(&self, name: &str) -> Result<NpyFile<T>> {
        self.array_in(name, std::env::temp_dir())
    }

    /// An array, unpacked if need be to a folder that has the space.
    ///
    /// # Errors
    /// As [`array`](Self::array).
    pub fn array_in<T: Element>(&self, name: &str, folder: impl AsRef<Path>) -> Result<NpyFile<T>> {
        let (disk, member) = self.member(name)?;
        let size = member.entry.size;
        if member.entry.method == STORED {
            return NpyFile::within(disk, member.start..member.start + size);
        }
        let scratch = nameless(folder.as_ref())?;
        scratch.reserve(size)?;
        member.unpack(&disk, &scratch)?;
        NpyFile::within(scratch.renamed(disk.subject().to_owned())?, 0..size)
    }

    /// An array's place, and the file by the array's name.
    fn member(&self, name: &str) -> Result<(Disk, Member<'_>)> {
        let of = |entry: &&Entry| self::name(entry) == name || entry.name == name;
        let Some(entry) = self.entries.iter().rfind(of) else {
            let names: Vec<_> = self.names().take(10).collect();
            let subject = self.disk.subject();
            let what = format!("argument `name` is {name:?}, but {subject} has {names:?}");
            return Err(Error::new(ErrorKind::Value, what));
        };
        let disk = self.disk.renamed(format!("array `{name}` of {}", self.disk.subject()))?;
        let member = Member { entry, start: zip::find_bytes(&disk, self.len, entry)? };
        member.check().map_err(|fault| fault.of(disk.subject()))?;
        Ok((disk, member))
    }
}

/// The name of an array: that of its file without its extension.
fn name(entry: &Entry) -> &str {
    entry.name.strip_suffix(".npy").unwrap_or(&entry.name)
}

/// An npy file in the archive.
struct Member<'a> {
    entry: &'a Entry,
    start: u64,
}

impl Member<'_> {
    fn check(&self) -> Result<(), Fault> {
        let Entry { method, packed, size, .. } = *self.entry;
        if self.entry.is_encrypted {
            return Err(Fault::unsupported("is encrypted"));
        }
        let is_possible = match method {
            STORED => packed == size,
            DEFLATED => size / LARGEST_RATIO <= packed,
            _ => {
                let what = format!(
                    "is packed by method {method}, but 0 (stored) and 8 (deflated) are known"
                );
                return Err(Fault::unsupported(what));
            }
        };
        if is_possible {
            return Ok(());
        }
        let what = format!("is damaged: {packed} bytes cannot be {size} unpacked");
        Err(Fault::data(what))
    }

    /// Its bytes, unpacked.
    fn reader<'a>(&self, disk: &'a Disk) -> Box<dyn Read + 'a> {
        let packed = self.packed(disk);
        match self.entry.method {
            STORED => Box::new(packed),
            _ => Box::new(DeflateDecoder::new(packed)),
        }
    }

    fn packed<'a>(&self, disk: &'a Disk) -> Bytes<'a> {
        disk.bytes(self.start..self.start + self.entry.packed)
    }

    /// Unpacks it to another file, and checks that it is what was packed.
    fn unpack(&self, disk: &Disk, to: &Disk) -> Result<()> {
        let (mut reader, mut crc) = (DeflateDecoder::new(self.packed(disk)), Crc::new());
        let (mut at, mut bytes) = (0, vec![0; 256 << 10]);
        loop {
            let count = reader.read(&mut bytes).map_err(|error| {
                Fault::data(format!("is damaged behind byte {at}"))
                    .of(disk.subject())
                    .because(error)
            })?;
            let end = at + count as u64;
            // Not more than it says that it has: there is no space for more.
            if count == 0 || end > self.entry.size {
                break;
            }
            crc.update(&bytes[..count]);
            to.write(at, &bytes[..count])?;
            at = end;
        }
        if at == self.entry.size && crc.sum() == self.entry.crc {
            return Ok(());
        }
        let what = "is damaged: its bytes are not those that were packed";
        Err(Fault::data(what).of(disk.subject()))
    }
}
