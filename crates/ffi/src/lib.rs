//! Calls C from its declarations.

#[cfg(all(test, target_arch = "x86_64", unix))]
mod abi_tests;
mod arg;
mod callable;
mod class;
mod ctype;
mod data;
mod declarations;
mod engine;
mod errno;
mod error;
mod extended;
#[cfg(feature = "libffi")]
mod libffi;
mod library;
mod loader;
mod matching;
mod name;
mod plan;
mod record;
mod scalar;
mod signature;
#[cfg(all(target_arch = "x86_64", unix))]
mod stub;
mod value;

pub use num_complex::Complex;
pub use tenfold_cdecl as cdecl;

pub use crate::{
    arg::Arg,
    callable::Callable,
    ctype::{CType, Shape},
    data::Data,
    declarations::Declarations,
    errno::Errno,
    error::{Error, ErrorKind, Result},
    library::Library,
    signature::Signature,
    value::{Pointer, Value},
};

/// What expanded macros name.
#[doc(hidden)]
pub mod __private {
    pub use crate::ctype::{FieldShape, FunctionShape, RecordShape};
}

#[doc = include_str!("../README.md")]
#[cfg(doctest)]
struct ReadmeDoctests;
