//! The attribute `#[export]` of `tenfold-ffi`.

#![forbid(unsafe_code)]
