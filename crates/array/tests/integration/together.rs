//! Arrays and tasks that are computed together, by one [`Settings`].

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tenfold_array::{Array, ErrorKind, Settings, delayed};

#[test]
fn arrays_and_tasks_stand_in_one_tuple() {
    let x = Array::arange(0..100_i64, 10);
    let task = delayed(|| vec![1, 2]);
    let settings = Settings::new().threads(0);
    let (sum, again, list, (most, count)) =
        settings.compute_many((&x.sum(), &task, &[x.max(), x.min()][..], (&task, &x))).unwrap();
    assert_eq!((sum.into_scalar(), again, most), (4950, vec![1, 2], vec![1, 2]));
    assert_eq!(list.into_iter().map(|each| each.into_scalar()).collect::<Vec<_>>(), [99, 0]);
    assert_eq!(count.len(), 100);
}

#[test]
fn a_cap_holds_for_both_together_and_nothing_runs_that_is_refused() {
    let runs = Arc::new(AtomicUsize::new(0));
    let (of_x, of_task) = (Arc::clone(&runs), Arc::clone(&runs));
    let x = Array::from_fn([1000], 1000, move |index| {
        of_x.fetch_add(1, Ordering::Relaxed);
        index[0] as f64
    });
    let task = delayed(move || of_task.fetch_add(1, Ordering::Relaxed)).bytes(50_000);
    let settings = Settings::new().threads(1).memory(60_000);
    for (array, cap) in [(true, 60_000), (false, 50_000)] {
        let settings = settings.clone().memory(cap);
        let alone = if array {
            settings.compute(&x).map(|x| x.len())
        } else {
            settings.compute(&task).map(|_| 1000)
        };
        assert_eq!(alone.unwrap(), 1000);
    }
    let before = runs.load(Ordering::Relaxed);
    // 8000 bytes are those of `x`, which is there when the task runs.
    let error = settings.clone().memory(57_999).compute_many((&x, &task)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Memory);
    assert!(error.to_string().contains("the cap is 49999"), "{error}");
    assert_eq!(runs.load(Ordering::Relaxed), before);
    assert!(settings.memory(58_000).compute_many((&x, &task)).is_ok());
}

#[test]
fn the_least_cap_is_the_least() {
    let x = Array::from_fn([500, 500], 100, |index| index[1] as f64);
    let mean = x.mean_axis(0);
    let settings = Settings::new().threads(2);
    let least = settings.minimum_memory(&mean).unwrap();
    assert!(settings.clone().memory(least).compute(&mean).is_ok());
    let error = settings.memory(least - 1).compute(&mean).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Memory);
}

#[test]
fn one_progress_is_told_of_both() {
    let x = Array::from_fn([100], 10, |index| index[0] as f64);
    let tasks: Vec<_> = (0..5).map(|n| delayed(move || n)).collect();
    let told = Arc::new(Mutex::new(vec![]));
    let list = Arc::clone(&told);
    let settings =
        Settings::new().progress(move |done, all| list.lock().unwrap().push((done, all)));
    settings.compute_many((&x, &tasks[..])).unwrap();
    let told = told.lock().unwrap();
    assert!(told.is_sorted_by(|a, b| a.0 < b.0), "{told:?}");
    assert!(told.iter().all(|&(_, all)| all == 15) && told.last() == Some(&(15, 15)), "{told:?}");
}
