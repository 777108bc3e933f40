//! Two loops over the numbers of the file, one number at a time.

use std::fs::File;
use std::io::{BufReader, Read as _, Seek as _, SeekFrom};

use super::{Problem, Summary};

pub(super) fn run(problem: &Problem) -> Summary {
    let (rows, cols) = (problem.rows(), problem.cols());

    let mut x = open(problem);
    let mut columns = vec![0.0; cols];
    for _ in 0..rows {
        for column in &mut columns {
            *column += next(&mut x);
        }
    }
    for column in &mut columns {
        *column /= rows as f64;
    }

    let mut x = open(problem);
    let mut means = vec![0.0; rows];
    let mut sum = 0.0;
    let mut squares = 0.0;
    let mut largest = f64::NEG_INFINITY;
    for mean in &mut means {
        for column in &columns {
            let anomaly = next(&mut x) - column;
            *mean += anomaly;
            sum += anomaly;
            squares += anomaly * anomaly;
            largest = f64::max(largest, anomaly);
        }
        *mean /= cols as f64;
    }
    let n = (rows * cols) as f64;
    let mean = sum / n;
    Summary { means, deviation: (squares / n - mean * mean).max(0.0).sqrt(), largest }
}

fn open(problem: &Problem) -> BufReader<File> {
    let mut file = File::open(problem.path()).expect("it was drawn");
    file.seek(SeekFrom::Start(problem.offset())).expect("it has a header");
    BufReader::new(file)
}

fn next(file: &mut BufReader<File>) -> f64 {
    let mut bytes = [0; 8];
    file.read_exact(&mut bytes).expect("so many numbers");
    f64::from_ne_bytes(bytes)
}
