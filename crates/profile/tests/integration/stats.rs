use proptest::prelude::*;
use tenfold_profile::Stats;

/// The textbook's definitions, one by one.
fn naive_median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len();
    if n % 2 == 1 { sorted[n / 2] } else { (sorted[n / 2 - 1] + sorted[n / 2]) / 2.0 }
}

proptest! {
    #[test]
    fn agrees_with_the_definitions(values in prop::collection::vec(-1e6..1e6f64, 1..50)) {
        let stats = Stats::of(&values).unwrap();
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let median = naive_median(&values);
        let mad = naive_median(&values.iter().map(|v| (v - median).abs()).collect::<Vec<_>>());
        prop_assert_eq!(stats.count, values.len());
        prop_assert_eq!(stats.min, values.iter().copied().fold(f64::INFINITY, f64::min));
        prop_assert!((stats.median - median).abs() <= 1e-9);
        prop_assert!((stats.mad - mad).abs() <= 1e-9);
        prop_assert!((stats.mean - mean).abs() <= 1e-9);
        if values.len() > 1 {
            let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0);
            prop_assert!((stats.sd - variance.sqrt()).abs() <= 1e-6);
        }
    }

    #[test]
    fn order_does_not_matter(mut values in prop::collection::vec(-1e6..1e6f64, 1..50)) {
        let stats = Stats::of(&values).unwrap();
        values.reverse();
        let reversed = Stats::of(&values).unwrap();
        prop_assert_eq!(stats.median, reversed.median);
        prop_assert_eq!(stats.mad, reversed.mad);
    }
}

#[test]
fn extremes() {
    assert!(Stats::of(&[]).is_none());
    let one = Stats::of(&[7.0]).unwrap();
    assert_eq!((one.min, one.median, one.mad, one.mean, one.sd), (7.0, 7.0, 0.0, 7.0, 0.0));
    assert_eq!(Stats::of(&[f64::MAX, f64::MAX]).unwrap().median, f64::MAX);
    assert_eq!(Stats::of(&[f64::NAN, 1.0, 2.0]).unwrap().median, 2.0);
}
