//! How a Zarr array is written.

use serde_json::{Map, Value, json};
use zarrs::array::ArrayMetadata;

use super::attributes::AXES;
use crate::element::{DType, Element};
use crate::error::{Error, ErrorKind, Result};

/// A version of the format Zarr.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ZarrVersion {
    /// Version 2, which most archives have.
    V2,
    /// Version 3, which has shards, checksums and names of axes.
    #[default]
    V3,
}

impl ZarrVersion {
    pub(super) fn of(metadata: &ArrayMetadata) -> Self {
        match metadata {
            ArrayMetadata::V2(_) => Self::V2,
            ArrayMetadata::V3(_) => Self::V3,
        }
    }
}

/// How chunks are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum ZarrCompressor {
    /// Not at all: read the fastest, and in parts.
    None,
    /// Zstandard at level 3, which is what Python's zarr does if nobody says otherwise.
    #[default]
    Zstd,
    /// Zstandard at another level, from -131072, the fastest, to 22.
    ZstdLevel(i32),
    /// gzip at a level from 0 to 9.
    Gzip(u8),
    /// Blosc with LZ4 at a level from 0 to 9, of bytes that are sorted by their place in a number: fast, for numbers that
    /// change little.
    BloscLz4(u8),
    /// The same with Zstandard.
    BloscZstd(u8),
}

/// How a Zarr array is written, if not as [`ZarrWriter::create`](crate::ZarrWriter::create) does: version 3, packed by
/// Zstandard, filled with zeros, without shards. Feature `zarr`.
///
/// ```
/// use tenfold_array::{Target, Window, ZarrArray, ZarrCompressor, ZarrOptions, ZarrWriter};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("x.zarr");
/// let options = ZarrOptions::new()
///     .compressor(ZarrCompressor::BloscLz4(5))
///     .fill_value(f32::NAN)
///     .dimension_names(&["time", "place"])
///     .shard(&[100, 50])
///     .attribute("units", "degrees");
/// let writer = ZarrWriter::create_with(&path, &[1000, 50], &[10, 50], &options)?;
/// writer.write(&Window::new(&[0..100, 0..50]), &[1.5; 5000])?;
/// writer.finish_filled()?;
///
/// let file = ZarrArray::<f32>::open(&path)?;
/// assert!(file.fill_value().is_nan());
/// assert_eq!(file.dimension_names()[0].as_deref(), Some("time"));
/// assert_eq!(file.attributes()["units"], "degrees");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct ZarrOptions<T> {
    version: ZarrVersion,
    compressor: ZarrCompressor,
    fill: T,
    names: Option<Vec<String>>,
    attributes: Map<String, Value>,
    shard: Option<Vec<usize>>,
    has_checksum: bool,
}

impl<T: Element> Default for ZarrOptions<T> {
    fn default() -> Self {
        Self {
            version: ZarrVersion::V3,
            compressor: ZarrCompressor::Zstd,
            fill: T::default(),
            names: None,
            attributes: Map::new(),
            shard: None,
            has_checksum: false,
        }
    }
}

impl<T: Element> ZarrOptions<T> {
    /// As described above.
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes this version of the format.
    pub fn version(self, version: ZarrVersion) -> Self {
        Self { version, ..self }
    }

    /// Packs chunks so.
    pub fn compressor(self, compressor: ZarrCompressor) -> Self {
        Self { compressor, ..self }
    }

    /// Takes this for elements that are in no file. A chunk of which all elements are that is not written.
    pub fn fill_value(self, fill: T) -> Self {
        Self { fill, ..self }
    }

    /// Names the axes: one name for each.
    pub fn dimension_names(self, names: &[&str]) -> Self {
        let names = names.iter().map(|&name| name.to_owned()).collect();
        Self { names: Some(names), ..self }
    }

    /// Writes something beside it.
    pub fn attribute(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.attributes.insert(name.to_owned(), value.into());
        self
    }

    /// Puts all chunks within boxes of this shape into a file each: of many small chunks there would be too many files.
    /// Chunks must fill a shard, which is written as a whole. Version 3 alone.
    pub fn shard(self, shape: &[usize]) -> Self {
        Self { shard: Some(shape.into()), ..self }
    }

    /// Adds a checksum (CRC32C) to each chunk. Version 3 alone.
    pub fn checksum(self) -> Self {
        Self { has_checksum: true, ..self }
    }

    pub(super) fn of_version(&self) -> ZarrVersion {
        self.version
    }

    /// The texts of the metadata of an array, by the names of their files; that which says all first.
    pub(super) fn metadata(
        &self,
        shape: &[usize],
        chunk: &[usize],
    ) -> Result<Vec<(&'static str, Value)>> {
        self.check(shape, chunk)?;
        Ok(match self.version {
            ZarrVersion::V2 => self.version_2(shape, chunk),
            ZarrVersion::V3 => vec![("zarr.json", self.version_3(shape, chunk))],
        })
    }

    /// That all this goes together.
    fn check(&self, shape: &[usize], chunk: &[usize]) -> Result<()> {
        let refuse = |kind, what: String| Err(Error::new(kind, what));
        if chunk.len() != shape.len() {
            let what = format!(
                "argument `chunk` has {} sizes, but the array has {} axes",
                chunk.len(),
                shape.len()
            );
            return refuse(ErrorKind::Shape, what);
        }
        if let Some(axis) = chunk.iter().position(|&len| len == 0) {
            let what = format!(
                "argument `chunk` is 0 for axis {axis}, but a chunk has at least 1 element"
            );
            return refuse(ErrorKind::Chunks, what);
        }
        if let Some(names) = self.names.as_ref().filter(|names| names.len() != shape.len()) {
            let what = format!(
                "argument `names` has {} names, but the array has {} axes",
                names.len(),
                shape.len()
            );
            return refuse(ErrorKind::Shape, what);
        }
        if self.version == ZarrVersion::V2 && (self.shard.is_some() || self.has_checksum) {
            let what = "version 2 of Zarr has neither shards nor checksums";
            return refuse(ErrorKind::Unsupported, what.to_owned());
        }
        let is_filled = |shard: &Vec<usize>| {
            shard.len() == chunk.len()
                && shard.iter().zip(chunk).all(|(len, size)| *len > 0 && len.is_multiple_of(*size))
        };
        if let Some(shard) = self.shard.as_ref().filter(|shard| !is_filled(shard)) {
            let what =
                format!("argument `shard` is {shard:?}, which chunks of {chunk:?} do not fill");
            return refuse(ErrorKind::Chunks, what);
        }
        let (level, range) = match self.compressor {
            ZarrCompressor::ZstdLevel(level) => (level, -131_072..=22),
            ZarrCompressor::Gzip(level)
            | ZarrCompressor::BloscLz4(level)
            | ZarrCompressor::BloscZstd(level) => (i32::from(level), 0..=9),
            ZarrCompressor::None | ZarrCompressor::Zstd => (0, 0..=0),
        };
        if !range.contains(&level) {
            let what =
                format!("argument `compressor` has level {level}, but must have one of {range:?}");
            return refuse(ErrorKind::Value, what);
        }
        Ok(())
    }

    fn version_3(&self, shape: &[usize], chunk: &[usize]) -> Value {
        let file = self.shard.as_deref().unwrap_or(chunk);
        let mut codecs = vec![match T::DTYPE.bytes() {
            1 => json!({ "name": "bytes" }),
            _ => json!({ "name": "bytes", "configuration": { "endian": ENDIAN } }),
        }];
        codecs.extend(self.codec_3());
        if self.has_checksum {
            codecs.push(json!({ "name": "crc32c" }));
        }
        if self.shard.is_some() {
            let index = json!([{ "name": "bytes", "configuration": { "endian": "little" } }, { "name": "crc32c" }]);
            let about = json!({ "chunk_shape": chunk, "codecs": codecs, "index_codecs": index, "index_location": "end" });
            codecs = vec![json!({ "name": "sharding_indexed", "configuration": about })];
        }
        let mut about = json!({
            "zarr_format": 3,
            "node_type": "array",
            "shape": shape,
            "data_type": T::DTYPE.name(),
            "chunk_grid": { "name": "regular", "configuration": { "chunk_shape": file } },
            "chunk_key_encoding": { "name": "default", "configuration": { "separator": "/" } },
            "fill_value": fill_text(&self.fill, true),
            "codecs": codecs,
            "attributes": self.attributes,
            "storage_transformers": [],
        });
        if let Some(names) = &self.names {
            about["dimension_names"] = json!(names);
        }
        about
    }

    /// The name of the codec that packs, and what it is told in both versions.
    fn codec(&self) -> Option<(&'static str, Value)> {
        let zstd = |level: i32| ("zstd", json!({ "level": level, "checksum": false }));
        let blosc = |name: &str, level: u8| {
            ("blosc", json!({ "cname": name, "clevel": level, "blocksize": 0 }))
        };
        match self.compressor {
            ZarrCompressor::None => None,
            ZarrCompressor::Zstd => Some(zstd(3)),
            ZarrCompressor::ZstdLevel(level) => Some(zstd(level)),
            ZarrCompressor::Gzip(level) => Some(("gzip", json!({ "level": level }))),
            ZarrCompressor::BloscLz4(level) => Some(blosc("lz4", level)),
            ZarrCompressor::BloscZstd(level) => Some(blosc("zstd", level)),
        }
    }

    fn codec_3(&self) -> Option<Value> {
        self.codec().map(|(name, mut about)| {
            if name == "blosc" {
                about["shuffle"] = json!("shuffle");
                about["typesize"] = json!(T::DTYPE.bytes());
            }
            json!({ "name": name, "configuration": about })
        })
    }

    fn codec_2(&self) -> Option<Value> {
        self.codec().map(|(name, mut about)| {
            if name == "blosc" {
                about["shuffle"] = json!(1);
            }
            about["id"] = json!(name);
            about
        })
    }

    fn version_2(&self, shape: &[usize], chunk: &[usize]) -> Vec<(&'static str, Value)> {
        let mut attributes = self.attributes.clone();
        if let Some(names) = &self.names {
            attributes.insert(AXES.to_owned(), json!(names));
        }
        let about = json!({
            "zarr_format": 2,
            "shape": shape,
            "chunks": chunk,
            "dtype": dtype_2(T::DTYPE),
            "compressor": self.codec_2(),
            "fill_value": fill_text(&self.fill, false),
            "order": "C",
            "filters": null,
            "dimension_separator": ".",
        });
        vec![(".zarray", about), (".zattrs", Value::Object(attributes))]
    }
}

const ENDIAN: &str = if cfg!(target_endian = "little") { "little" } else { "big" };

/// As NumPy writes types.
fn dtype_2(dtype: DType) -> String {
    let order = match dtype.bytes() {
        1 => '|',
        _ if cfg!(target_endian = "little") => '<',
        _ => '>',
    };
    let kind = match dtype {
        DType::Bool => 'b',
        DType::I8 | DType::I16 | DType::I32 | DType::I64 => 'i',
        DType::U8 | DType::U16 | DType::U32 | DType::U64 => 'u',
        DType::F32 | DType::F64 => 'f',
        DType::C64 | DType::C128 => 'c',
    };
    format!("{order}{kind}{}", dtype.bytes())
}

/// A fill value in metadata: a NaN of version 3 with its bits.
fn fill_text<T: Element>(fill: &T, has_bits: bool) -> Value {
    let bytes = T::as_bytes(std::slice::from_ref(fill));
    match T::DTYPE {
        DType::Bool => json!(bytes != [0]),
        DType::I8 => json!(i8::from_ne_bytes(array(bytes))),
        DType::I16 => json!(i16::from_ne_bytes(array(bytes))),
        DType::I32 => json!(i32::from_ne_bytes(array(bytes))),
        DType::I64 => json!(i64::from_ne_bytes(array(bytes))),
        DType::U8 => json!(u8::from_ne_bytes(array(bytes))),
        DType::U16 => json!(u16::from_ne_bytes(array(bytes))),
        DType::U32 => json!(u32::from_ne_bytes(array(bytes))),
        DType::U64 => json!(u64::from_ne_bytes(array(bytes))),
        DType::F32 | DType::F64 => float_text(bytes, has_bits),
        DType::C64 | DType::C128 => {
            let (real, imaginary) = bytes.split_at(bytes.len() / 2);
            json!([float_text(real, has_bits), float_text(imaginary, has_bits)])
        }
    }
}

/// The bytes of a number, of which there are as many as its type has.
fn array<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes.first_chunk().copied().unwrap_or([0; N])
}

fn float_text(bytes: &[u8], has_bits: bool) -> Value {
    let (value, bits, canonical) = match bytes.len() {
        4 => {
            let value = f32::from_ne_bytes(array(bytes));
            (f64::from(value), u64::from(value.to_bits()), 0x7fc0_0000)
        }
        _ => {
            let value = f64::from_ne_bytes(array(bytes));
            (value, value.to_bits(), 0x7ff8_0000_0000_0000)
        }
    };
    match value {
        _ if value.is_nan() && has_bits && bits != canonical => {
            json!(format!("0x{bits:0width$x}", width = 2 * bytes.len()))
        }
        _ if value.is_nan() => json!("NaN"),
        f64::INFINITY => json!("Infinity"),
        f64::NEG_INFINITY => json!("-Infinity"),
        _ => json!(value),
    }
}
