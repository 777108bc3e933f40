//! Micro-benchmarks of tenfold-gpu: what it costs to ask a device for something. Answers are checked before they are
//! timed. A device that computes on the processor is taken where there is no other, and named.
//!
//! Calls do not wait, so that the times of many are taken together, and all are waited for.

#![expect(clippy::print_stdout, reason = "it says what it runs on, or why it does not run")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput};
use tenfold_gpu::ndarray::{Array1, Axis};
use tenfold_gpu::{Device, DeviceArray, OnDevice as _, Result, Select};
use tenfold_kernel::kernel;

/// Numbers in 4 MiB.
const LEN: usize = 1 << 20;

/// As long as a device may work on what is waited for.
const PATIENCE: Duration = Duration::from_secs(600);

#[kernel]
fn saxpy(a: f32, x: f32, y: f32) -> f32 {
    a * x + y
}

/// Multiples of a quarter, so small that sums of all in any order are exact.
fn numbers(len: usize) -> Array1<f32> {
    (0_u16..13).cycle().take(len).map(|n| 0.25 * f32::from(n)).collect()
}

/// Times a closure so many times, and what it has put into the queue.
fn timed(device: &Device, count: u64, mut call: impl FnMut() -> Result<()>) -> Result<Duration> {
    let start = Instant::now();
    (0..count).try_for_each(|_| call())?;
    device.wait(PATIENCE)?;
    Ok(start.elapsed())
}

/// Adds a benchmark of calls that do not wait.
fn calls(c: &mut Criterion, name: &str, device: &Device, call: impl Fn() -> Result<()>) {
    c.bench_function(name, |b| {
        b.iter_custom(|count| timed(device, count, &call).expect("it went well before"));
    });
}

/// What a call costs, however little it has to do.
fn few(c: &mut Criterion, device: &Device) -> Result<()> {
    let x = device.upload(&numbers(4))?;
    assert_eq!(saxpy::on(device).map((2.0, &x, 1.0))?.to_array()?.to_vec(), [1.0, 1.5, 2.0, 2.5]);
    calls(c, "gpu/call with 4 elements", device, || {
        drop(black_box(saxpy::on(device).map((2.0, &x, 1.0))?));
        Ok(())
    });
    assert_eq!((&x * 2.0 + 1.0).eval()?.to_array()?.to_vec(), [1.0, 1.5, 2.0, 2.5]);
    calls(c, "gpu/expression with 4 elements", device, || {
        drop(black_box((&x * 2.0 + 1.0).eval()?));
        Ok(())
    });
    // There and back.
    assert_eq!(x.sum()?, 1.5);
    c.bench_function("gpu/sum of 4 elements, read", |b| b.iter(|| x.sum()));
    Ok(())
}

fn transfers(c: &mut Criterion, device: &Device) -> Result<()> {
    let host = numbers(LEN);
    let x = device.upload(&host)?;
    assert_eq!(x.to_array()?, host);
    let mut group = c.benchmark_group("gpu/4 MiB");
    group.throughput(Throughput::Bytes(4 * LEN as u64));
    group.bench_function("upload", |b| {
        let upload = || device.upload(black_box(&host)).map(drop);
        b.iter_custom(|count| timed(device, count, upload).expect("it went well before"));
    });
    group.bench_function("read", |b| b.iter(|| x.to_array()));
    group.finish();
    Ok(())
}

/// Six operations.
fn six(x: &DeviceArray<f32, ndarray::Ix1>) -> Result<DeviceArray<f32, ndarray::Ix1>> {
    ((x.lazy() * 2.0 + 1.0) * x - 3.0).abs().sqrt().eval()
}

fn many(c: &mut Criterion, device: &Device) -> Result<()> {
    let host = numbers(LEN);
    let x = device.upload(&host)?;
    assert_eq!(x.sum()?, host.iter().sum::<f32>());
    calls(c, "gpu/sum of 4 MiB", device, || {
        drop(black_box(x.sum_axis(Axis(0))?));
        Ok(())
    });
    let got = six(&x)?.to_array()?;
    let is_near = |(&got, &x): (&f32, &f32)| {
        let must = ((x * 2.0 + 1.0) * x - 3.0).abs().sqrt();
        (got - must).abs() <= 1e-6 * must.max(1.0)
    };
    assert!(got.iter().zip(&host).all(is_near));
    calls(c, "gpu/six operations on 4 MiB", device, || {
        drop(black_box(six(&x)?));
        Ok(())
    });
    Ok(())
}

/// A hundred dispatches, by a hundred calls and as one graph.
fn recorded(c: &mut Criterion, device: &Device) -> Result<()> {
    const STEPS: u8 = 100;
    let x = device.upload(&numbers(4))?;
    let saxpy = saxpy::on(device);
    let steps = || (0..STEPS).try_fold(x.clone(), |y, _| saxpy.map((1.0, &y, 1.0)));
    let must: Vec<f32> = numbers(4).iter().map(|x| x + f32::from(STEPS)).collect();
    assert_eq!(steps()?.to_array()?.to_vec(), must);
    calls(c, "gpu/100 calls", device, || steps().map(drop));
    let graph = device.record(|_| steps())?;
    graph.run(1)?;
    assert_eq!(graph.output().to_array()?.to_vec(), must);
    calls(c, "gpu/100 recorded dispatches", device, || graph.run(1));
    Ok(())
}

fn main() -> Result<()> {
    let device = match Device::open(Select::env().allow_software(true)) {
        Ok(device) => device,
        Err(error) => {
            let must = std::env::var("TENFOLD_REQUIRE_GPU").is_ok_and(|value| value == "1");
            println!("skipped: gpu: {error}");
            return if must { Err(error) } else { Ok(()) };
        }
    };
    println!("on {}", device.adapter());
    let mut criterion = Criterion::default().configure_from_args();
    for part in [few, transfers, many, recorded] {
        part(&mut criterion, &device)?;
    }
    criterion.final_summary();
    Ok(())
}
