//! The Python package, with real Python and NumPy.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::kern::{library, run};

/// The Python that `cargo xtask setup peers` makes; or a line for the record of skips.
pub(crate) fn python(test: &str) -> Option<PathBuf> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let python = target.join("tenfold/peers/bin/python");
    if python.exists() {
        return Some(python);
    }
    // Past the test runner's capture, where skips are counted.
    let line = format!("skipped: {test}: no {}: cargo xtask setup peers\n", python.display());
    std::io::stdout().write_all(line.as_bytes()).unwrap();
    None
}

/// Runs a script with the package and a library.
pub(crate) fn script(python: &Path, script: &Path, library: &Path) -> String {
    let package = Path::new(env!("CARGO_MANIFEST_DIR")).join("python");
    let mut command = Command::new(python);
    // No files beside the package.
    command.env("PYTHONPATH", package).env("PYTHONDONTWRITEBYTECODE", "1");
    run(command.arg(script).arg(library))
}

#[test]
fn python_calls_rust() {
    let Some(python) = python("the Python package") else { return };
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/integration/python.py");
    let said = script(&python, &here, library());
    assert!(said.ends_with("68 right, 47 refused\n"), "{said}");
}

#[test]
fn the_example_in_python_agrees_with_numpy() {
    let Some(python) = python("the example heat.py") else { return };
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/heat.py");
    assert!(script(&python, &here, library()).contains("agree"));
}

/// The package's own words on how it is used.
#[test]
fn the_two_lines_of_the_package_run() {
    let Some(python) = python("the Python package in two lines") else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("script.py");
    let text = "import array, sys\nimport tenfold\nkern = tenfold.load(sys.argv[1])\n\
        y = array.array('d', [1, 1])\nkern.axpy(2.0, array.array('d', [1, 2]), y)\n\
        assert 'numpy' not in sys.modules\nprint(*y)\n";
    std::fs::write(&path, text).unwrap();
    assert_eq!(script(&python, &path, library()), "3.0 5.0\n");
}
