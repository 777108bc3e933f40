//! The product of two square matrices.
//!
//! The course leaves it to NumPy; 512 x 512, f64, entries drawn from [0, 1) with SplitMix64. An
//! operation is one multiply-add, n^3 of them.
//!
//! **Check**: the largest difference of an entry, at most n^2 eps. A dot product of length n, its
//! terms in any order, is off by at most n eps/2 times the sum of |a||b| (Higham, "Accuracy and
//! stability of numerical algorithms", section 3.1), which is at most n here as no entry exceeds 1;
//! two orders differ by twice that.

mod array;
pub(super) mod array_mpi;
mod array_ranks;
#[cfg(feature = "gpu")]
mod gpu;
#[cfg(feature = "linalg")]
mod linalg;
mod matrix;
mod naive;
mod threads;
mod tuned;

pub use array_mpi::on as arrays_on_job;
pub use matrix::Matrix;

#[cfg(feature = "gpu")]
use super::device;
use super::job;
use crate::{Rung, Size, Workload, rung};

/// The workload.
#[derive(Debug)]
pub struct Matmul;

/// Two matrices of the same size.
#[derive(Debug, Clone)]
pub struct Problem {
    /// The left factor.
    pub a: Matrix,
    /// The right factor.
    pub b: Matrix,
}

impl Problem {
    fn draw(n: usize) -> Self {
        Self { a: Matrix::draw(n, 0), b: Matrix::draw(n, 1) }
    }
}

impl Workload for Matmul {
    type Input = Problem;
    type Output = Matrix;

    const NAME: &'static str = "matmul";
    const ABOUT: &'static str = "product of two square matrices";
    const UNIT: &'static str = "multiply-add";
    const FLOPS: f64 = 2.0;
    const RUNGS: &'static [Rung<Problem, Matrix>] = &[
        rung!(naive),
        rung!(tuned),
        rung!(threads).on_all_cores(),
        rung!(linalg, feature = "linalg"),
        rung!(array).on_all_cores(),
        rung!(array_ranks, named = "array+ranks").on_all_cores(),
        rung!(array_mpi, named = "array+mpi").on_all_cores().unless(job::missing),
        rung!(gpu, feature = "gpu", on_device = device::note, unless = device::missing),
    ];

    fn problems(size: Size) -> Vec<Problem> {
        match size {
            Size::S => vec![Problem::draw(96)],
            Size::M => vec![Problem::draw(256)],
            Size::L => vec![Problem::draw(1024)],
            Size::Course => vec![Problem::draw(512)],
        }
    }

    fn label(problem: &Problem) -> String {
        let n = problem.a.n();
        format!("{n}x{n}")
    }

    fn ops(problem: &Problem) -> f64 {
        problem.a.n().pow(3) as f64
    }

    fn digest(output: &Matrix) -> Vec<f64> {
        crate::check::digest(output.values())
    }

    fn check(_: &Problem, reference: &Matrix, got: &Matrix) -> Result<f64, String> {
        let n = reference.n() as f64;
        let tolerance = n * n * f64::EPSILON;
        crate::check::largest_difference(reference.values(), got.values(), tolerance)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Matmul, Matrix, Problem};
    use crate::ladder::agree;

    #[test]
    fn rungs_agree() {
        agree::at_size_s::<Matmul>();
        for n in [1, 2, 3, 5, 7, 13, 31, 67, 131, 257, 270] {
            agree::on::<Matmul>(&Problem::draw(n));
        }
    }

    #[test]
    fn the_identity_changes_nothing() {
        let n = 37;
        let one = |k| if k / n == k % n { 1.0 } else { 0.0 };
        let identity = Matrix::new(n, (0..n * n).map(one).collect());
        let a = Matrix::draw(n, 5);
        for (left, right) in [(&a, &identity), (&identity, &a)] {
            let problem = Problem { a: left.clone(), b: right.clone() };
            for (name, product) in agree::each::<Matmul>(&problem) {
                assert_eq!(product, a, "{name}");
            }
        }
    }

    #[test]
    fn a_product_by_hand() {
        let matrix = |values: [f64; 4]| Matrix::new(2, values.to_vec());
        let problem = Problem { a: matrix([1.0, 2.0, 3.0, 4.0]), b: matrix([5.0, 6.0, 7.0, 8.0]) };
        for (name, product) in agree::each::<Matmul>(&problem) {
            assert_eq!(product, matrix([19.0, 22.0, 43.0, 50.0]), "{name}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_size(n in 1..150_usize) {
            agree::on::<Matmul>(&Problem::draw(n));
        }
    }
}
