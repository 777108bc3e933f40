//! The Julia set of z^2 + c: how many iterations until a point leaves a circle.
//!
//! The course's example for Numba and Cython (episodes 3 and 4), with its parameters:
//! c = 0.3852 - 0.2026i, N x N points over [-1.2, 1.2] in both directions (both ends included; the
//! real part by row, the imaginary by column), radius 1000, at most N iterations, N = 400. An
//! operation is one iteration, so the operations of a problem are the sum of its counts.
//!
//! **Check**: the share of cells whose count differs, at most 1e-3: the map is chaotic, and a rung
//! that contracts a product and a sum into one rounding changes a few cells beyond any tolerance.
//! `tuned` and `threads` round exactly as `naive` and must not change one.

#[cfg(feature = "gpu")]
mod gpu;
mod grid;
mod kernel;
mod kernel_threads;
mod naive;
mod threads;
mod tuned;

pub use grid::Grid;

#[cfg(feature = "gpu")]
use super::device;
use crate::{Picture, Rung, Size, Workload, rung};

/// The workload.
#[derive(Debug)]
pub struct Julia;

/// Real part of c.
pub(crate) const CR: f64 = 0.3852;
/// Imaginary part of c.
pub(crate) const CI: f64 = -0.2026;
/// A point that is farther out has left for good.
pub(crate) const RADIUS: f64 = 1000.0;

impl Workload for Julia {
    type Input = Grid;
    type Output = Vec<u32>;

    const NAME: &'static str = "julia";
    const ABOUT: &'static str = "Julia set of z^2 + c: iterations until each point escapes";
    const UNIT: &'static str = "iteration";
    const FLOPS: f64 = 8.0;
    const DIGEST_TOLERANCE: f64 = 1e-3;
    const RUNGS: &'static [Rung<Grid, Vec<u32>>] = &[
        rung!(naive),
        rung!(tuned),
        rung!(threads).on_all_cores(),
        rung!(kernel),
        rung!(kernel_threads, named = "kernel+threads").on_all_cores(),
        rung!(gpu, feature = "gpu", on_device = device::note, unless = device::missing),
    ];

    fn problems(size: Size) -> Vec<Grid> {
        match size {
            Size::S => vec![Grid::new(80)],
            Size::M => vec![Grid::new(200)],
            Size::L => vec![Grid::new(1000)],
            Size::Course => vec![Grid::new(400)],
        }
    }

    fn label(grid: &Grid) -> String {
        let n = grid.n();
        format!("{n}x{n}, at most {n} iterations")
    }

    fn ops(grid: &Grid) -> f64 {
        grid.iterations() as f64
    }

    /// The mean alone: single points are chaotic.
    fn digest(counts: &Vec<u32>) -> Vec<f64> {
        let sum: f64 = counts.iter().map(|&count| f64::from(count)).sum();
        vec![sum / counts.len() as f64]
    }

    fn course(grid: &Grid) -> &'static [(&'static str, f64)] {
        if grid.n() == 400 { &[("the course's Python, 10 to 15 s", 10.0)] } else { &[] }
    }

    fn check(_: &Grid, reference: &Vec<u32>, got: &Vec<u32>) -> Result<f64, String> {
        crate::check::differing_share(reference, got, 1e-3)
    }

    fn picture(grid: &Grid, counts: &Vec<u32>) -> Option<Picture> {
        let values = counts.iter().map(|&count| f64::from(count)).collect();
        Some(Picture { width: grid.n(), height: grid.n(), values })
    }
}

#[cfg(test)]
mod tests {
    use super::{Grid, Julia, naive, threads, tuned};
    use crate::{Size, Workload, ladder::agree};

    #[test]
    fn rungs_agree() {
        agree::at_size_s::<Julia>();
    }

    #[test]
    fn tuned_and_threads_differ_in_no_cell() {
        for n in [1, 2, 3, 7, 8, 9, 17, 80, 121] {
            let grid = Grid::new(n);
            let counts = naive::run(&grid);
            assert_eq!(counts.len(), n * n);
            assert_eq!(tuned::run(&grid), counts, "tuned at {n}");
            assert_eq!(threads::run(&grid), counts, "threads at {n}");
            assert_eq!(counts.iter().map(|&c| u64::from(c)).sum::<u64>(), grid.iterations());
        }
    }

    /// z^2 + c is the same for z and -z.
    #[test]
    fn the_set_is_point_symmetric() {
        let counts = naive::run(&Julia::problems(Size::S)[0]);
        let turned: Vec<_> = counts.iter().rev().copied().collect();
        assert!(crate::check::differing_share(&counts, &turned, 0.05).is_ok());
    }
}
