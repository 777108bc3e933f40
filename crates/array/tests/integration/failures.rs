//! Sources, targets and functions of the user that fail, panic or are slow: a clear error, nothing left, no hang.

use std::fmt;
use std::fs;
use std::ops::Range;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::time::Duration;

use ndarray::{Ix1, Ix2, NewAxis, s};
use tenfold_array::{
    Array, Cancel, Delayed, Dims, Error, ErrorKind, NpyWriter, Settings, Source, Target, Window,
    delayed, try_delayed,
};

use crate::watchdog::in_time;

const LIMIT: Duration = Duration::from_secs(60);

const LEN: usize = 10_000;

/// A source of ten thousand numbers that does something before it gives some, of which it knows the places.
struct Doing<F>(F);

impl<F> fmt::Debug for Doing<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Doing")
    }
}

impl<F: Fn(Range<usize>) -> Result<(), Error> + Send + Sync + 'static> Source<f64> for Doing<F> {
    fn shape(&self) -> Dims {
        [LEN][..].into()
    }

    fn read(&self, window: &Window, out: &mut [f64]) -> Result<(), Error> {
        let places = window.range(0);
        self.0(places.clone())?;
        out.iter_mut().zip(places).for_each(|(out, place)| *out = place as f64);
        Ok(())
    }
}

fn source(
    doing: impl Fn(Range<usize>) -> Result<(), Error> + Send + Sync + 'static,
) -> Array<f64, Ix1> {
    Array::from_source(Doing(doing), 10)
}

/// An error as a source of a user can make one: what happens when a file is not there.
fn broken() -> Error {
    tenfold_array::NpyFile::<f64>::open("/there/is/no/such/file.npy").unwrap_err()
}

/// Ten thousand numbers as a target, of which it takes some.
#[derive(Debug)]
struct Full {
    room: usize,
    taken: AtomicUsize,
}

impl Target<f64> for Full {
    fn shape(&self) -> Dims {
        [LEN][..].into()
    }

    fn write(&self, _: &Window, elements: &[f64]) -> Result<(), Error> {
        let taken = self.taken.fetch_add(elements.len(), Ordering::Relaxed);
        if taken + elements.len() > self.room { Err(broken()) } else { Ok(()) }
    }
}

#[test]
fn a_source_that_panics_on_all_threads_at_once_is_told_once() {
    in_time(LIMIT, || {
        let all = Barrier::new(3);
        let x = source(move |_| {
            all.wait();
            panic!("it shall panic")
        });
        let settings = Settings::new().threads(3);
        let error = settings.compute(&x.sum()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Panicked);
        let sentence = error.to_string();
        assert!(
            sentence.starts_with("chunks 0 to 31 of `sum`: array `source` panicked: it shall"),
            "{sentence}"
        );
        assert!(error.location().unwrap().file().ends_with("failures.rs"));
        // Threads and settings are as before.
        assert_eq!(
            settings.compute(&source(|_| Ok(())).sum()).unwrap().into_scalar(),
            49_995_000.0
        );
    });
}

#[test]
fn a_function_that_panics_on_all_threads_at_once_is_told_once() {
    in_time(LIMIT, || {
        let all = Arc::new(Barrier::new(3));
        let x = Array::from_fn([30], 10, move |index| {
            if index[0] % 10 == 5 {
                all.wait();
                panic!("it shall panic");
            }
            index[0] as f64
        });
        let error = Settings::new().threads(3).compute(&(x + 1.0)).unwrap_err();
        let sentence = error.to_string();
        assert!(
            sentence.starts_with("chunk 0 of `add`: array `from_fn` panicked: it shall panic"),
            "{sentence}"
        );
    });
}

#[test]
fn what_fails_on_one_thread_stops_others_that_wait() {
    in_time(LIMIT, || {
        let reads = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&reads);
        let x = source(move |places| {
            let before = count.fetch_add(1, Ordering::Relaxed);
            if places.contains(&0) {
                return Err(broken());
            }
            // Slow, while the other has failed, and slower the longer that takes.
            std::thread::sleep(Duration::from_millis(20 << before.min(8)));
            Ok(())
        });
        let error = Settings::new().threads(2).compute(&x.max()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io);
        assert!(error.to_string().contains("/there/is/no/such/file.npy"), "{error}");
        let reads = reads.load(Ordering::Relaxed);
        assert!(reads < 20, "{reads} reads, though nothing starts after a failure");
    });
}

#[test]
fn a_target_that_is_full_is_told_and_what_was_read_is_given_back() {
    in_time(LIMIT, || {
        for threads in [1, 3] {
            let target = Full { room: 3000, taken: AtomicUsize::new(0) };
            let settings = Settings::new().threads(threads);
            let error = settings.store(&source(|_| Ok(())), &target).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Io);
            let taken = target.taken.into_inner();
            assert!((3001..LEN).contains(&taken), "{taken}");
            let target = Full { room: LEN, taken: AtomicUsize::new(0) };
            settings.store(&source(|_| Ok(())), &target).unwrap();
        }
    });
}

#[test]
fn a_file_that_was_not_finished_is_not_there() {
    in_time(LIMIT, || {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.npy");
        let file = NpyWriter::create(&path, &[LEN]).unwrap();
        let x = source(|places| if places.contains(&5000) { Err(broken()) } else { Ok(()) });
        assert!(Settings::new().threads(2).store(&x, &file).is_err());
        drop(file);
        assert!(fs::read_dir(folder.path()).unwrap().next().is_none());
    });
}

/// What a run puts aside is gone when it fails: while it is written, and while it is read.
#[test]
fn nothing_is_left_in_the_scratch_folder() {
    in_time(LIMIT, || {
        for at in [0, 150, 600] {
            let folder = tempfile::tempdir().unwrap();
            let left = |folder: &Path| fs::read_dir(folder).unwrap().count();
            let (calls, seen) = (AtomicUsize::new(0), folder.path().to_owned());
            let kept = Array::from_fn([400, 300], 50, |index| index[0] as f64).map_named(
                "fails",
                move |x| {
                    assert_eq!(left(&seen), 0, "files have no names");
                    let call = calls.fetch_add(1, Ordering::Relaxed);
                    assert!(call != at * 100, "it shall panic");
                    x
                },
            );
            let wide = kept.slice(s![.., .., NewAxis]).broadcast([400, 300, 3]).sum();
            let settings = Settings::new().threads(2).memory(800_000).scratch_folder(folder.path());
            assert_eq!(settings.plan(&wide).unwrap().bytes_spilled(), 400 * 300 * 8);
            let error = settings.compute(&wide).unwrap_err();
            assert!(error.to_string().contains("panicked: it shall panic"), "{error}");
            assert_eq!(left(folder.path()), 0);
        }
    });
}

#[test]
fn cancelling_while_a_source_is_slow_ends_it_after_that_read() {
    in_time(LIMIT, || {
        for threads in [1, 3] {
            let cancel = Cancel::new();
            let (token, reads) = (cancel.clone(), Arc::new(AtomicUsize::new(0)));
            let count = Arc::clone(&reads);
            let x = source(move |_| {
                let read = count.fetch_add(1, Ordering::Relaxed);
                if read == 5 {
                    let token = token.clone();
                    // From another thread, in the middle of a read.
                    std::thread::spawn(move || token.cancel()).join().unwrap();
                }
                // Those that other threads have begun meanwhile take as long.
                while read > 5 && !token.is_cancelled() {
                    std::thread::yield_now();
                }
                Ok(())
            });
            let settings = Settings::new().threads(threads).cancel(&cancel);
            let error = settings.compute(&x.sum()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Cancelled);
            assert!(error.to_string().contains("cancelled after"), "{error}");
            assert!((6..=5 + threads).contains(&reads.load(Ordering::Relaxed)));
            // A token that was used stays used.
            assert_eq!(settings.compute(&x.sum()).unwrap_err().kind(), ErrorKind::Cancelled);
        }
    });
}

/// A matrix of ones, which calls a function with each window that is read.
struct Matrix<F>([usize; 2], F);

impl<F> fmt::Debug for Matrix<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "matrix {:?}", self.0)
    }
}

impl<F: Fn(&Window) -> Result<(), Error> + Send + Sync + 'static> Source<f64> for Matrix<F> {
    fn shape(&self) -> Dims {
        self.0[..].into()
    }

    fn read(&self, window: &Window, out: &mut [f64]) -> Result<(), Error> {
        (self.1)(window)?;
        out.fill(1.0);
        Ok(())
    }
}

fn matrix(
    shape: [usize; 2],
    chunks: [usize; 2],
    read: impl Fn(&Window) -> Result<(), Error> + Send + Sync + 'static,
) -> Array<f64, Ix2> {
    Array::from_source(Matrix(shape, read), chunks)
}

/// A matrix of a chunk, and how often it was read by whoever cancels in the first read.
fn cancelled_at_once(shape: [usize; 2]) -> (Array<f64, Ix2>, Cancel, Arc<AtomicUsize>) {
    let (cancel, reads) = (Cancel::new(), Arc::new(AtomicUsize::new(0)));
    let (token, count) = (cancel.clone(), Arc::clone(&reads));
    let x = matrix(shape, shape, move |_| {
        count.fetch_add(1, Ordering::Relaxed);
        token.cancel();
        Ok(())
    });
    (x, cancel, reads)
}

#[test]
fn cancelling_gives_up_a_chunk_and_a_product() {
    in_time(LIMIT, || {
        // A chunk that is read in 8 portions.
        let (x, cancel, reads) = cancelled_at_once([4096, 1024]);
        let error = Settings::new().cancel(&cancel).compute(&x.sum()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Cancelled);
        assert_eq!(error.to_string(), "the computation was cancelled after 0 of 1 chunks");
        assert_eq!(reads.load(Ordering::Relaxed), 1);
        // A product of 8 steps, which reads both factors for each.
        let (x, cancel, reads) = cancelled_at_once([256, 16384]);
        let product = x.matmul(&x.t());
        let error = Settings::new().cancel(&cancel).compute(&product).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Cancelled);
        assert_eq!(reads.load(Ordering::Relaxed), 1);
        // A chunk of a hundred tiles.
        let (cancel, calls) = (Cancel::new(), Arc::new(AtomicUsize::new(0)));
        let (token, count) = (cancel.clone(), Arc::clone(&calls));
        let x = Array::from_fn([204_800], 204_800, move |_| {
            count.fetch_add(1, Ordering::Relaxed);
            token.cancel();
            1.0
        });
        let error = Settings::new().cancel(&cancel).compute(&x.sum()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Cancelled);
        assert_eq!(calls.load(Ordering::Relaxed), 2048);
    });
}

#[test]
fn what_is_cancelled_counts_chunks_and_not_those_that_go_together() {
    let cancel = Cancel::new();
    let token = cancel.clone();
    let x = matrix([16, 640], [16, 20], move |window| {
        if window.start()[1] >= 320 {
            token.cancel();
        }
        Ok(())
    });
    let error = Settings::new().threads(1).cancel(&cancel).compute(&x.sum()).unwrap_err();
    assert_eq!(error.to_string(), "the computation was cancelled after 16 of 32 chunks");
}

#[test]
fn a_failure_gives_up_a_chunk_behind_it_on_another_thread() {
    in_time(LIMIT, || {
        let (failed, reads) = (Arc::new(Barrier::new(2)), Arc::new(AtomicUsize::new(0)));
        let count = Arc::clone(&reads);
        let x = matrix([8192, 1024], [4096, 1024], move |window| {
            if window.start()[0] < 4096 {
                failed.wait();
                return Err(broken());
            }
            let before = count.fetch_add(1, Ordering::Relaxed);
            if before == 0 {
                failed.wait();
            }
            // Until the other has told of it, however long that takes.
            std::thread::sleep(Duration::from_millis(50 << before.min(6)));
            Ok(())
        });
        let error = Settings::new().threads(2).compute(&x.sum()).unwrap_err();
        // Of the chunk before, though the one behind has ended, too.
        assert_eq!(error.kind(), ErrorKind::Io, "{error}");
        assert!(reads.load(Ordering::Relaxed) < 8, "all 8 portions were read");
    });
}

/// The first waits until the others have failed, in the middle of a chunk of several portions.
#[test]
fn of_several_chunks_that_fail_the_first_is_told_whoever_was_faster() {
    in_time(LIMIT, || {
        for fails in [true, false] {
            let (failed, read) = (Arc::new(Barrier::new(2)), Arc::new(AtomicUsize::new(0)));
            let rows = Arc::clone(&read);
            let x = matrix([8192, 1024], [4096, 1024], move |window| {
                if window.start()[0] >= 4096 {
                    failed.wait();
                    return Err(Error::new(ErrorKind::Failed, "the second"));
                }
                if rows.fetch_max(window.range(0).end, Ordering::Relaxed) == 0 {
                    failed.wait();
                    // Until the other has told of it.
                    std::thread::sleep(Duration::from_millis(50));
                }
                match window.range(0).end {
                    4096 if fails => Err(Error::new(ErrorKind::Failed, "the first")),
                    _ => Ok(()),
                }
            });
            let error = Settings::new().threads(2).compute(&x.sum()).unwrap_err();
            let first = if fails { "the first" } else { "the second" };
            assert_eq!((error.kind(), error.to_string()), (ErrorKind::Failed, first.into()));
            assert_eq!(read.load(Ordering::Relaxed), 4096, "the first goes on to its end");
        }
    });
}

/// The chunk and the array, where several chunks go together and several arrays are made.
#[test]
fn a_panic_names_its_chunk_and_its_array() {
    let x = matrix([16, 640], [16, 20], |_| Ok(()));
    let numbers = Array::from_fn([16, 640], [16, 20], |index| index[1] as f64);
    let one = Settings::new().threads(1);
    let wrong = (&x + &numbers.map(|column| if column == 271.0 { 0.0 } else { 1.0 })).map_named(
        "fussy",
        |x| {
            assert!(x > 1.0, "too small");
            x
        },
    );
    let line = wrong.sum();
    let error = one.compute_many((&x.max(), &line)).unwrap_err();
    let sentence = error.to_string();
    let expected = "chunk 13 of `max` and `sum`: array `fussy` panicked: too small";
    assert!(sentence.starts_with(expected), "{sentence}");
    // Of what is made of the elements.
    let folded = numbers.reduce_with(
        "most",
        &[0, 1],
        0.0,
        |most: f64, column| {
            assert!(column < 333.0, "too large");
            most.max(column)
        },
        f64::max,
        |most, _| most,
    );
    let error = one.compute(&folded).unwrap_err();
    let sentence = error.to_string();
    assert!(sentence.starts_with("chunk 16 of `most`: array `most` panicked: too"), "{sentence}");
    // What is read for all of them.
    let x = matrix([16, 640], [16, 20], |window| {
        assert!(window.start()[1] < 320, "torn");
        Ok(())
    });
    let error = one.compute(&x.sum()).unwrap_err();
    let sentence = error.to_string();
    assert!(
        sentence.starts_with("chunks 16 to 23 of `sum`: array `source` panicked"),
        "{sentence}"
    );
}

#[test]
fn who_is_told_of_progress_may_panic() {
    in_time(LIMIT, || {
        let settings = Settings::new().threads(2).progress(|_, _| panic!("it shall panic"));
        let error = settings.compute(&source(|_| Ok(())).sum()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Panicked);
        assert!(error.to_string().contains("progress panicked: it shall panic"), "{error}");
    });
}

#[test]
fn progress_of_an_array_goes_up_to_the_end() {
    let x = Array::from_fn([1000, 10], 10, |index| index[0] as f64);
    let expression = (&x - &x.mean_axis(0)).sum();
    for threads in [1, 3] {
        let told = Arc::new(Mutex::new(vec![]));
        let list = Arc::clone(&told);
        let settings = Settings::new()
            .threads(threads)
            .progress(move |done, all| list.lock().unwrap().push((done, all)));
        let all = settings.plan(&expression).unwrap().tasks();
        settings.compute(&expression).unwrap();
        let told = told.lock().unwrap();
        assert!(told.is_sorted_by(|a, b| a.0 < b.0) && told.iter().all(|told| told.1 == all));
        assert_eq!(told.last(), Some(&(all, all)));
    }
}

/// A result that counts how many there are.
struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn new(alive: &Arc<AtomicUsize>) -> Self {
        alive.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(alive))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Tasks of which some panic, fail or cancel while others are slow: with a cap and without.
#[test]
fn tasks_that_fail_while_others_run_leave_nothing() {
    in_time(LIMIT, || {
        for (fault, cap) in
            [0, 1, 2].into_iter().flat_map(|fault| [(fault, None), (fault, Some(40))])
        {
            let (alive, cancel) = (Arc::new(AtomicUsize::new(0)), Cancel::new());
            let part = |number: usize| {
                let (alive, token) = (Arc::clone(&alive), cancel.clone());
                let task = try_delayed(move || {
                    // Others run meanwhile, and fail as well.
                    std::thread::sleep(Duration::from_millis(1));
                    match (number % 5 == 4, fault) {
                        (true, 0) => panic!("it shall panic"),
                        (true, 1) => return Err("it shall fail"),
                        (true, _) => token.cancel(),
                        _ => {}
                    }
                    Ok(Counted::new(&alive))
                });
                task.named("part").bytes(10)
            };
            let parts: Vec<Delayed<Counted>> = (0..50).map(part).collect();
            let of = Arc::clone(&alive);
            let last =
                Delayed::reduce(&parts, move |_, _| Counted::new(&of)).unwrap().named("last");
            let settings = Settings::new().threads(2).cancel(&cancel);
            let least = settings.minimum_memory(&last).unwrap();
            let settings = cap.map_or(settings.clone(), |more| settings.memory(least + more));
            let error = settings.compute(&last).map(drop).unwrap_err();
            let kinds = [ErrorKind::Panicked, ErrorKind::Failed, ErrorKind::Cancelled];
            assert_eq!(error.kind(), kinds[fault], "{error}");
            assert!(fault == 2 || error.to_string().starts_with("task `part` "), "{error}");
            assert_eq!(alive.load(Ordering::Relaxed), 0);
        }
    });
}

#[test]
fn an_array_that_fails_leaves_the_tasks_beside_it_alone() {
    let runs = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&runs);
    let task = delayed(move || count.fetch_add(1, Ordering::Relaxed));
    let error = Settings::new().compute_many((&source(|_| Err(broken())), &task)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    assert_eq!(runs.load(Ordering::Relaxed), 0);
}
