//! Ten years of daily temperatures on a grid, of which the mean of each place is taken away, in a Zarr group as such data
//! are published: compressed, in chunks, with names. Both arrays can be opened by Python's zarr and xarray.
//!
//! ```sh
//! cargo run --release -p tenfold-array --features zarr --example climatology_zarr -- 90 180
//! ```

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use tenfold_array::ndarray::Ix3;
use tenfold_array::{
    Array, Random, Region, Settings, ZarrArray, ZarrCompressor, ZarrGroup, ZarrOptions,
    ZarrVersion, ZarrWriter,
};

const DAYS: usize = 3650;
const YEAR: usize = 365;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let rows: usize = arguments.next().map_or(Ok(18), |rows| rows.parse())?;
    let cols: usize = arguments.next().map_or(Ok(36), |cols| cols.parse())?;
    let folder = tempfile::tempdir()?;
    let attributes = [("title".to_owned(), "temperatures that nobody has measured".into())];
    let group = ZarrGroup::create(
        folder.path().join("climate.zarr"),
        ZarrVersion::V3,
        &attributes.into_iter().collect(),
    )?;
    let settings = Settings::new().with_memory("64MiB")?;
    let (shape, chunks) = ([DAYS, rows, cols], [73, rows, cols]);
    let options = ZarrOptions::new()
        .compressor(ZarrCompressor::BloscZstd(3))
        .dimension_names(&["day", "latitude", "longitude"])
        .attribute("units", "degrees");

    // A season, the climate of a latitude, and weather: written year by year, as it comes.
    let weather = Random::new(1).standard_normal::<f32, _>(shape, chunks) * 3.0;
    #[expect(clippy::cast_precision_loss, reason = "days and degrees")]
    let climate = Array::from_fn([YEAR, rows, cols], chunks, move |index| {
        let season = (index[0] as f32 / YEAR as f32 * std::f32::consts::TAU).sin();
        let latitude = index[1] as f32 / rows as f32 - 0.5;
        15.0 - 40.0 * latitude * latitude + 20.0 * latitude * season
    });
    let file =
        ZarrWriter::create_with(group.path().join("temperature"), &shape, &chunks, &options)?;
    for first in (0..DAYS).step_by(YEAR) {
        let days = first..first + YEAR;
        let year = &climate + &weather.slice(tenfold_array::ndarray::s![days.clone(), .., ..]);
        settings.store(&year, &Region::new(&file, &[days, 0..rows, 0..cols])?)?;
    }
    file.finish()?;

    let temperature = Array::<f32, Ix3>::from_source(group.array("temperature")?, "auto");
    let anomaly = &temperature - &temperature.mean_axis(0);
    print!("{}", settings.plan(&anomaly)?);
    let file = ZarrWriter::create_with(group.path().join("anomaly"), &shape, &chunks, &options)?;
    settings.store(&anomaly, &file)?;
    file.finish()?;

    println!("the group has {:?}", group.arrays()?);
    let anomaly = ZarrArray::open(group.path().join("anomaly"))?;
    let anomaly = Array::<f32, Ix3>::from_source(anomaly, "auto");
    let worst = anomaly.mean_axis(0).map(f32::abs).max().compute()?.into_scalar();
    println!("the mean anomaly of no place is more than {worst:e} degrees from 0");
    assert!(worst < 1e-4);
    Ok(())
}
