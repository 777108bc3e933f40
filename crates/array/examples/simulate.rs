//! What arrays would take on 10 to 10,000 ranks, with tasks of a millisecond and as many of them for each rank.
//!
//! ```sh
//! cargo run --release -p tenfold-array --features ranks --example simulate
//! cargo run --release -p tenfold-array --features ranks --example simulate -- 100 5000    # on so many
//! ```

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use std::time::{Duration, Instant};

use tenfold_array::ndarray::{Array2, Ix2, IxDyn};
use tenfold_array::{Array, Border, Machine, Result, Settings, WhatIf};

type Matrix = Array<f64, Ix2>;

/// A chunk has so many rows and columns, 8 MiB, and a rank about so many chunks.
const CHUNK: usize = 1024;
const EACH: usize = 256;

fn stencil(x: &Matrix) -> Matrix {
    x.map_overlap(&[1, 1], Border::Wrap, |seen, _| {
        Array2::from_shape_fn([seen.nrows() - 2, seen.ncols() - 2], |(i, j)| {
            seen[[i, j + 1]] + seen[[i + 2, j + 1]] + seen[[i + 1, j]] + seen[[i + 1, j + 2]]
        })
    })
}

/// What is made of an array that is where its chunks were made.
fn operations(x: &Matrix) -> [(&'static str, Array<f64, IxDyn>); 5] {
    [
        ("sum", x.sum().into_dyn()),
        ("mean by rows", x.mean_axis(1).into_dyn()),
        ("stencil", stencil(x).into_dyn()),
        ("rechunk", x.rechunk([CHUNK * 4, CHUNK / 4]).into_dyn()),
        ("x + x.T", (x + &x.t()).into_dyn()),
    ]
}

fn main() -> Result<()> {
    let settings = Settings::new().threads(1);
    let mut sizes: Vec<usize> = std::env::args().filter_map(|size| size.parse().ok()).collect();
    if sizes.is_empty() {
        sizes = vec![10, 100, 1000, 10_000];
    }
    for ranks in sizes {
        let machine = Machine::new(ranks).task(Duration::from_millis(1)).jitter(0.02);
        let machine = machine.fat_tree(32, 2.0);
        let [in_turn, awake] =
            [WhatIf::InTurn, WhatIf::Awake].map(|change| machine.clone().what_if(change));
        let side = (EACH * ranks).isqrt() * CHUNK;
        let started = Instant::now();
        println!(
            "{ranks} ranks, and the efficiency as it is, without overlap, and without pauses:"
        );
        for at in 0..5 {
            let told = [&machine, &in_turn, &awake].map(|machine| {
                let ranks = settings.simulate(machine)?;
                let (x, _) = ranks.persist(&Array::ones([side, side], CHUNK))?;
                let (name, made) = &operations(&x)[at];
                let told = if at == 0 { ranks.compute(made) } else { Ok(ranks.persist(made)?.1) };
                told.map(|told| (*name, told))
            });
            let [(name, told), (_, in_turn), (_, awake)] =
                told.map(|told| told.expect("it can be"));
            let efficiency = [&told, &in_turn, &awake].map(|told| told.efficiency());
            println!("{name}: {efficiency:.3?}\n{told}");
        }
        println!("simulated in {:?}\n", started.elapsed());
    }
    Ok(())
}
