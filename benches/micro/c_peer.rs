//! C as a peer: compiled when the bench begins, and compared turn by turn.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Compiles a source into a library beside it.
pub(crate) fn compile(source: &str, folder: &Path) -> PathBuf {
    let (file, library) = (folder.join("peer.c"), folder.join("libpeer.so"));
    std::fs::write(&file, source).expect("the folder is ours");
    let compiler = std::env::var("CC").unwrap_or_else(|_| String::from("cc"));
    let mut command = Command::new(compiler);
    let status = command.args(["-O2", "-shared", "-fPIC", "-o"]).arg(&library).arg(&file).status();
    assert!(status.expect("a C compiler").success());
    library
}

/// The lower quartile, the median, the upper quartile.
pub(crate) fn quartiles(mut values: Vec<f64>) -> [f64; 3] {
    values.sort_by(f64::total_cmp);
    [1, 2, 3].map(|quarter| values[(values.len() - 1) * quarter / 4])
}
