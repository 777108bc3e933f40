//! A file that several threads read and write at a time.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind as IoKind, Read};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use crate::error::{Error, ErrorKind, Result};

/// An open file, and what messages call it.
#[derive(Debug)]
pub(super) struct Disk {
    file: Arc<File>,
    /// Such as "file `a.npy`".
    subject: String,
    /// What it was unpacked from, if it was.
    packed: Option<Arc<File>>,
}

impl Disk {
    pub(super) fn new(file: File, subject: String) -> Self {
        Self { file: Arc::new(file), subject, packed: None }
    }

    /// A file that is there, with its length in bytes.
    pub(super) fn open(path: &Path) -> Result<(Self, u64)> {
        let subject = format!("file `{}`", path.display());
        let refuse = |error| io_error(format!("{subject} cannot be opened"), error);
        let irregular = || Err(Error::new(ErrorKind::Io, format!("{subject} is no regular file")));
        // Before it is opened: a device may do something then.
        if !std::fs::metadata(path).map_err(refuse)?.is_file() {
            return irregular();
        }
        let file = at_once().read(true).open(path).map_err(refuse)?;
        // Another one may have its name by now.
        let metadata = file.metadata().map_err(refuse)?;
        if !metadata.is_file() {
            return irregular();
        }
        Ok((Self::new(file, subject), metadata.len()))
    }

    /// A file that is there, to write to, which messages call as they are told.
    #[cfg(feature = "ranks")]
    pub(super) fn open_to_write(path: &Path, subject: String) -> Result<Self> {
        let opened = at_once().write(true).open(path);
        let file = opened.map_err(|error| {
            io_error(format!("{subject} cannot be opened as `{}`", path.display()), error)
        })?;
        Ok(Self::new(file, subject))
    }

    /// Has others see that somebody writes it, where the system has locks, until it is closed.
    pub(super) fn lock(&self) {
        let _ = self.file.try_lock();
    }

    /// What tells whether it was changed, or what it was unpacked from.
    pub(super) fn stamp(&self) -> Result<Stamp> {
        let refuse = |error| io_error(format!("{} cannot be read", self.subject), error);
        let file = self.packed.as_ref().unwrap_or(&self.file);
        Ok(Stamp::of(&file.metadata().map_err(refuse)?))
    }

    /// The same as what was unpacked from a part of another file, and goes by its name.
    pub(super) fn unpacked_from(self, packed: &Self) -> Self {
        Self { subject: packed.subject.clone(), packed: Some(Arc::clone(&packed.file)), ..self }
    }

    /// The same open file under another name, as one of several things in it.
    pub(super) fn renamed(&self, subject: String) -> Self {
        Self { file: Arc::clone(&self.file), subject, packed: self.packed.clone() }
    }

    pub(super) fn subject(&self) -> &str {
        &self.subject
    }

    /// Fills `out` with the bytes from `at` on.
    pub(super) fn read(&self, at: u64, out: &mut [u8]) -> Result<()> {
        positional::read(&self.file, at, out).map_err(|error| self.unread(at, out.len(), error))
    }

    /// Fills the first bytes of pieces of `out` with those from `at` on, one after another. Pieces begin so many bytes apart,
    /// and the last may end where it is full.
    pub(super) fn read_pieces(
        &self,
        at: u64,
        out: &mut [u8],
        bytes: usize,
        apart: usize,
    ) -> Result<()> {
        let count = out.len().div_ceil(apart);
        pieces::read(&self.file, at, out, bytes, apart)
            .map_err(|error| self.unread(at, count * bytes, error))
    }

    fn unread(&self, at: u64, count: usize, error: io::Error) -> Error {
        let subject = &self.subject;
        if error.kind() == IoKind::UnexpectedEof {
            let what = format!("{subject} ends within the {count} bytes from byte {at} on");
            return Error::new(ErrorKind::Data, what).because(error);
        }
        io_error(format!("{count} bytes from byte {at} of {subject} cannot be read"), error)
    }

    /// Puts bytes from `at` on.
    pub(super) fn write(&self, at: u64, bytes: &[u8]) -> Result<()> {
        positional::write(&self.file, at, bytes).map_err(|error| {
            let (count, subject) = (bytes.len(), &self.subject);
            io_error(format!("{count} bytes from byte {at} of {subject} cannot be written"), error)
        })
    }

    /// The bytes of a range, one after another.
    pub(super) fn bytes(&self, range: Range<u64>) -> Bytes<'_> {
        Bytes { disk: self, range }
    }

    /// Makes the file `bytes` long and has the disk set them aside, so that one that is full says so now.
    pub(super) fn reserve(&self, bytes: u64) -> Result<()> {
        space::reserve(&self.file, bytes).map_err(|error| {
            let what = format!("the disk does not give the {bytes} bytes of {}", self.subject);
            io_error(what, error)
        })
    }

    /// Ends the file behind `bytes`.
    pub(super) fn cut(&self, bytes: u64) -> Result<()> {
        let cut = self.file.set_len(bytes);
        cut.map_err(|e| io_error(format!("{} cannot end at byte {bytes}", self.subject), e))
    }

    /// Gives the disk back the space of bytes that nobody reads again.
    pub(super) fn release(&self, at: u64, bytes: u64) -> Result<()> {
        space::release(&self.file, at, bytes).map_err(|error| {
            let what = format!("{bytes} bytes from byte {at} of {} cannot be freed", self.subject);
            io_error(what, error)
        })
    }

    /// Returns when the disk has all.
    pub(super) fn flush(&self) -> Result<()> {
        let synced = self.file.sync_all();
        synced.map_err(|error| io_error(format!("{} cannot be flushed", self.subject), error))
    }
}

/// Whether a file is not there.
#[cfg(feature = "zarr")]
pub(super) fn is_missing(error: &Error) -> bool {
    use std::error::Error as _;
    let source = error.source().and_then(|source| source.downcast_ref::<io::Error>());
    source.is_some_and(|error| error.kind() == IoKind::NotFound)
}

pub(super) fn io_error(sentence: String, error: io::Error) -> Error {
    Error::new(ErrorKind::Io, sentence).because(error)
}

/// How files are opened: opening a pipe would wait for somebody who writes.
#[cfg(target_os = "linux")]
fn at_once() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = OpenOptions::new();
    options.custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
    options
}

#[cfg(not(target_os = "linux"))]
fn at_once() -> OpenOptions {
    OpenOptions::new()
}

/// What is another one of a file that was changed or replaced: its length, the time, and its number where it has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp(u64, Option<std::time::SystemTime>, u64);

impl Stamp {
    /// How many bytes it had.
    #[cfg(feature = "zarr")]
    pub(super) fn len(self) -> u64 {
        self.0
    }

    /// Whether the file was changed so lately, or in times to come, that it may be changed again with the same stamp: the
    /// clock of Linux's own file systems goes in steps of up to 10 ms.
    #[cfg(feature = "zarr")]
    pub(super) fn is_fresh(self) -> bool {
        self.1.is_some_and(|changed| is_fresh(changed, std::time::SystemTime::now()))
    }

    /// That of the file which has a name now.
    #[cfg(feature = "zarr")]
    pub(super) fn at(path: &Path) -> io::Result<Self> {
        Ok(Self::of(&std::fs::metadata(path)?))
    }

    fn of(metadata: &std::fs::Metadata) -> Self {
        #[cfg(unix)]
        let number = std::os::unix::fs::MetadataExt::ino(metadata);
        #[cfg(not(unix))]
        let number = 0;
        Self(metadata.len(), metadata.modified().ok(), number)
    }
}

#[cfg(feature = "zarr")]
fn is_fresh(changed: std::time::SystemTime, now: std::time::SystemTime) -> bool {
    const STEPS: std::time::Duration = std::time::Duration::from_millis(20);
    now.duration_since(changed).map_or(true, |ago| ago < STEPS)
}

/// A part of a file as a stream.
#[derive(Debug)]
pub(super) struct Bytes<'a> {
    disk: &'a Disk,
    range: Range<u64>,
}

impl Bytes<'_> {
    pub(super) fn left(&self) -> u64 {
        self.range.end - self.range.start
    }
}

impl Read for Bytes<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = usize::try_from(self.left()).unwrap_or(usize::MAX).min(out.len());
        positional::read(&self.disk.file, self.range.start, &mut out[..count])?;
        self.range.start += count as u64;
        Ok(count)
    }
}

/// Reads and writes that say where, so that threads do not share a position.
#[cfg(unix)]
mod positional {
    use std::fs::File;
    use std::io;
    use std::os::unix::fs::FileExt;

    pub(super) fn read(file: &File, at: u64, out: &mut [u8]) -> io::Result<()> {
        file.read_exact_at(out, at)
    }

    pub(super) fn write(file: &File, at: u64, bytes: &[u8]) -> io::Result<()> {
        file.write_all_at(bytes, at)
    }
}

#[cfg(not(unix))]
mod positional {
    use std::fs::File;
    use std::io;

    pub(super) fn read(_: &File, _: u64, _: &mut [u8]) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn write(_: &File, _: u64, _: &[u8]) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// Reads of what lies together in the file and apart in memory.
#[cfg(target_os = "linux")]
mod pieces {
    use std::fs::File;
    use std::io::{self, IoSliceMut};

    use rustix::io::{Errno, preadv};
    use smallvec::SmallVec;

    /// How many go by one call. Linux takes up to 1024; so many fit on the stack.
    const MOST: usize = 64;

    pub(super) fn read(
        file: &File,
        mut at: u64,
        out: &mut [u8],
        bytes: usize,
        apart: usize,
    ) -> io::Result<()> {
        let pieces = out.chunks_mut(apart).map(|piece| &mut piece[..bytes]);
        let mut pieces = pieces.map(IoSliceMut::new);
        loop {
            let mut some: SmallVec<[IoSliceMut<'_>; MOST]> = pieces.by_ref().take(MOST).collect();
            if some.is_empty() {
                return Ok(());
            }
            let mut left = &mut some[..];
            while !left.is_empty() {
                match preadv(file, left, at) {
                    Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                    Ok(bytes) => {
                        at += bytes as u64;
                        IoSliceMut::advance_slices(&mut left, bytes);
                    }
                    Err(Errno::INTR) => {}
                    Err(error) => return Err(error.into()),
                }
            }
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod pieces {
    use std::fs::File;
    use std::io;

    pub(super) fn read(
        file: &File,
        at: u64,
        out: &mut [u8],
        bytes: usize,
        apart: usize,
    ) -> io::Result<()> {
        let mut pieces = out.chunks_mut(apart).enumerate();
        pieces.try_for_each(|(i, piece)| {
            super::positional::read(file, at + (i * bytes) as u64, &mut piece[..bytes])
        })
    }
}

#[cfg(target_os = "linux")]
mod space {
    use std::fs::File;
    use std::io;

    use rustix::fs::{FallocateFlags, fallocate};
    use rustix::io::Errno;

    pub(super) fn reserve(file: &File, bytes: u64) -> io::Result<()> {
        // What is no request for space, and what is none for some file systems.
        if bytes == 0 {
            return Ok(());
        }
        loop {
            match fallocate(file, FallocateFlags::empty(), 0, bytes) {
                Err(Errno::INTR) => {}
                Err(Errno::NOSYS | Errno::OPNOTSUPP) => return file.set_len(bytes),
                done => return Ok(done?),
            }
        }
    }

    pub(super) fn release(file: &File, at: u64, bytes: u64) -> io::Result<()> {
        let punch = FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE;
        loop {
            match fallocate(file, punch, at, bytes) {
                Err(Errno::INTR) => {}
                // The space is kept until the file goes.
                Err(Errno::NOSYS | Errno::OPNOTSUPP) => return Ok(()),
                done => return Ok(done?),
            }
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod space {
    use std::fs::File;
    use std::io;

    pub(super) fn reserve(file: &File, bytes: u64) -> io::Result<()> {
        file.set_len(bytes)
    }

    pub(super) fn release(_: &File, _: u64, _: u64) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::error::Error as _;

    use super::*;

    #[cfg(feature = "zarr")]
    #[test]
    fn what_was_changed_just_now_or_will_be_is_fresh() {
        let changed = std::time::SystemTime::now();
        let after = |ms| is_fresh(changed, changed + std::time::Duration::from_millis(ms));
        assert_eq!([0, 19, 20, 5000].map(after), [true, true, false, false]);
        assert!(is_fresh(changed + std::time::Duration::from_secs(9), changed));
    }

    /// A disk that is always full.
    #[test]
    fn a_write_that_finds_no_space_says_where() {
        let file = File::options().write(true).open("/dev/full").unwrap();
        let disk = Disk::new(file, "file `full`".to_owned());
        let error = disk.write(128, &[0; 40]).unwrap_err();
        assert_eq!(error.to_string(), "40 bytes from byte 128 of file `full` cannot be written");
        assert_eq!(error.kind(), ErrorKind::Io);
        let source = error.source().unwrap().downcast_ref::<io::Error>().unwrap();
        assert_eq!(source.kind(), IoKind::StorageFull);
    }

    #[test]
    fn pieces_get_what_lies_together() {
        let disk = Disk::new(tempfile::tempfile().unwrap(), "file `short`".to_owned());
        let bytes: Vec<u8> = (0..250).collect();
        disk.write(10, &bytes).unwrap();
        // More than go by one call, with a byte between.
        let mut out = vec![255; 249];
        disk.read_pieces(11, &mut out, 2, 3).unwrap();
        let expected = (1..).step_by(2).flat_map(|byte| [byte, byte + 1, 255]);
        assert_eq!(out, expected.take(249).collect::<Vec<u8>>());
        let error = disk.read_pieces(255, &mut out, 2, 3).unwrap_err();
        let sentence = "file `short` ends within the 166 bytes from byte 255 on";
        assert_eq!((error.to_string().as_str(), error.kind()), (sentence, ErrorKind::Data));
    }

    #[test]
    fn a_file_that_shrank_says_where() {
        let file = tempfile::tempfile().unwrap();
        let disk = Disk::new(file, "file `short`".to_owned());
        disk.reserve(100).unwrap();
        disk.write(96, &[7; 4]).unwrap();
        let mut out = [0; 8];
        let error = disk.read(96, &mut out).unwrap_err();
        assert_eq!(error.to_string(), "file `short` ends within the 8 bytes from byte 96 on");
        assert_eq!(error.kind(), ErrorKind::Data);
        let mut tail = Vec::new();
        disk.bytes(98..100).read_to_end(&mut tail).unwrap();
        assert_eq!(tail, [7, 7]);
    }
}
