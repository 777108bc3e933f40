//! Prefix scans against loops.

use ndarray::{Array2, Axis, array};
use tenfold_kernel::{ErrorKind, kernel, ndarray};

use crate::elementwise::on_every_isa;

#[kernel(scan(sum))]
fn running(x: f64, weight: f64) -> f64 {
    x * weight
}

#[kernel(scan(max))]
fn highest(n: i32) -> i32 {
    n
}

#[test]
fn along_each_axis() {
    let x = Array2::from_shape_fn((7, 33), |(i, j)| ((i * 33 + j) as f64).sin());
    on_every_isa(|| {
        for axis in 0..2 {
            let mut expected = x.mapv(|x| running(x, 0.5));
            expected.accumulate_axis_inplace(Axis(axis), |&before, x| *x += before);
            assert_eq!(running::map(axis, &x, 0.5).unwrap(), expected);
            assert_eq!(running::par().map(axis, &x, 0.5).unwrap(), expected);
        }
        assert_eq!(highest::map(0, &[3, 1, 4, 1, 5]).unwrap(), array![3, 3, 4, 4, 5]);
        assert_eq!(highest::map(0, &[0; 0]).unwrap().len(), 0);
    });
    let error = running::map(2, &x, 1.0).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Argument);
    assert_eq!(error.to_string(), "axis 2 of shape (7, 33), which has 2 axes");
}
