//! The course's pi with `delayed`: points by chunks, each chunk a task, the counts added by a tree of tasks. No more than
//! some chunks are in memory at one time, and the number has the same bits on any number of threads.
//!
//! `cargo run --release --package tenfold-array --example delayed_pi`

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use tenfold_array::{Delayed, Error, Settings, delayed};
use tenfold_kernel::{Philox, kernel};

/// Points of a chunk, of two numbers of 8 bytes.
const CHUNK: usize = 100_000;
const CHUNKS: u64 = 100;

/// 1 for a point in the quarter of a circle.
#[kernel(reduce(sum))]
fn inside(x: f64, y: f64) -> u64 {
    (x * x + y * y <= 1.0) as u64
}

/// The coordinates of the points of a chunk: number `i` of a stream is the same whoever draws it.
fn points(chunk: u64) -> Delayed<(Vec<f64>, Vec<f64>)> {
    let draw = move |stream| {
        let mut numbers = vec![0.0; CHUNK];
        let coordinates = Philox::new(2026).stream(stream).random();
        coordinates.fill_from(chunk * CHUNK as u64, &mut numbers).map(|()| numbers)
    };
    let points =
        tenfold_array::try_delayed(move || Ok::<_, tenfold_kernel::Error>((draw(0)?, draw(1)?)));
    points.named("points").bytes(16 * CHUNK)
}

fn main() -> Result<(), Error> {
    let counts: Vec<Delayed<u64>> = (0..CHUNKS)
        .map(|chunk| points(chunk).try_map(|(x, y)| inside::reduce(x, y)).named("count"))
        .collect();
    let sum = Delayed::reduce(&counts, |a, b| a + b).unwrap_or_else(|| delayed(|| 0));
    let pi = sum.map(|&sum| 4.0 * sum as f64 / (CHUNKS * CHUNK as u64) as f64);

    // Two chunks at a time, of a hundred.
    let settings = Settings::new().memory(2 * 16 * CHUNK);
    let value = settings.compute(&pi)?;
    println!("pi is about {value} by {} points", CHUNKS * CHUNK as u64);
    println!("the least cap is {} bytes", settings.minimum_memory(&pi)?);
    assert!((value - std::f64::consts::PI).abs() < 3e-3);
    assert_eq!(value, Settings::new().threads(1).compute(&pi)?);
    Ok(())
}
