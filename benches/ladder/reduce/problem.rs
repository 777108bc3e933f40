//! A file of numbers, and how much memory one has for it.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use anyhow::Result;
use tempfile::TempDir;
use tenfold_array::{NpyWriter, Target, Window};

use crate::ladder::splitmix;

/// `rows x cols` numbers in an npy file, which is drawn when it is asked for.
#[derive(Debug)]
pub struct Problem {
    rows: usize,
    cols: usize,
    drawn: OnceLock<Result<Drawn, String>>,
}

impl Problem {
    /// A file of so many numbers.
    #[must_use]
    pub fn new(rows: usize, cols: usize) -> Self {
        Self { rows, cols, drawn: OnceLock::new() }
    }

    /// How many rows: days.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// How many columns: places.
    #[must_use]
    pub fn cols(&self) -> usize {
        self.cols
    }

    /// The bytes of all numbers.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.rows * self.cols * size_of::<f64>()
    }

    /// The memory that there is for it, in bytes. Below 2 MiB nothing is larger than memory.
    #[must_use]
    pub fn cap(&self) -> usize {
        (self.bytes() / 4).max(2 << 20)
    }

    /// Why there is no file.
    pub(super) fn missing(&self) -> Option<String> {
        self.drawn().as_ref().err().cloned()
    }

    /// The file, an npy of doubles in row-major order, as this machine has them.
    pub(super) fn path(&self) -> &Path {
        &self.drawn().as_ref().expect("the harness asks before whether it is missing").path
    }

    /// Where its numbers begin.
    pub(super) fn offset(&self) -> u64 {
        let len = std::fs::metadata(self.path()).map_or(0, |file| file.len());
        len.saturating_sub(self.bytes() as u64)
    }

    fn drawn(&self) -> &Result<Drawn, String> {
        self.drawn.get_or_init(|| {
            Drawn::new(self.rows, self.cols).map_err(|error| {
                let folder = std::env::temp_dir();
                format!("a file of {} bytes in {}: {error:#}", self.bytes(), folder.display())
            })
        })
    }
}

/// The file while there is a problem of it.
#[derive(Debug)]
struct Drawn {
    path: PathBuf,
    _keeper: Keeper,
}

/// What keeps the file.
#[derive(Debug)]
enum Keeper {
    /// Its descriptor. It has no name any more, so that even of a process that is killed nothing is left.
    Descriptor(#[expect(dead_code, reason = "it is held, not used")] File),
    /// Its folder, which goes with the problem.
    Folder(#[expect(dead_code, reason = "it is held, not used")] TempDir),
}

impl Drawn {
    fn new(rows: usize, cols: usize) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("days.npy");
        let writer = NpyWriter::create(&path, &[rows, cols])?;
        for row in 0..rows {
            let days = day(row, cols);
            writer.write(&Window::new(&[row..row + 1, 0..cols]), &days)?;
        }
        writer.finish()?;
        let file = File::open(&path)?;
        Ok(match by_descriptor(&file) {
            Some(path) => Self { path, _keeper: Keeper::Descriptor(file) },
            None => Self { path, _keeper: Keeper::Folder(folder) },
        })
    }
}

/// Numbers of one day: each place has a temperature of its own, from which it is up to 5 away.
fn day(row: usize, cols: usize) -> Vec<f64> {
    let mut numbers = splitmix::uniform(11, row as u64, cols, -5.0, 5.0);
    for (place, number) in numbers.iter_mut().enumerate() {
        *number += 10.0 + (place % 21) as f64;
    }
    numbers
}

/// The path of an open file that may have no name.
fn by_descriptor(file: &File) -> Option<PathBuf> {
    #[cfg(target_os = "linux")]
    let path = PathBuf::from(format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(file)));
    #[cfg(not(target_os = "linux"))]
    let path = PathBuf::new();
    path.exists().then_some(path)
}
