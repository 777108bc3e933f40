//! Calls C from its declarations, and lets C and Python call Rust.
//!
//! This is what CFFI is to Python: ABI mode at run time, API mode with a C compiler that verifies what was
//! declared, callbacks, C's data, and functions for others. Whole headers of hundreds of functions are bindgen's; a
//! function or two whose declarations you know need nothing but Rust's `extern` blocks.
//!
//! ```
//! use tenfold_ffi::{Library, args};
//!
//! // SAFETY: to load the C library's mathematics runs nothing of anybody's.
//! let mut m = unsafe { Library::open("m")? };
//! m.cdef("double pow(double x, double y);")?;
//! let pow = m.function::<unsafe extern "C" fn(f64, f64) -> f64>("pow")?;
//! // SAFETY: this is how C declares it.
//! assert_eq!(unsafe { pow(2.0, 10.0) }, 1024.0);
//! // SAFETY: as above.
//! let power = unsafe { m.call("pow", &args![2, 0.5])? };
//! assert_eq!(f64::try_from(power)?, 2_f64.sqrt());
//! # Ok::<(), tenfold_ffi::Error>(())
//! ```
//!
//! # Overview
//!
//! [`Library`] is a library at run time. [`Library::cdef`] reads declarations and looks all of them up;
//! [`Library::function`] gives a typed pointer, [`Library::prepare`] a [`Callable`] that takes [`args!`] and gives a
//! [`Value`]. [`c_library!`] is a module of bindings that `tenfold-ffi-build` has verified.
//!
//! [`Declarations`] without a library make [`Data`], which [`View`] and [`ViewMut`] reach into; [`Owned`] and
//! [`Handle`] are for what C and Rust keep of each other. [`Callback`] makes closures C's functions. [`macro@export`]
//! makes Rust's functions C's and Python's.
//!
//! # Soundness
//!
//! Calls of C are `unsafe`, with a contract that each names. What can be checked is checked before C runs, and is an
//! [`Error`] with its [`ErrorKind`]: nothing of this crate panics, aborts or hangs for a wrong argument. A library is
//! never unloaded behind a pointer into it.
//!
//! # Cost
//!
//! A typed call is a direct one. A prepared call checks all its arguments, moves them into registers and allocates
//! nothing for results that are numbers. A callback is a call and a look at one flag. `benches/micro/ffi.rs` measures
//! them beside libffi and CFFI.
//!
//! # Features
//!
//! `ndarray`, `libffi` and `header`: none is on by itself. See the README.

#[cfg(all(test, target_arch = "x86_64", unix))]
mod abi_tests;
mod api;
mod arg;
#[cfg(feature = "ndarray")]
mod array;
mod bits;
mod c_library;
mod callable;
mod callback;
mod cast;
mod class;
mod codec;
mod convert;
mod ctype;
mod data;
mod declarations;
mod engine;
mod errno;
mod error;
mod export;
mod extended;
mod extent;
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
mod value;
mod view;
mod view_mut;

pub use num_complex::Complex;
pub use tenfold_cdecl as cdecl;
pub use tenfold_ffi_macros::exports;

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

pub use crate::{
    api::{
        array::{Order, RawArray, ReadArray, WriteArray},
        opaque::{Float128, LongDouble},
    },
    arg::Arg,
    callable::Callable,
    callback::{
        Callback,
        closure::{Closure, Exclusive, Shared},
        on_error::OnError,
        registered::Registered,
    },
    ctype::{CType, Shape},
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

/// What expanded macros and generated code name. No part of the interface.
#[doc(hidden)]
pub mod __private {
    pub use crate::ctype::{FieldShape, FunctionShape, RecordShape};
    #[cfg(feature = "ndarray")]
    pub use ndarray::{Ix1, Ix2, Ix3, Ix4, Ix5, Ix6, IxDyn};
    pub use num_complex::Complex;

    pub use crate::__with_ndarray as with_ndarray;
    pub use crate::api::generated as api;
    #[cfg(feature = "ndarray")]
    pub use crate::export::View;
    pub use crate::export::{
        Checked, Extent, Place, Refusal, Slice, Text, between, boolean, call, cdef, cdef_of,
        disjoint, failed, header_of, last_error, records_of,
    };
}

#[doc = include_str!("../README.md")]
#[cfg(doctest)]
struct ReadmeDoctests;
