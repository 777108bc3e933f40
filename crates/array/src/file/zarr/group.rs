//! Folders of Zarr arrays.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::array::ZarrArray;
use super::folder::{UnfinishedFolder, is_unfinished, write};
use super::options::ZarrVersion;
use super::text::{OF_ARRAY, OF_GROUP, text};
use crate::element::Element;
use crate::error::{Error, ErrorKind, Result};
use crate::file::disk::io_error;

/// A folder of Zarr arrays and of such folders, version 2 or 3. Feature `zarr`.
///
/// If its author has put the metadata of all that is in it into one file (consolidated), the names come of that.
///
/// ```
/// use tenfold_array::{ZarrGroup, ZarrVersion, ZarrWriter};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("year.zarr");
/// let attributes = [("source".to_owned(), "a station".into())].into_iter().collect();
/// let group = ZarrGroup::create(&path, ZarrVersion::V3, &attributes)?;
/// ZarrWriter::<f32>::create(group.path().join("rain"), &[365], &[100])?.finish_filled()?;
///
/// let group = ZarrGroup::open(&path)?;
/// assert_eq!(group.attributes()["source"], "a station");
/// assert_eq!(group.arrays()?, ["rain"]);
/// assert_eq!(group.array::<f32>("rain")?.fill_value(), 0.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct ZarrGroup {
    path: PathBuf,
    version: ZarrVersion,
    attributes: Map<String, Value>,
    /// The names that stand in it, of arrays and of groups, if they do.
    consolidated: Option<[BTreeSet<String>; 2]>,
}

/// What a name within a group is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Node {
    Array,
    Group,
}

impl ZarrGroup {
    /// Opens the group in a folder, which has a `zarr.json` or a `.zgroup`.
    ///
    /// # Errors
    /// [`Io`](ErrorKind::Io) if it cannot be read, [`Data`](ErrorKind::Data) if the folder is no group, or is described
    /// wrongly.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let subject = subject(path);
        if let Err(error) = fs::metadata(path) {
            return Err(io_error(format!("{subject} cannot be opened"), error));
        }
        if let Some(about) = text(&path.join("zarr.json"), OF_GROUP)? {
            return Self::version_3(path, &about);
        }
        let Some(about) = text(&path.join(".zgroup"), OF_ARRAY)? else {
            let what =
                format!("{subject} is none: its folder has neither `zarr.json` nor `.zgroup`");
            return Err(Error::new(ErrorKind::Data, what));
        };
        is_format(&about, 2, &subject)?;
        let attributes = text(&path.join(".zattrs"), OF_ARRAY)?.unwrap_or_else(|| json!({}));
        let consolidated = text(&path.join(".zmetadata"), OF_GROUP)?;
        let consolidated = consolidated.as_ref().map(|all| {
            let of = |last: &str| names_2(&all["metadata"], last);
            [of(".zarray"), of(".zgroup")]
        });
        let attributes = object(&attributes, &subject)?;
        Ok(Self { path: path.to_owned(), version: ZarrVersion::V2, attributes, consolidated })
    }

    fn version_3(path: &Path, about: &Value) -> Result<Self> {
        let subject = subject(path);
        is_format(about, 3, &subject)?;
        if about["node_type"] != "group" {
            let what = format!("{subject} is none: its `node_type` is {}", about["node_type"]);
            return Err(Error::new(ErrorKind::Data, what));
        }
        let attributes = match &about["attributes"] {
            Value::Null => Map::new(),
            attributes => object(attributes, &subject)?,
        };
        let all = about["consolidated_metadata"]["metadata"].as_object();
        let consolidated = all.map(|all| {
            let of = |node: &str| {
                let named = all
                    .iter()
                    .filter(|(name, about)| !name.contains('/') && about["node_type"] == node);
                named.map(|(name, _)| name.clone()).collect()
            };
            [of("array"), of("group")]
        });
        Ok(Self { path: path.to_owned(), version: ZarrVersion::V3, attributes, consolidated })
    }

    /// Makes a group with nothing in it. Arrays are created in its [`path`](Self::path).
    ///
    /// # Errors
    /// [`Io`](ErrorKind::Io) if something has its name, or the folder of that takes none.
    pub fn create(
        path: impl AsRef<Path>,
        version: ZarrVersion,
        attributes: &Map<String, Value>,
    ) -> Result<Self> {
        let path = path.as_ref();
        let folder = UnfinishedFolder::create(path, &subject(path))?;
        let texts = match version {
            ZarrVersion::V3 => {
                vec![(
                    "zarr.json",
                    json!({ "zarr_format": 3, "node_type": "group", "attributes": attributes }),
                )]
            }
            ZarrVersion::V2 => {
                vec![(".zgroup", json!({ "zarr_format": 2 })), (".zattrs", json!(attributes))]
            }
        };
        for (name, text) in texts {
            let written = write(&folder.path().join(name), format!("{text:#}").as_bytes());
            written.map_err(|error| {
                io_error(format!("`{name}` of {} cannot be written", subject(path)), error)
            })?;
        }
        folder.finish()?;
        Self::open(path)
    }

    /// Its folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The version of the format.
    #[must_use]
    pub fn version(&self) -> ZarrVersion {
        self.version
    }

    /// What its author has written beside it.
    #[must_use]
    pub fn attributes(&self) -> &Map<String, Value> {
        &self.attributes
    }

    /// The names of the arrays right in it, in the order of the alphabet. What is still being written is none.
    ///
    /// # Errors
    /// [`Io`](ErrorKind::Io) if a folder cannot be read, [`Data`](ErrorKind::Data) if one is described wrongly.
    pub fn arrays(&self) -> Result<Vec<String>> {
        self.names(Node::Array)
    }

    /// The names of the groups right in it.
    ///
    /// # Errors
    /// As [`arrays`](Self::arrays).
    pub fn groups(&self) -> Result<Vec<String>> {
        self.names(Node::Group)
    }

    /// Opens an array within it, by its name, or its path of names with `/` between.
    ///
    /// # Errors
    /// [`Value`](ErrorKind::Value) if that is no name within a group; as [`ZarrArray::open`].
    pub fn array<T: Element>(&self, name: &str) -> Result<ZarrArray<T>> {
        ZarrArray::open(self.within(name)?)
    }

    /// Opens a group within it.
    ///
    /// # Errors
    /// As [`array`](Self::array), and [`open`](Self::open).
    pub fn group(&self, name: &str) -> Result<Self> {
        Self::open(self.within(name)?)
    }

    fn within(&self, name: &str) -> Result<PathBuf> {
        let is_name = |name: &str| !name.is_empty() && name != "." && name != "..";
        if name.split('/').all(is_name) {
            return Ok(self.path.join(name));
        }
        let what = format!("argument `name` is {name:?}, but must be names with one `/` between");
        Err(Error::new(ErrorKind::Value, what))
    }

    fn names(&self, node: Node) -> Result<Vec<String>> {
        if let Some([arrays, groups]) = &self.consolidated {
            let names = if node == Node::Array { arrays } else { groups };
            return Ok(names.iter().cloned().collect());
        }
        let unread = |error| io_error(format!("{} cannot be read", subject(&self.path)), error);
        let mut names = vec![];
        for entry in fs::read_dir(&self.path).map_err(unread)? {
            let entry = entry.map_err(unread)?;
            if is_unfinished(&entry.file_name()) {
                continue;
            }
            if node_at(&entry.path(), self.version)? == Some(node) {
                names.extend(entry.file_name().into_string());
            }
        }
        names.sort_unstable();
        Ok(names)
    }
}

/// What a folder is, if anything.
fn node_at(folder: &Path, version: ZarrVersion) -> Result<Option<Node>> {
    if !folder.is_dir() {
        return Ok(None);
    }
    match version {
        ZarrVersion::V2 if folder.join(".zarray").is_file() => Ok(Some(Node::Array)),
        ZarrVersion::V2 if folder.join(".zgroup").is_file() => Ok(Some(Node::Group)),
        ZarrVersion::V2 => Ok(None),
        ZarrVersion::V3 => {
            Ok(text(&folder.join("zarr.json"), OF_GROUP)?.and_then(
                |about| match about["node_type"].as_str() {
                    Some("array") => Some(Node::Array),
                    Some("group") => Some(Node::Group),
                    _ => None,
                },
            ))
        }
    }
}

/// The names right in a group, of keys such as `name/.zarray`.
fn names_2(metadata: &Value, last: &str) -> BTreeSet<String> {
    let keys = metadata.as_object().into_iter().flat_map(|all| all.keys());
    let names = keys.filter_map(|key| key.strip_suffix(last)?.strip_suffix('/'));
    names.filter(|name| !name.contains('/')).map(str::to_owned).collect()
}

fn is_format(about: &Value, version: u64, subject: &str) -> Result<()> {
    if about["zarr_format"] == version {
        return Ok(());
    }
    let what =
        format!("{subject} has `zarr_format` {}, but must have {version}", about["zarr_format"]);
    Err(Error::new(ErrorKind::Data, what))
}

fn object(value: &Value, subject: &str) -> Result<Map<String, Value>> {
    value.as_object().cloned().ok_or_else(|| {
        Error::new(ErrorKind::Data, format!("{subject} has attributes that are no object: {value}"))
    })
}

fn subject(path: &Path) -> String {
    format!("Zarr group `{}`", path.display())
}
