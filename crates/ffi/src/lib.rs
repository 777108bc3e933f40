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
pub use tenfold_ffi_macros::{export, exports};

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
}

#[doc = include_str!("../README.md")]
#[cfg(doctest)]
struct ReadmeDoctests;
