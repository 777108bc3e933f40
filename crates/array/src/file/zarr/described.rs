//! What the metadata of an array say.

use std::num::NonZeroU64;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use serde_json::{Map, Value};
use zarrs::array::{Array, ArrayCreateError, ArrayMetadata, ArrayMetadataV2, ArrayMetadataV3};
use zarrs::filesystem::FilesystemStore;

use super::codec::{Codec, chain_of, names};
use super::opened::Opened;
use super::pieces::{chunk_window, common};
use super::shard::Shard;
use super::text::{OF_ARRAY, text};
use crate::chunks::Chunks;
use crate::element::{DType, Element};
use crate::error::{Error, ErrorKind, Result};
use crate::executor::caught;
use crate::file::layout::Layout;
use crate::window::{Dims, Window};

/// That chunks are files in the folder of their array: their names may have an end that the file says.
fn stays_inside(array: &Array<FilesystemStore>, subject: &str) -> Result<()> {
    let key = array.chunk_key(&vec![0; array.shape().len()]);
    let is_name = |part| matches!(part, Component::Normal(_));
    if Path::new(key.as_str()).components().all(is_name) {
        return Ok(());
    }
    let what = format!("{subject} has a chunk `{key}`, which is not in its folder");
    Err(Error::new(ErrorKind::Data, what))
}

/// All types that arrays here have.
const DTYPES: [DType; 13] = [
    DType::Bool,
    DType::I8,
    DType::I16,
    DType::I32,
    DType::I64,
    DType::U8,
    DType::U16,
    DType::U32,
    DType::U64,
    DType::F32,
    DType::F64,
    DType::C64,
    DType::C128,
];

/// An array of chunks in a folder.
#[derive(Debug)]
pub(super) struct Described {
    pub(super) folder: PathBuf,
    /// Such as "Zarr array `a`".
    pub(super) subject: String,
    pub(super) array: Array<FilesystemStore>,
    /// Of the whole array, as if it were one file.
    layout: Layout,
    /// The shape of what is one file, also where the array ends within it.
    pub(super) chunk: Dims,
    /// How a file becomes elements, if it holds one chunk.
    pub(super) codec: Codec,
    /// How it is made of several, if it is.
    pub(super) shard: Option<Shard>,
    pub(super) opened: Opened,
}

impl Described {
    /// Reads the metadata of an array of these elements.
    pub(super) fn open<T: Element>(folder: &Path) -> Result<Self> {
        let subject = format!("Zarr array `{}`", folder.display());
        let metadata = metadata_in(folder, &subject)?;
        let opened = caught(|| {
            let store = FilesystemStore::new(folder).map_err(|error| {
                Error::new(ErrorKind::Io, format!("{subject} cannot be opened")).because(error)
            })?;
            Array::new_with_metadata(Arc::new(store), "/", metadata)
                .map_err(|error| refused(&subject, error))
        });
        let array = opened.map_err(|text| broken(&subject, &text))??;
        Self::new::<T>(folder, subject, array)
    }

    /// The same of metadata that are read.
    pub(super) fn new<T: Element>(
        folder: &Path,
        subject: String,
        array: Array<FilesystemStore>,
    ) -> Result<Self> {
        has_elements::<T>(&array, &subject)?;
        let fault = |what: String| Error::new(ErrorKind::Data, format!("{subject} {what}"));
        let shape =
            lengths(array.shape()).ok_or_else(|| fault("is longer than can be counted".into()))?;
        let layout = Layout::new(&shape, T::DTYPE, 0).map_err(|fault| fault.of(&subject))?;
        let chunk = chunk_shape(&array)
            .map_err(|what| Error::new(ErrorKind::Unsupported, format!("{subject} {what}")))?;
        if chunk.len() != shape.len() {
            let what = format!("has {} axes, but its chunks have {}", shape.len(), chunk.len());
            return Err(fault(what));
        }
        Layout::new(&chunk, T::DTYPE, 0)
            .map_err(|fault| fault.of(&format!("a chunk of {subject}")))?;
        let metadatas = names(&array).map_err(fault)?;
        let shard = Shard::of(&metadatas, &chunk, &subject)?;
        let (unit, metadatas) = match &shard {
            Some(shard) => (shard.chunk.clone(), shard.codecs.clone()),
            None => (chunk.clone(), metadatas),
        };
        let codec = Codec::new(&metadatas, &unit, &array, T::DTYPE, &subject)?;
        stays_inside(&array, &subject)?;
        let folder = folder.to_owned();
        let opened = Opened::new();
        Ok(Self { folder, subject, array, layout, chunk, codec, shard, opened })
    }

    pub(super) fn shape(&self) -> &Dims {
        &self.layout.shape
    }

    /// That a window lies in the array.
    pub(super) fn check(&self, window: &Window, elements: usize) -> Result<()> {
        self.layout.check_slice(&self.subject, window, elements)
    }

    /// The chunks that are files each.
    pub(super) fn chunks(&self) -> Result<Chunks> {
        Chunks::even(self.shape(), &self.chunk)
    }

    /// The elements of a chunk, as far as the array goes.
    pub(super) fn chunk_window(&self, index: &[usize]) -> Window {
        common(&chunk_window(index, &self.chunk), &Window::whole(self.shape()))
    }

    /// Where a chunk is, and what it is called in messages.
    pub(super) fn file(&self, index: &[usize]) -> (PathBuf, String) {
        let index: Vec<u64> = index.iter().map(|&i| i as u64).collect();
        let key = self.array.chunk_key(&index);
        (self.folder.join(key.as_str()), format!("chunk `{key}` of {}", self.subject))
    }

    /// What stands for elements that are in no file.
    pub(super) fn fill_value<T: Element>(&self) -> Result<T> {
        let bytes = self.array.fill_value().as_ne_bytes();
        let mut fill = [T::default()];
        T::from_bytes(&mut fill, &mut |to| {
            if to.len() != bytes.len() {
                let what = format!("the fill value of {} has {} bytes", self.subject, bytes.len());
                return Err(Error::new(ErrorKind::Data, what));
            }
            to.copy_from_slice(bytes);
            Ok(())
        })?;
        Ok(fill[0])
    }

    pub(super) fn attributes(&self) -> &Map<String, Value> {
        self.array.attributes()
    }
}

/// A sentence for a panic within a library, which a file should never bring about.
pub(super) fn broken(subject: &str, text: &str) -> Error {
    Error::new(ErrorKind::Data, format!("{subject} cannot be understood: {text}"))
}

/// The metadata of the array in a folder. They are read here: zarrs would wait for a pipe, and read what has no end.
fn metadata_in(folder: &Path, subject: &str) -> Result<ArrayMetadata> {
    let there = std::fs::metadata(folder).map_err(|error| {
        Error::new(ErrorKind::Io, format!("{subject} cannot be opened")).because(error)
    })?;
    let fault = |what: String| Error::new(ErrorKind::Data, format!("{subject} {what}"));
    if !there.is_dir() {
        return Err(fault("is none: it is no folder".to_owned()));
    }
    let unread =
        |error: serde_json::Error| fault(format!("cannot be read: {error}")).because(error);
    let place = format!("{subject} cannot be read");
    let text =
        |name: &str| text(&folder.join(name), OF_ARRAY).map_err(|error| error.within(&place));
    if let Some(about) = text("zarr.json")? {
        let about: ArrayMetadataV3 = serde_json::from_value(about).map_err(unread)?;
        let mut added = about.additional_fields.iter();
        if let Some((name, _)) = added.find(|(_, field)| field.must_understand()) {
            let what =
                format!("{subject} has a field `{name}` that must be understood, but is not");
            return Err(Error::new(ErrorKind::Unsupported, what));
        }
        return Ok(ArrayMetadata::V3(about));
    }
    let Some(about) = text(".zarray")? else {
        let what = match folder.join(".zgroup").is_file() {
            true => "is a group: an array within it has a name",
            false => "is none: its folder has neither `zarr.json` nor `.zarray`",
        };
        return Err(fault(what.to_owned()));
    };
    let mut about: ArrayMetadataV2 = serde_json::from_value(about).map_err(unread)?;
    if let Some(attributes) = text(".zattrs")? {
        about.attributes = serde_json::from_value(attributes).map_err(unread)?;
    }
    Ok(ArrayMetadata::V2(about))
}

/// Why zarrs did not take the metadata.
fn refused(subject: &str, error: ArrayCreateError) -> Error {
    use ArrayCreateError as E;
    let kind = match &error {
        E::DataTypeCreateError(_)
        | E::CodecsCreateError(_)
        | E::StorageTransformersCreateError(_)
        | E::ChunkKeyEncodingCreateError(_)
        | E::AdditionalFieldUnsupportedError(_)
        | E::UnsupportedZarrV2Array(_) => ErrorKind::Unsupported,
        _ => ErrorKind::Data,
    };
    Error::new(kind, format!("{subject} cannot be read: {error}")).because(error)
}

/// That an array has elements of this type.
fn has_elements<T: Element>(array: &Array<FilesystemStore>, subject: &str) -> Result<()> {
    use zarrs::plugin::ExtensionName as _;
    let name = array.data_type().name_v3().unwrap_or_default();
    if name == T::DTYPE.name() {
        return Ok(());
    }
    let is_known = DTYPES.iter().any(|dtype| dtype.name() == name);
    let (kind, what) = match is_known {
        true => (ErrorKind::Data, format!("{subject} has elements of {name}, not of {}", T::DTYPE)),
        false => {
            let what = format!("{subject} has elements of type `{name}`, which no array here has");
            (ErrorKind::Unsupported, what)
        }
    };
    Err(Error::new(kind, what))
}

/// The shape of all chunks, which must have one.
fn chunk_shape(array: &Array<FilesystemStore>) -> Result<Dims, String> {
    let uncountable = || "has chunks longer than can be counted".to_owned();
    match array.metadata() {
        ArrayMetadata::V2(v2) => v2
            .chunks
            .iter()
            .map(|len| usize::try_from(len.get()).ok())
            .collect::<Option<_>>()
            .ok_or_else(uncountable),
        ArrayMetadata::V3(v3) => {
            let grid = serde_json::to_value(&v3.chunk_grid).unwrap_or_default();
            let sizes = &grid["configuration"]["chunk_shape"];
            let sizes: Option<Vec<NonZeroU64>> = (grid["name"] == "regular")
                .then(|| serde_json::from_value(sizes.clone()).ok())
                .flatten();
            let Some(sizes) = sizes else {
                return Err(format!(
                    "has a chunk grid of another kind than `regular`: {}",
                    grid["name"]
                ));
            };
            sizes
                .iter()
                .map(|len| usize::try_from(len.get()).ok())
                .collect::<Option<_>>()
                .ok_or_else(uncountable)
        }
    }
}

fn lengths(shape: &[u64]) -> Option<Dims> {
    shape.iter().map(|&len| usize::try_from(len).ok()).collect()
}

/// A chain of codecs, or what is wrong with it.
pub(super) fn chain(metadatas: &[Value], subject: &str) -> Result<zarrs::array::CodecChain> {
    let made = caught(|| chain_of(metadatas)).map_err(|text| broken(subject, &text))?;
    made.map_err(|what| Error::new(ErrorKind::Unsupported, format!("{subject} {what}")))
}
