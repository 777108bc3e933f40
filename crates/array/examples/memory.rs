//! What computations on an array in a file take of memory, planned and actual: those that other libraries hold all
//! of the array for among them. It fails where one takes more than its plan says, or than the cap, or reads the
//! file more than 2.2 times.
//!
//! ```sh
//! cargo run --release -p tenfold-array --example memory -- 16384 512MiB
//! cargo run --release -p tenfold-array --example memory -- 16384 512MiB 8  # threads, 2 if it is not said
//! cargo run --release -p tenfold-array --example memory -- 16384 256MiB    # 32 chunks
//! ```

#![expect(clippy::print_stdout, reason = "an example shows its result")]
#![expect(clippy::reversed_empty_ranges, reason = "slices count from the end")]

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::Command;

use tenfold_array::ndarray::{ArrayView2, Ix0, Ix2, s};
use tenfold_array::{Array, Border, NpyFile, NpyWriter, Random, Settings};

const MIB: f64 = 1024.0 * 1024.0;

type Case = (&'static str, Array<f64, Ix0>);

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match &arguments[..] {
        [n, cap, threads, path, case] => {
            let settings = Settings::new().threads(threads.parse()?).with_memory(cap)?;
            one(n.parse()?, &settings, path.as_ref(), case.parse()?)
        }
        [n, cap, threads] => all(n.parse()?, cap, threads),
        [n, cap] => all(n.parse()?, cap, "2"),
        [n] => all(n.parse()?, "96MiB", "2"),
        _ => all(2048, "96MiB", "2"),
    }
}

/// Writes the file, and has each case computed by a process of its own: what one has taken stays with it.
fn all(n: usize, cap: &str, threads: &str) -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("x.npy");
    let x = Random::new(7).uniform::<f64, _>([n, n], 0.0..1.0, 1024);
    let file = NpyWriter::create(&path, &x.shape())?;
    Settings::new().with_memory(cap)?.store(&x, &file)?;
    file.finish()?;
    let size = (n * n * 8) as f64 / MIB;
    println!("{n} x {n} f64, {size:.0} MiB in a file, cap {cap}, {threads} threads");
    println!(
        "{:32} {:>12} {:>12} {:>8} {:>12}",
        "", "plan, MiB", "peak, MiB", "passes", "spill, MiB"
    );
    for case in 0..cases(&path, n).len() {
        let mut own = Command::new(std::env::current_exe()?);
        own.args([&n.to_string(), cap, threads]).arg(&path).arg(case.to_string());
        if !own.status()?.success() {
            return Err(format!("case {case} breaks its contract").into());
        }
    }
    Ok(())
}

fn one(n: usize, settings: &Settings, path: &Path, case: usize) -> Result<(), Box<dyn Error>> {
    let (name, array) = cases(path, n).swap_remove(case);
    let plan = settings.plan(&array)?;
    let planned = plan.peak_memory() as f64 / MIB;
    let spilled = plan.bytes_spilled() as f64 / MIB;
    let passes = plan.bytes_read() as f64 / (n * n * 8) as f64;
    let before = resident_again();
    settings.compute(&array)?;
    let peak = status("VmHWM") - before;
    println!("{name:32} {planned:>12.1} {peak:>12.1} {passes:>8.2} {spilled:>12.1}");
    if peak > planned * 1.05 + 16.0 || passes > 2.2 {
        return Err(format!("{name} breaks its contract").into());
    }
    Ok(())
}

fn cases(path: &Path, n: usize) -> Vec<Case> {
    let open = |rows: usize, cols: usize| match NpyFile::open(path) {
        Ok(file) => Array::<f64, Ix2>::from_source(file, [rows, cols]),
        Err(error) => panic!("{error}"),
    };
    let long = ((1 << 20) / n).max(1);
    let (x, rows) = (open(1024, 1024), open(long, n));
    let anomaly = |x: &Array<f64, Ix2>| (x - &x.mean_axis(0)).sum();
    let deviation = &x - &x.mean();
    let around = |u: ArrayView2<'_, f64>| {
        &u.slice(s![..-2, 1..-1])
            + &u.slice(s![2.., 1..-1])
            + u.slice(s![1..-1, ..-2])
            + u.slice(s![1..-1, 2..])
    };
    let overlap = x.map_overlap(&[1, 1], Border::Wrap, move |u, _| around(u));
    let stencil = x.stencil(&[1, 1], Border::Wrap, move |u, _| around(u));
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    let slim = Array::from_fn([n, 64], [1024, 64], |index| (index[0] + index[1]) as f64);
    let joined = Array::concatenate(0, &[x.clone(), x.slice(s![..(n / 2).cast_signed(), ..])]);
    let inner = (n / 8).cast_signed();
    let (left, upper) = (x.slice(s![.., ..inner]), x.slice(s![..inner, ..]));
    vec![
        ("x.sum()", x.sum()),
        ("(x + x.T).mean(0)", (&x + &x.t()).mean_axis(0).sum()),
        ("(x - x.mean(0)).sum(), rows", anomaly(&rows)),
        ("(x - x.mean(0)).sum(), blocks", anomaly(&x)),
        ("((x - x.mean()) ** 2).sum()", (&deviation * &deviation).sum()),
        ("4-point overlap", overlap.sum()),
        ("4-point stencil", stencil.sum()),
        ("x.cumsum(0).max()", x.cumsum(0).max()),
        ("x[::2, ::-1].sum()", x.slice(s![..;2, ..;-1]).sum()),
        ("concatenate(x, x[:n/2]).sum()", joined.sum()),
        ("tensordot with 64 columns", x.dot(&slim).sum()),
        ("tensordot of two large arrays", left.dot(&upper).sum()),
        ("rows to columns, max", rows.rechunk([n, long]).max_axis(1).sum()),
    ]
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
