//! What ran when: anomalies of an array in a file, written to another, as a page and for Perfetto.
//!
//! ```text
//! cargo run --release -p tenfold-array --example trace [FOLDER]
//! ```

#![expect(clippy::print_stdout, reason = "it is a program for the terminal")]

use std::path::PathBuf;

use tenfold_array::ndarray::Ix2;
use tenfold_array::{Array, Error, NpyFile, NpyWriter, Random, Settings};

fn main() -> Result<(), Error> {
    let folder = std::env::args().nth(1).map_or_else(std::env::temp_dir, PathBuf::from);
    let [input, output, page, json] =
        ["trace-in.npy", "trace-out.npy", "trace.html", "trace.json"].map(|name| folder.join(name));
    let settings = Settings::new().threads(2).with_memory("16MiB")?;

    let numbers = Random::new(7).standard_normal::<f64, _>([4096, 4096], 512);
    let file = NpyWriter::create(&input, &numbers.shape())?;
    settings.store(&numbers, &file)?;
    file.finish()?;

    let x = Array::<f64, Ix2>::from_source(NpyFile::open(&input)?, 512);
    let anomaly = (&x - &x.mean_axis(0)) / &x.std_axis(0, 0.0);
    let file = NpyWriter::create(&output, &anomaly.shape())?;
    let (stored, traces) = settings.traced(|settings| settings.store(&anomaly, &file));
    stored?;
    file.finish()?;

    let trace = &traces[0];
    print!("{trace}");
    trace.write_html(&page)?;
    trace.write_perfetto(&json)?;
    println!("{} in a browser, {} in ui.perfetto.dev", page.display(), json.display());
    [input, output].iter().for_each(|file| drop(std::fs::remove_file(file)));
    Ok(())
}
