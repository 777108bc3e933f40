//! The course's pi as one delayed task, "slower, why?": a task costs something, and one task is not parallel. Five are.
//!
//! ```sh
//! cargo run --release -p tenfold-array --example small_tasks
//! ```

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use std::time::Instant;

use tenfold_array::{Delayed, Error, delayed};
use tenfold_kernel::Philox;

/// Pi by points that would take so many bytes.
fn calculate_pi(bytes: usize) -> f64 {
    let n = bytes / 16;
    let draw = |stream| {
        let mut numbers = vec![0.0; n];
        let random = Philox::new(2026).stream(stream).random();
        random.fill_from(0, &mut numbers).expect("there are so many");
        numbers
    };
    let (x, y): (Vec<f64>, Vec<f64>) = (draw(0), draw(1));
    let inside = x.iter().zip(&y).filter(|(x, y)| x.powi(2) + y.powi(2) < 1.0).count();
    4.0 * inside as f64 / n as f64
}

/// Microseconds of a call, of some.
fn us<T>(mut f: impl FnMut() -> Result<T, Error>) -> Result<f64, Error> {
    let start = Instant::now();
    for _ in 0..20 {
        f()?;
    }
    Ok(start.elapsed().as_secs_f64() * 1e6 / 20.0)
}

fn main() -> Result<(), Error> {
    // ANCHOR: one
    let pi = delayed(|| calculate_pi(10_000));
    assert_eq!(pi.compute()?, calculate_pi(10_000));
    println!("10 kB: {:.1} us called", us(|| Ok(calculate_pi(10_000)))?);
    println!("10 kB: {:.1} us as a task", us(|| pi.compute())?);
    // ANCHOR_END: one

    // ANCHOR: five
    let sizes = [1, 2, 3, 4, 5].map(|times| times * 100_000);
    let tasks = sizes.map(|bytes| delayed(move || calculate_pi(bytes)).named("pi"));
    let all = Delayed::all(&tasks, |values| values.iter().map(|&&pi| pi).collect::<Vec<f64>>());
    println!("five sizes: {:.1} us one by one", us(|| Ok(sizes.map(calculate_pi)))?);
    println!("five sizes: {:.1} us as tasks on all cores", us(|| all.compute())?);
    // ANCHOR_END: five
    assert_eq!(all.compute()?, sizes.map(calculate_pi));
    Ok(())
}
