//! Examples of `tenfold-ffi`: API mode, where a compiler verifies declarations, beside ABI mode.

#![forbid(unsafe_code)]
