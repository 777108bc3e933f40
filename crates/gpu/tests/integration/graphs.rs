//! What a graph carries from one run to the next, and what it can hold.

use tenfold_gpu::ndarray::{Array, Array2, Axis, array, s};
use tenfold_gpu::{ErrorKind, OnDevice as _};
use tenfold_kernel::kernel;

use crate::device::device;

#[kernel]
fn next(x: f32) -> f32 {
    2.0 * x + 1.0
}

#[test]
fn parts_are_carried_and_what_is_around_them_stays() {
    let Some(device) = device("parts_are_carried_and_what_is_around_them_stays") else { return };
    let host = Array2::from_shape_fn((5, 4), |(i, j)| (10 * i + j) as f32);
    let x = device.upload(&host).unwrap();
    // Rows to rows, a column to a row, and whatever lies otherwise from a view.
    let (rows, row) = (x.slice(s![1..3, ..]).unwrap(), x.slice(s![4, ..]).unwrap());
    let graph = device
        .record(|recorder| {
            let doubled = next::on(&device).map(&x)?;
            recorder.carry(&doubled.slice(s![2..4;-1, ..])?, &rows)?;
            recorder.carry(&doubled.slice(s![..4, 2])?, &row)
        })
        .unwrap();
    let mut wanted = host;
    for _ in 0..3 {
        let doubled = wanted.mapv(|x| 2.0 * x + 1.0);
        wanted.slice_mut(s![1..3, ..]).assign(&doubled.slice(s![2..4;-1, ..]));
        wanted.slice_mut(s![4, ..]).assign(&doubled.slice(s![..4, 2]));
    }
    graph.run(3).unwrap();
    assert_eq!(x.to_array().unwrap(), wanted);
}

#[test]
fn what_cannot_be_carried_is_an_error_that_says_why() {
    let Some(device) = device("what_cannot_be_carried_is_an_error_that_says_why") else { return };
    let x = device.zeros::<f32, _>((5, 4)).unwrap();
    let y = device.zeros::<f32, _>((5, 4)).unwrap();
    let column = s![.., 1..2];
    let errors = [
        (
            device.record(|r| r.carry(&x, &y.slice(s![1.., ..])?)).unwrap_err(),
            ErrorKind::Shape,
            "an array of shape [5, 4] cannot be carried to one of shape [4, 4]",
        ),
        (
            device.record(|r| r.carry(&x.slice(column)?, &y.slice(column)?)).unwrap_err(),
            ErrorKind::Argument,
            "argument `to` has shape [5, 1] and strides [4, 0], and must lie row-major and dense",
        ),
        (
            device.record(|r| r.carry(&x.slice(s![0, ..])?, &x.slice(s![1, ..])?)).unwrap_err(),
            ErrorKind::Argument,
            "what is carried shares memory with where it goes",
        ),
    ];
    for (error, kind, says) in errors {
        assert_eq!((error.kind(), error.to_string().as_str()), (kind, says));
    }
}

#[test]
fn results_of_nothing_are_recorded() {
    let Some(device) = device("results_of_nothing_are_recorded") else { return };
    let empty = device.zeros::<f32, _>((0, 3)).unwrap();
    let graph =
        device.record(|_| Ok((empty.sum_axis(Axis(0))?, empty.prod_axis(Axis(0))?))).unwrap();
    let other = device.upload(&Array::from_elem(3, 7.0_f32)).unwrap();
    graph.run(2).unwrap();
    let (sum, product) = graph.output();
    assert_eq!(sum.to_array().unwrap(), array![0.0, 0.0, 0.0]);
    assert_eq!(product.to_array().unwrap(), array![1.0, 1.0, 1.0]);
    assert_eq!(other.to_array().unwrap()[2], 7.0);
}
