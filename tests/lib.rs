//! What crosses crates; see `main.rs`.
