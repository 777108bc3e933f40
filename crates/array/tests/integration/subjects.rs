//! Arrays of any shape, cut and seen in any way, with the same elements in ndarray.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::fmt::Debug;

use ndarray::{ArrayD, IxDyn, SliceInfo, SliceInfoElem};
use proptest::prelude::*;
use tenfold_array::{Array, Element};

/// A lazy array, and what it is.
#[derive(Debug, Clone)]
pub(crate) struct Subject<T: Element> {
    pub(crate) lazy: Array<T, IxDyn>,
    pub(crate) plain: ArrayD<T>,
}

/// Some bits for each place, of a seed.
pub(crate) fn mixed(seed: u64, place: usize) -> u64 {
    let z = (seed ^ (place as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15))
        .wrapping_mul(0xBF58_476D_1CE4_E5B9);
    (z ^ (z >> 31)).wrapping_mul(0x94D0_49BB_1331_11EB) >> 7
}

fn view(of: usize, ndim: usize, shape: &[usize]) -> Vec<SliceInfoElem> {
    let slice = |axis: usize| match (of + axis) % 4 {
        0 => (0, None, 1),
        1 => (0, None, -1),
        2 => ((shape[axis] > 1).into(), None, 2),
        _ => (0, Some(shape[axis].div_ceil(2).cast_signed()), 1),
    };
    (0..ndim)
        .map(|axis| {
            let (start, end, step) = slice(axis);
            SliceInfoElem::Slice { start, end, step }
        })
        .collect()
}

/// The elements of a shape, made of random bits, in even chunks, sliced and transposed.
pub(crate) fn subject<T: Element>(
    shape: &[usize],
    chunk: usize,
    of: usize,
    seed: u64,
    element: fn(u64) -> T,
) -> Subject<T> {
    let mut place = 0;
    let plain = ArrayD::from_shape_simple_fn(IxDyn(shape), || {
        place += 1;
        element(mixed(seed, place))
    });
    let lazy = Array::from_ndarray(plain.clone(), chunk);
    let slices = || {
        let slices = view(of, shape.len(), shape);
        SliceInfo::<_, IxDyn, IxDyn>::try_from(slices).unwrap()
    };
    let (lazy, plain) = match of % 3 {
        0 => (lazy, plain),
        1 => (lazy.slice(slices()), plain.slice(slices()).to_owned()),
        _ => (lazy.slice(slices()).t(), plain.slice(slices()).reversed_axes().to_owned()),
    };
    Subject { lazy, plain }
}

/// Subjects of 0 to 3 axes, empty ones too.
pub(crate) fn subjects<T: Element>(element: fn(u64) -> T) -> impl Strategy<Value = Subject<T>> {
    let shape = prop::collection::vec(prop_oneof![1 => Just(0_usize), 20 => 1..8_usize], 0..4);
    (shape, 1..6_usize, 0..12_usize, any::<u64>())
        .prop_map(move |(shape, chunk, of, seed)| subject(&shape, chunk, of, seed, element))
}

/// Two of one shape, in different chunks.
pub(crate) fn pairs<T: Element>(
    element: fn(u64) -> T,
) -> impl Strategy<Value = (Subject<T>, Subject<T>)> {
    (subjects(element), 1..6_usize, any::<u64>()).prop_map(move |(first, chunk, seed)| {
        let second = subject(first.plain.shape(), chunk, 0, seed, element);
        (first, second)
    })
}

/// Floats with all that is special about them.
pub(crate) fn float(bits: u64) -> f64 {
    match bits % 16 {
        0 => f64::NAN,
        1 => f64::INFINITY,
        2 => f64::NEG_INFINITY,
        3 => -0.0,
        4 => 0.0,
        _ => ((bits >> 8) % 2001) as f64 / 100.0 - 10.0,
    }
}

/// Floats that are numbers, none of them special.
pub(crate) fn number(bits: u64) -> f64 {
    ((bits >> 8) % 2001) as f64 / 100.0 - 10.0
}

/// Integers, also the least and the greatest.
pub(crate) fn integer(bits: u64) -> i32 {
    match bits % 8 {
        0 => i32::MIN,
        1 => i32::MAX,
        2 => 0,
        _ => ((bits >> 8) % 19) as i32 - 9,
    }
}

/// Whether elements are the same: NaN as NaN, and nothing else but itself.
pub(crate) trait Same: Copy + Debug {
    fn same(self, other: Self) -> bool;
}

macro_rules! same {
    ($($T:ty),*) => {$(
        impl Same for $T {
            fn same(self, other: Self) -> bool { self == other }
        }
    )*};
}
same!(bool, i8, i16, i32, i64, u8, u16, u32, u64);

macro_rules! same_floats {
    ($($T:ty),*) => {$(
        impl Same for $T {
            fn same(self, other: Self) -> bool { self == other || self.is_nan() && other.is_nan() }
        }
    )*};
}
same_floats!(f32, f64);

/// Asserts that a lazy array is an array of ndarray.
#[track_caller]
pub(crate) fn assert_same<T: Element + Same>(lazy: &Array<T, IxDyn>, plain: &ArrayD<T>) {
    let computed = lazy.compute().unwrap();
    assert_eq!(computed.shape(), plain.shape());
    let is_same = computed.iter().zip(plain).all(|(&a, &b)| a.same(b));
    assert!(is_same, "{computed:?} instead of {plain:?}");
}

/// Asserts the same up to rounding.
#[track_caller]
pub(crate) fn assert_close(lazy: &Array<f64, IxDyn>, plain: &ArrayD<f64>, relative: f64) {
    let computed = lazy.compute().unwrap();
    assert_eq!(computed.shape(), plain.shape());
    let close = |a: f64, b: f64| a.same(b) || (a - b).abs() <= relative * b.abs().max(1.0);
    let is_close = computed.iter().zip(plain).all(|(&a, &b)| close(a, b));
    assert!(is_close, "{computed:?} instead of {plain:?}");
}
