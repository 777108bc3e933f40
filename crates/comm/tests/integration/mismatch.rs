//! Collectives that do not fit together are an error, not a wrong result.

use tenfold_comm::{CallKind, Cause, Communicator, Error, ErrorKind, Sum, ThreadComm, World};

use crate::watchdog::in_time;

/// The elements of a piece in which reductions go.
const PIECE: usize = (256 << 10) / size_of::<f64>();

/// Runs what goes wrong on so many ranks, and gives the first error.
fn wrong<R: Send>(
    ranks: usize,
    program: impl Fn(&ThreadComm) -> Result<R, Error> + Sync,
) -> ErrorKind {
    match World::threads(ranks).run(program).map(drop).unwrap_err().into_cause() {
        Cause::Error(error) => error.kind(),
        other => panic!("{other:?}"),
    }
}

/// One rank has a whole piece less, so that all pieces that both have are as long.
#[test]
fn reductions_that_differ_by_a_piece() {
    in_time("pieces", || {
        for ranks in 2..5 {
            let kind = wrong(ranks, |world| {
                let pieces = if world.rank() == 1 { 1 } else { 2 };
                let data = vec![1.0; pieces * PIECE];
                let mut sums = data.clone();
                world.allreduce(&data, &mut sums, Sum)?;
                // The short one goes on, with what must not be taken for the rest of the first.
                world.allreduce(&data, &mut sums, Sum)
            });
            assert!(matches!(kind, ErrorKind::CountMismatch { .. }), "{ranks}: {kind:?}");
        }
    });
}

#[test]
fn reductions_of_whole_pieces() {
    in_time("whole pieces", || {
        for (ranks, len) in [(2, PIECE), (3, PIECE), (3, 2 * PIECE), (4, 2 * PIECE + 1)] {
            let sums = World::threads(ranks).run(|world| {
                let mut sums = vec![0.0; len];
                world.allreduce(&vec![1.0; len], &mut sums, Sum)?;
                Ok::<_, Error>(sums.iter().all(|&sum| sum == ranks as f64))
            });
            assert_eq!(sums.unwrap(), vec![true; ranks]);
        }
    });
}

#[test]
fn communicators_of_other_groups() {
    in_time("groups", || {
        let kind = wrong(2, |world| {
            world.subset(if world.rank() == 0 { &[0, 1] } else { &[1, 0] })?;
            world.barrier()
        });
        assert_eq!(kind, ErrorKind::GroupMismatch { rank: 1, from: 0 });
        let kind = wrong(3, |world| {
            let ranks: &[usize] = if world.rank() == 1 { &[1] } else { &[0, 1, 2] };
            let subset = world.subset(ranks)?.unwrap();
            // Whose rank the group of rank 1 does not have.
            if world.rank() == 2 {
                subset.send(&[1], 1, 0)?;
            }
            world.barrier()
        });
        assert_eq!(kind, ErrorKind::GroupMismatch { rank: 1, from: 0 });
    });
}

/// All of them move numbers of the same type.
#[test]
fn communicators_and_other_collectives() {
    in_time("derived", || {
        let kind = wrong(2, |world| match world.rank() {
            0 => world.dup().map(drop),
            _ => world.bcast(&mut [0_u64; 2], 0),
        });
        assert!(
            matches!(kind, ErrorKind::CollectiveMismatch { there: CallKind::Derive, .. }),
            "{kind:?}"
        );
        let kind = wrong(2, |world| match world.rank() {
            0 => world.split(Some(0), 0).map(drop),
            _ => world.allgather(&[[0_i64; 2]], &mut [[0; 2]; 2]),
        });
        assert!(matches!(kind, ErrorKind::CollectiveMismatch { .. }), "{kind:?}");
    });
}

/// Both roots send, and neither hears: the next one finds it out.
#[test]
fn other_roots_are_found_by_the_next() {
    in_time("roots", || {
        let kind = wrong(2, |world| {
            world.bcast(&mut [world.rank()], world.rank())?;
            world.bcast(&mut [world.rank()], 0)
        });
        assert_eq!(kind, ErrorKind::CollectiveOrder { call: CallKind::Bcast, root: 0, from: 0 });
    });
}

#[test]
fn more_collectives_than_have_a_number() {
    in_time("numbers", || {
        let result = World::threads(2).run(|world| {
            let part = world.dup()?;
            for round in 0..if cfg!(miri) { 260 } else { 1000 } {
                let mut given = [round + world.rank()];
                world.bcast(&mut given, 0)?;
                assert_eq!(given, [round]);
                part.barrier()?;
            }
            Ok::<_, Error>(())
        });
        result.unwrap();
    });
}

#[test]
fn a_collective_that_was_refused_can_be_made_again() {
    in_time("refused", || {
        let result = World::threads(2).run(|world| {
            let mut sum = [0];
            if world.rank() == 0 {
                assert!(world.allreduce(&[1, 2], &mut sum, Sum).is_err());
            }
            world.allreduce(&[1], &mut sum, Sum)?;
            assert_eq!(sum, [2]);
            Ok::<_, Error>(())
        });
        result.unwrap();
    });
}
