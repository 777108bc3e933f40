//! What the metrics facade is told.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use metrics::{
    Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit,
    with_local_recorder,
};
use tenfold_memo::Memo;

/// Keeps what it is told, by name and label.
#[derive(Default)]
struct Kept(Mutex<BTreeMap<String, Arc<AtomicU64>>>);

impl Kept {
    fn cell(&self, key: &Key) -> Arc<AtomicU64> {
        let label = key.labels().next().unwrap();
        let name = format!("{} {}={}", key.name(), label.key(), label.value());
        Arc::clone(self.0.lock().unwrap().entry(name).or_default())
    }

    fn get(&self, name: &str) -> u64 {
        self.0.lock().unwrap()[&format!("{name} memo=squares")].load(Ordering::Relaxed)
    }
}

impl Recorder for Kept {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.cell(key))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(self.cell(key))
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

#[test]
fn counts_are_handed_on() {
    let (kept, memo) = (Kept::default(), Memo::<u64, u64>::new(2));
    for n in [1, 2, 3, 3] {
        memo.get_or_insert_with(n, || n * n);
    }
    for _ in 0..2 {
        with_local_recorder(&kept, || memo.info().emit("squares"));
    }
    assert_eq!((kept.get("tenfold_memo_hits"), kept.get("tenfold_memo_misses")), (1, 3));
    assert_eq!(kept.get("tenfold_memo_evictions"), 1);
    assert_eq!(f64::from_bits(kept.get("tenfold_memo_entries")), 2.0);
    assert_eq!(kept.0.lock().unwrap().len(), 12);
}
