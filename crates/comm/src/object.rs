//! Values of any serde type, written by postcard.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::collective::{self, Blocking, Counts, now};
use crate::element::ObjectByte;
use crate::{Communicator, Error, ErrorKind, Result};

pub(crate) fn write<V: Serialize + ?Sized>(value: &V) -> Result<Vec<ObjectByte>> {
    let bytes = postcard::to_stdvec(value);
    let bytes = bytes.map_err(|source| Error::caused(ErrorKind::Write, source))?;
    Ok(bytes.into_iter().map(ObjectByte).collect())
}

pub(crate) fn read<V: DeserializeOwned>(bytes: &[ObjectByte], from: usize) -> Result<V> {
    let value = postcard::from_bytes(ObjectByte::plain(bytes));
    value.map_err(|source| Error::caused(ErrorKind::Read { from }, source))
}

/// Room for `count` bytes.
pub(crate) fn room(count: usize) -> Vec<ObjectByte> {
    vec![ObjectByte(0); count]
}

/// A value that the root cannot write, as its length: so the others are told, and do not wait.
const UNWRITTEN: u64 = u64::MAX;

/// The length of what was written, for those who make room for it.
fn length(written: &Result<Vec<ObjectByte>>) -> u64 {
    written.as_ref().map_or(UNWRITTEN, |bytes| bytes.len() as u64)
}

fn count(length: u64, from: usize) -> Result<usize> {
    let count = (length != UNWRITTEN).then(|| usize::try_from(length).ok()).flatten();
    count.ok_or_else(|| ErrorKind::Read { from }.into())
}

/// The root's value, on every rank. The root reads its own bytes too, so that all have the same.
pub(crate) fn bcast<C: Communicator, V: Serialize + DeserializeOwned>(
    comm: &C,
    value: Option<&V>,
    root: usize,
) -> Result<V> {
    let written = match value {
        Some(value) if comm.rank() == root => write(value),
        // The others are told, as of one that cannot be written.
        None if comm.rank() == root => Err(ErrorKind::NoValue { root }.into()),
        _ => Ok(vec![]),
    };
    let mut length = [length(&written)];
    now(collective::bcast(Blocking(comm), &mut length, root))?;
    let mut bytes = written?;
    bytes.resize(count(length[0], root)?, ObjectByte(0));
    now(collective::bcast(Blocking(comm), &mut bytes, root))?;
    read(&bytes, root)
}

/// The values of all ranks, on every rank or on the root.
pub(crate) fn gather<C: Communicator, V: Serialize + DeserializeOwned>(
    comm: &C,
    value: &V,
    root: Option<usize>,
) -> Result<Option<Vec<V>>> {
    let written = write(value);
    let mut lengths = vec![0; comm.size()];
    now(collective::allgatherv(
        Blocking(comm),
        &[length(&written)],
        (&mut lengths, Counts::Each(1)),
    ))?;
    let bytes = written?;
    let counts = lengths.iter().enumerate().map(|(from, &length)| count(length, from));
    let counts = counts.collect::<Result<Vec<usize>>>()?;
    let wants = root.is_none_or(|root| root == comm.rank());
    let mut all = room(if wants { counts.iter().sum() } else { 0 });
    let list = Counts::List(&counts);
    match root {
        Some(root) => now(collective::gatherv(Blocking(comm), &bytes, (&mut all, list), root))?,
        None => now(collective::allgatherv(Blocking(comm), &bytes, (&mut all, list)))?,
    }
    if !wants {
        return Ok(None);
    }
    (0..comm.size()).map(|from| read(&all[list.range(from)], from)).collect::<Result<_>>().map(Some)
}

/// To each rank its own of the root's values.
pub(crate) fn scatter<C: Communicator, V: Serialize + DeserializeOwned>(
    comm: &C,
    values: &[V],
    root: usize,
) -> Result<V> {
    let is_root = comm.rank() == root;
    if is_root && values.len() != comm.size() {
        let (len, needed) = (values.len(), comm.size());
        return Err(ErrorKind::Length { argument: "values", len, needed }.into());
    }
    let (mut bytes, mut lengths, mut unwritten) = (vec![], vec![], None);
    for value in values.iter().filter(|_| is_root) {
        let written = write(value);
        lengths.push(length(&written));
        match written {
            Ok(written) => bytes.extend(written),
            Err(error) => unwritten = unwritten.or(Some(error)),
        }
    }
    let mut mine = [0];
    now(collective::scatterv(Blocking(comm), (&lengths, Counts::Each(1)), &mut mine, root))?;
    let mut own = room(count(mine[0], root).unwrap_or(0));
    let counts: Vec<usize> =
        lengths.into_iter().map(|length| count(length, root).unwrap_or(0)).collect();
    now(collective::scatterv(Blocking(comm), (&bytes, Counts::List(&counts)), &mut own, root))?;
    unwritten.map_or(Ok(()), Err)?;
    count(mine[0], root)?;
    read(&own, root)
}
