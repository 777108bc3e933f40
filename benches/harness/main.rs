//! The ladder's program: samples, checks and events. People call it through `cargo xtask bench`.

use std::process::ExitCode;

fn main() -> ExitCode {
    tenfold_benches::main(&tenfold_benches::ladder::all())
}
