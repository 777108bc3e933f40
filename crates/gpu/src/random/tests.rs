use tenfold_kernel::{Philox, Random};

use crate::{Device, Element, ErrorKind, Feature, Select, Settings, testing};

const SHAPES: &[(usize, usize)] = &[(1, 1), (3, 1), (1, 4), (7, 37), (64, 64), (3, 0)];

fn check<T: Element + Random + Copy>(device: &Device, range: std::ops::Range<T>) {
    let philox = Philox::new(0x1234_5678_9ABC_DEF0).stream(0xFFFF_FFFF_0000_0003);
    for &shape in SHAPES {
        let all = device.random::<T, _>(philox, shape).unwrap().to_array().unwrap();
        assert_eq!(all, philox.random::<T>().array(shape).unwrap(), "{shape:?} {}", T::WGSL);
        let some = device.uniform(philox, range.clone(), shape).unwrap().to_array().unwrap();
        let expected = philox.uniform(range.clone()).unwrap().array(shape).unwrap();
        assert_eq!(some, expected, "{shape:?} {}", T::WGSL);
    }
}

fn narrow() -> Device {
    let settings = Settings::new().max_binding_bytes(512);
    Device::open_with(Select::env().allow_software(true), &settings).unwrap()
}

#[test]
fn numbers_are_those_of_the_processor() {
    let Some(device) = testing::device("numbers_are_those_of_the_processor") else { return };
    for device in [device, narrow()] {
        check::<u32>(&device, 3..4_000_000_000);
        check::<i32>(&device, -5..2);
        check::<f32>(&device, -1.5..0.7);
        if device.has(Feature::F64) {
            check::<f64>(&device, -1.5..0.7);
        }
        if device.has(Feature::I64) {
            check::<u64>(&device, 1..u64::MAX);
            check::<i64>(&device, i64::MIN..1 << 40);
        }
    }
}

#[test]
fn normal_numbers_are_close_to_those_of_the_processor() {
    let Some(device) = testing::device("normal_numbers_are_close") else { return };
    let philox = Philox::new(7);
    let given = device.standard_normal::<f32, _>(philox, 70_001).unwrap().to_array().unwrap();
    let expected = philox.standard_normal::<f32>().array(70_001).unwrap();
    let apart = |a: f64, b: f64| (a - b).abs() / b.abs().max(0.01);
    let worst = given.iter().zip(&expected).map(|(&a, &b)| apart(a.into(), b.into()));
    let worst = worst.fold(0.0, f64::max);
    assert!(worst < 4e-6, "{worst}");
    if device.has(Feature::F64) && device.has(Feature::I64) {
        let given = device.standard_normal::<f64, _>(philox, 70_001).unwrap().to_array().unwrap();
        let expected = philox.standard_normal::<f64>().array(70_001).unwrap();
        let worst = given.iter().zip(&expected).map(|(&a, &b)| apart(a, b)).fold(0.0, f64::max);
        assert!(worst < 1e-14, "{worst}");
    }
}

#[test]
fn a_wrong_range_is_an_error() {
    let Some(device) = testing::device("a_wrong_range_is_an_error") else { return };
    let philox = Philox::new(1);
    let error = device.uniform(philox, 5..5, 3).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Argument);
    assert_eq!(error.to_string(), "argument `range` is 5..5, but it must start below its end");
    let error = device.uniform(philox, 0.0..f32::INFINITY, 3).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Argument);
    let error = device.random::<u32, _>(philox, (1 << 40, 1 << 40)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
}
