//! Traces of programs that ran.

use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use tenfold_comm::{
    Analysis, Communicator, Error, NonblockingCollectives, Source, Sum, ThreadComm, Tracing,
    VerdictKind, WaitKind, World, wait_all,
};

use crate::examples::relay;

fn analysed(ranks: usize, program: fn(&ThreadComm) -> Result<(), Error>) -> Analysis {
    // None begins before the last is there.
    let all = Barrier::new(ranks);
    let world = World::threads(ranks).traced(Tracing::new().quiet());
    let (result, report) = world.run(|world| {
        all.wait();
        program(world)
    });
    result.unwrap();
    Analysis::of(&report.trace)
}

/// Each has to wait for the next.
#[test]
fn the_relay_by_ssend_goes_through_all_ranks() {
    let analysis = analysed(4, relay::ssend);
    let path: Vec<usize> = analysis.critical_path().iter().map(|part| part.rank).collect();
    assert!(path.windows(4).any(|ranks| *ranks == [3, 2, 1, 0]), "{path:?} {analysis}");
    let wait = &analysis.waits()[0];
    assert_eq!(wait.kind, WaitKind::LateReceiver);
    assert!(
        wait.place.contains("program.rs") && wait.late_place.contains("program.rs"),
        "{wait:?}"
    );
    assert!(analysis.notes().is_empty(), "{analysis}");
}

#[test]
fn the_relay_by_isend_does_not() {
    // Where the machine is busy they may have worked one after another, for once.
    let all: Vec<Analysis> = (0..5).map(|_| analysed(4, relay::isend)).collect();
    let is_serialised = |analysis: &Analysis| analysis.verdict().kind == VerdictKind::Serialised;
    let serialised: Vec<_> = all.iter().filter(|analysis| is_serialised(analysis)).collect();
    assert!(serialised.len() < 3, "{}", serialised[0]);
    all.iter().for_each(|analysis| assert!(analysis.notes().is_empty(), "{analysis}"));
}

/// Of all kinds of calls.
fn various(world: &ThreadComm) -> Result<(), Error> {
    let (rank, size) = (world.rank(), world.size());
    let (left, right) = ((rank + size - 1) % size, (rank + 1) % size);
    let large = vec![rank; 100_000];
    let mut theirs = vec![0_usize; 100_000];
    world.sendrecv((&large, right, 1), &mut theirs, left, 1)?;
    let receiving = world.irecv(vec![0_usize; 100_000], Source::Any, 2)?;
    let sending = world.isend(large.clone(), right, 2)?;
    wait_all([receiving, sending])?;
    let half = world.split(Some(u32::from(rank % 2 == 0)), 0)?.expect("each has a color");
    let mut sum = [0];
    half.allreduce(&[rank], &mut sum, Sum)?;
    world.ibarrier()?.wait()?;
    world.iallreduce(vec![rank], vec![0], Sum)?.wait()?;
    world.scope(|scope| {
        scope.irecv(&mut theirs, left, 3)?;
        scope.isend(&large, right, 3)?;
        Ok(())
    })?;
    let mut persistent = world.send_init(vec![rank], right, 4)?;
    for _ in 0..3 {
        persistent.start()?;
        let status = world.probe(left, 4)?;
        world.recv(&mut theirs[..1], status.source(), 4)?;
        persistent.wait()?;
    }
    world.send(&[rank], right, 5)?;
    world.mprobe(left, 5)?.recv(&mut theirs[..1])?;
    world.scan(&[rank], &mut sum, Sum)
}

#[test]
fn all_calls_fit_together() {
    let analysis = analysed(4, |world| {
        thread::sleep(Duration::from_millis(world.rank() as u64));
        various(world)
    });
    assert!(analysis.notes().is_empty(), "{analysis}");
    for time in analysis.ranks() {
        let all = time.useful_ns + time.waiting_ns() + time.transfer_ns;
        assert!(u128::from(all) <= analysis.runtime().as_nanos(), "{time:?}");
    }
    assert!(analysis.ideal_runtime() <= analysis.runtime(), "{analysis}");
}
