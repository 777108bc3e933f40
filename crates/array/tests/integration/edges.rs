//! The greatest integers, infinities, -0, nothing, one number, bools and complex numbers, against what NumPy made of them:
//! `golden/edges.py` recorded it.

use ndarray::{Array0, Array1, Array2, Ix0, Ix1, arr0, array};
use num_complex::Complex64;
use tenfold_array::{Array, Bins, ConvolveMode, Element, ErrorKind, PadMode, QuantileMethod};

use crate::golden::{Golden, Recorded};

const NAN: f64 = f64::NAN;
const INF: f64 = f64::INFINITY;
const MOST: f64 = 1.7e308;

fn of<T: Element, const N: usize>(elements: [T; N]) -> Array<T, Ix1> {
    Array::from_ndarray(Array1::from(elements.to_vec()), 2)
}

fn i64s() -> Array<i64, Ix1> {
    of([0, i64::MIN, -1, i64::MAX, 1, i64::MIN])
}

fn u64s() -> Array<u64, Ix1> {
    of([u64::MAX, 0, 1 << 63, 1, i64::MAX.cast_unsigned()])
}

fn i8s() -> Array<i8, Ix1> {
    of([-128, 127, 0, -1, 127, 5])
}

fn bools() -> Array<bool, Ix1> {
    of([true, false, true, true])
}

fn zeros() -> Array<f64, Ix1> {
    of([0.0, -0.0, NAN, -INF, 5e-324, INF, -0.0, -5e-324])
}

fn complex() -> Array<Complex64, Ix1> {
    let z = Complex64::new;
    of([z(1.0, 2.0), z(0.0, 0.0), z(NAN, 1.0), z(0.0, -1.0), z(-0.5, 0.0)])
}

fn none() -> Array<f64, Ix1> {
    of([])
}

#[test]
fn numpys_edges() {
    let mut golden = Golden::read(include_str!("golden/edges.txt"));
    far_apart(&mut golden);
    macro_rules! in_order {
        ($($name:literal: $x:expr),*) => {$(in_order(&mut golden, $name, $x);)*};
    }
    in_order!("i64": &i64s(), "u64": &u64s(), "i8": &i8s(), "bool": &bools(), "none": &none());
    orders(&mut golden);
    counts(&mut golden);
    along(&mut golden);
    places(&mut golden);
    shapes(&mut golden);
    golden.finish();
}

fn far_apart(golden: &mut Golden) {
    let pairs = [[INF, INF], [-INF, INF], [1.0, INF], [-INF, 1.0], [-MOST, MOST], [-INF, -INF]];
    for (number, [a, b]) in pairs.into_iter().enumerate() {
        let two = Array::from_ndarray(array![[a, b]], 1);
        golden.same(&format!("median_{number}"), two.median_axis(1));
        let three = Array::from_ndarray(array![[a, b, NAN]], 2);
        golden.same(&format!("nanmedian_{number}"), three.nanmedian_axis(1));
        // By the digits of all, too.
        let median = of([b, a]).median().compute().unwrap().into_scalar();
        let expected = two.median_axis(1).compute().unwrap()[0];
        assert!(median == expected || median.is_nan() && expected.is_nan());
    }
    let line = QuantileMethod::Linear;
    golden.near(
        "quantile_far",
        of([MOST, MOST / 2.0]).quantiles_axis(0, &[0.0, 0.3, 0.5, 0.7, 1.0], line),
        1,
    );
    // NumPy has NaN, or an infinity of the other side, which is not between.
    let shares = [0.3, 0.5, 0.7];
    let between = |two| of::<f64, 2>(two).quantiles_axis(0, &shares, line).compute().unwrap();
    assert_eq!(between([INF, INF]), Array1::from(vec![INF; 3]).into_dyn());
    assert_eq!(between([1.0, INF]), Array1::from(vec![INF; 3]).into_dyn());
    assert_eq!(between([-INF, 1.0]), Array1::from(vec![-INF; 3]).into_dyn());
    let wide = between([-MOST, MOST]);
    assert!(
        wide.iter().zip([-0.4, 0.0, 0.4]).all(|(x, share)| (x / MOST - share).abs() < 1e-15),
        "{wide}"
    );
    let higher = of([1.0, INF]).quantile(0.5, QuantileMethod::AveragedInvertedCdf);
    assert_eq!(higher.compute().unwrap().into_scalar(), INF);
    golden.same("median_i64", i64s().median());
    golden.same("median_u64", u64s().median());
    golden.same("median_i8", i8s().median());
    golden.same("median_of_one", of([7.5]).median());
    golden.same("median_0d", Array::<f64, Ix0>::from_ndarray(arr0(7.5), "auto").median());
    golden.same("median_none", none().median());
    golden.near("quantile_i8", i8s().quantiles_axis(0, &[0.0, 0.1, 0.5, 0.9, 1.0], line), 1);
}

fn in_order<T: tenfold_array::Ordered + Recorded>(
    golden: &mut Golden,
    name: &str,
    x: &Array<T, Ix1>,
) {
    golden.same(&format!("sort_{name}"), x.sort(0));
    golden.same(&format!("argsort_{name}"), x.argsort(0));
    let given = |x| Array::from_ndarray(x, 3);
    golden.same(&format!("unique_{name}"), given(x.unique().compute().unwrap()));
    golden.same(
        &format!("flatnonzero_{name}"),
        Array::from_ndarray(x.flatnonzero().compute().unwrap(), 3),
    );
    golden
        .same(&format!("argwhere_{name}"), Array::from_ndarray(x.argwhere().compute().unwrap(), 3));
}

fn orders(golden: &mut Golden) {
    golden.same("argsort_zeros", zeros().argsort(0));
    let found =
        |x: tenfold_array::Gathered<Array1<i64>>| Array::from_ndarray(x.compute().unwrap(), 3);
    golden.same("flatnonzero_zeros", found(zeros().flatnonzero()));
    golden.same("flatnonzero_complex", found(complex().flatnonzero()));
    golden.same("sort_flat", Array::<f64, _>::zeros([0, 3], 2).sort(0));
    golden.same("searchsorted_i64", i64s().sort(0).searchsorted(&i64s(), false));
    golden.same("searchsorted_u64", u64s().sort(0).searchsorted(&u64s(), true));
    golden.same("isin_i64", i64s().is_in(&[i64::MIN, 1]));
}

fn counts(golden: &mut Golden) {
    golden.same("bincount_bool", bools().bincount(3));
    golden.same("bincount_none", of::<i64, 0>([]).bincount(3));
    golden.same("histogram_none", none().histogram(&Bins::even(3, 0.0..1.0).unwrap()));
    golden.same("histogram_zeros", zeros().histogram(&Bins::edged(&[-1.0, -0.0, 1.0]).unwrap()));
    let bins = Bins::edged(&[-1e19, -1.0, 0.0, 1.0, 1e19]).unwrap();
    golden.same("histogram_i64", i64s().histogram(&bins));
    golden.same("digitize_zeros", zeros().digitize(&[-INF, -0.0, INF], false));
    golden.same("digitize_zeros_right", zeros().digitize(&[-INF, -0.0, INF], true));
    // Beyond all bins.
    assert_eq!(u64s().bincount(2).compute().unwrap(), array![1, 1]);
    assert_eq!(i64s().bincount(2).compute().unwrap(), array![1, 1]);
}

fn along(golden: &mut Golden) {
    golden.same("diff_i64", i64s().diff(1, 0));
    golden.same("diff_u64", u64s().diff(1, 0));
    golden.same("diff_i8", i8s().diff(1, 0));
    golden.same("diff_complex", complex().diff(1, 0));
    golden.same("diff_none", none().diff(1, 0));
    golden.same("diff_twice", i64s().diff(2, 0));
    golden.same("ediff1d_i64", i64s().ediff1d());
    golden.same("cumsum_i64", i64s().cumsum(0));
    golden.same("cumprod_i8", i8s().cumprod(0));
    golden.same("gradient_zeros", of([0.0, -0.0, INF, 1.0, NAN]).gradient(0, 1.0));
    let kernel = [Complex64::new(0.0, 1.0), Complex64::new(2.0, 0.0)];
    let z = complex().take(0, &[0, 1, 3, 4]);
    golden.same("convolve_complex", z.convolve(&kernel, ConvolveMode::Full));
    golden.same("convolve_i64", i64s().convolve(&[2, -1], ConvolveMode::Full));
    golden.same("cumsum_none", none().cumsum(0));
    golden.same("nancumsum_zeros", of([NAN, -0.0, NAN, INF, -INF]).nancumsum(0));
}

fn places(golden: &mut Golden) {
    golden.same("delete_complex", complex().delete(0, &[0, -1]));
    golden.same("insert_i64", i64s().insert(0, 6, &of([3])));
    golden.same("append_bool", Array::concatenate(0, &[bools(), of([true])]));
    golden.same("pad_bool", bools().pad_symmetric(&[(1, 2)]));
    golden.same("pad_zeros", zeros().pad_with(&[(1, 1)], PadMode::Maximum));
    golden.same("roll_none", none().roll(0, 3));
    golden.same("diag_zeros", of([0.0, -0.0, NAN]).diag(0));
    golden.same("diag_above", complex().diag(2));
    golden.same("diag_below", of([0, i64::MIN]).diag(-1));
    golden.same("diag_none", none().diag(1));
}

fn shapes(golden: &mut Golden) {
    let number: Array0<f64> = arr0(2.5);
    golden.same("atleast_0d", Array::from_ndarray(number, "auto").at_least(3));
    golden.same("atleast_1d", bools().at_least(3));
    let table = |rows: usize, columns: usize| {
        let of = |(row, column)| (row * columns + column) as i64;
        Array::from_ndarray(Array2::from_shape_fn((rows, columns), of), 2)
    };
    golden.same("atleast_2d", table(2, 3).at_least(3));
    golden.same("atleast_row", bools().at_least(2));
    let halves: [Array<i8, Ix1>; 2] = [of([-128, 127, 0]), of([-1, 127, 5])];
    golden.same("dstack", Array::concatenate(2, &halves.map(|x| x.at_least(3))));
    let both = [table(2, 2), Array::ones([2, 2], 1)];
    golden.same("dstack_2d", Array::concatenate(2, &both.map(|x| x.at_least(3))));
    let cube = Array::arange(0..24_i64, 5).reshape([2, 3, 4]);
    golden.same("rollaxis", cube.move_axis(0, 1));
    golden.same("rollaxis_back", cube.move_axis(2, 1));
    let (x, mask) = (of([1.0, NAN, INF, 4.0]), of([false, true, true, false]));
    let weights = mask.where_(0.0, &of([1.0, 5.0, 7.0, 3.0]));
    golden.same("ma_average", mask.where_(0.0, &x).average(&weights.into_dyn()));
}

/// A heap of hundreds, filled by several chunks, in ascending order and in any, of numbers that come several times.
#[test]
fn many_of_the_greatest_and_the_least() {
    let ascending: Vec<i64> = (0..3000).collect();
    let mixed: Vec<i64> = (0..3000).map(|i| i * 7919 % 601).collect();
    for elements in [ascending, mixed] {
        let x = Array::from_ndarray(Array1::from(elements.clone()), 700);
        for k in [1, 300, 2999, 3000, 5000] {
            let mut order: Vec<usize> = (0..3000).collect();
            // Of what is equal, the first.
            order.sort_by_key(|&i| (std::cmp::Reverse(elements[i]), i));
            order.truncate(k);
            let k = k.cast_signed();
            let places: Array1<i64> = order.iter().map(|&i| i as i64).collect();
            assert_eq!(x.argtopk(0, k).compute().unwrap(), places);
            let greatest: Array1<i64> = order.iter().map(|&i| elements[i]).collect();
            assert_eq!(x.topk(0, k).compute().unwrap(), greatest);
            let least = x.map_named("negative", |x| -x).topk(0, -k).map_named("negative", |x| -x);
            assert_eq!(least.compute().unwrap(), greatest);
        }
    }
}

#[test]
fn what_cannot_be_is_told() {
    let refused = |kind, told: &str, error: tenfold_array::Error| {
        assert!(error.kind() == kind && error.to_string().starts_with(told), "{error:?}");
        assert!(error.location().unwrap().file().ends_with("edges.rs"), "{error:?}");
    };
    let linear = QuantileMethod::Linear;
    let told = "argument `p` is 101, but a percentile is from 0 to 100";
    refused(ErrorKind::Value, told, i8s().percentile(101.0, linear).compute().unwrap_err());
    refused(
        ErrorKind::Value,
        told,
        i8s().nanpercentile_axis(0, 101.0, linear).compute().unwrap_err(),
    );
    // As it was given, and not as a share again in hundredths.
    let told = "argument `p` is 114, but a percentile is from 0 to 100";
    refused(ErrorKind::Value, told, i8s().percentile(114.0, linear).compute().unwrap_err());
    let told = "argument `q` is 101, but a quantile is from 0 to 1";
    refused(ErrorKind::Value, told, i8s().quantile(101.0, linear).compute().unwrap_err());
    let told = "argument `qs` has 101, but a quantile is from 0 to 1";
    let error = i8s().quantiles_axis(0, &[0.5, 101.0], linear).compute().unwrap_err();
    refused(ErrorKind::Value, told, error);
    // Numbers of elements that would wrap.
    let shape = [1 << 40, 1 << 40];
    let told =
        "argument `shape` is [1099511627776, 1099511627776], which has more elements than numbers";
    let error = Array::ravel_multi_index(&[&i64s(), &i64s()], &shape).compute().unwrap_err();
    refused(ErrorKind::Shape, told, error);
    refused(ErrorKind::Shape, told, i64s().unravel_index(&shape)[1].compute().unwrap_err());
    assert_eq!(
        i64s().unravel_index(&[0, usize::MAX])[0].compute().unwrap(),
        Array1::from(vec![-1; 6])
    );
    let told = "argument `ndim` is 4, but must be 3 at most";
    refused(ErrorKind::Value, told, i64s().at_least(4).compute().unwrap_err());
}
