//! Functions of lanes, against loops over them.

use std::cmp::Ordering;

use ndarray::{ArrayD, Axis, IxDyn, array};
use proptest::prelude::*;
use tenfold_array::{Array, Element, ErrorKind, QuantileMethod, Random, Settings};

use crate::subjects::{assert_close, assert_same, float, integer, subject, subjects};

/// What a function makes of each lane, in lanes of some length.
fn by_lane<T: Element, R: Element>(
    x: &ArrayD<T>,
    axis: usize,
    len: usize,
    f: impl Fn(&[T]) -> Vec<R>,
) -> ArrayD<R> {
    let mut shape = x.shape().to_vec();
    shape[axis] = len;
    let mut out = ArrayD::from_elem(IxDyn(&shape), R::default());
    for (lane, mut out) in x.lanes(Axis(axis)).into_iter().zip(out.lanes_mut(Axis(axis))) {
        let made = f(&lane.to_vec());
        out.iter_mut().zip(made).for_each(|(out, made)| *out = made);
    }
    out
}

fn order(a: f64, b: f64) -> Ordering {
    a.partial_cmp(&b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
}

fn sorted(lane: &[f64]) -> Vec<f64> {
    let mut lane = lane.to_vec();
    lane.sort_by(|a, b| order(*a, *b));
    lane
}

/// The line between both neighbours, as NumPy's documentation has it.
fn linear(lane: &[f64], q: f64) -> f64 {
    let lane = sorted(lane);
    if lane.is_empty() || lane.iter().any(|x| x.is_nan()) {
        return f64::NAN;
    }
    let place = q * (lane.len() - 1) as f64;
    let (low, high) = (lane[place.floor() as usize], lane[place.ceil() as usize]);
    match place.fract() {
        share if low == high || share == 0.0 => low,
        // What lies between a number and an infinity is that; between both there is nothing.
        share if !(high - low).is_finite() => low * (1.0 - share) + high * share,
        share if share < 0.5 => low + (high - low) * share,
        share => high - (high - low) * (1.0 - share),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn elements_in_order(x in subjects(float), ints in subjects(integer)) {
        for axis in 0..x.plain.ndim() {
            let len = x.plain.len_of(Axis(axis));
            assert_same(&x.lazy.sort(axis), &by_lane(&x.plain, axis, len, sorted));
            let places = |lane: &[f64]| {
                let mut places: Vec<i64> = (0..lane.len() as i64).collect();
                places.sort_by(|&a, &b| order(lane[a as usize], lane[b as usize]));
                places
            };
            assert_same(&x.lazy.argsort(axis), &by_lane(&x.plain, axis, len, places));
            // What an order of places picks is that order.
            assert_same(&x.lazy.take_along_axis(axis, &x.lazy.argsort(axis)), &by_lane(&x.plain, axis, len, sorted));
        }
        for axis in 0..ints.plain.ndim() {
            let len = ints.plain.len_of(Axis(axis));
            let expected = by_lane(&ints.plain, axis, len, |lane| {
                let mut lane = lane.to_vec();
                lane.sort_unstable();
                lane
            });
            // In another place, seen in another way, and in other chunks.
            let seen = ints.lazy.sort(axis).flip(axis).rechunk(2).flip(axis);
            assert_same(&seen, &expected);
            assert_same(&(ints.lazy.sort(axis) ^ &ints.lazy), &(expected ^ &ints.plain));
        }
    }

    #[test]
    fn the_best(x in subjects(float), k in -9..9_isize) {
        for axis in 0..x.plain.ndim() {
            let len = x.plain.len_of(Axis(axis)).min(k.unsigned_abs());
            let places = |lane: &[f64]| {
                let mut places: Vec<usize> = (0..lane.len()).collect();
                places.sort_by(|&a, &b| if k > 0 { order(lane[b], lane[a]) } else { order(lane[a], lane[b]) });
                places.truncate(len);
                places
            };
            let best = |lane: &[f64]| places(lane).into_iter().map(|at| lane[at]).collect();
            assert_same(&x.lazy.topk(axis, k), &by_lane(&x.plain, axis, len, best));
            let numbers = |lane: &[f64]| places(lane).into_iter().map(|at| at as i64).collect();
            assert_same(&x.lazy.argtopk(axis, k), &by_lane(&x.plain, axis, len, numbers));
        }
    }

    #[test]
    fn quantiles_of_lanes(x in subjects(float), q in 0.0..1.0_f64) {
        let without_nan = |lane: &[f64]| lane.iter().copied().filter(|x| !x.is_nan()).collect::<Vec<_>>();
        for axis in 0..x.plain.ndim() {
            let expected = |f: &dyn Fn(&[f64]) -> f64| {
                by_lane(&x.plain, axis, 1, |lane| vec![f(lane)]).index_axis_move(Axis(axis), 0)
            };
            let method = QuantileMethod::Linear;
            assert_close(&x.lazy.quantile_axis(axis, q, method), &expected(&|lane| linear(lane, q)), 1e-12);
            assert_close(&x.lazy.median_axis(axis), &expected(&|lane| linear(lane, 0.5)), 1e-12);
            let of_numbers = expected(&|lane| linear(&without_nan(lane), q));
            assert_close(&x.lazy.nanquantile_axis(axis, q, method), &of_numbers, 1e-12);
            let hundredths = expected(&|lane| linear(&without_nan(lane), (q * 100.0) / 100.0));
            assert_close(&x.lazy.nanpercentile_axis(axis, q * 100.0, method), &hundredths, 1e-12);
            let lower = expected(&|lane| {
                let lane = sorted(lane);
                let place = (q * (lane.len().max(1) - 1) as f64).floor() as usize;
                if lane.iter().any(|x| x.is_nan()) { f64::NAN } else { lane.get(place).copied().unwrap_or(f64::NAN) }
            });
            assert_same(&x.lazy.quantile_axis(axis, q, QuantileMethod::Lower), &lower);
        }
        let all = x.plain.iter().copied().collect::<Vec<_>>();
        let median = ndarray::arr0(linear(&all, 0.5)).into_dyn();
        assert_close(&x.lazy.median().into_dyn(), &median, 1e-12);
        let without = ndarray::arr0(linear(&without_nan(&all), 0.5)).into_dyn();
        assert_close(&x.lazy.nanmedian().into_dyn(), &without, 1e-12);
    }

    #[test]
    fn functions_of_lanes(x in subjects(integer), len in 0..4_usize) {
        for axis in 0..x.plain.ndim() {
            let f = move |lane: &[i32]| (0..len).map(|i| i64::from(*lane.get(i).unwrap_or(&7))).collect::<Vec<_>>();
            let lazy = x.lazy.apply_along_axis(axis, len, move |lane| f(&lane.to_vec()).into());
            assert_same(&lazy, &by_lane(&x.plain, axis, len, f));
        }
    }

    #[test]
    fn any_thread_count_has_the_same_bits(shape in prop::collection::vec(1..40_usize, 1..4), chunk in 1..20_usize, seed in any::<u64>()) {
        let x = Random::new(seed).standard_normal::<f64, _>(IxDyn(&shape), chunk);
        let all = |threads| {
            let made = (&x.sort(0), &x.topk(0, 3), &x.median_axis(0), &x.argsort(0));
            let (a, b, c, d) = Settings::new().threads(threads).compute_many(made).unwrap();
            let places = d.mapv(|place| place as f64);
            a.iter().chain(&b).chain(&c).chain(&places).map(|x| x.to_bits()).collect::<Vec<_>>()
        };
        let one = all(1);
        prop_assert_eq!(&one, &all(2));
        prop_assert_eq!(&one, &all(7));
    }
}

/// Chunks that are long along the axis become narrower along others, and a plan stays within its cap.
#[test]
fn lanes_are_held_a_few_at_a_time() {
    let x = Random::new(1).standard_normal::<f64, _>([20_000, 600], 1000);
    let sorted = x.sort(0);
    assert_eq!(sorted.chunks().largest()[0], 20_000);
    assert!(sorted.chunks().largest()[1] <= 60, "{:?}", sorted.chunks());
    let plan = sorted.max().plan().unwrap();
    assert!(plan.minimum_memory() < 64 << 20, "{}", plan.minimum_memory());
    let settings = Settings::new().threads(2).memory(plan.minimum_memory());
    let most = settings.compute(&sorted.slice(ndarray::s![-1, ..])).unwrap();
    assert_eq!(most, x.max_axis(0).compute().unwrap());
    // A lane of its own is refused where it does not fit.
    let error = Settings::new().memory(1 << 20).compute(&x.ravel().sort(0).max()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Memory);
}

/// All elements of an array that is larger than the cap, in passes.
#[test]
fn quantiles_of_large_arrays_hold_some_counts() {
    let x = Array::arange(0..3_000_000_i64, 100_000);
    // In another order, so that digits are spread over all chunks.
    let x = x.map_named("spread", |x| x * 1_000_003 % 3_000_000 - 7);
    let settings = Settings::new().threads(2).memory(8 << 20);
    let (low, middle) = (x.quantile(0.25, QuantileMethod::Lower), x.median());
    assert_eq!(settings.compute(&low).unwrap().into_scalar(), 749_999.0 - 7.0);
    assert_eq!(settings.compute(&middle).unwrap().into_scalar(), 1_499_999.5 - 7.0);
    let error = x.quantile(2.0, QuantileMethod::Lower).compute().unwrap_err();
    assert!(error.to_string().starts_with("argument `q` is 2, but a quantile is from 0 to 1"));
    assert!(error.location().unwrap().file().ends_with("lanes.rs"), "{error}");
    let plan = Array::<f64, _>::zeros([1 << 40], 1 << 12).median().plan().unwrap();
    // As many passes as there are digits.
    assert_eq!(plan.tasks() >> 28, 5);
}

#[test]
fn a_plan_of_many_lanes_takes_no_longer() {
    let x = Array::<f64, _>::zeros([1 << 40, 16], [1 << 10, 16]);
    for made in [x.sort(1).max(), x.median_axis(1).max(), x.topk(1, 3).max(), x.topk(0, 3).max()] {
        assert!(made.plan().unwrap().tasks() >= 1 << 30, "{made:?}");
    }
}

#[test]
fn indices_beyond_a_lane_are_refused() {
    let x = subject(&[3, 2], 2, 0, 1, integer).lazy;
    let far = Array::from_ndarray(array![[0_i8, 1], [2, -4]].into_dyn(), 1);
    let error = x.take_along_axis(0, &far).compute().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Index);
    let text = "index -4 of argument `indices` is beyond axis 0 of 3 elements";
    assert!(error.to_string().starts_with(text), "{error}");
    let error = x.sort(2).compute().unwrap_err();
    assert!(error.to_string().starts_with("argument `axis` is 2, but the array has 2 axes"));
    assert!(error.location().unwrap().file().ends_with("lanes.rs"), "{error}");
    let none = Array::<f64, _>::zeros([0, 2], 1);
    assert!(none.median_axis(0).compute().unwrap().iter().all(|x| x.is_nan()));
    assert_eq!(none.sort(0).compute().unwrap().shape(), [0, 2]);
    assert_eq!(none.topk(0, 2).compute().unwrap().shape(), [0, 2]);
}
