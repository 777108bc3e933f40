//! A file that holds several chunks.

use std::borrow::Cow;
use std::num::NonZeroU64;
use std::ops::Range;
use std::sync::Arc;

use serde_json::Value;
use zarrs::array::{ArrayToBytesCodecTraits as _, CodecChain, FillValue, data_type};

use super::codec::{alone, certain_bytes, named, zeros};
use super::described::{broken, chain};
use super::recent::Recent;
use crate::error::{Error, ErrorKind, Result};
use crate::executor::caught;
use crate::file::disk::Disk;
use crate::window::{Dims, count};

/// How many indices are kept: windows that are read one after another, or at a time, are of few shards.
const RECENT: usize = 4;

/// What marks a chunk that is not in its file.
const MISSING: u64 = u64::MAX;

/// How a shard is made of chunks.
#[derive(Debug)]
pub(super) struct Shard {
    /// The shape of a chunk, and how many there are along each axis.
    pub(super) chunk: Dims,
    pub(super) counts: Dims,
    pub(super) codecs: Vec<Value>,
    index: CodecChain,
    /// That of the index: the counts, and a place and a length for each.
    index_shape: Vec<NonZeroU64>,
    index_bytes: usize,
    is_at_end: bool,
    recent: Recent<Index>,
}

/// Where in a file the chunks of a shard lie.
#[derive(Debug)]
pub(super) struct Index {
    counts: Dims,
    places: Vec<u64>,
}

impl Shard {
    /// What an array's codecs say of shards of this shape, if that is all that they do.
    pub(super) fn of(metadatas: &[Value], shape: &[usize], subject: &str) -> Result<Option<Self>> {
        let [codec] = metadatas else { return Ok(None) };
        if codec["name"] != "sharding_indexed" {
            return Ok(None);
        }
        let about = &codec["configuration"];
        let fault = |what: String| Error::new(ErrorKind::Data, format!("{subject} {what}"));
        let chunk: Option<Dims> =
            serde_json::from_value::<Vec<usize>>(about["chunk_shape"].clone()).ok().map(Into::into);
        let chunk = chunk.filter(|chunk| {
            chunk.len() == shape.len()
                && shape.iter().zip(chunk).all(|(len, size)| *size > 0 && len.is_multiple_of(*size))
        });
        let Some(chunk) = chunk else {
            let what = format!(
                "has shards of shape {shape:?}, which chunks of {} do not fill",
                about["chunk_shape"]
            );
            return Err(fault(what));
        };
        let list = |name: &str| {
            about[name]
                .as_array()
                .cloned()
                .unwrap_or_default()
                .into_iter()
                .map(named)
                .collect::<Vec<_>>()
        };
        let index_codecs = list("index_codecs");
        let index = chain(&index_codecs, subject)?;
        let counts: Dims = shape.iter().zip(&chunk).map(|(len, size)| len / size).collect();
        let index_shape =
            counts.iter().chain([&2]).map(|&count| NonZeroU64::try_from(count as u64));
        let index_shape: Vec<_> = index_shape
            .collect::<Result<_, _>>()
            .map_err(|_| fault(format!("has {counts:?} chunks in a shard")))?;
        let (dtype, fill) = (data_type::uint64(), FillValue::from(MISSING));
        let index_bytes =
            certain_bytes(&index, &index_shape, &dtype, &fill, &index_codecs, subject)?;
        let is_at_end = about["index_location"] != "start";
        Ok(Some(Self {
            chunk,
            counts,
            codecs: list("codecs"),
            index,
            index_shape,
            index_bytes,
            is_at_end,
            recent: Recent::new(RECENT),
        }))
    }

    /// How many bytes it takes to read an index, with those that are kept.
    pub(super) fn memory(&self) -> usize {
        self.index_bytes.saturating_mul(3 + RECENT)
    }

    /// The index of the shard with this place among all, in a file of `len` bytes.
    pub(super) fn index(&self, place: &[usize], disk: &Disk, len: u64) -> Result<Arc<Index>> {
        let stamp = disk.stamp()?;
        if let Some((then, index)) = self.recent.get(place)
            && then == stamp
        {
            return Ok(index);
        }
        // Asked before it is read: if it is changed meanwhile, the stamp is another then.
        let may_hide_a_change = stamp.is_fresh();
        let index = Arc::new(self.read_index(disk, len)?);
        if may_hide_a_change {
            self.recent.forget(place);
        } else {
            self.recent.put(place, stamp, &index);
        }
        Ok(index)
    }

    fn read_index(&self, disk: &Disk, len: u64) -> Result<Index> {
        let subject = disk.subject();
        let fault = |what: String| Error::new(ErrorKind::Data, format!("{subject} {what}"));
        let Some(last) = len.checked_sub(self.index_bytes as u64) else {
            return Err(fault(format!(
                "is torn: it has {len} bytes, its index {}",
                self.index_bytes
            )));
        };
        let mut bytes = zeros(self.index_bytes, subject)?;
        disk.read(if self.is_at_end { last } else { 0 }, &mut bytes)?;
        let (dtype, fill) = (data_type::uint64(), FillValue::from(MISSING));
        let decoded = caught(|| {
            self.index.decode(Cow::Owned(bytes), &self.index_shape, &dtype, &fill, &alone())
        });
        let decoded = decoded.map_err(|text| broken(subject, &text))?;
        let bytes = decoded.and_then(|bytes| Ok(bytes.into_fixed()?));
        let bytes =
            bytes.map_err(|error| fault(format!("has a wrong index: {error}")).because(error))?;
        let places: Vec<u64> =
            bytes.as_chunks().0.iter().map(|&place| u64::from_ne_bytes(place)).collect();
        let (found, wanted) = (places.len(), 2 * count(&self.counts));
        if found != wanted {
            return Err(fault(format!("has an index of {found} numbers, but must have {wanted}")));
        }
        Ok(Index { counts: self.counts.clone(), places })
    }
}

impl Index {
    /// Where in a file of `len` bytes a chunk lies, if it is there.
    pub(super) fn range(
        &self,
        index: &[usize],
        len: u64,
        subject: &str,
    ) -> Result<Option<Range<u64>>> {
        let number =
            index.iter().zip(&self.counts).fold(0, |number, (i, count)| number * count + i);
        let [start, bytes] = [self.places[2 * number], self.places[2 * number + 1]];
        if start == MISSING && bytes == MISSING {
            return Ok(None);
        }
        match start.checked_add(bytes).filter(|&end| end <= len) {
            Some(end) => Ok(Some(start..end)),
            None => {
                let what = format!(
                    "{subject} is torn: chunk {index:?} has {bytes} bytes from byte {start} on, but the file {len}"
                );
                Err(Error::new(ErrorKind::Data, what))
            }
        }
    }
}
