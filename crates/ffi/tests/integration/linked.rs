//! Exported functions after the linker has thrown away what nobody needs.

use std::ffi::{CStr, c_char};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use crate::kern::{cargo, run};
use crate::python::{python, script};

static LIBRARY: LazyLock<PathBuf> = LazyLock::new(build);

const OUTER: &str = "
    tenfold_ffi::exports!(outer);
    #[doc = \"One\\u{c}line.\"]
    #[tenfold_ffi::export(c)]
    fn shallow() -> f64 { inner::used() }

    macro_rules! echoes {
        ($($name:ident: $number:ty, $result:ty;)*) => {$(
            #[tenfold_ffi::export(c)]
            fn $name(x: $number, list: &[$number]) -> $result {
                (x, list.iter().rev().copied().next().unwrap_or(x))
            }
        )*};
    }
    echoes! {
        echo_i8: i8, (i8, i8); echo_i16: i16, (i16, i16); echo_i32: i32, (i32, i32);
        echo_i64: i64, (i64, i64); echo_isize: isize, (isize, isize); echo_u8: u8, (u8, u8);
        echo_u16: u16, (u16, u16); echo_u32: u32, (u32, u32); echo_u64: u64, (u64, u64);
        echo_usize: usize, (usize, usize); echo_f32: f32, (f32, f32); echo_f64: f64, (f64, f64);
    }
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
    // The versions that are here already.
    fs::copy(Path::new(ffi).join("../../Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    let mut cargo = cargo(&folder);
    run(cargo.args(["--release", "--quiet"]).env("CARGO_TARGET_DIR", folder.join("target")));
    folder.join("target/release/libouter.so")
}

type Echo<T> = extern "C" fn(T, *const T, usize, *mut T, *mut T) -> i32;

/// Passes the ends of a type's numbers, and takes them back.
fn echoes<T: Copy + PartialEq + std::fmt::Debug>(library: &libloading::Library, least: T, most: T) {
    let name = format!("echo_{}", std::any::type_name::<T>());
    // SAFETY: that is its type, by the macro's table.
    let echo = unsafe { library.get::<Echo<T>>(&name) }.unwrap();
    for (one, last) in [(least, most), (most, least)] {
        let (list, mut first, mut second) = ([one, last], one, one);
        let status = echo(one, list.as_ptr(), 2, &raw mut first, &raw mut second);
        assert_eq!((status, first, second), (0, one, last), "{name}");
    }
}

macro_rules! check_echoes {
    ($library:ident, $($number:ident)*) => { $(echoes(&$library, $number::MIN, $number::MAX);)* };
}

#[test]
fn functions_and_declarations_survive_the_linker() {
    // SAFETY: the library runs nothing when it is loaded.
    let library = unsafe { libloading::Library::new(&*LIBRARY) }.unwrap();
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

    check_echoes!(library, i8 i16 i32 i64 isize u8 u16 u32 u64 usize f32 f64);
}

#[test]
fn numbers_of_each_type_go_to_python_and_back() {
    let Some(python) = python("numbers of each type in Python") else { return };
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/integration/echoes.py");
    assert_eq!(script(&python, &here, &LIBRARY), "12 types\n");
}
