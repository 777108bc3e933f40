//! Pi by random points, of an array that is larger than the memory it may take.
//!
//! ```sh
//! cargo run --release -p tenfold-array --example pi -- 100000000 64MiB
//! ```

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use tenfold_array::{Random, Settings};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let points: usize = arguments.next().map_or(Ok(2_000_000), |points| points.parse())?;
    let cap = arguments.next().unwrap_or_else(|| "1MiB".to_owned());

    // ANCHOR: pi
    let mut random = Random::new(2026);
    let x = random.uniform(points, 0.0..1.0, "1MiB");
    let y = random.uniform(points, 0.0..1.0, "1MiB");
    let inside = (&x * &x + &y * &y).map(|r2| r2 <= 1.0);
    let settings = Settings::new().with_memory(&cap)?;
    print!("{}", settings.plan(&inside.sum())?);
    let count = settings.compute(&inside.sum())?.into_scalar();
    // ANCHOR_END: pi
    #[expect(clippy::cast_precision_loss, reason = "a share of points")]
    let pi = 4.0 * count as f64 / points as f64;
    println!("{pi} from {} bytes of points under a cap of {cap}", x.bytes() + y.bytes());
    assert!((pi - std::f64::consts::PI).abs() < 10.0 / (points as f64).sqrt());
    Ok(())
}
