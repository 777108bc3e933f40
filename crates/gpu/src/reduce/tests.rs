#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "numbers of tests are small"
)]

use ndarray::{Array, Array1, Array3, ArrayD, Axis, IxDyn, s};

use crate::{Device, DeviceArray, Element, ErrorKind, Feature, Select, Settings, testing};

/// Below, at and above what a group of four, a lane, a work-group and a tile take in.
const LENGTHS: &[usize] = &[1, 3, 4, 17, 1023, 1025, 4097, 16_384, 33_003];

/// One that shows 512 bytes of an array at a time.
fn narrow() -> Device {
    let settings = Settings::new().max_binding_bytes(512);
    Device::open_with(Select::env().allow_software(true), &settings).unwrap()
}

fn small(i: usize) -> i32 {
    (i as u32).wrapping_mul(2_654_435_761).cast_signed() >> 24
}

fn check<T: Element + Copy>(
    device: &Device,
    lengths: &[usize],
    make: fn(i32) -> T,
    sum: fn(T, T) -> T,
) {
    for &len in lengths {
        let host = Array1::from_iter((0..len).map(|i| make(small(i))));
        let x = device.upload(&host).unwrap();
        let expected = host.iter().copied().fold(T::of(0), sum);
        assert_eq!(x.sum().unwrap(), expected, "{len}");
        let less = |a: T, b: T| if b < a { b } else { a };
        let more = |a: T, b: T| if b > a { b } else { a };
        let least = host.iter().copied().reduce(less).unwrap();
        let most = host.iter().copied().reduce(more).unwrap();
        assert_eq!(x.min().unwrap(), least, "{len}");
        assert_eq!(x.max().unwrap(), most, "{len}");
        assert_eq!(x.argmin().unwrap(), host.iter().position(|&x| x == least).unwrap(), "{len}");
        assert_eq!(x.argmax().unwrap(), host.iter().position(|&x| x == most).unwrap(), "{len}");
        assert_eq!(x.all().unwrap(), host.iter().all(|&x| x != T::of(0)), "{len}");
        assert_eq!(x.any().unwrap(), host.iter().any(|&x| x != T::of(0)), "{len}");
        // Not at the beginning, so that four cannot be read at a time; the bits are the same.
        let shifted = device
            .upload(&Array1::from_iter((0..=len).map(|i| make(small(i.max(1) - 1)))))
            .unwrap();
        assert_eq!(shifted.slice(s![1..]).unwrap().sum().unwrap(), expected, "{len}");
        assert_eq!(shifted.slice(s![1..]).unwrap().argmin().unwrap(), x.argmin().unwrap(), "{len}");
    }
}

#[test]
fn whole_arrays_are_those_of_a_loop() {
    let Some(device) = testing::device("whole_arrays_are_those_of_a_loop") else { return };
    let some = &[2, 1025, 16_387];
    check::<f32>(&device, LENGTHS, |x| x as f32, |a, b| a + b);
    check::<i32>(&device, some, |x| x, i32::wrapping_add);
    check::<u32>(&device, some, i32::cast_unsigned, u32::wrapping_add);
    if device.has(Feature::F64) {
        check::<f64>(&device, some, f64::from, |a, b| a + b);
    }
    if device.has(Feature::I64) {
        check::<i64>(&device, some, i64::from, i64::wrapping_add);
        check::<u64>(&device, some, |x| i64::from(x).cast_unsigned(), u64::wrapping_add);
    }
}

fn along(x: &DeviceArray<i32, IxDyn>, host: &ArrayD<i32>, axis: usize) {
    let axis = Axis(axis);
    let shape = host.shape();
    assert_eq!(
        x.sum_axis(axis).unwrap().to_array().unwrap(),
        host.sum_axis(axis),
        "{shape:?} {axis:?}"
    );
    let fold = |f: fn(&i32, &i32) -> i32, from: i32| host.fold_axis(axis, from, f);
    let least = fold(|a, b| *a.min(b), i32::MAX);
    assert_eq!(x.min_axis(axis).unwrap().to_array().unwrap(), least, "{shape:?} {axis:?}");
    let most = fold(|a, b| *a.max(b), i32::MIN);
    assert_eq!(x.max_axis(axis).unwrap().to_array().unwrap(), most, "{shape:?} {axis:?}");
    let places = host.map_axis(axis, |lane| {
        let least = lane.iter().min().unwrap();
        lane.iter().position(|x| x == least).unwrap() as u32
    });
    assert_eq!(x.argmin_axis(axis).unwrap().to_array().unwrap(), places, "{shape:?} {axis:?}");
    let all = host.map_axis(axis, |lane| u32::from(lane.iter().all(|&x| x != 0)));
    assert_eq!(x.all_axis(axis).unwrap().to_array().unwrap(), all, "{shape:?} {axis:?}");
    let mean = host.map_axis(axis, |lane| lane.sum() / lane.len() as i32);
    assert_eq!(x.mean_axis(axis).unwrap().to_array().unwrap(), mean, "{shape:?} {axis:?}");
}

#[test]
fn axes_are_those_of_ndarray() {
    let Some(device) = testing::device("axes_are_those_of_ndarray") else { return };
    let shapes: &[[usize; 3]] = &[
        [1, 1, 1],
        [7, 5, 3],
        [3, 300, 1],
        [2, 1, 300],
        [3, 4100, 2],
        [300, 4, 3],
        [2, 33_000, 1],
        [1, 70, 257],
        [5, 8, 1024],
    ];
    for &shape in shapes {
        let host =
            Array::from_shape_vec(IxDyn(&shape), (0..shape.iter().product()).map(small).collect())
                .unwrap();
        let x = device.upload(&host).unwrap();
        for axis in 0..3 {
            along(&x, &host, axis);
        }
        along(&x.t(), &host.t().to_owned(), 1);
    }
}

#[test]
fn arrays_larger_than_a_binding_are_reduced_in_parts() {
    if testing::device("arrays_larger_than_a_binding_are_reduced_in_parts").is_none() {
        return;
    }
    let device = narrow();
    for shape in [[1, 3000, 1], [7, 500, 1], [3, 200, 5], [2, 3, 700], [40, 2, 3]] {
        let host =
            Array::from_shape_vec(IxDyn(&shape), (0..shape.iter().product()).map(small).collect())
                .unwrap();
        let x = device.upload(&host).unwrap();
        for axis in 0..3 {
            along(&x, &host, axis);
        }
    }
}

#[test]
fn special_numbers_have_their_rules() {
    let Some(device) = testing::device("special_numbers_have_their_rules") else { return };
    let (nan, inf) = (f32::NAN, f32::INFINITY);
    let tiny = f32::from_bits(1);
    let of = |x: &[f32]| device.upload(&Array1::from(x.to_vec())).unwrap();
    assert_eq!(of(&[nan, 2.0, -nan, 1.0]).min().unwrap(), 1.0);
    assert_eq!(of(&[nan, 2.0, -nan, 1.0]).max().unwrap(), 2.0);
    assert_eq!(of(&[nan, -inf, inf]).max().unwrap(), inf);
    assert_eq!(of(&[inf, nan]).min().unwrap(), inf);
    assert_eq!(of(&[nan, -inf]).max().unwrap(), -inf);
    assert!(of(&[nan, -nan]).min().unwrap().is_nan() && of(&[nan, -nan]).max().unwrap().is_nan());
    assert_eq!(of(&[nan, nan]).argmax().unwrap(), 0);
    assert_eq!(of(&[nan, 3.0, nan, 3.0]).argmax().unwrap(), 1);
    assert_eq!(of(&[0.0, -0.0]).argmin().unwrap(), 0);
    assert_eq!(of(&[-0.0, 0.0]).argmax().unwrap(), 0);
    assert_eq!(of(&[0.0, -0.0]).min().unwrap().to_bits(), (-0.0_f32).to_bits());
    assert_eq!(of(&[2.0 * tiny, tiny]).min().unwrap(), tiny);
    assert_eq!(of(&[0.0, tiny, -tiny]).argmax().unwrap(), 1);
    assert!(of(&[0.0, tiny]).any().unwrap() && !of(&[0.0, -0.0]).any().unwrap());
    assert!(of(&[nan, inf]).all().unwrap());
    assert!(of(&[inf, -inf]).sum().unwrap().is_nan());
    assert_eq!(of(&[-0.0]).sum().unwrap().to_bits(), 0);
    assert_eq!(of(&[2.0, 3.0, -0.5]).prod().unwrap(), -3.0);
    assert_eq!(of(&[1.0, 2.0]).mean().unwrap(), 1.5);
    if device.has(Feature::F64) && device.has(Feature::I64) {
        let of = |x: &[f64]| device.upload(&Array1::from(x.to_vec())).unwrap();
        assert_eq!(of(&[f64::NAN, -1e300, 5e-324]).min().unwrap(), -1e300);
        assert_eq!(of(&[f64::NAN, -1e300, 5e-324]).argmax().unwrap(), 2);
    }
    let least = device.upload(&Array1::from(vec![i32::MAX, i32::MAX])).unwrap();
    assert_eq!((least.min().unwrap(), least.argmin().unwrap()), (i32::MAX, 0));
}

#[test]
fn nothing_has_a_sum_and_no_smallest() {
    let Some(device) = testing::device("nothing_has_a_sum_and_no_smallest") else { return };
    let x = device.zeros::<f32, _>((3, 0, 2)).unwrap();
    assert_eq!((x.sum().unwrap(), x.prod().unwrap()), (0.0, 1.0));
    assert!(!x.any().unwrap() && x.all().unwrap());
    assert_eq!(x.prod_axis(Axis(1)).unwrap().to_array().unwrap(), ndarray::Array2::ones((3, 2)));
    assert_eq!(x.max_axis(Axis(0)).unwrap().shape(), [0, 2]);
    for error in [x.min().unwrap_err(), x.mean().unwrap_err(), x.argmax().unwrap_err()] {
        assert_eq!(error.kind(), ErrorKind::Shape);
    }
    let error = x.argmin_axis(Axis(1)).unwrap_err();
    assert_eq!(error.to_string(), "there is no argmin of nothing: the array has shape [3, 0, 2]");
    assert_eq!(x.sum_axis(Axis(3)).unwrap_err().kind(), ErrorKind::Argument);
}

#[test]
fn sums_have_the_same_bits_in_parts_and_beside_others() {
    let Some(device) = testing::device("sums_have_the_same_bits") else { return };
    let values: Vec<f32> = (0..3 * 40_001).map(|i| (small(i) as f32 * 0.1).exp()).collect();
    let host = Array3::from_shape_vec((3, 40_001, 1), values).unwrap();
    let x = device.upload(&host).unwrap();
    let sums = x.sum_axis(Axis(1)).unwrap().to_array().unwrap();
    for row in 0..3 {
        let alone = device.upload(&host.slice(s![row, .., 0])).unwrap();
        assert_eq!(alone.sum().unwrap().to_bits(), sums[[row, 0]].to_bits());
        let view = x.slice(s![row, .., 0]).unwrap();
        assert_eq!(view.sum().unwrap().to_bits(), sums[[row, 0]].to_bits());
    }
}
