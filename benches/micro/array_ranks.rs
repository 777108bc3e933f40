//! Two ranks of one thread each beside two threads of one process, on work that the processor is the bound of: the same arrays,
//! in turns, with the same bits.
//!
//! ```sh
//! cargo bench -p tenfold-benches --bench array_ranks
//! cargo bench -p tenfold-benches --bench array_ranks -- 21    # so many turns
//! ```

#![expect(clippy::print_stdout, reason = "it shows what it measures")]

use std::time::Instant;

use tenfold_array::ndarray::Ix0;
use tenfold_array::{Array, Random, Settings};
use tenfold_comm::World;

const THREADS: usize = 2;

/// What is computed, of arrays with so many elements.
fn works(len: usize) -> [(&'static str, Array<f64, Ix0>); 3] {
    let mut random = Random::new(2026);
    let x = random.uniform(len, 0.0..1.0, "1MiB");
    let y = random.uniform(len, 0.0..1.0, "1MiB");
    let inside = (&x * &x + &y * &y).map(|r2| if r2 <= 1.0 { 1.0 } else { 0.0 });
    let chain = x.exp().ln().sin().cos();
    [
        ("pi", inside.mean()),
        ("exp, ln, sin, cos", chain.sum()),
        ("standard deviation", (&x - &x.mean()).square().mean()),
    ]
}

fn by_threads(work: &Array<f64, Ix0>) -> f64 {
    Settings::new().threads(THREADS).compute(work).expect("it fits").into_scalar()
}

fn by_ranks(work: &Array<f64, Ix0>) -> f64 {
    let one = Settings::new().threads(1);
    let all = World::threads(THREADS).run(|world| one.over(world)?.compute(work));
    all.expect("all ranks compute the same")[0].sum()
}

fn seconds(run: impl FnOnce() -> f64) -> (f64, f64) {
    let start = Instant::now();
    let result = run();
    (start.elapsed().as_secs_f64(), result)
}

fn main() {
    let is_test = std::env::args().any(|argument| argument == "--test");
    let turns = std::env::args().find_map(|argument| argument.parse().ok());
    let (len, turns) = if is_test { (100_000, 1) } else { (30_000_000, turns.unwrap_or(15)) };
    for (name, work) in works(len) {
        let mut ratios: Vec<f64> = (0..turns.max(1))
            .map(|_| {
                let (threads, expected) = seconds(|| by_threads(&work));
                let (ranks, found) = seconds(|| by_ranks(&work));
                assert_eq!(found.to_bits(), expected.to_bits(), "{name}");
                threads / ranks
            })
            .collect();
        ratios.sort_by(f64::total_cmp);
        let [low, middle, high] = [1, 2, 3].map(|quarter| ratios[(ratios.len() - 1) * quarter / 4]);
        println!(
            "{name:20} {THREADS} ranks are {middle:.2} [{low:.2}, {high:.2}] times as fast as {THREADS} threads"
        );
    }
}
