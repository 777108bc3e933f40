//! What is opened, allocated and given up many times.

use std::error::Error as _;
use std::pin::Pin;
use std::process::Command;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tenfold_gpu::ndarray::Array;
use tenfold_gpu::{Device, ErrorKind, OnDevice as _, Select, Settings, devices};
use tenfold_kernel::kernel;

use crate::device::{device, select};

#[kernel]
fn add(x: f32, y: f32) -> f32 {
    x + y
}

fn open_and_close(times: usize) {
    if device("devices_open_and_close").is_none() {
        return;
    }
    for _ in 0..times {
        let device = Device::open(select()).unwrap();
        let x = device.upload(&Array::from_elem(1000, 1.5_f32)).unwrap();
        // What is under way when the last clone goes.
        drop(device);
        let sum = add::on(x.device()).map((&x, &x)).unwrap();
        drop(sum.read().unwrap());
    }
}

#[test]
fn devices_open_and_close() {
    open_and_close(10);
}

#[test]
#[ignore = "long: a minute or more on a software device"]
fn devices_open_and_close_a_thousand_times() {
    open_and_close(200);
    let before = resident_bytes();
    open_and_close(800);
    let more = resident_bytes().saturating_sub(before);
    assert!(more < 80 << 20, "{more} bytes more after 800 devices");
}

/// Bytes of this process that are in memory; 0 where the system does not say.
fn resident_bytes() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let resident = pages.split_whitespace().nth(1).and_then(|pages| pages.parse::<usize>().ok());
    resident.unwrap_or(0) * 4096
}

/// Numbers that look random, the same each time.
fn numbers() -> impl Iterator<Item = usize> {
    let mut state = 12345_u64;
    std::iter::repeat_with(move || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 40).unwrap_or(0)
    })
}

fn allocate(times: usize) {
    if device("allocations_stay_under_the_budget").is_none() {
        return;
    }
    let settings = Settings::new().memory_bytes(8 << 20);
    let device = Device::open_with(select(), &settings).unwrap();
    let mut numbers = numbers();
    let mut next = || numbers.next().unwrap_or(0);
    let mut held = vec![];
    let mut refused = 0;
    for i in 0..times {
        let len = next() % (1 << (next() % 19));
        match device.upload(&Array::from_elem(len, i as f32)) {
            Ok(array) => held.push((array, i as f32, len)),
            Err(error) => {
                assert!(matches!(error.kind(), ErrorKind::OutOfMemory { .. }), "{error}");
                refused += 1;
                held.drain(..held.len() / 2);
            }
        }
        if !held.is_empty() && next() % 3 == 0 {
            let (array, value, len) = held.swap_remove(next() % held.len());
            if next() % 16 == 0 {
                assert_eq!(array.to_array().unwrap(), Array::from_elem(len, value));
            }
        }
        let memory = device.memory();
        assert!(memory.in_use_bytes + memory.kept_bytes <= 8 << 20, "{memory:?}");
    }
    assert!(refused > 0 || times < 1000);
    for (array, value, len) in held {
        assert_eq!(array.to_array().unwrap(), Array::from_elem(len, value));
        drop(array);
    }
    assert_eq!(device.memory().in_use_bytes, 0);
    device.trim();
    assert_eq!(device.memory().kept_bytes, 0);
}

#[test]
fn allocations_of_any_size_stay_under_the_budget() {
    allocate(500);
}

#[test]
#[ignore = "long: half a minute or more on a software device"]
fn ten_thousand_allocations_stay_under_the_budget() {
    allocate(10_000);
}

#[test]
fn reads_can_be_given_up_at_any_time() {
    let Some(device) = device("reads_can_be_given_up_at_any_time") else { return };
    let host = Array::from_shape_fn(200_000, |i| i as f32);
    let x = device.upload(&host).unwrap();
    let mut reads: Vec<_> = (0..20).map(|_| x.read().unwrap()).collect();
    reads.truncate(5);
    drop(x);
    for (i, mut read) in reads.into_iter().enumerate() {
        // The same memory is written again meanwhile.
        let other = device.upload(&(&host * 2.0)).unwrap();
        let read = match i {
            0 => match read.wait(Duration::ZERO) {
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::Timeout);
                    read.wait(Duration::from_secs(60)).unwrap()
                }
                Ok(array) => array,
            },
            _ => read.wait(Duration::from_secs(60)).unwrap(),
        };
        assert_eq!(read, host);
        drop(other);
    }
    device.wait(Duration::from_secs(60)).unwrap();
}

#[test]
fn large_arrays_travel_in_pieces() {
    let Some(device) = device("large_arrays_travel_in_pieces") else { return };
    let host = Array::from_iter(0..11_u32 << 20).into_shape_with_order((11, 1 << 20)).unwrap();
    let x = device.upload(&host).unwrap();
    let y = device.upload(&(&host + 1)).unwrap();
    assert_eq!(x.to_array().unwrap(), host);
    assert_eq!(y.to_array().unwrap(), host + 1);
}

#[test]
fn threads_share_a_device() {
    let Some(device) = device("threads_share_a_device") else { return };
    std::thread::scope(|scope| {
        for i in 0..4 {
            let device = device.clone();
            scope.spawn(move || {
                for j in 0..50 {
                    let value = (i * 100 + j) as f32;
                    let x = device.upload(&Array::from_elem(1000 + i, value)).unwrap();
                    let sum = add::on(&device).map((&x, 1.0)).unwrap();
                    let sum = add::on(&device).map((&sum, &x)).unwrap();
                    assert_eq!(sum.to_array().unwrap()[999], 2.0 * value + 1.0);
                }
            });
        }
    });
}

/// Waits that run out while other threads empty the queue lose neither the device nor the work.
#[test]
fn threads_wait_with_little_time() {
    let Some(device) = device("threads_wait_with_little_time") else { return };
    std::thread::scope(|scope| {
        for i in 0..16_u32 {
            let device = device.clone();
            scope.spawn(move || {
                for j in 0..100 {
                    let x = device.upload(&Array::from_elem(100, i * 1000 + j)).unwrap();
                    let time = Duration::from_micros(u64::from((i + j) % 4) * 5);
                    let in_time = |error: &tenfold_gpu::Error| error.kind() == ErrorKind::Timeout;
                    assert!(device.wait(time).err().as_ref().is_none_or(in_time));
                    let mut back = x.read().unwrap();
                    let read = loop {
                        match back.wait(time) {
                            Err(error) if in_time(&error) => {}
                            read => break read.unwrap(),
                        }
                    };
                    assert_eq!(read[99], i * 1000 + j);
                }
            });
        }
    });
}

const CHILD: &str = "TENFOLD_GPU_TEST_WITHOUT_DRIVER";

/// In a process of its own, for which there is no driver.
#[test]
fn an_absent_driver_is_an_error() {
    if std::env::var_os(CHILD).is_some() {
        assert!(devices().unwrap().is_empty());
        let error = Device::open(Select::best().allow_software(true)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NoAdapter);
        let says = "no adapter for the best one: no Vulkan driver has one";
        assert!(error.to_string().starts_with(says), "{error}");
        return;
    }
    let ran = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "lifetimes::an_absent_driver_is_an_error"])
        .env(CHILD, "1")
        .env("VK_DRIVER_FILES", "/nonexistent/icd.json")
        .env("VK_ICD_FILENAMES", "/nonexistent/icd.json")
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stdout));
    assert!(String::from_utf8_lossy(&ran.stdout).contains("1 passed"));
}

const NO_THREADS: &str = "TENFOLD_GPU_TEST_WITHOUT_THREADS";

/// In a process of its own, whose threads are to have more stack than any memory.
#[test]
fn a_read_that_no_thread_can_watch_is_an_error() {
    if std::env::var_os(NO_THREADS).is_some() {
        assert!(std::thread::Builder::new().spawn(|| ()).is_err());
        await_without_threads();
        return;
    }
    if device("a_read_that_no_thread_can_watch_is_an_error").is_none() {
        return;
    }
    let ran = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "lifetimes::a_read_that_no_thread_can_watch_is_an_error"])
        .args(["--test-threads", "1"])
        .env(NO_THREADS, "1")
        .env("RUST_MIN_STACK", (1_u64 << 60).to_string())
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stdout));
    assert!(String::from_utf8_lossy(&ran.stdout).contains("1 passed"));
}

fn await_without_threads() {
    let device = Device::open(select()).unwrap();
    let x = device.upload(&Array::from_elem(1 << 20, 1.5_f32)).unwrap();
    // Where the device is done before it is asked, nobody has to watch.
    for _ in 0..1000 {
        let sums: Vec<_> = (0..20).map(|_| add::on(&device).map((&x, &x)).unwrap()).collect();
        let mut back = sums[19].read().unwrap();
        let mut context = Context::from_waker(Waker::noop());
        match Pin::new(&mut back).poll(&mut context) {
            Poll::Ready(Ok(_)) => {}
            Poll::Ready(Err(error)) => {
                assert_eq!(error.kind(), ErrorKind::Driver, "{error}");
                assert!(error.source().is_some());
                let there = back.wait(Duration::from_secs(60)).unwrap();
                assert_eq!(there, Array::from_elem(1 << 20, 3.0));
                return;
            }
            Poll::Pending => panic!("nobody watches"),
        }
    }
    panic!("the device was always done at once");
}
