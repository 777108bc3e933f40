//! Reductions, against loops over what they reduce.

#![expect(
    clippy::cast_possible_wrap,
    clippy::cast_possible_truncation,
    reason = "counts are small, and other bits are as good as these"
)]

use ndarray::{ArrayD, Axis, IxDyn, array};
use proptest::prelude::*;
use tenfold_array::{Array, Element, ErrorKind, Random, Settings};

use crate::subjects::{Same, Subject, assert_close, assert_same, float, integer, number, subjects};

type Lazy<T> = Array<T, IxDyn>;

/// `f` of the elements along each axis, and of all.
fn along<T: Element, R: Clone>(
    x: &ArrayD<T>,
    f: impl Fn(&[T]) -> R,
) -> Vec<(Option<usize>, ArrayD<R>)> {
    let mut found = vec![];
    let all: Vec<T> = x.iter().copied().collect();
    found.push((None, ArrayD::from_elem(IxDyn(&[]), f(&all))));
    for axis in 0..x.ndim() {
        let lane = |lane: ndarray::ArrayView1<'_, T>| f(&lane.to_vec());
        found.push((Some(axis), x.map_axis(Axis(axis), lane)));
    }
    found
}

/// Asserts that a reduction is a function of slices, along each axis and of all.
fn exact<T: Element, R: Element + Same>(
    x: &Subject<T>,
    lazy: impl Fn(&Lazy<T>, Option<usize>) -> Lazy<R>,
    plain: impl Fn(&[T]) -> R,
) {
    for (axis, expected) in along(&x.plain, plain) {
        assert_same(&lazy(&x.lazy, axis), &expected);
    }
}

fn close<T: Element>(
    x: &Subject<T>,
    lazy: impl Fn(&Lazy<T>, Option<usize>) -> Lazy<f64>,
    plain: impl Fn(&[T]) -> f64,
) {
    for (axis, expected) in along(&x.plain, plain) {
        assert_close(&lazy(&x.lazy, axis), &expected, 1e-10);
    }
}

macro_rules! over {
    ($name:ident $axis:ident $(, $arg:expr)*) => {
        |x, axis| match axis {
            None => x.$name($($arg),*).into_dyn(),
            Some(axis) => x.$axis(axis $(, $arg)*),
        }
    };
}

/// The first for which nothing goes before: NaN, and then what `before` says.
fn first(x: &[f64], before: impl Fn(f64, f64) -> bool) -> usize {
    let mut best = 0;
    for (i, &x_i) in x.iter().enumerate() {
        if !x[best].is_nan() && (x_i.is_nan() || before(x_i, x[best])) {
            best = i;
        }
    }
    best
}

fn without_nan(x: &[f64]) -> Vec<f64> {
    x.iter().copied().filter(|x| !x.is_nan()).collect()
}

fn mean(x: &[f64]) -> f64 {
    x.iter().sum::<f64>() / x.len() as f64
}

fn var(x: &[f64], ddof: f64) -> f64 {
    let mean = mean(x);
    x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (x.len() as f64 - ddof).max(0.0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn sums_and_means(x in subjects(number), special in subjects(float), ints in subjects(integer)) {
        close(&x, over!(sum sum_axis), |x| x.iter().sum::<f64>() + 0.0);
        close(&special, over!(sum sum_axis), |x| x.iter().sum::<f64>() + 0.0);
        close(&special, over!(prod prod_axis), |x| x.iter().product());
        close(&x, over!(mean mean_axis), mean);
        close(&special, over!(nansum nansum_axis), |x| without_nan(x).iter().sum::<f64>() + 0.0);
        close(&special, over!(nanprod nanprod_axis), |x| without_nan(x).iter().product());
        close(&special, over!(nanmean nanmean_axis), |x| mean(&without_nan(x)));
        exact(&ints, over!(sum sum_axis), |x| x.iter().map(|&x| i64::from(x)).sum());
        exact(&ints, over!(prod prod_axis), |x| x.iter().fold(1_i64, |p, &x| p.wrapping_mul(x.into())));
        close(&ints, over!(mean mean_axis), |x| x.iter().map(|&x| f64::from(x)).sum::<f64>() / x.len() as f64);
    }

    #[test]
    fn logic_and_counts(x in subjects(float), bools in subjects(|bits| bits % 5 == 0)) {
        exact(&x, over!(any any_axis), |x| x.iter().any(|&x| x != 0.0));
        exact(&x, over!(all all_axis), |x| x.iter().all(|&x| x != 0.0));
        exact(&x, over!(count_nonzero count_nonzero_axis), |x| x.iter().filter(|&&x| x != 0.0).count() as i64);
        exact(&bools, over!(any any_axis), |x| x.contains(&true));
        exact(&bools, over!(all all_axis), |x| !x.contains(&false));
        exact(&bools, over!(sum sum_axis), |x| x.iter().filter(|&&x| x).count() as i64);
    }

    #[test]
    fn variances(x in subjects(number), special in subjects(float)) {
        close(&x, over!(var var_axis, 0.0), |x| var(x, 0.0));
        close(&x, over!(std std_axis, 1.0), |x| var(x, 1.0).sqrt());
        // Of infinite numbers both are NaN.
        let nanvar = |x: &[f64]| { let x = without_nan(x); if x.len() < 2 { f64::NAN } else { var(&x, 1.0) } };
        close(&special, over!(nanvar nanvar_axis, 1.0), nanvar);
        close(&special, over!(nanstd nanstd_axis, 1.0), |x| nanvar(x).sqrt());
        close(&x, over!(moment moment_axis, 3), |x| {
            let mean = mean(x);
            x.iter().map(|x| (x - mean).powi(3)).sum::<f64>() / x.len() as f64
        });
        close(&x, over!(norm norm_axis), |x| x.iter().map(|x| x * x).sum::<f64>().sqrt());
    }

    #[test]
    fn extremes(x in subjects(float), ints in subjects(integer)) {
        prop_assume!(x.plain.shape().iter().all(|&len| len > 0) && ints.plain.shape().iter().all(|&len| len > 0));
        exact(&x, over!(min min_axis), |x| x[first(x, |a, b| a < b)]);
        exact(&x, over!(max max_axis), |x| x[first(x, |a, b| a > b)]);
        exact(&x, over!(argmin argmin_axis), |x| first(x, |a, b| a < b) as i64);
        exact(&x, over!(argmax argmax_axis), |x| first(x, |a, b| a > b) as i64);
        exact(&x, over!(nanmin nanmin_axis), |x| x.iter().copied().fold(f64::NAN, f64::min));
        exact(&x, over!(nanmax nanmax_axis), |x| x.iter().copied().fold(f64::NAN, f64::max));
        let place = |x: &[f64], best: f64| x.iter().position(|&x| x == best).map_or(-1, |at| at as i64);
        exact(&x, over!(nanargmin nanargmin_axis), |x| place(x, x.iter().copied().fold(f64::NAN, f64::min)));
        exact(&x, over!(nanargmax nanargmax_axis), |x| place(x, x.iter().copied().fold(f64::NAN, f64::max)));
        exact(&ints, over!(min min_axis), |x| *x.iter().min().unwrap());
        exact(&ints, over!(max max_axis), |x| *x.iter().max().unwrap());
        exact(&ints, over!(ptp ptp_axis), |x| x.iter().max().unwrap().wrapping_sub(*x.iter().min().unwrap()));
        exact(&ints, over!(argmax argmax_axis), |x| {
            let most = x.iter().max().unwrap();
            x.iter().position(|x| x == most).unwrap() as i64
        });
        close(&x, over!(logsumexp logsumexp_axis), |x| {
            let most = x[first(x, |a, b| a > b)];
            if !most.is_finite() { return most; }
            x.iter().map(|x| (x - most).exp()).sum::<f64>().ln() + most
        });
    }

    #[test]
    fn other_types(
        x in subjects(|bits| ((bits >> 8) % 2001) as f32 / 64.0 - 15.0),
        small in subjects(|bits| bits as u8),
        large in subjects(|bits| bits << 7),
        bools in subjects(|bits| bits % 7 == 0),
    ) {
        // Added up in 64 bits, and rounded once.
        let sum = |x: &[f32]| x.iter().map(|&x| f64::from(x)).sum::<f64>() as f32 + 0.0;
        exact(&x, over!(sum sum_axis), sum);
        exact(&small, over!(sum sum_axis), |x| x.iter().map(|&x| u64::from(x)).sum());
        exact(&small, over!(prod prod_axis), |x| x.iter().fold(1, |product: u64, &x| product.wrapping_mul(x.into())));
        exact(&large, over!(sum sum_axis), |x| x.iter().fold(0, |sum: u64, &x| sum.wrapping_add(x)));
        close(&large, over!(mean mean_axis), |x| x.iter().map(|&x| x as f64).sum::<f64>() / x.len() as f64);
        close(&bools, over!(mean mean_axis), |x| x.iter().filter(|&&x| x).count() as f64 / x.len() as f64);
        if !bools.plain.is_empty() {
            exact(&bools, over!(max max_axis), |x| x.contains(&true));
            exact(&bools, over!(argmax argmax_axis), |x| x.iter().position(|&x| x).unwrap_or(0) as i64);
        }
    }

    /// Several axes at once are the same as one array of them.
    #[test]
    fn several_axes(lens in prop::array::uniform4(1..5_usize), chunk in 1..4_usize, seed in any::<u64>()) {
        let x = crate::subjects::subject(&lens, chunk, 0, seed, integer);
        for axes in [vec![0, 2], vec![1, 3], vec![3, 0, 1], vec![], vec![0, 1, 2, 3]] {
            let kept: Vec<usize> = (0..4).filter(|axis| !axes.contains(axis)).collect();
            let mut reduced = axes.clone();
            reduced.sort_unstable();
            let order = [&*kept, &*reduced].concat();
            let shape: Vec<usize> = kept.iter().map(|&axis| lens[axis]).collect();
            let count: usize = reduced.iter().map(|&axis| lens[axis]).product();
            let lanes: Vec<i32> = x.plain.view().permuted_axes(order).iter().copied().collect();
            let of = |f: &dyn Fn(&[i32]) -> i64| {
                ArrayD::from_shape_vec(shape.clone(), lanes.chunks(count).map(f).collect()).unwrap()
            };
            assert_same(&x.lazy.sum_axes(&axes), &of(&|x| x.iter().map(|&x| i64::from(x)).sum()));
            let least = |x: &[i32]| x.iter().enumerate().min_by_key(|(i, x)| (**x, *i)).unwrap().0 as i64;
            assert_same(&x.lazy.argmin_axes(&axes), &of(&least));
        }
    }

    /// The promise of the module: bits follow from shape and chunks alone.
    #[test]
    fn bits_depend_on_shape_and_chunks_alone(
        shape in prop::collection::vec(1..70_usize, 1..4),
        chunk in prop::collection::vec(1..90_usize, 3),
        axis in 0..3_usize,
        seed in any::<u64>(),
    ) {
        let x = Random::new(seed).standard_normal::<f64, _>(IxDyn(&shape), &chunk[..shape.len()]);
        let axis = axis % shape.len();
        let all = |threads| {
            let reductions = (&x.sum_axis(axis), &x.var_axis(axis, 1.0), &x.mean(), &x.std(0.0), &x.prod());
            let (a, b, c, d, e) = Settings::new().threads(threads).compute_many(reductions).unwrap();
            let numbers = [c.into_scalar(), d.into_scalar(), e.into_scalar()];
            a.iter().chain(&b).copied().chain(numbers).map(f64::to_bits).collect::<Vec<_>>()
        };
        let one = all(1);
        prop_assert_eq!(&one, &all(2));
        prop_assert_eq!(&one, &all(7));
        // Alone, too.
        let sum = x.sum_axis(axis).compute().unwrap();
        prop_assert_eq!(&one[..sum.len()], sum.iter().map(|x| x.to_bits()).collect::<Vec<_>>());
    }

    /// A generator's elements come tile by tile, those of an array in memory are taken where they lie, row by row.
    #[test]
    fn where_elements_lie_changes_no_bit(
        shape in prop::collection::vec(1..12_usize, 0..3),
        last in 1..300_usize,
        chunk in prop::collection::vec(1..8_usize, 3),
        long in 1..200_usize,
        seed in any::<u64>(),
    ) {
        let shape = [&shape[..], &[last]].concat();
        let chunk = [&chunk[..shape.len() - 1], &[long]].concat();
        let made = Random::new(seed).standard_normal::<f64, _>(IxDyn(&shape), &chunk[..]);
        let kept = Array::from_ndarray(made.compute().unwrap(), &chunk[..]);
        let all = |x: &Array<f64, IxDyn>| {
            let settings = Settings::new().threads(2);
            let changed = x.greater(0.0).where_(x, &(x * 0.5)) - &x.abs();
            let axis = shape.len() - 1;
            let whole = settings.compute_many((&x.sum(), &x.std(0.0), &changed.mean(), &x.max())).unwrap();
            let along = settings.compute_many((&x.sum_axis(axis), &x.var_axis(0, 0.0), &changed.sum_axis(0))).unwrap();
            let (a, b, c, d) = (whole.0, whole.1, whole.2, whole.3);
            let numbers = [a, b, c, d].map(|x| x.into_scalar());
            let (e, f, g) = along;
            let lines = e.iter().chain(&f).chain(&g).copied().collect::<Vec<_>>();
            numbers.into_iter().chain(lines).map(f64::to_bits).collect::<Vec<_>>()
        };
        prop_assert_eq!(all(&made), all(&kept));
    }
}

/// A row of 257 is a tile of 256, and one of a single element.
#[test]
fn tiles_of_one_element() {
    for shape in [[3, 5, 257], [3, 257, 5], [257, 3, 5], [1, 2, 2049], [2, 2049, 1]] {
        let x = crate::subjects::subject(&shape, 5000, 0, 1, integer);
        for axes in [vec![0], vec![1], vec![2], vec![0, 1], vec![0, 2], vec![1, 2]] {
            let (mut most, mut sum) = (x.plain.clone(), x.plain.mapv(i64::from));
            for &axis in axes.iter().rev() {
                most = most.fold_axis(Axis(axis), i32::MIN, |a, b| *a.max(b));
                sum = sum.sum_axis(Axis(axis));
            }
            assert_same(&x.lazy.max_axes(&axes), &most);
            assert_same(&x.lazy.sum_axes(&axes), &sum);
        }
        let least = |lane: ndarray::ArrayView1<'_, i32>| {
            lane.iter().enumerate().min_by_key(|(i, x)| (**x, *i)).unwrap().0 as i64
        };
        for axis in 0..3 {
            let expected = x.plain.map_axis(Axis(axis), least);
            assert_same(&x.lazy.argmin_axis(axis).into_dyn(), &expected);
        }
    }
}

/// Chunks of several MiB are gone through in portions, whose size depends on what else is read.
#[test]
fn portions_change_no_bit() {
    let normal = |seed| {
        let x = Random::new(seed).standard_normal::<f64, _>([600, 1100], 600);
        Array::from_ndarray(x.compute().unwrap(), [600, 1100])
    };
    let (x, y) = (normal(1), normal(2));
    // A generator under a view is read portion by portion.
    let slow = Random::new(3).standard_normal::<f64, _>([1100, 600], 1100).t();
    let alone = (x.sum(), x.sum_axis(0), x.sum_axis(1), slow.sum_axis(1));
    let together = (&x * &slow + &y * &slow).sum();
    let (a, b, c, d, _) =
        Settings::new().compute_many((&alone.0, &alone.1, &alone.2, &alone.3, &together)).unwrap();
    assert_eq!(a, alone.0.compute().unwrap());
    assert_eq!(b, alone.1.compute().unwrap());
    assert_eq!(c, alone.2.compute().unwrap());
    assert_eq!(d, alone.3.compute().unwrap());
}

#[test]
fn an_offset_costs_no_digits() {
    let x = Random::new(1).standard_normal::<f64, _>([100_000], 1000);
    let exact = x.var(1.0).compute().unwrap().into_scalar();
    let offset = (&x + 1e8).var(1.0).compute().unwrap().into_scalar();
    // What is left of the elements themselves has an error of 1e-8.
    assert!((exact - offset).abs() < 1e-9, "{exact} and {offset}");
    let columns = (&x + 1e8).var_axis(0, 1.0).compute().unwrap().into_scalar();
    assert_eq!(columns, offset);
    let table = x.rechunk(1000).map(|x| x + 1e8);
    assert!((table.std(1.0).compute().unwrap().into_scalar() - exact.sqrt()).abs() < 1e-9);
}

#[test]
fn none_has_numpys_answers() {
    let x = Array::<f64, _>::zeros([3, 0], 2);
    assert_eq!(x.sum_axis(1).compute().unwrap(), array![0.0, 0.0, 0.0]);
    assert_eq!(x.prod().compute().unwrap().into_scalar(), 1.0);
    assert!(x.mean().compute().unwrap().into_scalar().is_nan());
    assert_eq!(x.min_axis(0).compute().unwrap().len(), 0);
    let error = x.min_axis(1).compute().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Empty);
    let text =
        "`min` of no elements has no answer: the shape is [3, 0], and argument `axes` [1] (at ";
    assert!(error.to_string().starts_with(text), "{error}");
    assert!(error.location().unwrap().file().ends_with("reductions.rs"));
    for error in [x.ptp(), x.max(), x.logsumexp()].map(|x| x.compute().unwrap_err()) {
        assert!(error.location().unwrap().file().ends_with("reductions.rs"), "{error}");
    }
    let error = x.var_axes(&[0, 2], 0.0).compute().unwrap_err();
    assert!(error.to_string().starts_with("argument `axis` is 2, but the array has 2 axes"));
    let error = x.norm_axes(&[1, 1]).compute().unwrap_err();
    assert!(error.to_string().starts_with("argument `axes` has axis 1 twice"), "{error}");
}

#[test]
fn weights_and_complex_numbers() {
    let x = Array::from_ndarray(array![[1.0, 2.0], [3.0, 6.0]], 1);
    let weights = Array::from_ndarray(array![3.0, 1.0].into_dyn(), 2);
    assert_eq!(x.average(&weights).compute().unwrap().into_scalar(), 2.5);
    assert_eq!(x.average_axis(1, &weights).compute().unwrap(), array![1.25, 3.75]);
    use num_complex::Complex;
    let z = Array::from_ndarray(array![Complex::new(3.0, 4.0), Complex::new(1.0, 0.0)], 1);
    assert_eq!(z.mean().compute().unwrap().into_scalar(), Complex::new(2.0, 2.0));
    assert_eq!(z.prod().compute().unwrap().into_scalar(), Complex::new(3.0, 4.0));
    assert_eq!(z.norm().compute().unwrap().into_scalar(), 26_f64.sqrt());
}

#[test]
fn a_reduction_of_ones_own() {
    let x = Array::from_ndarray(array![[3, 1], [2, 5]], 1);
    let start = (i64::MAX, i64::MIN);
    let both = |a: (i64, i64), x: i64| (a.0.min(x), a.1.max(x));
    let merge = |a: (i64, i64), b: (i64, i64)| (a.0.min(b.0), a.1.max(b.1));
    let range =
        x.reduce_with("range", &[1], start, both, merge, |a, count| (a.1 - a.0) * count as i64);
    assert_eq!(range.compute().unwrap(), array![4, 6].into_dyn());
}
