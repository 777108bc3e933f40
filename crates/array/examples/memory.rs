//! What computations on an array in a file take of memory, planned and actual: those that other libraries hold all
//! of the array for among them. It fails where one takes more than its plan says, or than the cap, or reads the
//! file more than 2.2 times.
//!
//! ```sh
//! cargo run --release -p tenfold-array --example memory -- 16384 512MiB
//! cargo run --release -p tenfold-array --example memory -- 16384 256MiB    # 32 chunks
//! ```

#![expect(clippy::print_stdout, reason = "an example shows its result")]
#![expect(clippy::reversed_empty_ranges, reason = "slices count from the end")]

use std::error::Error;
use std::fs;

use tenfold_array::ndarray::{Ix0, Ix2, s};
use tenfold_array::{Array, Border, NpyFile, NpyWriter, Random, Settings};

const MIB: f64 = 1024.0 * 1024.0;

type Case = (&'static str, Array<f64, Ix0>);

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let n: usize = arguments.next().map_or(Ok(2048), |n| n.parse())?;
    let cap = arguments.next().unwrap_or_else(|| "96MiB".to_owned());
    let settings = Settings::new().threads(2).with_memory(&cap)?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("x.npy");
    let x = Random::new(7).uniform::<f64, _>([n, n], 0.0..1.0, 1024);
    let file = NpyWriter::create(&path, &x.shape())?;
    settings.store(&x, &file)?;
    file.finish()?;

    let bytes = (n * n * 8) as f64;
    println!("{n} x {n} f64, {:.0} MiB in a file, cap {cap}, 2 threads", bytes / MIB);
    println!(
        "{:28} {:>12} {:>12} {:>8} {:>12}",
        "", "plan, MiB", "peak, MiB", "passes", "spill, MiB"
    );
    for (name, array) in cases(&path, n) {
        let plan = settings.plan(&array)?;
        let planned = plan.peak_memory() as f64 / MIB;
        let spilled = plan.bytes_spilled() as f64 / MIB;
        let passes = plan.bytes_read() as f64 / bytes;
        let before = resident_again();
        settings.compute(&array)?;
        let peak = status("VmHWM") - before;
        println!("{name:28} {planned:>12.1} {peak:>12.1} {passes:>8.2} {spilled:>12.1}");
        if peak > planned * 1.05 + 16.0
            || passes > 2.2
            || plan.peak_memory() as f64 > mib(&cap)? * MIB
        {
            return Err(format!("{name} breaks its contract").into());
        }
    }
    Ok(())
}

fn cases(path: &std::path::Path, n: usize) -> Vec<Case> {
    let open = |rows: usize, cols: usize| match NpyFile::open(path) {
        Ok(file) => Array::<f64, Ix2>::from_source(file, [rows, cols]),
        Err(error) => panic!("{error}"),
    };
    let long = ((1 << 20) / n).max(1);
    let (x, rows) = (open(1024, 1024), open(long, n));
    let anomaly = |x: &Array<f64, Ix2>| (x - &x.mean_axis(0)).sum();
    let deviation = &x - &x.mean();
    let around = x.map_overlap(&[1, 1], Border::Wrap, |u, _| {
        &u.slice(s![..-2, 1..-1])
            + &u.slice(s![2.., 1..-1])
            + u.slice(s![1..-1, ..-2])
            + u.slice(s![1..-1, 2..])
    });
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    let slim = Array::from_fn([n, 64], [1024, 64], |index| (index[0] + index[1]) as f64);
    vec![
        ("x.sum()", x.sum()),
        ("(x + x.T).mean(0)", (&x + &x.t()).mean_axis(0).sum()),
        ("(x - x.mean(0)).sum(), rows", anomaly(&rows)),
        ("(x - x.mean(0)).sum(), blocks", anomaly(&x)),
        ("((x - x.mean()) ** 2).sum()", (&deviation * &deviation).sum()),
        ("4-point overlap", around.sum()),
        ("tensordot with 64 columns", x.dot(&slim).sum()),
        ("rows to columns, max", rows.rechunk([n, long]).max_axis(1).sum()),
    ]
}

/// The cap as a number, for what is printed here.
fn mib(text: &str) -> Result<f64, Box<dyn Error>> {
    Ok(text.strip_suffix("MiB").ok_or("a cap in MiB")?.parse()?)
}

/// What the process takes, from where its peak is counted again.
fn resident_again() -> f64 {
    let _ = fs::write("/proc/self/clear_refs", "5");
    status("VmRSS")
}

/// A line of `/proc/self/status`, in MiB. Elsewhere than on Linux it is not there, and nothing is compared.
fn status(field: &str) -> f64 {
    let text = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with(field));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok())
        .map_or(f64::NAN, |kib| kib / 1024.0)
}
