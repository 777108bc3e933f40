//! Square roots by libm: verified when this is compiled, and loaded when it runs.

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use anyhow::Result;

tenfold_ffi::c_library! {
    /// API mode.
    mod math;
    header = "math.h";
    link = "m";
    cdef = "float sqrtf(float x);";
    safe fn sqrtf;
}

tenfold_ffi::c_library! {
    /// ABI mode.
    mod libm;
    load = "m";
    cdef = "float sqrtf(float x);";
    safe fn sqrtf;
}

fn main() -> Result<()> {
    // SAFETY: it is the system's libm.
    let library = unsafe { libm::Library::load() }?;
    println!("{} {}", math::sqrtf(4.0), library.sqrtf(4.0));
    assert_eq!((math::sqrtf(4.0), library.sqrtf(4.0)), (2.0, 2.0));
    Ok(())
}
