//! What was measured before: documents as JSON lines, and the programs that measured them.

use std::fs;
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
    // A line that was cut off, by a full disk say, must not take this one with it.
    let whole = fs::read(file()).is_ok_and(|text| text.is_empty() || text.ends_with(b"\n"));
    let start = if whole { "" } else { "\n" };
    let line = format!("{start}{}\n", serde_json::to_string(&document)?);
    let file = fs::OpenOptions::new().create(true).append(true).open(file());
    // One write, so that two runs at once do not mix their lines.
    file.and_then(|mut file| file.write_all(line.as_bytes()))
        .with_context(|| format!("cannot write {}", self::file().display()))
}

/// The documents of a host, oldest first. A line that cannot be read, of another version say, is
/// left out.
pub(super) fn of_host(fingerprint: &str) -> Result<Vec<Document>> {
    let bytes = match fs::read(file()) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        read => read.with_context(|| format!("cannot read {}", file().display()))?,
    };
    let lines = bytes.split(|byte| *byte == b'\n');
    let documents = lines.filter_map(|line| serde_json::from_slice(line).ok());
    Ok(documents.filter(|document: &Document| document.host.fingerprint == fingerprint).collect())
}

/// Where the program of that hash is kept.
pub(super) fn program(hash: &str) -> PathBuf {
    folder().join("ladders").join(hash)
}

/// Keeps a copy of a ladder program, gives its hash, and forgets the oldest of too many.
pub(super) fn keep_program(path: &Path) -> Result<String> {
    let context = || format!("cannot keep a copy of {}", path.display());
    let hash = format!("{:016x}", fnv1a(&fs::read(path).with_context(context)?));
    let kept = program(&hash);
    if kept.is_file() {
        let now = SystemTime::now();
        fs::File::open(&kept).and_then(|file| file.set_modified(now)).with_context(context)?;
        return Ok(hash);
    }
    fs::create_dir_all(folder().join("ladders")).with_context(context)?;
    // In two steps, so that a copy that is cut off never bears the name of a whole one.
    let part = program(&format!("{hash}.part-{}", std::process::id()));
    fs::copy(path, &part).and_then(|_| fs::rename(&part, &kept)).with_context(context)?;
    forget_oldest(&folder().join("ladders")).with_context(context)?;
    Ok(hash)
}

/// Fowler, Noll and Vo: the same in every release of the compiler, as std's hasher is not.
fn fnv1a(bytes: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, step)
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

#[cfg(test)]
mod tests {
    #[test]
    fn the_hash_is_the_published_one() {
        // From the test vectors of the hash's authors.
        assert_eq!(super::fnv1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(super::fnv1a(b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(super::fnv1a(b"foobar"), 0x8594_4171_f739_67e8);
    }
}
