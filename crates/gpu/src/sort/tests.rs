#![expect(clippy::cast_possible_truncation, reason = "numbers of tests are small")]

use std::cmp::Ordering;

use ndarray::{Array1, Array3, Axis, array, s};

use crate::{Device, Element, ErrorKind, Feature, Select, Settings, testing};

fn bits(i: usize) -> u64 {
    let z = (i as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (z ^ (z >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9)
}

fn check<T: Element + Copy>(
    device: &Device,
    lengths: &[usize],
    make: fn(u64) -> T,
    order: fn(&T, &T) -> Ordering,
) {
    for &len in lengths {
        let host: Vec<T> = (0..len).map(|i| make(bits(i))).collect();
        let x = device.upload(&Array1::from(host.clone())).unwrap();
        let mut places: Vec<u32> = (0..len as u32).collect();
        places.sort_by(|&a, &b| order(&host[a as usize], &host[b as usize]));
        let same = |a: &Array1<T>, places: &[u32]| {
            a.iter().zip(places).all(|(a, &i)| order(a, &host[i as usize]) == Ordering::Equal)
        };
        assert!(same(&x.sort(Axis(0)).unwrap().to_array().unwrap(), &places), "{len} {}", T::WGSL);
        let is_main = size_of::<T>() == 4 && T::WGSL != "i32";
        if is_main {
            let up = x.argsort(Axis(0)).unwrap().to_array().unwrap();
            assert_eq!(up.to_vec(), places, "{len} {}", T::WGSL);
        }
        places.sort_by(|&a, &b| order(&host[b as usize], &host[a as usize]).then(a.cmp(&b)));
        if is_main {
            let down = x.sort_descending(Axis(0)).unwrap().to_array().unwrap();
            assert!(same(&down, &places), "{len} {}", T::WGSL);
        }
        let down = x.argsort_descending(Axis(0)).unwrap().to_array().unwrap();
        assert_eq!(down.to_vec(), places, "{len} {}", T::WGSL);
    }
}

#[test]
fn order_is_that_of_a_stable_sort() {
    let Some(device) = testing::device("order_is_that_of_a_stable_sort") else { return };
    let lengths = [1, 33, 4096, 4097, 9001];
    check::<u32>(&device, &lengths, |x| x as u32, u32::cmp);
    check::<u32>(&device, &[3000], |x| (x as u32) % 7 * 0x0101_0101, u32::cmp);
    check::<i32>(&device, &[9001], |x| x as i32, i32::cmp);
    check::<f32>(&device, &[9001], |x| f32::from_bits(x as u32), f32::total_cmp);
    check::<f32>(
        &device,
        &[6000],
        |x| [0.0, -0.0, 1.5, f32::NAN, -f32::NAN, f32::INFINITY, 1e-40][x as usize % 7],
        f32::total_cmp,
    );
    if device.has(Feature::F64) {
        check::<f64>(&device, &[5003], f64::from_bits, f64::total_cmp);
    }
    if device.has(Feature::I64) {
        check::<u64>(&device, &[5003], |x| x, u64::cmp);
        check::<i64>(&device, &[5003], |x| x.cast_signed(), i64::cmp);
    }
}

#[test]
fn each_row_of_an_axis_is_sorted_by_itself() {
    let Some(device) = testing::device("each_row_of_an_axis_is_sorted") else { return };
    let numbers = (0..2 * 90 * 3).map(|i| bits(i) as i32 >> 20).collect();
    let host = Array3::from_shape_vec((2, 90, 3), numbers).unwrap();
    let x = device.upload(&host).unwrap();
    for axis in 0..3 {
        let mut expected = host.clone();
        for mut lane in expected.lanes_mut(Axis(axis)) {
            let mut sorted = lane.to_vec();
            sorted.sort();
            lane.assign(&Array1::from(sorted));
        }
        assert_eq!(x.sort(Axis(axis)).unwrap().to_array().unwrap(), expected, "{axis}");
        let places = x.argsort(Axis(axis)).unwrap().to_array().unwrap();
        for (lane, (places, sorted)) in host
            .lanes(Axis(axis))
            .into_iter()
            .zip(places.lanes(Axis(axis)).into_iter().zip(expected.lanes(Axis(axis))))
        {
            assert!(places.iter().zip(sorted).all(|(&i, &x)| lane[i as usize] == x));
        }
    }
    let view = x.slice(s![1, ..;-2, 2]).unwrap();
    let mut expected = host.slice(s![1, ..;-2, 2]).to_vec();
    expected.sort();
    assert_eq!(view.sort(Axis(0)).unwrap().to_array().unwrap().to_vec(), expected);
}

/// The counts of all rows would have 200 MiB, and their sums as many.
#[test]
fn many_short_rows_take_little_memory() {
    let settings = Settings::new().memory_bytes(160 << 20);
    let device = Device::open_with(Select::noop(), &settings).unwrap();
    let x = device.zeros::<f32, _>((200_000, 4)).unwrap();
    drop(x.sort(Axis(1)).unwrap());
    assert!(device.stats().memory.peak_bytes < 144 << 20, "{:?}", device.stats().memory);
    drop(x.argsort(Axis(1)).unwrap());
    assert!(device.stats().memory.peak_bytes < 152 << 20, "{:?}", device.stats().memory);
}

#[test]
fn what_cannot_be_sorted_is_an_error() {
    let Some(device) = testing::device("what_cannot_be_sorted_is_an_error") else { return };
    let x = device.zeros::<f32, _>((0, 3)).unwrap();
    assert_eq!(x.sort(Axis(0)).unwrap().shape(), [0, 3]);
    assert_eq!(x.argsort(Axis(1)).unwrap().shape(), [0, 3]);
    assert_eq!(x.sort(Axis(2)).unwrap_err().kind(), ErrorKind::Argument);
    let settings = Settings::new().max_binding_bytes(4096);
    let narrow = Device::open_with(Select::env().allow_software(true), &settings).unwrap();
    let long = narrow.zeros::<u32, _>(5000).unwrap();
    let error = long.sort(Axis(0)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    let says =
        "sorting an axis of 5000 elements of 4 bytes takes 20000 bytes that are seen at a time";
    assert!(error.to_string().starts_with(says), "{error}");
    // What is counted of a few elements is more than these.
    let settings = Settings::new().max_binding_bytes(512);
    let narrower = Device::open_with(Select::env().allow_software(true), &settings).unwrap();
    let error = narrower.zeros::<u32, _>(3).unwrap().sort(Axis(0)).unwrap_err();
    let says = "sorting an axis of 3 elements of 4 bytes takes 1024 bytes that are seen at a time";
    assert!(error.to_string().starts_with(says), "{error}");
    let rows = narrow
        .upload(&array![[3_i32, -1, 2], [9, 8, 7], [0, 5, 1], [4, 4, -4], [1, 1, 0]])
        .unwrap();
    let expected = array![[-1, 2, 3], [7, 8, 9], [0, 1, 5], [-4, 4, 4], [0, 1, 1]];
    assert_eq!(rows.sort(Axis(1)).unwrap().to_array().unwrap(), expected);
}
