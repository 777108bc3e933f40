//! Pi by random points of an array that is four times as large as the device's memory may be.
//!
//! The array is tenfold-array's: its executor draws chunks on all cores and gives each to a [`Target`], which sends it
//! to the device and counts it there. Nobody waits for a count before more chunks are under way, so that drawing,
//! sending and counting go on at once. In the end tenfold-array counts the same points on the processor.
//!
//! ```sh
//! cargo run --release --package tenfold-gpu --example pi_by_chunks -- 4194304
//! ```

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use std::collections::VecDeque;
use std::error::Error;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tenfold_array::{Array, Chunks, Dims, Random, Target, Window};
use tenfold_gpu::ndarray::{ArrayView1, Axis, Ix0, Ix2};
use tenfold_gpu::{Device, OnDevice as _, ReadBack, Select, Settings};
use tenfold_kernel::kernel;

/// The device may hold as much as so many chunks for each core, which has one there at a time.
const CHUNKS_OF_CORE: usize = 4;
/// Counts on their way back before the oldest is waited for.
const UNDER_WAY: usize = 8;
const PATIENCE: Duration = Duration::from_secs(60);

/// Whether a point lies in a quarter of a circle; the sum is how many do.
#[kernel(reduce(sum))]
fn inside(x: f32, y: f32) -> u32 {
    if x * x + y * y <= 1.0 { 1 } else { 0 }
}

/// Counts the points that it is given: x in row 0, y in row 1.
#[derive(Debug)]
struct Counter {
    device: Device,
    /// In which the device's memory was counted.
    chunks: Chunks,
    under_way: Mutex<VecDeque<ReadBack<u32, Ix0>>>,
    inside: AtomicU64,
    /// What went wrong first.
    error: Mutex<Option<tenfold_gpu::Error>>,
}

impl Counter {
    fn new(device: Device, chunks: Chunks) -> Self {
        let (under_way, error) = Default::default();
        Self { device, chunks, under_way, inside: 0.into(), error }
    }

    /// Sends points to the device, and what counts them there after them.
    fn send(&self, points: &[f32]) -> tenfold_gpu::Result<()> {
        let (x, y) = points.split_at(points.len() / 2);
        let x = self.device.upload(&ArrayView1::from(x))?;
        let y = self.device.upload(&ArrayView1::from(y))?;
        let count = inside::on(&self.device).reduce_axis(Axis(0), (&x, &y))?.read()?;
        locked(&self.under_way).push_back(count);
        self.settle(UNDER_WAY)
    }

    /// Takes the oldest counts in, until no more than this are under way.
    fn settle(&self, most: usize) -> tenfold_gpu::Result<()> {
        while let Some(mut oldest) = self.oldest(most) {
            let count = oldest.wait(PATIENCE)?.into_scalar();
            self.inside.fetch_add(u64::from(count), Ordering::Relaxed);
        }
        Ok(())
    }

    fn oldest(&self, most: usize) -> Option<ReadBack<u32, Ix0>> {
        let mut under_way = locked(&self.under_way);
        if under_way.len() > most { under_way.pop_front() } else { None }
    }

    /// All that was counted.
    fn finish(self) -> tenfold_gpu::Result<u64> {
        self.settle(0)?;
        let error = locked(&self.error).take();
        error.map_or(Ok(self.inside.into_inner()), Err)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Target<f32> for Counter {
    fn shape(&self) -> Dims {
        self.chunks.shape()
    }

    fn chunks(&self) -> Option<Chunks> {
        Some(self.chunks.clone())
    }

    fn write(&self, _: &Window, elements: &[f32]) -> tenfold_array::Result<()> {
        if let Err(error) = self.send(elements) {
            locked(&self.error).get_or_insert(error);
        }
        Ok(())
    }
}

/// How many points lie inside, and how long it took.
fn on_device(device: &Device, points: &Array<f32, Ix2>) -> Result<(u64, Duration), Box<dyn Error>> {
    let counter = Counter::new(device.clone(), points.chunks().clone());
    let start = Instant::now();
    tenfold_array::Settings::new().store(points, &counter)?;
    Ok((counter.finish()?, start.elapsed()))
}

/// The same by tenfold-array alone.
fn on_processor(points: &Array<f32, Ix2>) -> Result<(u64, Duration), Box<dyn Error>> {
    let start = Instant::now();
    let (x, y) = (points.index_axis(0, 0), points.index_axis(0, 1));
    let inside = (&x * &x + &y * &y).map(|r2| r2 <= 1.0);
    Ok((u64::try_from(inside.sum().compute()?.into_scalar())?, start.elapsed()))
}

fn main() -> Result<(), Box<dyn Error>> {
    let points = std::env::args().nth(1).map_or(Ok(4 << 20), |points| points.parse::<usize>())?;
    let bytes = 8 * points as u64;
    let budget_bytes = bytes / 4;
    let settings = Settings::new().memory_bytes(budget_bytes);
    let device = match Device::open_with(Select::env().allow_software(true), &settings) {
        Ok(device) => device,
        Err(error) => {
            println!("skipped: pi_by_chunks: {error}");
            return Ok(());
        }
    };
    println!("on {}", device.adapter());
    let cores = std::thread::available_parallelism()?.get();
    let chunk = (points / (4 * CHUNKS_OF_CORE * cores)).max(1);
    let array = Random::new(2026).uniform([2, points], 0.0..1.0, [2, chunk]);
    let (inside, took) = on_device(&device, &array)?;
    let peak = device.memory().peak_bytes;
    let (expected, alone) = on_processor(&array)?;
    let pi = 4.0 * inside as f64 / points as f64;
    println!("{pi} by {points} points; of their {bytes} bytes at most {peak} were on the device");
    println!("drawn, sent and counted there in {took:.2?}, drawn and counted here in {alone:.2?}");
    assert_eq!(inside, expected);
    assert!((pi - std::f64::consts::PI).abs() < 10.0 / (points as f64).sqrt());
    assert!(peak <= budget_bytes);
    Ok(())
}
