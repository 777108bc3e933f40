//! Efficiencies of programs that ran, against what their planted work comes to by hand.
//!
//! Sleeps stand for work: what else the machine does disturbs them least. A run counts if each of its sleeps, and the
//! whole, took at most 1.6 % longer than planned, by which no efficiency changes by 0.02; that is measured without the
//! analysis.

use std::cell::Cell;
use std::io::Write as _;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tenfold_comm::{
    Analysis, Communicator, Error, NonblockingCollectives, Sum, ThreadComm, Tracing, World,
};

/// How long runs are begun again because the machine was busy.
const PATIENCE: Duration = Duration::from_secs(300);

fn is_as_planned(took: Duration, planned: Duration) -> bool {
    took <= planned + planned / 64
}

/// Whether a sleep of the run took longer than planned.
#[derive(Default)]
struct Planted(AtomicBool);

impl Planted {
    fn work(&self, millis: u64) {
        let (begun, planned) = (Instant::now(), Duration::from_millis(millis));
        thread::sleep(planned);
        if !is_as_planned(begun.elapsed(), planned) {
            self.0.store(true, Ordering::Relaxed);
        }
    }
}

/// What a program that ought to take so many milliseconds did; `None` if the machine was too busy to tell.
fn undisturbed(
    ranks: usize,
    millis: u64,
    program: impl Fn(&ThreadComm, &Planted) -> Result<(), Error> + Sync,
) -> Option<Analysis> {
    let first = Instant::now();
    while first.elapsed() < PATIENCE {
        let (planted, begun) = (Planted::default(), Instant::now());
        let world = World::threads(ranks).traced(Tracing::new().quiet());
        let (result, report) = world.run(|world| program(world, &planted));
        let took = begun.elapsed();
        result.unwrap();
        let is_disturbed = planted.0.into_inner();
        if !is_disturbed && is_as_planned(took, Duration::from_millis(millis)) {
            return Some(Analysis::of(&report.trace));
        }
    }
    // Past the test runner's capture, where skips are counted.
    let line = format!(
        "skipped: planted work of {millis} ms: the machine was too busy for {PATIENCE:?}\n"
    );
    let _ = std::io::stdout().write_all(line.as_bytes());
    None
}

/// The load balance, the serialisation and the transfer.
fn assert_near(analysis: &Analysis, expected: [f64; 3]) {
    let efficiency = analysis.efficiency();
    let found = [efficiency.load_balance, efficiency.serialisation, efficiency.transfer];
    for (found, expected) in found.into_iter().zip(expected) {
        assert!((found - expected).abs() <= 0.02, "{found} in place of {expected} in {analysis}");
    }
}

#[test]
fn work_out_of_balance() {
    let program = |world: &ThreadComm, planted: &Planted| {
        planted.work([80, 160, 240, 320][world.rank()]);
        world.barrier()
    };
    if let Some(analysis) = undisturbed(4, 320, program) {
        assert_near(&analysis, [200.0 / 320.0, 1.0, 1.0]);
    }
}

/// All work for 100 ms at once, and for as long again one after another.
#[test]
fn work_in_turn() {
    let program = |world: &ThreadComm, planted: &Planted| {
        let rank = world.rank();
        planted.work(100);
        if rank > 0 {
            world.recv(&mut [0], rank - 1, 0)?;
        }
        planted.work(100);
        if rank + 1 < world.size() {
            world.send(&[0], rank + 1, 0)?;
        }
        Ok(())
    };
    if let Some(analysis) = undisturbed(4, 500, program) {
        assert_near(&analysis, [1.0, 200.0 / 500.0, 1.0]);
    }
}

/// The rank before receives only after its own work, and each sends first.
#[test]
fn synchronous_sends_in_turn() {
    let program = |world: &ThreadComm, planted: &Planted| {
        let rank = world.rank();
        if rank + 1 < world.size() {
            world.ssend(&[0], rank + 1, 0)?;
        }
        planted.work(100);
        if rank > 0 {
            world.recv(&mut [0], rank - 1, 0)?;
        }
        Ok(())
    };
    if let Some(analysis) = undisturbed(4, 400, program) {
        assert_near(&analysis, [1.0, 100.0 / 400.0, 1.0]);
    }
}

/// A reduction that takes 120 ms after both ranks are there.
#[test]
fn a_slow_reduction() {
    let program = |world: &ThreadComm, planted: &Planted| {
        planted.work([200, 100][world.rank()]);
        let sum = |a: usize, b: usize| {
            planted.work(120);
            a + b
        };
        world.allreduce(&[1], &mut [0], sum)
    };
    if let Some(analysis) = undisturbed(2, 320, program) {
        assert_near(&analysis, [150.0 / 200.0, 1.0, 200.0 / 320.0]);
    }
}

/// Rank 0 works for nothing but a reduction with rank 1, which comes late, and whose operation sends to rank 2, which
/// waits for that before it works.
#[test]
fn an_operation_that_sends() {
    let program = |world: &ThreadComm, planted: &Planted| {
        let rank = world.rank();
        let pair = world.split(Some(u32::from(rank < 2)), 0)?.expect("each has a color");
        match rank {
            0 => {
                let (handle, sent) = (world.handle(), Rc::new(Cell::new(Ok(()))));
                let result = Rc::clone(&sent);
                let sum = move |a: usize, b: usize| {
                    result.set(handle.send(&[a], 2, 0).map_err(|error| error.kind()));
                    a + b
                };
                pair.iallreduce(vec![1], vec![0], sum)?.wait()?;
                sent.get()?;
            }
            1 => {
                planted.work(160);
                pair.iallreduce(vec![1_usize], vec![0], Sum)?.wait()?;
            }
            _ => {
                world.recv(&mut [0_usize], 0, 0)?;
                planted.work(160);
            }
        }
        Ok(())
    };
    if let Some(analysis) = undisturbed(3, 320, program) {
        assert_near(&analysis, [2.0 / 3.0, 160.0 / 320.0, 1.0]);
        assert!(analysis.notes().is_empty(), "{analysis}");
    }
}
