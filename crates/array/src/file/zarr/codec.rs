//! How the bytes of a chunk become elements.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::io;
use std::num::NonZeroU64;

use serde_json::Value;
use zarrs::array::ArrayToBytesCodecTraits as _;
use zarrs::array::{
    Array, BytesRepresentation, CodecChain, CodecMetadataOptions, CodecOptions, DataType, FillValue,
};
use zarrs::filesystem::FilesystemStore;
use zarrs::metadata::v3::MetadataV3;

use super::described::{broken, chain};
use super::packing::Packing;
use crate::element::DType;
use crate::error::{Error, ErrorKind, Result};
use crate::executor::caught;
use crate::window::{Dims, bytes_of};

/// A file has at most so many bytes more than its elements: what codecs add, and a part of all of them.
const ADDED: usize = 4 << 10;

/// A checksum has so many bytes.
const SUM: usize = 4;

/// What is done with the bytes of a chunk. The way to read is the other way round: first the last codec.
///
/// ```text
/// elements -> rest -> packing -> checksums -> file
/// ```
/// How many bytes there are after `rest` is certain, whatever the file says.
#[derive(Debug)]
pub(super) struct Codec {
    rest: Rest,
    /// What is unpacked here, straight to where it is wanted if nothing else is to be done.
    packing: Packing,
    /// How many checksums there are behind that.
    sums: usize,
    /// The shape of a chunk, and how many bytes its elements have.
    shape: Vec<NonZeroU64>,
    pub(super) chunk: Dims,
    pub(super) bytes: usize,
    /// How many bytes are packed.
    unpacked: usize,
    /// How many copies of its elements there are meanwhile.
    copies: usize,
}

/// What is to be done with bytes that are unpacked.
#[derive(Debug)]
enum Rest {
    /// They are the elements, in row-major order; or each number the other way round.
    Elements { is_foreign: bool },
    /// What zarrs does.
    Chain(Box<CodecChain>),
}

/// The name of a codec.
fn name_of(codec: &Value) -> &str {
    codec["name"].as_str().unwrap_or("")
}

/// Whether a codec puts CRC32C behind the bytes, as it does if nobody says otherwise.
fn is_sum(codec: &Value) -> bool {
    let place = &codec["configuration"]["location"];
    name_of(codec) == "crc32c" && (place.is_null() || place == "end")
}

impl Codec {
    pub(super) fn new(
        metadatas: &[Value],
        chunk: &[usize],
        of: &Array<FilesystemStore>,
        dtype: DType,
        subject: &str,
    ) -> Result<Self> {
        let sums = metadatas.iter().rev().take_while(|codec| is_sum(codec)).count();
        let unsummed = &metadatas[..metadatas.len() - sums];
        let packing = unsummed.last().and_then(|codec| Packing::of(name_of(codec)));
        let before = &unsummed[..unsummed.len() - usize::from(packing.is_some())];
        let shape = chunk.iter().map(|&len| NonZeroU64::try_from(len as u64));
        let shape: Vec<_> = shape.collect::<Result<_, _>>().map_err(|_| {
            Error::new(ErrorKind::Data, format!("{subject} has chunks of the shape {chunk:?}"))
        })?;
        let bytes = bytes_of(chunk, dtype.bytes());
        let (rest, unpacked) = match before {
            [codec] if codec["name"] == "bytes" => {
                let is_big = codec["configuration"]["endian"] == "big";
                let is_foreign = is_big == cfg!(target_endian = "little");
                (Rest::Elements { is_foreign }, bytes)
            }
            others => {
                let chain = chain(others, subject)?;
                let (dtype, fill) = (of.data_type(), of.fill_value());
                let unpacked = certain_bytes(&chain, &shape, dtype, fill, others, subject)?;
                (Rest::Chain(Box::new(chain)), unpacked)
            }
        };
        let is_packed = packing.is_some();
        let packing = packing.unwrap_or(Packing::Plain);
        let copies = match &rest {
            Rest::Elements { .. } if !is_packed && sums == 0 => 0,
            Rest::Elements { .. } => packing.copies(),
            Rest::Chain(_) => metadatas.len().max(1 + packing.copies()),
        };
        Ok(Self { rest, packing, sums, shape, chunk: chunk.into(), bytes, unpacked, copies })
    }

    /// Whether bytes lie in a file as they do in memory.
    pub(super) fn foreign_if_plain(&self) -> Option<bool> {
        match (self.packing, self.sums, &self.rest) {
            (Packing::Plain, 0, &Rest::Elements { is_foreign }) => Some(is_foreign),
            _ => None,
        }
    }

    pub(super) fn packing(&self) -> Packing {
        self.packing
    }

    /// Whether what is unpacked lies as it does in memory.
    pub(super) fn is_native(&self) -> bool {
        matches!(self.rest, Rest::Elements { is_foreign: false })
    }

    /// The most bytes that a chunk may have in a file.
    pub(super) fn most(&self) -> usize {
        let sums = self.sums.saturating_mul(SUM);
        (self.unpacked / 4).saturating_add(self.unpacked).saturating_add(ADDED).saturating_add(sums)
    }

    /// How many bytes it takes to read a chunk, beside where the elements are wanted.
    pub(super) fn memory(&self) -> usize {
        match self.copies {
            0 => 0,
            copies => {
                self.bytes.max(self.unpacked).saturating_mul(copies).saturating_add(self.most())
            }
        }
    }

    /// Unpacks into `out`, which is as long as what was packed.
    pub(super) fn unpack(&self, stored: &[u8], out: &mut [u8], subject: &str) -> Result<()> {
        let unpacked = self.packed(stored).and_then(|packed| self.packing.unpack(packed, out));
        unpacked.map_err(|error| undecoded(subject, error))
    }

    /// What the checksums are of, if they are right.
    fn packed<'a>(&self, stored: &'a [u8]) -> io::Result<&'a [u8]> {
        (0..self.sums).try_fold(stored, |stored, _| {
            let what = "its checksum is not that of its bytes";
            let wrong = || io::Error::new(io::ErrorKind::InvalidData, what);
            let (packed, sum) = stored.split_last_chunk::<SUM>().ok_or_else(wrong)?;
            if u32::from_le_bytes(*sum) == crc32c::crc32c(packed) {
                Ok(packed)
            } else {
                Err(wrong())
            }
        })
    }

    /// All elements of a chunk, of what a file has.
    pub(super) fn decode(
        &self,
        stored: &[u8],
        dtype: &DataType,
        fill: &FillValue,
        subject: &str,
    ) -> Result<Vec<u8>> {
        let packed = self.packed(stored);
        let unpacked = packed.and_then(|packed| self.packing.unpacked(packed, self.unpacked));
        let unpacked = unpacked.map_err(|error| undecoded(subject, error))?;
        let chain = match &self.rest {
            Rest::Elements { is_foreign } => {
                let mut elements = unpacked;
                if *is_foreign {
                    swap(&mut elements, dtype);
                }
                return Ok(elements);
            }
            Rest::Chain(chain) => chain,
        };
        let decoded =
            caught(|| chain.decode(Cow::Owned(unpacked), &self.shape, dtype, fill, &alone()));
        let decoded = decoded.map_err(|text| broken(subject, &text))?;
        let elements = decoded
            .and_then(|bytes| Ok(bytes.into_fixed()?))
            .map_err(|error| undecoded(subject, error))?;
        match elements.len() == self.bytes {
            true => Ok(elements.into_owned()),
            false => {
                let (found, wanted) = (elements.len(), self.bytes);
                let what = format!("{found} bytes come of it, but its elements have {wanted}");
                Err(undecoded(subject, what))
            }
        }
    }
}

/// Why bytes become no elements.
fn undecoded(subject: &str, error: impl Into<Box<dyn StdError + Send + Sync>>) -> Error {
    let error = error.into();
    Error::new(ErrorKind::Data, format!("{subject} cannot be decoded: {error}")).because(error)
}

/// Swaps the bytes of numbers.
fn swap(bytes: &mut [u8], dtype: &DataType) {
    use zarrs::plugin::ExtensionName as _;
    let unit = match dtype.name_v3().as_deref() {
        Some("complex64") => 4,
        Some("complex128") => 8,
        _ => dtype.fixed_size().unwrap_or(1),
    };
    crate::file::byte_order::swap(bytes, unit);
}

/// So many zeros, unless there is no memory for them.
pub(super) fn zeros(bytes: usize, subject: &str) -> Result<Vec<u8>> {
    let mut zeros = vec![];
    zeros.try_reserve_exact(bytes).map_err(|error| {
        Error::new(
            ErrorKind::Memory,
            format!("{subject} takes {bytes} bytes of memory, which are not there"),
        )
        .because(error)
    })?;
    zeros.resize(bytes, 0);
    Ok(zeros)
}

/// On this thread: what calls is one of several.
pub(super) fn alone() -> CodecOptions {
    CodecOptions::default().with_concurrent_target(1)
}

/// The codecs of an array as metadata of version 3 have them: objects with a name.
pub(super) fn names(array: &Array<FilesystemStore>) -> Result<Vec<Value>, String> {
    let metadatas = caught(|| array.codecs().create_metadatas(&CodecMetadataOptions::default()));
    let metadatas =
        metadatas.map_err(|text| format!("has codecs that cannot be understood: {text}"))?;
    metadatas
        .iter()
        .map(|codec| serde_json::to_value(codec).map(named).map_err(|error| error.to_string()))
        .collect()
}

/// An object, where a codec without configuration may be its name alone.
pub(super) fn named(codec: Value) -> Value {
    match codec {
        Value::String(name) => serde_json::json!({ "name": name }),
        object => object,
    }
}

/// A chain of codecs.
pub(super) fn chain_of(metadatas: &[Value]) -> Result<CodecChain, String> {
    let metadatas: Result<Vec<MetadataV3>, _> =
        metadatas.iter().map(|codec| serde_json::from_value(codec.clone())).collect();
    let metadatas =
        metadatas.map_err(|error| format!("has codecs that cannot be understood: {error}"))?;
    CodecChain::from_metadata(&metadatas).map_err(|error| format!("cannot be read: {error}"))
}

/// The number of bytes that codecs make of an array, if it is the same whatever its elements are.
pub(super) fn certain_bytes(
    chain: &CodecChain,
    shape: &[NonZeroU64],
    dtype: &DataType,
    fill: &FillValue,
    metadatas: &[Value],
    subject: &str,
) -> Result<usize> {
    let made = caught(|| chain.encoded_representation(shape, dtype, fill));
    let made = made.map_err(|text| broken(subject, &text))?.map_err(|error| {
        Error::new(ErrorKind::Data, format!("{subject} cannot be read: {error}")).because(error)
    })?;
    match made {
        BytesRepresentation::FixedSize(bytes) => Ok(usize::try_from(bytes).unwrap_or(usize::MAX)),
        _ => {
            let names: Vec<&str> = metadatas.iter().map(name_of).collect();
            let what = format!(
                "{subject} has the codecs {names:?}, of which nobody knows how many bytes they make: only the last codec \
                 that is no checksum may pack"
            );
            Err(Error::new(ErrorKind::Unsupported, what))
        }
    }
}
