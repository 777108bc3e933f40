//! What lies in a folder of entries, for people who look into it.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::entry;
use super::folder::{Folder, Kind};
use crate::error::{Error, ErrorKind};

/// What lies in a folder of entries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Survey {
    /// By function and version of its code, in order.
    pub functions: Vec<SurveyedFunction>,
    /// Files that are damaged, those that were set aside among them.
    pub bad: Vec<PathBuf>,
    /// Files that somebody writes, or has stopped to write.
    pub unfinished: Vec<PathBuf>,
}

/// The entries of one version of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SurveyedFunction {
    /// Its path, as in `lab::roots`.
    pub name: String,
    /// The types of its key and value.
    pub types: String,
    /// The version of its code.
    pub code: u64,
    /// How many entries there are.
    pub entries: usize,
    /// What they take, in bytes.
    pub bytes: u64,
}

/// The folders of functions in a folder.
fn folders(path: &Path) -> Result<Vec<Folder>, Error> {
    let failed = |error| Error::new(ErrorKind::Read, path, error);
    let mut folders = vec![];
    for entry in fs::read_dir(path).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_folder && entry.file_name().to_string_lossy().starts_with("f-") {
            folders.push(Folder::new(entry.path(), true, false));
        }
    }
    folders.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(folders)
}

/// Reads all entries of a folder, of every function, and checks them. Changes nothing.
///
/// # Errors
/// The folder cannot be read.
pub fn survey(folder: impl AsRef<Path>) -> Result<Survey, Error> {
    let mut survey = Survey::default();
    let mut functions: BTreeMap<(String, u64), (usize, u64)> = BTreeMap::new();
    for folder in folders(folder.as_ref())? {
        let found = folder.list().map_err(|e| Error::new(ErrorKind::Read, &folder.path, e))?;
        for file in found {
            match file.kind {
                Kind::Temporary => survey.unfinished.push(file.path),
                Kind::Bad => survey.bad.push(file.path),
                Kind::Entry => match owner(&folder, &file.path) {
                    Ok(Some(owner)) => {
                        let (entries, bytes) = functions.entry(owner).or_default();
                        *entries += 1;
                        *bytes += file.bytes;
                    }
                    Ok(None) => survey.bad.push(file.path),
                    // Gone since it was listed.
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    Err(error) => return Err(Error::new(ErrorKind::Read, &file.path, error)),
                },
            }
        }
    }
    survey.functions = functions.into_iter().map(surveyed).collect();
    Ok(survey)
}

/// Whose entry a file is; `None` if it is damaged, or is not what its name says.
fn owner(folder: &Folder, path: &Path) -> io::Result<Option<(String, u64)>> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let Some((bytes, _)) = folder.read(&name)? else { return Err(io::ErrorKind::NotFound.into()) };
    let owner = entry::decode(&bytes).and_then(|entry| {
        let text = std::str::from_utf8(entry.identity).ok()?.to_owned();
        let identity = entry::Identity { code: entry.code, text };
        let head = entry::head(&identity, entry.key)?;
        (entry::name(&head) == name).then_some((identity.text, identity.code))
    });
    Ok(owner)
}

fn surveyed(((text, code), (entries, bytes)): ((String, u64), (usize, u64))) -> SurveyedFunction {
    let (name, types) = text.split_once('\n').unwrap_or((&text, ""));
    SurveyedFunction { name: name.to_owned(), types: types.to_owned(), code, entries, bytes }
}

/// Removes all entries of a folder, and what was set aside or left behind; says how many files. Nothing
/// else in it is touched. A process that uses the folder goes on, and writes again.
///
/// # Errors
/// The folder cannot be read, or a file cannot be removed.
pub fn clear(folder: impl AsRef<Path>) -> Result<usize, Error> {
    let mut removed = 0;
    for folder in folders(folder.as_ref())? {
        let found = folder.list().map_err(|e| Error::new(ErrorKind::Read, &folder.path, e))?;
        for file in found {
            match fs::remove_file(&file.path) {
                Ok(()) => removed += 1,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(Error::new(ErrorKind::Remove, &file.path, error)),
            }
        }
        // Only if nothing else is in it.
        let _ = fs::remove_dir(&folder.path);
    }
    Ok(removed)
}
