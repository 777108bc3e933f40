//! The course's Julia set: a column of real parts, a row of imaginary ones, and for each point the
//! iterations until it escapes.
//!
//! `cargo run --release --package tenfold-kernel --example julia`

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use tenfold_kernel::ndarray::{Array1, Axis};
use tenfold_kernel::{Error, kernel};

// ANCHOR: escape
#[kernel]
fn escape(x: f64, y: f64, most: u32) -> u32 {
    let mut zr = x;
    let mut zi = y;
    let mut count = 0;
    while zr * zr + zi * zi < 1e6 && count < most {
        let next = zr * zr - zi * zi + 0.3852;
        zi = 2.0 * zr * zi - 0.2026;
        zr = next;
        count += 1;
    }
    count
}
// ANCHOR_END: escape

fn main() -> Result<(), Error> {
    let y = Array1::linspace(-1.2, 1.2, 64);
    let x = Array1::linspace(-1.2, 1.2, 32).insert_axis(Axis(1));
    // ANCHOR: map
    let counts = escape::map(&x, &y, 400)?;
    let on_all_cores = escape::par().map(&x, &y, 400)?;
    assert_eq!(counts, on_all_cores);
    // ANCHOR_END: map
    for row in counts.rows() {
        let shade = |&n: &u32| b" .:-=+*#%@"[(n as usize).ilog2().min(9) as usize] as char;
        println!("{}", row.iter().map(shade).collect::<String>());
    }
    assert_eq!(counts[[16, 30]], escape(x[[16, 0]], y[30], 400));
    Ok(())
}
