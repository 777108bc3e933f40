//! Micro-benchmarks of tenfold-memo. An answer is checked before it is timed.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use tenfold_memo::Memo;

fn hits(c: &mut Criterion) {
    let memo: Memo<u64, u64> = Memo::new(10_000);
    assert_eq!(memo.get_or_insert_with(7, || 49), 49);
    assert_eq!(memo.get_or_insert_with(7, || 50), 49);
    c.bench_function("memo/hit", |b| b.iter(|| memo.get_or_insert_with(black_box(7), || 50)));
}

criterion_group!(benches, hits);
criterion_main!(benches);
