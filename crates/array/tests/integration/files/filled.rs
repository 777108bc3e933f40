//! Files that are whole: each element of them was written, once.

#![expect(clippy::single_range_in_vec_init, reason = "windows of one axis")]

use std::fs;
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use proptest::prelude::*;
use tenfold_array::{
    Array, ByteOrder, Chunks, ErrorKind, NpyFile, NpyWriter, NpzWriter, RawWriter, Result,
    Settings, Target, Window,
};

use super::whole;

/// Windows of the right sum, of which two overlap and one is missing.
#[test]
fn holes_are_not_published() {
    fn fill(target: &dyn Target<u8>) {
        target.write(&Window::new(&[0..2, 0..3]), &[1; 6]).unwrap();
        let error = target.write(&Window::new(&[1..3, 2..4]), &[2; 4]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Value);
        let told = error.to_string();
        let begin = "argument `window` is [1..3, 2..4], but element [1, 2] of ";
        assert!(told.starts_with(begin) && told.ends_with(" has come before"), "{told}");
        target.write(&Window::new(&[2..4, 0..4]), &[3; 8]).unwrap();
        target.write(&Window::new(&[0..1, 3..4]), &[4]).unwrap();
    }
    fn refused(result: Result<()>) {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Data);
        let told = error.to_string();
        let end = " has shape [4, 4], but element [1, 3] was not written";
        assert!(told.ends_with(end), "{told}");
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    let npy = NpyWriter::create(&path, &[4, 4]).unwrap();
    fill(&npy);
    refused(npy.finish());
    let raw = RawWriter::create(&path, &[4, 4], ByteOrder::Native).unwrap();
    fill(&raw);
    refused(raw.finish());
    let npz = NpzWriter::create(&path).unwrap();
    fill(&npz.array("x", &[4, 4]).unwrap());
    refused(npz.finish());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    // What was there first is what is kept.
    let npy = NpyWriter::create(&path, &[4, 4]).unwrap();
    fill(&npy);
    npy.write(&Window::new(&[1..2, 3..4]), &[5]).unwrap();
    npy.finish().unwrap();
    let found = whole(&NpyFile::<u8>::open(&path).unwrap());
    let must = [[1, 1, 1, 4], [1, 1, 1, 5], [3; 4], [3; 4]];
    assert_eq!(found, ndarray::arr2(&must).into_dyn());
}

/// Of several threads that come with the same element, one writes it.
#[test]
fn one_of_several_threads_writes_an_element() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.npy");
    let writer = NpyWriter::<u64>::create(&path, &[64]).unwrap();
    let (barrier, refused) = (Barrier::new(4), AtomicUsize::new(0));
    thread::scope(|scope| {
        for thread in 0..4 {
            let (writer, barrier, refused) = (&writer, &barrier, &refused);
            scope.spawn(move || {
                barrier.wait();
                for at in 0..64 {
                    if writer
                        .write(&Window::new(&[at..at + 1]), &[(1000 * thread + at) as u64])
                        .is_err()
                    {
                        refused.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    assert_eq!(refused.into_inner(), 3 * 64);
    writer.finish().unwrap();
    let found = whole(&NpyFile::<u64>::open(&path).unwrap());
    assert!(found.iter().enumerate().all(|(at, &x)| x % 1000 == at as u64), "{found}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Any chunks of any shape, in any order; and all of them but one.
    #[test]
    fn any_order_is_whole(
        shape in prop::collection::vec(1..7_usize, 0..4),
        sizes in prop::collection::vec(1..4_usize, 3),
        order in any::<prop::sample::Index>(),
        left_out in prop::option::of(any::<prop::sample::Index>()),
        step in 1..100_usize,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.npy");
        let chunks = Chunks::even(&shape, &sizes[..shape.len()]).unwrap();
        let count = chunks.count();
        // Each once: a step that has no divisor with the count.
        let step = (step..).find(|&step| gcd(step, count) == 1).unwrap();
        let left_out = left_out.map(|at| at.index(count));
        let writer = NpyWriter::<u64>::create(&path, &shape).unwrap();
        for i in 0..count {
            let number = (order.index(count) + i * step) % count;
            if Some(number) != left_out {
                let window = chunks.window(number);
                writer.write(&window, &vec![number as u64; window.len()]).unwrap();
                prop_assert!(writer.write(&window, &vec![7; window.len()]).is_err());
            }
        }
        let finished = writer.finish();
        match left_out {
            None => {
                finished.unwrap();
                let found = whole(&NpyFile::<u64>::open(&path).unwrap());
                let sum: u64 = (0..count).map(|i| (i * chunks.window(i).len()) as u64).sum();
                prop_assert_eq!(found.sum(), sum);
            }
            Some(number) => {
                let told = finished.unwrap_err().to_string();
                let must = format!("element {:?} was not written", chunks.window(number).start());
                prop_assert!(told.ends_with(&must), "{}", told);
                prop_assert!(!path.exists());
            }
        }
    }
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// What a computation writes is whole, whatever its chunks and threads.
#[test]
fn computations_fill_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.npy");
    for (chunk, threads) in [([7, 11], 1), ([50, 1], 3), ([1, 60], 4)] {
        let x = Array::from_fn([50, 60], chunk, |at| (60 * at[0] + at[1]) as i64);
        let writer = NpyWriter::<i64>::create(&path, &[50, 60]).unwrap();
        Settings::new().threads(threads).store(&(&x + 1), &writer).unwrap();
        writer.finish().unwrap();
        let found = whole(&NpyFile::<i64>::open(&path).unwrap());
        assert!(found.iter().copied().eq(1..3001), "{chunk:?}");
    }
}
