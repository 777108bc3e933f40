//! The yellow tint for Rust: each line of source, tinted by what the compiler left in it.

#![forbid(unsafe_code)]

mod annotation;
mod error;

use std::path::{Path, PathBuf};

pub use crate::{
    annotation::{
        Annotation, Cell, Counts, Finding, Function, Instruction, Isa, Kind, Line, Loop, SourceFile,
    },
    error::{Error, ErrorKind},
};

/// Which code is annotated.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// A source file, or a folder of which every file with code counts.
    pub source: PathBuf,
    /// Only functions whose demangled name has this in it.
    pub function: Option<String>,
}

/// Reads a linked binary and annotates the chosen source with what is in it.
///
/// # Errors
///
/// See [`ErrorKind`].
pub fn annotate(binary: &Path, selection: &Selection) -> Result<Annotation, Error> {
    let _ = selection;
    Err(Error::new(ErrorKind::Read, format!("cannot read `{}`", binary.display())))
}
