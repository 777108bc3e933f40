//! Values of any serde type, written by postcard.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::collective::{self, Blocking, Counts, now};
use crate::element::ObjectByte;
use crate::{Communicator, Error, ErrorKind, Result};

/// Twice, once for the size: into room that is there numbers are written as they are copied, and into a vector
/// that grows each takes a call. 64 KiB of floats take 2.5 us so, and 14.
pub(crate) fn write<V: Serialize + ?Sized>(value: &V) -> Result<Vec<ObjectByte>> {
    let cannot = |source| Error::caused(ErrorKind::Write, source);
    let mut bytes = room(postcard::experimental::serialized_size(value).map_err(cannot)?);
    match postcard::to_slice(value, ObjectByte::plain_mut(&mut bytes)).map(|used| used.len()) {
        Ok(used) => bytes.truncate(used),
        // One that writes more the second time: it is no use to guess how much.
        Err(postcard::Error::SerializeBufferFull) => {
            let bytes = postcard::to_stdvec(value).map_err(cannot)?;
            return Ok(bytes.into_iter().map(ObjectByte).collect());
        }
        Err(source) => return Err(cannot(source)),
    }
    Ok(bytes)
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

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use serde::{Serialize, Serializer};

    use super::{read, write};
    use crate::ErrorKind;

    /// Writes another text each time.
    struct Restless<'a>(Cell<usize>, &'a [&'a str]);

    impl Serialize for Restless<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let text = self.1[self.0.replace(self.0.get() + 1)];
            serializer.serialize_str(text)
        }
    }

    #[test]
    fn what_is_written_otherwise_the_second_time_is_whole() {
        for (texts, must) in [
            (&["long one", "short", "third"][..], "short"),
            (&["short", "long one", "third"], "third"),
        ] {
            let bytes = write(&Restless(Cell::new(0), texts)).unwrap();
            assert_eq!(read::<String>(&bytes, 0).unwrap(), must);
        }
    }

    #[test]
    fn no_bytes_are_no_object() {
        let mut bytes = write(&5_u8).unwrap();
        assert_eq!(read::<u8>(&bytes, 3).unwrap(), 5);
        bytes.clear();
        assert_eq!(read::<u8>(&bytes, 3).unwrap_err().kind(), ErrorKind::Read { from: 3 });
    }
}
