//! Products of matrices of which the right one has few columns, with registers of 512 bits.
//!
//! ```text
//! for each element of the product: sum += a[row, k] * b[k, column], for each k
//! ```
//! It departs from that in four ways:
//! 1. A block of 6 rows and 32 columns is summed up at once, in registers: an element of `a` and a row of `b` serve for all
//!    of it.
//! 2. Sums are of [`DEPTH`] elements at a time, rounded once for each product and sum (FMA), and added to the result: so
//!    does `matrixmultiply`, and the bits are the same.
//! 3. Nothing is packed. Rows of `b` are so short that some hundreds of them lie in the second cache as they are.
//! 4. What is left of the columns is summed up with so many before it that they fill a register, and those are left as they
//!    are: one by one they took up to four times as long as `matrixmultiply` does for all.

use tenfold_kernel::{Isa, Loop, vectorized};

/// How many products are summed up before they are added to the result: as many as `matrixmultiply` has.
const DEPTH: usize = 256;

/// The rows and columns of a block, whose sums take 24 of 32 registers.
const ROWS: usize = 6;
const COLUMNS: usize = 32;

/// Half of them, where there are no more.
const HALF: usize = 16;

/// How many columns lie in a register.
const FEW: usize = 8;

/// How many columns are few at most. Rows that are longer lie so far apart that packing them pays.
const MOST: usize = 128;

/// Adds the product of two matrices to a third, of `[rows, inner, columns]`, dense in row-major order, if it is faster here
/// than by `matrixmultiply`. Says whether it has.
pub(crate) fn of_few_columns(a: &[f64], b: &[f64], c: &mut [f64], shape: [usize; 3]) -> bool {
    let is_faster = is_few(shape[2]) && Isa::detect() >= Isa::V4;
    if is_faster {
        vectorized(Product { a, b, c, shape });
    }
    is_faster
}

/// Between one register and two it is no faster: both are gone through, and one for the most part in vain.
fn is_few(columns: usize) -> bool {
    columns == FEW || (HALF..=MOST).contains(&columns)
}

struct Product<'a> {
    a: &'a [f64],
    b: &'a [f64],
    c: &'a mut [f64],
    shape: [usize; 3],
}

impl Loop for Product<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { a, b, c, shape: [_, inner, columns] } = self;
        for first in (0..inner).step_by(DEPTH) {
            let depth = DEPTH.min(inner - first);
            let mut part = Part {
                a: &a[first..],
                b: &b[first * columns..],
                c: &mut *c,
                inner,
                columns,
                depth,
            };
            let mut column = 0;
            while column + COLUMNS <= columns {
                part.columns::<COLUMNS>(column, 0);
                column += COLUMNS;
            }
            if column + HALF <= columns {
                part.columns::<HALF>(column, 0);
                column += HALF;
            }
            match columns - column {
                0 => {}
                1..=FEW => part.last::<FEW>(column),
                _ => part.last::<HALF>(column),
            }
        }
    }
}

/// What a part of the inner axis adds.
struct Part<'a> {
    /// From the first of its elements on.
    a: &'a [f64],
    b: &'a [f64],
    c: &'a mut [f64],
    inner: usize,
    columns: usize,
    depth: usize,
}

impl Part<'_> {
    /// Some columns of all rows, from one column on, of which the first few are there already.
    #[inline(always)]
    fn columns<const N: usize>(&mut self, column: usize, there: usize) {
        let rows = self.c.len() / self.columns;
        let mut row = 0;
        while row + ROWS <= rows {
            self.rest::<ROWS, N>(row, column, there);
            row += ROWS;
        }
        while row < rows {
            self.rest::<1, N>(row, column, there);
            row += 1;
        }
    }

    /// The columns from one on, which are at most so many, with as many before it as that takes.
    #[inline(always)]
    fn last<const N: usize>(&mut self, column: usize) {
        let first = self.columns - N;
        self.columns::<N>(first, column - first);
    }

    /// A block, but for the columns that are there: they are put back, since sums stay in registers only where all are added.
    #[inline(always)]
    fn rest<const R: usize, const N: usize>(&mut self, row: usize, column: usize, there: usize) {
        let mut kept = [[0.0_f64; N]; R];
        for (at, kept) in kept.iter_mut().enumerate() {
            kept.copy_from_slice(&self.c[(row + at) * self.columns + column..][..N]);
        }
        self.block::<R, N>(row, column);
        for (at, kept) in kept.iter().enumerate() {
            let c = &mut self.c[(row + at) * self.columns + column..];
            c[..there].copy_from_slice(&kept[..there]);
        }
    }

    #[inline(always)]
    fn block<const R: usize, const N: usize>(&mut self, row: usize, column: usize) {
        let mut sums = [[0.0_f64; N]; R];
        let mut rows = [&self.a[..0]; R];
        for (at, of) in rows.iter_mut().enumerate() {
            *of = &self.a[(row + at) * self.inner..][..self.depth];
        }
        for (k, b) in self.b.chunks(self.columns).take(self.depth).enumerate() {
            let Some((b, _)) = b[column..].split_first_chunk::<N>() else { return };
            for (sums, of) in sums.iter_mut().zip(rows) {
                let a = of[k];
                for (sum, &b) in sums.iter_mut().zip(b) {
                    *sum = a.mul_add(b, *sum);
                }
            }
        }
        for (at, sums) in sums.iter().enumerate() {
            let c = &mut self.c[(row + at) * self.columns + column..][..N];
            for (c, sum) in c.iter_mut().zip(sums) {
                *c += sum;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::linalg::general_mat_mul;
    use ndarray::{Array2, ArrayView2};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_has_the_bits_of_matrixmultiply(
            rows in 1..30_usize, inner in 1..600_usize, columns in 1..140_usize, seed in any::<u64>(),
        ) {
            let number = |at: usize| {
                let bits = (at as u64).wrapping_add(seed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
                (bits >> 11) as f64 / (1_u64 << 53) as f64 - 0.5
            };
            let a: Vec<f64> = (0..rows * inner).map(number).collect();
            let b: Vec<f64> = (0..inner * columns).map(|at| number(at + 1_000_000)).collect();
            let mut own: Vec<f64> = (0..rows * columns).map(|at| number(at + 2_000_000)).collect();
            let mut expected = Array2::from_shape_vec((rows, columns), own.clone()).unwrap();
            let done = of_few_columns(&a, &b, &mut own, [rows, inner, columns]);
            prop_assert_eq!(done, Isa::detect() >= Isa::V4 && (columns == 8 || (16..=128).contains(&columns)));
            let a = ArrayView2::from_shape((rows, inner), &a).unwrap();
            let b = ArrayView2::from_shape((inner, columns), &b).unwrap();
            if done {
                general_mat_mul(1.0, &a, &b, 1.0, &mut expected);
                let bits = |numbers: &[f64]| numbers.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
                prop_assert_eq!(bits(&own), bits(expected.as_slice().unwrap()));
            }
        }
    }
}
