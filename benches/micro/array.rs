//! Arrays of tasks: what an operation, a plan and an element cost, and, with `--table`, the workloads of
//! `benches/peers/dask_arrays.py` beside Dask's threaded scheduler: on the same files, in turns, with the same answers;
//! those files are npy, and with the feature `zarr` Zarr too.
//!
//! ```sh
//! cargo bench -p tenfold-benches --bench array
//! cargo bench -p tenfold-benches --features zarr --bench array -- --table 16384
//! cargo bench -p tenfold-benches --bench array -- --table 16384 stencil    # those that have this in their name
//! ```

#[path = "array/against_dask.rs"]
mod against_dask;

use std::hint::black_box;

use anyhow::{Context as _, Result};
use criterion::{Criterion, Throughput, criterion_group};
use tenfold_array::{Array, Settings};

fn describing(criterion: &mut Criterion) {
    let x = Array::<f64, _>::ones([1 << 30, 1 << 20], [1 << 15, 1 << 5]);
    criterion.bench_function("an operation on 2^30 chunks", |bencher| {
        bencher.iter(|| black_box(&x + &x));
    });
    let sum = ((&x + &x) * 2.0 - &x.mean_axis(0)).sum();
    criterion
        .bench_function("a plan of 2^31 tasks", |bencher| bencher.iter(|| black_box(sum.plan())));
}

fn computing(criterion: &mut Criterion) {
    let n = 1 << 22;
    let x =
        Array::<f64, _>::from_fn(n, 1 << 18, |index| index[0] as f64).persist().expect("it fits");
    let one = Settings::new().threads(1);
    let mut group = criterion.benchmark_group("4 million f64, one thread");
    group.throughput(Throughput::Elements(n as u64));
    let sum = x.sum();
    assert_eq!(
        one.compute(&sum).expect("it fits").into_scalar(),
        (n as f64) * (n as f64 - 1.0) / 2.0
    );
    group.bench_function("sum", |bencher| bencher.iter(|| one.compute(&sum)));
    let chain = ((&x + 1.0) * 2.0 - &x) / 3.0;
    let summed = chain.sum();
    group.bench_function("a chain of four operations and a sum", |bencher| {
        bencher.iter(|| one.compute(&summed));
    });
    group.bench_function("a chain of four operations, stored", |bencher| {
        bencher.iter(|| one.compute(&chain));
    });
    let (largest, large) = (x.argmax(), x.greater(1.0).sum());
    assert_eq!(one.compute(&largest).expect("it fits").into_scalar(), n.cast_signed() as i64 - 1);
    assert_eq!(one.compute(&large).expect("it fits").into_scalar(), n.cast_signed() as i64 - 2);
    group.bench_function("argmax", |bencher| bencher.iter(|| one.compute(&largest)));
    group.bench_function("a comparison and a count", |bencher| {
        bencher.iter(|| one.compute(&large));
    });
    group.finish();
    let tiny = Array::<f64, _>::ones(1 << 14, 1).sum();
    criterion.bench_function("16,384 chunks of one element", |bencher| {
        bencher.iter(|| one.compute(&tiny));
    });
}

criterion_group!(benches, describing, computing);

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == "--table") {
        let n = arguments.get(at + 1).map_or(Ok(4096), |n| n.parse());
        let name = arguments.get(at + 2).filter(|name| !name.starts_with("--"));
        return against_dask::table(
            n.context("no number of rows")?,
            name.map_or("", String::as_str),
        );
    }
    benches();
    Criterion::default().configure_from_args().final_summary();
    Ok(())
}
