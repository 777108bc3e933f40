//! What fails on one rank fails on all, in the same words.

use std::panic::Location;
use std::sync::atomic::{AtomicUsize, Ordering};

use ndarray::Ix2;
use tenfold_array::{
    Array, Cancel, Dims, Error, ErrorKind, Pass, Ranks, Result, Settings, Source, Window, delayed,
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
    Refusal,
}

/// Ones that can be read so often.
#[derive(Debug)]
struct Failing {
    left: AtomicUsize,
    how: How,
    cancel: Cancel,
}

impl Source<f64> for Failing {
    fn shape(&self) -> Dims {
        Dims::from_slice(&[60, 60])
    }

    fn read(&self, _: &Window, out: &mut [f64]) -> Result<()> {
        let left = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
            Some(left.saturating_sub(1))
        });
        if left == Ok(1) {
            match self.how {
                How::Error => return Err(Error::new(ErrorKind::Io, "the disk is gone")),
                How::Panic => panic!("the reader is gone"),
                How::Cancel => self.cancel.cancel(),
                How::Refusal => {}
            }
        }
        out.fill(1.0);
        Ok(())
    }
}

/// What a rank says of a computation that goes wrong on rank `who`, there after so many reads.
fn told(ranks: &Ranks<'_>, cancel: &Cancel, how: How, left: usize) -> Result<f64> {
    let failing = Failing { left: AtomicUsize::new(left), how, cancel: cancel.clone() };
    let x = Array::<f64, Ix2>::from_source(failing, 10);
    let kept = ranks.persist(&(&x - &x.mean_axis(0) + 1.0))?;
    Ok(ranks.compute(&(&kept + &kept.t()).sum())?.into_scalar())
}

/// Lets something go wrong, and checks that all ranks say the same and can go on.
fn inject(choices: &mut Choices) {
    let how = [How::Error, How::Panic, How::Cancel, How::Refusal][choices.below(4)];
    let (who, left, threads) = (choices.below(SIZE), 1 + choices.below(40), 1 + choices.below(2));
    let results = World::threads(SIZE).run(|world| {
        let cancel = Cancel::new();
        let mut settings = Settings::new().threads(threads).cancel(&cancel);
        let is_here = world.rank() == who;
        if is_here && how == How::Refusal {
            settings = settings.memory(1000);
        }
        let ranks = settings.over(world)?;
        let left = if is_here { left } else { usize::MAX };
        let told = told(&ranks, &cancel, how, left);
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
            assert_eq!(*sum, 7200.0);
            assert_ne!(how, How::Refusal);
        }
        Err((kind, told)) => {
            let expected = match how {
                How::Error => ErrorKind::Io,
                How::Panic => ErrorKind::Panicked,
                How::Cancel => ErrorKind::Cancelled,
                How::Refusal => ErrorKind::Memory,
            };
            assert_eq!(*kind, expected, "{told}");
            assert!(told.starts_with(&format!("rank {who}: ")), "{told}");
        }
    }
}

#[test]
fn a_failure_on_one_rank_is_the_same_on_all() {
    let mut choices = Choices::new(1);
    (0..200).for_each(|_| inject(&mut choices));
}

#[test]
#[ignore = "long: 10,000 failures"]
fn ten_thousand_failures_are_the_same_on_all_ranks() {
    let mut choices = Choices::new(2);
    (0..10_000).for_each(|_| inject(&mut choices));
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
    assert_eq!(told, "ranks compute arrays together, but 1 tasks were asked for");
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
