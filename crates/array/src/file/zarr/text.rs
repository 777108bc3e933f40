//! Texts of metadata.

use std::path::Path;

use serde_json::Value;

use super::codec::zeros;
use crate::error::{Error, ErrorKind, Result};
use crate::file::disk::{Disk, is_missing};

/// The most bytes of one: of an array with all that is written beside it, and of a group, where those of a hundred thousand
/// arrays that are consolidated have less. What is made of it may take twenty times as much memory.
pub(super) const OF_ARRAY: u64 = 16 << 20;
pub(super) const OF_GROUP: u64 = 256 << 20;

/// A text of JSON of at most so many bytes, if there is one.
pub(super) fn text(path: &Path, most: u64) -> Result<Option<Value>> {
    let (disk, len) = match Disk::open(path) {
        Ok(opened) => opened,
        Err(error) if is_missing(&error) => return Ok(None),
        Err(error) => return Err(error),
    };
    let subject = disk.subject();
    if len > most {
        let what = format!("{subject} has {len} bytes, more than the {most} that metadata have");
        return Err(Error::new(ErrorKind::Data, what));
    }
    let mut bytes = zeros(usize::try_from(len).unwrap_or(usize::MAX), subject)?;
    disk.read(0, &mut bytes)?;
    let value = serde_json::from_slice(&bytes).map_err(|error| {
        Error::new(ErrorKind::Data, format!("{subject} is no JSON: {error}")).because(error)
    })?;
    Ok(Some(value))
}
