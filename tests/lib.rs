//! What crosses crates: see `main.rs`. A package needs a target of its own for cargo to test it.
