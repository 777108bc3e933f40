//! Variables of libraries, as objects.

use crate::error::Result;
use crate::library::Library;
use crate::value::Pointer;

impl Library {
    /// The address of a variable with its declared type: CFFI's `ffi.addressof(lib, name)`. Of an array
    /// without a length it is the address of its first element. With it a [`View`](crate::View) of the
    /// variable can be made.
    ///
    /// # Errors
    ///
    /// [`NotDeclared`](crate::ErrorKind::NotDeclared), or [`Unsupported`](crate::ErrorKind::Unsupported) if
    /// each thread has a variable of its own.
    ///
    /// # Examples
    ///
    /// ```
    /// use tenfold_ffi::{Library, View};
    ///
    /// let mut this = Library::this()?;
    /// this.cdef("extern int opterr;")?;
    /// let opterr = this.address("opterr")?;
    /// // SAFETY: the declaration is that of `getopt.h`, and nobody writes it now.
    /// let opterr = unsafe { View::from_pointer(this.declarations(), opterr) }?;
    /// assert_eq!(opterr.value()?, 1);
    /// # Ok::<(), tenfold_ffi::Error>(())
    /// ```
    pub fn address(&self, name: &str) -> Result<Pointer> {
        let (variable, address) = self.declared_variable(name)?;
        Ok(Pointer { address: address.0, pointee: self.pointee(variable) })
    }
}
