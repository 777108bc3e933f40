#![expect(clippy::cast_possible_truncation, reason = "numbers of tests are small")]

use ndarray::{Array, Array2, Array3, IxDyn, s};

use super::kernel::Plan;
use super::{multiply, stacked};
use crate::{Device, Element, ErrorKind, Feature, Select, Settings, testing};

fn small(i: usize) -> i32 {
    ((i as u32).wrapping_mul(2_654_435_761) >> 28).cast_signed() - 7
}

fn naive<T: Element + Copy + ndarray::LinalgScalar>(a: &Array2<T>, b: &Array2<T>) -> Array2<T> {
    let mut c = Array2::zeros((a.nrows(), b.ncols()));
    for ((i, j), c) in c.indexed_iter_mut() {
        for k in 0..a.ncols() {
            *c = *c + a[[i, k]] * b[[k, j]];
        }
    }
    c
}

/// Small whole numbers, so that any order and rounding gives the same.
fn matrix<T: Element>(rows: usize, columns: usize, make: fn(i32) -> T) -> Array2<T> {
    let numbers = (0..rows * columns).map(|i| make(small(i + 31 * columns)));
    Array2::from_shape_vec((rows, columns), numbers.collect()).unwrap()
}

fn check<T: Element + Copy + ndarray::LinalgScalar>(
    device: &Device,
    plans: &[Plan],
    make: fn(i32) -> T,
) {
    let sizes = [
        (1, 1, 1),
        (5, 3, 2),
        (64, 8, 64),
        (65, 9, 63),
        (128, 16, 128),
        (130, 20, 132),
        (20, 100, 24),
    ];
    for (m, k, n) in sizes {
        let (a, b) = (matrix(m, k, make), matrix(k, n, make));
        let expected = naive(&a, &b);
        let left = [a.clone(), a.t().as_standard_layout().into_owned()];
        let right = [b.clone(), b.t().as_standard_layout().into_owned()];
        for (which, &plan) in (0..4).flat_map(|i| plans.iter().map(move |p| (i, p))) {
            let (x, y) = (
                device.upload(&left[which % 2]).unwrap(),
                device.upload(&right[which / 2]).unwrap(),
            );
            let x = if which % 2 == 1 { x.t() } else { x };
            let y = if which / 2 == 1 { y.t() } else { y };
            let out = device.zeros::<T, _>((m, n)).unwrap();
            let of = |x| stacked(x).unwrap();
            multiply(&of(&x), &of(&y), &of(&out), Some(plan)).unwrap();
            assert!(
                out.to_array().unwrap() == expected,
                "{m} {k} {n} {plan:?} {which} {}",
                T::WGSL
            );
        }
    }
}

#[test]
fn products_are_those_of_three_loops() {
    let Some(device) = testing::device("products_are_those_of_three_loops") else { return };
    let plans = [Plan::Plain, Plan::Tiles(4), Plan::Tiles(8)];
    check::<f32>(&device, &plans, |x| x as f32);
    check::<i32>(&device, &plans[1..], |x| x);
    if device.has(Feature::F64) {
        check::<f64>(&device, &plans[..2], f64::from);
    }
}

#[test]
fn views_and_stacks_are_multiplied_where_they_lie() {
    let Some(device) = testing::device("views_and_stacks_are_multiplied") else { return };
    let numbers = |n: usize| (0..n).map(|i| small(i) as f32).collect::<Vec<_>>();
    let a = Array3::from_shape_vec((3, 66, 37), numbers(3 * 66 * 37)).unwrap();
    let b = Array3::from_shape_vec((3, 37, 41), numbers(3 * 37 * 41)).unwrap();
    let (x, y) = (device.upload(&a).unwrap(), device.upload(&b).unwrap());
    let all = x.matmul(&y).unwrap().to_array().unwrap();
    for i in 0..3 {
        let expected =
            naive(&a.slice(s![i, .., ..]).to_owned(), &b.slice(s![i, .., ..]).to_owned());
        assert_eq!(all.slice(s![i, .., ..]), expected);
    }
    for plan in [Plan::Plain, Plan::Tiles(4), Plan::Tiles(8)] {
        let part = s![1, 1..;2, ..-1;-1];
        let (left, right) = (x.slice(part).unwrap(), y.slice(s![1, ..;-1, 3..]).unwrap());
        let right = right.slice(s![1.., ..]).unwrap();
        let out = device.zeros((left.shape()[0], 38)).unwrap();
        let of = |x| stacked(x).unwrap();
        multiply(&of(&left), &of(&right), &of(&out), Some(plan)).unwrap();
        let expected = naive(
            &a.slice(part).to_owned(),
            &b.slice(s![1, ..;-1, 3..]).slice(s![1.., ..]).to_owned(),
        );
        assert_eq!(out.to_array().unwrap(), expected, "{plan:?}");
    }
    let a = Array::from_shape_vec(IxDyn(&[2, 3, 4, 5]), numbers(120)).unwrap();
    let x = device.upload(&a).unwrap();
    let y = x.permuted_axes(IxDyn(&[0, 1, 3, 2])).unwrap();
    let c = x.matmul(&y).unwrap().to_array().unwrap();
    let one = a.slice(s![1, 2, .., ..]).into_dimensionality().unwrap().to_owned();
    assert_eq!(c.slice(s![1, 2, .., ..]), naive(&one, &one.t().to_owned()));
}

/// Along an axis of length 1 there is nothing to step to, and a view may have any stride there.
#[test]
fn axes_of_length_1_have_any_stride() {
    let Some(device) = testing::device("axes_of_length_1_have_any_stride") else { return };
    let (a, b) = (matrix(1, 8, |x| x as f32), matrix(8, 12, |x| x as f32));
    let far = isize::MAX - 1;
    let with = |x: &Array2<f32>, axis: usize, stride: isize| {
        let x = stacked(&device.upload(x).unwrap()).unwrap();
        let mut layout = x.layout().clone();
        layout.strides[0] = stride;
        layout.strides[axis] = stride;
        x.with_layout(layout)
    };
    for plan in [Plan::Plain, Plan::Tiles(4), Plan::Tiles(8)] {
        for stride in [far, -far] {
            let out = with(&Array2::zeros((1, 12)), 1, stride);
            multiply(&with(&a, 1, stride), &with(&b, 0, stride), &out, Some(plan)).unwrap();
            let product = out.to_array().unwrap().index_axis_move(ndarray::Axis(0), 0);
            assert_eq!(product, naive(&a, &b).into_dyn(), "{plan:?} {stride}");
        }
    }
}

#[test]
fn products_larger_than_a_binding_are_computed_in_parts() {
    if testing::device("products_larger_than_a_binding").is_none() {
        return;
    }
    let settings = Settings::new().max_binding_bytes(512);
    let device = Device::open_with(Select::env().allow_software(true), &settings).unwrap();
    for (m, k, n) in [(40, 7, 50), (1, 33, 300), (300, 33, 1)] {
        let (a, b) = (matrix(m, k, |x| x), matrix(k, n, |x| x));
        let (x, y) = (device.upload(&a).unwrap(), device.upload(&b).unwrap());
        assert_eq!(x.matmul(&y).unwrap().to_array().unwrap(), naive(&a, &b));
        let y = device.upload(&b.t()).unwrap().t();
        assert_eq!(x.matmul(&y).unwrap().to_array().unwrap(), naive(&a, &b));
    }
    let (x, y) =
        (device.zeros::<f32, _>((2, 4000)).unwrap(), device.zeros::<f32, _>((4000, 2)).unwrap());
    assert_eq!(x.matmul(&y).unwrap_err().kind(), ErrorKind::TooLarge);
}

#[test]
fn what_does_not_fit_is_an_error() {
    let Some(device) = testing::device("what_does_not_fit_is_an_error") else { return };
    let of = |shape: &[usize]| device.zeros::<f32, _>(IxDyn(shape)).unwrap();
    for (a, b) in
        [(&[2, 3][..], &[2, 3][..]), (&[3], &[3]), (&[2, 3], &[1, 3, 2]), (&[2, 1, 1], &[3, 1, 1])]
    {
        let error = of(a).matmul(&of(b)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Shape);
        assert_eq!(
            error.to_string(),
            format!("matrices of shapes {a:?} and {b:?} have no product")
        );
    }
    let other = Device::open(Select::env().allow_software(true)).unwrap();
    let error = of(&[2, 2]).matmul(&other.zeros(IxDyn(&[2, 2])).unwrap()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DeviceMismatch);
    let c = of(&[2, 0]).matmul(&of(&[0, 3])).unwrap();
    assert_eq!(c.to_array().unwrap(), ndarray::ArrayD::<f32>::zeros(IxDyn(&[2, 3])));
    assert_eq!(of(&[0, 2]).matmul(&of(&[2, 3])).unwrap().shape(), [0, 3]);
}
