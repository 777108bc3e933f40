//! Right programs that look much like wrong ones to who looks on.

use std::thread;
use std::time::Duration;

use tenfold_comm::{Communicator, Error, Lock, OneSided, ThreadComm, Tracing, World};

use crate::watchdog::in_time;

/// So that a program which only seems to stand still is looked at often.
const STALL: Duration = Duration::from_millis(2);

/// Nothing is told of it.
fn is_clean(ranks: usize, program: impl Fn(&ThreadComm) -> Result<(), Error> + Sync) {
    let (result, report) =
        World::threads(ranks).traced(Tracing::new().stall(STALL).quiet()).run(program);
    assert!(report.is_clean(), "{report}");
    result.unwrap();
}

/// The first has given its lock back, and waits for the last, which waits for those between: one of them has the
/// lock now, and computes.
#[test]
fn who_has_given_a_lock_back_is_not_waited_for() {
    in_time("locks in a line", || {
        is_clean(4, |world| {
            let mut window = world.window(&[0_u64])?;
            let late = |times: usize| thread::sleep(STALL * u32::try_from(20 * times).unwrap());
            late(world.rank());
            window.lock(0, Lock::Exclusive, |_| {
                late(5);
                Ok(())
            })?;
            match world.rank() {
                0 => world.recv(&mut [0], 3, 0).map(drop)?,
                3 => world.send(&[0], 0, 0)?,
                _ => {}
            }
            window.free().map(drop)
        });
    });
}

/// Nobody looks for longer than there is time.
#[test]
fn a_stall_for_ever_is_never_told() {
    let tracing = Tracing::new().stall(Duration::MAX).quiet();
    let (result, report) = World::threads(2).traced(tracing).run(|world| world.barrier());
    assert!(result.is_ok() && report.is_clean(), "{report}");
}
