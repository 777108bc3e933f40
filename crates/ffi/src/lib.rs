//! Calls C from its declarations.

mod arg;
mod ctype;
mod data;
mod declarations;
mod error;
mod extended;
mod matching;
mod scalar;
mod value;

pub use num_complex::Complex;
pub use tenfold_cdecl as cdecl;

pub use crate::{
    arg::Arg,
    ctype::CType,
    data::Data,
    declarations::Declarations,
    error::{Error, ErrorKind, Result},
    value::{Pointer, Value},
};

#[doc = include_str!("../README.md")]
#[cfg(doctest)]
struct ReadmeDoctests;
