//! What API mode needs, and a shared library for ABI mode to load.

use std::env;
use std::path::PathBuf;

fn main() {
    verify();
    ["array_add", "evolve", "fibo"].into_iter().for_each(build_shared_library);
}

/// All examples but that of zlib are C's own, or the C library's.
fn verify() {
    println!("cargo:rustc-check-cfg=cfg(has_zlib)");
    let build = tenfold_ffi_build::Build::new();
    if build.has_header("zlib.h").is_ok_and(|is_there| is_there) {
        println!("cargo:rustc-cfg=has_zlib");
        build.verify();
    } else {
        build.leave_out("z").verify();
    }
}

/// A C file as a shared library, in a place that the example knows by a variable of the file's name.
fn build_shared_library(name: &str) {
    let folder = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    let library =
        folder.join(format!("{}{name}{}", env::consts::DLL_PREFIX, env::consts::DLL_SUFFIX));
    let compiler = cc::Build::new().pic(true).get_compiler();
    let mut command = compiler.to_command();
    command.arg("-shared").arg(format!("{name}.c")).arg("-o").arg(&library);
    let status = command.status().expect("the compiler was found");
    assert!(status.success(), "{name}.c does not compile");
    println!("cargo:rustc-env={}={}", name.to_uppercase(), library.display());
}
