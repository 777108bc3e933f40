//! `cargo annotate`.
fn main() {}
