//! How far the time that a plan is estimated to take is off: for some twenty workloads in memory and from a file, the
//! estimate beside the time of the processor that one thread took, the least of a few runs.
//!
//! ```sh
//! cargo run --release -p tenfold-array --example estimate -- 8192 3    # rows and columns, runs
//! ```

#![expect(clippy::print_stdout, reason = "an example shows its result")]
#![expect(clippy::reversed_empty_ranges, reason = "slices count from the end")]
#![expect(clippy::cast_precision_loss, reason = "times and sizes are shown")]

use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::Instant;

use tenfold_array::ndarray::{Array2, Ix0, Ix2, s};
use tenfold_array::{Array, Border, NpyFile, NpyWriter, Random, Settings};

type Matrix = Array<f64, Ix2>;

/// What is computed.
enum Case {
    Number(Array<f64, Ix0>),
    Kept(Matrix),
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let n = arguments.first().map_or(Ok(4096), |n| n.parse())?;
    let runs: usize = arguments.get(1).map_or(Ok(5), |runs| runs.parse())?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("x.npy");
    let one = Settings::new().threads(1);
    let file = NpyWriter::create(&path, &[n, n])?;
    one.store(&Random::new(7).uniform::<f64, _>([n, n], 0.5..1.0, 1024), &file)?;
    file.finish()?;

    println!("{:32} {:>12} {:>12} {:>8}", "", "estimate, ms", "took, ms", "ratio");
    let mut logarithms = vec![];
    for (name, case) in cases(&path, n)? {
        let plan = match &case {
            Case::Number(number) => one.plan(number)?,
            Case::Kept(matrix) => one.plan(matrix)?,
        };
        let estimate = plan.estimated_time().as_secs_f64() * 1e3;
        let mut took = f64::INFINITY;
        for _ in 0..runs {
            let before = processor_ms();
            match &case {
                Case::Number(number) => drop(one.compute(number)?),
                Case::Kept(matrix) => drop(one.compute(matrix)?),
            }
            took = took.min(processor_ms() - before);
        }
        let ratio = estimate / took;
        println!("{name:32} {estimate:>12.1} {took:>12.1} {ratio:>8.2}");
        logarithms.push(ratio.ln().abs());
    }
    logarithms.sort_by(f64::total_cmp);
    let factor = |at: usize| logarithms.get(at).map_or(1.0, |off| off.exp());
    let last = logarithms.len().saturating_sub(1);
    println!("off by {:.2} in the middle, by {:.2} at most", factor(last / 2), factor(last));
    Ok(())
}

fn cases(path: &Path, n: usize) -> Result<Vec<(&'static str, Case)>, Box<dyn Error>> {
    let open = |rows: usize, cols: usize| -> Result<Matrix, tenfold_array::Error> {
        Ok(Array::from_source(NpyFile::open(path)?, [rows, cols]))
    };
    let (f, rows) = (open(1024, 1024)?, open(256, n)?);
    let x = Array::from_ndarray(
        Array2::from_shape_fn([n, n], |(i, j)| 1.0 + ((i ^ j) % 97) as f64),
        1024,
    );
    let small = x.slice(s![..1024, ..1024]).rechunk(512);
    let mut random = Random::new(3);
    let around = x.map_overlap(&[1, 1], Border::Wrap, |u, _| {
        &u.slice(s![..-2, 1..-1])
            + &u.slice(s![2.., 1..-1])
            + u.slice(s![1..-1, ..-2])
            + u.slice(s![1..-1, 2..])
    });
    let number = Case::Number;
    Ok(vec![
        ("ones.sum()", number(Array::<f64, _>::ones([n, n], 1024).sum())),
        ("uniform.sum()", number(random.uniform::<f64, _>([n, n], 0.0..1.0, 1024).sum())),
        ("normal.sum()", number(random.standard_normal::<f64, _>([n, n], 1024).sum())),
        ("x.sum()", number(x.sum())),
        ("x.std()", number(x.std(0.0))),
        ("x.max_axis(0).sum()", number(x.max_axis(0).sum())),
        ("x + 1", Case::Kept(&x + 1.0)),
        ("(x * 2 + 1) / x", Case::Kept((&x * 2.0 + 1.0) / &x)),
        ("x.exp().sum()", number(x.exp().sum())),
        ("x.powf(1.5).sum()", number(x.powf(1.5).sum())),
        ("(x + x.T).sum()", number((&x + &x.t()).sum())),
        ("x.roll(0, 100).sum()", number(x.roll(0, 100).sum())),
        ("x.cumsum(0).max()", number(x.cumsum(0).max())),
        ("4-point overlap of x", number(around.sum())),
        ("x[:1024, :1024] @ itself", number(small.matmul(&small).sum())),
        ("file.sum()", number(f.sum())),
        ("file.sum(), rows", number(rows.sum())),
        ("(file - file.mean(0)).sum()", number((&rows - &rows.mean_axis(0)).sum())),
        ("(file + file.T).mean(0)", number((&f + &f.t()).mean_axis(0).sum())),
        ("file[::2, ::-1].sum()", number(f.slice(s![..;2, ..;-1]).sum())),
    ])
}

/// Milliseconds that the processor has worked for this thread, or those on the clock where the system does not tell.
fn processor_ms() -> f64 {
    let told = fs::read_to_string("/proc/thread-self/schedstat").ok();
    let told = told.and_then(|line| line.split(' ').next()?.parse::<f64>().ok());
    told.map_or_else(|| CLOCK.with(|start| start.elapsed().as_secs_f64() * 1e3), |ns| ns * 1e-6)
}

thread_local! {
    static CLOCK: Instant = Instant::now();
}
