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

/// What the name of an array's file ends with.
const NPY: &str = ".npy";

const STORED: u16 = 0;
const DEFLATED: u16 = 8;

/// A byte of deflated data never makes more than some 1032.
const LARGEST_RATIO: u64 = 1040;

/// A file of several arrays, in NumPy's format npz: an archive (zip) of npy files.
///
/// Arrays as `numpy.savez` writes them are read where they lie. Those of `numpy.savez_compressed` can only be read
/// from the beginning, so such an array is unpacked once, when it is opened, to a nameless file on disk; that takes
/// as much space there as it has bytes, and no memory; whether they are the bytes that were packed is checked then. Of
/// others, [`verify`](Self::verify) does.
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

    /// An array, unpacked if need be to the folder for temporary files. Its name is one of [`names`](Self::names), or that
    /// of its file, with `.npy`, if no array is called that; of several of one name it is the last.
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
        // What says that it is another array needs no space to be refused.
        let header = NpyHeader::read(&mut *member.reader(&disk), size);
        header.and_then(|header| header.layout::<T>(0..size)).map_err(|f| f.of(disk.subject()))?;
        let scratch = nameless(folder.as_ref())?;
        scratch.reserve(size)?;
        member.unpack(&disk, |at, bytes| scratch.write(at, bytes))?;
        NpyFile::within(scratch.unpacked_from(&disk), 0..size)
    }

    /// Reads all of the file, and checks that each of its arrays has the bytes that were written, by their checksums.
    /// Nothing else does that for arrays that are not packed: windows are read without what lies around them. It takes
    /// less than 1 MiB of memory and no space on disk.
    ///
    /// ```
    /// use tenfold_array::{NpzFile, NpzWriter, Target, Window};
    ///
    /// let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("a.npz");
    /// let writer = NpzWriter::create(&path)?;
    /// writer.array::<u8>("x", &[3])?.write(&Window::whole(&[3]), b"abc")?;
    /// writer.finish()?;
    /// NpzFile::open(&path)?.verify()?;
    ///
    /// let mut bytes = std::fs::read(&path)?;
    /// let at = bytes.windows(3).position(|bytes| bytes == b"abc").unwrap();
    /// bytes[at] = b'A';
    /// std::fs::write(&path, bytes)?;
    /// let error = NpzFile::open(&path)?.verify().unwrap_err();
    /// assert!(error.to_string().starts_with("array `x` of file "));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`Data`](ErrorKind::Data) with the name of the first array that has other bytes, and both checksums;
    /// [`Unsupported`](ErrorKind::Unsupported) if one is encrypted or packed in another way than NumPy does;
    /// [`Io`](ErrorKind::Io) if the file cannot be read.
    pub fn verify(&self) -> Result<()> {
        self.entries.iter().try_for_each(|entry| {
            let (disk, member) = self.locate(entry)?;
            member.unpack(&disk, |_, _| Ok(()))
        })
    }

    /// An array's place, and the file by the array's name.
    fn member(&self, name: &str) -> Result<(Disk, Member<'_>)> {
        // What has the name of an array before what has the name of a file: `a.npy` may be either. As in NumPy, the last
        // of several.
        let of_array =
            self.entries.iter().rfind(|entry| entry.name.strip_suffix(NPY) == Some(name));
        let of_file = || self.entries.iter().rfind(|entry| entry.name == name);
        let Some(entry) = of_array.or_else(of_file) else {
            let names: Vec<_> = self.names().take(10).collect();
            let subject = self.disk.subject();
            let what = format!("argument `name` is {name:?}, but {subject} has {names:?}");
            return Err(Error::new(ErrorKind::Value, what));
        };
        self.locate(entry)
    }

    /// Where a member is, if it can be read.
    fn locate<'a>(&self, entry: &'a Entry) -> Result<(Disk, Member<'a>)> {
        let subject = format!("array `{}` of {}", name(entry).escape_debug(), self.disk.subject());
        let disk = self.disk.renamed(subject);
        let member = Member { entry, start: zip::find_bytes(&disk, self.len, entry)? };
        member.check().map_err(|fault| fault.of(disk.subject()))?;
        Ok((disk, member))
    }
}

/// The name of an array: that of its file without its extension.
fn name(entry: &Entry) -> &str {
    entry.name.strip_suffix(NPY).unwrap_or(&entry.name)
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

    /// Calls `put` with its bytes one after another and where they belong, and checks that they are what was packed.
    fn unpack(&self, disk: &Disk, put: impl Fn(u64, &[u8]) -> Result<()>) -> Result<()> {
        let (mut reader, mut crc) = (self.reader(disk), Crc::new());
        let (mut at, mut bytes) = (0, vec![0; 256 << 10]);
        loop {
            let count = reader.read(&mut bytes).map_err(|error| {
                Fault::reading(format!("is damaged behind byte {at}"), error).of(disk.subject())
            })?;
            let end = at + count as u64;
            if count == 0 {
                break;
            }
            if end > self.entry.size {
                // There is no space for more than it says that it has.
                at = end;
                break;
            }
            crc.update(&bytes[..count]);
            put(at, &bytes[..count])?;
            at = end;
        }
        let (found, expected) = (crc.sum(), self.entry.crc);
        let what = if at != self.entry.size {
            format!("is damaged: it does not have the {} bytes that it says", self.entry.size)
        } else if found != expected {
            format!(
                "is damaged: its bytes have checksum {found:08x}, but {expected:08x} is expected"
            )
        } else {
            return Ok(());
        };
        Err(Fault::data(what).of(disk.subject()))
    }
}
