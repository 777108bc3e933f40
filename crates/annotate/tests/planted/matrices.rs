//! Two dimensions: which loop a check stands in decides how much it costs.

use std::hint::black_box;

#[inline(never)]
pub fn product_indexed(n: usize, a: &[f64], b: &[f64], c: &mut [f64]) {
    for i in 0..n {
        for j in 0..n {
            let mut total = 0.0;
            for k in 0..n {
                total += a[i * n + k] * b[k * n + j]; //~ scalar bounds
            }
            c[i * n + j] = total; //~ outer bounds
        }
    }
}

#[inline(never)]
pub fn rows_of_rows(rows: &[Vec<f64>], n: usize) -> f64 {
    let mut total = 0.0;
    for i in 0..rows.len() {
        for j in 0..n {
            total += rows[i][j]; //~ scalar bounds
        }
    }
    total
}

#[inline(never)]
pub fn column_sums(width: usize, height: usize, m: &[u64], sums: &mut [u64]) {
    for i in 0..height {
        for j in 0..width {
            sums[j] ^= m[i * width + j]; //~ bounds
        }
    }
}

#[inline(never)]
pub fn transposed(n: usize, m: &[f64], out: &mut [f64]) {
    for i in 0..n {
        for j in 0..n {
            out[j * n + i] = m[i * n + j]; //~ bounds
        }
    }
}

#[inline(never)]
pub fn five_points(w: usize, h: usize, u: &[f64], out: &mut [f64]) {
    for y in 1..h - 1 {
        for x in 1..w - 1 {
            let at = y * w + x;
            out[at] = u[at] + u[at - 1] + u[at + 1] + u[at - w] + u[at + w]; //~ bounds scalar?
        }
    }
}

// Checks once a row, and none in the row.

#[inline(never)]
pub fn scaled_rows(w: usize, h: usize, m: &[f64], out: &mut [f64]) {
    for y in 0..h {
        let row = &m[y * w..][..w]; //~ outer bounds
        let to = &mut out[y * w..][..w]; //~ outer bounds
        for x in 0..w {
            to[x] = 2.0 * row[x];
        }
    }
}

#[inline(never)]
pub fn three_points_by_rows(w: usize, h: usize, u: &[f64], out: &mut [Vec<f64>]) {
    for (y, to) in out.iter_mut().enumerate().take(h) {
        let row = &u[y * w..][..w]; //~ outer bounds
        for (to, around) in to.iter_mut().zip(row.windows(3)) {
            *to = around[0] + around[1] + around[2];
        }
    }
}

#[inline(never)]
pub fn chunked_rows(w: usize, m: &mut [f64], factors: &[f64]) {
    let rows = m.chunks_exact_mut(w); //~ pale panic
    for (row, factor) in rows.zip(factors) {
        for x in row {
            *x *= factor;
        }
    }
}

#[inline(never)]
pub fn fixed_rows(m: &mut [[f64; 16]], by: &[f64; 16]) {
    for row in m {
        for (x, by) in row.iter_mut().zip(by) {
            *x += by;
        }
    }
}

#[inline(never)]
pub fn mirrored(m: &mut [u64], w: usize) {
    let rows = m.chunks_mut(w); //~ pale panic
    for row in rows {
        row.reverse();
    }
}

fn main() {
    black_box([product_indexed as *const (), rows_of_rows as *const (), column_sums as *const ()]);
    black_box([transposed as *const (), five_points as *const (), scaled_rows as *const ()]);
    black_box([three_points_by_rows as *const (), chunked_rows as *const ()]);
    black_box([fixed_rows as *const (), mirrored as *const ()]);
}
