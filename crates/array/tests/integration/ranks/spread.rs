//! Arrays that stay where their chunks are made.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ndarray::{Array2, ArrayD, IxDyn, array, s};
use tenfold_array::{
    Array, Border, Error, ErrorKind, NpyFile, NpyWriter, Random, Ranks, Result, Settings,
};
use tenfold_comm::World;

use super::on_ranks;
use crate::watchdog::in_time;

/// How many rows and columns, and as many elements a chunk has.
const ROWS: usize = 240;
const COLUMNS: usize = 240;
const CHUNK: usize = 40;

type Matrix = Array<f64, ndarray::Ix2>;

fn numbers() -> Matrix {
    Random::new(7).standard_normal([ROWS, COLUMNS], CHUNK)
}

fn one_thread() -> Settings {
    Settings::new().threads(1)
}

/// What several operations make of an array of more than 256 KiB.
pub(super) fn operations(x: &Matrix) -> Vec<Array<f64, IxDyn>> {
    let stencil = x.map_overlap(&[1, 1], Border::Wrap, |seen, _| {
        let (rows, columns) = seen.dim();
        let inner = |down: usize, right: usize| {
            seen.slice(s![down..rows - 2 + down, right..columns - 2 + right]).to_owned()
        };
        inner(0, 1) + inner(2, 1) + inner(1, 0) + inner(1, 2)
    });
    let all = [
        x + &x.t(),
        x - &x.mean_axis(0),
        x.rechunk([ROWS, 7]),
        x.slice(s![..;-3, 5..200;2]),
        stencil,
        x.cumsum(0),
        x.matmul(&x.t()),
    ];
    let mut all: Vec<Array<f64, IxDyn>> = all.into_iter().map(Array::into_dyn).collect();
    all.push(x.sum_axis(1).into_dyn());
    all.push(x.var(1.0).into_dyn());
    all.push((x - &x.mean()).map(|x| x * x).sum().into_dyn());
    all
}

pub(super) fn bits(x: &ArrayD<f64>) -> Vec<u64> {
    x.iter().map(|x| x.to_bits()).collect()
}

#[test]
fn operations_on_what_is_spread_have_the_same_bits() {
    let numbers = numbers();
    let whole = one_thread().persist(&numbers).unwrap();
    let expected: Vec<ArrayD<f64>> =
        operations(&whole).iter().map(|x| one_thread().compute(x).unwrap()).collect();
    for size in [2, 3, 7] {
        let results = on_ranks(size, &Settings::new().threads(2), |ranks| {
            let x = ranks.persist(&self::numbers())?;
            operations(&x).iter().map(|x| ranks.compute(x)).collect::<Result<Vec<_>>>()
        });
        for results in results {
            for (at, (own, expected)) in results.iter().zip(&expected).enumerate() {
                assert_eq!(bits(own), bits(expected), "operation {at} on {size} ranks");
            }
        }
    }
}

/// What all ranks send while they persist what is made of a persisted array.
fn sent(size: usize, of: impl Fn(&Matrix) -> Matrix + Sync) -> u64 {
    let sent = on_ranks(size, &one_thread(), |ranks| {
        let x = ranks.persist(&numbers())?;
        let before = ranks.sent();
        let kept = ranks.persist(&of(&x))?;
        let sent = ranks.sent().bytes - before.bytes;
        drop(kept);
        Ok(sent)
    });
    sent.iter().sum()
}

fn is_close(sent: u64, least: usize) {
    assert!(least as u64 <= sent, "{sent} of {least}");
    assert!(sent * 10 <= least as u64 * 11, "{sent} bytes, of which {least} are needed");
}

#[test]
fn no_more_is_sent_than_is_needed() {
    let size = 3;
    let element = size_of::<f64>();
    // The rows on both sides of two borders, and of the border that wraps.
    let stencil = sent(size, |x| {
        x.map_overlap(&[1, 0], Border::Wrap, |seen, _| {
            let rows = seen.nrows();
            seen.slice(s![..rows - 2, ..]).to_owned() + seen.slice(s![2.., ..])
        })
    });
    is_close(stencil, 2 * 3 * COLUMNS * element);
    // All but what stays on the diagonal.
    let rest = ROWS * COLUMNS - ROWS * COLUMNS / size;
    is_close(sent(size, |x| x + &x.t()), rest * element);
    is_close(sent(size, |x| x.rechunk([ROWS, CHUNK])), rest * element);
    assert_eq!(sent(size, |x| x * 2.0), 0, "what is where it is needed");
}

#[test]
fn many_small_chunks_are_read_as_one() {
    let len = 5000_u32;
    let all = on_ranks(3, &one_thread(), |ranks| {
        let x = ranks.persist(&Array::arange(0..len, 1))?;
        ranks.compute(&x.flip(0).rechunk([len as usize]).map(|x| x + 1))
    });
    assert!(all.iter().all(|x| x.iter().copied().eq((1..=len).rev())));
}

#[test]
fn one_rank_gets_all() {
    let expected = one_thread().compute(&numbers()).unwrap();
    let all = on_ranks(3, &one_thread(), |ranks| {
        let x = ranks.persist(&numbers())?;
        assert_eq!(ranks.compute_at(3, &x).unwrap_err().kind(), ErrorKind::Index);
        ranks.compute_at(1, &x)
    });
    assert_eq!(all, [None, Some(expected), None]);
}

/// A closure counts as another on each rank, and is the same program all the same.
#[test]
fn closures_of_lanes_are_the_same_on_all_ranks() {
    let sums = |ranks: &Ranks<'_>| {
        // One rank has made more arrays than the others before.
        let more = ranks.rank();
        (0..more).for_each(|_| drop(numbers().map(|x| x + 1.0)));
        let sums = numbers().apply_along_axis(0, 1, |lane| array![lane.sum()]);
        ranks.compute(&sums)
    };
    let all = on_ranks(3, &one_thread(), sums);
    assert!(all.iter().all(|one| *one == all[0]));
    assert_eq!(all[0].shape(), [1, ROWS]);
}

/// Each counts what it has kept, and what two have kept is not the same.
#[test]
fn two_groups_of_the_same_ranks_keep_each_their_own() {
    World::threads(2)
        .run(|world| {
            let (a, b) = (Ranks::new(world)?, Ranks::new(world)?);
            let ones = a.persist(&Array::<f64, _>::ones([4, 4], 2))?;
            let zeros = b.persist(&Array::<f64, _>::zeros([4, 4], 2))?;
            if let Ok(sum) = a.compute(&(&ones - &zeros).sum()) {
                assert_eq!(sum.into_scalar(), 16.0);
            }
            assert_eq!(b.compute(&zeros.sum())?.into_scalar(), 0.0);
            Ok::<_, Error>(())
        })
        .unwrap();
}

/// One rank asks for what is not there: all are told.
#[test]
fn a_root_that_is_none_on_one_rank_is_refused_on_all() {
    let told = on_ranks(3, &one_thread(), |ranks| {
        let root = if ranks.rank() == 2 { 9 } else { 1 };
        Ok(ranks.compute_at(root, &numbers()).unwrap_err().to_string())
    });
    assert!(
        told.iter().all(|one| one.contains("argument `root` is 9, but there are 3 ranks")),
        "{told:?}"
    );
}

#[test]
fn ranks_write_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let expected = one_thread().compute(&numbers()).unwrap();
    for size in [1, 2, 4] {
        let path = folder.path().join(format!("{size}.npy"));
        let file = NpyWriter::create(&path, &[COLUMNS, ROWS]).unwrap();
        on_ranks(size, &Settings::new().threads(2), |ranks| {
            let x = ranks.persist(&numbers())?;
            let other = NpyWriter::create(folder.path().join("other.npy"), &[3, 3])?;
            let refused = ranks.store(&x, &other).unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::Shape);
            ranks.store(&x.t(), &file)
        });
        file.finish().unwrap();
        let read: Array2<f64> =
            Array::from_source(NpyFile::open(&path).unwrap(), CHUNK).compute().unwrap();
        assert_eq!(read, expected.t());
    }
}

#[test]
fn each_rank_counts_its_own_chunks_alone() {
    let x: Array<u8, _> = Array::ones([1 << 12, 1 << 12], 1 << 9);
    let (share, all) = (1 << 22, 1 << 24);
    let settings = one_thread().memory(3 << 21);
    on_ranks(4, &settings, |ranks| {
        let refused = ranks.compute(&x).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Memory, "{refused}");
        let kept = ranks.persist(&x)?;
        let sum = (&kept + &kept.t()).map(i64::from).sum();
        let plan = ranks.plan(&sum)?;
        assert!(plan.peak_memory() <= 3 << 21, "{plan}");
        assert_eq!(ranks.compute(&sum)?.into_scalar(), 2 << 24);
        // Where all of it is wanted, it is counted beside what is made here.
        let needed = ranks.plan(&(&kept + 1)).unwrap_err().to_string();
        let least: usize = needed.split(' ').find_map(|word| word.parse().ok()).unwrap();
        assert!((share + all..share + all + (2 << 21)).contains(&least), "{needed}");
        Ok(())
    });
}

#[test]
fn what_is_spread_is_refused_elsewhere() {
    on_ranks(2, &one_thread(), |ranks| {
        let x = ranks.persist(&numbers())?;
        let own = x.slice(s![ranks.rank() * (ROWS / 2)..;ROWS, ..]);
        // Also where all that is read is here.
        for elsewhere in [x.sum(), own.sum()] {
            let elsewhere = one_thread().compute(&elsewhere).unwrap_err();
            assert_eq!(elsewhere.kind(), ErrorKind::Ranks);
            assert!(elsewhere.to_string().contains("is spread over 2 ranks"), "{elsewhere}");
        }
        Ok(())
    });
    let pairs = on_ranks(2, &one_thread(), |ranks| {
        let pair = |at: (u64, u64), x: u64| (at.0.max(x), at.1 + x);
        let x = Array::arange(0..10_u64, 2);
        let both =
            x.reduce_with("both", &[0], (0, 0), pair, |a, b| (a.0.max(b.0), a.1 + b.1), |a, _| a.1);
        Ok(ranks.compute(&both).map_err(|error| (error.kind(), error.to_string())))
    });
    let Err((kind, told)) = &pairs[0] else { panic!("{pairs:?}") };
    assert_eq!(*kind, ErrorKind::Unsupported);
    assert!(told.starts_with("rank 0: array `both` is reduced to values"), "{told}");
    let or = on_ranks(3, &one_thread(), |ranks| ranks.compute(&own_reduction()));
    assert!(or.iter().all(|or| or.first() == Some(&15)));
}

fn own_reduction() -> Array<u32, IxDyn> {
    let x = Array::arange(0..10_u32, 3);
    x.reduce_with("or", &[0], 0_u32, |a, x| a | x, |a, b| a | b, |a, _| a)
}

/// It could wait for a turn that the function has.
#[test]
fn what_is_spread_is_refused_within_a_function() {
    in_time(Duration::from_secs(60), || {
        on_ranks(2, &one_thread(), |ranks| {
            let x = ranks.persist(&numbers())?;
            let within = x.clone();
            let same = x.map_blocks(move |block, _| {
                let error = one_thread().compute(&within.max()).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Ranks);
                assert!(error.to_string().contains("is spread over 2 ranks, and only"), "{error}");
                block.to_owned()
            });
            assert_eq!(ranks.compute(&(&same - &x).sum())?.into_scalar(), 0.0);
            Ok(())
        });
    });
}

/// How many workers of a rank are in a function of the user's at a time, at most.
#[derive(Debug, Default)]
struct Within {
    now: AtomicUsize,
    most: AtomicUsize,
}

impl Within {
    fn pass(&self) {
        let now = 1 + self.now.fetch_add(1, Ordering::SeqCst);
        self.most.fetch_max(now, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(5));
        self.now.fetch_sub(1, Ordering::SeqCst);
    }
}

/// There are twice as many workers, of which some wait for other ranks.
#[test]
fn functions_of_chunks_run_on_as_many_workers_as_there_are_threads() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    let file = NpyWriter::create(&path, &[ROWS, COLUMNS]).unwrap();
    Settings::new().store(&numbers(), &file).unwrap();
    file.finish().unwrap();
    on_ranks(2, &one_thread(), |ranks| {
        let x = ranks.persist(&numbers())?;
        let within = Arc::new(Within::default());
        let made = {
            let within = Arc::clone(&within);
            Array::from_chunks([ROWS, COLUMNS], CHUNK, move |_| {
                within.pass();
                Ok::<_, Error>(Array2::from_elem([CHUNK, CHUNK], 1.0))
            })
        };
        let of_file = {
            let within = Arc::clone(&within);
            let stored = Matrix::from_source(NpyFile::open(&path)?, CHUNK);
            stored.map_blocks(move |seen, _| {
                within.pass();
                Array2::from_elem(seen.raw_dim(), 1.0)
            })
        };
        let nothing = &x.t() - &x.t();
        let sums = [&made + &x.t() - &x.t(), &nothing + &made, &of_file + &nothing];
        for sum in sums {
            assert_eq!(ranks.compute(&sum.sum())?.into_scalar(), (ROWS * COLUMNS) as f64);
        }
        assert_eq!(within.most.load(Ordering::SeqCst), 1);
        Ok(())
    });
}

#[test]
fn ranks_tell_who_they_are() {
    let who = on_ranks(3, &one_thread(), |ranks: &Ranks<'_>| Ok((ranks.rank(), ranks.size())));
    assert_eq!(who, [(0, 3), (1, 3), (2, 3)]);
}
