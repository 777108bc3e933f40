//! For `build.rs`: has the C compiler verify the declarations of `c_library!` against the real headers, and
//! writes the bindings.
//!
//! This is what CFFI's `ffi.compile()` does in API mode, when a program is built. Where there is no compiler, or
//! no header, use the ABI mode of `tenfold-ffi`, which looks functions up at run time and trusts their
//! declarations. Whole headers of hundreds of functions are bindgen's.
//!
//! ```
//! let out = tempfile::tempdir()?;
//! let host = std::env::consts::ARCH.to_owned() + "-unknown-linux-gnu";
//! let text = "c_library! { mod z; header = \"math.h\"; cdef = \"int cos(int);\"; }";
//! let build = tenfold_ffi_build::Build::new().target(&host).host(&host).out_dir(out.path());
//! let error = build.text("src/lib.rs", text).try_verify().unwrap_err();
//! assert_eq!(error.faults()[0].place().map(|place| place.1), Some(1));
//! assert!(error.to_string().contains("conflicting types for"), "{error}");
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! # Overview
//!
//! A `build.rs` calls [`verify`]; [`Build`] does the same on texts, without cargo. What is wrong is an [`Error`]
//! of [`Fault`]s, all of them at once, each with the line of the declaration and, where there is one, that of the
//! header.
//!
//! # How it is verified
//!
//! The compiler reads the headers, and behind them each declaration once more: C refuses a second one of another
//! type, qualifiers included. Fields are compared in the same way, values, sizes and offsets are asserted, and
//! fields that are left out where the declaration has no `...` are missed by an initialiser. What `...` leaves
//! open, names in the library and places of bit-fields are read from assembly. Nothing is ever run, so that it
//! works for another machine than the one that builds.
//!
//! # Cost
//!
//! Four to six calls of the compiler for each module, none of which makes code but those for C of one's own.

#![forbid(unsafe_code)]

mod builder;
mod catalog;
mod cdef;
mod compiler;
mod emit;
mod error;
mod facts;
mod invocation;
mod library;
mod probe;
mod questions;
mod scan;
mod shim;
mod text;

pub use crate::{
    builder::Build,
    error::{Error, Fault},
};

/// Verifies the `c_library!`s of the package that is built, and writes their modules. If something is wrong it
/// says so and ends the build.
///
/// # Examples
///
/// All that the `main` of a `build.rs` does:
///
/// ```no_run
/// tenfold_ffi_build::verify();
/// ```
pub fn verify() {
    Build::new().verify();
}

#[doc = include_str!("../README.md")]
#[cfg(doctest)]
struct ReadmeDoctests;
