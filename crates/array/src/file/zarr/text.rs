//! Texts of metadata.

use std::path::Path;

use serde_json::Value;

use super::codec::zeros;
use crate::error::{Error, ErrorKind, Result};
use crate::file::disk::{Disk, is_missing};

/// The most bytes of one: those of a hundred thousand arrays that are consolidated have less.
const MOST: u64 = 256 << 20;

/// A text of JSON, if there is one.
pub(super) fn text(path: &Path) -> Result<Option<Value>> {
    let (disk, len) = match Disk::open(path) {
        Ok(opened) => opened,
        Err(error) if is_missing(&error) => return Ok(None),
        Err(error) => return Err(error),
    };
    let subject = disk.subject();
    if len > MOST {
        let what = format!("{subject} has {len} bytes, more than the {MOST} that metadata have");
        return Err(Error::new(ErrorKind::Data, what));
    }
    let mut bytes = zeros(usize::try_from(len).unwrap_or(usize::MAX), subject)?;
    disk.read(0, &mut bytes)?;
    let value = serde_json::from_slice(&bytes).map_err(|error| {
        Error::new(ErrorKind::Data, format!("{subject} is no JSON: {error}")).because(error)
    })?;
    Ok(Some(value))
}
