//! Prefix scans against loops.

use ndarray::{Array2, ArrayD, Axis, IxDyn, Slice, array, s};
use proptest::prelude::*;
use tenfold_kernel::{ErrorKind, Num, kernel, ndarray};

use crate::elementwise::on_every_isa;

#[kernel(scan(sum))]
fn running(x: f64, weight: f64) -> f64 {
    x * weight
}

#[kernel(scan(sum))]
fn weighted(weight: f64, x: f64) -> f64 {
    x * weight
}

#[kernel(scan(max))]
fn highest(n: i32) -> i32 {
    n
}

#[kernel(scan(min), for = [f64, i32])]
fn lowest<T: Num>(x: T) -> T {
    x
}

#[kernel(scan(prod))]
fn product(n: u8) -> u8 {
    n | 1
}

#[kernel(scan(sum), division = error)]
fn shares(n: i32, by: i32) -> i32 {
    n / by
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
}

fn lengths() -> impl Strategy<Value = usize> {
    prop_oneof![Just(0_usize), Just(1), Just(2), Just(13), 1..60_usize]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Any strides of input and output, on threads too.
    #[test]
    fn any_layout(shape in prop::collection::vec(lengths(), 1..4), swap in 0..3_usize,
        steps in prop::array::uniform3(prop_oneof![Just(1_isize), Just(-1), Just(2), Just(-3)]))
    {
        let mut i = 0.0;
        let x = ArrayD::from_shape_simple_fn(IxDyn(&shape), || { i += 1.0; f64::sin(i) * 10.0 });
        let mut x = x.view();
        for (axis, &step) in steps.iter().take(shape.len()).enumerate() {
            x.slice_axis_inplace(Axis(axis), Slice::new(0, None, step));
        }
        x.swap_axes(0, swap.min(shape.len() - 1));
        let expected = |axis: usize| {
            let mut sums = x.mapv(|x| running(x, 0.5));
            sums.accumulate_axis_inplace(Axis(axis), |&before, x| *x += before);
            sums
        };
        let expected: Vec<ArrayD<f64>> = (0..shape.len()).map(expected).collect();
        on_every_isa(|| for (axis, expected) in expected.iter().enumerate() {
            assert_eq!(running::map(axis, &x, 0.5).unwrap(), expected);
            assert_eq!(running::par().map(axis, &x, 0.5).unwrap(), expected);
            let mut memory = ArrayD::zeros(IxDyn(&shape));
            let mut out = memory.view_mut();
            for (axis, &step) in steps.iter().take(shape.len()).enumerate() {
                out.slice_axis_inplace(Axis(axis), Slice::new(0, None, step));
            }
            out.swap_axes(0, swap.min(shape.len() - 1));
            running::into(axis, &x, 0.5, out.view_mut()).unwrap();
            assert_eq!(out, expected);
            out.assign(&x);
            weighted::par().update(axis, 0.5, out.view_mut()).unwrap();
            assert_eq!(out, expected);
        });
    }

    #[test]
    fn integers_and_bits(n in prop::collection::vec(any::<i32>(), 1..200)) {
        let mut most = n.clone();
        let mut least: Vec<f64> = n.iter().map(|&n| f64::from(n)).collect();
        let bytes: Vec<u8> = n.iter().map(|&n| n as u8).collect();
        let mut products = bytes.iter().map(|&n| product(n)).collect::<Vec<_>>();
        let floats = least.clone();
        for i in 1..n.len() {
            most[i] = most[i].max(most[i - 1]);
            least[i] = least[i].min(least[i - 1]);
            products[i] = products[i].wrapping_mul(products[i - 1]);
        }
        on_every_isa(|| {
            assert_eq!(highest::map(0, &n).unwrap().to_vec(), most);
            assert_eq!(lowest::map(0, &floats).unwrap().to_vec(), least);
            let mut out = vec![0; n.len()];
            product::into(0, &bytes, &mut out).unwrap();
            assert_eq!(out, products);
        });
    }
}

/// Operands are broadcast; large arrays are shared among threads, with the same bits.
#[test]
fn broadcast_and_shared() {
    let column = Array2::from_shape_fn((300, 1), |(i, _)| (i as f64).cos());
    let row = Array2::from_shape_fn((1, 700), |(_, j)| 1.0 / (j + 1) as f64);
    for axis in 0..2 {
        let expected = running::map(axis, &column, &row).unwrap();
        let mut naive = &column * &row;
        naive.accumulate_axis_inplace(Axis(axis), |&before, x| *x += before);
        assert_eq!(expected, naive);
        for threads in [1, 2, 5] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let got = pool.install(|| running::par().map(axis, &column, &row).unwrap());
            assert_eq!(got, expected);
        }
    }
}

#[test]
fn nan_among_numbers() {
    let x = [2.0, f64::NAN, 3.0, 1.0];
    assert_eq!(lowest::map(0, &x).unwrap().to_vec(), [2.0, 2.0, 2.0, 1.0]);
    let sums = running::map(0, &x, 1.0).unwrap();
    assert!(sums[0] == 2.0 && sums.slice(s![1..]).iter().all(|x| x.is_nan()));
}

#[test]
fn what_does_not_fit_is_an_error() {
    let x = Array2::<f64>::zeros((7, 33));
    let error = running::map(2, &x, 1.0).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Argument);
    assert_eq!(error.to_string(), "axis 2 of shape (7, 33), which has 2 axes");
    let mut out = Array2::zeros((33, 7));
    let error = running::into(0, &x, 1.0, &mut out).unwrap_err();
    assert_eq!(error.to_string(), "output `out` has shape (33, 7), but the inputs make (7, 33)");
    assert_eq!(running::into(5, &x, 1.0, &mut out).unwrap_err().kind(), ErrorKind::Argument);
    assert_eq!(weighted::update(1, &x, &mut out).unwrap_err().kind(), ErrorKind::Shape);
    assert_eq!(shares::map(0, &[1, 2], &[1, 0]).unwrap_err().kind(), ErrorKind::DivisionByZero);
}
