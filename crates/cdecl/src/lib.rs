//! Reads C declarations: C11 with GNU's attributes, CFFI's dialect, constants and layouts.
//!
//! This is what pycparser is to CFFI, and libclang to bindgen, without either: a parser in Rust that
//! depends on nothing. It is not a compiler: bodies of functions and initialisers are skipped, and
//! there is no preprocessor but `#define NAME value`; whole headers go through `cc -E` first.
//!
//! ```
//! let unit = tenfold_cdecl::parse("
//!     typedef struct { double x, y; } point;
//!     enum shape { CIRCLE, SQUARE = 1 << 4 };
//!     double area(const point *corners, size_t count);
//! ")?;
//! let area = unit.function("area").unwrap();
//! assert_eq!(unit.declare(area.ty, "area"), "double area(const point *corners, size_t count)");
//! assert_eq!(unit.layout(unit.typedef("point").unwrap().ty)?.size(), 16);
//! assert_eq!(unit.constant("SQUARE").unwrap().value(), Some(16));
//!
//! let error = tenfold_cdecl::parse("int abs(imt n);").unwrap_err();
//! assert_eq!(error.to_string(), "line 1, column 9: unknown type name `imt`");
//! # Ok::<(), tenfold_cdecl::Error>(())
//! ```
//!
//! # Overview
//!
//! [`parse`] gives a [`Unit`]; [`Options`] choose the [`Target`] and the packing. The unit has the
//! [`Function`]s, [`Variable`]s, [`Typedef`]s, [`Record`]s, [`Enum`]s and [`Constant`]s by name, and
//! all [`Declaration`]s in order. A [`Type`] is a number whose [`TypeKind`] the unit tells.
//! [`Unit::layout`] and [`Unit::record_layout`] say how it lies in memory, [`Unit::spell`] how C
//! writes it, [`Unit::compatible`] whether two are the same to C.
//!
//! # Dialect
//!
//! What CFFI has beside C, for what only a compiler can tell: `...;` in records, `...` and `= ...` in
//! enumerations, `[...]`, `#define X ...`, `typedef int... t`, `typedef float... t`,
//! `typedef ... t`, `typedef ... *t`. Their sizes and values are
//! [`Partial`](ErrorKind::Partial) or `None` until somebody asks a compiler. `size_t`, `uint8_t`,
//! `bool`, `FILE` and their like need no declaration. `extern "Python"` marks functions that the
//! caller defines.
//!
//! # Errors
//!
//! The one opaque [`Error`] has an [`ErrorKind`], the line and the column, and the line of the
//! source with a caret under the place. The first error ends the reading.
//!
//! # Cost
//!
//! One pass from left to right over a text that is copied once. Time and memory are linear in its
//! length; nesting is bounded, so that no text overflows the stack. What that comes to is measured by
//! `benches/micro/cdecl.rs`.

#![forbid(unsafe_code)]

mod compatible;
mod constant;
mod declaration;
mod directive;
mod error;
mod keyword;
mod layout;
mod lexer;
mod member;
mod nearest;
mod parser;
mod predefined;
mod spelling;
mod symbol;
mod target;
mod text;
mod token;
mod types;
mod unit;

pub use crate::{
    declaration::{
        Completeness, Constant, Declaration, Enum, Enumerator, Field, Function, Origin, Record,
        RecordKind, Typedef, Variable,
    },
    error::{Error, ErrorKind},
    layout::{FieldLayout, Layout, RecordLayout},
    member::Member,
    target::Target,
    text::{Position, Span},
    types::{
        Convention, EnumId, Float, FunctionType, Integer, Length, Parameter, Qualifiers, RecordId,
        Type, TypeKind, TypedefId,
    },
    unit::{Options, Unit},
};

/// Reads declarations, for the machine that this runs on.
///
/// # Errors
///
/// The first thing that is wrong, with its place. See [`ErrorKind`].
///
/// # Examples
///
/// ```
/// let unit = tenfold_cdecl::parse("int puts(const char *text);")?;
/// assert!(unit.function("puts").is_some());
/// # Ok::<(), tenfold_cdecl::Error>(())
/// ```
pub fn parse(text: &str) -> Result<Unit, Error> {
    Options::new().parse(text)
}

#[doc = include_str!("../README.md")]
#[cfg(doctest)]
struct ReadmeDoctests;
