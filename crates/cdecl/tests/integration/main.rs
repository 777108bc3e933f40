//! The parser against the standard's grammar, CFFI's dialect, a C compiler and another parser.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod carets;
mod cffi;
mod compiler;
mod constants;
mod declarations;
mod dialect;
mod headers;
mod layouts;
mod machines;
mod robustness;
mod spelling;

/// What is declared in a text that is right.
fn parsed(text: &str) -> tenfold_cdecl::Unit {
    tenfold_cdecl::parse(text).unwrap_or_else(|error| panic!("{error:#}"))
}
