//! Libraries from C that a test brings along.

use std::path::Path;
use std::process::Command;

use libloading::Library;

/// Compiles C and loads it.
pub(crate) fn compiled(source: &str) -> Library {
    let folder = tempfile::tempdir().unwrap();
    let library = build(source, folder.path());
    // SAFETY: the tests' sources run nothing when they are loaded.
    unsafe { Library::new(library) }.unwrap()
}

fn build(source: &str, folder: &Path) -> std::path::PathBuf {
    let (file, library) = (folder.join("source.c"), folder.join("libsource.so"));
    std::fs::write(&file, source).unwrap();
    let compiler = std::env::var("CC").unwrap_or_else(|_| String::from("cc"));
    let mut command = Command::new(&compiler);
    command.args(["-std=gnu11", "-O1", "-w", "-shared", "-fPIC", "-pthread", "-o"]);
    let output = command.arg(&library).arg(&file).output();
    let output = output.unwrap_or_else(|error| panic!("cannot run {compiler}: {error}"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    library
}

/// A function of a library, which has to have the type.
///
/// # Safety
///
/// It has the type.
pub(crate) unsafe fn function<T: Copy>(library: &Library, name: &str) -> T {
    // SAFETY: the caller's promise.
    *unsafe { library.get::<T>(name) }.unwrap()
}
