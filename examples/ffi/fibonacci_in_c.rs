//! Fibonacci's numbers, recursively, in C and in Rust.

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use std::time::Instant;

tenfold_ffi::c_library! {
    /// C.
    mod c;
    source = "int fibonacci(int n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }";
    cdef = "int fibonacci(int n);";
    safe fn fibonacci;
}

fn fibonacci(n: i32) -> i32 {
    if n < 2 { n } else { fibonacci(n - 1) + fibonacci(n - 2) }
}

fn main() {
    let start = Instant::now();
    let by_c = c::fibonacci(27);
    let (c_time, start) = (start.elapsed(), Instant::now());
    let by_rust = fibonacci(27);
    println!("{by_c} in C after {c_time:?}, {by_rust} in Rust after {:?}", start.elapsed());
    assert_eq!((by_c, by_rust), (196_418, 196_418));
}
