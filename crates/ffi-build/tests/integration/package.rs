//! A package of a user's, built by cargo.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const MANIFEST: &str = r#"
[package]
name = "NAME"
version = "0.1.0"
edition = "2024"

[dependencies]
ffi = { package = "tenfold-ffi", path = "CRATES/ffi", features = ["ndarray"] }
ndarray = { version = "0.17", default-features = false }

[build-dependencies]
tenfold-ffi-build = { path = "CRATES/ffi-build" }

[workspace]
"#;

const BUILD: &str = "fn main() { tenfold_ffi_build::verify() }";

/// The crate is known by another name, is strict, and uses nearly all that there is.
const MAIN: &str = include_str!("package/main.rs.in");

struct Package {
    folder: tempfile::TempDir,
}

impl Package {
    fn new(name: &str, files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let manifest = MANIFEST.replace("NAME", name).replace("CRATES", crates.to_str().unwrap());
        fs::create_dir(folder.path().join("src")).unwrap();
        fs::write(folder.path().join("Cargo.toml"), manifest).unwrap();
        let lock = crates.parent().unwrap().join("Cargo.lock");
        fs::copy(lock, folder.path().join("Cargo.lock")).unwrap();
        for (file, text) in files {
            fs::write(folder.path().join(file), text).unwrap();
        }
        Self { folder }
    }

    fn run(&self) -> Output {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["run", "--offline", "--quiet"]).current_dir(self.folder.path());
        // All packages of these tests have the same dependencies.
        let target: PathBuf = Path::new(env!("CARGO_TARGET_TMPDIR")).join("packages");
        cargo.env("CARGO_TARGET_DIR", target);
        cargo.output().unwrap()
    }

    /// What the build says, which fails.
    fn refused(&self) -> String {
        let output = self.run();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success(), "it was built: {said}");
        said
    }
}

#[test]
fn a_package_calls_zlib_and_its_own_c() {
    if !crate::made::has_zlib("a_package_calls_zlib_and_its_own_c") {
        return;
    }
    let header = "double scaled(double x);\n#define TWICE(x) (2 * (x))\n";
    let source = "#include \"own.h\"\ndouble scaled(double x) { return 3 * x; }\n";
    let files = [
        ("build.rs", BUILD),
        ("src/main.rs", MAIN),
        ("src/own.h", header),
        ("src/own.c", source),
        ("src/records.cdef", include_str!("cdef/records.cdef")),
        ("src/own.cdef", "double scaled(double x);\nint TWICE(int);\n"),
    ];
    let package = Package::new("ffi-build-user", &files);
    let output = package.run();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "fine\n");
}

#[test]
fn without_a_build_script_the_compiler_says_what_is_missing() {
    let main = "ffi::c_library! { mod z; header = \"zlib.h\"; cdef = \"\"; }\nfn main() {}\n";
    let said = Package::new("ffi-build-none", &[("src/main.rs", main)]).refused();
    assert!(said.contains("fn main() { tenfold_ffi_build::verify() }"), "{said}");
}

#[test]
fn a_wrong_declaration_ends_the_build_with_its_line() {
    let main = "fn main() {}\n\nffi::c_library! {\n    mod z;\n    header = \"string.h\";\n    \
        cdef = \"\n        int strcmp(int);\n    \";\n}\n";
    let said =
        Package::new("ffi-build-wrong", &[("build.rs", BUILD), ("src/main.rs", main)]).refused();
    assert!(said.contains("src/main.rs:7: error: conflicting types for 'strcmp'"), "{said}");
    assert!(said.contains("int strcmp(int);\n"), "{said}");
    assert!(said.contains("string.h:"), "{said}");
}
