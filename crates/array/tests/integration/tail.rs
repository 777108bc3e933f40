//! Arrays in order, quantiles, counts and so on, against what NumPy made of them: `golden/tail.py` recorded it.

use ndarray::{Array2, Ix1, Ix2, array, s};
use tenfold_array::{Array, Bins, ConvolveMode, Element, Gathered, PadMode, QuantileMethod};

use crate::golden::{Golden, Recorded};

const NAN: f64 = f64::NAN;
const INF: f64 = f64::INFINITY;

#[test]
fn numpys_long_tail() {
    let mut golden = Golden::read(include_str!("golden/tail.txt"));
    in_order(&mut golden);
    quantiles(&mut golden);
    counts(&mut golden);
    places(&mut golden);
    functions(&mut golden);
    along_an_axis(&mut golden);
    convolutions(&mut golden);
    golden.finish();
}

/// `X` of the record.
fn x() -> Array<f64, Ix2> {
    let of = |(row, column): (usize, usize)| 0.5 * (((6 * row + column) * 7 % 11) as f64 - 4.0);
    Array::from_ndarray(Array2::from_shape_fn((4, 6), of), [2, 3])
}

fn holes() -> Array<f64, Ix2> {
    let holes = array![[1.0, NAN, 3.0], [NAN, NAN, NAN], [-2.0, 5.0, 5.0], [INF, 0.25, -INF]];
    Array::from_ndarray(holes, [3, 2])
}

fn floats() -> Array<f64, Ix1> {
    let x = array![0.0, -0.0, 0.5, -0.5, 1.5, 2.5, -2.5, 3.7, -3.7, 1e300, INF, -INF, NAN, 5e-324];
    Array::from_ndarray(x, 4)
}

fn others() -> Array<f64, Ix1> {
    let x = array![2.0, -2.0, 0.0, -0.0, 1.5, -0.7, INF, -INF, NAN, 3.0, 2.0, -INF, 1.0, -0.0];
    Array::from_ndarray(x, 5)
}

fn ints() -> Array<i32, Ix1> {
    Array::from_ndarray(array![5, 1, 3, 1, 9, 3, 3, 0], 3)
}

fn weights() -> Array<f64, Ix1> {
    Array::from_ndarray(array![0.5, 2.0, 1.0, 0.25, 4.0, 1.0, 3.0, 8.0], 2)
}

fn in_order(golden: &mut Golden) {
    let x = x();
    golden.same("sort0", x.sort(0));
    golden.same("sort1", holes().sort(1));
    golden.same("sort_ints", ints().sort(0));
    golden.same("argsort0", x.argsort(0));
    golden.same("argsort1", holes().argsort(1));
    golden.same("argsort_ints", ints().argsort(0));
    golden.same("take_along0", x.take_along_axis(0, &x.argsort(0)));
    let which = Array::from_ndarray(array![[0], [-1], [2], [-6]], 3);
    golden.same("take_along1", x.take_along_axis(1, &which));
    golden.same("topk1", x.topk(1, 3));
    golden.same("topk_least", x.topk(0, -2));
    let both = |lane: ndarray::ArrayView1<'_, f64>| &lane.slice(s![..2]) + lane[lane.len() - 1];
    golden.same("apply_along", x.apply_along_axis(0, 2, both));
}

fn quantiles(golden: &mut Golden) {
    use QuantileMethod as Method;
    let methods = [
        ("linear", Method::Linear),
        ("lower", Method::Lower),
        ("higher", Method::Higher),
        ("midpoint", Method::Midpoint),
        ("nearest", Method::Nearest),
        ("inverted_cdf", Method::InvertedCdf),
        ("averaged_inverted_cdf", Method::AveragedInvertedCdf),
        ("closest_observation", Method::ClosestObservation),
        ("interpolated_inverted_cdf", Method::InterpolatedInvertedCdf),
        ("hazen", Method::Hazen),
        ("weibull", Method::Weibull),
        ("median_unbiased", Method::MedianUnbiased),
        ("normal_unbiased", Method::NormalUnbiased),
    ];
    let qs = [0.0, 0.05, 0.125, 0.25, 0.3, 0.5, 0.625, 0.7, 0.875, 0.99, 1.0];
    for (name, method) in methods {
        golden.near(&format!("quantile_{name}"), x().quantiles_axis(1, &qs, method), 4);
        golden.near(&format!("quantile_all_{name}"), x().quantile(0.3, method), 4);
    }
    let some = holes().slice(s![..3, ..]);
    golden.same("median0", x().median_axis(0));
    golden.same("median_holes", some.median_axis(1));
    golden.same("nanmedian", some.nanmedian_axis(1));
    golden.near("nanquantile", some.nanquantile_axis(1, 0.3, Method::Linear), 1);
    golden.near("percentile", x().percentile_axis(0, 30.0, Method::Linear), 1);
    golden.near("nanpercentile", some.nanpercentile_axis(0, 70.0, Method::Linear), 1);
    golden.same("median_ints", ints().median());
}

fn counts(golden: &mut Golden) {
    let x = x();
    golden.same("bincount", ints().bincount(12));
    golden.same("bincount_weights", ints().bincount_weighted(10, &weights()));
    let bins = Bins::even(7, -1.75..3.0).unwrap();
    golden.same("histogram", x.histogram(&bins));
    golden.same("histogram_edges", Array::from(bins.edges().to_vec()));
    golden.same("histogram_own", x.histogram(&Bins::edged(&[-2.0, -1.0, -1.0, 0.5, 3.0]).unwrap()));
    let bins = Bins::edged(&[-2.0, -1.0, 0.5, 3.0]).unwrap();
    golden.near("histogram_density", x.histogram_density(&bins), 2);
    let bins = Bins::even(4, 0.0..8.0).unwrap();
    golden.same("histogram_weights", ints().histogram_weighted(&bins, &weights()));
    let bins = [&[-2.0, 0.0, 3.0][..], &[-3.0, 0.0, 1.0, 2.0]].map(|of| Bins::edged(of).unwrap());
    golden.same("histogram2d", x.histogram2d(&-&x, &bins));
    let edges = [-2.5, -0.5, 0.0, 0.5, 2.5];
    let falling = [2.5, 0.5, 0.0, -0.5, -2.5];
    golden.same("digitize", floats().digitize(&edges, false));
    golden.same("digitize_right", floats().digitize(&edges, true));
    golden.same("digitize_falling", floats().digitize(&falling, false));
    golden.same("digitize_falling_right", floats().digitize(&falling, true));
}

/// What was found, as an array again.
fn found<T: Element, D: ndarray::Dimension>(found: Gathered<ndarray::Array<T, D>>) -> Array<T, D> {
    Array::from(found.compute().unwrap())
}

fn places(golden: &mut Golden) {
    let sorted = floats().sort(0);
    golden.same("searchsorted", sorted.searchsorted(&others(), false));
    golden.same("searchsorted_right", sorted.searchsorted(&others(), true));
    let some = Array::concatenate(0, &[floats(), others().slice(s![..6])]) + 0.0;
    golden.same("unique", found(some.unique()));
    golden.same("unique_counts", Array::from(some.unique_counts().compute().unwrap().1));
    golden.same("unique_ints", found(ints().unique()));
    let mask = x().greater(1.0);
    golden.same("argwhere", found(mask.argwhere()));
    golden.same("flatnonzero", found(floats().flatnonzero()));
    golden.same("extract", found(x().select_where(&mask)));
    golden.same("isin", floats().is_in(&[0.0, 2.5, NAN, INF]));
}

/// The same with the units of the platform's functions.
fn near<T: Recorded>(golden: &mut Golden, name: &str, x: Array<T, Ix1>) {
    golden.near(name, x, 4);
}

fn functions(golden: &mut Golden) {
    let (x, y) = (&floats(), &others());
    near(golden, "sinc", x.sinc());
    near(golden, "i0", x.slice(s![..9]).i0());
    golden.same("spacing", x.spacing());
    golden.same("signbit", x.signbit());
    golden.same("copysign", x.copysign(y));
    golden.same("nextafter", x.next_after(y));
    near(golden, "logaddexp", x.logaddexp(y));
    near(golden, "logaddexp2", x.logaddexp2(y));
    let (part, whole) = x.modf();
    golden.same("modf_part", part);
    golden.same("modf_whole", whole);
    let (part, power) = x.frexp();
    golden.same("frexp_part", part);
    golden.same("frexp_power", power);
    golden.same("ldexp", x.ldexp(&(Array::arange(-7..7, 4) * 300)));
    let near = array![1.0, 1.0, 1.0, NAN, INF, INF];
    let to = array![1.00001, 1.0001, NAN, NAN, INF, -INF];
    let [near, to] = [near, to].map(|of| Array::from_ndarray(of, 4));
    golden.same("isclose", near.is_close(&to, 1e-5, 1e-8, false));
    golden.same("isclose_nan", x.is_close(x, 1e-5, 1e-8, true));
    golden.same("interp", x.interp(&[-2.5, 0.0, 0.5, 0.5, 3.0], &[1.0, INF, INF, 2.0, -7.0]));
    let values = [1.0, 10.0, -3.0, 0.5];
    golden.near("interp_plain", self::x().interp(&[-2.0, -0.25, 0.5, 2.0], &values), 1);
}

fn along_an_axis(golden: &mut Golden) {
    let x = x();
    golden.same("nancumsum", holes().nancumsum(1));
    golden.same("nancumprod", holes().slice(s![..3, ..]).nancumprod(0));
    golden.same("gradient0", x.gradient(0, 0.5));
    golden.same("gradient1", x.gradient(1, 1.0));
    golden.same("ediff1d", x.ediff1d());
    golden.near("cov", x.cov(1.0), 8);
    golden.near("corrcoef", x.corrcoef(), 8);
    golden.same("delete", x.delete(1, &[1, -1, 3]));
    golden.same("insert", x.insert(0, 2, &x.slice(s![..1, ..])));
    golden.same("append", Array::concatenate(1, &[x.clone(), x.slice(s![.., ..2])]));
    pads(golden);
    let indices = Array::from_ndarray(array![0_i64, 7, 23, 11], 3).unravel_index(&[2, 3, 4]);
    golden.same("unravel_index", indices[1].clone());
    let indices = [array![0_i64, 1, 1], array![2, 0, 1], array![3, 0, 2]];
    let [a, b, c] = indices.map(|at| Array::from_ndarray(at, 2));
    golden.same("ravel_multi_index", Array::ravel_multi_index(&[&a, &b, &c], &[2, 3, 4]));
    for times in [1, 2, 3, -3] {
        golden.same(&format!("rot90_{times}"), x.rot90(times, [0, 1]));
    }
}

fn pads(golden: &mut Golden) {
    let (x, widths) = (x(), [(1, 2), (9, 0)]);
    golden.same("pad_symmetric", x.pad_symmetric(&widths));
    golden.same("pad_maximum", x.pad_with(&widths, PadMode::Maximum));
    golden.same("pad_minimum", x.pad_with(&widths, PadMode::Minimum));
    golden.near("pad_mean", x.pad_with(&widths, PadMode::Mean), 2);
    golden.same("pad_median", x.pad_with(&widths, PadMode::Median));
    golden.near("pad_linear_ramp", x.pad_with(&[(1, 2), (4, 0)], PadMode::LinearRamp(-3.0)), 2);
}

fn convolutions(golden: &mut Golden) {
    let long: Vec<f64> = (0..9).map(f64::from).collect();
    let modes = [
        ("full", ConvolveMode::Full),
        ("same", ConvolveMode::Same),
        ("valid", ConvolveMode::Valid),
    ];
    for (name, mode) in modes {
        let all = x().ravel();
        golden.same(&format!("convolve_{name}"), all.convolve(&[0.5, -1.0, 2.0, 0.25], mode));
        let row = x().row(0);
        golden.same(&format!("convolve_long_{name}"), row.convolve(&long, mode));
    }
}
