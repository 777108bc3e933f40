//! Libraries of C, compiled for tests.

use std::path::{Path, PathBuf};
use std::process::Command;

use tenfold_ffi::Library;

/// Compiles C, and opens what comes out.
pub(crate) fn library(source: &str) -> Library {
    let folder = tempfile::tempdir().unwrap();
    let object = build(source, folder.path());
    // SAFETY: the tests' sources run nothing when they are loaded.
    unsafe { Library::open(object.to_str().unwrap()) }.unwrap()
}

/// Compiles C, and loads it with nothing of ours.
pub(crate) fn compiled(source: &str) -> libloading::Library {
    let folder = tempfile::tempdir().unwrap();
    let object = build(source, folder.path());
    // SAFETY: as above.
    unsafe { libloading::Library::new(object) }.unwrap()
}

fn build(source: &str, folder: &Path) -> PathBuf {
    let (file, object) = (folder.join("test.c"), folder.join("libtest.so"));
    std::fs::write(&file, source).unwrap();
    let mut command = Command::new(compiler());
    command.args(["-std=gnu11", "-O1", "-w", "-fexceptions", "-shared", "-fPIC", "-pthread", "-o"]);
    said(command.arg(&object).arg(&file));
    object
}

fn compiler() -> String {
    std::env::var("CC").unwrap_or_else(|_| String::from("cc"))
}

fn said(command: &mut Command) -> String {
    let output = command.output();
    let output = output.unwrap_or_else(|error| panic!("cannot run {command:?}: {error}"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// What the preprocessor makes of a header of the system.
pub(crate) fn header(name: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("header.c");
    std::fs::write(&file, format!("#include <{name}>\n")).unwrap();
    said(Command::new(compiler()).args(["-std=gnu11", "-E"]).arg(&file))
}

/// A function of a library that was loaded so.
///
/// # Safety
///
/// It has the type.
pub(crate) unsafe fn function<T: Copy>(library: &libloading::Library, name: &str) -> T {
    // SAFETY: the caller's promise.
    *unsafe { library.get::<T>(name) }.unwrap()
}
