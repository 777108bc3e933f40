//! Libraries of C, compiled for tests.

use std::process::Command;

use tenfold_ffi::Library;

/// Compiles C, and opens what comes out.
pub(crate) fn library(source: &str) -> Library {
    let folder = tempfile::tempdir().unwrap();
    let (file, object) = (folder.path().join("test.c"), folder.path().join("libtest.so"));
    std::fs::write(&file, source).unwrap();
    let mut command = Command::new(std::env::var("CC").unwrap_or_else(|_| String::from("cc")));
    command.args(["-O1", "-fexceptions", "-shared", "-fPIC", "-o"]).arg(&object).arg(&file);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    // SAFETY: the sources of tests have no initialisers.
    unsafe { Library::open(object.to_str().unwrap()) }.unwrap()
}
