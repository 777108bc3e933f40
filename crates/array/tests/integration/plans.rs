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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// With what is said to be the least it is computed, and with a byte less it is refused before anything runs.
    #[test]
    fn the_least_cap_is_the_least(
        steps in prop::collection::vec(0..6_u8, 1..5),
        rows in 100..400_usize,
        chunks in (7..300_usize, 7..300_usize),
        threads in 1..4_usize,
    ) {
        let plain = ndarray::ArrayD::from_shape_fn(IxDyn(&[rows, 300]), |at| (at[0] * 7 + at[1]) as i64 % 11);
        let given = crate::programs::Given(plain);
        let x = Array::<i64, ndarray::Ix2>::from_source(given, [chunks.0, chunks.1]);
        let mut y = x.clone();
        for step in steps {
            y = match step {
                0 => &y + &x,
                1 => &y - &y.max_axis(0),
                2 => y.map_named("tame", |x| x % 1009).tile(&[2, 1]).slice(ndarray::s![..rows, ..]),
                3 => (&y + 1).cumsum(0),
                4 => y.roll(0, 3).roll(1, -5),
                _ => &y - &y.map_blocks(|block, _| &block * 2),
            };
        }
        let free = Settings::new().threads(threads);
        let array = (&y + &y.sum_axis(1).slice(ndarray::s![.., ndarray::NewAxis])).sum();
        let least = free.plan(&array).unwrap().least_memory();
        prop_assert!(least <= free.minimum_memory(&array).unwrap());
        let exact = free.clone().memory(least);
        let plan = exact.plan(&array).unwrap();
        prop_assert!(plan.peak_memory() <= least && plan.least_memory() == least, "{}", plan);
        prop_assert_eq!(exact.compute(&array).unwrap(), free.compute(&array).unwrap());
        let error = free.memory(least - 1).plan(&array).unwrap_err();
        prop_assert_eq!(error.kind(), ErrorKind::Memory);
        prop_assert!(error.to_string().contains(&format!(" needs {least} bytes")), "{}", error);
    }
}

/// A cap that has room for all threads with smaller portions only costs none of them, and one that has room for as many
/// whatever the portions leaves them as they are.
#[test]
fn portions_are_as_large_as_a_cap_allows() {
    let given = || crate::programs::Given(ndarray::ArrayD::from_elem(IxDyn(&[2048, 2048]), 1_i64));
    // Read across its rows: what is read along them is read in smaller portions anyway.
    let sum = Array::<i64, IxDyn>::from_source(given(), [512, 2048]).t().sum();
    let scratch = |threads: usize, memory: usize| {
        let plan = Settings::new().threads(threads).memory(memory).plan(&sum).unwrap();
        let json: serde_json::Value = serde_json::from_str(&plan.to_json()).unwrap();
        let stage = &json["stages"][0];
        (stage["workers"].as_u64().unwrap(), stage["scratch"].as_u64().unwrap())
    };
    // Three of 4 MiB, or of 1 MiB.
    assert!(matches!(scratch(3, 14 << 20), (3, 4_194_304..)));
    assert!(matches!(scratch(3, 6 << 20), (3, 1_048_576..4_194_304)));
    // Two at most, whatever the portions: with 4 chunks there is no work for more than 4.
    let (workers, portion) = scratch(16, 5 << 20);
    assert!(workers == 4 && (262_144..4_194_304).contains(&portion), "{workers} {portion}");
    let (workers, portion) = scratch(4, 3 << 20);
    assert!(workers == 4 && portion < 1_048_576, "{workers} {portion}");
    let (workers, portion) = scratch(2, 3 << 20);
    assert!(workers == 2 && portion >= 1_048_576, "{workers} {portion}");
    // Room for one of any size.
    let least = Settings::new().plan(&sum).unwrap().least_memory();
    assert_eq!(scratch(2, least).0, 1);
    assert!(matches!(scratch(1, 5 << 20), (1, 4_194_304..)));
}

/// What helps is named, not what is longest.
#[test]
fn a_refusal_names_the_axis_along_which_smaller_chunks_help() {
    let wide = Array::<f64, _>::ones([1000, 400], [1000, 400]);
    // A sum for each column: chunks of fewer rows do not make them fewer.
    let sums = Settings::new().memory(10_000).compute(&wide.var_axis(0, 0.0).sum()).unwrap_err();
    assert!(sums.to_string().contains("of fewer than 400 elements along axis 1"), "{sums}");
    // All of it is held, whatever its chunks.
    let all = Settings::new().memory(100_000).compute(&wide).unwrap_err();
    assert!(!all.to_string().contains("would help"), "{all}");
}

/// A slice of what is repeated reads what it shows of it.
#[test]
fn a_slice_of_a_tiled_array_reads_as_much_as_it_shows() {
    let given = crate::programs::Given(ndarray::ArrayD::from_elem(IxDyn(&[100, 100]), 1_i64));
    let tiled = Array::<i64, ndarray::Ix2>::from_source(given, 50).tile(&[10, 1]);
    for (rows, times) in [(1000, 10.0), (300, 3.0), (150, 1.5), (50, 0.5)] {
        let sum = tiled.slice(ndarray::s![..rows, ..]).sum();
        assert_eq!(sum.plan().unwrap().passes(), [("source".to_owned(), times)], "{rows}");
    }
}

/// A plan of many stages, each of which reads what all before have made.
#[test]
fn a_table_has_no_more_names_than_one_can_read() {
    let mut x = Array::<f64, _>::ones([100], 10);
    for _ in 0..200 {
        x = &x + &x.sum();
    }
    let table = x.plan().unwrap().to_string();
    assert!(table.contains("and 195 more") && table.len() < 100_000, "{}", table.len());
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
