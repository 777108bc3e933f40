//! A folder that is not there before all in it is.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, ErrorKind as IoKind, Write as _};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::error::{Error, ErrorKind, Result};
use crate::file::disk::io_error;
use crate::file::unfinished::{flush_folder, folder_of, hidden};

/// How the hidden names end.
const PART: &str = ".part";

/// A hidden folder beside the one that it becomes. Dropped before that, it is gone with all in it.
#[derive(Debug)]
pub(super) struct UnfinishedFolder {
    hidden: TempDir,
    path: PathBuf,
    subject: String,
}

impl UnfinishedFolder {
    /// For one that must not be there yet.
    pub(super) fn create(path: &Path, subject: &str) -> Result<Self> {
        let Some(name) = path.file_name() else {
            return Err(Error::new(
                ErrorKind::Io,
                format!("{subject} cannot be written: it has no name"),
            ));
        };
        is_free(path, subject)?;
        let mut builder = tempfile::Builder::new();
        let prefix = hidden(name);
        builder.prefix(&prefix).suffix(PART);
        // As any other folder that a program creates, not for its owner alone.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o777));
        let created = builder.tempdir_in(folder_of(path));
        let hidden = created.map_err(|e| io_error(format!("{subject} cannot be created"), e))?;
        Ok(Self { hidden, path: path.to_owned(), subject: subject.to_owned() })
    }

    pub(super) fn path(&self) -> &Path {
        self.hidden.path()
    }

    /// Gives it its name, at once and whole.
    pub(super) fn finish(self) -> Result<()> {
        let Self { hidden, path, subject } = self;
        flush(hidden.path(), &subject)?;
        is_free(&path, &subject)?;
        fs::rename(hidden.path(), &path)
            .map_err(|e| io_error(format!("{subject} cannot get its name"), e))?;
        let _ = hidden.keep();
        flush_folder(folder_of(&path)).map_err(|error| {
            io_error(format!("{subject} has its name, but its folder cannot be flushed"), error)
        })
    }
}

/// Whether a folder has the name of an unfinished one: somebody writes it, or was killed.
pub(super) fn is_unfinished(name: &OsStr) -> bool {
    let name = name.as_encoded_bytes();
    name.starts_with(b".") && name.ends_with(PART.as_bytes())
}

/// That nothing has a name: a folder may hold more than an array, so that nobody wants it replaced by one.
fn is_free(path: &Path, subject: &str) -> Result<()> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == IoKind::NotFound => Ok(()),
        Err(error) => Err(io_error(format!("{subject} cannot be created"), error)),
        Ok(_) => {
            let what = format!("{subject} cannot be created: something has that name already");
            Err(Error::new(ErrorKind::Io, what))
        }
    }
}

/// Writes a file in a folder, with the folders between, one for all threads.
pub(super) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = match File::create(path) {
        Err(error) if error.kind() == IoKind::NotFound => {
            fs::create_dir_all(folder_of(path))?;
            File::create(path)?
        }
        created => created?,
    };
    // What is there in part would be taken for all of it.
    file.write_all(bytes).inspect_err(|_| drop(fs::remove_file(path)))?;
    synced(&file)
}

/// The same of a file that others may read meanwhile: they have the one before or the new one, whole.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = folder_of(path);
    fs::create_dir_all(folder)?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(".").suffix(PART);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(bytes)?;
    synced(file.as_file())?;
    file.persist(path).map(drop).map_err(|error| error.error)
}

/// Returns when the disk has all that was written to the file system of a folder.
#[cfg(target_os = "linux")]
pub(super) fn flush(folder: &Path, subject: &str) -> Result<()> {
    let flushed = File::open(folder).and_then(|folder| Ok(rustix::fs::syncfs(&folder)?));
    flushed.map_err(|error| io_error(format!("{subject} cannot be flushed"), error))
}

/// Files were flushed one by one.
#[cfg(not(target_os = "linux"))]
pub(super) fn flush(_: &Path, _: &str) -> Result<()> {
    Ok(())
}

/// One call for thousands of files is made at the end, where there is one.
#[cfg(target_os = "linux")]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
fn synced(_: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn synced(file: &File) -> io::Result<()> {
    file.sync_all()
}
