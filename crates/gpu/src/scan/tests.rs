#![expect(clippy::cast_possible_truncation, reason = "numbers of tests are small")]

use ndarray::{Array, Array1, ArrayD, Axis, IxDyn, s};

use crate::{Device, Element, ErrorKind, Feature, Select, Settings, testing};

fn small(i: usize) -> i32 {
    ((i as u32).wrapping_mul(2_654_435_761) >> 24).cast_signed() - 120
}

fn naive<T: Element + Copy>(
    x: &ArrayD<T>,
    axis: usize,
    from: T,
    f: fn(T, T) -> T,
    is_exclusive: bool,
) -> ArrayD<T> {
    let mut out = x.clone();
    for mut lane in out.lanes_mut(Axis(axis)) {
        let mut sum = from;
        for x in &mut lane {
            let next = f(sum, *x);
            *x = if is_exclusive { sum } else { next };
            sum = next;
        }
    }
    out
}

fn array<T>(shape: &[usize], make: fn(i32) -> T) -> ArrayD<T> {
    let numbers = (0..shape.iter().product()).map(|i| make(small(i)));
    Array::from_shape_vec(IxDyn(shape), numbers.collect()).unwrap()
}

fn check<T: Element + Copy>(
    device: &Device,
    shape: &[usize],
    make: fn(i32) -> T,
    add: fn(T, T) -> T,
) {
    let host = array(shape, make);
    let x = device.upload(&host).unwrap();
    for axis in 0..shape.len() {
        let sums = x.cumsum(Axis(axis)).unwrap().to_array().unwrap();
        assert_eq!(sums, naive(&host, axis, T::of(0), add, false), "{shape:?} {axis} {}", T::WGSL);
        let sums = x.exclusive_cumsum(Axis(axis)).unwrap().to_array().unwrap();
        assert_eq!(sums, naive(&host, axis, T::of(0), add, true), "{shape:?} {axis} {}", T::WGSL);
    }
}

#[test]
fn sums_are_those_of_a_loop() {
    let Some(device) = testing::device("sums_are_those_of_a_loop") else { return };
    for len in [1, 64, 65, 1027, 4096, 4097, 50_001] {
        check::<i32>(&device, &[len], |x| x, i32::wrapping_add);
        check::<f32>(&device, &[len], |x| x as f32, |a, b| a + b);
    }
    for shape in [
        [3, 70, 1],
        [2, 4099, 3],
        [3, 9000, 1],
        [5, 1, 300],
        [1, 129, 65],
        [4, 4096, 1],
        [2, 3, 40_000],
    ] {
        check::<u32>(&device, &shape, i32::cast_unsigned, u32::wrapping_add);
    }
    check::<i32>(&device, &[2, 3, 70_000], |x| x, i32::wrapping_add);
    if device.has(Feature::F64) {
        check::<f64>(&device, &[2, 9001], f64::from, |a, b| a + b);
    }
    if device.has(Feature::I64) {
        check::<u64>(&device, &[2, 9001], |x| i64::from(x).cast_unsigned(), u64::wrapping_add);
    }
}

#[test]
fn products_and_views_are_scanned() {
    let Some(device) = testing::device("products_and_views_are_scanned") else { return };
    let host = array(&[3, 5000], |x| if x % 2 == 0 { 3 } else { x });
    let x = device.upload(&host).unwrap();
    let out = x.cumprod(Axis(1)).unwrap().to_array().unwrap();
    assert_eq!(out, naive(&host, 1, 1, i32::wrapping_mul, false));
    let out = x.exclusive_cumprod(Axis(0)).unwrap().to_array().unwrap();
    assert_eq!(out, naive(&host, 0, 1, i32::wrapping_mul, true));
    let part = s![..;-1, 7..];
    let view = x.to_dimensionality::<ndarray::Ix2>().unwrap().slice(part).unwrap();
    let out = view.cumsum(Axis(1)).unwrap().to_array().unwrap();
    assert_eq!(
        out.into_dyn(),
        naive(&host.slice(part).to_owned().into_dyn(), 1, 0, i32::wrapping_add, false)
    );
    let from = x.to_dimensionality::<ndarray::Ix2>().unwrap().slice(s![1, 3..]).unwrap();
    let host = host.slice(s![1, 3..]).to_owned();
    let out = from.cumsum(Axis(0)).unwrap().to_array().unwrap();
    assert_eq!(out.into_dyn(), naive(&host.into_dyn(), 0, 0, i32::wrapping_add, false));
}

#[test]
fn arrays_larger_than_a_binding_are_scanned_in_parts() {
    if testing::device("arrays_larger_than_a_binding_are_scanned").is_none() {
        return;
    }
    let settings = Settings::new().max_binding_bytes(512);
    let device = Device::open_with(Select::env().allow_software(true), &settings).unwrap();
    for shape in [&[3000][..], &[3, 500], &[30, 17, 2]] {
        check::<i32>(&device, shape, |x| x, i32::wrapping_add);
    }
}

#[test]
fn nothing_and_no_axis() {
    let Some(device) = testing::device("nothing_and_no_axis") else { return };
    let x = device.zeros::<f32, _>((3, 0)).unwrap();
    assert_eq!(x.cumsum(Axis(1)).unwrap().shape(), [3, 0]);
    let error = x.cumprod(Axis(2)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Argument);
    assert_eq!(error.to_string(), "axis 2 was named of an array of 2 axes");
    let x = device
        .upload(&Array1::from(vec![-0.0_f32, f32::INFINITY, 1.0, f32::NEG_INFINITY]))
        .unwrap();
    let sums = x.cumsum(Axis(0)).unwrap().to_array().unwrap();
    assert!(sums[0] == 0.0 && sums[2] == f32::INFINITY && sums[3].is_nan());
}
