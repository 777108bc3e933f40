//! For `build.rs`: declarations verified against a header.

#![forbid(unsafe_code)]
