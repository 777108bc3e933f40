//! Files of chunks that a run keeps for a later one.
//!
//! A header says of which array they are and how many. Of each chunk there is its number, and its elements in parts, each
//! with a checksum behind it: of the elements, the chunk and the part, so that no other part is taken for it. How a chunk
//! is cut into parts depends on its shape alone.

use std::path::Path;

use twox_hash::XxHash3_128;

use super::disk::Disk;
use super::unfinished::Unfinished;
use crate::buffer::{Buffer, with_dtype};
use crate::chunks::Chunks;
use crate::element::{DType, Sealed};
use crate::error::{Error, ErrorKind, Result};
use crate::hash::Identity;
use crate::tile::{parts, portion_shape};
use crate::window::{Dims, Window, bytes_of};

/// What each file begins with, and in which version.
const MAGIC: [u8; 16] = *b"tenfold chunks 1";

/// The header: that, the array, the number of chunks, and a checksum.
const HEADER: usize = 56;

/// The bytes of a checksum, and those of the number of a chunk.
const CHECKSUM: usize = 16;
const NUMBER: usize = 8;

/// How many bytes are written and read at a time.
const PART: usize = 256 << 10;

/// How many bytes are held while a file is written or read: a part, that of a `bool` once more, and what an array on disk is
/// read through.
pub(crate) const HELD: usize = 3 * PART;

/// An array of which there are files: what it is in any run, and how it is cut.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Chunked<'a> {
    pub(crate) lasting: Identity,
    pub(crate) chunks: &'a Chunks,
    pub(crate) dtype: DType,
}

impl Chunked<'_> {
    fn header(&self, count: usize) -> [u8; HEADER] {
        let mut header = [0; HEADER];
        let (head, checksum) = header.split_at_mut(HEADER - CHECKSUM);
        let [high, low] = self.lasting.halves().map(u64::to_le_bytes);
        let count = (count as u64).to_le_bytes();
        head.copy_from_slice(&[&MAGIC[..], &high, &low, &count].concat());
        checksum.copy_from_slice(&XxHash3_128::oneshot(head).to_le_bytes());
        header
    }

    /// The shape of the parts of a chunk.
    fn part_shape(&self, chunk: &Window) -> Dims {
        portion_shape(chunk.shape(), PART, |shape| bytes_of(shape, self.dtype.bytes()))
    }

    /// Calls `each` with the parts of a chunk in their order, and what their checksums are to begin with.
    fn each_part(
        &self,
        number: usize,
        mut each: impl FnMut(&Window, u64) -> Result<()>,
    ) -> Result<()> {
        let chunk = self.chunks.window(number);
        if chunk.len() == 0 {
            return Ok(());
        }
        let mut seed = (number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        parts(&chunk, &self.part_shape(&chunk), |part| {
            seed = seed.wrapping_add(1);
            each(part, seed)
        })
    }

    /// How many bytes a chunk takes in a file, behind its number.
    fn bytes(&self, number: usize) -> u64 {
        let chunk = self.chunks.window(number);
        let elements = bytes_of(chunk.shape(), self.dtype.bytes()) as u64;
        if elements == 0 {
            return 0;
        }
        let lens = chunk.shape().iter().zip(self.part_shape(&chunk));
        let parts: usize = lens.map(|(len, part)| len.div_ceil(part)).product();
        elements + (parts * CHECKSUM) as u64
    }
}

/// A file that is being written. It has its name when it is whole.
pub(crate) struct CheckpointWriter<'a> {
    of: Chunked<'a>,
    file: Unfinished,
    at: u64,
    part: Buffer,
}

impl<'a> CheckpointWriter<'a> {
    /// A file of these chunks, for which the disk sets aside the space.
    pub(crate) fn create(
        path: &Path,
        of: Chunked<'a>,
        numbers: impl ExactSizeIterator<Item = usize>,
    ) -> Result<Self> {
        let (file, count) = (Unfinished::create(path)?, numbers.len());
        // Another program that has the same array and is over removes what nobody writes.
        file.disk().lock();
        let bytes = numbers.map(|number| NUMBER as u64 + of.bytes(number)).sum::<u64>();
        file.disk().reserve(HEADER as u64 + bytes)?;
        file.disk().write(0, &of.header(count))?;
        Ok(Self { of, file, at: HEADER as u64, part: Buffer::new(of.dtype) })
    }

    /// Writes a chunk, of which `read` gives parts.
    pub(crate) fn write(
        &mut self,
        number: usize,
        read: &mut dyn FnMut(&Window, &mut Buffer) -> Result<()>,
    ) -> Result<()> {
        let Self { of, file, at, part } = self;
        let mut put = |bytes: &[u8]| {
            file.disk().write(*at, bytes)?;
            *at += bytes.len() as u64;
            Ok::<(), Error>(())
        };
        put(&(number as u64).to_le_bytes())?;
        of.each_part(number, |window, seed| {
            read(window, part)?;
            let bytes = with_dtype!(of.dtype, T => T::as_bytes(part.elements()));
            put(bytes)?;
            put(&XxHash3_128::oneshot_with_seed(seed, bytes).to_le_bytes())
        })
    }

    /// Returns when the disk has all of it, under its name.
    pub(crate) fn finish(self) -> Result<()> {
        self.file.finish()
    }
}

/// A file that is there, with a right header.
#[derive(Debug)]
pub(crate) struct CheckpointFile {
    disk: Disk,
    count: usize,
}

impl CheckpointFile {
    /// # Errors
    /// If it cannot be read, or is of another array.
    pub(crate) fn open(path: &Path, of: Chunked<'_>) -> Result<Self> {
        let (disk, _) = Disk::open(path)?;
        let mut header = [0; HEADER];
        disk.read(0, &mut header)?;
        let count = u64::from_le_bytes([32, 33, 34, 35, 36, 37, 38, 39].map(|at| header[at]));
        match usize::try_from(count).ok().filter(|&count| header == of.header(count)) {
            Some(count) => Ok(Self { disk, count }),
            None => Err(torn(&disk, "its header")),
        }
    }

    /// Goes through its chunks from the first on.
    pub(crate) fn reader<'a>(&'a self, of: Chunked<'a>) -> CheckpointReader<'a> {
        CheckpointReader {
            of,
            disk: &self.disk,
            at: HEADER as u64,
            left: self.count,
            part: Buffer::new(of.dtype),
        }
    }
}

/// Where in a file one is.
pub(crate) struct CheckpointReader<'a> {
    of: Chunked<'a>,
    disk: &'a Disk,
    at: u64,
    left: usize,
    part: Buffer,
}

impl CheckpointReader<'_> {
    /// The number of the next chunk, which is then [read](Self::read) or [passed over](Self::skip).
    pub(crate) fn next(&mut self) -> Result<Option<usize>> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        let mut number = [0; NUMBER];
        self.disk.read(self.at, &mut number)?;
        self.at += NUMBER as u64;
        let number = usize::try_from(u64::from_le_bytes(number)).ok();
        match number.filter(|&number| number < self.of.chunks.count()) {
            Some(number) => Ok(Some(number)),
            None => Err(torn(self.disk, "the number of a chunk")),
        }
    }

    pub(crate) fn skip(&mut self, number: usize) {
        self.at += self.of.bytes(number);
    }

    /// Gives the parts of a chunk that are as they were written.
    pub(crate) fn read(
        &mut self,
        number: usize,
        give: &mut dyn FnMut(&Window, &Buffer) -> Result<()>,
    ) -> Result<()> {
        let Self { of, disk, at, part, .. } = self;
        of.each_part(number, |window, seed| {
            part.resize(window.len());
            let mut checksum = [0; CHECKSUM];
            let behind = *at + bytes_of(window.shape(), of.dtype.bytes()) as u64;
            with_dtype!(of.dtype, T => T::from_bytes(part.elements_mut(), &mut |bytes| {
                disk.read(*at, bytes)?;
                disk.read(behind, &mut checksum)?;
                let expected = XxHash3_128::oneshot_with_seed(seed, bytes);
                match u128::from_le_bytes(checksum) == expected {
                    true => Ok(()),
                    false => Err(torn(disk, &format!("chunk {number}"))),
                }
            }))?;
            *at = behind + CHECKSUM as u64;
            give(window, part)
        })
    }
}

fn torn(disk: &Disk, what: &str) -> Error {
    let sentence = format!("{} is torn: {what} is not as it was written", disk.subject());
    Error::new(ErrorKind::Data, sentence)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// The elements of a chunk, told from those of others.
    fn fill(window: &Window, part: &mut Buffer) {
        part.resize(window.len());
        let [row, column] = *window.start() else { unreachable!() };
        let elements = part.elements_mut::<u16>();
        for (i, to) in elements.iter_mut().enumerate() {
            *to = u16::try_from((row * 31 + column * 7 + i) % 65_521).unwrap();
        }
    }

    fn write(path: &Path, of: Chunked<'_>, numbers: &[usize]) {
        let mut file = CheckpointWriter::create(path, of, numbers.iter().copied()).unwrap();
        for &number in numbers {
            file.write(number, &mut |window, part| {
                fill(window, part);
                Ok(())
            })
            .unwrap();
        }
        file.finish().unwrap();
    }

    /// The numbers of the chunks of a file that are good, from the front on.
    fn read(path: &Path, of: Chunked<'_>) -> Result<Vec<usize>> {
        let file = CheckpointFile::open(path, of)?;
        let (mut reader, mut good) = (file.reader(of), vec![]);
        let mut expected = Buffer::new(of.dtype);
        while let Ok(Some(number)) = reader.next() {
            let whole = reader.read(number, &mut |window, part| {
                fill(window, &mut expected);
                assert_eq!(part.elements::<u16>(), expected.elements::<u16>());
                Ok(())
            });
            if whole.is_err() {
                break;
            }
            good.push(number);
        }
        Ok(good)
    }

    #[test]
    fn no_byte_can_be_changed_or_lost() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        let chunks = Chunks::even(&[5, 7], &[2, 3]).unwrap();
        let of = Chunked { lasting: Identity::of("x"), chunks: &chunks, dtype: DType::U16 };
        let numbers = [7, 0, 8, 3];
        write(&path, of, &numbers);
        assert_eq!(read(&path, of).unwrap(), numbers);
        let all = fs::read(&path).unwrap();
        assert_eq!(all.len(), HEADER + 4 * (8 + 16) + 2 * (3 + 6 + 1 + 6));
        for at in 0..all.len() {
            let mut other = all.clone();
            other[at] ^= 1 << (at % 8);
            fs::write(&path, &other).unwrap();
            let good = read(&path, of).unwrap_or_default();
            assert!(good.len() < 4 && numbers.starts_with(&good), "byte {at}: {good:?}");
            fs::write(&path, &all[..at]).unwrap();
            let good = read(&path, of).unwrap_or_default();
            assert!(good.len() < 4 && numbers.starts_with(&good), "{at} bytes: {good:?}");
        }
        fs::write(&path, &all).unwrap();
        let other = Chunked { lasting: Identity::of("y"), ..of };
        let error = read(&path, other).unwrap_err();
        assert!(error.to_string().ends_with("is torn: its header is not as it was written"));
    }

    #[test]
    fn chunks_are_passed_over_by_their_shapes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        // Several parts each, and one without elements.
        let chunks = Chunks::even(&[900, 1100], &[500, 600]).unwrap();
        let of = Chunked { lasting: Identity::of("x"), chunks: &chunks, dtype: DType::U16 };
        write(&path, of, &[0, 1, 2, 3]);
        let file = CheckpointFile::open(&path, of).unwrap();
        for wanted in 0..4 {
            let (mut reader, mut elements) = (file.reader(of), 0);
            while let Some(number) = reader.next().unwrap() {
                if number != wanted {
                    reader.skip(number);
                    continue;
                }
                let read = reader.read(number, &mut |_, part| {
                    assert!(2 * part.len() <= PART);
                    elements += part.len();
                    Ok(())
                });
                read.unwrap();
            }
            assert_eq!(elements, chunks.window(wanted).len());
        }
        let none = Chunks::even(&[0, 7], &[2, 3]).unwrap();
        let of = Chunked { chunks: &none, ..of };
        write(&path, of, &[0, 1, 2]);
        assert_eq!(read(&path, of).unwrap(), [0, 1, 2]);
    }
}
