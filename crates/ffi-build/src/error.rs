//! What is wrong with declarations, with their places.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use tenfold_cdecl::Span;

/// All that is wrong with the bindings of a package.
///
/// `Display` tells each [`Fault`] with its file and line, the line of the declaration with carets, and
/// where the header has it otherwise.
///
/// # Examples
///
/// ```
/// let out = tempfile::tempdir()?;
/// let source = "c_library! { mod m; header = \"math.h\"; cdef = \"float cos(double x);\"; }";
/// let host = std::env::consts::ARCH.to_owned() + "-unknown-linux-gnu";
/// let build = tenfold_ffi_build::Build::new().target(&host).host(&host).out_dir(out.path());
/// let error = build.text("src/lib.rs", source).try_verify().unwrap_err();
/// assert_eq!(error.faults().len(), 1);
/// assert!(error.to_string().starts_with("src/lib.rs:1: error: "), "{error}");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Error {
    faults: Vec<Fault>,
}

/// One thing that is wrong.
#[derive(Debug, Clone)]
pub struct Fault {
    place: Option<Place>,
    message: String,
    notes: Vec<String>,
}

/// A place in a file.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) file: PathBuf,
    pub(crate) line: usize,
    /// The line itself and carets below, if there is something to see.
    pub(crate) caret: Option<String>,
}

/// A fault and the declaration that has it, in the text of the declarations.
pub(crate) type Placed = (Option<Span>, Fault);

impl Fault {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { place: None, message: message.into(), notes: Vec::new() }
    }

    /// For an error of the system: what could not be done, with what file.
    pub(crate) fn cannot(what: &str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |error| Self::new(format!("cannot {what} {}: {error}", path.display()))
    }

    pub(crate) fn at(mut self, place: Place) -> Self {
        self.place.get_or_insert(place);
        self
    }

    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// What is wrong, in a sentence.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The file of the declaration and its line, from 1.
    #[must_use]
    pub fn place(&self) -> Option<(&Path, usize)> {
        self.place.as_ref().map(|place| (place.file.as_path(), place.line))
    }

    /// What the compiler says besides, such as where the header has it.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }
}

impl Error {
    pub(crate) fn new(faults: Vec<Fault>) -> Self {
        Self { faults }
    }

    /// What is wrong, in the order of the declarations; at least one.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Self::new(vec![fault])
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{}:{}: ", place.file.display(), place.line)?;
        }
        write!(f, "error: {}", self.message)?;
        let caret = self.place.as_ref().and_then(|place| place.caret.as_deref());
        for line in caret.unwrap_or_default().lines() {
            write!(f, "\n    {line}")?;
        }
        for note in &self.notes {
            write!(f, "\n  {note}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, fault) in self.faults.iter().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}
