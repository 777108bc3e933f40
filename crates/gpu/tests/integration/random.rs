//! The numbers of the device are those of tenfold-array.

use std::ops::Range;

use tenfold_gpu::ndarray::Array2;
use tenfold_gpu::{Device, Element, Feature, Philox};

use crate::device::{device, narrow};

const SEED: u64 = 0x9E37_79B9_7F4A_7C15;
const SHAPE: [usize; 2] = [37, 101];

/// Two arrays of one generator, the second of which has the next stream.
fn check<T>(device: &Device, range: Range<T>)
where
    T: Element + tenfold_array::Element + tenfold_kernel::Random,
{
    let mut random = tenfold_array::Random::new(SEED);
    for stream in 0..2 {
        // However they are cut.
        let chunks = random.uniform(SHAPE, range.clone(), [10 + stream, 33]);
        let philox = Philox::new(SEED).stream(stream as u64);
        let drawn = device.uniform(philox, range.clone(), SHAPE).unwrap();
        assert_eq!(drawn.to_array().unwrap(), chunks.compute().unwrap(), "{} {stream}", T::WGSL);
    }
}

#[test]
fn numbers_are_those_of_tenfold_array() {
    const TEST: &str = "numbers_are_those_of_tenfold_array";
    let (Some(device), Some(narrow)) = (device(TEST), narrow(TEST)) else { return };
    for device in [device, narrow] {
        check::<f32>(&device, -1.5..0.7);
        check::<i32>(&device, -5..2);
        check::<u32>(&device, 3..4_000_000_000);
        if device.has(Feature::F64) {
            check::<f64>(&device, 0.0..1.0);
        }
        if device.has(Feature::I64) {
            check::<i64>(&device, i64::MIN..1 << 40);
            check::<u64>(&device, 1..u64::MAX);
        }
    }
}

#[test]
fn normal_numbers_are_close_to_those_of_tenfold_array() {
    let Some(device) = device("normal_numbers_are_close_to_those_of_tenfold_array") else { return };
    let expected: Array2<f32> =
        tenfold_array::Random::new(SEED).standard_normal(SHAPE, 20).compute().unwrap();
    let given =
        device.standard_normal::<f32, _>(Philox::new(SEED), SHAPE).unwrap().to_array().unwrap();
    for (given, expected) in given.iter().zip(&expected) {
        let apart = (given - expected).abs();
        assert!(apart <= 4e-6 * expected.abs().max(0.01), "{given} and {expected}");
    }
}
