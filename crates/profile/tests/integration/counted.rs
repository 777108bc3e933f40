//! Allocations, counted by the global allocator of this program.

use std::hint::black_box;

use tenfold_profile::{Session, profile, scope};

use crate::record_with;

#[profile]
fn buffer(bytes: usize) -> Vec<u8> {
    black_box(Vec::with_capacity(bytes))
}

#[test]
fn bytes_and_blocks_stand_with_the_scope_that_allocated_them() {
    let report = record_with(Session::builder().alloc(true), || {
        scope!("outer");
        let own: Vec<u8> = black_box(Vec::with_capacity(100));
        let others: Vec<Vec<u8>> = {
            scope!("list");
            (0..8).map(|_| buffer(1000)).collect()
        };
        drop((own, others));
    });
    let of = |name: &str| report.function(name).map(|f| (f.bytes(), f.blocks())).unwrap();
    assert_eq!(of("outer"), (100, 1));
    assert_eq!(of("buffer"), (8000, 8));
    // The list itself, whose length is known before.
    assert_eq!(of("list"), (8 * size_of::<Vec<u8>>() as u64, 1));
    assert!(report.to_string().contains("memory: "), "{report}");
    assert!(report.to_string().contains("blocks"), "{report}");
}

#[test]
fn scopes_that_are_open_at_the_end_have_their_bytes() {
    let _alone = crate::alone();
    let session = Session::builder().alloc(true).start().unwrap();
    scope!("open");
    let own: Vec<u8> = black_box(Vec::with_capacity(100));
    scope!("inside");
    let kept = [buffer(1000), black_box(Vec::with_capacity(10))];
    let report = session.finish();
    drop((own, kept));
    let of = |name: &str| report.function(name).map(|f| (f.bytes(), f.blocks())).unwrap();
    assert_eq!([of("open"), of("inside"), of("buffer")], [(100, 1), (10, 1), (1000, 1)]);
}

#[test]
fn what_was_released_and_allocated_before_is_less_than_nothing() {
    let _alone = crate::alone();
    let before = black_box(vec![1_u8; 64 << 20]);
    let session = Session::builder().alloc(true).start().unwrap();
    drop(before);
    let report = session.finish();
    assert!(report.live_bytes().unwrap() < -(60 << 20));
    assert!(report.to_string().contains(" MiB less than then at its end"), "{report}");
}

#[test]
fn the_peak_is_what_was_live_at_once() {
    let report = record_with(Session::builder().alloc(true), || {
        scope!("root");
        let first = buffer(16 << 20);
        let second = buffer(48 << 20);
        drop(first);
        drop(second);
        drop(buffer(32 << 20));
    });
    // Other tests' threads may allocate and release some, and theirs are counted too.
    let peak = report.peak_bytes().unwrap();
    assert!((63 << 20..65 << 20).contains(&peak), "{peak}");
    assert!(report.live_bytes().unwrap() < 1 << 20);
    if cfg!(target_os = "linux") {
        assert!(report.peak_resident_bytes().unwrap() > 1 << 20);
    }
}

#[test]
fn reallocation_counts_as_a_new_block_and_a_release() {
    let report = record_with(Session::builder().alloc(true), || {
        scope!("grow");
        let mut grown: Vec<u8> = black_box(Vec::with_capacity(1000));
        grown.reserve_exact(5000);
        black_box(&grown);
    });
    let grow = report.function("grow").unwrap();
    assert_eq!((grow.bytes(), grow.blocks()), (1000 + 5000, 2));
}

#[test]
fn what_nobody_released_is_listed_by_path() {
    const SIZE: u32 = (1 << 20) + 1;
    let report = record_with(Session::builder().leaks(true), || {
        scope!("root");
        {
            scope!("leaky");
            for _ in 0..3 {
                std::mem::forget(buffer(SIZE as usize));
            }
        }
        drop(buffer(9999));
    });
    let leaks = report.leaks().unwrap();
    let leak = leaks.iter().find(|leak| leak.bytes == 3 * u64::from(SIZE)).unwrap();
    assert_eq!((leak.blocks, leak.path.len()), (3, 3));
    assert_eq!((leak.path[0].as_str(), leak.path[1].as_str()), ("root", "leaky"));
    assert!(leak.path[2].ends_with("::buffer"), "{leak:?}");
    assert!(leaks.iter().all(|leak| leak.bytes != 9999));
    // Other tests' threads may have released some.
    assert!(report.live_bytes().unwrap() >= 3 * i64::from(SIZE) - (1 << 19));
}

#[test]
fn sessions_that_do_not_ask_do_not_count() {
    let report = crate::record(|| drop(buffer(10)));
    assert_eq!(report.function("buffer").unwrap().bytes(), 0);
    assert_eq!((report.peak_bytes(), report.leaks()), (None, None));
}
