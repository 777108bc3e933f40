//! Calls C from its declarations.

mod data;
mod declarations;
mod error;
mod value;

pub use num_complex::Complex;
pub use tenfold_cdecl as cdecl;

pub use crate::{
    data::Data,
    declarations::Declarations,
    error::{Error, ErrorKind, Result},
    value::{Pointer, Value},
};

#[doc = include_str!("../README.md")]
#[cfg(doctest)]
struct ReadmeDoctests;
