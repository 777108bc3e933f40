//! Functions of a library that is loaded at run time, for bindings that `load` it.

use std::ffi::{CString, c_void};
use std::fmt;

use crate::error::{Error, ErrorKind, Result};

/// A library that stays loaded as long as the program runs.
pub struct Loaded {
    library: &'static libloading::Library,
    name: String,
}

impl fmt::Debug for Loaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Loaded").field(&self.name).finish()
    }
}

/// What the loader may know a library as: a path, or a name with or without what goes around it.
fn names(name: &str) -> Vec<String> {
    let (prefix, suffix) = (std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    if name.contains(['/', '\\']) || name.contains(suffix) {
        return vec![name.to_owned()];
    }
    let mut names = vec![format!("{prefix}{name}{suffix}")];
    // Without a development package there is no `libm.so`, and here and there it is a linker script.
    if cfg!(target_os = "linux") {
        names.extend((0..=9).rev().map(|major| format!("lib{name}.so.{major}")));
    }
    names
}

impl Loaded {
    /// Loads a library.
    ///
    /// # Errors
    ///
    /// [`LibraryNotFound`](ErrorKind::LibraryNotFound), with the names that were tried.
    ///
    /// # Safety
    ///
    /// The library's constructors run, and may do anything.
    pub unsafe fn open(name: &str) -> Result<Self> {
        let names = names(name);
        let mut last = None;
        for file in &names {
            // SAFETY: the caller vouches for the library.
            match unsafe { libloading::Library::new(file) } {
                // It is never unloaded: function pointers into it have no lifetime.
                Ok(library) => {
                    return Ok(Self {
                        library: Box::leak(Box::new(library)),
                        name: name.to_owned(),
                    });
                }
                Err(error) => last = last.or(Some(error)),
            }
        }
        let why = last.as_ref().and_then(std::error::Error::source).map(ToString::to_string);
        let (why, tried) = (why.unwrap_or_default(), names.join(", "));
        let message = format!("no library `{name}` could be loaded: {why}; tried {tried}");
        Err(Error::new(ErrorKind::LibraryNotFound, message))
    }

    /// The address of a function.
    ///
    /// # Errors
    ///
    /// [`SymbolNotFound`](ErrorKind::SymbolNotFound).
    pub fn address(&self, symbol: &str) -> Result<*const c_void> {
        let missing = || {
            let message = format!("the library `{}` has no `{symbol}`", self.name);
            Error::new(ErrorKind::SymbolNotFound, message)
        };
        let text = CString::new(symbol).map_err(|_| missing())?;
        // SAFETY: an address is only compared and cast; no value is read through it here.
        let found = unsafe { self.library.get::<*const c_void>(text.as_bytes_with_nul()) };
        let address = found.map_err(|error| missing().because(error))?;
        let address: *const c_void = *address;
        if address.is_null() { Err(missing()) } else { Ok(address) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_tried() {
        assert_eq!(names("./x.so"), ["./x.so"]);
        assert_eq!(names("libm.so.6"), ["libm.so.6"]);
        if cfg!(target_os = "linux") {
            assert!(names("m").contains(&String::from("libm.so.6")));
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn finds_what_is_there_and_says_what_is_not() {
        // SAFETY: the C library's constructors have run long since.
        let library = unsafe { Loaded::open("m") }.unwrap();
        assert!(library.address("cos").is_ok());
        let error = library.address("no_such_function").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::SymbolNotFound);
        // SAFETY: there is no such library.
        let error = unsafe { Loaded::open("no-such-library") }.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::LibraryNotFound);
        assert!(error.to_string().contains("libno-such-library.so.6"), "{error}");
    }
}
