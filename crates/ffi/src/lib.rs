//! Calls C from its declarations.

#[cfg(all(test, target_arch = "x86_64", unix))]
mod abi_tests;
mod arg;
#[cfg(feature = "ndarray")]
mod array;
mod bits;
mod callable;
mod callback;
mod cast;
mod class;
mod codec;
mod convert;
mod ctype;
mod api;
mod c_library;
mod data;
mod declarations;
mod engine;
mod errno;
mod error;
mod extended;
mod global;
mod handle;
mod layout;
#[cfg(feature = "libffi")]
mod libffi;
mod library;
mod loader;
mod long_double;
mod make;
mod matching;
mod memory;
mod name;
mod number;
mod owned;
mod path;
mod plan;
mod record;
mod scalar;
mod signature;
mod slice;
mod spot;
mod store;
#[cfg(all(target_arch = "x86_64", unix))]
mod stub;
mod text;
mod to_type;
mod export;
mod value;
mod view;
mod view_mut;

pub use num_complex::Complex;
pub use tenfold_cdecl as cdecl;
/// # Examples
///
/// ```
/// use tenfold_ffi::export;
///
/// tenfold_ffi::exports!(kern);
///
/// /// Adds `a * x` to `y`.
/// #[export(c)]
/// fn axpy(a: f64, x: &[f64], y: &mut [f64]) -> Result<(), String> {
///     if x.len() != y.len() {
///         return Err(format!("{} numbers cannot be added to {}", x.len(), y.len()));
///     }
///     y.iter_mut().zip(x).for_each(|(y, x)| *y += a * x);
///     Ok(())
/// }
///
/// // What C sees:
/// mod c {
///     use std::ffi::c_char;
///
///     unsafe extern "C" {
///         pub fn axpy(a: f64, x: *const f64, x_len: usize, y: *mut f64, y_len: usize) -> i32;
///         pub safe fn kern_error() -> *const c_char;
///     }
/// }
///
/// let (x, mut y) = ([1.0, 2.0], [1.0, 1.0]);
/// // SAFETY: there are two numbers each.
/// assert_eq!(unsafe { c::axpy(2.0, x.as_ptr(), 2, y.as_mut_ptr(), 2) }, 0);
/// assert_eq!(y, [3.0, 5.0]);
/// // SAFETY: nothing is read of what is NULL.
/// assert_eq!(unsafe { c::axpy(2.0, std::ptr::null(), 2, y.as_mut_ptr(), 2) }, 3);
/// // SAFETY: the text is good until the next call that fails.
/// let message = unsafe { std::ffi::CStr::from_ptr(c::kern_error()) };
/// assert_eq!(message, c"axpy: `x` is NULL");
/// ```
pub use tenfold_ffi_macros::export;
pub use tenfold_ffi_macros::exports;

pub use crate::{
    arg::Arg,
    callable::Callable,
    callback::{
        Callback,
        closure::{Closure, Exclusive, Shared},
        on_error::OnError,
        registered::Registered,
    },
    ctype::{CType, Shape},
    api::{
        array::{Order, RawArray, ReadArray, WriteArray},
        opaque::{Float128, LongDouble},
    },
    data::Data,
    declarations::Declarations,
    errno::Errno,
    error::{Error, ErrorKind, Result},
    handle::Handle,
    library::Library,
    owned::Owned,
    signature::Signature,
    store::Store,
    to_type::ToType,
    value::{Pointer, Value},
    view::View,
    view_mut::ViewMut,
};

/// What expanded macros name.
#[doc(hidden)]
pub mod __private {
    pub use crate::ctype::{FieldShape, FunctionShape, RecordShape};
/// What expansions of macros name. No part of the interface.
#[doc(hidden)]
pub mod __private {
    #[cfg(feature = "ndarray")]
    pub use ndarray::{Ix1, Ix2, Ix3, Ix4, Ix5, Ix6, IxDyn};
    pub use num_complex::Complex;

    pub use crate::__with_ndarray as with_ndarray;
    #[cfg(feature = "ndarray")]
    pub use crate::export::View;
    pub use crate::export::{
        Checked, Extent, Place, Refusal, Slice, Text, between, boolean, call, cdef, cdef_of,
        disjoint, failed, header_of, last_error, records_of,
    };
#[doc(hidden)]
pub mod __private {
    pub use crate::api::generated as api;
}

#[doc = include_str!("../README.md")]
#[cfg(doctest)]
struct ReadmeDoctests;
