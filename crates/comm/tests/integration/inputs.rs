//! What cannot be is refused, with the value and the bound.

use tenfold_comm::{Cartesian, Cause, Communicator, Error, ErrorKind, Source, World};

use crate::watchdog::in_time;

#[test]
fn who_asks_for_a_message_is_told_of_an_end() {
    in_time("polls", || {
        let result = World::threads(2).run(|world| {
            if world.rank() == 0 {
                return world.send(&[1], 1, 0);
            }
            let kind = loop {
                match world.iprobe(0, 1) {
                    Ok(status) => assert_eq!(status, None),
                    Err(error) => break error.kind(),
                }
                std::thread::yield_now();
            };
            assert_eq!(kind, ErrorKind::RankEnded { rank: 0 });
            assert_eq!(world.improbe(0, 1).unwrap_err().kind(), kind);
            // What it has sent is there, and it is a good question what else is.
            assert!(world.iprobe(0, 0)?.is_some());
            world.recv(&mut [0], 0, 0)?;
            assert_eq!(world.iprobe(Source::Any, 0)?, None);
            Ok::<_, Error>(())
        });
        result.unwrap();
    });
}

#[test]
fn a_world_of_too_many_ranks() {
    for ranks in [65_537, usize::MAX] {
        let error = World::threads(ranks).run(|_| Ok::<(), Error>(())).unwrap_err();
        assert!(matches!(error.cause(), Cause::Start(_)));
        let sentence =
            format!("rank 0 was not started: `ranks` is {ranks}, it must be at most 65536");
        assert_eq!(error.to_string(), sentence);
    }
}

fn sentence<R: std::fmt::Debug>(result: Result<R, Error>) -> String {
    result.unwrap_err().to_string()
}

#[test]
fn grids_name_what_they_refuse() {
    let max = usize::MAX;
    assert_eq!(
        sentence(Cartesian::new(&[max, 2], &[true; 2])),
        format!("`dims[1]` is 2, and with it all are more than {max}")
    );
    assert_eq!(sentence(Cartesian::new(&[3, 0], &[true; 2])), "`dims[1]` is 0, it must be above 0");
    let grid = Cartesian::new(&[3, 2], &[true; 2]).unwrap();
    assert_eq!(
        sentence(grid.rank(&[1, 2])),
        "`coordinates[1]` is 2, but the axis has 2 places, from 0"
    );
    assert_eq!(sentence(grid.shift(0, 2, 1)), "`axis` is 2, but the grid has 2 axes, from 0");
    assert_eq!(
        sentence(Cartesian::balanced(8, max, true)),
        format!("`axes` is {max}, it must be from 1 to 64")
    );
}

#[test]
fn calls_name_what_they_refuse() {
    in_time("sentences", || {
        let result = World::threads(1).run(|world| {
            assert_eq!(sentence(world.subset(&[0, 0])), "`ranks[1]` is 0, it must be there once");
            let grid = Cartesian::new(&[3, 2], &[true; 2])?;
            assert_eq!(
                sentence(grid.check(world)),
                "`dims` make 6 places, the communicator has 1 ranks"
            );
            assert_eq!(
                sentence(world.alltoallv(&[0], &[1, 2], &mut [0], &[1])),
                "`send_counts` has 2 elements, the call needs 1"
            );
            Ok::<_, Error>(())
        });
        result.unwrap();
        let result = World::threads(2).run(|world| {
            let counts = [usize::MAX, 2];
            world.gatherv(&[0], &mut [0], &counts, 0)
        });
        let error = result.unwrap_err();
        let max = usize::MAX;
        assert_eq!(
            error.to_string(),
            format!("rank 0 failed: `counts[1]` is 2, and with it all are more than {max}")
        );
    });
}

#[cfg(feature = "objects")]
#[test]
fn a_root_that_gives_no_object() {
    in_time("no object", || {
        let kinds = World::threads(3).run(|world| {
            let kind = world.bcast_object(None::<&()>, 1).unwrap_err().kind();
            world.barrier()?;
            Ok::<_, Error>(kind)
        });
        let read = ErrorKind::Read { from: 1 };
        assert_eq!(kinds.unwrap(), [read, ErrorKind::NoValue { root: 1 }, read]);
    });
}
