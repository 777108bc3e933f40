//! Callbacks beside the types that C declares for them.

use tenfold_cdecl::TypeKind;

use crate::declarations::Declarations;
use crate::error::{Error, ErrorKind, Result};
use crate::matching::Matching;
use crate::signature::Signature;
use crate::to_type::ToType;

impl Declarations {
    /// Compares a function with a declared pointer to functions, and gives it back if it is one.
    ///
    /// # Errors
    ///
    /// [`SignatureMismatch`](ErrorKind::SignatureMismatch) with both types and what differs first,
    /// [`ValueType`](ErrorKind::ValueType) if the type is no function and no pointer to one,
    /// [`Declaration`](ErrorKind::Declaration) if the text is no type.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::ffi::{c_int, c_void};
    /// use tenfold_ffi::{Callback, Declarations, ErrorKind};
    ///
    /// let declarations = Declarations::parse("typedef int (*visit_t)(int n, void *data);")?;
    /// let mut sum = 0;
    /// let visit = |n: c_int| -> c_int {
    ///     sum += n;
    ///     sum
    /// };
    /// Callback::new(visit).scope_with_data(|visit, data| {
    ///     let visit = declarations.check_callback("visit_t", visit)?;
    ///     // SAFETY: the scope lasts, and the data is its own.
    ///     assert_eq!(unsafe { visit(3, data) }, 3);
    ///     Ok::<(), tenfold_ffi::Error>(())
    /// })??;
    ///
    /// let double = Callback::new(|x: f64| 2.0 * x).register()?;
    /// let wrong = declarations.check_callback("visit_t", double.as_fn()).unwrap_err();
    /// assert_eq!(wrong.kind(), ErrorKind::SignatureMismatch);
    /// # Ok::<(), tenfold_ffi::Error>(())
    /// ```
    pub fn check_callback<F: Signature>(&self, ty: impl ToType, function: F) -> Result<F> {
        let (declarations, ty) = ty.to_type(self)?;
        let unit = declarations.unit();
        let behind = match *unit.resolved_kind(ty) {
            TypeKind::Pointer(pointee) => pointee,
            _ => ty,
        };
        let TypeKind::Function(declared) = unit.resolved_kind(behind) else {
            let message = format!("`{}` is no pointer to a function", unit.spell(ty));
            return Err(Error::new(ErrorKind::ValueType, message));
        };
        match Matching::new(unit).function(&F::SHAPE, declared) {
            Ok(()) => Ok(function),
            Err(difference) => {
                let (declared, given) = (unit.spell(behind), F::SHAPE);
                let message = format!("a callback `{declared}` is given `{given}`: {difference}");
                Err(Error::new(ErrorKind::SignatureMismatch, message))
            }
        }
    }
}
