//! A stream of zlib, where the compiler finds zlib's header.

#![expect(clippy::print_stdout, reason = "an example shows its result")]

#[cfg(has_zlib)]
mod stream;

#[cfg(has_zlib)]
fn main() -> anyhow::Result<()> {
    stream::show()
}

#[cfg(not(has_zlib))]
fn main() {
    println!("skipped: zlib: no zlib.h: cargo xtask setup tools");
}
