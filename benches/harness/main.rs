//! The ladder's program.
fn main() {}
