//! What cannot be is refused, with the value and the bound.

use tenfold_comm::{
    Builtin, Cartesian, Cause, Communicator, Error, ErrorKind, FileMode, Lock, OneSided, Operation,
    ParallelIo, Source, World,
};

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
                "the grid has 6 places, `comm` has 1 ranks"
            );
            assert_eq!(
                sentence(world.alltoallv(&[0], &[1, 2], &mut [0], &[1])),
                "`send_counts` has 2 elements, the call needs 1"
            );
            assert_eq!(
                sentence(world.alltoallv(&[0; 2], &[2], &mut [0], &[1])),
                "`recv_counts[0]` is 1, it must be what this rank sends to itself, as `send_counts` says"
            );
            assert_eq!(
                sentence(world.alltoallv(&[0; 2], &[2], &mut [0; 3], &[2])),
                "`recv` has 3 elements, the call needs 2"
            );
            assert_eq!(
                sentence(world.alltoallv(&[0; 3], &[2], &mut [0; 2], &[2])),
                "`send` has 3 elements, the call needs 2"
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

/// Elements of no bytes can be as many as a number counts.
#[test]
fn more_elements_than_a_number_counts() {
    in_time("no bytes", || {
        let kinds = World::threads(2).run(|world| {
            const HALF: usize = usize::MAX / 2 + 1;
            let most = vec![[0_u8; 0]; usize::MAX];
            let data = vec![[0_u8; 0]; HALF];
            let kind = |result: Result<(), Error>| result.unwrap_err().kind();
            let mut room = most.clone();
            let gathered = kind(world.allgather(&data, &mut room));
            assert!(
                matches!(gathered, ErrorKind::Value { argument: "recv", value: usize::MAX, .. }),
                "{gathered:?}"
            );
            assert_eq!(kind(world.allgather(&most, &mut room)), gathered);
            if world.rank() == 0 {
                let scattered = kind(world.scatter(&most, &mut data.clone(), 0));
                assert!(matches!(scattered, ErrorKind::Value { argument: "send", .. }));
                let counts = kind(world.gatherv(&data, &mut room, &[HALF; 2], 0));
                assert_eq!(counts, ErrorKind::Overflow { argument: "counts", at: 1, value: HALF });
            }
            let all = kind(world.alltoallv(&most, &[HALF; 2], &mut room, &[HALF; 2]));
            assert_eq!(all, ErrorKind::Overflow { argument: "send_counts", at: 1, value: HALF });
            // Half of them each is no number too many.
            world.alltoall(&most[..HALF], &mut room[..HALF])?;
            world.barrier()
        });
        kinds.unwrap();
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

#[test]
fn windows_name_what_they_refuse() {
    in_time("windows", || {
        let result = World::threads(1).run(|world| {
            assert_eq!(
                sentence(world.window(&[[true; 2]])),
                "the elements are [bool; 2], they must be numbers of which all bits are valid, without gaps"
            );
            let mut window = world.window(&[1.0; 4])?;
            assert_eq!(
                sentence(window.lock(3, Lock::Shared, |_| Ok(()))),
                "`rank` is 3, but the communicator has 1 ranks, from 0"
            );
            let mut put = |at, data: &[f64]| {
                sentence(window.lock(0, Lock::Shared, |target| target.put(data, at)))
            };
            assert_eq!(
                put(3, &[0.0; 2]),
                "`at` is 3, with 2 elements from there, but rank 0 has 4, from 0"
            );
            assert_eq!(
                put(usize::MAX, &[0.0; 2]),
                format!(
                    "`at` is {}, with 2 elements from there, but rank 0 has 4, from 0",
                    usize::MAX
                )
            );
            let closure = window.lock(0, Lock::Shared, |target| {
                target.accumulate(&[1.0], 0, |a: f64, b: f64| a.max(b))
            });
            assert_eq!(sentence(closure), "`operation` on f64 is none of the built-in ones");
            let update = window.lock(0, Lock::Shared, |target| target.update(0, 1, |_| ()));
            assert_eq!(
                sentence(update),
                "the lock of rank 0 is shared, the call needs an exclusive one"
            );
            let swap = window.lock(0, Lock::Shared, |target| target.compare_and_swap(1.0, 2.0, 0));
            assert_eq!(sentence(swap), "the elements are f64, they must be integers");
            Ok::<_, Error>(())
        });
        result.unwrap();
    });
}

/// An operation that says it is one that its numbers do not have.
#[test]
fn an_operation_that_says_it_is_another() {
    struct Odd;
    impl Operation<f64> for Odd {
        fn combine(&self, left: f64, _: f64) -> f64 {
            left
        }

        fn builtin(&self) -> Option<Builtin> {
            Some(Builtin::BitAnd)
        }
    }
    let result = World::threads(1).run(|world| {
        let mut window = world.window(&[1.0])?;
        let odd = window.lock(0, Lock::Shared, |target| target.fetch_and_op(2.0, 0, Odd));
        assert_eq!(sentence(odd), "`operation` is BitAnd, which is not built in for f64");
        assert_eq!(window.free()?, [1.0]);
        Ok::<_, Error>(())
    });
    result.unwrap();
}

#[cfg(all(unix, not(miri)))]
#[test]
fn files_name_what_they_refuse() {
    let path = std::env::temp_dir().join(format!("tenfold-comm-inputs-{}", std::process::id()));
    let result = World::threads(2).run(|world| {
        let error = world.open_file(&path, FileMode::Read).unwrap_err();
        assert_eq!(error.to_string(), "open_file failed on rank 0");
        let source = std::error::Error::source(&error).unwrap();
        assert_eq!(source.to_string(), format!("{path:?}"));
        let reason = source.source().unwrap();
        let all = format!("open_file failed on rank 0: {path:?}: {reason}");
        assert_eq!(format!("{error:#}"), all);
        // What `main` and `unwrap` print of it.
        assert!(format!("{error:?}").contains(&format!("{path:?}")), "{error:?}");
        let file = world.open_file(&path, FileMode::Create)?;
        let offset = u64::MAX - 7;
        assert_eq!(
            sentence(file.write_at(&[1.0], offset)),
            format!("`offset` is {offset}, it must be such that the end of the data is below 2^63")
        );
        file.write_at_all(&[0_u8; 6], 0)?;
        assert_eq!(
            sentence(file.read_at(&mut [0_u32; 2], 2)),
            "`room` takes 8 bytes, the file has 4 from `offset`, which is 2"
        );
        // What was given, and not where the second rank's part would begin.
        let offset = i64::MAX as u64 - 12;
        assert_eq!(
            sentence(file.write_ordered(&[1.0], offset)),
            format!("`offset` is {offset}, it must be such that the end of the data is below 2^63")
        );
        assert_eq!(
            sentence(file.set_len(3 - world.rank() as u64)),
            "`bytes` is 2 on rank 1, it must be 3 as on rank 0"
        );
        let offset = 4 + world.rank() as u64;
        assert_eq!(
            sentence(file.write_ordered(&[1.0], offset)),
            "`offset` is 5 on rank 1, it must be 4 as on rank 0"
        );
        Ok::<_, Error>(())
    });
    std::fs::remove_file(&path).unwrap();
    result.unwrap();
}
