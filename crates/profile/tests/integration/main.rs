//! What `timeit` promises, tried on real work, on an idle core and on a contended one.

mod stats;
mod timeit;
