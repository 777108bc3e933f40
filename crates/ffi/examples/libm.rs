//! A function of libm in ABI mode: declared as C has it, called typed and dynamically.
//!
//!     cargo run --package tenfold-ffi --example libm

use std::io::Write as _;

use tenfold_ffi::{Library, Result, args};

fn main() -> Result<()> {
    // SAFETY: libm has no initialisers that could do harm.
    let mut m = unsafe { Library::open("m")? };
    m.cdef("float sqrtf(float x);")?;

    // Typed: the Rust type is compared with the declaration, once. The call is a plain one.
    let sqrtf = m.function::<unsafe extern "C" fn(f32) -> f32>("sqrtf")?;
    // SAFETY: the declaration is that of `math.h`, and it takes any number.
    let typed = unsafe { sqrtf(2.0) };

    // Dynamic: the arguments are compared with the declaration, in each call.
    // SAFETY: as above.
    let dynamic = f32::try_from(unsafe { m.call("sqrtf", &args![2.0])? })?;

    assert_eq!(typed, 2.0_f32.sqrt());
    assert_eq!(typed, dynamic);
    let _ = writeln!(std::io::stdout(), "sqrtf(2) = {typed}, typed and dynamically");

    // 0.1 is no `float`: nothing is rounded in secret.
    // SAFETY: as above.
    let refused = unsafe { m.call("sqrtf", &args![0.1]) }.expect_err("a double is given");
    let _ = writeln!(std::io::stdout(), "refused: {refused}");
    Ok(())
}
