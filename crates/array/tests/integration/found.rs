//! What is found in arrays, against loops.

use ndarray::{Array1, Array2, ArrayD, Dimension, IxDyn};
use proptest::prelude::*;
use tenfold_array::{Array, Error, ErrorKind, Random, Settings};

use crate::subjects::{assert_same, float, integer, pairs, subject, subjects};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn values_that_there_are(x in subjects(float), small in subjects(|bits| (bits % 7) as u8), threads in 1..4_usize) {
        let mut expected: Vec<f64> = x.plain.iter().copied().collect();
        expected.sort_by(|a, b| a.partial_cmp(b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan())));
        let all = expected.clone();
        expected.dedup_by(|a, b| a == b || a.is_nan() && b.is_nan());
        let (values, counts) = Settings::new().threads(threads).compute(&x.lazy.unique_counts()).unwrap();
        assert_same(&Array::from(values.into_dyn()), &Array1::from(expected.clone()).into_dyn());
        let count = |value: f64| all.iter().filter(|&&x| x == value || x.is_nan() && value.is_nan()).count() as i64;
        prop_assert_eq!(counts.to_vec(), expected.into_iter().map(count).collect::<Vec<_>>());
        let mut expected: Vec<u8> = small.plain.iter().copied().collect();
        expected.sort_unstable();
        expected.dedup();
        prop_assert_eq!(small.lazy.unique().compute().unwrap().to_vec(), expected);
    }

    #[test]
    fn places_of_what_is_not_zero((x, y) in pairs(|bits| (bits % 3) as i32 - 1)) {
        let found: Vec<(IxDyn, i32)> = x.plain.indexed_iter().filter(|(_, x)| **x != 0).map(|(at, x)| (at, *x)).collect();
        let mut places = Array2::<i64>::zeros([found.len(), x.plain.ndim()]);
        for (mut row, (at, _)) in places.rows_mut().into_iter().zip(&found) {
            row.iter_mut().zip(at.slice()).for_each(|(to, &at)| *to = at as i64);
        }
        prop_assert_eq!(x.lazy.argwhere().compute().unwrap(), places);
        let flat = x.plain.iter().enumerate().filter(|(_, x)| **x != 0).map(|(at, _)| at as i64);
        prop_assert_eq!(x.lazy.flatnonzero().compute().unwrap(), flat.collect::<Array1<_>>());
        let shown = x.plain.iter().zip(&y.plain).filter(|(_, y)| **y > 0).map(|(x, _)| *x);
        let expected = shown.collect::<Array1<_>>();
        prop_assert_eq!(x.lazy.select_where(&y.lazy.greater(0)).compute().unwrap(), expected);
    }

    #[test]
    fn places_in_order(x in subjects(float), len in 0..200_usize, chunk in 1..90_usize, right in any::<bool>(), seed in any::<u64>()) {
        let sorted = subject(&[len], chunk, 0, seed, float).lazy.sort(0);
        let sorted: Array<f64, ndarray::Ix1> = sorted.reshape([len]);
        let plain = sorted.compute().unwrap();
        let before = |x: f64| {
            let is_before = |of: &&f64| if x.is_nan() { right || !of.is_nan() } else if right { **of <= x } else { **of < x };
            plain.iter().filter(is_before).count() as i64
        };
        assert_same(&sorted.searchsorted(&x.lazy, right), &x.plain.mapv(before));
        let values = plain.to_vec();
        assert_same(&x.lazy.is_in(&values), &x.plain.mapv(|x| values.contains(&x)));
    }

    #[test]
    fn lines_between_points(x in subjects(float), steps in prop::collection::vec((0.1..3.0_f64, -5.0..5.0_f64), 1..6)) {
        let at: Vec<f64> = steps.iter().scan(-4.0, |at, (step, _)| { *at += step; Some(*at) }).collect();
        let values: Vec<f64> = steps.iter().map(|(_, value)| *value).collect();
        let line = |x: f64| {
            if x.is_nan() { return x; }
            if x <= at[0] { return values[0]; }
            match at.iter().position(|&place| place > x) {
                None => values[values.len() - 1],
                Some(above) => {
                    let share = (x - at[above - 1]) / (at[above] - at[above - 1]);
                    values[above - 1] + share * (values[above] - values[above - 1])
                }
            }
        };
        crate::subjects::assert_close(&x.lazy.interp(&at, &values), &x.plain.mapv(line), 1e-12);
    }
}

/// Of a cap one half is for what is found.
#[test]
fn what_is_found_has_room_or_is_refused() {
    let x = Random::new(2).uniform([400_000], 0..1_000_000_i64, 10_000);
    let few = x.map_named("few", |x| x % 1000);
    let settings = Settings::new().threads(2).memory(4 << 20);
    let unique = settings.compute(&few.unique()).unwrap();
    assert_eq!(unique, Array1::from_iter(0..1000));
    let error = settings.compute(&x.unique()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Memory);
    let text = error.to_string();
    assert!(
        text.contains("`unique` has found ") && text.contains("more than 2097152, the half of"),
        "{text}"
    );
    let error = Settings::new().memory(1000).compute(&x.unique()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Memory);
    let ones = x.full_like(true);
    assert_eq!(settings.compute(&ones.flatnonzero()).unwrap_err().kind(), ErrorKind::Memory);
}

#[test]
fn mistakes_come_back_when_it_is_computed() {
    let x = subject(&[3, 2], 2, 0, 1, integer).lazy;
    let error = x.select_where(&Array::full(IxDyn(&[2, 3]), true, 1)).compute().unwrap_err();
    let text = "argument `mask` has the shape [2, 3], but the array [3, 2]";
    assert!(error.to_string().starts_with(text), "{error}");
    assert!(error.location().unwrap().file().ends_with("found.rs"), "{error}");
    let failing = Array::<i32, IxDyn>::from_chunks(IxDyn(&[4]), 2, |info| match info.number() {
        0 => Ok(ArrayD::zeros(IxDyn(&[2]))),
        _ => Err(Error::new(ErrorKind::Data, "nothing is here")),
    });
    let error = failing.unique().compute().unwrap_err();
    assert!(error.to_string().contains("nothing is here"), "{error}");
    let table = |at: &[f64]| x.interp(at, &[1.0, 2.0]).compute().unwrap_err().to_string();
    assert!(
        table(&[2.0, 1.0]).starts_with("argument `at` has 1 after 2 at number 1, but must ascend")
    );
    assert!(table(&[0.0, f64::NAN]).starts_with("argument `at` has NaN after 0 at number 1"));
    assert!(table(&[]).starts_with("argument `values` has 2 elements, but argument `at` has 0"));
}

/// A chunk of values looks for all of its places in one go through the pieces of a long array.
#[test]
fn long_arrays_are_searched_piece_by_piece() {
    let sorted = Array::arange(0..300_000_i64, 7000);
    let x = Array::from(vec![0_i64, 65_535, 65_536, 299_999, 300_000, -1]);
    let expected = ndarray::array![1_i64, 65_536, 65_537, 300_000, 300_000, 0];
    assert_eq!(sorted.searchsorted(&x, true).compute().unwrap(), expected);
    let settings = Settings::new().memory(4 << 20);
    assert_eq!(settings.compute(&sorted.searchsorted(&x, true)).unwrap(), expected);
    let plan =
        sorted.searchsorted(&Array::arange(0..1 << 40, 1 << 16), false).max().plan().unwrap();
    assert!(plan.tasks() >= 1 << 24);
}

/// All that is held while something is found counts: places twice while they are put in order, and what is made of them.
#[test]
fn what_is_found_counts_with_what_is_made_of_it() {
    // Every second element, so that none is beside another.
    let x = Array::from_fn([100, 10, 100], 50, |at| (at[2] % 2) as i64);
    let places = 50_000;
    let cap = |half: usize| Settings::new().threads(1).memory(2 * half);
    let told = |error: Error| {
        assert_eq!(error.kind(), ErrorKind::Memory);
        error.to_string()
    };
    // A place, and an index on each of three axes.
    let error = told(cap(4 * 8 * places - 1).compute(&x.argwhere()).unwrap_err());
    assert!(
        error.starts_with(&format!("`argwhere` has found {} bytes", 4 * 8 * places)),
        "{error}"
    );
    assert_eq!(cap(4 * 8 * places).compute(&x.argwhere()).unwrap().shape(), [places, 3]);
    let least = 2 * 8 * places;
    assert!(
        told(cap(least - 1).compute(&x.flatnonzero()).unwrap_err())
            .starts_with("`flatnonzero` has found ")
    );
    cap(least + 10_000).compute(&x.flatnonzero()).unwrap();
    // An index, again while it is looked up, and a run for each, whose list grows.
    let of = Array::<u8, _>::ones([100, 10, 100], 50);
    let shown = of.select_where(&x.equal(1));
    let least = (8 + 16 + 3 * 40) * places;
    assert!(
        told(cap(least - 1).compute(&shown).unwrap_err()).starts_with("`select_where` has found ")
    );
    assert_eq!(cap(least).compute(&shown).unwrap().len(), places);
    // Those that lie together are one run.
    let all = of.select_where(&x.less(2));
    assert_eq!(cap(25 * 2 * places).compute(&all).unwrap().len(), 2 * places);
    // A value and its count, twice while they are merged.
    let many = Array::from_fn([50_000], 5000, |at| at[0] as i64);
    assert!(
        told(cap(2 * 16 * places - 1).compute(&many.unique()).unwrap_err())
            .starts_with("`unique` has found ")
    );
    assert_eq!(cap(2 * 16 * places).compute(&many.unique()).unwrap().len(), places);
}
