//! What `#[kernel]` promises, against loops over the ordinary functions.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::unwrap_used,
    clippy::needless_borrows_for_generic_args,
    reason = "the numbers of tests are small, and operands are passed as users pass them"
)]

mod complex;
mod divergent;
mod elementwise;
mod gufunc;
mod math;
mod random;
mod reduce;
mod scan;
mod slices;
mod stencil;
