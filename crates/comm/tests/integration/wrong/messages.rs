//! Messages that do not fit together.

use tenfold_comm::{Communicator, Source, Tags};

use super::case::Told::{Failed, Unreceived};
use super::case::{Case, LARGE};

macro_rules! case {
    ($name:literal, $told:ident, $wrong:expr, $right:expr $(,)?) => {
        Case { name: $name, told: $told, ranks: 2, wrong: $wrong, right: $right }
    };
}

/// Rank 0 does one thing and rank 1 another; the rest does nothing.
macro_rules! two {
    ($zero:expr, $one:expr) => {
        |world: &C| match world.rank() {
            0 => $zero(world),
            1 => $one(world),
            _ => Ok(()),
        }
    };
}

#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn cases<C: Communicator>() -> Vec<Case<C>> {
    vec![
        case!(
            "a message that nobody receives",
            Unreceived,
            two!(|world: &C| world.bsend(&[1], 1, 0), |_: &C| Ok(())),
            two!(|world: &C| world.bsend(&[1], 1, 0), |world: &C| world
                .recv(&mut [0], 0, 0)
                .map(drop)),
        ),
        case!(
            "one message more than is received",
            Unreceived,
            two!(
                |world: &C| (0..4).try_for_each(|number| world.bsend(&[number], 1, 0)),
                |world: &C| (0..3).try_for_each(|_| world.recv(&mut [0], 0, 0).map(drop))
            ),
            two!(
                |world: &C| (0..4).try_for_each(|number| world.send(&[number], 1, 0)),
                |world: &C| (0..4).try_for_each(|_| world.recv(&mut [0], 0, 0).map(drop))
            ),
        ),
        case!(
            "a message with another tag than is received",
            Unreceived,
            two!(
                |world: &C| {
                    world.bsend(&[1], 1, 4)?;
                    world.send(&[1], 1, 5)
                },
                |world: &C| world.recv(&mut [0], 0, 5).map(drop)
            ),
            two!(
                |world: &C| {
                    world.bsend(&[1], 1, 4)?;
                    world.send(&[1], 1, 5)
                },
                |world: &C| {
                    world.recv(&mut [0], 0, 4)?;
                    world.recv(&mut [0], 0, 5).map(drop)
                }
            ),
        ),
        case!(
            "a message of a copy of the communicator that nobody receives",
            Unreceived,
            |world| {
                let copy = world.dup()?;
                if world.rank() == 0 { copy.bsend(&[1], 1, 0) } else { Ok(()) }
            },
            |world| {
                let copy = world.dup()?;
                match world.rank() {
                    0 => copy.bsend(&[1], 1, 0),
                    1 => copy.recv(&mut [0], 0, 0).map(drop),
                    _ => Ok(()),
                }
            },
        ),
        case!(
            "a message that is only looked at",
            Unreceived,
            two!(|world: &C| world.bsend(&[1], 1, 0), |world: &C| world.probe(0, 0).map(drop)),
            two!(|world: &C| world.bsend(&[1], 1, 0), |world: &C| {
                world.probe(0, 0)?;
                world.recv(&mut [0], 0, 0).map(drop)
            }),
        ),
        case!(
            "answers that nobody waits for",
            Unreceived,
            |world| {
                if world.rank() > 0 {
                    return world.bsend(&[world.rank()], 0, 0);
                }
                world.recv(&mut [0_usize], Source::Any, 0).map(drop)?;
                if world.size() == 2 { world.bsend(&[0], 1, 0) } else { Ok(()) }
            },
            |world| {
                if world.rank() > 0 {
                    return world.send(&[world.rank()], 0, 0);
                }
                (1..world.size())
                    .try_for_each(|_| world.recv(&mut [0_usize], Source::Any, 0).map(drop))
            },
        ),
        case!(
            "a message that is too long",
            Failed,
            two!(|world: &C| world.send(&[1; 4], 1, 0), |world: &C| world
                .recv(&mut [0; 3], 0, 0)
                .map(drop)),
            two!(|world: &C| world.send(&[1; 4], 1, 0), |world: &C| world
                .recv(&mut [0; 4], 0, 0)
                .map(drop)),
        ),
        case!(
            "a large message that is too long",
            Failed,
            two!(|world: &C| world.send(&vec![1.0; LARGE], 1, 0), |world: &C| world
                .recv(&mut vec![0.0; LARGE - 1], 0, 0)
                .map(drop)),
            two!(|world: &C| world.send(&vec![1.0; LARGE - 1], 1, 0), |world: &C| world
                .recv(&mut vec![0.0; LARGE], 0, 0)
                .map(drop)),
        ),
        case!(
            "a message of another type",
            Failed,
            two!(|world: &C| world.send(&[1.0_f64], 1, 0), |world: &C| world
                .recv(&mut [0_u64], 0, 0)
                .map(drop)),
            two!(|world: &C| world.send(&[1_u64], 1, 0), |world: &C| world
                .recv(&mut [0_u64], 0, 0)
                .map(drop)),
        ),
        case!(
            "a message of pairs for numbers",
            Failed,
            two!(|world: &C| world.send(&[[1, 2]], 1, 0), |world: &C| world
                .recv(&mut [0; 2], 0, 0)
                .map(drop)),
            two!(|world: &C| world.send(&[[1, 2]], 1, 0), |world: &C| world
                .recv(&mut [[0; 2]], 0, 0)
                .map(drop)),
        ),
        case!(
            "a request that its message is too long for",
            Failed,
            two!(|world: &C| world.send(&[1; 4], 1, 0), |world: &C| world
                .irecv(vec![0; 3], 0, 0)?
                .wait()
                .map(drop)),
            two!(|world: &C| world.send(&[1; 4], 1, 0), |world: &C| world
                .irecv(vec![0; 9], 0, 0)?
                .wait()
                .map(drop)),
        ),
        case!(
            "an exchange of two lengths",
            Failed,
            two!(
                |world: &C| world.sendrecv((&[1; 4], 1, 0), &mut [0; 4], 1, 0).map(drop),
                |world: &C| world.sendrecv((&[1; 4], 0, 0), &mut [0; 3], 0, 0).map(drop)
            ),
            two!(
                |world: &C| world.sendrecv((&[1; 4], 1, 0), &mut [0; 4], 1, 0).map(drop),
                |world: &C| world.sendrecv((&[1; 4], 0, 0), &mut [0; 4], 0, 0).map(drop)
            ),
        ),
        case!(
            "a receive from a rank that has ended",
            Failed,
            two!(|_: &C| Ok(()), |world: &C| world.recv(&mut [0], 0, 0).map(drop)),
            two!(|world: &C| world.send(&[1], 1, 0), |world: &C| world
                .recv(&mut [0], 0, 0)
                .map(drop)),
        ),
        case!(
            "a probe of a rank that has ended",
            Failed,
            two!(|_: &C| Ok(()), |world: &C| world.probe(0, Tags::Any).map(drop)),
            two!(|world: &C| world.send(&[1], 1, 0), |world: &C| {
                world.probe(0, Tags::Any)?;
                world.recv(&mut [0], 0, 0).map(drop)
            }),
        ),
        case!(
            "a receive from any rank when all have ended",
            Failed,
            two!(|_: &C| Ok(()), |world: &C| world.recv(&mut [0], Source::Any, 0).map(drop)),
            two!(|world: &C| world.send(&[1], 1, 0), |world: &C| world
                .recv(&mut [0], Source::Any, 0)
                .map(drop)),
        ),
        case!(
            "a request for a message of a rank that has ended",
            Failed,
            two!(|_: &C| Ok(()), |world: &C| world.irecv(vec![0], 0, 0)?.wait().map(drop)),
            two!(|world: &C| world.send(&[1], 1, 0), |world: &C| world
                .irecv(vec![0], 0, 0)?
                .wait()
                .map(drop)),
        ),
        case!(
            "a receive with a tag that was sent under another",
            Failed,
            two!(|world: &C| world.bsend(&[1], 1, 3), |world: &C| world
                .recv(&mut [0], 0, 4)
                .map(drop)),
            two!(|world: &C| world.bsend(&[1], 1, 4), |world: &C| world
                .recv(&mut [0], 0, 4)
                .map(drop)),
        ),
        case!(
            "a rank that waits for a message of its own",
            Failed,
            |world| world.recv(&mut [0], world.rank(), 0).map(drop),
            |world| {
                let send = world.isend(vec![1], world.rank(), 0)?;
                world.recv(&mut [0], world.rank(), 0)?;
                send.wait().map(drop)
            },
        ),
    ]
}
