//! Where checkpoints are.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Error, ErrorKind, Result};
use crate::hash::Identity;

/// What the names of files end in.
const EXTENSION: &str = "chunks";

/// A folder of checkpoints, which several programs may share.
#[derive(Debug, Clone)]
pub(crate) struct Folder {
    pub(crate) path: PathBuf,
    /// Whether they stay when a computation has succeeded, with its results.
    pub(crate) keeps: bool,
}

/// The files that are there, by the arrays that they are of.
pub(super) type Files = HashMap<String, Vec<PathBuf>>;

impl Folder {
    /// Makes the folder, if it is not there.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] if no file can be created there.
    pub(crate) fn open(&self) -> Result<()> {
        let made = fs::create_dir_all(&self.path);
        made.and_then(|()| tempfile::tempfile_in(&self.path)).map(drop).map_err(|error| {
            let path = self.path.display();
            let sentence = format!("folder `{path}` of argument `checkpoints` takes no files");
            Error::new(ErrorKind::Io, sentence).because(error)
        })
    }

    /// The file of what one of some ranks has of an array.
    pub(super) fn file(&self, array: Identity, (rank, size): (usize, usize)) -> PathBuf {
        self.path.join(format!("{array}.{rank}of{size}.{EXTENSION}"))
    }

    /// The files of any number of ranks. What cannot be listed is not there.
    pub(super) fn files(&self) -> Files {
        let mut files = Files::new();
        for (name, path) in self.names() {
            if let Some((array, EXTENSION)) = name.split_once('.').map(ends) {
                files.entry(array.to_owned()).or_default().push(path);
            }
        }
        files.values_mut().for_each(|paths| paths.sort_unstable());
        files
    }

    /// Removes the files of some arrays, and what was to become such files and nobody writes any more. One that does not go
    /// does no harm.
    pub(super) fn remove(&self, arrays: &[Identity]) {
        let arrays: HashSet<String> = arrays.iter().map(Identity::to_string).collect();
        for (name, path) in self.names() {
            let hidden = name.strip_prefix('.');
            let of = hidden.unwrap_or(&name).split_once('.');
            if of.is_some_and(|(array, _)| arrays.contains(array))
                && !(hidden.is_some() && is_written(&path))
            {
                let _ = fs::remove_file(path);
            }
        }
    }

    fn names(&self) -> impl Iterator<Item = (String, PathBuf)> {
        let entries = fs::read_dir(&self.path).into_iter().flatten().flatten();
        entries.filter_map(|entry| Some((entry.file_name().into_string().ok()?, entry.path())))
    }
}

/// Whether somebody writes a file, who has [locked](crate::file::CheckpointWriter) it.
fn is_written(path: &Path) -> bool {
    let file = fs::File::options().write(true).open(path);
    file.is_ok_and(|file| matches!(file.try_lock(), Err(fs::TryLockError::WouldBlock)))
}

/// The part of a name before the first point, and that behind the last.
fn ends<'a>((array, rest): (&'a str, &'a str)) -> (&'a str, &'a str) {
    let end = Path::new(rest).extension().and_then(|end| end.to_str());
    (array, end.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_writes_is_not_removed() {
        let folder = tempfile::tempdir().unwrap();
        let all = Folder { path: folder.path().to_owned(), keeps: false };
        let array = Identity::of("an array");
        let [whole, torn, written] = ["", ".x.part", ".y.part"].map(|end| {
            let name = all.file(array, (0, 1)).file_name().unwrap().to_str().unwrap().to_owned();
            let name = if end.is_empty() { name } else { format!(".{name}{end}") };
            let path = folder.path().join(name);
            fs::write(&path, "").unwrap();
            path
        });
        let file = fs::File::options().write(true).open(&written).unwrap();
        file.try_lock().unwrap();
        all.remove(&[array]);
        assert_eq!([&whole, &torn, &written].map(|path| path.exists()), [false, false, true]);
        drop(file);
        all.remove(&[array]);
        assert!(!written.exists());
    }
}
