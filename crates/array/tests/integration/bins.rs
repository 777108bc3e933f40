//! Counts and histograms, against loops.

use ndarray::{Array1, Array2, array};
use proptest::prelude::*;
use tenfold_array::{Array, Bins, ErrorKind, Random, Settings};

use crate::subjects::{assert_close, assert_same, float, subjects};

/// How many numbers are in each bin, and what their places come to.
fn counted(edges: &[f64], x: impl IntoIterator<Item = f64>) -> (Vec<i64>, Vec<f64>) {
    let bins = edges.len() - 1;
    let (mut counts, mut weights) = (vec![0; bins], vec![0.0; bins]);
    for (place, x) in x.into_iter().enumerate() {
        let is_in = |bin: &usize| {
            edges[*bin] <= x && (x < edges[bin + 1] || *bin + 1 == bins && x == edges[bins])
        };
        if let Some(bin) = (0..bins).rev().find(is_in) {
            counts[bin] += 1;
            weights[bin] += place as f64;
        }
    }
    (counts, weights)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn histograms(x in subjects(float), bins in 1..9_usize, start in -9.0..0.0_f64, width in 0.0..20.0_f64) {
        let own = [start, start + 0.5 * width, start + 0.5 * width, start + width];
        let places = Array::from_ndarray(
            Array1::from_iter((0..x.plain.len()).map(|i| i as f64)).into_shape_with_order(x.plain.raw_dim()).unwrap(),
            3,
        );
        for bins in [Bins::even(bins, start..start + width).unwrap(), Bins::edged(&own).unwrap()] {
            let (counts, weights) = counted(bins.edges(), x.plain.iter().copied());
            assert_same(&x.lazy.histogram(&bins).into_dyn(), &Array1::from(counts.clone()).into_dyn());
            let weighed = x.lazy.histogram_weighted(&bins, &places).into_dyn();
            assert_close(&weighed, &Array1::from(weights).into_dyn(), 1e-12);
            let all = counts.iter().sum::<i64>() as f64;
            let density = counts.iter().enumerate().map(|(bin, &count)| {
                count as f64 / (bins.edges()[bin + 1] - bins.edges()[bin]) / all
            });
            assert_close(&x.lazy.histogram_density(&bins).into_dyn(), &density.collect::<Array1<_>>().into_dyn(), 1e-9);
        }
    }

    #[test]
    fn histograms_of_pairs(x in subjects(float), rows in 1..4_usize) {
        let bins = [Bins::even(rows, -5.0..5.0).unwrap(), Bins::edged(&[-1.0, 0.0, 9.0]).unwrap()];
        let mut expected = Array2::<i64>::zeros([rows, 2]);
        for &x in &x.plain {
            let place = |bins: &Bins, x: f64| counted(bins.edges(), [x]).0.iter().position(|&count| count > 0);
            if let (Some(row), Some(column)) = (place(&bins[0], x), place(&bins[1], -x)) {
                expected[[row, column]] += 1;
            }
        }
        let expected = expected.into_dyn();
        assert_same(&x.lazy.histogram2d(&-&x.lazy, &bins).into_dyn(), &expected);
        assert_same(&Array::histogramdd(&[&x.lazy, &-&x.lazy], &bins), &expected);
    }

    #[test]
    fn counts(x in subjects(|bits| (bits % 12) as i8 - 2), len in 0..12_usize) {
        let expected = (0..len).map(|i| x.plain.iter().filter(|&&x| i64::from(x) == i as i64).count() as i64);
        assert_same(&x.lazy.bincount(len).into_dyn(), &expected.collect::<Array1<_>>().into_dyn());
        let halves = Array::<f64, _>::full(ndarray::Ix0(), 0.5, 1);
        let weighed = x.lazy.bincount_weighted(len, &halves).into_dyn();
        let expected = (0..len).map(|i| x.plain.iter().filter(|&&x| i64::from(x) == i as i64).count() as f64 / 2.0);
        assert_same(&weighed, &expected.collect::<Array1<_>>().into_dyn());
    }

    #[test]
    fn intervals(x in subjects(float), right in any::<bool>()) {
        let edges = [-3.0, -0.0, 0.0, 2.5, 7.0];
        let place = |x: f64| edges.iter().filter(|&&edge| x.is_nan() || if right { edge < x } else { edge <= x }).count();
        assert_same(&x.lazy.digitize(&edges, right), &x.plain.mapv(|x| place(x) as i64));
        let falling: Vec<f64> = edges.into_iter().rev().collect();
        assert_same(&x.lazy.digitize(&falling, right), &x.plain.mapv(|x| (5 - place(x)) as i64));
    }
}

/// Weights are added up in an order that depends on shape and chunks alone.
#[test]
fn any_thread_count_has_the_same_bits() {
    let mut random = Random::new(3);
    let x = random.standard_normal::<f64, _>([500, 300], 70);
    let weights = random.standard_normal::<f64, _>([300], 300);
    let bins = Bins::even(20, -3.0..3.0).unwrap();
    let weighed = x.histogram_weighted(&bins, &weights);
    let bits = |threads| {
        let of = Settings::new().threads(threads).compute(&weighed).unwrap();
        of.iter().map(|x| x.to_bits()).collect::<Vec<_>>()
    };
    assert_eq!(bits(1), bits(2));
    assert_eq!(bits(1), bits(7));
}

#[test]
fn what_has_no_bins_is_refused() {
    let even = |bins, range| Bins::even(bins, range).unwrap_err().to_string();
    assert_eq!(even(0, 0.0..1.0), "argument `bins` is 0, but there is at least 1 bin");
    assert_eq!(Bins::even(usize::MAX / 2, 0.0..1.0).unwrap_err().kind(), ErrorKind::Memory);
    let large = Array::<u8, _>::zeros([4], 2).bincount(usize::MAX).compute().unwrap_err();
    let text =
        "`bincount` would have 18446744073709551615 results for each element of the shape []";
    assert!(large.to_string().starts_with(text), "{large}");
    let text = "argument `range` is from 1 to 0, but must go up from one finite number to another";
    assert_eq!(even(3, 1.0..0.0), text);
    assert!(even(3, 0.0..f64::NAN).starts_with("argument `range` is from 0 to NaN"));
    assert_eq!(Bins::even(2, 1.0..1.0).unwrap().edges(), [0.5, 1.0, 1.5]);
    let text = "argument `edges` has 1 numbers, but a bin has 2 edges";
    assert_eq!(Bins::edged(&[1.0]).unwrap_err().to_string(), text);
    assert!(Bins::edged(&[1.0, f64::NAN]).is_err());
    let x = Array::<f64, _>::zeros([4], 2);
    let error = x.digitize(&[0.0, 2.0, 1.0], false).compute().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Value);
    let weights = Array::from_ndarray(array![1.0, 2.0], 1);
    let numbers = Array::<u8, _>::zeros([4], 2);
    let error = numbers.bincount_weighted(3, &weights).compute().unwrap_err();
    assert!(
        error.to_string().starts_with("argument `weights` has the shape [2], but the array [4]"),
        "{error}"
    );
    assert!(error.location().unwrap().file().ends_with("bins.rs"), "{error}");
}
