//! Two vectors added in four ways: by arithmetic of arrays, by a function of numbers that runs on the processor too, by a kernel
//! in WGSL, and by a graph that is recorded once.
//!
//! `cargo run --release --package tenfold-gpu --example vector_addition`

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use tenfold_gpu::ndarray::Array;
use tenfold_gpu::{Device, Error, OnDevice as _, Select};
use tenfold_kernel::kernel;

// ANCHOR: kernel
#[kernel]
fn add(a: f32, b: f32) -> f32 {
    a + b
}
// ANCHOR_END: kernel

// ANCHOR: source
const ADD: &str = "
    @group(0) @binding(0) var<storage, read> a: array<f32>;
    @group(0) @binding(1) var<storage, read> b: array<f32>;
    @group(0) @binding(2) var<storage, read_write> c: array<f32>;

    @compute @workgroup_size(256)
    fn add(@builtin(global_invocation_id) id: vec3<u32>) {
        if id.x < arrayLength(&c) {
            c[id.x] = a[id.x] + b[id.x];
        }
    }
";
// ANCHOR_END: source

fn main() -> Result<(), Error> {
    let device = match Device::open(Select::env().allow_software(true)) {
        Ok(device) => device,
        Err(error) => {
            println!("skipped: vector_addition: {error}");
            return Ok(());
        }
    };
    println!("on {}", device.adapter());
    // ANCHOR: arithmetic
    let host = Array::from_iter((0..60_000_u16).map(|i| f32::from(i % 1000)));
    let (a, b) = (device.upload(&host)?, device.upload(&host.mapv(|x| 2.0 * x))?);
    let expected = host.mapv(|x| 3.0 * x);

    let by_arithmetic = (&a + &b).eval()?;
    assert_eq!(by_arithmetic.to_array()?, expected);
    // ANCHOR_END: arithmetic
    println!("by a + b: right");

    // ANCHOR: by_kernel
    let by_kernel = add::on(&device).map((&a, &b))?;
    assert_eq!(by_kernel.to_array()?, expected);
    // ANCHOR_END: by_kernel
    println!("by #[kernel]: right");

    // ANCHOR: raw
    let raw = device.raw_kernel(ADD, "add")?;
    let mut by_source = device.zeros::<f32, _>(a.len())?;
    let groups = u32::try_from(a.len().div_ceil(256)).unwrap_or(u32::MAX);
    raw.run([groups, 1, 1], (&a, &b, &mut by_source))?;
    assert_eq!(by_source.to_array()?, expected);
    // ANCHOR_END: raw
    println!("by WGSL: right");

    let graph = device.record(|_| add::on(&device).map((&a, &b)))?;
    graph.run(1)?;
    assert_eq!(graph.output().to_array()?, expected);
    println!("by a graph: right");
    Ok(())
}
