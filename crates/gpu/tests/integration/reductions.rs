//! Reductions of kernels on the device, against the same ones on the processor.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "kernels convert as Rust does, and small numbers fit"
)]

use proptest::prelude::*;
use tenfold_gpu::ndarray::{Array, Array1, Array2, Array3, ArrayD, Axis, IxDyn, Slice, array, s};
use tenfold_gpu::{Device, ErrorKind, Feature, OnDevice as _, Select};
use tenfold_kernel::{Num, kernel};

use crate::device::{device, narrow};

#[kernel(reduce(sum), for = [f32, f64, i32, u32, i64, u64])]
fn dot<T: Num>(x: T, y: T) -> T {
    x * y
}

#[kernel(reduce(prod), for = [f32, i32, u32])]
fn product<T: Num>(x: T, y: T) -> T {
    x + y
}

#[kernel(reduce(mean), for = [f32, i32])]
fn mean<T: Num>(x: T, y: T) -> T {
    x + y
}

#[kernel(reduce(min, max), for = [f32, f64, i32, u32])]
fn bounds<T: Num>(x: T, y: T) -> (T, T) {
    (x - y, x + y)
}

#[kernel(reduce(argmin, argmax), for = [f32, f64, i32, u32])]
fn places<T: Num>(x: T, y: T) -> (T, T) {
    (x + y, x + y)
}

#[kernel(reduce(count, any, all))]
fn truths(x: i32, y: i32, is_on: bool) -> (bool, bool, bool) {
    (x < y, x == y && is_on, x + y > -200 || is_on)
}

#[kernel(reduce(count))]
fn inside(i: u32, n: u32) -> bool {
    let (x, y) = (i % n, i / n);
    x * x + y * y < n * n
}

/// Of halves of the numbers of SplitMix64, those in a quarter of a circle.
#[kernel(reduce(count))]
fn drawn_inside(i: u64, seed: u64) -> bool {
    let state = seed + (i + 1) * 0x9E37_79B9_7F4A_7C15;
    let z = (state ^ (state >> 30)) * 0xBF58_476D_1CE4_E5B9;
    let z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
    let bits = z ^ (z >> 31);
    let x = (bits >> 33) as u64;
    let y = bits & 0x7FFF_FFFF;
    x * x + y * y < 1 << 62
}

#[kernel(reduce(sum, argmax, min))]
fn of_index(i: i32, x: i32) -> (i32, i32, i32) {
    (i * x, (i - 3) * (9 - i), i - x)
}

#[kernel(reduce(sum))]
fn of_long_index(i: i64) -> i64 {
    i * i
}

/// Goes round without an end for numbers that are in no array.
#[kernel(reduce(max))]
fn halvings(n: u32) -> u32 {
    let mut k = n;
    let mut steps = 0u32;
    while k != 1 {
        k /= 2;
        steps += 1;
    }
    steps
}

#[kernel(reduce(sum), division = error)]
fn quotients(x: i32, y: i32) -> i32 {
    x / y
}

fn both(test: &str) -> Vec<Device> {
    [device(test), narrow(test)].into_iter().flatten().collect()
}

fn small(i: usize) -> i32 {
    ((i * 7919 + 13) % 257) as i32 - 120
}

/// What sums of magnitudes are to be multiplied with for the largest error of a sum of `f32`.
fn share(len: usize) -> f64 {
    7.0 * (len.max(2) as f64).log2() / f64::from(1 << 24)
}

macro_rules! of_type {
    ($device:ident $ty:ty, $len:expr) => {{
        let x = Array::from_shape_fn($len, |i| (small(i) / 8 + 15) as $ty);
        let y = Array::from_shape_fn($len, |i| (small(3 * i + 1) / 64 + 4) as $ty);
        let (on_x, on_y) = ($device.upload(&x).unwrap(), $device.upload(&y).unwrap());
        let sum = dot::on::<$ty, _>(&$device).reduce((&on_x, &on_y)).unwrap();
        assert_eq!(sum, dot::reduce(&x, &y).unwrap(), "{} {}", stringify!($ty), $len);
        let sum = dot::on::<$ty, _>(&$device).reduce((&on_x, 3 as $ty)).unwrap();
        assert_eq!(sum, dot::reduce(&x, 3 as $ty).unwrap(), "{} {}", stringify!($ty), $len);
    }};
}

/// Below, at and above what a group of four, a lane, a work-group and a tile take in, and primes.
#[test]
fn sums_of_whole_numbers_are_those_of_the_processor() {
    for device in both("sums_of_whole_numbers_are_those_of_the_processor") {
        for len in [1, 3, 5, 257, 4099, 33_003] {
            of_type!(device f32, len);
            of_type!(device i32, len);
            of_type!(device u32, len);
            if (5..33_003).contains(&len) {
                continue;
            }
            if device.has(Feature::F64) {
                of_type!(device f64, len);
            }
            if device.has(Feature::I64) {
                of_type!(device i64, len);
                of_type!(device u64, len);
            }
        }
    }
}

#[test]
fn each_reduction_is_that_of_the_processor() {
    for device in both("each_reduction_is_that_of_the_processor") {
        for shape in [[1, 1, 1], [7, 5, 3], [3, 301, 1], [1, 2099, 2]] {
            let x = Array3::from_shape_vec(shape, (0..shape.iter().product()).map(small).collect());
            let x = x.unwrap();
            let y = Array1::from_iter((0..shape[2]).map(|i| small(i + 5)));
            let is_on = x.mapv(|x| x % 3 == 0);
            let (on_x, on_y) = (device.upload(&x).unwrap(), device.upload(&y).unwrap());
            let on_is_on = device.upload(&is_on.mapv(u32::from)).unwrap();
            let args = (&on_x, &on_y, &on_is_on);
            let of_all = truths::on(&device).reduce(args).unwrap();
            assert_eq!(of_all, truths::reduce(&x, &y, &is_on).unwrap(), "{shape:?}");
            let [p, b, q] =
                [x.mapv(|x| x as f32), x.mapv(|x| x as f32 / 8.0), x.mapv(|x| 1.0 / x as f32)];
            let on_p = device.upload(&p).unwrap();
            let on_b = device.upload(&b).unwrap();
            let on_q = device.upload(&q).unwrap();
            let of_all = bounds::on::<f32, _>(&device).reduce((&on_p, &on_q)).unwrap();
            assert_eq!(of_all, bounds::reduce(&p, &q).unwrap(), "{shape:?}");
            let of_all = places::on::<f32, _>(&device).reduce((&on_p, &on_b)).unwrap();
            assert_eq!(of_all, places::reduce(&p, &b).unwrap(), "{shape:?}");
            let of_all = product::on::<i32, _>(&device).reduce((&on_x, &on_y)).unwrap();
            assert_eq!(of_all, product::reduce(&x, &y).unwrap(), "{shape:?}");
            let of_all = mean::on::<i32, _>(&device).reduce((&on_x, &on_y)).unwrap();
            assert_eq!(of_all, mean::reduce(&x, &y).unwrap(), "{shape:?}");
            let of_all = mean::on::<f32, _>(&device).reduce((&on_p, 1.0)).unwrap();
            assert_eq!(of_all, mean::reduce(&p, 1.0).unwrap(), "{shape:?}");
            for axis in 0..3 {
                let on = Axis(axis);
                let (count, any, all) = truths::on(&device).reduce_axis(on, args).unwrap();
                let of_host = truths::reduce_axis(axis, &x, &y, &is_on).unwrap();
                let message = format!("{shape:?} along {axis}");
                assert_eq!(count.to_array().unwrap().mapv(u64::from), of_host.0, "{message}");
                assert_eq!(any.to_array().unwrap().mapv(|x| x == 1), of_host.1, "{message}");
                assert_eq!(all.to_array().unwrap().mapv(|x| x == 1), of_host.2, "{message}");
                let (least, most) =
                    bounds::on::<f32, _>(&device).reduce_axis(on, (&on_p, &on_q)).unwrap();
                let of_host = bounds::reduce_axis(axis, &p, &q).unwrap();
                assert_eq!(least.to_array().unwrap(), of_host.0, "{message}");
                assert_eq!(most.to_array().unwrap(), of_host.1, "{message}");
                let (least, most) =
                    places::on::<f32, _>(&device).reduce_axis(on, (&on_p, &on_b)).unwrap();
                let of_host = places::reduce_axis(axis, &p, &b).unwrap();
                assert_eq!(least.to_array().unwrap().mapv(u64::from), of_host.0, "{message}");
                assert_eq!(most.to_array().unwrap().mapv(u64::from), of_host.1, "{message}");
                let means = mean::on::<i32, _>(&device).reduce_axis(on, (&on_x, &on_y)).unwrap();
                assert_eq!(
                    means.to_array().unwrap(),
                    mean::reduce_axis(axis, &x, &y).unwrap(),
                    "{message}"
                );
            }
        }
    }
}

#[test]
fn special_numbers_have_the_rules_of_the_processor() {
    let Some(device) = device("special_numbers_have_the_rules_of_the_processor") else { return };
    let (nan, inf) = (f32::NAN, f32::INFINITY);
    for x in [
        vec![nan, 2.0, -nan, 1.0],
        vec![nan, -inf, inf],
        vec![inf, nan],
        vec![nan, nan],
        vec![3.0, nan, 3.0, -7.0, -7.0],
    ] {
        let on_x = device.upload(&Array1::from(x.clone())).unwrap();
        let same = |a: f32, b: f32| a == b || (a.is_nan() && b.is_nan());
        let of_device = bounds::on::<f32, _>(&device).reduce((&on_x, 0.0)).unwrap();
        let of_host = bounds::reduce(&x, 0.0).unwrap();
        assert!(same(of_device.0, of_host.0) && same(of_device.1, of_host.1), "{x:?}");
        let of_device = places::on::<f32, _>(&device).reduce((&on_x, 0.0)).unwrap();
        assert_eq!(of_device, places::reduce(&x, 0.0).unwrap(), "{x:?}");
    }
    let x = device.upload(&array![1.0_f32, inf, -inf]).unwrap();
    assert!(dot::on::<f32, _>(&device).reduce((&x, 1.0)).unwrap().is_nan());
    assert_eq!(product::on::<f32, _>(&device).reduce((&x, 0.0)).unwrap(), -inf);
}

#[test]
fn ranges_are_arrays_that_lie_nowhere() {
    for device in both("ranges_are_arrays_that_lie_nowhere") {
        for n in [0, 1, 100, 40_009] {
            let of_device = inside::on(&device).reduce((0..n, 200)).unwrap();
            assert_eq!(of_device, inside::reduce(0..n, 200).unwrap(), "{n}");
        }
        let x = Array2::from_shape_fn((5, 701), |(i, j)| small(i * 701 + j));
        let on_x = device.upload(&x.t()).unwrap().t();
        let of_device = of_index::on(&device).reduce((-300..401, &on_x)).unwrap();
        assert_eq!(of_device, of_index::reduce(-300..401, &x).unwrap());
        for axis in 0..2 {
            let (a, b, c) =
                of_index::on(&device).reduce_axis(Axis(axis), (-300..401, &on_x)).unwrap();
            let of_host = of_index::reduce_axis(axis, -300..401, &x).unwrap();
            assert_eq!(a.to_array().unwrap(), of_host.0, "{axis}");
            assert_eq!(b.to_array().unwrap().mapv(u64::from), of_host.1, "{axis}");
            assert_eq!(c.to_array().unwrap(), of_host.2, "{axis}");
        }
        let elements = inside::on(&device).map((70..1000_u32, 30)).unwrap().to_array().unwrap();
        let counted = elements.iter().filter(|&&is| is == 1).count() as u64;
        assert_eq!(counted, inside::reduce(70..1000, 30).unwrap());
        if device.has(Feature::I64) {
            let first = u64::MAX - 20_000;
            let of_device = drawn_inside::on(&device).reduce((first..u64::MAX, 7_u64)).unwrap();
            assert_eq!(of_device, drawn_inside::reduce(first..u64::MAX, 7).unwrap());
            let of_device = of_long_index::on(&device).reduce(-5_000_000_000..-4_999_990_000);
            assert_eq!(
                of_device.unwrap(),
                of_long_index::reduce(-5_000_000_000..-4_999_990_000).unwrap()
            );
            let backwards = std::ops::Range { start: 5, end: -5 };
            assert_eq!(of_long_index::on(&device).reduce(backwards).unwrap(), 0);
        }
    }
}

#[test]
fn a_function_is_called_for_what_is_there_alone() {
    for device in both("a_function_is_called_for_what_is_there_alone") {
        for len in [1, 5, 257, 4097] {
            let x = Array1::from_iter(1..=len);
            let on_x = device.upload(&x).unwrap();
            let of_device = halvings::on(&device).reduce(&on_x).unwrap();
            assert_eq!(of_device, halvings::reduce(&x).unwrap(), "{len}");
        }
    }
}

#[test]
fn sums_have_the_same_bits_each_time() {
    let Some(device) = device("sums_have_the_same_bits_each_time") else { return };
    let x = Array2::from_shape_fn((3, 40_009), |(i, j)| (small(i + 3 * j) as f32 * 0.1).exp());
    let y = x.mapv(|x| 1.0 / (1.0 + x));
    let (on_x, on_y) = (device.upload(&x).unwrap(), device.upload(&y).unwrap());
    let runner = dot::on::<f32, _>(&device);
    let rows = runner.reduce_axis(Axis(1), (&on_x, &on_y)).unwrap().to_array().unwrap();
    for row in 0..3 {
        // One row alone, copied and not: the tree is that of the length.
        let [x, y] = [&on_x, &on_y].map(|array| array.index_axis(Axis(0), row).unwrap());
        let alone = runner.reduce((&x, &y)).unwrap();
        assert_eq!(alone.to_bits(), rows[row].to_bits());
        let again = dot::on::<f32, _>(&device)
            .workgroup_size(64)
            .reduce((&x.to_standard_layout().unwrap(), &y));
        assert_eq!(again.unwrap().to_bits(), alone.to_bits());
    }
    // And those of the reduction of an array of the products.
    let products = device.upload(&(&x * &y)).unwrap();
    assert_eq!(runner.reduce((&on_x, &on_y)).unwrap().to_bits(), products.sum().unwrap().to_bits());
    let exact: f64 = (&x * &y).iter().map(|&x| f64::from(x)).sum();
    let fast = dot::on::<f32, _>(&device).fast().reduce((&on_x, &on_y)).unwrap();
    assert!((f64::from(fast) - exact).abs() <= 2.0 * share(x.len()) * exact, "{fast} {exact}");
}

#[test]
fn nothing_has_a_sum_and_no_smallest() {
    for device in both("nothing_has_a_sum_and_no_smallest") {
        let x = device.zeros::<f32, _>((3, 0, 2)).unwrap();
        assert_eq!(dot::on::<f32, _>(&device).reduce((&x, 1.0)).unwrap(), 0.0);
        assert_eq!(product::on::<f32, _>(&device).reduce((&x, 1.0)).unwrap(), 1.0);
        let n = device.zeros::<i32, _>((0, 2)).unwrap();
        let of_device = truths::on(&device).reduce((&n, 1, true)).unwrap();
        assert_eq!(of_device, (0, false, true));
        let (count, _, all) = truths::on(&device).reduce_axis(Axis(0), (&n, 1, true)).unwrap();
        assert_eq!(count.to_array().unwrap(), array![0, 0]);
        assert_eq!(all.to_array().unwrap(), array![1, 1]);
        let ones = product::on::<f32, _>(&device).reduce_axis(Axis(1), (&x, 1.0)).unwrap();
        assert_eq!(ones.to_array().unwrap(), Array2::<f32>::ones((3, 2)));
        let none = bounds::on::<f32, _>(&device).reduce_axis(Axis(0), (&x, 1.0)).unwrap();
        assert_eq!(none.0.shape(), [0, 2]);
        let error = mean::on::<f32, _>(&device).reduce((&x, 1.0)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Shape);
        let error = bounds::on::<f32, _>(&device).reduce((&x, 1.0)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "there is no min of nothing: the arguments of kernel `bounds` have shape [3, 0, 2] together"
        );
        let error = places::on::<f32, _>(&device).reduce_axis(Axis(1), (&x, 1.0)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "there is no argmin of nothing: the arguments of kernel `places` have shape [3, 0, 2] together"
        );
        // Numbers are one element, and two numbers are one, too.
        assert_eq!(dot::on::<f32, _>(&device).reduce((3.0, 2.0)).unwrap(), 6.0);
        assert_eq!(places::on::<i32, _>(&device).reduce((3, 2)).unwrap(), (0, 0));
    }
}

#[test]
fn what_cannot_be_reduced_is_an_error() {
    let device = Device::open(Select::noop()).unwrap();
    let other = Device::open(Select::noop()).unwrap();
    let (x, y) = (device.zeros((3, 4)).unwrap(), device.zeros((4, 3)).unwrap());
    let runner = dot::on::<f32, _>(&device);
    let error = runner.reduce((&x, &y)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Shape);
    assert_eq!(
        error.to_string(),
        "argument `y` of shape [4, 3] cannot be broadcast together with `x` and what else is before it"
    );
    let error = runner.reduce_axis(Axis(2), (&x, 1.0)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Argument);
    assert_eq!(error.to_string(), "axis 2 was named of arguments of 2 axes together");
    assert_eq!(runner.reduce_axis(Axis(0), (1.0, 1.0)).unwrap_err().kind(), ErrorKind::Argument);
    let error = dot::on::<f32, _>(&other).reduce((1.0, &x)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DeviceMismatch);
    let n = device.zeros((3, 4)).unwrap();
    let error = of_index::on(&device).reduce((0..5, &n)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Shape, "{error}");
    let error = quotients::on(&device).reduce((&n, 1)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.to_string().contains("`division = error`"), "{error}");
    // More elements than there are numbers.
    for end in [u64::MAX, 1 << 62, 1 << 48] {
        let error = drawn_inside::on(&device).reduce((0..end, 1_u64)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TooLarge, "{error}");
    }
    // What was recorded waits for nothing.
    let error = device.record(|_| runner.reduce((&x, 1.0))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Argument, "{error}");
}

/// A view of three axes: which to take of each, in which steps, in which order.
type Cut = ([(usize, usize, isize); 3], usize);

fn cut() -> impl Strategy<Value = Cut> {
    let axis = (0..4_usize, 3..8_usize, prop_oneof![Just(1_isize), Just(-1), Just(2), Just(-3)]);
    ([axis.clone(), axis.clone(), axis], 0..6_usize)
}

const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

/// Additions in a row that the processor makes of some thousand numbers, and more.
const OF_HOST: f64 = 600.0 / (1 << 24) as f64;

/// Whether sums along an axis, or of all, are as near to the exact ones as is said, and more for others.
fn are_near(sums: &ArrayD<f32>, x: &ArrayD<f32>, axes: &[usize], more: f64) -> bool {
    let sum = |x: ArrayD<f64>| axes.iter().rev().fold(x, |x, &axis| x.sum_axis(Axis(axis)));
    let exact = sum(x.mapv(f64::from));
    let magnitudes = sum(x.mapv(|x| f64::from(x.abs())));
    let len = axes.iter().map(|&axis| x.shape()[axis]).product();
    let near = |((sum, exact), magnitude): ((&f32, &f64), &f64)| {
        (f64::from(*sum) - exact).abs() <= (share(len) + more) * magnitude
    };
    sums.iter().zip(&exact).zip(&magnitudes).all(near)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn any_views_are_reduced_as_on_the_processor(
        (axes, order) in cut(),
        is_repeated in any::<bool>(),
        axis in 0..3_usize,
    ) {
        for device in both("any_views_are_reduced_as_on_the_processor") {
            let host = Array1::from_iter((0..343).map(small));
            let host = host.into_shape_with_order((7, 7, 7)).unwrap();
            let on_host = device.upload(&host).unwrap();
            let [a, b, c] = axes.map(|(from, to, step)| {
                Slice::new(from.cast_signed(), Some(to.max(from + 1).cast_signed()), step)
            });
            let info = s![a, b, c];
            let x = host.slice(info).permuted_axes(ORDERS[order]);
            let on_x = on_host.slice(info).unwrap().permuted_axes(ORDERS[order]).unwrap();
            let last = if is_repeated { Slice::from(..1) } else { Slice::from(..) };
            let (y, on_y) = (x.slice(s![.., ..;-1, last]), on_x.slice(s![.., ..;-1, last]).unwrap());
            let of_device = dot::on::<i32, _>(&device).reduce((&on_x, &on_y)).unwrap();
            prop_assert_eq!(of_device, dot::reduce(x, y).unwrap());
            let of_device = dot::on::<i32, _>(&device).reduce_axis(Axis(axis), (&on_x, &on_y)).unwrap();
            prop_assert_eq!(of_device.to_array().unwrap(), dot::reduce_axis(axis, &x, &y).unwrap());
            let of_device = places::on::<i32, _>(&device).reduce((&on_x, &on_y)).unwrap();
            prop_assert_eq!(of_device, places::reduce(x, y).unwrap());
            let of_device = places::on::<i32, _>(&device).reduce_axis(Axis(axis), (&on_x, &on_y)).unwrap();
            let of_host = places::reduce_axis(axis, &x, &y).unwrap();
            prop_assert_eq!(of_device.0.to_array().unwrap().mapv(u64::from), of_host.0);
            prop_assert_eq!(of_device.1.to_array().unwrap().mapv(u64::from), of_host.1);
            let of_device = truths::on(&device).reduce((&on_x, &on_y, false)).unwrap();
            prop_assert_eq!(of_device, truths::reduce(x, y, false).unwrap());
        }
    }

    #[test]
    fn sums_are_as_exact_as_is_said(
        shape in prop_oneof![Just([1, 5000, 1]), Just([3, 999, 1]), Just([2, 777, 3]), Just([1, 70, 300])],
        seed in 0..1000_usize,
        axis in 0..3_usize,
    ) {
        for device in both("sums_are_as_exact_as_is_said") {
            let number = |i: usize| (small(i * 31 + seed) as f32 * 0.37).sin() * f32::from(1_u16 << (i % 13));
            let x = Array3::from_shape_vec(shape, (0..shape.iter().product()).map(number).collect()).unwrap();
            let y = x.mapv(|x| 1.0 / (3.0 + x.abs()));
            let (on_x, on_y) = (device.upload(&x).unwrap(), device.upload(&y).unwrap());
            let products = (&x * &y).into_dyn();
            let sums = dot::on::<f32, _>(&device).reduce_axis(Axis(axis), (&on_x, &on_y)).unwrap();
            let sums = sums.to_array().unwrap().into_dyn();
            prop_assert!(are_near(&sums, &products, &[axis], 0.0), "{:?} {}", shape, axis);
            let of_host = dot::reduce_axis(axis, &x, &y).unwrap().into_dyn();
            prop_assert!(are_near(&of_host, &products, &[axis], OF_HOST), "{:?} {}", shape, axis);
            let sum = dot::on::<f32, _>(&device).reduce((&on_x.t(), &on_y.t())).unwrap();
            let sum = ArrayD::from_elem(IxDyn(&[]), sum);
            prop_assert!(are_near(&sum, &products, &[0, 1, 2], 0.0), "{:?}", shape);
        }
    }
}

#[test]
fn means_of_more_integers_than_are_counted_are_errors() {
    let device = Device::open(Select::noop()).unwrap();
    let one = device.zeros::<i32, _>(1).unwrap();
    let many = one.broadcast([1 << 31]).unwrap();
    let wanted = "mean counts elements by i32, which goes to 2147483647, and there are 2147483648";
    for error in [many.mean().unwrap_err(), many.mean_axis(Axis(0)).unwrap_err()] {
        assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::TooLarge, wanted));
    }
    let one = device.zeros::<u32, _>(1).unwrap();
    let error = one.broadcast([1 << 32]).unwrap().mean().unwrap_err();
    assert!(error.to_string().starts_with("mean counts elements by u32"), "{error}");
}

/// Nothing is uploaded for them.
#[test]
fn reductions_of_nothing_are_recorded() {
    let Some(device) = device("reductions_of_nothing_are_recorded") else { return };
    let empty = device.zeros::<f32, _>((3, 0)).unwrap();
    let mut out = device.zeros::<f32, _>(3).unwrap();
    let graph = device.record(|_| {
        let all = empty.all_axis(Axis(1))?.lazy().cast::<f32>();
        (empty.prod_axis(Axis(1))?.lazy() * 2.0 + empty.sum_axis(Axis(1))? + all)
            .eval_into(&mut out)
    });
    graph.unwrap().run(2).unwrap();
    assert_eq!(out.to_array().unwrap(), array![3.0, 3.0, 3.0]);
}
