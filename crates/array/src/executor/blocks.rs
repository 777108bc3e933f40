//! Blocks that do not depend on each other.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::cancel::Cancel;
use super::claims::Claims;
use super::crew::{MOST, crew};
use super::failure::Failure;
use super::panics::caught;
use super::stop::Stop;
use crate::error::{Error, ErrorKind, Result};

/// Whether all blocks have run, or somebody has cancelled before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    All,
    Cancelled,
}

/// Runs `work` for each block below `count`, on at most `workers` threads of which this one is the first. Each
/// has a state of its own, which `state` makes of its number when it has its first block. A block is run once,
/// whichever worker comes to it: what it writes should go by its number. A block that takes long asks its [`Stop`] now
/// and then.
///
/// # Errors
/// The error of the lowest block that fails, however many workers there are: those below it run to their end.
/// [`ErrorKind::Panicked`] for a panic of `work` or `state`. No block above it starts after that, nor any when somebody
/// has cancelled.
pub(crate) fn for_blocks<S>(
    count: usize,
    workers: usize,
    cancel: &Cancel,
    state: impl Fn(usize) -> S + Sync,
    work: impl Fn(&mut S, usize, &Stop<'_>) -> Result<()> + Sync,
) -> Result<Ended> {
    let (failure, done) = (Failure::default(), AtomicUsize::new(0));
    let workers = workers.clamp(1, count.clamp(1, MOST));
    let claims = Claims::new(count, workers);
    crew(workers, |worker| {
        let mut own = None;
        let mut run = |block, stop: &_| work(own.get_or_insert_with(|| state(worker)), block, stop);
        // They come in ascending order: whoever has to stop at one has nothing to do with the next ones either.
        while let Some(blocks) = claims.claim() {
            for block in blocks {
                let stop = Stop::new(block, &failure, cancel);
                if stop.is_wanted() {
                    return;
                }
                let ran = caught(|| run(block, &stop));
                let ran = ran.unwrap_or_else(|text| Err(panicked(block, &text)));
                if let Err(error) = ran {
                    // What has ended for another's sake has no failure of its own.
                    if !stop.was_heeded() {
                        failure.tell(block, error);
                    }
                    return;
                }
                done.fetch_add(1, Ordering::Relaxed);
            }
        }
    });
    failure.into_result()?;
    Ok(if done.into_inner() < count { Ended::Cancelled } else { Ended::All })
}

fn panicked(block: usize, text: &str) -> Error {
    Error::new(ErrorKind::Panicked, format!("block {block} panicked: {text}"))
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    fn each_once(count: usize, workers: usize) {
        let runs: Vec<AtomicUsize> = (0..count).map(|_| AtomicUsize::new(0)).collect();
        let states = Mutex::new(vec![]);
        for_blocks(
            count,
            workers,
            &Cancel::new(),
            |worker| states.lock().unwrap().push(worker),
            |(), block, _| {
                runs[block].fetch_add(1, Ordering::Relaxed);
                Ok(())
            },
        )
        .unwrap();
        assert!(runs.iter().all(|runs| runs.load(Ordering::Relaxed) == 1));
        let mut states = states.into_inner().unwrap();
        states.sort_unstable();
        states.dedup_by(|a, b| {
            assert_ne!(a, b, "a worker makes one state");
            false
        });
        assert!(states.len() <= workers.max(1).min(count), "{states:?}");
    }

    #[test]
    fn every_block_runs_once() {
        for count in [0, 1, 2, 63, 64, 65, 1000, 100_000] {
            for workers in [0, 1, 2, 3, 8] {
                each_once(count, workers);
            }
        }
    }

    #[test]
    fn a_state_stays_with_its_worker() {
        let sums = Mutex::new(0);
        struct Sum<'a>(usize, &'a Mutex<usize>);
        impl Drop for Sum<'_> {
            fn drop(&mut self) {
                *self.1.lock().unwrap() += self.0;
            }
        }
        let work = |sum: &mut Sum<'_>, block, _: &Stop<'_>| {
            sum.0 += block;
            Ok(())
        };
        for_blocks(1000, 4, &Cancel::new(), |_| Sum(0, &sums), work).unwrap();
        assert_eq!(sums.into_inner().unwrap(), 1000 * 999 / 2);
    }

    #[test]
    fn the_lowest_failure_is_told_and_nothing_starts_after_it() {
        let started = AtomicUsize::new(0);
        let work = |(): &mut (), block, _: &Stop<'_>| {
            started.fetch_add(1, Ordering::Relaxed);
            if block == 10 { Err(Error::new(ErrorKind::Io, "disk 10")) } else { Ok(()) }
        };
        let error = for_blocks(1_000_000, 1, &Cancel::new(), |_| (), work).unwrap_err();
        assert_eq!((error.kind(), error.to_string()), (ErrorKind::Io, "disk 10".into()));
        assert_eq!(started.load(Ordering::Relaxed), 11);
        let all_fail = |(): &mut (), block, _: &Stop<'_>| {
            Err(Error::new(ErrorKind::Io, format!("disk {block}")))
        };
        let error = for_blocks(2, 1, &Cancel::new(), |_| (), all_fail).unwrap_err();
        assert_eq!(error.to_string(), "disk 0");
    }

    #[test]
    fn panics_are_errors() {
        let work = |(): &mut (), block, _: &Stop<'_>| {
            assert_ne!(block, 3, "no threes");
            Ok(())
        };
        let error = for_blocks(10, 2, &Cancel::new(), |_| (), work).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Panicked);
        assert!(error.to_string().starts_with("block 3 panicked: "), "{error}");
        assert!(error.to_string().contains("no threes"), "{error}");
        let state = |_| -> () { panic!("no room") };
        let error = for_blocks(10, 2, &Cancel::new(), state, |(), _, _| Ok(())).unwrap_err();
        assert!(error.to_string().ends_with("panicked: no room"), "{error}");
    }

    #[test]
    fn cancelling_stops_it() {
        let cancel = Cancel::new();
        let work = |(): &mut (), block, _: &Stop<'_>| {
            if block == 20 {
                cancel.cancel();
            }
            Ok(())
        };
        assert_eq!(for_blocks(1000, 1, &cancel, |_| (), work).unwrap(), Ended::Cancelled);
        let none = for_blocks(0, 1, &cancel, |_| (), |(), _, _| Ok(()));
        assert_eq!(none.unwrap(), Ended::All, "nothing was left");
    }

    /// The first waits until the second has failed, and fails then.
    #[test]
    fn the_lowest_failure_is_told_whoever_was_faster() {
        let gone = AtomicUsize::new(0);
        // A worker drops its state after it has told of its failure.
        struct Leaves<'a>(&'a AtomicUsize);
        impl Drop for Leaves<'_> {
            fn drop(&mut self) {
                self.0.fetch_add(1, Ordering::Relaxed);
            }
        }
        let work = |_: &mut Leaves<'_>, block, stop: &Stop<'_>| {
            while block == 0 && gone.load(Ordering::Relaxed) == 0 {
                std::hint::spin_loop();
            }
            stop.check()?;
            Err(Error::new(ErrorKind::Io, format!("disk {block}")))
        };
        let error = for_blocks(2, 2, &Cancel::new(), |_| Leaves(&gone), work).unwrap_err();
        assert_eq!(error.to_string(), "disk 0");
    }

    /// A block that would go on for ever, were it not told of what happens elsewhere.
    #[test]
    fn a_block_that_runs_hears_of_one_before_it_that_fails_and_of_who_cancels() {
        let cancel = Cancel::new();
        for fails in [true, false] {
            let all = std::sync::Barrier::new(2);
            let work = |(): &mut (), block, stop: &Stop<'_>| {
                all.wait();
                match (block, fails) {
                    (0, true) => return Err(Error::new(ErrorKind::Io, "disk 0")),
                    (1, false) => cancel.cancel(),
                    _ => {}
                }
                loop {
                    stop.check()?;
                    std::hint::spin_loop();
                }
            };
            let ended = for_blocks(2, 2, &cancel, |_| (), work);
            match fails {
                true => assert_eq!(ended.unwrap_err().to_string(), "disk 0"),
                false => assert_eq!(ended.unwrap(), Ended::Cancelled),
            }
        }
    }
}
