//! What cannot be is refused, with the value and the bound.

use tenfold_comm::{Cause, Communicator, Error, ErrorKind, Source, World};

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
