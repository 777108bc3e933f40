//! The sum of an array in Zarr, packed by Zstandard and not packed, beside Dask's if `PEERS_PYTHON` names a Python that
//! has it and zarr: in turns, of the same files, with two threads each; the least processor time of three runs.
//!
//! ```sh
//! PEERS_PYTHON=python3 cargo run --release -p tenfold-array --features zarr --example zarr_sum -- 8192
//! ```

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use std::error::Error;
use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use tenfold_array::ndarray::Ix2;
use tenfold_array::{Array, Random, Settings, ZarrArray, ZarrCompressor, ZarrOptions, ZarrWriter};

const ROUNDS: usize = 3;

/// What Dask does, and what it says: the sum, seconds of the processor, and seconds.
const PYTHON: &str = "
import sys, time, dask, dask.array as da
x = da.from_zarr(sys.argv[1]).sum()
with dask.config.set(scheduler='threads', num_workers=2):
    cpu, wall = time.process_time(), time.perf_counter()
    total = float(x.compute())
    print(total, time.process_time() - cpu, time.perf_counter() - wall)
";

/// A sum, with the seconds of the processor and of the clock that it took.
type Run = [f64; 3];

fn main() -> Result<(), Box<dyn Error>> {
    let n: usize = std::env::args().nth(1).map_or(Ok(256), |n| n.parse())?;
    let python = std::env::var_os("PEERS_PYTHON");
    let folder = tempfile::tempdir()?;
    println!(
        "{n} x {n} f64 in chunks of {0} x {0}, two threads, least of {ROUNDS} runs",
        1024.min(n)
    );
    for (name, compressor) in
        [("not packed", ZarrCompressor::None), ("Zstandard", ZarrCompressor::Zstd)]
    {
        let path = folder.path().join(name);
        write(&path, n, compressor)?;
        let (mut ours, mut dasks) = (vec![], vec![]);
        for _ in 0..ROUNDS {
            ours.push(sum(&path)?);
            if let Some(python) = &python {
                dasks.push(dask(python, &path)?);
            }
        }
        let ours = least(&ours);
        println!("{name:12} ours {:7.3} s of the processor ({:.3} s)", ours[1], ours[2]);
        if !dasks.is_empty() {
            let dask = least(&dasks);
            assert!((ours[0] / dask[0] - 1.0).abs() < 1e-9, "{} is not {}", ours[0], dask[0]);
            println!(
                "{:12} dask {:7.3} s ({:.3} s): {:.1} times",
                "",
                dask[1],
                dask[2],
                dask[1] / ours[1]
            );
        }
    }
    Ok(())
}

/// Numbers of three digits, as measurements have them: of random bits nothing could be packed.
fn write(path: &Path, n: usize, compressor: ZarrCompressor) -> Result<(), Box<dyn Error>> {
    let x = Random::new(7).uniform::<f64, _>([n, n], 0.0..1.0, 1024);
    let x = x.map(|number| (number * 1000.0).round() / 8.0);
    let chunk = [1024.min(n); 2];
    let options = ZarrOptions::new().compressor(compressor);
    let writer = ZarrWriter::create_with(path, &[n, n], &chunk, &options)?;
    Settings::new().threads(2).store(&x, &writer)?;
    Ok(writer.finish()?)
}

fn sum(path: &Path) -> Result<Run, Box<dyn Error>> {
    let x = Array::<f64, Ix2>::from_source(ZarrArray::open(path)?, "auto");
    let (cpu, wall) = (processor_seconds(), Instant::now());
    let sum = Settings::new().threads(2).compute(&x.sum())?.into_scalar();
    Ok([sum, processor_seconds() - cpu, wall.elapsed().as_secs_f64()])
}

fn dask(python: &OsStr, path: &Path) -> Result<Run, Box<dyn Error>> {
    let output = Command::new(python).args(["-c", PYTHON]).arg(path).output()?;
    let told = String::from_utf8(output.stdout)?;
    let numbers: Result<Vec<f64>, _> = told.split_whitespace().map(str::parse).collect();
    let numbers = numbers?.try_into();
    numbers.map_err(|_| String::from_utf8_lossy(&output.stderr).into_owned().into())
}

/// The run that took the processor the least time.
fn least(runs: &[Run]) -> Run {
    runs.iter().copied().min_by(|a, b| a[1].total_cmp(&b[1])).unwrap_or_default()
}

/// What this process and its threads have taken so far; 0 where the system does not say.
fn processor_seconds() -> f64 {
    let told = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // Behind the name: the fields 14 and 15 are ticks of 10 ms in the program and in the system.
    let fields = told.rsplit(')').next().unwrap_or_default().split_whitespace();
    fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}
