//! Verifies and writes the bindings to C of the ladder's rungs.

fn main() {
    tenfold_ffi_build::verify();
}
