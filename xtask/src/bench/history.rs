//! What was measured before: documents as JSON lines, and the programs that measured them.

use std::fs;
use std::hash::{DefaultHasher, Hasher as _};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context as _, Result};

use super::document::Document;
use super::folder;

/// How many ladder programs are kept for `--against`, a few megabytes each.
const KEPT: usize = 8;

/// The file, one document a line.
pub(super) fn file() -> PathBuf {
    folder().join("history.jsonl")
}

/// Adds a document, without the sources of the rungs.
pub(super) fn append(document: &Document) -> Result<()> {
    let mut document = document.clone();
    for rung in document.workloads.iter_mut().flat_map(|workload| &mut workload.rungs) {
        rung.source.clear();
    }
    let line = format!("{}\n", serde_json::to_string(&document)?);
    let file = fs::OpenOptions::new().create(true).append(true).open(file());
    // One write, so that two runs at once do not mix their lines.
    file.and_then(|mut file| file.write_all(line.as_bytes()))
        .with_context(|| format!("cannot write {}", self::file().display()))
}

/// The documents of a host, oldest first. A line that cannot be read, of another version say, is
/// left out.
pub(super) fn of_host(fingerprint: &str) -> Result<Vec<Document>> {
    let text = match fs::read_to_string(file()) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        read => read.with_context(|| format!("cannot read {}", file().display()))?,
    };
    let documents = text.lines().filter_map(|line| serde_json::from_str(line).ok());
    Ok(documents.filter(|document: &Document| document.host.fingerprint == fingerprint).collect())
}

/// Where the program of that hash is kept.
pub(super) fn program(hash: &str) -> PathBuf {
    folder().join("ladders").join(hash)
}

/// Keeps a copy of a ladder program, gives its hash, and forgets the oldest of too many.
pub(super) fn keep_program(path: &Path) -> Result<String> {
    let context = || format!("cannot keep a copy of {}", path.display());
    let bytes = fs::read(path).with_context(context)?;
    let mut hasher = DefaultHasher::new();
    hasher.write(&bytes);
    let hash = format!("{:016x}", hasher.finish());
    let kept = program(&hash);
    if kept.is_file() {
        fs::File::open(&kept)
            .and_then(|file| file.set_modified(SystemTime::now()))
            .with_context(context)?;
    } else {
        fs::create_dir_all(folder().join("ladders")).with_context(context)?;
        fs::copy(path, &kept).with_context(context)?;
    }
    forget_oldest(&folder().join("ladders")).with_context(context)?;
    Ok(hash)
}

fn forget_oldest(folder: &Path) -> Result<()> {
    let modified =
        |entry: fs::DirEntry| Some((entry.metadata().ok()?.modified().ok()?, entry.path()));
    let mut programs: Vec<_> = fs::read_dir(folder)?.flatten().filter_map(modified).collect();
    programs.sort();
    for (_, path) in programs.iter().rev().skip(KEPT) {
        fs::remove_file(path)?;
    }
    Ok(())
}
