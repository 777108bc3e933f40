//! Collectives that do not fit together.

use tenfold_comm::{Communicator, Max, Min, NonblockingCollectives, Prod, Sum};

use super::case::Case;
use super::case::Told::{Collectives, Failed};

macro_rules! case {
    ($name:literal, $told:ident, $wrong:expr, $right:expr $(,)?) => {
        Case { name: $name, told: $told, ranks: 2, wrong: $wrong, right: $right }
    };
}

/// Whether this is the rank that does otherwise than the others.
fn is_odd<C: Communicator>(world: &C) -> bool {
    world.rank() == world.size() - 1
}

#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn cases<C: Communicator>() -> Vec<Case<C>> {
    vec![
        case!(
            "a barrier and a broadcast",
            Collectives,
            |world| {
                if is_odd(world) {
                    world.barrier()?;
                    return world.bcast(&mut [0], 0);
                }
                world.bcast(&mut [0], 0)?;
                world.barrier()
            },
            |world| {
                world.bcast(&mut [0], 0)?;
                world.barrier()
            },
        ),
        case!(
            "broadcasts of two roots",
            Collectives,
            |world| world.bcast(&mut [0], usize::from(is_odd(world))),
            |world| world.bcast(&mut [0], 1),
        ),
        case!(
            "reductions to two roots",
            Collectives,
            |world| world.reduce(&[1], &mut [0], Sum, usize::from(is_odd(world))),
            |world| world.reduce(&[1], &mut [0], Sum, 1),
        ),
        case!(
            "gathers to two roots",
            Collectives,
            |world| {
                let mut room = vec![0; world.size()];
                world.gather(&[1], &mut room, usize::from(is_odd(world)))
            },
            |world| {
                let mut room = vec![0; world.size()];
                world.gather(&[1], &mut room, 0)
            },
        ),
        case!(
            "scatters of two roots",
            Collectives,
            |world| {
                let data = vec![1; world.size()];
                world.scatter(&data, &mut [0], usize::from(is_odd(world)))
            },
            |world| {
                let data = vec![1; world.size()];
                world.scatter(&data, &mut [0], 1)
            },
        ),
        case!(
            "a sum and a maximum on all",
            Collectives,
            |world| {
                if is_odd(world) {
                    return world.allreduce(&[1], &mut [0], Max);
                }
                world.allreduce(&[1], &mut [0], Sum)
            },
            |world| world.allreduce(&[1], &mut [0], Max),
        ),
        case!(
            "a sum and a product on a root",
            Collectives,
            |world| {
                if is_odd(world) {
                    return world.reduce(&[1], &mut [0], Prod, 0);
                }
                world.reduce(&[1], &mut [0], Sum, 0)
            },
            |world| world.reduce(&[1], &mut [0], Prod, 0),
        ),
        case!(
            "scans with two operations",
            Collectives,
            |world| {
                if is_odd(world) {
                    return world.scan(&[1], &mut [0], Min);
                }
                world.scan(&[1], &mut [0], Sum)
            },
            |world| world.scan(&[1], &mut [0], Min),
        ),
        case!(
            "exclusive scans with two operations",
            Collectives,
            |world| {
                if is_odd(world) {
                    return world.exscan(&[1], &mut [0], Min);
                }
                world.exscan(&[1], &mut [0], Sum)
            },
            |world| world.exscan(&[1], &mut [0], Sum),
        ),
        case!(
            "reductions of two lengths",
            Collectives,
            |world| {
                let len = 3 + usize::from(is_odd(world));
                world.allreduce(&vec![1; len], &mut vec![0; len], Sum)
            },
            |world| world.allreduce(&[1; 4], &mut [0; 4], Sum),
        ),
        case!(
            "reductions of two lengths to a root",
            Collectives,
            |world| {
                let len = 3 + usize::from(is_odd(world));
                world.reduce(&vec![1; len], &mut vec![0; len], Sum, 0)
            },
            |world| world.reduce(&[1; 4], &mut [0; 4], Sum, 0),
        ),
        case!(
            "scans of two lengths",
            Collectives,
            |world| {
                let len = 3 + usize::from(is_odd(world));
                world.scan(&vec![1; len], &mut vec![0; len], Sum)
            },
            |world| world.scan(&[1; 4], &mut [0; 4], Sum),
        ),
        case!(
            "a reduction to all and one to a root",
            Collectives,
            |world| {
                if is_odd(world) {
                    return world.reduce(&[1], &mut [0], Sum, 0);
                }
                world.allreduce(&[1], &mut [0], Sum)
            },
            |world| world.allreduce(&[1], &mut [0], Sum),
        ),
        case!(
            "a gather and a gather to all",
            Collectives,
            |world| {
                let mut room = vec![0; world.size()];
                if is_odd(world) {
                    return world.gather(&[1], &mut room, 0);
                }
                world.allgather(&[1], &mut room)
            },
            |world| {
                let mut room = vec![0; world.size()];
                world.allgather(&[1], &mut room)
            },
        ),
        case!(
            "one barrier more on one rank than its partner, and a reduction",
            Collectives,
            |world| {
                world.barrier()?;
                if is_odd(world) {
                    world.barrier()?;
                }
                world.allreduce(&[1], &mut [0], Sum)?;
                if is_odd(world) { Ok(()) } else { world.barrier() }
            },
            |world| {
                world.barrier()?;
                world.barrier()?;
                world.allreduce(&[1], &mut [0], Sum)
            },
        ),
        case!(
            "a copy of the communicator and a part of it",
            Collectives,
            |world| {
                if is_odd(world) {
                    return world.dup().map(drop);
                }
                world.split(Some(0), 0).map(drop)
            },
            |world| world.split(Some(0), 0).map(drop),
        ),
        case!(
            "a barrier where others split",
            Collectives,
            |world| {
                if is_odd(world) {
                    return world.barrier();
                }
                world.split(Some(0), 0).map(drop)
            },
            |world| {
                world.split((!is_odd(world)).then_some(0), 0)?;
                world.barrier()
            },
        ),
        case!(
            "two collectives that go on",
            Collectives,
            |world| {
                if is_odd(world) {
                    return world.ibarrier()?.wait();
                }
                world.iallreduce(vec![1], vec![0], Sum)?.wait().map(drop)
            },
            |world| {
                let sum = world.iallreduce(vec![1], vec![0], Sum)?;
                world.ibarrier()?.wait()?;
                sum.wait().map(drop)
            },
        ),
        case!(
            "two operations of a reduction that goes on",
            Collectives,
            |world| {
                if is_odd(world) {
                    return world.iallreduce(vec![1], vec![0], Max)?.wait().map(drop);
                }
                world.iallreduce(vec![1], vec![0], Sum)?.wait().map(drop)
            },
            |world| world.iallreduce(vec![1], vec![0], Max)?.wait().map(drop),
        ),
        case!(
            "two roots of a broadcast that goes on",
            Collectives,
            |world| { world.ibcast(vec![0], usize::from(is_odd(world)))?.wait().map(drop) },
            |world| world.ibcast(vec![0], 1)?.wait().map(drop),
        ),
        case!(
            "a rank that does not come to the barrier",
            Failed,
            |world| if is_odd(world) { Ok(()) } else { world.barrier() },
            |world| world.barrier(),
        ),
        case!(
            "a rank that does not come to the reduction",
            Failed,
            |world| {
                if is_odd(world) {
                    return Ok(());
                }
                world.allreduce(&[1.0], &mut [0.0], Sum)
            },
            |world| world.allreduce(&[1.0], &mut [0.0], Sum),
        ),
        case!(
            "broadcasts of two types",
            Failed,
            |world| {
                if is_odd(world) {
                    return world.bcast(&mut [0.0_f32; 3], 0);
                }
                world.bcast(&mut [0.0_f64; 3], 0)
            },
            |world| world.bcast(&mut [0.0_f32; 3], 0),
        ),
        case!(
            "broadcasts of two lengths",
            Failed,
            |world| world.bcast(&mut vec![0; 2 + usize::from(is_odd(world))], 0),
            |world| world.bcast(&mut [0; 3], 0),
        ),
        case!(
            "gathers of two lengths",
            Failed,
            |world| {
                let mut room = vec![0; 2 * world.size()];
                world.gather(&vec![1; 2 + usize::from(is_odd(world))], &mut room, 0)
            },
            |world| {
                let mut room = vec![0; 2 * world.size()];
                world.gather(&[1; 2], &mut room, 0)
            },
        ),
        case!(
            "gathers to all of two lengths",
            Failed,
            |world| {
                let len = 2 + usize::from(is_odd(world));
                world.allgather(&vec![1; len], &mut vec![0; len * world.size()])
            },
            |world| world.allgather(&[1; 2], &mut vec![0; 2 * world.size()]),
        ),
        case!(
            "exchanges of all with all of two lengths",
            Failed,
            |world| {
                let len = (2 + usize::from(is_odd(world))) * world.size();
                world.alltoall(&vec![1; len], &mut vec![0; len])
            },
            |world| {
                let len = 2 * world.size();
                world.alltoall(&vec![1; len], &mut vec![0; len])
            },
        ),
        case!(
            "communicators of other ranks",
            Failed,
            |world| {
                let ranks: Vec<usize> = (usize::from(is_odd(world))..world.size()).collect();
                world.subset(&ranks).map(drop)
            },
            |world| {
                let ranks: Vec<usize> = (1..world.size()).collect();
                world.subset(&ranks).map(drop)
            },
        ),
    ]
}
