//! What messages between ranks that are threads cost. What arrives is checked before it is timed.
//!
//! A round trip counts as two messages, so that the times are one way.

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use tenfold_comm::{Communicator, Error, Sum, ThreadComm, World};

const SIZES: [usize; 4] = [8, 1 << 10, 64 << 10, 4 << 20];

/// Times a program on so many ranks; the time is rank 0's.
fn timed(
    ranks: usize,
    count: u64,
    program: impl Fn(&ThreadComm, u64) -> Result<(), Error> + Sync,
) -> Duration {
    let times = World::threads(ranks).run(|world| {
        // Both are awake, and their memory is there.
        program(world, 2)?;
        world.barrier()?;
        let start = Instant::now();
        program(world, count)?;
        Ok::<_, Error>(start.elapsed())
    });
    times.expect("nobody fails")[0]
}

/// There and back so often; each time one number changes.
fn ping_pong(world: &ThreadComm, bytes: usize, rounds: u64) -> Result<(), Error> {
    let mut buffer = vec![0_u64; bytes / 8];
    for round in 0..rounds {
        if world.rank() == 0 {
            buffer[0] = round;
            world.send(&buffer, 1, 0)?;
            world.recv(&mut buffer, 1, 1)?;
            assert_eq!(buffer[0], round + 1);
        } else {
            world.recv(&mut buffer, 0, 0)?;
            buffer[0] += 1;
            world.send(&buffer, 0, 1)?;
        }
    }
    Ok(())
}

fn allreduce(world: &ThreadComm, bytes: usize, rounds: u64) -> Result<(), Error> {
    let (mine, mut sum) = (vec![1_u64; bytes / 8], vec![0; bytes / 8]);
    for _ in 0..rounds {
        world.allreduce(&mine, &mut sum, Sum)?;
        assert_eq!(sum[0], world.size() as u64);
    }
    Ok(())
}

fn messages(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("comm/one way");
    for bytes in SIZES {
        group.throughput(Throughput::Bytes(bytes as u64));
        group.bench_function(BenchmarkId::new("message", bytes), |bencher| {
            bencher.iter_custom(|count| {
                let rounds = count.div_ceil(2);
                let time = timed(2, rounds, |world, rounds| ping_pong(world, bytes, rounds));
                time.mul_f64(count as f64 / (2 * rounds) as f64)
            });
        });
        // What a message cannot be faster than, once it is too large for a cache.
        let (from, mut to) = (vec![1_u64; bytes / 8], vec![0_u64; bytes / 8]);
        group.bench_function(BenchmarkId::new("memcpy", bytes), |bencher| {
            bencher.iter(|| black_box(&mut to).copy_from_slice(black_box(&from)));
        });
    }
    group.finish();
}

fn collectives(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("comm/collective");
    for ranks in [2, 4] {
        group.bench_function(BenchmarkId::new("barrier", ranks), |bencher| {
            bencher.iter_custom(|count| {
                timed(ranks, count, |world, count| (0..count).try_for_each(|_| world.barrier()))
            });
        });
        for bytes in [8, 4 << 20] {
            let id = BenchmarkId::new(format!("allreduce {bytes}"), ranks);
            group.bench_function(id, |bencher| {
                bencher.iter_custom(|count| {
                    timed(ranks, count, |world, count| allreduce(world, bytes, count))
                });
            });
        }
    }
    group.finish();
}

fn worlds(criterion: &mut Criterion) {
    criterion.bench_function("comm/world of 2", |bencher| {
        bencher.iter(|| World::threads(2).run(|world| Ok::<_, Error>(world.rank())));
    });
}

criterion_group!(benches, messages, collectives, worlds);
criterion_main!(benches);
