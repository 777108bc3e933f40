//! Two ways to add up a million numbers, timed.
//!
//! Summing strided costs more than summing in order although it does the same additions: each one
//! needs another cache line.

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use tenfold_profile::timeit;

const N: usize = 1 << 20;
const STRIDE: usize = 1 << 10;

fn main() {
    let numbers: Vec<u64> = (0..N as u64).collect();

    let in_order = timeit(|| numbers.iter().sum::<u64>());
    let strided = timeit(|| strided_sum(&numbers));

    println!("in order: {in_order}");
    println!("strided:  {strided}");
    println!("ratio of minima: {:.1}", strided.wall_ns().min / in_order.wall_ns().min);

    assert_eq!(strided_sum(&numbers), numbers.iter().sum::<u64>());
    assert!(in_order.wall_ns().min > 0.0 && strided.wall_ns().min > 0.0);
}

fn strided_sum(numbers: &[u64]) -> u64 {
    (0..STRIDE).flat_map(|start| (start..N).step_by(STRIDE)).map(|i| numbers[i]).sum()
}
