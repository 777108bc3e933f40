//! What plans say, and that they are kept.

use ndarray::IxDyn;
use proptest::prelude::*;
use tenfold_array::{
    Array, Chunks, Dims, ErrorKind, NpyFile, NpyWriter, Pass, Random, Settings, Source, Window,
};

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
fn estimates_compare_plans() {
    let one = Settings::new().threads(1);
    let seconds = |settings: &Settings, array: &Array<f64, ndarray::Ix0>| {
        settings.plan(array).unwrap().estimated_time().as_secs_f64()
    };
    let ones = |rows| Array::<f64, _>::ones([rows, 8000], 500);
    let x = ones(8000);
    let sum = seconds(&one, &x.sum());
    let twice = seconds(&one, &ones(16_000).sum()) / sum;
    assert!((1.9..2.1).contains(&twice), "{twice}");
    let shared = seconds(&one.clone().threads(2), &x.sum()) / sum;
    assert!((0.45..0.55).contains(&shared), "{shared}");
    let hard = seconds(&one, &x.powf(1.5).sum());
    assert!(sum < seconds(&one, &(&x + 1.0).sum()) && hard > 2.0 * sum);
    // What is needed of a product of large matrices is multiplied, and of rows of it a part.
    let product = x.matmul(&x);
    let part = seconds(&one, &product.slice(ndarray::s![..4000, ..]).sum());
    let product = seconds(&one, &product.sum());
    assert!(product > 100.0 * sum, "{product} {sum}");
    assert!((0.4..0.6).contains(&(part / product)), "{part} {product}");
    assert!(seconds(&one, &ones(0).sum()) < 1e-3);
}

#[test]
fn the_critical_path_is_no_longer_than_all() {
    for chunks in [1000, 100, 7] {
        let x = Array::<f64, _>::ones([1000, 1000], chunks);
        let array = (&x - &x.mean_axis(0)).cumsum(1).max();
        for threads in [1, 3, 1000] {
            let plan = Settings::new().threads(threads).plan(&array).unwrap();
            assert!(plan.critical_time() <= plan.estimated_time(), "{plan}");
            assert!(
                (plan.stages()..=2 * plan.tasks() + 64).contains(&plan.critical_path()),
                "{plan}"
            );
            let json = plan.to_json();
            for key in ["critical_path", "critical_seconds", "estimated_seconds"] {
                assert!(json.contains(&format!("\"{key}\": ")), "{json}");
            }
        }
    }
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

/// Chunks are not taken together where there is no room for it.
#[test]
fn the_least_that_a_plan_says_is_enough() {
    for (shape, axis) in [([1, 21], 0), ([1, 21], 1), ([64, 640], 0), ([64, 640], 1)] {
        let plain = ndarray::ArrayD::from_elem(IxDyn(&shape), 1_i64);
        let sizes = [shape[0].div_ceil(4), shape[1] / 20];
        let given = crate::programs::Given(plain.clone());
        let sum = Array::<i64, IxDyn>::from_source(given, sizes).sum_axis(axis);
        for threads in [1, 3] {
            let settings = Settings::new().threads(threads);
            let least = settings.minimum_memory(&sum).unwrap();
            let sums = settings.memory(least).compute(&sum).unwrap();
            assert_eq!(sums, plain.sum_axis(ndarray::Axis(axis)));
        }
    }
}

/// What two reductions need is computed once and kept, which takes more than the cap: it goes to disk, and nothing
/// else changes.
#[test]
fn what_is_too_large_to_hold_is_put_aside_on_disk() {
    let x = Random::new(5).standard_normal::<f64, _>([400, 300], 50);
    let kept = x.map_named("exp", f64::exp);
    let wide = kept.slice(ndarray::s![.., .., ndarray::NewAxis]).broadcast([400, 300, 3]).sum();
    let free = Settings::new().threads(2);
    let expected = free.compute(&wide).unwrap().into_scalar();
    assert_eq!(free.plan(&wide).unwrap().bytes_spilled(), 0);

    let tight = free.with_memory("800kB").unwrap();
    let plan = tight.plan(&wide).unwrap();
    assert_eq!(plan.bytes_spilled(), 400 * 300 * 8);
    assert!(plan.peak_memory() <= 800_000, "{plan}");
    assert_eq!(tight.compute(&wide).unwrap().into_scalar().to_bits(), expected.to_bits());

    let nowhere = tight.scratch_folder("/nowhere/at/all");
    let error = nowhere.compute(&wide).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    assert!(error.to_string().contains("/nowhere/at/all"), "{error}");
}

#[test]
fn arrays_go_to_files_chunk_by_chunk() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    let x = Random::new(5).uniform::<f32, _>([300, 200], 0.0..1.0, [64, 50]);
    let target = NpyWriter::<f32>::create(&path, &[200, 300]).unwrap();
    let settings = Settings::new().with_memory("100kB").unwrap();
    settings.store(&x.t(), &target).unwrap();
    target.finish().unwrap();
    let back = Array::<f32, ndarray::Ix2>::from_source(NpyFile::open(&path).unwrap(), 77);
    assert_eq!(back.compute().unwrap(), x.compute().unwrap().reversed_axes());

    let other = NpyWriter::<f32>::create(folder.path().join("y.npy"), &[2, 300]).unwrap();
    let error = settings.store(&x, &other).unwrap_err();
    assert_eq!(
        error.to_string(),
        "argument `target` has the shape [2, 300], but the array has [300, 200]"
    );
    drop(other);
    let failing = x.map(|x| if x > 0.5 { panic!("too much") } else { x });
    let half = NpyWriter::<f32>::create(folder.path().join("half.npy"), &[300, 200]).unwrap();
    let error = settings.store(&failing, &half).unwrap_err();
    assert!(error.to_string().contains("too much"), "{error}");
    assert!(half.finish().unwrap_err().to_string().contains("half.npy"));
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        1,
        "nothing half-written is left"
    );
}

#[test]
fn what_is_asked_for_twice_takes_twice_the_memory() {
    let x = Array::<f64, _>::ones([100, 100], 50);
    let settings = Settings::new().threads(1).with_memory("120kB").unwrap();
    assert_eq!(settings.compute(&x).unwrap().sum(), 10_000.0);
    let error = settings.compute_many((&x, &x)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Memory);
}

#[test]
fn a_source_says_how_it_is_best_read() {
    #[derive(Debug)]
    struct Columns;
    impl Source<f64> for Columns {
        fn shape(&self) -> Dims {
            Dims::from_slice(&[6, 4])
        }
        fn chunks(&self) -> Option<Chunks> {
            Chunks::even(&[6, 4], &[6, 1]).ok()
        }
        fn read(&self, window: &Window, out: &mut [f64]) -> tenfold_array::Result<()> {
            assert!(window.shape()[1] == 1 || window.len() == out.len());
            out.fill(1.0);
            Ok(())
        }
    }
    let auto = Array::<f64, ndarray::Ix2>::from_source(Columns, "auto");
    assert_eq!(auto.chunks().largest().as_slice(), [6, 1]);
    assert_eq!(auto.sum().compute().unwrap().into_scalar(), 24.0);
    let asked = Array::<f64, ndarray::Ix2>::from_source(Columns, 3);
    assert_eq!(asked.chunks().largest().as_slice(), [3, 3]);
}
