//! What `cargo xtask ext` puts beside a script.

use std::env::temp_dir;
use std::fs;

use crate::workspace::xtask;

#[test]
fn a_library_has_its_header_and_its_package_beside_it() {
    let folder = temp_dir().join(format!("tenfold-ext-{}", std::process::id()));
    let mut ext = xtask();
    ext.args(["ext", "ffi", "--example", "kern", "--debug", "--out"]).arg(&folder);
    let output = ext.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.ends_with("import tenfold; kern = tenfold.load(\"./libkern.so\")\n"), "{said}");
    let header = fs::read_to_string(folder.join("kern.h")).unwrap();
    assert!(header.contains("const char *kern_error(void);"), "{header}");
    assert!(fs::metadata(folder.join("libkern.so")).unwrap().len() > 0);
    assert!(folder.join("tenfold/__init__.py").is_file());
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_crate_without_a_library_for_c_is_told_how_to_have_one() {
    let output = xtask().args(["ext", "tenfold-report", "--debug"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("crate-type = [\"cdylib\", \"rlib\"]"), "{said}");
}
