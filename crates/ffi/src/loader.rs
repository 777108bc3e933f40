//! The loader of the platform.

use std::ffi::c_void;
use std::fmt::Write as _;
use std::mem::ManuallyDrop;
use std::path::Path;

use crate::error::{Error, ErrorKind, Result};
use crate::name;

/// A library that is loaded. It stays so when this is dropped: addresses were given out, and destructors of
/// threads may be in it.
#[derive(Debug)]
pub(crate) struct Handle {
    /// As it was asked for.
    name: String,
    library: ManuallyDrop<libloading::Library>,
}

impl Handle {
    /// # Safety
    ///
    /// The initialisers of the library are run, and may do no harm.
    pub(crate) unsafe fn open(name: &str) -> Result<Self> {
        check(name)?;
        let not_found = |message: String| Error::new(ErrorKind::LibraryNotFound, message);
        if name.is_empty() {
            return Err(not_found(String::from("no library has the empty name")));
        }
        let mut message = format!("no library `{name}` could be loaded");
        for (at, candidate) in name::candidates(name).enumerate() {
            let separator = if at == 0 { "; tried" } else { "," };
            // SAFETY: as the caller says.
            match unsafe { load(&candidate) } {
                Ok(library) => {
                    return Ok(Self { name: name.to_owned(), library: ManuallyDrop::new(library) });
                }
                Err(reason) => {
                    let _ = write!(message, "{separator} `{}` ({reason})", candidate.display());
                }
            }
        }
        Err(not_found(message))
    }

    /// The program itself, and what is loaded with it.
    pub(crate) fn this() -> Result<Self> {
        #[cfg(unix)]
        let library = libloading::os::unix::Library::this();
        #[cfg(windows)]
        let library = libloading::os::windows::Library::this()
            .map_err(|error| Error::new(ErrorKind::LibraryNotFound, reason(&error)))?;
        let library = ManuallyDrop::new(library.into());
        Ok(Self { name: String::from("the program itself"), library })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The address of a symbol; none if there is no such symbol, or nothing behind it.
    pub(crate) fn symbol(&self, name: &str) -> Option<*mut c_void> {
        // SAFETY: a pointer is what the loader gives for any symbol; nothing is read from it here.
        let symbol = unsafe { self.library.get::<*mut c_void>(name) }.ok()?;
        // SAFETY: the library is not unloaded while there is a handle.
        let address = unsafe { symbol.try_as_raw_ptr() }?;
        (!address.is_null()).then_some(address)
    }

    /// The address of what the declarations call `name`.
    pub(crate) fn find(&self, name: &str, symbol: &str) -> Result<*mut c_void> {
        self.symbol(symbol).ok_or_else(|| {
            let library = &self.name;
            let renamed = if name == symbol { String::new() } else { format!(" for `{name}`") };
            let near = self.nearest(symbol);
            let near = match near.is_empty() {
                true => String::new(),
                false => format!("; it has `{}`", near.join("`, `")),
            };
            let message = format!("`{library}` has no symbol `{symbol}`{renamed}{near}");
            Error::new(ErrorKind::SymbolNotFound, message)
        })
    }

    /// Names that it has and that differ in one letter, at most three.
    fn nearest(&self, name: &str) -> Vec<String> {
        // The loader cannot list names, but it can be asked for each.
        let mut found = Vec::new();
        for other in variants(name) {
            if found.len() < 3 && !found.contains(&other) && self.symbol(&other).is_some() {
                found.push(other);
            }
        }
        found
    }

    /// # Safety
    ///
    /// Nothing of the library is used afterwards: no function, variable or thread of it.
    pub(crate) unsafe fn close(self) -> Result<()> {
        let library = ManuallyDrop::into_inner(self.library);
        library.close().map_err(|error| Error::new(ErrorKind::Unsupported, reason(&error)))
    }
}

/// All names that differ in one letter, which is removed, swapped with the next, replaced or inserted.
fn variants(name: &str) -> Vec<String> {
    const LETTERS: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    /// Longer ones have too many.
    const MAX_LENGTH: usize = 64;
    if !name.is_ascii() || name.len() > MAX_LENGTH {
        return Vec::new();
    }
    let removed = (0..name.len()).map(|at| [&name[..at], &name[at + 1..]].concat());
    let swapped = (1..name.len())
        .map(|at| [&name[..at - 1], &name[at..=at], &name[at - 1..at], &name[at + 1..]].concat());
    let written = move |at: usize, rest: usize| {
        let letters = (0..LETTERS.len()).map(|letter| &LETTERS[letter..=letter]);
        letters.map(move |letter| [&name[..at], letter, &name[rest..]].concat())
    };
    let replaced = (0..name.len()).flat_map(move |at| written(at, at + 1));
    let inserted = (0..=name.len()).flat_map(move |at| written(at, at));
    let all = removed.chain(swapped).chain(replaced).chain(inserted);
    all.filter(|one| one != name && !one.is_empty()).collect()
}

/// No name holds a 0.
fn check(name: &str) -> Result<()> {
    match name.find('\0') {
        None => Ok(()),
        Some(position) => {
            let message = format!("the name {name:?} has a byte 0 at {position}, where C ends it");
            Err(Error::new(ErrorKind::InteriorNul { position }, message))
        }
    }
}

/// # Safety
///
/// As [`Handle::open`].
unsafe fn load(path: &Path) -> Result<libloading::Library, String> {
    // Whoever opens a pipe waits for its other end.
    if path.components().count() > 1 && path.metadata().is_ok_and(|found| !found.is_file()) {
        return Err(String::from("it is no file"));
    }
    #[cfg(unix)]
    // SAFETY: as the caller says.
    let library = unsafe {
        use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};
        Library::open(Some(path), RTLD_NOW | RTLD_LOCAL)
    };
    #[cfg(not(unix))]
    // SAFETY: as the caller says.
    let library = unsafe { libloading::Library::new(path) };
    library.map(Into::into).map_err(|error| reason(&error))
}

/// The loader's words.
fn reason(error: &libloading::Error) -> String {
    let source = std::error::Error::source(error);
    source.map_or_else(|| error.to_string(), ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variants_differ_in_one_letter() {
        let all = variants("pow");
        for one in ["ow", "opw", "powf", "bow", "Pow", "p_ow"] {
            assert!(all.iter().any(|other| other == one), "{one}");
        }
        assert!(!all.iter().any(|one| one == "pow" || one.is_empty()));
        assert!(variants("größe").is_empty());
    }
}
