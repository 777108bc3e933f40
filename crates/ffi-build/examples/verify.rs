//! What a build says of a wrong declaration, and what it writes for a right one.

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use std::error::Error;

use tenfold_ffi_build::Build;

/// A file of a package.
fn source(declaration: &str) -> String {
    format!(
        "c_library! {{\n    mod m;\n    header = \"math.h\";\n    link = \"m\";\n    cdef = \"{declaration}\";\n}}\n"
    )
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let host = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let build = Build::new().target(&host).host(&host).out_dir(folder.path());

    let wrong = build.clone().text("src/main.rs", &source("double hypot(double x, float y);"));
    let error = wrong.try_verify().expect_err("`y` is a double");
    println!("{error}\n");
    assert!(error.to_string().starts_with("src/main.rs:5: error: "));

    let right = build.text("src/main.rs", &source("double hypot(double x, double y);"));
    right.try_verify()?;
    let bindings = std::fs::read_to_string(folder.path().join("tenfold-ffi/m.rs"))?;
    println!("{bindings}");
    assert!(bindings.contains("pub unsafe fn hypot(x: f64, y: f64) -> f64;"));
    Ok(())
}
