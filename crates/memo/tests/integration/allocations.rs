//! What a call costs in allocations, counted.

use allocation_counter::measure;
use tenfold_memo::Memo;

/// Allocations of a call.
fn count(call: impl FnOnce()) -> u64 {
    measure(call).count_total
}

#[test]
fn a_hit_allocates_nothing() {
    let memo: Memo<(String, u32), usize> = Memo::new(8);
    let local = Memo::<(String, Vec<u64>), usize>::builder().maxsize(8).build_local();
    let text = "a text that is too long to lie anywhere but on the heap";
    let call = || assert_eq!(memo.get_or_insert_with((text, 3), || text.len()), 55);
    let call_local =
        || assert_eq!(local.get_or_insert_with((text, &[1, 2][..]), || text.len()), 55);
    assert!(count(call) > 0 && count(call_local) > 0, "the first makes the key");
    assert_eq!((count(call), count(call_local)), (0, 0));
}

/// What is full takes the place of what goes.
#[test]
fn a_miss_of_a_full_memo_of_numbers_allocates_nothing() {
    for single_flight in [false, true] {
        let memo: Memo<u64, u64> =
            Memo::builder().maxsize(100).single_flight(single_flight).build();
        let fill = |keys: std::ops::Range<u64>| {
            keys.for_each(|n| assert_eq!(memo.get_or_insert_with(n, || n), n));
        };
        fill(0..1000);
        assert_eq!(count(|| fill(1000..2000)), 0);
        assert_eq!((memo.info().misses, memo.info().currsize), (2000, 100));
    }
}
