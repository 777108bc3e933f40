//! Scans, against loops.

use ndarray::{ArrayD, Axis};
use proptest::prelude::*;
use tenfold_array::{Array, Element, Random, Settings};

use crate::subjects::{
    Same, Subject, assert_close, assert_same, float, integer, number, subject, subjects,
};

/// What a loop along an axis makes of an array.
fn scanned<T: Element, R: Element>(
    x: &ArrayD<T>,
    axis: usize,
    start: R,
    step: impl Fn(R, T) -> R,
) -> ArrayD<R> {
    let mut out = ArrayD::from_elem(x.raw_dim(), start);
    for (lane, mut out) in x.lanes(Axis(axis)).into_iter().zip(out.lanes_mut(Axis(axis))) {
        let mut acc = start;
        for (&x, out) in lane.iter().zip(&mut out) {
            acc = step(acc, x);
            *out = acc;
        }
    }
    out
}

fn check<T: Element, R: Element + Same>(
    x: &Subject<T>,
    lazy: impl Fn(&Array<T, ndarray::IxDyn>, usize) -> Array<R, ndarray::IxDyn>,
    start: R,
    step: impl Fn(R, T) -> R,
) {
    for axis in 0..x.plain.ndim() {
        assert_same(&lazy(&x.lazy, axis), &scanned(&x.plain, axis, start, &step));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn running_integers_are_exact(x in subjects(integer)) {
        check(&x, |x, axis| x.cumsum(axis), 0_i64, |sum, x| sum + i64::from(x));
        check(&x, |x, axis| x.cumprod(axis), 1_i64, |product, x| product.wrapping_mul(x.into()));
        check(&x, |x, axis| x.cummin(axis), i32::MAX, i32::min);
        check(&x, |x, axis| x.cummax(axis), i32::MIN, i32::max);
    }

    #[test]
    fn running_floats(x in subjects(float), plain in subjects(number)) {
        let least = |least: f64, x: f64| if x.is_nan() || x < least { x } else { least };
        let least = |best: f64, x: f64| if best.is_nan() { best } else { least(best, x) };
        check(&x, |x, axis| x.cummin(axis), f64::INFINITY, least);
        let most = |best: f64, x: f64| if best.is_nan() || x <= best { best } else { x };
        check(&x, |x, axis| x.cummax(axis), f64::NEG_INFINITY, most);
        for axis in 0..plain.plain.ndim() {
            let expected = scanned(&plain.plain, axis, 0.0, |sum, x: f64| sum + x);
            assert_close(&plain.lazy.cumsum(axis), &expected, 1e-12);
        }
        for axis in 0..x.plain.ndim() {
            let expected = scanned(&x.plain, axis, 0.0, |sum, x: f64| sum + x);
            assert_close(&x.lazy.cumsum(axis), &expected, 1e-12);
        }
    }

    #[test]
    fn differences(x in subjects(integer), times in 0..4_usize) {
        for axis in 0..x.plain.ndim() {
            let mut expected = x.plain.clone();
            for _ in 0..times.min(x.plain.len_of(Axis(axis))) {
                let len = expected.len_of(Axis(axis));
                let later = expected.slice_axis(Axis(axis), ndarray::Slice::from(1..)).to_owned();
                let earlier = expected.slice_axis(Axis(axis), ndarray::Slice::from(..len - 1));
                expected = ndarray::Zip::from(&later).and(&earlier).map_collect(|a, b| a.wrapping_sub(*b));
            }
            assert_same(&x.lazy.diff(times, axis), &expected);
        }
    }

    /// A part of a scan is that part, and what is made of a scan sees it whole.
    #[test]
    fn parts_of_scans(x in subjects(integer), at in any::<prop::sample::Index>()) {
        prop_assume!(x.plain.ndim() > 0 && !x.plain.is_empty());
        let axis = at.index(x.plain.ndim());
        let expected = scanned(&x.plain, axis, 0_i64, |sum, x| sum + i64::from(x));
        let scan = x.lazy.cumsum(axis);
        assert_same(&scan.t(), &expected.clone().reversed_axes().to_owned());
        let both = (&scan + &scan.t().t()).sum_axis(axis);
        assert_same(&both, &(2 * expected).sum_axis(Axis(axis)));
        assert_same(&scan.cumsum(axis).cummax(axis), &{
            let sum = scanned(&x.plain, axis, 0_i64, |sum, x| sum + i64::from(x));
            let sum = scanned(&sum, axis, 0_i64, |sum, x| sum + x);
            scanned(&sum, axis, i64::MIN, i64::max)
        });
    }

    #[test]
    fn threads_change_no_bit(len in 1..60_usize, chunk in 1..20_usize, axis in 0..2_usize, seed in any::<u64>()) {
        let x = subject(&[len, 40], chunk, 0, seed, number);
        let scan = x.lazy.cumsum(axis);
        let bits = |threads| {
            let scan = Settings::new().threads(threads).compute(&scan).unwrap();
            scan.iter().map(|x| x.to_bits()).collect::<Vec<_>>()
        };
        prop_assert_eq!(bits(1), bits(2));
        prop_assert_eq!(bits(1), bits(7));
    }
}

/// Chunks of more than a portion, beside another array that is read in portions.
#[test]
fn large_chunks_are_read_twice_in_all() {
    let x = Random::new(5).uniform([900, 700], -5..6_i64, [400, 700]);
    let read = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counter = std::sync::Arc::clone(&read);
    let plain = x.compute().unwrap();
    let counted = x.map(move |x| {
        counter.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        x
    });
    for axis in 0..2 {
        read.store(0, std::sync::atomic::Ordering::Relaxed);
        let both = Settings::new().compute_many((&counted.cumsum(axis), &x.sum())).unwrap();
        let expected = scanned(&plain.clone().into_dyn(), axis, 0, |sum, x| sum + x);
        assert_eq!(both.0.into_dyn(), expected);
        assert_eq!(both.1.into_scalar(), plain.sum());
        // Where there is one chunk along the axis, once is enough.
        let passes = if axis == 0 { 2 } else { 1 };
        assert_eq!(read.load(std::sync::atomic::Ordering::Relaxed), passes * 900 * 700);
    }
}

#[test]
fn mistakes_of_scans() {
    let x = Array::<f64, _>::zeros([3, 0], 2);
    assert_eq!(x.cumsum(1).compute().unwrap().shape(), [3, 0]);
    assert_eq!(x.diff(5, 0).compute().unwrap().shape(), [0, 0]);
    let error = x.cumprod(2).compute().unwrap_err();
    assert!(
        error.to_string().starts_with("argument `axis` is 2, but the array has 2 axes"),
        "{error}"
    );
    assert!(error.location().unwrap().file().ends_with("scans.rs"));
    assert!(x.diff(1, 7).plan().is_err());
}

/// The last chunks have few rows, of which a portion has a part where it has whole rows of others.
#[test]
fn short_chunks_side_by_side() {
    let mut plain = ndarray::Array2::from_shape_fn((71, 35_200), |(i, j)| (i * 7 + j) as i64);
    let x = Array::<i64, ndarray::IxDyn>::from_source(
        crate::programs::Given(plain.clone().into_dyn()),
        [16, 1100],
    );
    plain.accumulate_axis_inplace(Axis(0), |before, x| *x += before);
    let sums = Settings::new().threads(1).compute(&x.cumsum(0)).unwrap();
    assert!(sums == plain.into_dyn());
}
