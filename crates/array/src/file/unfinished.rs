//! A file that is not there before it is whole.

use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::io;
#[cfg(unix)]
use std::io::ErrorKind::{InvalidInput, PermissionDenied, Unsupported};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempPath;

use super::disk::{Disk, io_error};
use crate::error::{Error, ErrorKind, Result};

/// So much of a name is in that of the hidden file, at most 4 bytes each.
const LONGEST: usize = 50;

/// Writes a file of text, which has its name when it is whole. What is no regular file, such as a terminal, is written
/// where it is.
pub(crate) fn write_text(path: &Path, text: &str) -> Result<()> {
    if std::fs::metadata(path).is_ok_and(|there| !there.is_file() && !there.is_dir()) {
        return written(path, path, text);
    }
    let file = Unfinished::create(path)?;
    written(&file.temporary, path, text)?;
    file.finish()
}

/// Writes what is known by another name, on any system.
fn written(to: &Path, known: &Path, text: &str) -> Result<()> {
    std::fs::write(to, text)
        .map_err(|error| io_error(format!("file `{}` cannot be written", known.display()), error))
}

/// A hidden file beside the one that it becomes. Dropped before that, it is gone.
#[derive(Debug)]
pub(super) struct Unfinished {
    disk: Arc<Disk>,
    temporary: TempPath,
    path: PathBuf,
}

impl Unfinished {
    pub(super) fn create(path: &Path) -> Result<Self> {
        Self::create_by(path, File::options().read(true).write(true))
    }

    /// The same, which nobody can read by this handle. Of a file that it may read NFS reads the page around what is written,
    /// and writes all of it: at the border of what two machines write, what one has written would be lost.
    #[cfg(feature = "ranks")]
    pub(super) fn create_to_write(path: &Path) -> Result<Self> {
        Self::create_by(path, File::options().write(true))
    }

    fn create_by(path: &Path, options: &mut OpenOptions) -> Result<Self> {
        let subject = format!("file `{}`", path.display());
        let Some(name) = path.file_name().filter(|_| !path.is_dir()) else {
            let what = format!("{subject} cannot be written: it is a folder, or has no name");
            return Err(Error::new(ErrorKind::Io, what));
        };
        // A device or a pipe would be gone, and a file in its place.
        if std::fs::metadata(path).is_ok_and(|there| !there.is_file()) {
            let what = format!("{subject} cannot be written: it is no regular file");
            return Err(Error::new(ErrorKind::Io, what));
        }
        let prefix = hidden(name);
        let mut builder = tempfile::Builder::new();
        builder.prefix(&prefix).suffix(".part");
        // As any other file that a program creates, not for its owner alone as temporary ones are.
        let options = options.create_new(true);
        let created = builder.make_in(folder_of(path), |path| options.open(path));
        let created = created.map_err(|e| io_error(format!("{subject} cannot be created"), e))?;
        let (file, temporary) = created.into_parts();
        Ok(Self { disk: Arc::new(Disk::new(file, subject)), temporary, path: path.to_owned() })
    }

    pub(super) fn disk(&self) -> &Arc<Disk> {
        &self.disk
    }

    /// The name of the hidden file within its folder.
    #[cfg(feature = "ranks")]
    pub(super) fn hidden_name(&self) -> Vec<u8> {
        let name = self.temporary.file_name().map(OsStr::to_string_lossy);
        name.map(|name| name.into_owned().into_bytes()).unwrap_or_default()
    }

    /// Gives it its name, at once and whole, in place of what had it.
    pub(super) fn finish(self) -> Result<()> {
        self.disk.flush()?;
        let subject = self.disk.subject();
        let persisted = self.temporary.persist(&self.path);
        persisted.map_err(|e| io_error(format!("{subject} cannot get its name"), e.error))?;
        flush_folder(folder_of(&self.path)).map_err(|error| {
            io_error(format!("{subject} has its name, but its folder cannot be flushed"), error)
        })
    }
}

/// What the hidden name of something begins with: not all of a name that is nearly as long as names can be.
pub(super) fn hidden(name: &OsStr) -> String {
    let name: String = name.to_string_lossy().chars().take(LONGEST).collect();
    format!(".{name}.")
}

/// The folder of a file.
pub(super) fn folder_of(path: &Path) -> &Path {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

/// Returns when the disk has the names of a folder: without that, a file could be whole and a crash of the machine yet
/// take its name.
#[cfg(unix)]
pub(super) fn flush_folder(folder: &Path) -> io::Result<()> {
    match File::open(folder).and_then(|folder| folder.sync_all()) {
        // A folder that may be written to, but not be read; and a file system that flushes files alone.
        Err(error) if matches!(error.kind(), PermissionDenied | InvalidInput | Unsupported) => {
            Ok(())
        }
        flushed => flushed,
    }
}

#[cfg(not(unix))]
pub(super) fn flush_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
