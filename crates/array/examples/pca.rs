//! The principal components of many observations, by a compressed singular value decomposition: what varies together, of an
//! array that is larger than the memory that it is given.
//!
//! ```sh
//! cargo run --release -p tenfold-array --features linalg --example pca -- 200000
//! ```

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use tenfold_array::{Random, Settings};

/// How many things were measured each time, and how many causes they have.
const MEASURED: usize = 60;
const CAUSES: usize = 3;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let times: usize = std::env::args().nth(1).map_or(Ok(20_000), |times| times.parse())?;
    let settings = Settings::new().with_memory("32MiB")?;

    // Each cause acts on all that is measured, the first the most, and there is noise.
    let mut random = Random::new(7);
    let causes = random.standard_normal::<f64, _>([times, CAUSES], [2000, CAUSES]);
    let acts = random.standard_normal::<f64, _>([CAUSES, MEASURED], MEASURED);
    let noise = random.standard_normal::<f64, _>([times, MEASURED], [2000, MEASURED]) * 0.1;
    let x = causes.matmul(&settings.persist(&acts)?) + noise;

    let anomaly = &x - &x.mean_axis(0);
    let components = anomaly.svd_compressed(CAUSES, 1, 42);
    print!("{}", settings.plan(&components.s)?);
    let variance = &components.s * &components.s / (&anomaly * &anomaly).sum();
    let (variance, vt) = settings.compute_many((&variance, &components.vt))?;
    println!(
        "of the variance {:.4} is explained by {CAUSES} components: {variance:.4}",
        variance.sum()
    );
    println!("the first weighs what was measured by {:.2}", vt.row(0));
    assert!(variance.sum() > 0.98);
    Ok(())
}
