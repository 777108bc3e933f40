//! What plans say, and that they are kept.

use ndarray::IxDyn;
use proptest::prelude::*;
use tenfold_array::{Array, ErrorKind, Pass, Random, Settings};

/// A random expression over a random array, of which every pass finds something to do.
fn expression(steps: &[u8], chunks: usize) -> Array<f64, IxDyn> {
    let x = Random::new(3).standard_normal::<f64, _>([13, 17], [chunks, chunks + 2]);
    let mut y = x.clone();
    for step in steps {
        y = match step {
            0 => &y + &x,
            1 => &y - &y.mean_axis(0),
            2 => (&y * 2.0).slice(ndarray::s![..;-1, ..]),
            3 => {
                &y * &x
                    .map_named("exp", f64::exp)
                    .sum_axis(1)
                    .slice(ndarray::s![.., ndarray::NewAxis])
            }
            4 => &y - &y.max() - &y.min(),
            _ => &y + &(&x.mean_axis(0) + 1.0),
        };
    }
    y.into_dyn()
}

fn bits(array: &ndarray::ArrayD<f64>) -> Vec<u64> {
    array.iter().map(|x| x.to_bits()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn no_pass_changes_a_bit(steps in prop::collection::vec(0..6_u8, 1..5), chunks in 1..9_usize) {
        let array = expression(&steps, chunks);
        let both = |settings: &Settings| {
            let (all, sum) = settings.compute_many((&array, &array.sum())).unwrap();
            (bits(&all), sum.into_scalar().to_bits())
        };
        let expected = both(&Settings::new().threads(1));
        prop_assert_eq!(&both(&Settings::new().threads(3)), &expected);
        let mut none = Settings::new().threads(2);
        for pass in Pass::ALL {
            none = none.without(pass);
            prop_assert_eq!(&both(&Settings::new().without(pass)), &expected, "without {:?}", pass);
        }
        prop_assert_eq!(&both(&none), &expected, "without any pass");
    }
}

#[test]
fn passes_do_what_they_say() {
    let x = Array::<f64, _>::ones([100, 100], 10);
    let stages = |settings: Settings| {
        let wide = (&x - &x.mean_axis(0)) * (&x.max_axis(0) + 1.0);
        settings.plan(&wide.t().sum()).unwrap().stages()
    };
    let all = stages(Settings::new());
    // Both reductions in one pass, what is broadcast, and the sum.
    assert_eq!(all, 3);
    assert_eq!(stages(Settings::new().without(Pass::Merge)), 4);
    assert_eq!(stages(Settings::new().without(Pass::Hold)), 2);
    assert!(stages(Settings::new().without(Pass::Fuse)) > all);
    assert_eq!(stages(Settings::new().without(Pass::PushViews)), 4);
    let twice = &x.map_named("f", |x| x).sum() + &x.map_named("f", |x| x).sum();
    let tasks = |settings: Settings| settings.without(Pass::Merge).plan(&twice).unwrap().tasks();
    assert_eq!((tasks(Settings::new()), tasks(Settings::new().without(Pass::Share))), (101, 201));
}

#[test]
fn a_plan_can_be_read() {
    let x = Random::new(1).uniform::<f32, _>([1000, 1000], 0.0..1.0, 250);
    let settings = Settings::new().threads(2).with_memory("16MiB").unwrap();
    let plan = settings.plan(&(&x - &x.mean_axis(0)).sum()).unwrap();
    let text = plan.to_string();
    assert!(text.contains("mean over [0] #0") && text.contains("sum over [0, 1] #1"), "{text}");
    assert!(text.contains("32 tasks read 0 B"), "{text}");
    let json = plan.to_json();
    assert!(json.contains("\"memory\": 16777216") && json.contains("\"tasks\": 32"), "{json}");
    assert!(
        plan.minimum_memory() <= plan.peak_memory()
            && plan.peak_memory() <= plan.full_speed_memory()
    );
}

#[test]
fn a_cap_is_kept_or_refused_before_anything_runs() {
    let x = Array::<f64, _>::from_fn([100, 100], 10, |_| panic!("nothing is to run"));
    let refused = Settings::new().with_memory("78KiB").unwrap().compute(&x).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Memory);
    let sentence = refused.to_string();
    assert!(sentence.starts_with("array `from_fn` needs 80"), "{sentence}");
    assert!(
        sentence.contains("more than the 79872 bytes that argument `memory` allows"),
        "{sentence}"
    );
    let least = Settings::new().plan(&x.sum()).unwrap().minimum_memory();
    let sum = Array::<f64, _>::ones([100, 100], 10).sum();
    let settings = Settings::new().with_memory(&least.to_string()).unwrap();
    assert_eq!(settings.compute(&sum).unwrap().into_scalar(), 10_000.0);
    let less = Settings::new().with_memory(&(least - 1).to_string()).unwrap();
    assert_eq!(less.compute(&sum).unwrap_err().kind(), ErrorKind::Memory);
}
