//! What arrays would take on 10 to 10,000 ranks, with tasks of a millisecond and as many of them for each rank.
//!
//! ```sh
//! cargo run --release -p tenfold-array --features ranks --example simulate
//! cargo run --release -p tenfold-array --features ranks --example simulate -- 100 5000    # on so many
//! ```
//!
//! First it tells what it takes a rank to plan a sum of ten million chunks on a thousand ranks.

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use std::time::{Duration, Instant};

use tenfold_array::ndarray::{Array2, Ix2, IxDyn};
use tenfold_array::{Array, Border, Error, Machine, Settings, Simulation, WhatIf};

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

/// How long a rank plans a sum of ten million chunks, and the most memory that this process has taken then.
fn plan_of_many(settings: &Settings) -> Result<(), Error> {
    let ranks = settings.simulate(&Machine::new(1000))?;
    let x = Array::<f32, _>::ones([10_000_000, 100], [1, 100]);
    let started = Instant::now();
    let plan = ranks.plan(&x.sum())?;
    let elapsed = started.elapsed();
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("VmHWM: not known");
    println!("{} tasks planned in {elapsed:?}, {peak}\n", plan.tasks());
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let settings = Settings::new().threads(1);
    plan_of_many(&settings)?;
    let number = |size: String| {
        size.parse::<usize>().map_err(|error| format!("{size:?} is no number of ranks: {error}"))
    };
    let mut sizes = std::env::args().skip(1).map(number).collect::<Result<Vec<_>, _>>()?;
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
            let told = |machine: &Machine| -> Result<(&str, Simulation), Error> {
                let ranks = settings.simulate(machine)?;
                let (x, _) = ranks.persist(&Array::ones([side, side], CHUNK))?;
                let (name, made) = &operations(&x)[at];
                let told = if at == 0 { ranks.compute(made) } else { Ok(ranks.persist(made)?.1) };
                Ok((*name, told?))
            };
            let (name, as_it_is) = told(&machine)?;
            let (in_turn, awake) = (told(&in_turn)?.1, told(&awake)?.1);
            let efficiency = [&as_it_is, &in_turn, &awake].map(|told| told.efficiency());
            println!("{name}: {efficiency:.3?}\n{as_it_is}");
        }
        println!("simulated in {:?}\n", started.elapsed());
    }
    Ok(())
}
