//! The workloads, one line each. A new one is a folder, a `mod` line and a line in [`all`];
//! `cargo xtask new workload NAME` writes all three.

use crate::AnyWorkload;

#[cfg(test)]
mod agree;
#[cfg(feature = "gpu")]
mod device;
pub mod job;
mod splitmix;
pub mod timing;

pub mod blackscholes;
pub mod fib;
pub mod heat;
pub mod integrate;
pub mod julia;
pub mod lcs;
pub mod matmul;
pub mod nbody;
pub mod pi;
pub mod reduce;
pub mod stairs;

/// Every workload, in the order in which the bench climbs them.
#[must_use]
pub fn all() -> Vec<Box<dyn AnyWorkload>> {
    vec![
        Box::new(heat::Heat),
        Box::new(julia::Julia),
        Box::new(pi::Pi),
        Box::new(blackscholes::BlackScholes),
        Box::new(nbody::Nbody),
        Box::new(matmul::Matmul),
        Box::new(reduce::Reduce),
        Box::new(integrate::Integrate),
        Box::new(fib::Fib),
        Box::new(stairs::Stairs),
        Box::new(lcs::Lcs),
    ]
}
