//! The course's heat equation: a hot spot on a plate spreads, and no heat leaves over the border.
//!
//! `cargo run --release --package tenfold-kernel --example plate`

#![expect(clippy::print_stdout, reason = "an example shows its result")]
#![expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "one digit is meant")]

use tenfold_kernel::ndarray::{Array2, s};
use tenfold_kernel::{Error, Nbr2, kernel};

// ANCHOR: stencil
/// Outside it is as warm as at the edge, so that nothing flows there.
#[kernel(stencil, border = nearest)]
fn heat(u: Nbr2<f64>) -> f64 {
    0.5 * u[[0, 0]] + 0.125 * (u[[-1, 0]] + u[[1, 0]] + u[[0, -1]] + u[[0, 1]])
}
// ANCHOR_END: stencil

#[kernel(reduce(mean, min, max))]
fn statistics(u: f64) -> (f64, f64, f64) {
    (u, u, u)
}

#[kernel]
fn shade(u: f64) -> u32 {
    ((10.0 * u) as u32).min(9)
}

fn main() -> Result<(), Error> {
    let mut plate = Array2::zeros((48, 96));
    plate.slice_mut(s![8..24, 8..40]).fill(1.0);
    let mut slow = plate.clone();
    let (mean, mut coldest, mut hottest) = statistics::reduce(&plate)?;

    for _ in 0..4 {
        // ANCHOR: steps
        // Many steps at once go through the caches once,
        heat::par().steps(100).run(&mut plate)?;
        // and give what single steps give.
        for _ in 0..100 {
            slow = heat::map(&slow)?;
        }
        assert_eq!(plate, slow);
        // ANCHOR_END: steps

        // Heat is neither made nor lost, and no place becomes hotter than the hottest was.
        let (now, low, high) = statistics::reduce(&plate)?;
        assert!((now - mean).abs() < 1e-12 && coldest <= low && high <= hottest);
        (coldest, hottest) = (low, high);
        println!("mean {now:.6}, from {low:.6} to {high:.6}");
    }
    for row in shade::map(plate.slice(s![..;4, ..;2]))?.rows() {
        let letter = |&shade: &u32| char::from(b" .:-=+*#%@"[shade as usize]);
        println!("{}", row.iter().map(letter).collect::<String>());
    }
    Ok(())
}
