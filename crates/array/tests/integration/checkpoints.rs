//! Runs that end before they are done, and those that go on from there.

mod changed;
mod folders;
#[cfg(unix)]
mod killed;
mod programs;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ndarray::{Ix1, Ix2, NewAxis, s};
use tenfold_array::{Array, Error, ErrorKind, NpyFile, NpyWriter, Random, Settings};

/// How many stages the computation has, each with a function of its own.
pub(crate) const STAGES: usize = 5;

/// A computation of several stages, each of which tells `on` before it makes an element. Of the arrays between them two
/// are large, and so is one of those that are reduced.
pub(crate) fn pipeline(
    x: &Array<f64, Ix2>,
    on: impl Fn(usize) + Send + Sync + 'static,
) -> Array<f64, Ix1> {
    stages(x, &(Arc::new(on) as Arc<dyn Fn(usize) + Send + Sync>))
}

/// The same functions, whatever they call: a run is to go on where one stopped that called something else.
fn stages(x: &Array<f64, Ix2>, on: &Arc<dyn Fn(usize) + Send + Sync>) -> Array<f64, Ix1> {
    let stage = |number: usize| {
        let on = Arc::clone(on);
        move |x: f64| {
            on(number);
            x
        }
    };
    // What a closure has captured has to be called something; the words are the same in each run.
    let seen = |x: &Array<f64, Ix2>, number| x.map(stage(number)).known_as("seen");
    let sums = seen(x, 0).mean_axis(0);
    let [rows, cols] = [x.shape()[0], x.shape()[1]];
    let held = seen(&(x - &sums), 1).slice(s![.., .., NewAxis]).broadcast([rows, cols, 3]);
    let sums = held.map(stage(2)).known_as("seen").sum_axis(2);
    let far = &sums - &seen(&sums, 3).mean();
    seen(&far, 4).sum_axis(0)
}

/// How often each stage has told that it makes an element.
#[derive(Debug, Clone, Default)]
pub(crate) struct Calls(Arc<[AtomicUsize; STAGES]>);

impl Calls {
    pub(crate) fn count(&self, stage: usize) -> usize {
        self.0[stage].fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn take(&self) -> [usize; STAGES] {
        std::array::from_fn(|stage| self.0[stage].swap(0, Ordering::Relaxed))
    }
}

/// Numbers of 300 x 250 in uneven chunks.
pub(crate) fn numbers() -> Array<f64, Ix2> {
    Random::new(7).standard_normal([300, 250], [70, 110])
}

/// A computation that counts, and fails when it has made so many elements in one stage.
fn failing(x: &Array<f64, Ix2>, calls: &Calls, at: usize, after: usize) -> Array<f64, Ix1> {
    let calls = calls.clone();
    pipeline(x, move |stage| {
        assert!(calls.count(stage) < after || stage != at, "the power is gone");
    })
}

fn counting(x: &Array<f64, Ix2>, calls: &Calls) -> Array<f64, Ix1> {
    failing(x, calls, STAGES, 0)
}

/// The bits of a result.
pub(crate) fn bits(array: &ndarray::Array1<f64>) -> Vec<u64> {
    array.iter().map(|x| x.to_bits()).collect()
}

/// What comes out if nothing happens, and how often each stage is told.
fn undisturbed(x: &Array<f64, Ix2>) -> (Vec<u64>, [usize; STAGES]) {
    let calls = Calls::default();
    let settings = Settings::new().threads(2);
    assert_eq!(settings.plan(&counting(x, &calls)).unwrap().stages(), STAGES);
    let result = settings.compute(&counting(x, &calls)).unwrap();
    let calls = calls.take();
    assert!(calls.iter().all(|&calls| calls >= 300 * 250), "{calls:?}");
    (bits(&result), calls)
}

/// Of a folder in which nothing is left.
const NONE: [PathBuf; 0] = [];

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn stages_before_the_one_that_failed_are_not_computed_again() {
    let (x, calls) = (numbers(), Calls::default());
    let (expected, all) = undisturbed(&x);
    for stage in 0..STAGES {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings::new().threads(2).checkpoints(folder.path().join("of this run"));
        let error = settings.compute(&failing(&x, &calls, stage, 20_000)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Panicked, "{error}");
        assert_eq!(files(&folder.path().join("of this run")).len(), stage);
        let before = calls.take();
        assert_eq!(before[..stage], all[..stage]);
        let result = settings.compute(&counting(&x, &calls)).unwrap();
        assert_eq!(bits(&result), expected);
        let again = calls.take();
        assert_eq!(again[..stage], [0; STAGES][..stage], "failed in stage {stage}");
        assert_eq!(again[stage..], all[stage..], "failed in stage {stage}");
        assert_eq!(files(&folder.path().join("of this run")), NONE);
    }
}

#[test]
fn arrays_that_are_on_disk_are_left_and_read_too() {
    let (x, calls) = (numbers(), Calls::default());
    let (expected, all) = undisturbed(&x);
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings::new().threads(2).checkpoints(folder.path());
    let least = settings.plan(&counting(&x, &calls)).unwrap().least_memory();
    let settings = settings.memory(least);
    assert!(settings.plan(&counting(&x, &calls)).unwrap().bytes_spilled() > 600_000);
    for stage in 1..STAGES {
        settings.compute(&failing(&x, &calls, stage, 20_000)).unwrap_err();
        calls.take();
        let result = settings.compute(&counting(&x, &calls)).unwrap();
        assert_eq!(bits(&result), expected);
        assert_eq!(calls.take()[..stage], [0; STAGES][..stage]);
        assert_eq!(files(folder.path()), NONE);
    }
    assert!(all.iter().sum::<usize>() > 0);
}

#[test]
fn what_checkpoints_hold_is_counted() {
    let sum = counting(&numbers(), &Calls::default());
    let folder = tempfile::tempdir().unwrap();
    let (plain, saving) = (Settings::new(), Settings::new().checkpoints(folder.path()));
    let (plain_least, least) =
        (plain.minimum_memory(&sum).unwrap(), saving.minimum_memory(&sum).unwrap());
    // Three parts, and a byte for each chunk.
    assert_eq!(least, plain_least + (768 << 10) + 15);
    saving.clone().memory(least).compute(&sum).unwrap();
    // Nothing is saved where there is one stage.
    let one = numbers().sum();
    assert_eq!(plain.minimum_memory(&one).unwrap(), saving.minimum_memory(&one).unwrap());
}

/// Twice the numbers below `2 * chunks`, which three times as many read.
fn held(chunks: usize) -> Array<u64, Ix1> {
    let twice = Array::arange(0..2 * chunks as u64, 2).map(|x| 2 * x);
    twice.slice(s![.., NewAxis]).broadcast([2 * chunks, 3]).sum_axis(1)
}

#[test]
fn what_is_noted_of_chunks_is_counted_of_arrays_on_disk_too() {
    let folder = tempfile::tempdir().unwrap();
    // More than the 256 KiB through which a file is read.
    let chunks = 1 << 19;
    let plan = Settings::new().checkpoints(folder.path()).plan(&held(chunks).sum()).unwrap();
    let least = plan.least_memory();
    assert!(least < 16 * chunks, "{least} bytes: the numbers are on disk");
    assert!(least > (768 << 10) + chunks, "{least} bytes");
}

#[cfg(feature = "ranks")]
#[test]
fn what_is_noted_of_chunks_is_counted_on_ranks() {
    let folder = tempfile::tempdir().unwrap();
    let (size, own) = (2, 1 << 17);
    let sum = || held(size * own).sum();
    let minimum = |settings: &Settings| {
        crate::ranks::on_ranks(size, settings, |ranks| Ok(ranks.plan(&sum())?.minimum_memory()))
    };
    let (plain, saving) = (Settings::new(), Settings::new().checkpoints(folder.path()));
    // Three parts, and of each of a rank's chunks its number and a byte.
    let more = minimum(&saving)[0] - minimum(&plain)[0];
    assert_eq!(more, (768 << 10) + 9 * own);
}

#[test]
fn what_is_kept_is_not_computed_again() {
    let (x, calls) = (numbers(), Calls::default());
    let (expected, _) = undisturbed(&x);
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings::new().threads(2).keep_checkpoints().checkpoints(folder.path());
    let settings = settings.keep_checkpoints();
    assert_eq!(bits(&settings.compute(&counting(&x, &calls)).unwrap()), expected);
    assert!(calls.take()[0] > 0);
    assert_eq!(files(folder.path()).len(), STAGES);
    // The result alone is read, and as an array in memory.
    assert_eq!(bits(&settings.compute(&counting(&x, &calls)).unwrap()), expected);
    let kept = settings.persist(&counting(&x, &calls)).unwrap();
    assert_eq!(bits(&kept.compute().unwrap()), expected);
    // With something that is made of it, too.
    let (sum, most) =
        settings.compute_many((&counting(&x, &calls), &counting(&x, &calls).max())).unwrap();
    assert_eq!(bits(&sum), expected);
    assert_eq!(most.into_scalar(), sum.iter().copied().fold(f64::MIN, f64::max));
    assert_eq!(calls.take(), [0; STAGES]);
    // Files go if nobody keeps them any more.
    let settings = Settings::new().checkpoints(folder.path());
    settings.compute(&counting(&x, &calls)).unwrap();
    assert_eq!(files(folder.path()).len(), 1, "that of the greatest");
}

#[test]
fn results_of_stages_in_between_are_left_while_there_is_more_to_come() {
    let (x, calls) = (numbers(), Calls::default());
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings::new().threads(2).checkpoints(folder.path());
    let means = |calls: &Calls| {
        let calls = calls.clone();
        x.map(move |x| {
            calls.count(0);
            x
        })
        .known_as("seen")
        .mean_axis(0)
    };
    let far = |calls: &Calls| {
        (&x - &means(calls)).map(|x| if x > 3.0 { panic!("that is far") } else { x }).sum()
    };
    settings.compute_many((&means(&calls), &far(&calls))).unwrap_err();
    assert_eq!(files(folder.path()).len(), 1);
    calls.take();
    let means =
        |calls: &Calls| settings.compute_many((&means(calls), &means(calls).max())).unwrap();
    let (there, most) = means(&calls);
    assert_eq!(calls.take(), [0; STAGES]);
    assert_eq!(there, x.mean_axis(0).compute().unwrap());
    assert_eq!(Some(&most.into_scalar()), there.iter().max_by(|a, b| a.total_cmp(b)));
}

#[test]
fn a_computation_that_was_cancelled_goes_on_from_its_last_stage() {
    let (x, calls) = (numbers(), Calls::default());
    let (expected, all) = undisturbed(&x);
    let folder = tempfile::tempdir().unwrap();
    let cancel = tenfold_array::Cancel::new();
    let settings = Settings::new().threads(2).checkpoints(folder.path());
    let (token, counted) = (cancel.clone(), calls.clone());
    let cancelled = pipeline(&x, move |stage| {
        if counted.count(stage) == 1000 && stage == 3 {
            token.cancel();
        }
    });
    let error = settings.clone().cancel(&cancel).compute(&cancelled).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    calls.take();
    assert_eq!(bits(&settings.compute(&counting(&x, &calls)).unwrap()), expected);
    assert_eq!(calls.take(), [0, 0, 0, all[3], all[4]]);
}

#[test]
fn progress_counts_what_is_read_as_done() {
    let (x, calls) = (numbers(), Calls::default());
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings::new().threads(2).checkpoints(folder.path());
    settings.compute(&failing(&x, &calls, 3, 20_000)).unwrap_err();
    let told = Arc::new(AtomicUsize::new(0));
    let last = Arc::clone(&told);
    let settings = settings.progress(move |done, _| last.store(done, Ordering::Relaxed));
    let plan = settings.plan(&counting(&x, &calls)).unwrap();
    let (result, traces) = settings.traced(|settings| settings.compute(&counting(&x, &calls)));
    result.unwrap();
    assert_eq!(told.load(Ordering::Relaxed), plan.tasks());
    let bytes = |activity| {
        let records = traces[0].records.iter().filter(|record| record.activity == activity);
        records.map(|record| record.bytes).sum::<i64>()
    };
    // The sums of three are read, and the mean of these is written.
    assert_eq!(bytes(tenfold_array::Activity::Write), 8);
    assert!(bytes(tenfold_array::Activity::Read) >= 300 * 250 * 8);
}
