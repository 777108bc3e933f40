//! Reductions against loops and exact sums.

use ndarray::{Array1, Array2, Array3, ArrayD, Axis, IxDyn, s};
use proptest::prelude::*;
use tenfold_kernel::{ErrorKind, Real, kernel, ndarray};

use crate::elementwise::on_every_isa;

#[kernel(reduce(sum))]
fn total(n: i64) -> i64 {
    n
}

#[kernel(reduce(sum, order = free))]
fn dot(x: f64, y: f64) -> f64 {
    x * y
}

#[kernel(reduce(sum, order = compensated), for = [f32, f64])]
fn exact<T: Real>(x: T) -> T {
    x
}

#[kernel(reduce(sum), for = [f32, f64])]
fn plain<T: Real>(x: T) -> T {
    x
}

#[kernel(reduce(mean, min, max, argmin, argmax))]
fn statistics(x: f64) -> (f64, f64, f64, f64, f64) {
    (x, x, x, x, x)
}

#[kernel(reduce(any, all, prod))]
fn logic(n: i32) -> (bool, bool, i32) {
    (n > 5, n > 0, n)
}

#[kernel(reduce(sum))]
fn widened(n: i16) -> i64 {
    n as i64
}

#[kernel(reduce(sum))]
fn wrapping(n: i8) -> i8 {
    n
}

#[kernel(reduce(sum))]
fn wide(n: i32) -> i64 {
    n as i64
}

#[kernel(reduce(sum))]
fn beside(n: i16, x: i64) -> i64 {
    n as i64 * x
}

#[kernel(reduce(count))]
fn large(n: i64) -> bool {
    n > 100
}

#[kernel]
fn further(a: f64, b: f64) -> f64 {
    if a.abs() < b.abs() { b } else { a }
}

#[kernel(reduce(fold = further, identity = 0.0))]
fn furthest(x: f64) -> f64 {
    x
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Integers have one sum, whatever the order.
    #[test]
    fn sums_of_integers(shape in prop::collection::vec(
        prop_oneof![Just(0_usize), Just(1), Just(13), 1..40_usize], 1..4), step in 1..4_isize)
    {
        let mut i = 0_i64;
        let array = ArrayD::from_shape_simple_fn(IxDyn(&shape), || { i += 1; i * i % 1009 - 400 });
        let view = array.slice_axis(Axis(shape.len() - 1), ndarray::Slice::new(0, None, -step));
        on_every_isa(|| {
            assert_eq!(total::reduce(view.view()).unwrap(), view.sum());
            assert_eq!(total::par().reduce(view.view()).unwrap(), view.sum());
            for axis in 0..shape.len() {
                let expected = view.sum_axis(Axis(axis));
                assert_eq!(total::reduce_axis(axis, view.view()).unwrap(), expected);
                assert_eq!(total::par().reduce_axis(axis, view.view()).unwrap(), expected);
            }
        });
    }

    /// Ranges of all widths, beside arrays too.
    #[test]
    fn ranges(rows in 1..5_usize, columns in 1..200_i16, start in -90..90_i16) {
        let numbers: Vec<i64> = (start..start + columns).map(i64::from).collect();
        let ones = Array2::<i64>::ones((rows, numbers.len()));
        let sum: i64 = numbers.iter().sum();
        let large = i32::from(start) * 1000;
        on_every_isa(|| {
            assert_eq!(widened::reduce(start..start + columns).unwrap(), sum);
            assert_eq!(wrapping::reduce(-100..100_i8).unwrap(), -100);
            assert_eq!(wide::reduce(large..large + 70_001).unwrap(),
                (0..70_001).map(|i| i64::from(large) + i).sum::<i64>());
            let of_floats = plain::reduce(f64::from(start)..f64::from(start + columns));
            assert_eq!(of_floats.unwrap(), sum as f64);
            let many = f64::from(large)..f64::from(large) + 70_001.0;
            assert_eq!(plain::par().reduce(many).unwrap(),
                (0..70_001).map(|i| f64::from(large + i)).sum::<f64>());
            let product = beside::reduce(start..start + columns, &ones).unwrap();
            assert_eq!(product, sum * rows as i64);
            let reversed = ones.slice(s![.., ..;-1]);
            assert_eq!(beside::reduce(start..start + columns, reversed).unwrap(), product);
            let by_columns = beside::reduce_axis(0, start..start + columns, &ones).unwrap();
            assert!(by_columns.iter().zip(&numbers).all(|(&a, &b)| a == b * rows as i64));
            let by_rows = beside::reduce_axis(1, start..start + columns, &ones).unwrap();
            assert!(by_rows.iter().all(|&x| x == sum));
        });
    }

    /// Whole, by lines, and by lanes that belong to different lines.
    #[test]
    fn counts(shape in prop::collection::vec(
        prop_oneof![Just(0_usize), Just(1), Just(17), 1..40_usize], 1..4))
    {
        let mut i = 0_i64;
        let array = ArrayD::from_shape_simple_fn(IxDyn(&shape), || { i += 1; i * i % 1009 - 400 });
        let ones = array.mapv(|n| u64::from(n > 100));
        on_every_isa(|| {
            assert_eq!(large::reduce(&array).unwrap(), ones.sum());
            assert_eq!(large::par().reduce(&array).unwrap(), ones.sum());
            for axis in 0..shape.len() {
                let expected = ones.sum_axis(Axis(axis));
                assert_eq!(large::reduce_axis(axis, &array).unwrap(), expected);
            }
        });
    }

    #[test]
    fn order_statistics(x in prop::collection::vec(-100..100_i32, 1..300)) {
        let x: Vec<f64> = x.into_iter().map(f64::from).collect();
        let first = |best: f64| x.iter().position(|&y| y == best).unwrap() as u64;
        let smallest = x.iter().copied().fold(f64::INFINITY, f64::min);
        let largest = x.iter().copied().fold(-f64::INFINITY, f64::max);
        let mean = x.iter().sum::<f64>() / x.len() as f64;
        on_every_isa(|| {
            let got = statistics::reduce(&x).unwrap();
            assert!((got.0 - mean).abs() < 1e-12);
            assert_eq!((got.1, got.2), (smallest, largest));
            assert_eq!((got.3, got.4), (first(smallest), first(largest)));
        });
    }

    #[test]
    fn bools_and_products(n in prop::collection::vec(-2..9_i32, 0..100)) {
        let expected = (
            n.iter().any(|&n| n > 5),
            n.iter().all(|&n| n > 0),
            n.iter().fold(1_i32, |product, &n| product.wrapping_mul(n)),
        );
        on_every_isa(|| assert_eq!(logic::reduce(&n).unwrap(), expected));
    }
}

/// Numbers of very different size, whose sum is known.
fn hard(n: usize) -> (Vec<f64>, f64) {
    let mut numbers = vec![];
    for i in 0..n {
        let big = (i as f64 + 1.0) * 1e16;
        numbers.extend([big, 0.125, -big]);
    }
    (numbers, 0.125 * n as f64)
}

#[test]
fn compensated_sums_lose_nothing() {
    let (numbers, sum) = hard(10_000);
    on_every_isa(|| {
        assert_eq!(exact::reduce(&numbers).unwrap(), sum);
        assert_eq!(exact::par().reduce(&numbers).unwrap(), sum);
    });
    assert_ne!(plain::reduce(&numbers).unwrap(), sum, "the example is not hard");
    assert_eq!(exact::reduce(&[1.0, f64::INFINITY]).unwrap(), f64::INFINITY);
}

/// A sum of f32 in a row is off by several per cent here.
#[test]
fn long_sums_of_single_precision() {
    let ones = vec![0.1_f32; 5_000_000];
    let exact = f64::from(0.1_f32) * 5e6;
    let got = f64::from(plain::reduce(&ones).unwrap());
    assert!((got - exact).abs() < 1e-5 * exact, "{got} for {exact}");
}

/// The same bits with any instructions on any number of threads.
#[test]
fn order_is_fixed() {
    let x = Array1::from_iter((0..1_000_003).map(|i| (f64::from(i) * 0.7).sin() * 1e3));
    let sliced = x.slice(s![..;-3]);
    let table = x.slice(s![..1_000_000]).into_shape_with_order((1000, 1000)).unwrap();
    let table = table.slice(s![.., ..;2]);
    let expected = dot::reduce(&x, &x).unwrap();
    let expected_sliced = plain::reduce(&sliced).unwrap();
    let expected_table = plain::reduce(&table).unwrap();
    for threads in [1, 2, 3, 5] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            on_every_isa(|| {
                assert_eq!(dot::par().reduce(&x, &x).unwrap().to_bits(), expected.to_bits());
                assert_eq!(plain::par().reduce(&sliced).unwrap(), expected_sliced);
                assert_eq!(plain::par().reduce(&table).unwrap(), expected_table);
            });
        });
    }
    let naive: f64 = x.iter().map(|x| x * x).sum();
    assert!((expected - naive).abs() < 1e-9 * naive);
}

#[test]
fn axes_of_any_layout() {
    let array = Array3::from_shape_fn((7, 33, 70), |(i, j, k)| ((i * 31 + j * 7 + k) as f64).cos());
    on_every_isa(|| {
        for view in [array.view(), array.t(), array.slice(s![..;-1, ..;2, ..])] {
            for axis in 0..3 {
                let got = plain::reduce_axis(axis, view.view()).unwrap();
                let expected = view.sum_axis(Axis(axis));
                assert_eq!(got.shape(), expected.shape());
                assert!(got.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-12));
                let (_, _, largest, _, at) = statistics::reduce_axis(axis, view.view()).unwrap();
                for (i, lane) in view.lanes(Axis(axis)).into_iter().enumerate() {
                    let best = lane.iter().copied().fold(f64::MIN, f64::max);
                    assert_eq!(*largest.iter().nth(i).unwrap(), best);
                    assert_eq!(lane[*at.iter().nth(i).unwrap() as usize], best);
                }
            }
        }
    });
}

/// A broadcast pair of a column and a row is never stored.
#[test]
fn broadcast_and_reduced() {
    let (x, y) = (Array1::linspace(0.0, 1.0, 50), Array1::linspace(1.0, 2.0, 41));
    let column = x.view().insert_axis(Axis(1));
    let got = dot::reduce_axis(1, column, &y).unwrap();
    let expected = x.mapv(|x| y.iter().map(|y| x * y).sum::<f64>());
    assert!(got.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-12));
}

#[test]
fn folds_of_the_user() {
    on_every_isa(|| {
        assert_eq!(furthest::reduce(&[1.0, -7.0, 3.0]).unwrap(), -7.0);
        assert_eq!(furthest::reduce(&[0.0; 0]).unwrap(), 0.0);
    });
}

#[test]
fn nothing_to_reduce() {
    let none = Array2::<f64>::zeros((0, 3));
    assert_eq!(plain::reduce(&none).unwrap(), 0.0);
    assert_eq!(plain::reduce_axis(0, &none).unwrap().to_vec(), [0.0; 3]);
    let error = statistics::reduce(&none).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Empty);
    assert_eq!(
        error.to_string(),
        "nothing to reduce in shape (0, 3), and the operation has no identity"
    );
    assert_eq!(statistics::reduce_axis(0, &none).unwrap_err().kind(), ErrorKind::Empty);
    assert_eq!(statistics::reduce_axis(1, &none).unwrap().0.len(), 0);
    let error = plain::reduce_axis(2, &none).unwrap_err();
    assert_eq!(error.to_string(), "axis 2 of shape (0, 3), which has 2 axes");
}

#[test]
fn nan_among_numbers() {
    let x = [f64::NAN, 3.0, 1.0, f64::NAN, 2.0];
    let (mean, smallest, largest, at_smallest, at_largest) = statistics::reduce(&x).unwrap();
    assert!(mean.is_nan());
    assert_eq!((smallest, largest, at_smallest, at_largest), (1.0, 3.0, 2, 1));
    let (_, smallest, _, at, _) = statistics::reduce(&[f64::NAN; 3]).unwrap();
    assert!(smallest.is_nan() && at == 0);
}
