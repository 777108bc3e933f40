//! A file that all ranks have open.

use std::error::Error as StdError;
use std::fmt;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::ops::Range;
#[cfg(unix)]
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use crate::collective::{self, Blocking, now};
use crate::memory::{RecvBuffer, SendBuffer};
use crate::{Call, CallKind, Communicator, Element, Error, ErrorKind, Result};

/// A file that all ranks of a communicator have open; made by [`open_file`](crate::ParallelIo::open_file).
///
/// Elements stand there as they lie in memory, in the byte order of the machine, without a head. Offsets are in
/// bytes from the file's start, and need not be multiples of anything. There is no file pointer: each
/// call says where. What ranks write to one place at the same time is there mixed.
///
/// The calls that end in `_all`, [`write_ordered`](Self::write_ordered), [`set_len`](Self::set_len) and
/// [`sync`](Self::sync) are for every rank. They come back when all ranks are done, and fail on every rank
/// if they do on one. What was written is then seen by all ranks of one machine, and by others as the file
/// system has it: a network's may want a `sync` of all before.
///
/// A rank that drops it closes it for itself.
///
/// # Errors
/// [`File`](ErrorKind::File), whose source is the path and that one's what the system says;
/// [`Elements`](ErrorKind::Elements) for types that a file could have no valid value of, `bool` or a record with
/// gaps; [`Value`](ErrorKind::Value) for an offset beyond 2⁶³ bytes. The calls that are for every rank as
/// [`allgather`](Communicator::allgather).
pub struct File<'c, C: Communicator> {
    comm: &'c C,
    file: fs::File,
    path: PathBuf,
}

/// How a file is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileMode {
    /// A file that is there, to be read.
    Read,
    /// A file that is there, to be read and written.
    ReadWrite,
    /// To be read and written; made if it is not there, kept as it is if it is.
    Create,
    /// To be read and written; made if it is not there, emptied if it is, when all ranks have it open.
    Truncate,
    /// To be read and written; made, and an error if it is there.
    New,
}

/// Of which file the system says something.
#[derive(Debug)]
struct Refusal {
    path: PathBuf,
    source: io::Error,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.path)
    }
}

impl StdError for Refusal {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&self.source)
    }
}

impl FileMode {
    /// Opens a file on the first rank, or on one whose first has made the file. It keeps what it has: that is
    /// lost when all ranks have it open.
    fn open(self, path: &Path, is_first: bool) -> io::Result<fs::File> {
        let mut options = fs::OpenOptions::new();
        options.read(true).write(self != Self::Read);
        if is_first {
            let creates = matches!(self, Self::Create | Self::Truncate);
            options.create(creates).truncate(false).create_new(self == Self::New);
        }
        options.open(path)
    }
}

/// That a rank has not failed.
const DONE: [i64; 2] = [0, 0];

/// What a rank tells the others of its part in a call: whether it failed, and the system's number for that.
fn told<R>(result: &Result<R>) -> [i64; 2] {
    let Err(error) = result else { return DONE };
    let refusal = error.source().and_then(|source| source.downcast_ref::<Refusal>());
    let number = refusal.and_then(|refusal| refusal.source.raw_os_error());
    [1, number.map_or(0, i64::from)]
}

/// What a rank in a call with others makes of its own result and of theirs.
fn share<C: Communicator, R>(
    comm: &C,
    (call, path): (CallKind, &Path),
    result: Result<R>,
) -> Result<R> {
    let mut all = vec![DONE; comm.size()];
    let heard = now(collective::allgather_for(Blocking(comm), call, &[told(&result)], &mut all));
    let value = result?;
    heard?;
    let Some(rank) = all.iter().position(|theirs| theirs[0] != 0) else { return Ok(value) };
    let kind = ErrorKind::File { call, rank };
    Err(match i32::try_from(all[rank][1]) {
        Ok(number) if number != 0 => {
            let source = io::Error::from_raw_os_error(number);
            Error::caused(kind, Refusal { path: path.to_owned(), source })
        }
        _ => kind.into(),
    })
}

/// That every rank gives the same number as rank 0; an error on every rank.
fn agree<C: Communicator>(
    comm: &C,
    call: CallKind,
    value: u64,
    refusal: impl Fn(usize, u64, u64) -> ErrorKind,
) -> Result<()> {
    let mut all = vec![0; comm.size()];
    now(collective::allgather_for(Blocking(comm), call, &[value], &mut all))?;
    match all.iter().position(|&other| other != all[0]) {
        Some(rank) => Err(refusal(rank, all[rank], all[0]).into()),
        None => Ok(()),
    }
}

/// A number of a file as one of an argument; all there can be where it is more.
fn size(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Where so many bytes end, if a system has room for them there.
fn checked_end(offset: u64, bytes: u64) -> Option<u64> {
    offset.checked_add(bytes).filter(|&end| i64::try_from(end).is_ok())
}

fn too_far(offset: u64) -> ErrorKind {
    let must = "such that the end of the data is below 2^63";
    ErrorKind::Value { argument: "offset", value: size(offset), must }
}

/// That a system has room for so many bytes there.
fn checked_offset(offset: u64, bytes: usize) -> Result<()> {
    let end = u64::try_from(bytes).ok().and_then(|bytes| checked_end(offset, bytes));
    end.map_or_else(|| Err(too_far(offset).into()), |_| Ok(()))
}

/// Reads until `room` is full or the file ends, and gives how many bytes it read.
#[cfg(unix)]
fn read_at(file: &fs::File, room: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut got = 0;
    while got < room.len() {
        match file.read_at(&mut room[got..], offset + got as u64) {
            Ok(0) => break,
            Ok(more) => got += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(got)
}

#[cfg(unix)]
fn write_at(file: &fs::File, data: &[u8], offset: u64) -> io::Result<()> {
    file.write_all_at(data, offset)
}

#[cfg(not(unix))]
fn read_at(_: &fs::File, _: &mut [u8], _: u64) -> io::Result<usize> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(not(unix))]
fn write_at(_: &fs::File, _: &[u8], _: u64) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

impl<'c, C: Communicator> File<'c, C> {
    pub(crate) fn open(comm: &'c C, path: &Path, mode: FileMode) -> Result<Self> {
        let call = CallKind::OpenFile;
        if cfg!(not(unix)) {
            return Err(ErrorKind::Unsupported { call }.into());
        }
        let mut hasher = DefaultHasher::new();
        (path, mode).hash(&mut hasher);
        agree(comm, call, hasher.finish(), |rank, _, _| ErrorKind::FileMismatch { rank, from: 0 })?;
        let open = |is_first| {
            let file = mode.open(path, is_first);
            file.map_err(|source| refused(comm, (call, path), source))
        };
        // Rank 0 makes the file, and the others find it.
        let is_first = comm.rank() == 0;
        let first = is_first.then(|| open(true)).transpose();
        let file = share(comm, (call, path), first)?.map_or_else(|| open(false), Ok);
        let file = share(comm, (call, path), file)?;
        let file = Self { comm, file, path: path.to_owned() };
        if mode == FileMode::Truncate {
            let result = if is_first { emptied(&file.file) } else { Ok(()) };
            file.share(call, result.map_err(|source| file.refused(call, source)))?;
        }
        Ok(file)
    }

    fn share<R>(&self, call: CallKind, result: Result<R>) -> Result<R> {
        share(self.comm, (call, &self.path), result)
    }

    fn refused(&self, call: CallKind, source: io::Error) -> Error {
        refused(self.comm, (call, &self.path), source)
    }

    fn write<T: Element>(&self, call: CallKind, data: &[T], offset: u64) -> Result<()> {
        let data = SendBuffer::from(data);
        checked_offset(offset, data.bytes())?;
        let bytes = data.as_bytes()?;
        write_at(&self.file, bytes, offset).map_err(|source| self.refused(call, source))
    }

    fn read<T: Element>(&self, call: CallKind, room: &mut [T], offset: u64) -> Result<()> {
        let mut room = RecvBuffer::from(room);
        checked_offset(offset, room.bytes())?;
        let bytes = room.as_bytes_mut()?;
        let got = read_at(&self.file, bytes, offset);
        let (wanted, got) = (bytes.len(), got.map_err(|source| self.refused(call, source))?);
        if got == wanted {
            return Ok(());
        }
        Err(ErrorKind::ShortRead { offset, wanted, got }.into())
    }

    /// Writes `data` from byte `offset` on, for this rank alone. A file that ends before is made longer.
    ///
    /// # Errors
    /// See above; some of it may be written then.
    #[track_caller]
    pub fn write_at<T: Element>(&self, data: &[T], offset: u64) -> Result<()> {
        let call = Call::new(CallKind::WriteAt).moves::<T, T>(data, &[]);
        self.comm.observe(&call, || self.write(call.kind, data, offset))
    }

    /// Fills `room` from byte `offset` on, for this rank alone.
    ///
    /// # Errors
    /// See above; [`ShortRead`](ErrorKind::ShortRead) where the file ends before: what there is has come to
    /// `room`.
    #[track_caller]
    pub fn read_at<T: Element>(&self, room: &mut [T], offset: u64) -> Result<()> {
        let call = Call::new(CallKind::ReadAt).moves::<T, T>(&[], room);
        self.comm.observe(&call, || self.read(call.kind, room, offset))
    }

    /// As [`write_at`](Self::write_at), for every rank; each has its own `data` and `offset`.
    ///
    /// # Errors
    /// As [`write_at`](Self::write_at) on the rank that it concerns, and [`File`](ErrorKind::File) on the
    /// others.
    #[track_caller]
    pub fn write_at_all<T: Element>(&self, data: &[T], offset: u64) -> Result<()> {
        let call = Call::new(CallKind::WriteAtAll).moves::<T, T>(data, &[]);
        self.comm.observe(&call, || self.share(call.kind, self.write(call.kind, data, offset)))
    }

    /// As [`read_at`](Self::read_at), for every rank; each has its own `room` and `offset`.
    ///
    /// # Errors
    /// As [`read_at`](Self::read_at) on the rank that it concerns, and [`File`](ErrorKind::File) on the others.
    #[track_caller]
    pub fn read_at_all<T: Element>(&self, room: &mut [T], offset: u64) -> Result<()> {
        let call = Call::new(CallKind::ReadAtAll).moves::<T, T>(&[], room);
        self.comm.observe(&call, || {
            let result = self.read(call.kind, room, offset);
            self.share(call.kind, result)
        })
    }

    /// Writes what each rank brings from byte `offset` on, one after another in the order of ranks, and gives
    /// the bytes that are this rank's. Every rank calls this with the same `offset`, and as much data as it
    /// likes.
    ///
    /// # Errors
    /// As [`write_at_all`](Self::write_at_all); [`Differs`](ErrorKind::Differs) on every rank for another `offset`
    /// than rank 0's, and nothing is written then.
    #[track_caller]
    pub fn write_ordered<T: Element>(&self, data: &[T], offset: u64) -> Result<Range<u64>> {
        let call = Call::new(CallKind::WriteOrdered).moves::<T, T>(data, &[]);
        self.comm.observe(&call, || {
            let mut all = vec![[0; 2]; self.comm.size()];
            let mine = [size_of_val(data) as u64, offset];
            now(collective::allgather_for(Blocking(self.comm), call.kind, &[mine], &mut all))?;
            let range = ordered(&all, self.comm.rank())?;
            self.share(call.kind, self.write(call.kind, data, range.start))?;
            Ok(range)
        })
    }

    /// Cuts the file, or makes it longer with zeros. Every rank calls this with the same `bytes`.
    ///
    /// # Errors
    /// See above; [`Differs`](ErrorKind::Differs) on every rank for another length than rank 0's.
    #[track_caller]
    pub fn set_len(&self, bytes: u64) -> Result<()> {
        let call = Call::new(CallKind::SetLen);
        self.comm.observe(&call, || {
            agree(self.comm, call.kind, bytes, |rank, value, first| ErrorKind::Differs {
                argument: "bytes",
                rank,
                value,
                first,
            })?;
            let is_first = self.comm.rank() == 0;
            let result = if is_first { self.file.set_len(bytes) } else { Ok(()) };
            self.share(call.kind, result.map_err(|source| self.refused(call.kind, source)))
        })
    }

    /// How long the file is, in bytes, as this rank sees it.
    ///
    /// # Errors
    /// See above.
    #[track_caller]
    pub fn bytes(&self) -> Result<u64> {
        let call = Call::new(CallKind::Bytes);
        self.comm.observe(&call, || {
            let data = self.file.metadata().map_err(|source| self.refused(call.kind, source))?;
            Ok(data.len())
        })
    }

    /// Lets the system bring all that was written to the disk. Every rank calls this.
    ///
    /// # Errors
    /// See above.
    #[track_caller]
    pub fn sync(&self) -> Result<()> {
        let call = Call::new(CallKind::Sync);
        self.comm.observe(&call, || {
            let result = self.file.sync_all();
            self.share(call.kind, result.map_err(|source| self.refused(call.kind, source)))
        })
    }
}

fn refused<C: Communicator>(comm: &C, (call, path): (CallKind, &Path), source: io::Error) -> Error {
    let kind = ErrorKind::File { call, rank: comm.rank() };
    Error::caused(kind, Refusal { path: path.to_owned(), source })
}

/// Empties a file, as a system does that opens it so: what is none, like a terminal, stays as it is.
fn emptied(file: &fs::File) -> io::Result<()> {
    if file.metadata()?.is_file() { file.set_len(0) } else { Ok(()) }
}

/// Where a rank's bytes lie, when each brings so many, all behind one offset. The same error on all ranks.
fn ordered(all: &[[u64; 2]], rank: usize) -> Result<Range<u64>> {
    let offset = all[0][1];
    let (mut end, mut range) = (offset, offset..offset);
    for (at, &[bytes, value]) in all.iter().enumerate() {
        if value != offset {
            let (argument, rank, first) = ("offset", at, offset);
            return Err(ErrorKind::Differs { argument, rank, value, first }.into());
        }
        let start = end;
        end = checked_end(start, bytes).ok_or_else(|| too_far(offset))?;
        if at == rank {
            range = start..end;
        }
    }
    Ok(range)
}

impl<C: Communicator> fmt::Debug for File<'_, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("File").field("path", &self.path).finish_non_exhaustive()
    }
}
