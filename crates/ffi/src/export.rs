//! Rust functions for C: what the expansions of `#[export]` and `exports!` are made of.
//!
//! A call goes in this order: each argument is checked by itself, then all against each other; only then
//! are there references, and the function runs; then its result is written.

mod extent;
mod header;
mod message;
mod place;
mod refusal;
mod section;
mod slice;
mod text;
#[cfg(feature = "ndarray")]
mod view;

use std::panic::{AssertUnwindSafe, catch_unwind};

#[cfg(feature = "ndarray")]
pub use self::view::View;
pub use self::{
    extent::{Extent, disjoint},
    header::{cdef_of, header_of, records_of},
    message::last_error,
    place::Place,
    refusal::{Checked, Refusal, boolean, failed},
    section::{between, cdef},
    slice::Slice,
    text::Text,
};

/// Runs the body of a function of C, and gives its status. `text` is the record of the function, which
/// stays in the library because this has its address.
pub fn call(text: &'static [u8], body: impl FnOnce() -> Checked<()>) -> i32 {
    // What the body leaves behind is the caller's, who sees the status.
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => 0,
        Ok(Err(refusal)) => message::keep(text, &refusal),
        Err(payload) => message::keep(text, &Refusal::panicked(payload)),
    }
}

/// A function of C over views.
#[doc(hidden)]
#[cfg(feature = "ndarray")]
#[macro_export]
macro_rules! __with_ndarray {
    ($($tokens:tt)*) => {
        $($tokens)*
    };
}

/// A function of C over views, which there are not.
#[doc(hidden)]
#[cfg(not(feature = "ndarray"))]
#[macro_export]
macro_rules! __with_ndarray {
    ($($tokens:tt)*) => {
        ::core::compile_error!(
            "views need a feature: write `tenfold-ffi = { version = \"..\", features = [\"ndarray\"] }`"
        );
    };
}
