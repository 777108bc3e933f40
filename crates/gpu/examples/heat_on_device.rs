//! A plate that cools down, a thousand steps ahead without leaving the device, and a picture of it.
//!
//! `cargo run --release --package tenfold-gpu --example heat_on_device`

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use std::error::Error;

use tenfold_gpu::ndarray::Array2;
use tenfold_gpu::{Device, OnDevice as _, Select};
use tenfold_kernel::{Nbr2, kernel};

/// No heat leaves over the border.
#[kernel(stencil, border = nearest)]
fn heat(u: Nbr2<f32>, rate: f32) -> f32 {
    u[[0, 0]] + rate * (u[[-1, 0]] + u[[1, 0]] + u[[0, -1]] + u[[0, 1]] - 4.0 * u[[0, 0]])
}

fn main() -> Result<(), Box<dyn Error>> {
    let device = match Device::open(Select::env().allow_software(true)) {
        Ok(device) => device,
        Err(error) => {
            println!("skipped: heat_on_device: {error}");
            return Ok(());
        }
    };
    println!("on {}", device.adapter());
    let (height, width) = (120_u16, 160_u16);
    let mut plate = Array2::from_shape_fn((height.into(), width.into()), |(i, j)| {
        let (y, x) = (i as f32 - 60.0, j as f32 - 80.0);
        let ring = (x * x + y * y).sqrt();
        if (25.0..45.0).contains(&ring) { 1.0 } else { 0.0 }
    });
    let before = plate.sum();
    let u = device.upload(&plate)?;
    let after = heat::on(&device).steps(1000, (&u, 0.2))?;
    // From 0 to 255 on the device, and four times fewer bytes than as numbers would do.
    let warmest = after.to_array()?.iter().fold(0.0_f32, |a, &b| a.max(b));
    let shades = (&after * (255.0 / warmest)).round().clamp(0.0, 255.0).cast::<u32>().eval()?;
    let shades = shades.to_array()?;

    // The processor takes the same steps to the same bits.
    heat::steps(1000).run(&mut plate, 0.2)?;
    let after = after.to_array()?;
    assert_eq!(after, plate);
    assert!((after.sum() - before).abs() < 1e-3 * before);

    let mut picture = format!("P5 {width} {height} 255\n").into_bytes();
    picture.extend(shades.iter().map(|&shade| u8::try_from(shade).unwrap_or(u8::MAX)));
    let path = std::env::temp_dir().join("tenfold-heat.pgm");
    std::fs::write(&path, picture)?;
    println!("1000 steps, the warmest place has {warmest:.3}: {}", path.display());
    Ok(())
}
