#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "numbers of tests are small"
)]

use ndarray::{Array1, Array3, Axis, s};

use crate::{Device, ErrorKind, Select, Settings, testing};

fn numbers(shape: (usize, usize, usize)) -> Array3<i32> {
    let mut next = 0;
    Array3::from_shape_simple_fn(shape, || {
        next += 1;
        next
    })
}

fn check(device: &Device, shape: (usize, usize, usize), n: usize) {
    let host = numbers(shape);
    let x = device.upload(&host).unwrap();
    for axis in 0..3 {
        let len = host.len_of(Axis(axis));
        let places: Vec<usize> = (0..n).map(|i| (i * 7 + 3) % len).collect();
        let on_device =
            device.upload(&Array1::from_iter(places.iter().map(|&i| i as u32))).unwrap();
        let taken = x.take(Axis(axis), &on_device).unwrap();
        let expected = host.select(Axis(axis), &places);
        assert_eq!(taken.to_array().unwrap(), expected, "{shape:?} {axis} {n}");
        let mut put = host.clone();
        for (i, &place) in places.iter().enumerate() {
            let value = &expected.index_axis(Axis(axis), i) * -1 - i as i32;
            put.index_axis_mut(Axis(axis), place).assign(&value);
        }
        let mut values = expected.map(|x| -x);
        for (i, mut slice) in values.axis_iter_mut(Axis(axis)).enumerate() {
            slice -= i as i32;
        }
        let values = device.upload(&values).unwrap();
        let given = x.put(Axis(axis), &on_device, &values).unwrap();
        assert_eq!(given.to_array().unwrap(), put, "{shape:?} {axis} {n}");
        assert_eq!(x.to_array().unwrap(), host);
    }
}

#[test]
fn elements_are_those_that_ndarray_selects() {
    let Some(device) = testing::device("elements_are_those_that_ndarray_selects") else { return };
    for (shape, n) in [((1, 1, 1), 1), ((3, 5, 7), 4), ((2, 300, 3), 1000), ((40, 2, 9), 5)] {
        check(&device, shape, n);
    }
    let settings = Settings::new().max_binding_bytes(512);
    let narrow = Device::open_with(Select::env().allow_software(true), &settings).unwrap();
    for (shape, n) in [((3, 5, 7), 4), ((2, 30, 3), 100), ((40, 2, 9), 5)] {
        check(&narrow, shape, n);
    }
}

#[test]
fn places_outside_are_an_error() {
    let Some(device) = testing::device("places_outside_are_an_error") else { return };
    let x = device.upload(&numbers((2, 3, 4))).unwrap();
    let of = |places: &[u32]| device.upload(&Array1::from(places.to_vec())).unwrap();
    let error = x.take(Axis(1), &of(&[0, 2, 3, u32::MAX])).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Argument);
    assert_eq!(
        error.to_string(),
        "place 3, number 2 of the places, is outside of axis 1, which has length 3"
    );
    assert_eq!(x.take(Axis(3), &of(&[0])).unwrap_err().kind(), ErrorKind::Argument);
    assert_eq!(x.take(Axis(0), &of(&[])).unwrap().shape(), [0, 3, 4]);
    let error = x.put(Axis(0), &of(&[0]), &x).unwrap_err();
    assert_eq!(error.to_string(), "argument `values` has shape [2, 3, 4], and [1, 3, 4] is put");
    let other = Device::open(Select::env().allow_software(true)).unwrap();
    let error = x.take(Axis(0), &other.zeros(1).unwrap()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DeviceMismatch);
    let empty = x.slice(s![.., 0..0, ..]).unwrap();
    assert_eq!(empty.take(Axis(1), &of(&[0])).unwrap_err().kind(), ErrorKind::Argument);
    assert_eq!(empty.take(Axis(0), &of(&[1, 1, 1])).unwrap().shape(), [3, 0, 4]);
    let unchanged = x.put(Axis(2), &of(&[]), &x.slice(s![.., .., 0..0]).unwrap()).unwrap();
    assert_eq!(unchanged.to_array().unwrap(), x.to_array().unwrap());
}
