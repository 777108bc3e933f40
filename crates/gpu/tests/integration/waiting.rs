//! Waiting for a device by many threads and by futures.

use std::fs;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use tenfold_gpu::ndarray::{Array, Array1, Ix1};
use tenfold_gpu::{Device, DeviceArray, ErrorKind, OnDevice as _, ReadBack};
use tenfold_kernel::kernel;

use crate::device::{device, select};

const LONG: Duration = Duration::from_secs(60);

#[kernel]
fn add(x: f32, y: f32) -> f32 {
    x + y
}

/// Waits without any time, again and again, beside threads whose work comes and goes: what was under way when one
/// of them looked is often gone, and told to another, before it looks again.
#[test]
fn threads_wait_without_any_time() {
    let Some(device) = device("threads_wait_without_any_time") else { return };
    let x = device.upload(&Array::from_elem(20_000, 1.5_f32)).unwrap();
    let busy = AtomicUsize::new(4);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..250 {
                    drop(add::on(&device).map((&x, &x)).unwrap());
                    device.wait(LONG).unwrap();
                }
                busy.fetch_sub(1, Ordering::Relaxed);
            });
        }
        for _ in 0..12 {
            scope.spawn(|| {
                while busy.load(Ordering::Relaxed) > 0 {
                    let waited = device.wait(Duration::ZERO);
                    let in_time = |error: &tenfold_gpu::Error| error.kind() == ErrorKind::Timeout;
                    assert!(waited.as_ref().err().is_none_or(in_time), "{waited:?}");
                }
            });
        }
    });
}

/// Wakes a thread.
struct Woken(Thread);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

impl Woken {
    fn new() -> Arc<Self> {
        Arc::new(Self(thread::current()))
    }
}

/// Threads of this process that wait for a device; none where the system does not say.
fn waiting_threads() -> usize {
    let tasks = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let names = tasks.filter_map(|task| fs::read_to_string(task.path().join("comm")).ok());
    names.filter(|name| name.trim() == "tenfold-gpu").count()
}

/// A sum that takes the device some time.
fn long_sum(device: &Device) -> DeviceArray<f32, Ix1> {
    let x = device.upload(&Array::from_elem(1 << 20, 0.5_f32)).unwrap();
    (0..100).fold(x.clone(), |sum, _| add::on(device).map((&sum, &x)).unwrap())
}

type Read = ReadBack<f32, Ix1>;

fn ask(read: &mut Read, waker: &Waker) -> Option<Array1<f32>> {
    match Pin::new(read).poll(&mut Context::from_waker(waker)) {
        Poll::Ready(array) => Some(array.unwrap()),
        Poll::Pending => None,
    }
}

#[test]
fn a_thousand_awaits_take_one_thread() {
    if device("a_thousand_awaits_take_one_thread").is_none() {
        return;
    }
    // Of its own, for which nobody else waits.
    let device = Device::open(select()).unwrap();
    let before = waiting_threads();
    let sum = long_sum(&device);
    let woken = Woken::new();
    let waker = Waker::from(Arc::clone(&woken));
    let begin = |i| sum.slice(tenfold_gpu::ndarray::s![i..i + 3]).unwrap().read().unwrap();
    let asked = |mut read: Read| ask(&mut read, &waker).is_none().then_some(read);
    let mut pending: Vec<Read> = (0..1000).map(begin).filter_map(asked).collect();
    // Those of other tests may come and go.
    let more = waiting_threads().saturating_sub(before);
    assert!(more <= 8, "{more} threads wait for {} reads", pending.len());
    while !pending.is_empty() {
        thread::park();
        pending.retain_mut(|read| match ask(read, &waker) {
            Some(array) => {
                assert_eq!(array, Array::from_elem(3, 50.5));
                false
            }
            None => true,
        });
    }
}

#[test]
fn a_future_that_is_dropped_is_waited_for_no_more() {
    let Some(device) = device("a_future_that_is_dropped_is_waited_for_no_more") else { return };
    let sum = long_sum(&device);
    let woken = Woken::new();
    for _ in 0..20 {
        let mut read = sum.read().unwrap();
        drop(ask(&mut read, &Waker::from(Arc::clone(&woken))));
    }
    // The thread that wakes may have one of them in its hands, and no longer than that.
    let begun = Instant::now();
    while Arc::strong_count(&woken) > 1 {
        assert!(begun.elapsed() < LONG, "a waker of what was dropped is still kept");
        thread::sleep(Duration::from_millis(1));
    }
    assert_eq!(sum.to_array().unwrap()[7], 50.5);
}

/// Both go through memory of one size, and the first copy is done while the second is not.
#[test]
fn what_is_read_after_something_was_given_up_is_its_own() {
    let Some(device) = device("what_is_read_after_something_was_given_up_is_its_own") else {
        return;
    };
    for _ in 0..5 {
        let sum = long_sum(&device);
        drop(sum.read().unwrap());
        let more = |more, _| add::on(&device).map((&more, &sum)).unwrap();
        let more: DeviceArray<f32, Ix1> = (0..10).fold(sum.clone(), more);
        let mut read = more.read().unwrap();
        let found = loop {
            match read.wait(Duration::ZERO) {
                Err(error) if error.kind() == ErrorKind::Timeout => {}
                found => break found.unwrap(),
            }
        };
        assert_eq!(found[7], 11.0 * 50.5);
    }
}

struct Panics;

impl Wake for Panics {
    fn wake(self: Arc<Self>) {
        panic!("a waker of a test has it so");
    }
}

#[test]
fn a_waker_that_panics_is_nobody_elses_matter() {
    let Some(device) = device("a_waker_that_panics_is_nobody_elses_matter") else { return };
    let sum = long_sum(&device);
    let (mut first, mut second) = (sum.read().unwrap(), sum.read().unwrap());
    let woken = Woken::new();
    let waker = Waker::from(Arc::clone(&woken));
    drop(ask(&mut first, &Waker::from(Arc::new(Panics))));
    let array = loop {
        match ask(&mut second, &waker) {
            Some(array) => break array,
            None => thread::park(),
        }
    };
    assert_eq!(array[3], 50.5);
}
