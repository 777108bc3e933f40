//! Kernels on the device, against the same ones on the processor.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "kernels convert as Rust does, and small numbers fit"
)]

use proptest::prelude::*;
use tenfold_gpu::ndarray::{Array, Array1, Array2, Array3, Axis, Slice, array, s};
use tenfold_gpu::{Device, ErrorKind, Feature, OnDevice as _, Select, Settings};
use tenfold_kernel::{Nbr1, Nbr2, Nbr3, Num, kernel};

use crate::device::{device, narrow, select};

#[kernel]
fn saxpy(a: f32, x: f32, y: f32) -> f32 {
    a * x + y
}

#[kernel(for = [f32, f64, i32, u32, i64, u64])]
fn affine<T: Num>(a: T, x: T, b: T) -> T {
    a * x + b
}

#[kernel]
fn mixed(x: f32, n: i32, m: u32, is_on: bool) -> (f32, i32, bool) {
    let y = if is_on { x.sqrt() } else { x / 3.0 };
    (y + n as f32, n * 7 - m as i32 / 3, y > 2.0 || x.is_nan())
}

#[kernel]
fn collatz(n: u32) -> u32 {
    let mut k = n;
    let mut steps = 0u32;
    while k > 1 {
        k = if k % 2 == 0 { k / 2 } else { 3 * k + 1 };
        steps += 1;
    }
    steps
}

/// Of which the sum's rounding is lost where operations are taken together.
#[kernel]
fn two_sum(a: f32, b: f32) -> (f32, f32) {
    let s = a + b;
    let t = s - a;
    (s, (a - (s - t)) + (b - t))
}

#[kernel]
fn widened(x: i32, y: u32) -> (u64, i64, i64, u64) {
    (x as u64, x as i64, y as i64, y as u64)
}

fn both(test: &str) -> Vec<Device> {
    [device(test), narrow(test)].into_iter().flatten().collect()
}

fn numbers(len: usize) -> Array1<f32> {
    Array::from_shape_fn(len, |i| ((i * 7919 + 13) % 1000) as f32 / 8.0 - 31.0)
}

#[test]
fn integers_are_widened_by_the_sign_that_they_have() {
    let Some(device) = device("integers_are_widened_by_the_sign_that_they_have") else { return };
    if !device.has(Feature::I64) {
        return;
    }
    let (x, y) = (array![-1, i32::MIN, 7], array![u32::MAX, 1 << 31, 7]);
    let (on_x, on_y) = (device.upload(&x).unwrap(), device.upload(&y).unwrap());
    let (a, b, c, d) = widened::on(&device).map((&on_x, &on_y)).unwrap();
    let given = (a.to_array(), b.to_array(), c.to_array(), d.to_array());
    let given = (given.0.unwrap(), given.1.unwrap(), given.2.unwrap(), given.3.unwrap());
    assert_eq!(given, widened::map(&x, &y).unwrap());
}

#[test]
fn operands_are_broadcast_in_any_layout() {
    for device in both("operands_are_broadcast_in_any_layout") {
        let x = numbers(7 * 11 * 13).into_shape_with_order((7, 11, 13)).unwrap();
        let (row, column) = (numbers(13), numbers(7).into_shape_with_order((7, 1, 1)).unwrap());
        let [on_x, on_column] = [&x, &column].map(|array| device.upload(array).unwrap());
        let on_row = device.upload(&row).unwrap();
        let saxpy_on = saxpy::on(&device).precise();
        let z = saxpy_on.map((2.5, &on_x, &on_x)).unwrap();
        assert_eq!(z.to_array().unwrap(), saxpy::map(2.5, &x, &x).unwrap());
        let z = saxpy_on.map((&on_column, &on_x, &on_row)).unwrap();
        assert_eq!(z.to_array().unwrap(), saxpy::map(&column, &x, &row).unwrap());
        let z = saxpy_on.map((&on_x.t(), 1.5, &on_x.t().slice(s![..;-1, .., 2..3]).unwrap()));
        let of_host = saxpy::map(&x.t(), 1.5, &x.t().slice(s![..;-1, .., 2..3])).unwrap();
        assert_eq!(z.unwrap().to_array().unwrap(), of_host);
        let plane = on_x.index_axis(Axis(1), 3).unwrap();
        let z = saxpy_on.map((&plane, &plane.slice(s![0, ..]).unwrap(), 1.0)).unwrap();
        let plane = x.index_axis(Axis(1), 3);
        let of_host = saxpy::map(&plane, &plane.slice(s![0, ..]), 1.0).unwrap();
        assert_eq!(z.to_array().unwrap(), of_host);
        let z = saxpy::on(&device).map((1.0, 2.0, 3.0)).unwrap();
        assert_eq!(z.to_array().unwrap().into_scalar(), 5.0);
        let empty = on_x.slice(s![.., 5..5, ..]).unwrap();
        assert_eq!(saxpy::on(&device).map((1.0, &empty, &on_row)).unwrap().shape(), [7, 0, 13]);
    }
}

macro_rules! of_type {
    ($device:ident $ty:ty) => {{
        let x = Array::from_shape_fn(1000, |i| (i * i % 251) as $ty);
        let on_x = $device.upload(&x).unwrap();
        let z = affine::on::<$ty, _>(&$device).precise().map((3 as $ty, &on_x, 7 as $ty)).unwrap();
        assert_eq!(z.to_array().unwrap(), affine::map(3 as $ty, &x, 7 as $ty).unwrap());
    }};
}

#[test]
fn a_kernel_runs_for_each_of_its_types() {
    for device in both("a_kernel_runs_for_each_of_its_types") {
        of_type!(device f32);
        of_type!(device i32);
        of_type!(device u32);
        if device.has(Feature::F64) {
            of_type!(device f64);
        }
        if device.has(Feature::I64) {
            of_type!(device i64);
            of_type!(device u64);
        }
    }
}

#[test]
fn types_mix_and_results_are_several() {
    for device in both("types_mix_and_results_are_several") {
        let mut x = numbers(999);
        x[5] = f32::NAN;
        let n = Array::from_shape_fn(999, |i| i32::try_from(i).unwrap() - 500);
        let is_on = Array::from_shape_fn(999, |i| i % 3 == 0);
        let [on_x, on_n] = [device.upload(&x).unwrap(), device.upload(&x).unwrap()];
        drop(on_n);
        let on_n = device.upload(&n).unwrap();
        let on_is_on = device.upload(&is_on.mapv(u32::from)).unwrap();
        let (y, k, is_more) =
            mixed::on(&device).precise().map((&on_x, &on_n, 40_u32, &on_is_on)).unwrap();
        let of_host = mixed::map(&x, &n, 40_u32, &is_on).unwrap();
        let bits = |array: Array1<f32>| array.mapv(|x| if x.is_nan() { 0 } else { x.to_bits() });
        assert_eq!(bits(y.to_array().unwrap()), bits(of_host.0));
        assert_eq!(k.to_array().unwrap(), of_host.1);
        assert_eq!(is_more.to_array().unwrap().mapv(|x| x == 1), of_host.2);
    }
}

/// More lengths and strides than travel with a dispatch of 128 bytes.
#[test]
fn many_axes_of_many_arrays_are_walked() {
    for device in both("many_axes_of_many_arrays_are_walked") {
        let host = numbers(360);
        let x = host.abs().into_shape_with_order((3, 5, 2, 4, 3)).unwrap();
        let n = host.mapv(|x| x as i32).into_shape_with_order((4, 3, 2, 5, 3)).unwrap();
        let is_on = host.mapv(|x| x > 0.0).into_shape_with_order((5, 3, 3, 4, 2)).unwrap();
        let on_x = device.upload(&x).unwrap().permuted_axes([3, 1, 0, 2, 4]).unwrap();
        let on_n = device.upload(&n).unwrap().permuted_axes([0, 3, 1, 2, 4]).unwrap();
        let on_is_on = device.upload(&is_on.mapv(u32::from)).unwrap();
        let on_is_on = on_is_on.permuted_axes([3, 0, 2, 4, 1]).unwrap();
        let (y, k, is_more) = mixed::on(&device).map((&on_x, &on_n, 40_u32, &on_is_on)).unwrap();
        let x = x.permuted_axes([3, 1, 0, 2, 4]);
        let n = n.permuted_axes([0, 3, 1, 2, 4]);
        let is_on = is_on.permuted_axes([3, 0, 2, 4, 1]);
        let of_host = mixed::map(&x, &n, 40_u32, &is_on).unwrap();
        assert_eq!(y.to_array().unwrap(), of_host.0);
        assert_eq!(k.to_array().unwrap(), of_host.1);
        assert_eq!(is_more.to_array().unwrap().mapv(|x| x == 1), of_host.2);
    }
}

#[test]
fn invocations_go_different_ways() {
    let Some(device) = device("invocations_go_different_ways") else { return };
    let n = Array::from_iter(0..5000_u32);
    let steps = collatz::on(&device).workgroup_size(64).map(&device.upload(&n).unwrap()).unwrap();
    assert_eq!(steps.to_array().unwrap(), collatz::map(&n).unwrap());
}

#[test]
fn what_rounding_loses_is_exact_in_precise_mode() {
    let Some(device) = device("what_rounding_loses_is_exact_in_precise_mode") else { return };
    let (a, b) = (numbers(5000), numbers(5000).mapv(|x| x * 1e-6 + 1e-9));
    let [on_a, on_b] = [&a, &b].map(|array| device.upload(array).unwrap());
    let (sum, lost) = two_sum::on(&device).precise().map((&on_a, &on_b)).unwrap();
    let of_host = two_sum::map(&a, &b).unwrap();
    assert!(of_host.1.iter().any(|&x| x != 0.0));
    assert_eq!(sum.to_array().unwrap(), of_host.0);
    assert_eq!(lost.to_array().unwrap(), of_host.1);
}

/// A view of three axes: which to take of each, in which steps, in which order.
type Cut = ([(usize, usize, isize); 3], usize);

fn cut() -> impl Strategy<Value = Cut> {
    let axis = (0..4_usize, 4..8_usize, prop_oneof![Just(1_isize), Just(-1), Just(2), Just(-3)]);
    ([axis.clone(), axis.clone(), axis], 0..6_usize)
}

const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn any_views_are_added_as_on_the_processor((axes, order) in cut(), (more, other) in cut()) {
        let device = narrow("any_views_are_added_as_on_the_processor");
        let Some(device) = device else { return Ok(()) };
        let host: Array3<f32> = numbers(7 * 7 * 7).into_shape_with_order((7, 7, 7)).unwrap();
        let on_host = device.upload(&host).unwrap();
        let views = [(axes, order), (more, other)].map(|(axes, order)| {
            let [a, b, c] = axes.map(|(from, to, step)| Slice::new(from as isize, Some(to as isize), step));
            let info = s![a, b, c];
            let (view, on_view) = (host.slice(info), on_host.slice(info).unwrap());
            let order = ORDERS[order];
            (view.permuted_axes(order), on_view.permuted_axes(order).unwrap())
        });
        let [(x, on_x), (y, on_y)] = &views;
        let (sum, on_sum) = (saxpy::map(0.5, x, y), saxpy::on(&device).map((0.5, on_x, on_y)));
        match (sum, on_sum) {
            (Ok(sum), Ok(on_sum)) => prop_assert_eq!(on_sum.to_array().unwrap(), sum),
            (Err(_), Err(error)) => prop_assert_eq!(error.kind(), ErrorKind::Shape),
            (sum, on_sum) => prop_assert!(false, "{:?} {:?}", sum, on_sum),
        }
        prop_assert_eq!(on_x.reshape(x.len()).unwrap().to_array().unwrap().to_vec(), x.iter().copied().collect::<Vec<_>>());
    }
}

#[kernel(stencil, border = reflect)]
fn smooth(u: Nbr1<f32>, w: f32) -> f32 {
    w * (u[-3] + u[2]) + u[0] / 2.0
}

#[kernel(stencil, border = wrap)]
fn ring(u: Nbr1<f32>) -> f32 {
    u[-1] - 2.0 * u[0] + u[2] * 0.5
}

#[kernel(stencil, border = nearest)]
fn slope(u: Nbr1<f32>) -> f32 {
    u[2] - u[-2]
}

#[kernel(stencil, border = wrap)]
fn drift(u: Nbr2<f32>, v: Nbr2<f32>) -> f32 {
    u[[-1, 0]] * 0.5 + u[[2, -1]] * 0.25 + v[[0, 1]] * 0.125
}

#[kernel(stencil, border = nearest)]
fn spread(u: Nbr3<f32>) -> f32 {
    (u[[-1, 0, 0]] + u[[1, 0, 0]] + u[[0, -1, 0]] + u[[0, 2, 0]] + u[[0, 0, -1]] + u[[0, 0, 1]])
        / 6.0
}

#[kernel(stencil, border = const(1.5))]
fn heat(u: Nbr2<f32>, rate: f32) -> f32 {
    u[[0, 0]] + rate * (u[[-1, 0]] + u[[1, 0]] + u[[0, -1]] + u[[0, 1]] - 4.0 * u[[0, 0]])
}

#[kernel(stencil)]
fn inner(u: Nbr2<f32>) -> f32 {
    (u[[-1, 0]] + u[[2, 0]] + u[[0, -1]] + u[[0, 1]]) / 4.0
}

#[kernel(stencil, border = wrap)]
fn life(u: Nbr2<i32>) -> (i32, bool) {
    let n = u[[-1, -1]]
        + u[[-1, 0]]
        + u[[-1, 1]]
        + u[[0, -1]]
        + u[[0, 1]]
        + u[[1, -1]]
        + u[[1, 0]]
        + u[[1, 1]];
    let lives = n == 3 || (n == 2 && u[[0, 0]] == 1);
    (lives as i32, lives)
}

fn plane(rows: usize, columns: usize) -> Array2<f32> {
    numbers(rows * columns).into_shape_with_order((rows, columns)).unwrap()
}

/// One step of `life` on an array of this shape.
fn check_life(device: &Device, shape: (usize, usize)) {
    let cells = Array::from_shape_fn(shape, |(i, j)| ((i * i + j * 3) % 5 < 2) as i32);
    let (next, lives) = life::on(device).map(&device.upload(&cells).unwrap()).unwrap();
    let of_host = life::map(&cells).unwrap();
    assert_eq!(next.to_array().unwrap(), of_host.0);
    assert_eq!(lives.to_array().unwrap().mapv(|x| x == 1), of_host.1);
}

#[test]
fn stencils_have_the_bits_of_the_processor() {
    for device in both("stencils_have_the_bits_of_the_processor") {
        for len in [1, 2, 3, 5, 300] {
            let u = numbers(len);
            let on_u = device.upload(&u).unwrap();
            let smoothed = smooth::on(&device).precise().map((&on_u, 0.3)).unwrap();
            assert_eq!(smoothed.to_array().unwrap(), smooth::map(&u, 0.3).unwrap(), "{len}");
        }
        for (rows, columns) in [(1, 1), (2, 3), (3, 17), (40, 19)] {
            let (u, v) = (plane(rows, columns), plane(columns, rows).t().to_owned());
            let [on_u, on_v] = [&u, &v].map(|array| device.upload(array).unwrap());
            let drifted = drift::on(&device).precise().map((&on_u, &on_v)).unwrap();
            assert_eq!(drifted.to_array().unwrap(), drift::map(&u, &v).unwrap());
            let heated = heat::on(&device).precise().map((&on_u.t(), 0.1)).unwrap();
            assert_eq!(heated.to_array().unwrap(), heat::map(u.t(), 0.1).unwrap());
            let within = inner::on(&device).precise().map(&on_u).unwrap();
            assert_eq!(within.to_array().unwrap(), inner::map(&u).unwrap());
        }
        let u: Array3<f32> = numbers(9 * 4 * 7).into_shape_with_order((9, 4, 7)).unwrap();
        let spread_out = spread::on(&device).precise().map(&device.upload(&u).unwrap()).unwrap();
        assert_eq!(spread_out.to_array().unwrap(), spread::map(&u).unwrap());
        check_life(&device, (33, 17));
    }
}

/// Rows of which a kernel cannot see as many at a time as it looks at, on a device that shows 512 bytes.
#[test]
fn rows_that_are_too_long_are_computed_in_parts() {
    for device in both("rows_that_are_too_long_are_computed_in_parts") {
        for (rows, columns) in [(1, 100), (2, 131), (7, 250)] {
            let (u, v) = (plane(rows, columns), plane(columns, rows).t().to_owned());
            let [on_u, on_v] = [&u, &v].map(|array| device.upload(array).unwrap());
            let drifted = drift::on(&device).map((&on_u, &on_v)).unwrap();
            assert_eq!(drifted.to_array().unwrap(), drift::map(&u, &v).unwrap());
            let heated = heat::on(&device).map((&on_u, 0.1)).unwrap();
            assert_eq!(heated.to_array().unwrap(), heat::map(&u, 0.1).unwrap());
            let within = inner::on(&device).map(&on_u).unwrap();
            assert_eq!(within.to_array().unwrap(), inner::map(&u).unwrap());
            for count in [1, 2, 5] {
                let (mut heated, mut within) = (u.clone(), u.clone());
                heat::steps(count).run(&mut heated, 0.1).unwrap();
                inner::steps(count).run(&mut within).unwrap();
                let on_heated = heat::on(&device).steps(count, (&on_u, 0.1)).unwrap();
                assert_eq!(on_heated.to_array().unwrap(), heated);
                let on_within = inner::on(&device).steps(count, &on_u).unwrap();
                assert_eq!(on_within.to_array().unwrap(), within);
            }
        }
        for shape in [(2, 9, 8), (3, 2, 9), (5, 40, 6)] {
            let u = numbers(shape.0 * shape.1 * shape.2).into_shape_with_order(shape).unwrap();
            let out = spread::on(&device).map(&device.upload(&u).unwrap()).unwrap();
            assert_eq!(out.to_array().unwrap(), spread::map(&u).unwrap(), "{shape:?}");
        }
        check_life(&device, (4, 300));
    }
}

#[test]
fn a_place_with_more_around_it_than_is_seen_is_an_error() {
    let settings = Settings::new().max_binding_bytes(512);
    let device = Device::open_with(Select::noop(), &settings).unwrap();
    let error = spread::on(&device).map(&device.zeros((2, 3, 100)).unwrap()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    assert_eq!(
        error.to_string(),
        "kernel `spread` looks at [3, 4] times 100 elements at a time, and the device shows 512 bytes"
    );
}

/// Rows of a single element: of those that the border has, each is copied, and the others together.
#[test]
fn bands_at_the_border_take_few_copies() {
    if device("bands_at_the_border_take_few_copies").is_none() {
        return;
    }
    let device = Device::open_with(select(), &Settings::new().max_binding_bytes(4096)).unwrap();
    let u = numbers(3100);
    let on_u = device.upload(&u).unwrap();
    let copies = || device.stats().copies;
    let before = copies();
    let ringed = ring::on(&device).precise().map(&on_u).unwrap();
    assert!(copies() - before <= 8, "{}", copies() - before);
    let smoothed = smooth::on(&device).precise().map((&on_u, 0.3)).unwrap();
    let sloped = slope::on(&device).precise().map(&on_u).unwrap();
    let both = ring::on(&device).precise().steps(3, &on_u).unwrap();
    assert!(copies() - before <= 64, "{}", copies() - before);
    assert!(device.stats().dispatches >= 24);
    assert_eq!(ringed.to_array().unwrap(), ring::map(&u).unwrap());
    assert_eq!(smoothed.to_array().unwrap(), smooth::map(&u, 0.3).unwrap());
    assert_eq!(sloped.to_array().unwrap(), slope::map(&u).unwrap());
    let mut of_host = u;
    ring::steps(3).run(&mut of_host).unwrap();
    assert_eq!(both.to_array().unwrap(), of_host);
}

#[test]
fn axes_longer_than_places_are_numbered_are_an_error() {
    let settings = Settings::new().memory_bytes(4096);
    let device = Device::open_with(Select::noop(), &settings).unwrap();
    let one = device.zeros::<f32, _>(1).unwrap();
    let long = |len: usize| one.broadcast([len]).unwrap();
    let error = ring::on(&device).map(&long(1 << 31)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    assert_eq!(
        error.to_string(),
        "axis 0 of argument `u` has length 2147483648, and kernel `ring` on a device looks around in at \
         most 2147483645"
    );
    let error = ring::on(&device).steps(0, &long((1 << 31) - 2)).unwrap_err();
    assert!(error.to_string().contains("length 2147483646"), "{error}");
    let wide = one.broadcast([3, 1 << 40]).unwrap();
    let error = drift::on(&device).map((&wide, &wide)).unwrap_err();
    assert!(error.to_string().starts_with("axis 1 of argument `u` has length"), "{error}");
    // What is just short enough is no error but that of the memory.
    let error = ring::on(&device).map(&long((1 << 31) - 3)).unwrap_err();
    assert!(!error.to_string().contains("looks around"), "{error}");
    let empty = device.zeros::<f32, _>((0, 1 << 40)).unwrap();
    assert_eq!(drift::on(&device).map((&empty, &empty)).unwrap().shape(), [0, 1 << 40]);
}

#[test]
fn many_steps_are_as_many_calls() {
    for device in both("many_steps_are_as_many_calls") {
        let start = plane(37, 11);
        let on_start = device.upload(&start).unwrap();
        for count in [0, 1, 2, 3, 50] {
            let (mut u, mut within, mut drifted) = (start.clone(), start.clone(), start.clone());
            heat::steps(count).run(&mut u, 0.1).unwrap();
            inner::steps(count).run(&mut within).unwrap();
            drift::steps(count).run(&mut drifted, &start).unwrap();
            let heated = heat::on(&device).precise().steps(count, (&on_start, 0.1)).unwrap();
            assert_eq!(heated.to_array().unwrap(), u, "{count}");
            let on_within = inner::on(&device).precise().steps(count, &on_start).unwrap();
            assert_eq!(on_within.to_array().unwrap(), within, "{count}");
            let on_drifted =
                drift::on(&device).precise().steps(count, (&on_start, &on_start)).unwrap();
            assert_eq!(on_drifted.to_array().unwrap(), drifted, "{count}");
        }
        assert_eq!(on_start.to_array().unwrap(), start);
    }
}

#[kernel]
fn narrow_int(x: i8) -> i8 {
    x
}

#[test]
fn what_does_not_go_together_is_an_error() {
    let device = Device::open(Select::noop()).unwrap();
    let other = Device::open(Select::noop()).unwrap();
    let (x, y) = (device.zeros((3, 4)).unwrap(), device.zeros((4, 3)).unwrap());
    let error = saxpy::on(&device).map((1.0, &x, &y)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Shape);
    assert_eq!(
        error.to_string(),
        "argument `y` of shape [4, 3] cannot be broadcast together with `x` and what else is before it"
    );
    let error = saxpy::on(&other).map((1.0, &x, 2.0)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DeviceMismatch);
    let error = drift::on(&device).map((&x, &y)).unwrap_err();
    assert_eq!(error.to_string(), "argument `v` has shape [4, 3] and argument `u` has [3, 4]");
    let error = spread::on(&device).map(&x).unwrap_err();
    assert_eq!(error.to_string(), "argument `u` has 2 axes, and kernel `spread` looks around in 3");
    let error = saxpy::on(&device).workgroup_size(0).map((1.0, &x, 2.0)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Argument);
    let error = life::on(&device).steps(2, &device.zeros((3, 3)).unwrap()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(narrow_int(1) == 1);
}

#[test]
fn a_graph_does_the_same_again() {
    let Some(device) = device("a_graph_does_the_same_again") else { return };
    let x = device.upload(&array![1.0_f32, 3.0, -2.0]).unwrap();
    let graph = device
        .record(|recorder| {
            let y = saxpy::on(&device).map((2.0, &x, 1.0))?;
            assert_eq!(x.read().unwrap_err().kind(), ErrorKind::Argument);
            assert_eq!(device.upload(&array![1]).unwrap_err().kind(), ErrorKind::Argument);
            recorder.carry(&y, &x)?;
            Ok(y)
        })
        .unwrap();
    assert_eq!(graph.len(), 2);
    assert_eq!(x.to_array().unwrap(), array![1.0, 3.0, -2.0]);
    graph.run(10).unwrap();
    assert_eq!(graph.output().to_array().unwrap(), array![2047.0, 4095.0, -1025.0]);
    graph.run(1).unwrap();
    assert_eq!(graph.output().to_array().unwrap(), array![4095.0, 8191.0, -2049.0]);
    // What fails or panics leaves the device as it was.
    let failed = device.record(|_| saxpy::on(&device).workgroup_size(0).map((2.0, &x, 1.0)));
    assert_eq!(failed.unwrap_err().kind(), ErrorKind::Argument);
    assert_eq!(x.to_array().unwrap()[0], 4095.0);
}

#[test]
fn each_thread_records_its_own_graph() {
    let Some(device) = device("each_thread_records_its_own_graph") else { return };
    let both = std::sync::Barrier::new(2);
    let record = |a: f32| {
        let x = device.upload(&array![1.0_f32, 2.0]).unwrap();
        device.record(|_| {
            both.wait();
            let y = saxpy::on(&device).map((a, &x, 1.0));
            both.wait();
            y
        })
    };
    let (one, two) = std::thread::scope(|scope| {
        let other = scope.spawn(|| record(3.0).unwrap());
        (record(2.0).unwrap(), other.join().unwrap())
    });
    assert_eq!((one.len(), two.len()), (1, 1));
    one.run(1).unwrap();
    two.run(1).unwrap();
    assert_eq!(one.output().to_array().unwrap(), array![3.0, 5.0]);
    assert_eq!(two.output().to_array().unwrap(), array![4.0, 7.0]);
}
