//! The course's lessons on caching: `fib(40)`, and in how many ways a staircase of 40 can be climbed by one, two or three
//! stairs at a time.
//!
//! `cargo run --release --package tenfold-memo --example recursion`

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use std::time::Instant;

use tenfold_memo::lru_cache;

// ANCHOR: fib
fn plain_fib(n: u64) -> u64 {
    if n < 2 { n } else { plain_fib(n - 1) + plain_fib(n - 2) }
}

#[lru_cache(maxsize = 100)]
fn fib(n: u64) -> u64 {
    if n < 2 { n } else { fib(n - 1) + fib(n - 2) }
}
// ANCHOR_END: fib

#[lru_cache(maxsize = 100)]
fn steps_to(stair: u64) -> u64 {
    match stair {
        1 => 1,
        2 => 2,
        3 => 4,
        _ => steps_to(stair - 3) + steps_to(stair - 2) + steps_to(stair - 1),
    }
}

fn main() {
    // ANCHOR: info
    let start = Instant::now();
    println!("fib(40) = {} after {:?}", plain_fib(40), start.elapsed());
    let start = Instant::now();
    println!("fib(40) = {} after {:?}, {}", fib(40), start.elapsed(), fib::cache_info());
    assert_eq!(fib(40), 102_334_155);

    println!("steps_to(40) = {}, {}", steps_to(40), steps_to::cache_info());
    let info = steps_to::cache_info();
    assert_eq!((steps_to(40), info.hits, info.misses), (23_837_527_729, 72, 40));
    // ANCHOR_END: info
}
