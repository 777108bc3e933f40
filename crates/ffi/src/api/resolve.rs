//! Functions of a library that is loaded at run time, for bindings that `load` it.

use std::ffi::c_void;

use crate::error::Result;
use crate::loader::Handle;

/// A library that stays loaded as long as the program runs.
#[derive(Debug)]
pub struct Loaded(Handle);

impl Loaded {
    /// Loads a library.
    ///
    /// # Errors
    ///
    /// As [`Library::open`](crate::Library::open).
    ///
    /// # Safety
    ///
    /// The library's initialisers run, and may do no harm.
    pub unsafe fn open(name: &str) -> Result<Self> {
        // SAFETY: as the caller says.
        unsafe { Handle::open(name) }.map(Self)
    }

    /// The address of a function.
    ///
    /// # Errors
    ///
    /// [`SymbolNotFound`](crate::ErrorKind::SymbolNotFound).
    pub fn address(&self, symbol: &str) -> Result<*const c_void> {
        self.0.find(symbol, symbol).map(<*mut c_void>::cast_const)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    #[cfg(target_os = "linux")]
    fn finds_what_is_there_and_says_what_is_not() {
        // SAFETY: the C library's initialisers have run long since.
        let library = unsafe { Loaded::open("m") }.unwrap();
        assert!(library.address("cos").is_ok());
        let error = library.address("no_such_function").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::SymbolNotFound);
        // SAFETY: there is no such library.
        let error = unsafe { Loaded::open("no-such-library") }.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::LibraryNotFound);
        assert!(error.to_string().contains("libno-such-library.so"), "{error}");
    }
}
