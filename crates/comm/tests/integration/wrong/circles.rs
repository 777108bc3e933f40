//! Ranks that wait for each other.

use tenfold_comm::{
    Communicator, Lock, NonblockingCollectives, OneSided, Source, Sum, Tags, wait_all, wait_any,
};

use super::case::Told::{Buffering, Deadlock};
use super::case::{Case, LARGE, partner, sides};

macro_rules! case {
    ($name:literal, $told:ident, $ranks:literal, $wrong:expr, $right:expr $(,)?) => {
        Case { name: $name, told: $told, ranks: $ranks, wrong: $wrong, right: $right }
    };
}

#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn cases<C: Communicator>() -> Vec<Case<C>> {
    vec![
        case!(
            "a ring of large sends",
            Deadlock,
            2,
            |world| {
                let (left, right) = sides(world);
                world.send(&vec![1.0; LARGE], right, 0)?;
                world.recv(&mut vec![0.0; LARGE], left, 0).map(drop)
            },
            |world| {
                let (left, right) = sides(world);
                let (data, mut room) = (vec![1.0; LARGE], vec![0.0; LARGE]);
                world.sendrecv((&data, right, 0), &mut room, left, 0).map(drop)
            },
        ),
        case!(
            "a ring of receives",
            Deadlock,
            2,
            |world| {
                let (left, right) = sides(world);
                world.recv(&mut [0], left, 0)?;
                world.send(&[1], right, 0)
            },
            |world| {
                let (left, right) = sides(world);
                if world.rank() == 0 {
                    world.send(&[1], right, 0)?;
                    return world.recv(&mut [0], left, 0).map(drop);
                }
                world.recv(&mut [0], left, 0)?;
                world.send(&[1], right, 0)
            },
        ),
        case!(
            "a ring of synchronous sends",
            Deadlock,
            2,
            |world| {
                let (left, right) = sides(world);
                world.ssend(&[1], right, 0)?;
                world.recv(&mut [0], left, 0).map(drop)
            },
            |world| {
                let (left, right) = sides(world);
                let request = world.issend(vec![1], right, 0)?;
                world.recv(&mut [0], left, 0)?;
                request.wait().map(drop)
            },
        ),
        case!(
            "pairs that both receive first",
            Deadlock,
            2,
            |world| {
                let Some(other) = partner(world) else { return Ok(()) };
                world.recv(&mut [0], other, 0)?;
                world.send(&[1], other, 0)
            },
            |world| {
                let Some(other) = partner(world) else { return Ok(()) };
                world.sendrecv((&[1], other, 0), &mut [0], other, 0).map(drop)
            },
        ),
        case!(
            "pairs that both send much first",
            Deadlock,
            2,
            |world| {
                let Some(other) = partner(world) else { return Ok(()) };
                world.send(&vec![1_u8; 8 * LARGE], other, 0)?;
                world.recv(&mut vec![0_u8; 8 * LARGE], other, 0).map(drop)
            },
            |world| {
                let Some(other) = partner(world) else { return Ok(()) };
                if world.rank() < other {
                    world.send(&vec![1_u8; 8 * LARGE], other, 0)?;
                }
                world.recv(&mut vec![0_u8; 8 * LARGE], other, 0)?;
                if world.rank() > other {
                    world.send(&vec![1_u8; 8 * LARGE], other, 0)?;
                }
                Ok(())
            },
        ),
        case!(
            "a question with one tag and an answer to another",
            Deadlock,
            2,
            |world| match world.rank() {
                0 => {
                    world.send(&[1], 1, 1)?;
                    world.recv(&mut [0], 1, 2).map(drop)
                }
                1 => {
                    world.recv(&mut [0], 0, 2)?;
                    world.send(&[1], 0, 2)
                }
                _ => Ok(()),
            },
            |world| match world.rank() {
                0 => {
                    world.send(&[1], 1, 1)?;
                    world.recv(&mut [0], 1, 2).map(drop)
                }
                1 => {
                    world.recv(&mut [0], 0, 1)?;
                    world.send(&[1], 0, 2)
                }
                _ => Ok(()),
            },
        ),
        case!(
            "a receive of the wrong rank",
            Deadlock,
            3,
            |world| match world.rank() {
                0 => {
                    world.send(&[1], 1, 0)?;
                    world.recv(&mut [0], 1, 0).map(drop)
                }
                1 => {
                    world.recv(&mut [0], 2, 0)?;
                    world.send(&[1], 0, 0)
                }
                2 => world.recv(&mut [0], 0, 3).map(drop),
                _ => Ok(()),
            },
            |world| match world.rank() {
                0 => {
                    world.send(&[1], 1, 0)?;
                    world.recv(&mut [0], 1, 0)?;
                    world.send(&[1], 2, 3)
                }
                1 => {
                    world.recv(&mut [0], 0, 0)?;
                    world.send(&[1], 0, 0)
                }
                2 => world.recv(&mut [0], 0, 3).map(drop),
                _ => Ok(()),
            },
        ),
        case!(
            "all receive from any rank first",
            Deadlock,
            2,
            |world| {
                world.recv(&mut [0], Source::Any, 0)?;
                world.send(&[1], sides(world).1, 0)
            },
            |world| {
                let request = world.isend(vec![1], sides(world).1, 0)?;
                world.recv(&mut [0], Source::Any, 0)?;
                request.wait().map(drop)
            },
        ),
        case!(
            "all receive any tag of any rank first",
            Deadlock,
            2,
            |world| {
                world.recv(&mut [0], Source::Any, Tags::Any)?;
                world.send(&[1], sides(world).1, 5)
            },
            |world| {
                if world.rank() == 0 {
                    world.send(&[1], sides(world).1, 5)?;
                }
                world.recv(&mut [0], Source::Any, Tags::Any)?;
                if world.rank() > 0 {
                    world.send(&[1], sides(world).1, 5)?;
                }
                Ok(())
            },
        ),
        case!(
            "a collector that waits for one more than come",
            Deadlock,
            2,
            |world| {
                if world.rank() > 0 {
                    world.send(&[1], 0, 0)?;
                    return world.barrier();
                }
                for _ in 0..world.size() {
                    world.recv(&mut [0], Source::Any, 0)?;
                }
                world.barrier()
            },
            |world| {
                if world.rank() > 0 {
                    world.send(&[1], 0, 0)?;
                    return world.barrier();
                }
                for _ in 1..world.size() {
                    world.recv(&mut [0], Source::Any, 0)?;
                }
                world.barrier()
            },
        ),
        case!(
            "all probe first",
            Deadlock,
            2,
            |world| {
                let (left, right) = sides(world);
                world.probe(left, 0)?;
                world.send(&[1], right, 0)?;
                world.recv(&mut [0], left, 0).map(drop)
            },
            |world| {
                let (left, right) = sides(world);
                let request = world.isend(vec![1], right, 0)?;
                world.probe(left, 0)?;
                world.recv(&mut [0], left, 0)?;
                request.wait().map(drop)
            },
        ),
        case!(
            "all take by a probe first",
            Deadlock,
            2,
            |world| {
                let (left, right) = sides(world);
                world.mprobe(left, Tags::Any)?.recv(&mut [0])?;
                world.send(&[1], right, 0)
            },
            |world| {
                let (left, right) = sides(world);
                let request = world.isend(vec![1], right, 0)?;
                world.mprobe(left, Tags::Any)?.recv(&mut [0])?;
                request.wait().map(drop)
            },
        ),
        case!(
            "all wait for any request first",
            Deadlock,
            2,
            |world| {
                let (left, right) = sides(world);
                let mut requests = vec![world.irecv(vec![0], left, 0)?];
                wait_any(&mut requests)?;
                world.send(&[1], right, 0)
            },
            |world| {
                let (left, right) = sides(world);
                let send = world.isend(vec![1], right, 0)?;
                let mut requests = vec![world.irecv(vec![0], left, 0)?];
                wait_any(&mut requests)?;
                send.wait().map(drop)
            },
        ),
        case!(
            "all wait for all requests first",
            Deadlock,
            2,
            |world| {
                let (left, right) = sides(world);
                wait_all([world.irecv(vec![0], left, 0)?, world.irecv(vec![0], right, 0)?])?;
                world.send(&[1], right, 0)?;
                world.send(&[1], left, 0)
            },
            |world| {
                let (left, right) = sides(world);
                wait_all([
                    world.irecv(vec![0], left, 0)?,
                    world.irecv(vec![0], right, 0)?,
                    world.isend(vec![1], right, 0)?,
                    world.isend(vec![1], left, 0)?,
                ])
                .map(drop)
            },
        ),
        case!(
            "all wait for a receive before they send",
            Deadlock,
            2,
            |world| {
                let (left, right) = sides(world);
                world.irecv(vec![0], left, 0)?.wait()?;
                world.isend(vec![1], right, 0)?.wait().map(drop)
            },
            |world| {
                let (left, right) = sides(world);
                let receive = world.irecv(vec![0], left, 0)?;
                world.isend(vec![1], right, 0)?.wait()?;
                receive.wait().map(drop)
            },
        ),
        case!(
            "all wait for a synchronous send before they receive",
            Deadlock,
            2,
            |world| {
                let (left, right) = sides(world);
                world.issend(vec![1], right, 0)?.wait()?;
                world.recv(&mut [0], left, 0).map(drop)
            },
            |world| {
                let (left, right) = sides(world);
                let send = world.issend(vec![1], right, 0)?;
                world.recv(&mut [0], left, 0)?;
                send.wait().map(drop)
            },
        ),
        case!(
            "a scope that ends before the send",
            Deadlock,
            2,
            |world| {
                let (left, right) = sides(world);
                let mut room = [0];
                world.scope(|scope| scope.irecv(&mut room, left, 0).map(drop))?;
                world.send(&[1], right, 0)
            },
            |world| {
                let (left, right) = sides(world);
                let mut room = [0];
                world.scope(|scope| {
                    scope.irecv(&mut room, left, 0)?;
                    world.send(&[1], right, 0)
                })
            },
        ),
        case!(
            "an exchange with the wrong side",
            Deadlock,
            3,
            |world| {
                let right = sides(world).1;
                world.sendrecv((&[1], right, 0), &mut [0], right, 0).map(drop)
            },
            |world| {
                let (left, right) = sides(world);
                world.sendrecv((&[1], right, 0), &mut [0], left, 0).map(drop)
            },
        ),
        case!(
            "a persistent receive that is waited for before the send",
            Deadlock,
            2,
            |world| {
                let (left, right) = sides(world);
                let mut receive = world.recv_init(vec![0], left, 0)?;
                receive.start()?;
                receive.wait()?;
                world.send(&[1], right, 0)
            },
            |world| {
                let (left, right) = sides(world);
                let mut receive = world.recv_init(vec![0], left, 0)?;
                receive.start()?;
                world.send(&[1], right, 0)?;
                receive.wait().map(drop)
            },
        ),
        case!(
            "three ranks in three calls",
            Deadlock,
            3,
            |world| match world.rank() {
                0 => world.recv(&mut [0], 1, 0).map(drop),
                1 => world.ssend(&[1], 2, 0),
                2 => world.probe(0, 0).map(drop),
                _ => Ok(()),
            },
            |world| match world.rank() {
                0 => {
                    world.isend(vec![1], 2, 0)?.wait()?;
                    world.recv(&mut [0], 1, 0).map(drop)
                }
                1 => {
                    world.ssend(&[1], 2, 0)?;
                    world.send(&[1], 0, 0)
                }
                2 => {
                    world.probe(0, 0)?;
                    world.recv(&mut [0], 0, 0)?;
                    world.recv(&mut [0], 1, 0).map(drop)
                }
                _ => Ok(()),
            },
        ),
        case!(
            "a receive before a barrier that the sender is in",
            Deadlock,
            2,
            |world| {
                if world.rank() == 0 {
                    world.recv(&mut [0], 1, 0)?;
                    return world.barrier();
                }
                world.barrier()?;
                if world.rank() == 1 { world.send(&[1], 0, 0) } else { Ok(()) }
            },
            |world| {
                if world.rank() == 0 {
                    world.barrier()?;
                    return world.recv(&mut [0], 1, 0).map(drop);
                }
                world.barrier()?;
                if world.rank() == 1 { world.send(&[1], 0, 0) } else { Ok(()) }
            },
        ),
        case!(
            "a receive before a broadcast that the sender waits for",
            Deadlock,
            2,
            |world| {
                let mut value = [0];
                if world.rank() == 0 {
                    world.recv(&mut [0], 1, 0)?;
                }
                world.bcast(&mut value, 0)?;
                if world.rank() == 1 { world.send(&[1], 0, 0) } else { Ok(()) }
            },
            |world| {
                let mut value = [0];
                world.bcast(&mut value, 0)?;
                match world.rank() {
                    0 => world.recv(&mut [0], 1, 0).map(drop),
                    1 => world.send(&[1], 0, 0),
                    _ => Ok(()),
                }
            },
        ),
        case!(
            "a large send to a rank in a barrier",
            Deadlock,
            2,
            |world| match world.rank() {
                0 => {
                    world.send(&vec![1.0; LARGE], 1, 0)?;
                    world.barrier()
                }
                1 => {
                    world.barrier()?;
                    world.recv(&mut vec![0.0; LARGE], 0, 0).map(drop)
                }
                _ => world.barrier(),
            },
            |world| match world.rank() {
                0 => {
                    world.send(&vec![1.0; LARGE], 1, 0)?;
                    world.barrier()
                }
                1 => {
                    world.recv(&mut vec![0.0; LARGE], 0, 0)?;
                    world.barrier()
                }
                _ => world.barrier(),
            },
        ),
        case!(
            "a synchronous send to a rank in a reduction",
            Deadlock,
            2,
            |world| {
                if world.rank() == 1 {
                    world.ssend(&[1], 0, 0)?;
                }
                world.allreduce(&[1], &mut [0], Sum)?;
                if world.rank() == 0 { world.recv(&mut [0], 1, 0).map(drop) } else { Ok(()) }
            },
            |world| {
                match world.rank() {
                    0 => world.recv(&mut [0], 1, 0).map(drop)?,
                    1 => world.ssend(&[1], 0, 0)?,
                    _ => (),
                }
                world.allreduce(&[1], &mut [0], Sum)
            },
        ),
        case!(
            "two communicators in two orders",
            Deadlock,
            2,
            |world| {
                let (one, two) = (world.dup()?, world.dup()?);
                if world.rank() == 0 {
                    one.barrier()?;
                    return two.barrier();
                }
                two.barrier()?;
                one.barrier()
            },
            |world| {
                let (one, two) = (world.dup()?, world.dup()?);
                one.barrier()?;
                two.barrier()
            },
        ),
        case!(
            "a part of the ranks in a barrier of their own",
            Deadlock,
            3,
            |world| {
                let part = world.split(Some(u32::from(world.rank() == 0)), 0)?;
                let part = part.expect("it gave a color");
                if world.rank() == 1 {
                    world.barrier()?;
                }
                part.barrier()?;
                if world.rank() == 1 { Ok(()) } else { world.barrier() }
            },
            |world| {
                let part = world.split(Some(u32::from(world.rank() == 0)), 0)?;
                part.expect("it gave a color").barrier()?;
                world.barrier()
            },
        ),
        case!(
            "a message that comes only when the lock is given back",
            Deadlock,
            2,
            |world| {
                let mut window = world.window(&[0_u32])?;
                if world.rank() == 0 {
                    window.lock(0, Lock::Exclusive, |_| world.recv(&mut [0], 1, 0))?;
                } else if world.rank() == 1 {
                    world.recv(&mut [0], 0, 1)?;
                    window.lock(0, Lock::Exclusive, |target| target.put(&[1], 0))?;
                    world.send(&[1], 0, 0)?;
                }
                window.free().map(drop)
            },
            |world| {
                let mut window = world.window(&[0_u32])?;
                if world.rank() == 0 {
                    window.lock(0, Lock::Exclusive, |target| target.put(&[2], 0))?;
                    world.recv(&mut [0], 1, 0)?;
                } else if world.rank() == 1 {
                    window.lock(0, Lock::Exclusive, |target| target.put(&[1], 0))?;
                    world.send(&[1], 0, 0)?;
                }
                window.free().map(drop)
            },
        ),
        case!(
            "a barrier that goes on, and one rank has not started",
            Deadlock,
            2,
            |world| {
                if world.rank() == 0 {
                    world.recv(&mut [0], 1, 0)?;
                    return world.ibarrier()?.wait();
                }
                world.ibarrier()?.wait()?;
                if world.rank() == 1 { world.send(&[1], 0, 0) } else { Ok(()) }
            },
            |world| {
                let barrier = world.ibarrier()?;
                match world.rank() {
                    0 => world.recv(&mut [0], 1, 0).map(drop)?,
                    1 => world.send(&[1], 0, 0)?,
                    _ => (),
                }
                barrier.wait()
            },
        ),
        case!(
            "a reduction that goes on, and one rank has not started",
            Deadlock,
            2,
            |world| {
                if world.rank() == 0 {
                    world.recv(&mut [0], 1, 0)?;
                }
                world.iallreduce(vec![1], vec![0], Sum)?.wait()?;
                if world.rank() == 1 { world.send(&[1], 0, 0) } else { Ok(()) }
            },
            |world| {
                let sum = world.iallreduce(vec![1], vec![0], Sum)?;
                match world.rank() {
                    0 => world.recv(&mut [0], 1, 0).map(drop)?,
                    1 => world.send(&[1], 0, 0)?,
                    _ => (),
                }
                sum.wait().map(drop)
            },
        ),
        case!(
            "a ring of small sends",
            Buffering,
            2,
            |world| {
                let (left, right) = sides(world);
                world.send(&[1], right, 0)?;
                world.recv(&mut [0], left, 0).map(drop)
            },
            |world| {
                let (left, right) = sides(world);
                world.sendrecv((&[1], right, 0), &mut [0], left, 0).map(drop)
            },
        ),
        case!(
            "pairs of small sends",
            Buffering,
            2,
            |world| {
                let Some(other) = partner(world) else { return Ok(()) };
                world.send(&[1; 100], other, 0)?;
                world.recv(&mut [0; 100], other, 0).map(drop)
            },
            |world| {
                let Some(other) = partner(world) else { return Ok(()) };
                let send = world.isend(vec![1; 100], other, 0)?;
                world.recv(&mut [0; 100], other, 0)?;
                send.wait().map(drop)
            },
        ),
        case!(
            "sends that are waited for before the receives",
            Buffering,
            2,
            |world| {
                let (left, right) = sides(world);
                world.isend(vec![1], right, 0)?.wait()?;
                world.recv(&mut [0], left, 0).map(drop)
            },
            |world| {
                let (left, right) = sides(world);
                let send = world.isend(vec![1], right, 0)?;
                world.recv(&mut [0], left, 0)?;
                send.wait().map(drop)
            },
        ),
        case!(
            "a small send before a barrier, and its receive after it",
            Buffering,
            2,
            |world| {
                if world.rank() == 1 {
                    world.send(&[1], 0, 0)?;
                }
                world.barrier()?;
                if world.rank() == 0 { world.recv(&mut [0], 1, 0).map(drop) } else { Ok(()) }
            },
            |world| {
                let send = (world.rank() == 1).then(|| world.isend(vec![1], 0, 0)).transpose()?;
                world.barrier()?;
                if world.rank() == 0 {
                    world.recv(&mut [0], 1, 0)?;
                }
                send.map_or(Ok(()), |send| send.wait().map(drop))
            },
        ),
        case!(
            "messages in another order than they are received",
            Buffering,
            2,
            |world| match world.rank() {
                0 => {
                    world.send(&[1], 1, 1)?;
                    world.send(&[2], 1, 2)
                }
                1 => {
                    world.recv(&mut [0], 0, 2)?;
                    world.recv(&mut [0], 0, 1).map(drop)
                }
                _ => Ok(()),
            },
            |world| match world.rank() {
                0 => {
                    world.send(&[1], 1, 1)?;
                    world.send(&[2], 1, 2)
                }
                1 => {
                    world.recv(&mut [0], 0, 1)?;
                    world.recv(&mut [0], 0, 2).map(drop)
                }
                _ => Ok(()),
            },
        ),
    ]
}
