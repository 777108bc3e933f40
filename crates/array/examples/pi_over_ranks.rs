//! Pi by random points, of an array that is larger than the memory that all ranks together may take.
//!
//! ```sh
//! cargo run --release -p tenfold-array --features ranks --example pi_over_ranks -- 4 100000000 16MiB
//! ```

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use tenfold_array::{Random, Settings};
use tenfold_comm::{Communicator, World};

/// What each rank does, be it a thread or a process of MPI.
fn program<C: Communicator>(
    world: &C,
    points: usize,
    cap: &str,
) -> Result<i64, tenfold_array::Error> {
    let mut random = Random::new(2026);
    let x = random.uniform(points, 0.0..1.0, "1MiB");
    let y = random.uniform(points, 0.0..1.0, "1MiB");
    let inside = (&x * &x + &y * &y).map(|r2| r2 <= 1.0);
    // ANCHOR: ranks
    let ranks = Settings::new().threads(1).with_memory(cap)?.over(world)?;
    let count = ranks.compute(&inside.sum())?.into_scalar();
    // ANCHOR_END: ranks
    if ranks.rank() == 0 {
        print!("{}", ranks.plan(&inside.sum())?);
        println!("{count} of {points} points, {} bytes of them", x.bytes() + y.bytes());
    }
    Ok(count)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let size = arguments.next().map_or(Ok(3), |size| size.parse())?;
    let points: usize = arguments.next().map_or(Ok(2_000_000), |points| points.parse())?;
    let cap = arguments.next().unwrap_or_else(|| "2MiB".to_owned());

    let counts = World::threads(size).run(|world| program(world, points, &cap))?;
    assert!(counts.iter().all(|count| *count == counts[0]), "all ranks have the same");
    #[expect(clippy::cast_precision_loss, reason = "a share of points")]
    let pi = 4.0 * counts[0] as f64 / points as f64;
    println!("{pi} on {size} ranks with a cap of {cap} each");
    assert!((pi - std::f64::consts::PI).abs() < 10.0 / (points as f64).sqrt());
    Ok(())
}
