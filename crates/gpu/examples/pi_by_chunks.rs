//! Pi by random points, four times as many as the device may hold: chunks of them go through it one after
//! another, and while it counts one, the next is drawn and sent.
//!
//! `cargo run --release --package tenfold-gpu --example pi_by_chunks`

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use std::error::Error;
use std::time::Duration;

use tenfold_gpu::ndarray::{Array1, Ix1, s};
use tenfold_gpu::{Device, DeviceArray, ReadBack, Select, Settings};
use tenfold_kernel::Philox;

const BUDGET_BYTES: u64 = 8 << 20;
/// Points of a chunk. Each takes 14 bytes on the device, with what lies between.
const CHUNK: usize = 1 << 17;

/// How many points of a chunk lie in a quarter of a circle, on its way back.
fn count(
    x: &DeviceArray<f32, Ix1>,
    y: &DeviceArray<f32, Ix1>,
) -> Result<ReadBack<u32, Ix1>, tenfold_gpu::Error> {
    let mut inside = (x * x + y * y).le(1.0).eval()?;
    // Halves are added until one number is left.
    while inside.len() > 1 {
        let half = inside.len() / 2;
        inside = (inside.slice(s![..half])? + inside.slice(s![half..])?).eval()?;
    }
    inside.read()
}

fn main() -> Result<(), Box<dyn Error>> {
    let settings = Settings::new().memory_bytes(BUDGET_BYTES);
    let device = match Device::open_with(Select::env().allow_software(true), &settings) {
        Ok(device) => device,
        Err(error) => {
            println!("skipped: pi_by_chunks: {error}");
            return Ok(());
        }
    };
    println!("on {}", device.adapter());
    let bytes = 4 * BUDGET_BYTES;
    let points = usize::try_from(bytes)? / 8;
    let numbers = Philox::new(2026).random::<f32>();
    let (mut x, mut y) = (Array1::zeros(CHUNK), Array1::zeros(CHUNK));
    let (mut inside, mut under_way) = (0_u64, None::<ReadBack<u32, Ix1>>);
    for chunk in 0..points / CHUNK {
        let first = u64::try_from(2 * chunk * CHUNK)?;
        numbers.fill_from(first, x.as_slice_mut().ok_or("dense")?)?;
        numbers.fill_from(first + u64::try_from(CHUNK)?, y.as_slice_mut().ok_or("dense")?)?;
        let next = count(&device.upload(&x)?, &device.upload(&y)?)?;
        // The one before was counted in the meantime.
        if let Some(mut before) = under_way.replace(next) {
            inside += u64::from(before.wait(Duration::from_secs(60))?[0]);
        }
    }
    if let Some(mut last) = under_way {
        inside += u64::from(last.wait(Duration::from_secs(60))?[0]);
    }
    let pi = 4.0 * inside as f64 / points as f64;
    let peak = device.memory().peak_bytes;
    println!("pi is about {pi:.5}, by {points} points; at most {peak} of {bytes} bytes were there");
    assert!((pi - std::f64::consts::PI).abs() < 0.005);
    assert!(peak <= BUDGET_BYTES);
    Ok(())
}
