//! Programs to annotate, compiled where they are needed.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use tenfold_annotate::{Annotation, Error, Selection, annotate};

/// What a plain release build has, and line tables.
pub(crate) const PLAIN: [&str; 2] = ["-O", "-Cdebuginfo=line-tables-only"];

/// A folder with a source file, and what was linked of it.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) folder: TempDir,
    pub(crate) source: PathBuf,
    pub(crate) binary: PathBuf,
}

impl Program {
    /// Compiles a text.
    pub(crate) fn of(text: &str, flags: &[&str]) -> Self {
        let folder = TempDir::new().unwrap();
        let source = folder.path().join("main.rs");
        std::fs::write(&source, text).unwrap();
        let binary = compile(&source, folder.path(), flags);
        Self { folder, source, binary }
    }
}

/// Annotates a source, with all of its functions.
pub(crate) fn read(binary: &Path, source: &Path) -> Result<Annotation, Error> {
    annotate(binary, &Selection { source: source.to_owned(), function: None })
}

/// Compiles a file into a program in the folder, and gives its path.
pub(crate) fn compile(source: &Path, folder: &Path, flags: &[&str]) -> PathBuf {
    let binary = folder.join(source.file_stem().unwrap());
    let mut rustc = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    rustc.args(["--edition", "2024", "--cap-lints", "allow"]).args(flags);
    let output = rustc.arg(source).arg("-o").arg(&binary).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {errors}", source.display());
    binary
}
