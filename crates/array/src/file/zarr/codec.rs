//! How the bytes of a chunk become elements.

use std::borrow::Cow;
use std::num::NonZeroU64;

use serde_json::Value;
use zarrs::array::ArrayToBytesCodecTraits as _;
use zarrs::array::{Array, CodecChain, CodecMetadataOptions, CodecOptions, DataType, FillValue};
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

/// What is done with the bytes of a chunk. The way to read is the other way round: first the last codec.
#[derive(Debug)]
pub(super) struct Codec {
    /// What is unpacked here, straight to where it is wanted if nothing else is to be done.
    pub(super) packing: Packing,
    pub(super) rest: Rest,
    /// The shape of a chunk, and how many bytes its elements have.
    shape: Vec<NonZeroU64>,
    pub(super) chunk: Dims,
    pub(super) bytes: usize,
    /// How many copies of its elements there are meanwhile.
    copies: usize,
}

/// What is to be done with bytes that are unpacked.
#[derive(Debug)]
pub(super) enum Rest {
    /// They are the elements, in row-major order; or each number the other way round.
    Elements { is_foreign: bool },
    /// What zarrs does. Whether the last codec is Blosc, which says how long it will become.
    Chain { chain: Box<CodecChain>, is_blosc: bool },
}

impl Codec {
    pub(super) fn new(
        metadatas: &[Value],
        chunk: &[usize],
        dtype: DType,
        subject: &str,
    ) -> Result<Self> {
        let name =
            |at: usize| metadatas.get(at).map_or("", |codec| codec["name"].as_str().unwrap_or(""));
        let last = metadatas.len().saturating_sub(1);
        // Others make bytes of bytes too, or fewer bytes of numbers: how many there are between is for zarrs to know.
        let is_alone = match metadatas.split_last().and_then(|(_, before)| before.split_last()) {
            Some((bytes, before)) => {
                bytes["name"] == "bytes" && before.iter().all(|codec| codec["name"] == "transpose")
            }
            None => false,
        };
        let packing = Packing::of(name(last)).filter(|_| is_alone);
        let before = if packing.is_some() { &metadatas[..last] } else { metadatas };
        let rest = match before {
            [bytes] if bytes["name"] == "bytes" => {
                let is_big = bytes["configuration"]["endian"] == "big";
                Rest::Elements { is_foreign: is_big == cfg!(target_endian = "little") }
            }
            others => {
                let is_blosc = packing.is_none() && name(last) == "blosc";
                Rest::Chain { chain: Box::new(chain(others, subject)?), is_blosc }
            }
        };
        let copies = match &rest {
            Rest::Elements { .. } => usize::from(packing.is_some()),
            Rest::Chain { .. } => metadatas.len().max(2),
        };
        let shape = chunk.iter().map(|&len| NonZeroU64::try_from(len as u64));
        let shape = shape.collect::<Result<_, _>>().map_err(|_| {
            Error::new(ErrorKind::Data, format!("{subject} has chunks of the shape {chunk:?}"))
        })?;
        let bytes = bytes_of(chunk, dtype.bytes());
        let packing = packing.unwrap_or(Packing::Plain);
        Ok(Self { packing, rest, shape, chunk: chunk.into(), bytes, copies })
    }

    /// Whether bytes lie in a file as they do in memory.
    pub(super) fn foreign_if_plain(&self) -> Option<bool> {
        match (self.packing, &self.rest) {
            (Packing::Plain, &Rest::Elements { is_foreign }) => Some(is_foreign),
            _ => None,
        }
    }

    /// The most bytes that a chunk may have in a file.
    pub(super) fn most(&self) -> usize {
        (self.bytes / 4).saturating_add(self.bytes).saturating_add(ADDED)
    }

    /// How many bytes it takes to read a chunk, beside where the elements are wanted.
    pub(super) fn memory(&self) -> usize {
        match self.copies {
            0 => 0,
            copies => self.bytes.saturating_mul(copies).saturating_add(self.most()),
        }
    }

    /// All elements of a chunk, of what was packed.
    pub(super) fn decode(
        &self,
        packed: Vec<u8>,
        dtype: &DataType,
        fill: &FillValue,
        subject: &str,
    ) -> Result<Vec<u8>> {
        let fault = |error: Box<dyn std::error::Error + Send + Sync>| {
            Error::new(ErrorKind::Data, format!("{subject} cannot be decoded: {error}"))
                .because(error)
        };
        let unpacked = match self.packing {
            Packing::Plain => packed,
            packing => {
                let mut unpacked = zeros(self.bytes, subject)?;
                packing.unpack(&packed, &mut unpacked).map_err(|error| fault(error.into()))?;
                unpacked
            }
        };
        let (chain, is_blosc) = match &self.rest {
            Rest::Elements { is_foreign } => {
                let mut elements = unpacked;
                if elements.len() != self.bytes {
                    let what =
                        format!("it has {} bytes, but its elements {}", elements.len(), self.bytes);
                    return Err(fault(what.into()));
                }
                if *is_foreign {
                    swap(&mut elements, dtype);
                }
                return Ok(elements);
            }
            Rest::Chain { chain, is_blosc } => (chain, *is_blosc),
        };
        // So many bytes are asked of memory at once.
        let says = unpacked.get(4..8).and_then(|len| len.try_into().ok()).map(u32::from_le_bytes);
        if is_blosc && says.is_none_or(|says| says as usize > self.most()) {
            let what =
                format!("it says that it has {says:?} bytes, but its elements have {}", self.bytes);
            return Err(fault(what.into()));
        }
        let decoded =
            caught(|| chain.decode(Cow::Owned(unpacked), &self.shape, dtype, fill, &alone()));
        let decoded = decoded.map_err(|text| broken(subject, &text))?;
        let elements =
            decoded.and_then(|bytes| Ok(bytes.into_fixed()?)).map_err(|e| fault(e.into()))?;
        match elements.len() == self.bytes {
            true => Ok(elements.into_owned()),
            false => {
                let what = format!(
                    "{} bytes come of it, but its elements have {}",
                    elements.len(),
                    self.bytes
                );
                Err(fault(what.into()))
            }
        }
    }
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

/// The number of bytes that an index of shards has.
pub(super) fn index_bytes(chain: &CodecChain, shape: &[NonZeroU64]) -> Option<u64> {
    use zarrs::array::data_type;
    let fill = FillValue::from(u64::MAX);
    chain.encoded_representation(shape, &data_type::uint64(), &fill).ok()?.size()
}
