//! Ten years of daily temperatures on a grid, of which the mean of each place is taken away: the computation that
//! other libraries hold all of an array for. Here it is read twice instead, and a file takes the result.
//!
//! ```sh
//! cargo run --release -p tenfold-array --example climatology -- 90 180
//! ```

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use tenfold_array::ndarray::Ix3;
use tenfold_array::{Array, NpyFile, NpyWriter, Random, Settings};

const DAYS: usize = 3650;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let rows: usize = arguments.next().map_or(Ok(18), |rows| rows.parse())?;
    let cols: usize = arguments.next().map_or(Ok(36), |cols| cols.parse())?;
    let folder = tempfile::tempdir()?;
    let (input, output) =
        (folder.path().join("temperature.npy"), folder.path().join("anomaly.npy"));
    let settings = Settings::new().with_memory("64MiB")?;

    // A season, the climate of a latitude, and weather. One chunk is some days of the whole grid, as such files are.
    let chunks = [50, rows, cols];
    #[expect(clippy::cast_precision_loss, reason = "days and degrees")]
    let climate = Array::from_fn([DAYS, rows, cols], chunks, move |index| {
        let season = (index[0] as f32 / 365.0 * std::f32::consts::TAU).sin();
        let latitude = index[1] as f32 / rows as f32 - 0.5;
        15.0 - 40.0 * latitude * latitude + 20.0 * latitude * season
    });
    let weather = Random::new(1).standard_normal::<f32, _>([DAYS, rows, cols], chunks) * 3.0;
    let file = NpyWriter::create(&input, &climate.shape())?;
    settings.store(&(&climate + &weather), &file)?;
    file.finish()?;

    let temperature = Array::<f32, Ix3>::from_source(NpyFile::open(&input)?, chunks);
    let anomaly = &temperature - &temperature.mean_axis(0);
    print!("{}", settings.plan(&anomaly)?);
    let file = NpyWriter::create(&output, &anomaly.shape())?;
    settings.store(&anomaly, &file)?;
    file.finish()?;

    let anomaly = Array::<f32, Ix3>::from_source(NpyFile::open(&output)?, chunks);
    let worst = anomaly.mean_axis(0).map(f32::abs).max().compute()?.into_scalar();
    println!("the mean anomaly of no place is more than {worst:e} degrees from 0");
    assert!(worst < 1e-4);
    Ok(())
}
