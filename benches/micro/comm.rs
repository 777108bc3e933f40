//! What messages between ranks that are threads cost. What arrives is checked before it is timed.
//!
//! A round trip counts as two messages, so that the times are one way.

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use tenfold_comm::ndarray::Array2;
use tenfold_comm::{
    Cartesian, Communicator, Error, ExactReductions, ExactSum, Halo, Lock, NonblockingCollectives,
    OneSided, Sum, Target, ThreadComm, World,
};

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

/// Work that one rank does: a sum, as floats are added.
fn work(numbers: &[f64]) -> f64 {
    black_box(numbers).iter().sum()
}

/// An allreduce of 64 KiB and work, one after the other or at the same time.
fn allreduce_and_work(world: &ThreadComm, rounds: u64, meanwhile: bool) -> Result<(), Error> {
    let (mut mine, mut sum) = (vec![1_u64; 8 << 10], vec![0; 8 << 10]);
    let numbers = vec![0.5; 20_000];
    for _ in 0..rounds {
        if meanwhile {
            let open = world.iallreduce(mine, sum, Sum)?;
            assert_eq!(work(&numbers), 10_000.0);
            sum = open.wait()?;
            mine = vec![1; 8 << 10];
        } else {
            world.allreduce(&mine, &mut sum, Sum)?;
            assert_eq!(work(&numbers), 10_000.0);
        }
        assert_eq!(sum[0], world.size() as u64);
    }
    Ok(())
}

fn overlap(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("comm/allreduce 65536 and work");
    for (name, meanwhile) in [("then", false), ("meanwhile", true)] {
        group.bench_function(BenchmarkId::new(name, 2), |bencher| {
            bencher.iter_custom(|count| {
                timed(2, count, |world, count| allreduce_and_work(world, count, meanwhile))
            });
        });
    }
    group.finish();
}

type Place<'w, 'c> = Target<'w, 'c, ThreadComm, u64>;

/// Rank 0 locks a part of rank 1 so often, which does nothing meanwhile.
fn lock(
    world: &ThreadComm,
    rounds: u64,
    lock: Lock,
    body: impl Fn(&Place<'_, '_>, u64) -> Result<(), Error>,
) -> Result<u64, Error> {
    let mut window = world.window(&[0; 128])?;
    if world.rank() == 0 {
        for round in 0..rounds {
            window.lock(1, lock, |target| body(target, round))?;
        }
    }
    Ok(window.free()?[0])
}

fn put(world: &ThreadComm, rounds: u64) -> Result<(), Error> {
    let first = lock(world, rounds, Lock::Exclusive, |target, round| target.put(&[round; 128], 0))?;
    assert_eq!(first, if world.rank() == 1 { rounds - 1 } else { 0 });
    Ok(())
}

fn fetch_and_op(world: &ThreadComm, rounds: u64) -> Result<(), Error> {
    let first = lock(world, rounds, Lock::Shared, |target, round| {
        assert_eq!(target.fetch_and_op(1, 0, Sum)?, round);
        Ok(())
    })?;
    assert_eq!(first, if world.rank() == 1 { rounds } else { 0 });
    Ok(())
}

/// Each rank writes 1 KiB of its own, then reads what the other has.
fn publish_and_edit(world: &ThreadComm, rounds: u64) -> Result<(), Error> {
    let mut window = world.shared_window(&[0; 128])?;
    for round in 0..rounds {
        window.own().fill(round);
        let view = window.publish()?;
        assert_eq!(view.part(1 - world.rank())?[127], round);
        window = view.edit()?;
    }
    window.free()
}

/// What ranks do so often.
type Program = fn(&ThreadComm, u64) -> Result<(), Error>;

fn windows(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("comm/window");
    let programs: [(_, Program); 3] = [
        ("lock and put 1024", put),
        ("lock and fetch_and_op", fetch_and_op),
        ("publish and edit 1024", publish_and_edit),
    ];
    for (name, program) in programs {
        group.bench_function(BenchmarkId::new(name, 2), |bencher| {
            bencher.iter_custom(|count| timed(2, count, program));
        });
    }
    group.finish();
}

/// A block of 200 times 200 on a torus of 2 times 2, with one layer of ghosts.
fn exchange(world: &ThreadComm, rounds: u64, is_star: bool) -> Result<(), Error> {
    let torus = Cartesian::new(&[2, 2], &[true; 2])?;
    let halo = Halo::new(&torus, world.rank(), &[1, 1])?;
    let mut halo = if is_star { halo.star() } else { halo };
    let mut block = Array2::from_elem((202, 202), world.rank() as f64);
    for _ in 0..rounds {
        halo.exchange(world, block.view_mut())?;
    }
    // The other rank of the column, and of the row.
    let (above, left) = (world.rank() ^ 2, world.rank() ^ 1);
    assert_eq!((block[[0, 100]], block[[100, 0]]), (above as f64, left as f64));
    Ok(())
}

fn halos(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("comm/halo of 200 x 200");
    for (name, is_star) in [("corners", false), ("star", true)] {
        group.bench_function(BenchmarkId::new(name, 4), |bencher| {
            bencher.iter_custom(|count| {
                timed(4, count, |world, count| exchange(world, count, is_star))
            });
        });
    }
    group.finish();
}

/// Sums of 10,000 numbers of both signs, exact and not.
fn sums(criterion: &mut Criterion) {
    let numbers: Vec<f64> = (0..10_000).map(|n| f64::from(n * 7919 % 10_007) - 5000.5).collect();
    let must = numbers.iter().sum::<f64>();
    let one_by_one = |numbers: &[f64]| {
        let mut sum = ExactSum::new();
        numbers.iter().for_each(|&number| sum.add(number));
        sum.value()
    };
    // Multiples of a half, of which floats lose nothing.
    assert_eq!([ExactSum::of(&numbers).value(), one_by_one(&numbers)], [must; 2]);
    let mut group = criterion.benchmark_group("comm/sum of 10000");
    group.throughput(Throughput::Elements(numbers.len() as u64));
    group.bench_function("floats", |bencher| {
        bencher.iter(|| black_box(&numbers).iter().sum::<f64>());
    });
    group.bench_function("exact", |bencher| {
        bencher.iter(|| ExactSum::of(black_box(&numbers)).value());
    });
    group.bench_function("exact, one by one", |bencher| {
        bencher.iter(|| one_by_one(black_box(&numbers)));
    });
    group.bench_function(BenchmarkId::new("exact, of ranks", 2), |bencher| {
        bencher.iter_custom(|count| {
            timed(2, count, |world, count| {
                let mine = &numbers[5000 * world.rank()..][..5000];
                for _ in 0..count {
                    assert_eq!(world.sum_exact(black_box(mine))?, must);
                }
                Ok(())
            })
        });
    });
    group.finish();
}

fn worlds(criterion: &mut Criterion) {
    criterion.bench_function("comm/world of 2", |bencher| {
        bencher.iter(|| World::threads(2).run(|world| Ok::<_, Error>(world.rank())));
    });
}

criterion_group!(benches, messages, collectives, overlap, windows, halos, sums, worlds);
criterion_main!(benches);
