//! A row at a time, in loops that the compiler makes wide.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};

use super::{Problem, Summary};

/// Sums that are kept side by side, so that none waits for the one before.
const LANES: usize = 8;

// for row in x { columns += row }
// for row in x { anomaly = row - columns / n; mean(anomaly), squares += anomaly^2, largest = max(largest, anomaly) }
//
// 1. Rows are read whole, some at a time: a call to the system for a quarter of a MiB.
// 2. Within a row each of eight neighbours has a sum, a sum of squares and a maximum of its own.
pub(super) fn run(problem: &Problem) -> Summary {
    let (rows, cols) = (problem.rows(), problem.cols());
    let mut columns = vec![0.0; cols];
    each_row(problem, |row| {
        columns.iter_mut().zip(row).for_each(|(sum, x)| *sum += x);
    });
    columns.iter_mut().for_each(|sum| *sum /= rows as f64);

    let mut means = Vec::with_capacity(rows);
    let (mut sum, mut squares, mut largest) = (0.0, 0.0, f64::NEG_INFINITY);
    each_row(problem, |row| {
        let of_row = Moments::of(row, &columns);
        means.push(of_row.sum / cols as f64);
        sum += of_row.sum;
        squares += of_row.squares;
        largest = f64::max(largest, of_row.largest);
    });
    let n = (rows * cols) as f64;
    let mean = sum / n;
    Summary { means, deviation: (squares / n - mean * mean).max(0.0).sqrt(), largest }
}

/// What is summed up of a row.
struct Moments {
    sum: f64,
    squares: f64,
    largest: f64,
}

impl Moments {
    fn of(row: &[f64], columns: &[f64]) -> Self {
        let (mut sums, mut squares) = ([0.0; LANES], [0.0; LANES]);
        let mut largest = [f64::NEG_INFINITY; LANES];
        let mut add = |lane: usize, x: f64, column: f64| {
            let anomaly = x - column;
            sums[lane] += anomaly;
            squares[lane] += anomaly * anomaly;
            largest[lane] = if anomaly > largest[lane] { anomaly } else { largest[lane] };
        };
        let (groups, rest) = row.as_chunks::<LANES>();
        let (of_groups, of_rest) = columns.as_chunks::<LANES>();
        for (group, columns) in groups.iter().zip(of_groups) {
            for lane in 0..LANES {
                add(lane, group[lane], columns[lane]);
            }
        }
        for (lane, (&x, &column)) in rest.iter().zip(of_rest).enumerate() {
            add(lane, x, column);
        }
        Self {
            sum: sums.iter().sum(),
            squares: squares.iter().sum(),
            largest: largest.into_iter().fold(f64::NEG_INFINITY, f64::max),
        }
    }
}

fn each_row(problem: &Problem, mut look: impl FnMut(&[f64])) {
    let mut file = File::open(problem.path()).expect("it was drawn");
    file.seek(SeekFrom::Start(problem.offset())).expect("it has a header");
    let row = problem.cols() * size_of::<f64>();
    let rows = ((256 << 10) / row).clamp(1, problem.rows());
    let (mut bytes, mut numbers) = (vec![0; rows * row], vec![0.0; rows * problem.cols()]);
    let mut left = problem.rows();
    while left > 0 {
        let rows = rows.min(left);
        file.read_exact(&mut bytes[..rows * row]).expect("so many numbers");
        let words = bytes.as_chunks().0;
        numbers.iter_mut().zip(words).for_each(|(x, &word)| *x = f64::from_ne_bytes(word));
        numbers[..rows * problem.cols()].chunks(problem.cols()).for_each(&mut look);
        left -= rows;
    }
}
