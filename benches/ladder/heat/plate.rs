//! A plate that slides through its memory by one row a step.

use super::{A, DX, DY, dt};

/// `rows x cols` temperatures in an array with room in front of them.
///
/// The new row i depends on the old rows i - 1, i and i + 1, and nothing below needs the old row
/// i - 1 any more: the new row takes its place. So a step needs no second array, and moves the
/// plate up by one row.
pub(super) struct Plate {
    slots: Vec<f64>,
    rows: usize,
    cols: usize,
    /// The slot (of `cols` values) where row 0 lies.
    start: usize,
}

/// Steps in one pass. The rows in flight, two more than that, should fit into the second cache
/// with room to spare, for 2000 columns as well: 10 rows are 160 KiB.
const LEVELS: usize = 8;

impl Plate {
    /// A copy of `values`, with room for `steps` steps, but for no more than the plate is long.
    pub(super) fn new(values: &[f64], cols: usize, steps: usize) -> Self {
        let rows = values.len() / cols;
        let start = steps.min(rows);
        let mut slots = Vec::with_capacity((start + rows) * cols);
        slots.resize(start * cols, 0.0);
        slots.extend_from_slice(values);
        Self { slots, rows, cols, start }
    }

    pub(super) fn advance(&mut self, steps: usize) {
        let mut left = steps;
        while left > 0 {
            if self.start == 0 {
                self.move_down(left);
            }
            let levels = left.min(LEVELS).min(self.start);
            self.sweep(levels);
            left -= levels;
        }
    }

    /// Rows `from..to`.
    pub(super) fn rows(&self, from: usize, to: usize) -> &[f64] {
        &self.slots[(self.start + from) * self.cols..(self.start + to) * self.cols]
    }

    /// All values, row by row.
    pub(super) fn into_values(mut self) -> Vec<f64> {
        let len = self.rows * self.cols;
        self.slots.copy_within(self.start * self.cols..self.start * self.cols + len, 0);
        self.slots.truncate(len);
        self.slots
    }

    /// Makes room in front for `steps` steps, or for as many as there is memory for.
    fn move_down(&mut self, steps: usize) {
        let start = steps.min(self.slots.len() / self.cols - self.rows);
        self.slots.copy_within(..self.rows * self.cols, start * self.cols);
        self.start = start;
    }

    // for level in 1..=levels { for row in 0..rows { update(level, row) } }
    //
    // 1. Level t follows one row behind level t - 1, in place of a pass each: a row is updated
    //    `levels` times while it is in the cache. Row r of level t needs rows r - 1 to r + 1 of
    //    level t - 1, the last of which was updated just before, and takes the slot of the first.
    fn sweep(&mut self, levels: usize) {
        for front in 0..self.rows + levels - 1 {
            let oldest = (front + 1).saturating_sub(self.rows);
            for behind in oldest..=front.min(levels - 1) {
                self.update(self.start - behind, front - behind);
            }
        }
        self.start -= levels;
    }

    /// One row, with row 0 of its old state in slot `start`. The border stays as it is.
    fn update(&mut self, start: usize, row: usize) {
        let here = (start + row) * self.cols;
        if row == 0 || row == self.rows - 1 {
            self.slots.copy_within(here..here + self.cols, here - self.cols);
            return;
        }
        let (above, rest) = self.slots[here - self.cols..].split_at_mut(self.cols);
        let (here, below) = rest.split_at(self.cols);
        relax(above, here, &below[..self.cols]);
    }
}

// new = u + a dt ((north - 2 u + south) / dx^2 + (west - 2 u + east) / dy^2)
//
// 1. The coefficients of u and of its neighbours are worked out beforehand.
// 2. `above` holds the row to the north, and takes the new row.
fn relax(above: &mut [f64], here: &[f64], below: &[f64]) {
    let (cx, cy) = (A * dt() / (DX * DX), A * dt() / (DY * DY));
    let centre = 1.0 - 2.0 * cx - 2.0 * cy;
    let n = here.len();
    above[0] = here[0];
    above[n - 1] = here[n - 1];
    if n < 3 {
        return;
    }
    let inner = above[1..n - 1].iter_mut().zip(&below[1..n - 1]);
    for ((u, south), row) in inner.zip(here.windows(3)) {
        *u = centre * row[1] + cx * (*u + south) + cy * (row[0] + row[2]);
    }
}
