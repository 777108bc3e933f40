//! The yellow tint for Rust: each line of source, tinted by what the compiler left in it.
//!
//! This replaces Cython's `-a`. It is not for the assembly of one function, which `cargo-show-asm`
//! shows, nor for where the time goes, which a profiler says: a tint is what there is to gain.
//!
//! ```
//! use std::path::Path;
//! use tenfold_annotate::{Selection, annotate};
//!
//! // Nothing to annotate is an error that says why, and never "clean".
//! let error = annotate(Path::new("no/such/program"), &Selection::default()).unwrap_err();
//! assert!(error.to_string().contains("no/such/program"));
//! ```
//!
//! # Overview
//! [`annotate`] reads a linked program: an executable or a shared library in ELF, for x86-64, with
//! line tables. Each instruction goes to the innermost inlined frame within the [`Selection`], so
//! what the standard library does on behalf of a line is that line's. The result is an
//! [`Annotation`]:
//!
//! - its [`SourceFile`]s have a [`Line`] for each line with code, and that a [`Cell`] for each
//!   instruction set ([`Isa`]) that it was compiled for: [`Counts`] of its instructions, the
//!   [`Finding`]s with their [`Kind`], a weight from 0 (clean) to 1 (in an innermost loop), and the
//!   [`Instruction`]s;
//! - its [`Function`]s have their [`Loop`]s and a summary.
//!
//! [`Annotation::to_html`] makes one page without a script, [`Annotation::to_text`] text for a
//! terminal, and [`Annotation::to_json`] one object for tools. `cargo annotate` builds a program
//! first, and adds what LLVM's vectoriser says to the lines.
//!
//! # Errors
//! There is one opaque [`Error`] with an [`ErrorKind`]: not ELF, truncated, another architecture, no
//! debug information, no code of the chosen source. Its text says how to build what is missing.
//!
//! # Determinism
//! The same program and sources give the same annotation, and that the same bytes in every format.
//! Nothing is run, and nothing but the program and the sources is read.

#![forbid(unsafe_code)]

mod annotation;
mod assemble;
mod binary;
mod block;
mod body;
mod callee;
mod chain;
mod error;
mod finding;
#[cfg(test)]
mod fixture;
mod float;
mod flow;
mod hint;
mod isa;
mod json;
mod legend;
mod name;
mod overview;
mod page;
mod place;
mod register;
mod source;
mod spill;
mod summary;
mod table;
mod target;
mod text;
mod weight;

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
    let mut annotation = assemble::annotate(binary, selection)?;
    hint::fill(&mut annotation);
    Ok(annotation)
}

#[doc = include_str!("../README.md")]
#[cfg(doctest)]
struct ReadmeDoctests;
