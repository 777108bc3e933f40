//! Random programs, whose results are read from where another run has left them.

use ndarray::IxDyn;
use proptest::prelude::*;
use tenfold_array::{Array, Pass, Settings};

use crate::programs::{Choices, arrays_of};

fn check(seed: u64) {
    let folder = tempfile::tempdir().unwrap();
    let run = |settings: &Settings| {
        // Each time from the beginning, as another run would.
        let mut choices = Choices::new(seed);
        let arrays = arrays_of(&mut choices, |lazy| lazy);
        let (last, expected) = arrays.last().unwrap();
        let (other, other_expected) = &arrays[choices.below(arrays.len())];
        let floats: Array<f64, IxDyn> = last.map_named("tenth", |x| x as f64 * 0.1);
        let all = (last, other, &floats.sum(), &(&floats - &floats.mean()).max_axes(&[]));
        let computed = settings.compute_many(all);
        let (last, other, sum, far) = computed.unwrap_or_else(|error| panic!("{seed}: {error}"));
        assert_eq!((&last, &other), (expected, other_expected), "seed {seed}");
        let far: Vec<u64> = far.iter().map(|x| x.to_bits()).collect();
        (sum.into_scalar().to_bits(), far)
    };
    let expected = run(&Settings::new().threads(1));
    let settings = Settings::new().threads(2).checkpoints(folder.path());
    assert_eq!(run(&settings), expected, "seed {seed}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "seed {seed}");
    let settings = settings.keep_checkpoints();
    for pass in Pass::ALL {
        assert_eq!(run(&settings), expected, "seed {seed}");
        assert_eq!(run(&settings.clone().without(pass)), expected, "seed {seed} without {pass:?}");
        // One of the files is lost.
        let all = std::fs::read_dir(folder.path()).unwrap();
        let mut paths: Vec<_> = all.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        if let Some(path) = paths.get(Choices::new(seed).below(paths.len())) {
            std::fs::remove_file(path).unwrap();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn what_is_read_again_is_what_was_computed(seed in any::<u64>()) {
        check(seed);
    }
}
