//! Tiles of 4 x 4 entries in registers, both factors packed in the order in which tiles read them.

use super::{Matrix, Problem};

/// Rows and columns of a tile: 16 sums fill half of the registers that every x86-64 has.
pub(super) const TILE: usize = 4;
/// Length of the dot products done in one go: a strip of `a` and one of `b`, 8 KiB each, stay in
/// the first cache.
pub(super) const DEPTH: usize = 256;

// for i { for j { for k { c[i][j] += a[i][k] * b[k][j] } } }
//
// 1. A tile of c stays in registers while k runs: 16 multiply-adds for 8 loads.
// 2. k is cut into blocks of DEPTH. A block of b is packed into strips of TILE columns, and four
//    rows of a into one strip, each in the order of k: tiles read both from front to back.
// 3. Strips are filled up with zeros at the right and lower edge, so that there is one kernel.
pub(super) fn run(problem: &Problem) -> Matrix {
    let n = problem.a.n();
    let mut c = vec![0.0; n * n];
    for k in (0..n).step_by(DEPTH) {
        let strips: Vec<_> = (0..n).step_by(TILE).map(|j| pack_columns(&problem.b, j, k)).collect();
        for (i, rows) in c.chunks_mut(TILE * n).enumerate() {
            add_rows(rows, n, &pack_rows(&problem.a, i * TILE, k), &strips);
        }
    }
    Matrix::new(n, c)
}

/// TILE neighbours in a row of `b`, for every k of the block.
pub(super) fn pack_columns(b: &Matrix, j: usize, k: usize) -> Vec<[f64; TILE]> {
    let n = b.n();
    let width = TILE.min(n - j);
    let part = |row: &[f64]| {
        let mut part = [0.0; TILE];
        part[..width].copy_from_slice(&row[j..j + width]);
        part
    };
    b.values()[k * n..(k + DEPTH).min(n) * n].chunks(n).map(part).collect()
}

/// TILE neighbours in a column of `a`, for every k of the block.
pub(super) fn pack_rows(a: &Matrix, i: usize, k: usize) -> Vec<[f64; TILE]> {
    let n = a.n();
    let depth = DEPTH.min(n - k);
    let mut strip = vec![[0.0; TILE]; depth];
    for (r, row) in a.values().chunks(n).skip(i).take(TILE).enumerate() {
        for (part, value) in strip.iter_mut().zip(&row[k..k + depth]) {
            part[r] = *value;
        }
    }
    strip
}

/// Adds a strip of `a` times all strips of `b` to the up to TILE rows of c that it belongs to.
pub(super) fn add_rows(rows: &mut [f64], n: usize, a: &[[f64; TILE]], b: &[Vec<[f64; TILE]>]) {
    for (j, b) in b.iter().enumerate() {
        let tile = multiply(a, b);
        for (row, sums) in rows.chunks_mut(n).zip(tile) {
            row[j * TILE..].iter_mut().zip(sums).for_each(|(c, sum)| *c += sum);
        }
    }
}

fn multiply(a: &[[f64; TILE]], b: &[[f64; TILE]]) -> [[f64; TILE]; TILE] {
    let mut tile = [[0.0; TILE]; TILE];
    for (a, b) in a.iter().zip(b) {
        for r in 0..TILE {
            for c in 0..TILE {
                tile[r][c] += a[r] * b[c];
            }
        }
    }
    tile
}
