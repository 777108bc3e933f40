//! Our kernels beside gcc's code, on the same buffers in one process, their samples alternating.
//!
//! `cargo xtask peers` builds the libraries and calls this with them.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program that prints a table")]

mod cell;
mod sitting;
mod table;

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use libloading::Library;

use cell::CELLS;
use sitting::{Lowest, Sides};

const USAGE: &str = "peers GCC DEFAULT NATIVE [--bytes N,M] [--sittings N] [--rounds N]";

struct Options {
    libraries: Vec<PathBuf>,
    bytes: Vec<usize>,
    sittings: usize,
    rounds: usize,
}

fn main() -> Result<()> {
    let options = options()?;
    let [gcc, default, native] = &options.libraries[..] else { bail!("{USAGE}") };
    let open = |path: &PathBuf| {
        // SAFETY: the libraries were built from the files beside this one. What runs when gcc's is
        // loaded sets how this thread rounds subnormals, for all sides; no cell meets any.
        unsafe { Library::new(path) }.with_context(|| format!("cannot load {}", path.display()))
    };
    let sides = Sides { gcc: open(gcc)?, default: open(default)?, native: open(native)? };
    let mut all = Vec::new();
    let mut lowest = Lowest::default();
    for sitting in 1..=options.sittings {
        eprintln!("sitting {sitting} of {}", options.sittings);
        for &bytes in &options.bytes {
            for cell in CELLS {
                all.push(sitting::sit(cell, bytes, options.rounds, &sides, &mut lowest)?);
            }
        }
    }
    table::print(&all, &lowest);
    Ok(())
}

fn options() -> Result<Options> {
    use lexopt::prelude::*;
    let mut options = Options {
        libraries: Vec::new(),
        bytes: vec![16 << 10, 256 << 20],
        sittings: 3,
        rounds: 101,
    };
    let mut parser = lexopt::Parser::from_env();
    while let Some(arg) = parser.next()? {
        match arg {
            Long("bytes") => {
                let list = parser.value()?.string()?;
                let bytes: Result<_, _> = list.split(',').map(str::parse).collect();
                options.bytes = bytes.with_context(|| format!("--bytes {list}: no numbers"))?;
            }
            Long("sittings") => options.sittings = parser.value()?.parse()?,
            Long("rounds") => options.rounds = parser.value()?.parse()?,
            Value(path) => options.libraries.push(path.into()),
            other => bail!("{}\n{USAGE}", other.unexpected()),
        }
    }
    let fits = |bytes: &&usize| (4096..=1 << 32).contains(*bytes) && bytes.is_multiple_of(64);
    if let Some(bytes) = options.bytes.iter().find(|bytes| !fits(bytes)) {
        bail!("--bytes {bytes}: arrays have 4096 to {} bytes, a multiple of 64", 1_u64 << 32);
    }
    if !(1..=100).contains(&options.sittings) || !(5..=10_000).contains(&options.rounds) {
        bail!("--sittings takes 1 to 100, --rounds 5 to 10000\n{USAGE}");
    }
    Ok(options)
}
