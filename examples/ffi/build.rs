//! What API mode needs, and a shared library for ABI mode to load.

use std::env;
use std::path::PathBuf;

fn main() {
    verify();
    build_shared_library();
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

/// `array_add.c` as a shared library, in a place that the example knows.
fn build_shared_library() {
    let folder = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    let library =
        folder.join(format!("{}array_add{}", env::consts::DLL_PREFIX, env::consts::DLL_SUFFIX));
    let compiler = cc::Build::new().pic(true).get_compiler();
    let mut command = compiler.to_command();
    command.arg("-shared").arg("array_add.c").arg("-o").arg(&library);
    let status = command.status().expect("the compiler was found");
    assert!(status.success(), "array_add.c does not compile");
    println!("cargo:rustc-env=ARRAY_ADD={}", library.display());
}
