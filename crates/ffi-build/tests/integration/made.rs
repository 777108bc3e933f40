//! Bindings made from a text, without cargo.

use std::fs;
use std::io::Write as _;

use tenfold_ffi_build::{Build, Error};

pub(crate) const TARGET: &str = if cfg!(target_arch = "aarch64") {
    "aarch64-unknown-linux-gnu"
} else {
    "x86_64-unknown-linux-gnu"
};

/// What the bindings of `c_library! { mod m; .. }` are.
pub(crate) fn module(rest: &str) -> Result<String, Error> {
    let folder = tempfile::tempdir().unwrap();
    let text = format!("c_library! {{ mod m; {rest} }}");
    let build = Build::new().target(TARGET).host(TARGET).out_dir(folder.path());
    build.text("src/lib.rs", &text).try_verify()?;
    Ok(fs::read_to_string(folder.path().join("tenfold-ffi/m.rs")).unwrap())
}

/// The bindings, which are there.
pub(crate) fn bindings(rest: &str) -> String {
    module(rest).unwrap_or_else(|error| panic!("{error}"))
}

/// What is wrong.
pub(crate) fn refused(rest: &str) -> String {
    match module(rest) {
        Ok(bindings) => panic!("accepted:\n{bindings}"),
        Err(error) => error.to_string(),
    }
}

/// Whether the compiler finds zlib's header. If it does not, that is said.
pub(crate) fn has_zlib(test: &str) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let build = Build::new().target(TARGET).host(TARGET).out_dir(folder.path());
    let is_there = build.has_header("zlib.h").unwrap();
    if !is_there {
        let line = format!("skipped: {test}: no zlib.h: cargo xtask setup tools\n");
        std::io::stdout().write_all(line.as_bytes()).unwrap();
    }
    is_there
}
