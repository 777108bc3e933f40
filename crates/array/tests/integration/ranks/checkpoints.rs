//! Ranks that go on from where others have ended.

use std::fs;
use std::path::Path;

use ndarray::Ix2;
use proptest::prelude::*;
use tenfold_array::{Array, ErrorKind, Ranks, Result, Settings};
use tenfold_comm::{Communicator, World};

use super::on_ranks;
use crate::checkpoints::{Calls, STAGES, bits, numbers, pipeline};
use crate::programs::Choices;

/// A result that each rank computes, with a rank that fails when it has made so many elements in a stage.
fn failing(
    ranks: &Ranks<'_>,
    calls: &Calls,
    (who, stage, after): (usize, usize, usize),
) -> Result<Vec<u64>> {
    let (calls, own, rank) = (calls.clone(), Calls::default(), ranks.rank());
    let sum = pipeline(&numbers(), move |at| {
        calls.count(at);
        assert!(at != stage || rank != who || own.count(at) < after, "the power is gone");
    });
    Ok(bits(&ranks.compute(&sum)?))
}

fn count(folder: &Path) -> usize {
    fs::read_dir(folder).map_or(0, Iterator::count)
}

/// What comes out if nothing happens, and how often each stage is told.
fn undisturbed() -> (Vec<u64>, [usize; STAGES]) {
    let calls = Calls::default();
    let mut all =
        on_ranks(1, &Settings::new().threads(1), |ranks| failing(ranks, &calls, (1, 0, 0)));
    (all.remove(0), calls.take())
}

/// Fails on one of some ranks, and goes on with as many others.
fn go_on(sizes: [usize; 2], who: usize, stage: usize, after: usize, keeps: bool) {
    let folder = tempfile::tempdir().unwrap();
    let (expected, all) = undisturbed();
    let (calls, path) = (Calls::default(), folder.path().join("checkpoints"));
    let settings = Settings::new().threads(2).checkpoints(&path);
    let settings = if keeps { settings.keep_checkpoints() } else { settings };
    let what = format!("{sizes:?} ranks, rank {who} in stage {stage} after {after}");
    let errors = on_ranks(sizes[0], &settings, |ranks| {
        Ok(failing(ranks, &calls, (who, stage, after)).map_err(|error| error.to_string()))
    });
    let failed = errors[0].is_err();
    assert!(errors.iter().all(|told| told == &errors[0]), "{what}: {errors:?}");
    let before = calls.take();
    assert_eq!(before[..stage], all[..stage], "{what}");
    let results = on_ranks(sizes[1], &settings, |ranks| failing(ranks, &calls, (usize::MAX, 0, 0)));
    assert!(results.iter().all(|result| *result == expected), "{what}");
    let again = calls.take();
    if failed {
        assert_eq!(again[..stage], [0; STAGES][..stage], "{what}");
        // Who has made all of its chunks may have left those, which the others cannot do with alone.
        assert_eq!(again[stage..], all[stage..], "{what}");
    }
    assert_eq!(count(&path) > 0, keeps, "{what}");
}

#[test]
fn as_many_ranks_go_on_with_what_all_have_done() {
    for size in 1..=4 {
        for stage in 0..STAGES {
            go_on([size, size], stage % size, stage, 5000, false);
        }
    }
}

#[test]
fn other_ranks_take_chunks_of_whoever_has_made_them() {
    for (sizes, stage) in [([1, 4], 2), ([4, 1], 3), ([2, 3], 4), ([3, 2], 1), ([4, 3], 4)] {
        go_on(sizes, sizes[0] - 1, stage, 5000, false);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn a_rank_fails_anywhere_and_others_go_on(seed in any::<u64>()) {
        let mut choices = Choices::new(seed);
        let sizes = [1 + choices.below(4), 1 + choices.below(4)];
        let (who, stage) = (choices.below(sizes[0]), choices.below(STAGES));
        go_on(sizes, who, stage, choices.below(80_000), choices.below(2) == 0);
    }
}

#[test]
fn what_one_rank_has_lost_all_make_again() {
    let (folder, calls) = (tempfile::tempdir().unwrap(), Calls::default());
    let (expected, all) = undisturbed();
    let settings = Settings::new().threads(1).checkpoints(folder.path());
    on_ranks(3, &settings, |ranks| {
        failing(ranks, &calls, (1, 4, 100)).unwrap_err();
        Ok(())
    });
    // The mean is one chunk, of one rank.
    assert_eq!(count(folder.path()), 3 * 3 + 1);
    calls.take();
    let files = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
    let of_rank_1 = files.filter(|path| path.to_str().unwrap().contains(".1of3."));
    for path in of_rank_1 {
        let mut bytes = fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&path, bytes).unwrap();
    }
    let results = on_ranks(3, &settings, |ranks| failing(ranks, &calls, (usize::MAX, 0, 0)));
    assert!(results.iter().all(|result| *result == expected));
    // The last stage and all that it reads, but for the mean, which another rank has.
    assert_eq!(calls.take(), [all[0], all[1], all[2], 0, all[4]]);
    assert_eq!(count(folder.path()), 0);
}

#[test]
fn a_folder_of_one_rank_that_takes_no_files_is_told_on_all() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let told = World::threads(3).run(|world| {
        let path = if world.rank() == 1 { file.clone() } else { folder.path().join("open") };
        let ranks = Settings::new().threads(1).checkpoints(path).over(world)?;
        let calls = Calls::default();
        let error = failing(&ranks, &calls, (usize::MAX, 0, 0)).unwrap_err();
        assert_eq!(calls.take(), [0; STAGES]);
        Ok::<_, tenfold_array::Error>((error.kind(), error.to_string()))
    });
    let expected =
        format!("rank 1: folder `{}` of argument `checkpoints` takes no files", file.display());
    assert_eq!(told.unwrap(), vec![(ErrorKind::Io, expected); 3]);
}

#[test]
fn ranks_that_do_not_all_have_checkpoints_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let told = World::threads(2).run(|world| {
        let settings = Settings::new().threads(1);
        let settings =
            if world.rank() == 0 { settings.checkpoints(folder.path()) } else { settings };
        let error = settings.over(world)?.compute(&numbers().mean()).unwrap_err();
        Ok::<_, tenfold_array::Error>((error.kind(), error.to_string()))
    });
    let sentence = "ranks compute the same arrays, but do not want the same of them".to_owned();
    assert_eq!(told.unwrap(), vec![(ErrorKind::Ranks, sentence); 2]);
}

/// Each rank has a folder that no other sees.
#[test]
fn folders_of_each_rank_are_enough_for_as_many() {
    let (folder, calls) = (tempfile::tempdir().unwrap(), Calls::default());
    let (expected, all) = undisturbed();
    let run = |who: usize| {
        World::threads(3).run(|world| {
            let own = folder.path().join(world.rank().to_string());
            let ranks = Settings::new().threads(1).checkpoints(own).over(world)?;
            Ok::<_, tenfold_array::Error>(failing(&ranks, &calls, (who, 3, 100)).ok())
        })
    };
    assert_eq!(run(2).unwrap(), [None, None, None]);
    calls.take();
    assert!(run(9).unwrap().into_iter().all(|result| result.as_ref() == Some(&expected)));
    assert_eq!(calls.take(), [0, 0, 0, all[3], all[4]]);
    assert!((0..3).all(|rank| count(&folder.path().join(rank.to_string())) == 0));
}

/// What several computations make of each other's results, which stay on their ranks.
fn steps(ranks: &Ranks<'_>, calls: &Calls, fails: usize) -> Result<Vec<u64>> {
    let mut x: Array<f64, Ix2> = numbers();
    for step in 0..3 {
        let calls = calls.clone();
        let next = (&x - &x.mean()).map(move |x| {
            calls.count(step);
            assert!(step != fails, "the power is gone");
            x * 1.5
        });
        x = ranks.persist(&next.known_as("step"))?;
    }
    Ok(bits(&ranks.compute(&x.sum_axis(1))?))
}

#[test]
fn results_that_stay_on_their_ranks_are_kept_from_computation_to_computation() {
    let calls = Calls::default();
    let expected = on_ranks(1, &Settings::new(), |ranks| steps(ranks, &calls, 9)).remove(0);
    for size in [1, 3] {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings::new().threads(1).checkpoints(folder.path()).keep_checkpoints();
        on_ranks(size, &settings, |ranks| {
            steps(ranks, &calls, 2).unwrap_err();
            Ok(())
        });
        calls.take();
        let results = on_ranks(size, &settings, |ranks| steps(ranks, &calls, 9));
        assert!(results.iter().all(|result| *result == expected), "{size} ranks");
        let again = calls.take();
        assert_eq!(again, [0, 0, 75_000, 0, 0], "{size} ranks");
    }
}

#[test]
fn what_stays_on_its_ranks_is_known_by_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings::new().threads(1).checkpoints(folder.path()).keep_checkpoints();
    for by in [2.0, 3.0, 2.0] {
        let greatest = on_ranks(3, &settings, |ranks| {
            let scaled = numbers().map(move |x| x * by).known_as(&format!("by {by}"));
            ranks.compute(&ranks.persist(&scaled)?.max())
        });
        let expected = (numbers() * by).max().compute().unwrap();
        assert!(greatest.iter().all(|other| *other == expected), "by {by}");
    }
}
