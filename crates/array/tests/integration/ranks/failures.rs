//! What fails on one rank fails on all, in the same words.

use std::panic::Location;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, LazyLock};
use std::time::Duration;

use ndarray::Ix2;
use tenfold_array::{
    Array, Cancel, Dims, Error, ErrorKind, Pass, Ranks, Result, Settings, Source, Target, Window,
    delayed,
};
use tenfold_comm::{Communicator, World};

use super::on_ranks;
use crate::programs::Choices;

const SIZE: usize = 4;

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    Error,
    Panic,
    Cancel,
    /// The cap is too small for one of the plans.
    Refusal,
    /// The rank computes something else.
    Other,
}

/// What can be read and written so often, before something goes wrong.
#[derive(Debug, Clone)]
struct Failing {
    left: Arc<AtomicUsize>,
    how: How,
    cancel: Cancel,
}

impl Failing {
    fn step(&self) -> Result<()> {
        let left = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
            Some(left.saturating_sub(1))
        });
        if left == Ok(1) {
            match self.how {
                How::Error => return Err(Error::new(ErrorKind::Io, "the disk is gone")),
                How::Panic => panic!("the disk is gone"),
                How::Cancel => self.cancel.cancel(),
                How::Refusal | How::Other => {}
            }
        }
        Ok(())
    }
}

/// Ones.
impl Source<f64> for Failing {
    fn shape(&self) -> Dims {
        Dims::from_slice(&[60, 60])
    }

    fn read(&self, _: &Window, out: &mut [f64]) -> Result<()> {
        self.step()?;
        out.fill(1.0);
        Ok(())
    }
}

impl Target<f64> for Failing {
    fn shape(&self) -> Dims {
        Dims::from_slice(&[60, 60])
    }

    fn write(&self, _: &Window, elements: &[f64]) -> Result<()> {
        assert!(elements.iter().all(|&x| x == 3.0), "{elements:?}");
        self.step()
    }
}

/// What a rank says of three computations, of which the second and the third read what other ranks have, and the third
/// writes.
fn told(ranks: &Ranks<'_>, failing: &Failing) -> Result<f64> {
    let x = Array::<f64, Ix2>::from_source(failing.clone(), 10);
    let kept = ranks.persist(&(&x - &x.mean_axis(0) + 1.0))?;
    let both = &kept + &kept.t() + &x;
    let both = if failing.how == How::Other { both.exp().ln() } else { both };
    let sum = ranks.compute(&both.sum())?.into_scalar();
    ranks.store(&(&kept.t() + 2.0 * &x), failing)?;
    Ok(sum)
}

/// How often each rank reads and writes if nothing goes wrong, with one thread and with two.
static STEPS: LazyLock<[Vec<usize>; 2]> = LazyLock::new(|| {
    [1, 2].map(|threads| {
        on_ranks(SIZE, &Settings::new().threads(threads), |ranks| {
            let left = Arc::new(AtomicUsize::new(usize::MAX));
            let failing =
                Failing { left: Arc::clone(&left), how: How::Error, cancel: Cancel::new() };
            assert_eq!(told(ranks, &failing)?, 10_800.0);
            Ok(usize::MAX - left.load(Ordering::Relaxed))
        })
    })
});

/// Lets something go wrong, and checks that all ranks say the same and can go on. Tells what, and whether it has gone wrong.
fn inject(choices: &mut Choices) -> (How, bool) {
    let all = [How::Error, How::Panic, How::Cancel, How::Refusal, How::Other];
    let (how, who, threads) =
        (all[choices.below(all.len())], choices.below(SIZE), 1 + choices.below(2));
    let left = 1 + choices.below(STEPS[threads - 1][who]);
    let cap = (1 << 20) + choices.below(1 << 20);
    let results = World::threads(SIZE).run(|world| {
        let cancel = Cancel::new();
        let mut settings = Settings::new().threads(threads).cancel(&cancel);
        let is_here = world.rank() == who;
        if is_here && how == How::Refusal {
            settings = settings.memory(cap);
        }
        let ranks = settings.over(world)?;
        let left = Arc::new(AtomicUsize::new(if is_here { left } else { usize::MAX }));
        let how_here = if is_here { how } else { How::Error };
        let told = told(&ranks, &Failing { left, how: how_here, cancel });
        if !matches!(how, How::Cancel | How::Refusal) {
            let again = ranks.compute(&Array::<f64, _>::ones([30, 30], 10).sum())?;
            assert_eq!(again.into_scalar(), 900.0);
        }
        Ok::<_, Error>(told.map_err(|error| (error.kind(), error.to_string())))
    });
    let results = results.unwrap_or_else(|error| panic!("{how:?} on rank {who}: {error:#}"));
    assert!(results.iter().all(|told| told == &results[0]), "{how:?} on rank {who}: {results:?}");
    match &results[0] {
        Ok(sum) => {
            assert_eq!(*sum, 10_800.0);
            // It was cancelled in the last of all steps, or had room.
            assert!(matches!(how, How::Cancel | How::Refusal), "{how:?} on rank {who}");
        }
        Err((kind, told)) => {
            let expected = match how {
                How::Error => ErrorKind::Io,
                How::Panic => ErrorKind::Panicked,
                How::Cancel => ErrorKind::Cancelled,
                How::Refusal => ErrorKind::Memory,
                How::Other => ErrorKind::Ranks,
            };
            assert_eq!(*kind, expected, "{told}");
            let begin =
                if how == How::Other { "ranks 0 and ".into() } else { format!("rank {who}: ") };
            assert!(told.starts_with(&begin), "{told}");
        }
    }
    (how, results[0].is_err())
}

/// So many have gone wrong, but for some that were cancelled late or had room.
fn inject_all(count: usize, seed: u64) {
    let mut choices = Choices::new(seed);
    let all: Vec<_> = (0..count).map(|_| inject(&mut choices)).collect();
    for may_go_well in [How::Cancel, How::Refusal] {
        let of_these = all.iter().filter(|(how, _)| *how == may_go_well);
        let failed = of_these.clone().filter(|(_, failed)| *failed).count();
        assert!(5 * failed >= of_these.count(), "{may_go_well:?} failed {failed} times");
    }
}

#[test]
fn a_failure_on_one_rank_is_the_same_on_all() {
    inject_all(200, 1);
}

#[test]
#[ignore = "long: 10,000 failures"]
fn ten_thousand_failures_are_the_same_on_all_ranks() {
    inject_all(10_000, 2);
}

/// The errors of all ranks, which are the same.
fn refusal<T>(program: impl Fn(&Ranks<'_>) -> Result<T> + Sync) -> (ErrorKind, String) {
    let told = on_ranks(3, &Settings::new().threads(1), |ranks| {
        let error = program(ranks).err().expect("it is refused");
        Ok((error.kind(), error.to_string()))
    });
    assert!(told.iter().all(|other| other == &told[0]), "{told:?}");
    told[0].clone()
}

#[test]
fn ranks_that_do_not_compute_the_same_are_told_of_the_first_array_that_differs() {
    let here = Location::caller().file();
    let x = || Array::<f64, _>::ones([30], 10);
    let (kind, told) = refusal(|ranks| match ranks.rank() {
        2 => ranks.compute(&x().sqrt().sum()),
        _ => ranks.compute(&x().exp().sum()),
    });
    assert_eq!(kind, ErrorKind::Ranks);
    let start = "ranks 0 and 2 do not compute the same: array 1 is `exp` (at ";
    assert!(told.starts_with(start), "{told}");
    assert!(told.contains(here) && told.contains("`sqrt` (at "), "{told}");
    let (_, told) = refusal(|ranks| ranks.compute(&(&x() * ranks.rank() as f64)));
    assert!(told.contains("ranks 0 and 1 do not compute the same: array 1 is `"), "{told}");
    let (_, told) = refusal(|ranks| {
        let mut x = x();
        for _ in 0..ranks.rank() {
            x = x.sqrt();
        }
        ranks.compute(&x)
    });
    assert!(told.contains(" is none on rank 0 and `sqrt` (at "), "{told}");
    let (_, told) = refusal(|ranks| ranks.compute_at(ranks.rank(), &x()));
    assert!(told.contains("do not want the same of them"), "{told}");
}

#[test]
fn ranks_whose_passes_differ_do_not_compute() {
    let told = World::threads(2).run(|world| {
        let settings = match world.rank() {
            0 => Settings::new(),
            _ => Settings::new().without(Pass::Fuse),
        };
        let ranks = settings.over(world)?;
        Ok::<_, Error>(ranks.compute(&Array::<f64, _>::ones([4], 2)).unwrap_err().kind())
    });
    assert_eq!(told.unwrap(), [ErrorKind::Ranks; 2]);
}

#[test]
fn wrong_arrays_and_tasks_are_refused_on_all() {
    let (kind, told) = refusal(|ranks| {
        let x = Array::<f64, _>::ones([30], 10);
        ranks.compute(&(&x + &Array::<f64, _>::ones([31], 10)))
    });
    assert_eq!(kind, ErrorKind::Shape);
    assert!(told.starts_with("rank 0: ") && told.contains("failures.rs:"), "{told}");
    let (kind, told) = refusal(|ranks| ranks.compute_many(&delayed(|| 7)));
    assert_eq!(kind, ErrorKind::Unsupported);
    assert_eq!(told, "rank 0: ranks compute arrays together, but 1 tasks were asked for");
    // On one rank alone.
    let (kind, told) = refusal(|ranks| match ranks.rank() {
        1 => ranks.compute_many(&delayed(|| 7)).map(drop),
        _ => ranks.compute(&Array::<f64, _>::ones([30], 10)).map(drop),
    });
    assert_eq!(kind, ErrorKind::Unsupported);
    assert_eq!(told, "rank 1: ranks compute arrays together, but 1 tasks were asked for");
}

/// Ones that one rank reads slowly, of which another hears.
#[derive(Debug)]
struct Slow {
    is_here: bool,
    cancel: Cancel,
}

impl Source<f64> for Slow {
    fn shape(&self) -> Dims {
        Dims::from_slice(&[4000])
    }

    fn read(&self, _: &Window, out: &mut [f64]) -> Result<()> {
        if self.is_here {
            self.cancel.cancel();
            std::thread::sleep(Duration::from_millis(50));
        }
        out.fill(1.0);
        Ok(())
    }
}

/// Another rank works on, and this one waits for it.
#[test]
fn a_rank_that_waits_hears_that_it_is_cancelled() {
    let cancel = Cancel::new();
    let told = World::threads(2).run(|world| {
        let is_here = world.rank() == 0;
        let settings = Settings::new().threads(1);
        let ranks = if is_here { settings } else { settings.cancel(&cancel) }.over(world)?;
        let slow = Slow { is_here, cancel: cancel.clone() };
        let x = Array::<f64, ndarray::Ix1>::from_source(slow, 1);
        let error = ranks.compute(&x.sum()).unwrap_err();
        Ok::<_, Error>((error.kind(), error.to_string()))
    });
    let told = told.unwrap();
    let expected = "rank 1: the computation was cancelled after 0 of 1 stages";
    assert!(told.iter().all(|told| *told == (ErrorKind::Cancelled, expected.into())), "{told:?}");
}

/// Ones, of which rank 0 reads the first chunk slowly, and cannot read its second.
#[derive(Debug)]
struct Torn {
    rank: usize,
    /// Both chunks are being read.
    both: Barrier,
    reads: Arc<AtomicUsize>,
}

impl Source<f64> for Torn {
    fn shape(&self) -> Dims {
        Dims::from_slice(&[4 * 4096, 1024])
    }

    fn read(&self, window: &Window, out: &mut [f64]) -> Result<()> {
        out.fill(1.0);
        match window.start()[0] / 4096 {
            0 if self.reads.fetch_add(1, Ordering::Relaxed) == 0 => {
                self.both.wait();
            }
            0 => std::thread::sleep(Duration::from_millis(100)),
            _ if self.rank == 0 => {
                self.both.wait();
                return Err(Error::new(ErrorKind::Io, "the disk is gone"));
            }
            _ => {}
        }
        Ok(())
    }
}

/// Alone a rank would come to the end of the chunk first.
#[test]
fn a_failure_does_not_wait_for_a_long_chunk_before_it() {
    let reads = on_ranks(2, &Settings::new().threads(2), |ranks| {
        let reads = Arc::new(AtomicUsize::new(0));
        let torn = Torn { rank: ranks.rank(), both: Barrier::new(2), reads: Arc::clone(&reads) };
        let x = Array::<f64, Ix2>::from_source(torn, [4096, 1024]);
        let error = ranks.compute(&x.sum()).unwrap_err();
        assert_eq!(
            (error.kind(), &*error.to_string()),
            (ErrorKind::Io, "rank 0: the disk is gone")
        );
        Ok(reads.load(Ordering::Relaxed))
    });
    assert!(reads[0] < 64, "all 64 portions of the chunk were read");
}

#[test]
fn a_rank_that_does_not_come_is_an_error() {
    let told = World::threads(3).run(|world| {
        let ranks = Ranks::new(world)?;
        if world.rank() == 1 {
            return Ok(None);
        }
        let error = ranks.compute(&Array::<f64, _>::ones([4], 2)).unwrap_err();
        Ok::<_, Error>(Some(error.kind()))
    });
    assert_eq!(told.unwrap(), [Some(ErrorKind::Ranks), None, Some(ErrorKind::Ranks)]);
}
