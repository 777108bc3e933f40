//! Exported functions after the linker has thrown away what nobody needs.

use std::ffi::{CStr, c_char};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::kern::run;

const OUTER: &str = "
    tenfold_ffi::exports!(outer);
    #[tenfold_ffi::export(c)]
    fn shallow() -> f64 { inner::used() }
";

const INNER: &str = "
    mod deep {
        #[tenfold_ffi::export(c)]
        fn deep(x: f64) -> f64 { x + 1.0 }
    }
    pub fn used() -> f64 { 1.0 }
";

/// A library with another crate in it, optimised as a whole and stripped.
fn build() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("exported");
    let ffi = env!("CARGO_MANIFEST_DIR");
    let manifest = |name: &str, rest: &str| {
        format!(
            "[package]\nname = {name:?}\nversion = \"0.0.0\"\nedition = \"2024\"\n\n{rest}\n\
             [dependencies]\ntenfold-ffi = {{ path = {ffi:?} }}\n"
        )
    };
    let outer = "[lib]\ncrate-type = [\"cdylib\"]\n\n[workspace]\n\n\
                 [profile.release]\nlto = \"fat\"\ncodegen-units = 1\nstrip = true\n";
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("Cargo.toml", &(manifest("outer", outer) + "inner = { path = \"inner\" }\n"));
    write("src/lib.rs", OUTER);
    write("inner/Cargo.toml", &manifest("inner", ""));
    write("inner/src/lib.rs", INNER);
    // The versions that are here already, and no question to a registry.
    fs::copy(Path::new(ffi).join("../../Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--release", "--offline", "--quiet"]).current_dir(&folder);
    run(cargo.env("CARGO_TARGET_DIR", folder.join("target")));
    folder.join("target/release/libouter.so")
}

#[test]
fn functions_and_declarations_survive_the_linker() {
    // SAFETY: the library runs nothing when it is loaded.
    let library = unsafe { libloading::Library::new(build()) }.unwrap();
    // SAFETY: that is the type which the macro gives it.
    let cdef = unsafe { library.get::<extern "C" fn() -> *const c_char>(c"tenfold_cdef") }.unwrap();
    // SAFETY: it is a text that ends, and stays as long as the library.
    let text = unsafe { CStr::from_ptr(cdef()) }.to_str().unwrap();
    let declarations = tenfold_ffi::Declarations::parse(text).unwrap();
    for name in ["deep", "outer_error", "shallow"] {
        assert!(declarations.unit().function(name).is_some(), "{name} is not in {text}");
    }
    // SAFETY: that is its type, by the declarations.
    let deep = unsafe { library.get::<extern "C" fn(f64, *mut f64) -> i32>(c"deep") }.unwrap();
    let mut result = 0.0;
    assert_eq!((deep(1.0, &raw mut result), result), (0, 2.0));
}
