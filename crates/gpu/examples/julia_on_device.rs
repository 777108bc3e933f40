//! A Julia set: a function with a loop that runs on the device and on the processor, and a picture.
//!
//! `cargo run --release --package tenfold-gpu --example julia_on_device`

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use std::error::Error;

use tenfold_gpu::ndarray::{Array, Axis};
use tenfold_gpu::{Device, OnDevice as _, Select};
use tenfold_kernel::kernel;

/// How many steps of `z^2 + c` it takes to leave the circle of radius 2.
#[kernel]
fn julia(x: f32, y: f32, most: u32) -> u32 {
    let mut a = x;
    let mut b = y;
    let mut n = 0_u32;
    while n < most && a * a + b * b <= 4.0 {
        let t = a * a - b * b - 0.835;
        b = 2.0 * a * b - 0.2321;
        a = t;
        n += 1;
    }
    n
}

fn main() -> Result<(), Box<dyn Error>> {
    let device = match Device::open(Select::env().allow_software(true)) {
        Ok(device) => device,
        Err(error) => {
            println!("skipped: julia_on_device: {error}");
            return Ok(());
        }
    };
    println!("on {}", device.adapter());
    let (width, height, most) = (320_u16, 240_u16, 255);
    let x = Array::linspace(-1.6_f32, 1.6, width.into());
    let y = Array::linspace(-1.2_f32, 1.2, height.into()).insert_axis(Axis(1));
    let (a, b) = (device.upload(&x)?, device.upload(&y)?);
    // A row and a column are broadcast to a picture.
    let steps = julia::on(&device).map((&a, &b, most))?;
    let shades = (steps.lazy().cast::<f32>().sqrt() * 16.0).min(255.0).cast::<u32>().eval()?;
    let steps = steps.to_array()?;
    assert_eq!(steps, julia::map(&x, &y, most)?);

    let mut picture = format!("P5 {width} {height} 255\n").into_bytes();
    picture.extend(shades.to_array()?.iter().map(|&shade| u8::try_from(shade).unwrap_or(u8::MAX)));
    let path = std::env::temp_dir().join("tenfold-julia.pgm");
    std::fs::write(&path, picture)?;
    let longest = steps.iter().max().ok_or("no points")?;
    println!("{} points, at most {longest} steps: {}", steps.len(), path.display());
    Ok(())
}
