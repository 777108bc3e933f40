//! The C compiler, asked from tests.

use std::path::Path;
use std::process::{Command, Output};

/// The C compiler of this machine.
pub(crate) fn cc() -> String {
    std::env::var("CC").unwrap_or_else(|_| String::from("cc"))
}

pub(crate) fn run(command: &mut Command) -> Output {
    let shown = format!("{command:?}");
    command.output().unwrap_or_else(|error| panic!("cannot run {shown}: {error}"))
}

/// Compiles a file; what the compiler says against it.
pub(crate) fn compile(compiler: &str, source: &Path, object: &Path) -> Result<(), String> {
    let mut command = Command::new(compiler);
    command.args(["-std=gnu11", "-w", "-fno-toplevel-reorder", "-fdata-sections", "-c", "-o"]);
    let output = run(command.arg(object).arg(source));
    match output.status.success() {
        true => Ok(()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

/// What a preprocessor makes of a header, with line markers; `None` if there is no such header.
pub(crate) fn preprocessed(header: &str) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("header.c");
    std::fs::write(&source, format!("#include <{header}>\n")).unwrap();
    let mut command = Command::new(cc());
    let output = run(command.args(["-E", "-std=gnu11", "-D_GNU_SOURCE"]).arg(&source));
    output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
}
