//! The sound ladder with 5 % more work in its tuned rungs; see `mod.rs`.

#[path = "mod.rs"]
mod planted;

use std::process::ExitCode;

use planted::Slowed;
use tenfold_benches::ladder::{heat::Heat, pi::Pi};

fn main() -> ExitCode {
    tenfold_benches::main(&[Box::new(Slowed::<_, 5>(Pi)), Box::new(Slowed::<_, 5>(Heat))])
}
