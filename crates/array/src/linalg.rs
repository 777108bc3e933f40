//! Factorisations of matrices, and what is solved by them. `faer` does it for a block, on one thread.
//!
//! What goes over bands of rows ([`bands`]) is as lazy as everything else: QR of tall arrays, and what follows from it.
//! What goes to and fro in a square matrix is computed at once, in panels of columns ([`panels`]).

mod bands;
mod cholesky;
mod held;
mod kernel;
mod lstsq;
mod lu;
mod norm;
mod panels;
mod pivots;
mod qr;
mod shown;
mod solve;
mod steps;
mod svd;
mod triangular;

pub use self::{
    kernel::Linear, lstsq::Lstsq, lu::Lu, norm::NormOrd, svd::Svd, triangular::Triangle,
};
