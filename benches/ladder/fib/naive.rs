//! The course's recursion, line for line.

pub(super) fn run(n: &u32) -> u64 {
    fib(*n)
}

pub(super) fn fib(n: u32) -> u64 {
    if n < 2 { u64::from(n) } else { fib(n - 1) + fib(n - 2) }
}
