//! Small arrays, which all ranks bring to the end of the stage that makes them, and take from there.

use super::build::SMALL;
use super::run::{Brought, Team};
use super::{Place, Stored};
use crate::buffer::{Buffer, with_dtype};
use crate::chunks::Chunks;
use crate::destination::Made;
use crate::element::{DType, Sealed};
use crate::error::{Error, ErrorKind, Result};
use crate::slab::is_there;
use crate::window::{Window, bytes_of, count};

/// How many bytes a message has for each chunk beside its elements.
const CHUNK: usize = 40;

/// How many times what is brought is held at most, on the rank that all bring it to: as it was made, in the message that brings
/// it, read from there, and put behind what others have brought; with that for this rank, as it goes to two more, and in the
/// message that is made of it.
const TIMES: usize = 8;

/// Whether an array is so small that all ranks get it at the end of its stage, if one wants all of it.
pub(crate) fn is_small(chunks: &Chunks, dtype: DType) -> bool {
    bytes(chunks, dtype) <= SMALL
}

/// How many bytes all of its chunks take in a message.
fn bytes(chunks: &Chunks, dtype: DType) -> usize {
    let of_chunks = chunks.count().saturating_mul(CHUNK);
    bytes_of(&chunks.shape(), dtype.bytes()).saturating_add(of_chunks)
}

impl Stored {
    /// Whether all ranks get it so.
    pub(crate) fn is_brought(&self) -> bool {
        self.place == Place::Memory && is_small(&self.chunks, self.dtype)
    }

    /// How many bytes are held for that beside it.
    pub(super) fn bytes_brought(&self) -> usize {
        if self.is_brought() { TIMES.saturating_mul(bytes(&self.chunks, self.dtype)) } else { 0 }
    }
}

/// Adds this rank's chunks of an array, which sink `sink` has made.
pub(super) fn bring(
    team: &dyn Team,
    sink: usize,
    stored: &Stored,
    own: &Made,
    to: &mut Vec<Brought>,
) -> Result<()> {
    let Made::Disk(source) = own else { return Ok(()) };
    for chunk in team.own((&stored.chunks, &stored.owners)) {
        let mut elements = Buffer::new(stored.dtype);
        source.read(&stored.chunks.window(chunk), &mut elements)?;
        let elements = with_dtype!(stored.dtype, T => T::as_bytes(elements.elements()).to_vec());
        to.push(Brought { sink, chunk, elements });
    }
    Ok(())
}

/// All of an array: of what was brought, or read where it is.
pub(super) fn whole(
    sink: usize,
    stored: &Stored,
    own: &Made,
    brought: &[Brought],
) -> Result<Buffer> {
    let whole = Window::whole(&stored.chunks.shape());
    with_dtype!(stored.dtype, T => is_there::<T>(count(whole.shape())))?;
    let mut all = Buffer::new(stored.dtype);
    match own {
        Made::Disk(source) if !stored.is_brought() => source.read(&whole, &mut all)?,
        _ => {
            all.resize(whole.len());
            let chunks = brought.iter().filter(|chunk| chunk.sink == sink);
            let put = chunks.map(|chunk| put(chunk, stored, &whole, &mut all));
            let elements = put.sum::<Option<usize>>().ok_or_else(|| strange(stored))?;
            if elements != whole.len() {
                return Err(strange(stored));
            }
        }
    }
    Ok(all)
}

/// Puts a chunk where it belongs, if it is one, and gives how many elements it has.
fn put(brought: &Brought, stored: &Stored, whole: &Window, all: &mut Buffer) -> Option<usize> {
    let window =
        (brought.chunk < stored.chunks.count()).then(|| stored.chunks.window(brought.chunk))?;
    if brought.elements.len() != bytes_of(window.shape(), stored.dtype.bytes()) {
        return None;
    }
    let mut elements = Buffer::new(stored.dtype);
    elements.resize(window.len());
    let read = with_dtype!(stored.dtype, T => T::from_bytes(elements.elements_mut(), &mut |to| {
        to.copy_from_slice(&brought.elements);
        Ok(())
    }));
    read.ok()?;
    elements.part(0..window.len()).copy_into(all, whole, &window);
    Some(window.len())
}

/// That other ranks have not brought all of an array, or something else.
fn strange(stored: &Stored) -> Error {
    let sentence = format!("ranks have brought other elements of array `{}`", stored.name);
    Error::new(ErrorKind::Ranks, sentence)
}
