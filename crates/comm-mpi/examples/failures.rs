//! What becomes of a job when something goes wrong on a rank. Named by the first argument:
//! `cargo xtask mpirun -n 2 --backend mpi --example failures -- panic`.
//!
//! All ranks end, within a second or two, with the message of the one that failed, and the job's exit code is
//! not 0. What a rank can deal with is an error that it can deal with.

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use tenfold_comm::{
    Cancel, Communicator, Error, ErrorKind, FileMode, Lock, NonblockingCollectives, OneSided,
    ParallelIo, Sum, wait_any,
};
use tenfold_comm_mpi::{MpiComm, ThreadLevel, World};

type Program = fn(&MpiComm) -> Result<(), Error>;

const PROGRAMS: &[(&str, Program)] = &[
    ("panic", panics),
    ("error", fails),
    ("scope", leaves_a_scope),
    ("unreceived", is_not_received),
    ("ended", waits_for_who_has_ended),
    ("any", waits_for_any),
    ("mismatch", is_in_another_collective),
    ("dropped", drops_a_request),
    ("long", sends_too_much),
    ("refused", cancels_a_send),
    ("exit", exits),
    ("handle", asks_for_the_handle),
    ("locked", panics_in_a_lock),
    ("leaves", leaves_in_a_lock),
    ("caught", is_caught_in_a_lock),
    ("waits", sends_to_who_waits_for_the_lock),
    ("windows", leaves_windows),
    ("driven", drives_what_the_receiver_waits_for),
    ("file", opens_no_file),
    ("apart", shares_with_all),
    ("abandoned", abandons_a_reduction),
    ("forgotten", forgets_a_reduction),
];

/// The last rank panics, and the others wait for it.
fn panics(world: &MpiComm) -> Result<(), Error> {
    let last = world.size() - 1;
    assert!(world.rank() != last, "the last rank has a bug");
    world.recv(&mut [0], last, 0).map(drop)
}

/// The last rank comes back with an error, and the others wait in a collective.
fn fails(world: &MpiComm) -> Result<(), Error> {
    if world.rank() == world.size() - 1 {
        return world.send(&[0], 1000, 0);
    }
    world.barrier()
}

/// A send has borrowed a buffer, and the program leaves the scope. The other rank never receives.
fn leaves_a_scope(world: &MpiComm) -> Result<(), Error> {
    if world.rank() == 0 {
        let data = vec![1.0; 100_000];
        return world.scope(|scope| {
            scope.isend(&data, 1, 0)?;
            Err(ErrorKind::Cancelled.into())
        });
    }
    world.recv(&mut [0], 0, 1).map(drop)
}

/// A large message to a rank that ends without it.
fn is_not_received(world: &MpiComm) -> Result<(), Error> {
    if world.rank() == 0 { world.send(&vec![1.0; 100_000], 1, 0) } else { Ok(()) }
}

/// A message of a rank that has ended: an error of the one that waits.
fn waits_for_who_has_ended(world: &MpiComm) -> Result<(), Error> {
    if world.rank() == 0 {
        let kind = world.recv(&mut [0], 1, 0).map(drop).map_err(|error| error.kind());
        assert_eq!(kind, Err(ErrorKind::RankEnded { rank: 1 }));
        println!("rank 0 was told");
    }
    Ok(())
}

/// Of a rank that has ended who asks hears too, and who waits for any, of which another is at work.
fn waits_for_any(world: &MpiComm) -> Result<(), Error> {
    match world.rank() {
        0 => {
            let ended = ErrorKind::RankEnded { rank: 2 };
            let mut receive = world.irecv(vec![0], 2, 0)?;
            while !receive.is_done() {
                thread::yield_now();
            }
            assert_eq!(receive.wait().map(drop).map_err(|error| error.kind()), Err(ended));
            let mut requests = vec![world.irecv(vec![0], 1, 0)?, world.irecv(vec![0], 2, 0)?];
            let first = wait_any(&mut requests).map(drop).map_err(|error| error.kind());
            assert_eq!(first, Err(ended));
            world.send(&[0], 1, 1)?;
            wait_any(&mut requests)?;
            println!("rank 0 was told of rank 2");
        }
        1 => {
            world.recv(&mut [0], 0, 1)?;
            world.send(&[0], 0, 0)?;
        }
        _ => {}
    }
    Ok(())
}

/// Two collectives that do not fit together: an error of the one that hears of it.
fn is_in_another_collective(world: &MpiComm) -> Result<(), Error> {
    if world.rank() == 0 { world.allreduce(&[1], &mut [0], Sum) } else { world.bcast(&mut [0], 1) }
}

/// Dropped sends go on, and their buffers stay; dropped receives take no message.
fn drops_a_request(world: &MpiComm) -> Result<(), Error> {
    let other = 1 - world.rank();
    for round in 0..50 {
        drop(world.irecv(vec![0.0; 10], other, 5)?);
        drop(world.isend(vec![f64::from(round); 20_000], other, 0)?);
    }
    for round in 0..50 {
        let mut room = vec![0.0; 20_000];
        world.recv(&mut room, other, 0)?;
        assert!(room.iter().all(|&number| number == f64::from(round)));
    }
    println!("rank {} has all", world.rank());
    Ok(())
}

/// Messages that are too long, of all lengths: errors that say so, and nothing is written.
fn sends_too_much(world: &MpiComm) -> Result<(), Error> {
    for (tag, sent) in (0..).zip([2, 100, 3944, 3945, 10_000, 1 << 20]) {
        if world.rank() == 0 {
            world.send(&vec![1_u8; sent], 1, tag)?;
        } else {
            let mut room = vec![0_u8; 2 * sent];
            let kind = world.recv(&mut room[..1], 0, tag).map_err(|error| error.kind());
            assert_eq!(kind, Err(ErrorKind::Truncated { sent, room: 1, from: 0, tag }));
            assert!(room.iter().all(|&byte| byte == 0));
        }
    }
    println!("rank {} is whole", world.rank());
    Ok(())
}

/// A send that the receiver has not met: it cannot be taken back, and is good all the same.
fn cancels_a_send(world: &MpiComm) -> Result<(), Error> {
    if world.rank() == 0 {
        let Cancel::Refused(send) = world.isend(vec![7.0; 100_000], 1, 0)?.cancel()? else {
            return Err(ErrorKind::Cancelled.into());
        };
        world.send(&[0], 1, 1)?;
        send.wait()?;
        println!("rank 0 has sent");
        return Ok(());
    }
    world.recv(&mut [0], 0, 1)?;
    let mut room = vec![0.0; 100_000];
    world.recv(&mut room, 0, 0)?;
    assert!(room.iter().all(|&number| number == 7.0));
    Ok(())
}

/// A process that leaves without a word.
fn exits(world: &MpiComm) -> Result<(), Error> {
    if world.rank() == 0 {
        std::process::exit(3);
    }
    world.recv(&mut [0], 0, 0).map(drop)
}

/// MPI's own handle, of all ranks and of some, which is freed before MPI ends.
fn asks_for_the_handle(world: &MpiComm) -> Result<(), Error> {
    let half = world.split(Some(u32::from(world.rank() > 0)), 0)?;
    for comm in half.iter().chain([world]) {
        assert_eq!(comm.as_raw()?, comm.as_raw()?);
    }
    assert_ne!(half.map_or_else(|| world.as_raw(), |half| half.as_raw())?, world.as_raw()?);
    println!("rank {} has a handle", world.rank());
    Ok(())
}

/// The last rank panics in a lock that the others wait for.
fn panics_in_a_lock(world: &MpiComm) -> Result<(), Error> {
    let mut window = world.window(&[0; 2])?;
    let last = world.size() - 1;
    if world.rank() == last {
        return window.lock(0, Lock::Exclusive, |_| {
            world.barrier()?;
            panic!("the last rank has a bug in a lock")
        });
    }
    world.barrier()?;
    window.lock(0, Lock::Exclusive, |target| target.put(&[1], 0))?;
    world.recv(&mut [0], last, 0).map(drop)
}

/// A process that leaves with a lock that the others wait for.
fn leaves_in_a_lock(world: &MpiComm) -> Result<(), Error> {
    let mut window = world.window(&[0; 2])?;
    if world.rank() == 0 {
        return window.lock(0, Lock::Exclusive, |_| {
            world.barrier()?;
            std::process::exit(3)
        });
    }
    world.barrier()?;
    window.lock(0, Lock::Exclusive, |target| target.put(&[1], 0))
}

/// Closures that panic, where the program goes on, and that fail: their locks are given back, and the own part
/// can be seen again.
fn is_caught_in_a_lock(world: &MpiComm) -> Result<(), Error> {
    let mut window = world.window(&[7; 2])?;
    let caught = catch_unwind(AssertUnwindSafe(|| {
        window.lock(0, Lock::Exclusive, |target| {
            target.update(0, 2, |_| panic!("a bug in an update"))
        })
    }));
    assert!(caught.is_err());
    let seen = catch_unwind(AssertUnwindSafe(|| window.local(|_| panic!("a bug beside"))));
    assert!(seen.is_err());
    let failed = window.lock_all(|all| all.target(0)?.put(&[1; 3], 0));
    assert!(matches!(failed.map_err(|error| error.kind()), Err(ErrorKind::Part { .. })));
    window.lock(0, Lock::Exclusive, |target| target.update(0, 1, |all| all[0] += 1))?;
    world.barrier()?;
    let must = if world.rank() == 0 { 7 + world.size() } else { 7 };
    assert_eq!(window.free()?, [must, 7]);
    println!("rank {} goes on", world.rank());
    Ok(())
}

/// Rank 0 has a lock that rank 1 waits for, and sends it what it has a receive for: too much to be copied aside.
fn sends_to_who_waits_for_the_lock(world: &MpiComm) -> Result<(), Error> {
    let mut window = world.window(&[0; 1])?;
    if world.rank() == 0 {
        window.lock(0, Lock::Exclusive, |_| {
            world.barrier()?;
            world.ssend(&vec![7.0; 100_000], 1, 0)
        })?;
    } else {
        let receive = world.irecv(vec![0.0; 100_000], 0, 0)?;
        world.barrier()?;
        window.lock(0, Lock::Exclusive, |target| target.put(&[1], 0))?;
        assert!(receive.wait()?.0.iter().all(|&number| number == 7.0));
    }
    println!("rank {} has met the other", world.rank());
    window.free().map(drop)
}

/// Windows that nobody frees, of all ranks and of some.
fn leaves_windows(world: &MpiComm) -> Result<(), Error> {
    let half = world.split(Some(u32::from(world.rank() % 2 == 1)), 0)?;
    for comm in half.iter().chain([world]) {
        drop(comm.window(&[1.5; 10])?);
        std::mem::forget(comm.window(&[1_u8; 3])?);
        let node = comm.split_shared()?;
        drop(node.shared_window(&[1_u8; 3])?.publish()?);
    }
    println!("rank {} leaves windows", world.rank());
    Ok(())
}

/// Rank 0 gives up a send, and rank 1 receives it when a sum is done that rank 0 has a part in.
fn drives_what_the_receiver_waits_for(world: &MpiComm) -> Result<(), Error> {
    if world.rank() == 0 {
        let sum = world.iallreduce(vec![1], vec![0], Sum)?;
        world.send(&[0], 1, 1)?;
        let data = vec![7.0; 100_000];
        let left: Result<(), Error> = world.scope(|scope| {
            scope.isend(&data, 1, 0)?;
            Err(ErrorKind::Cancelled.into())
        });
        assert_eq!(left.map_err(|error| error.kind()), Err(ErrorKind::Cancelled));
        assert_eq!(sum.wait()?, [2]);
    } else {
        world.recv(&mut [0], 0, 1)?;
        // Rank 0 has left its scope, and hears of this when it waits there.
        thread::sleep(Duration::from_millis(300));
        assert_eq!(world.iallreduce(vec![1], vec![0], Sum)?.wait()?, [2]);
        let mut room = vec![0.0; 100_000];
        world.recv(&mut room, 0, 0)?;
        assert!(room.iter().all(|&number| number == 7.0));
    }
    println!("rank {} has the sum", world.rank());
    Ok(())
}

/// An error with a cause: the system knows no such file.
fn opens_no_file(world: &MpiComm) -> Result<(), Error> {
    let path = std::env::temp_dir().join("tenfold-comm-mpi-nowhere").join("numbers");
    world.open_file(path, FileMode::Read).map(drop)
}

/// Memory of all ranks, which may be on different nodes. Those of one node have some together.
fn shares_with_all(world: &MpiComm) -> Result<(), Error> {
    let rank = world.rank();
    match world.shared_window(&[rank]) {
        Ok(window) => {
            println!("rank {rank} shares");
            window.free()?;
        }
        Err(error) => println!("rank {rank} is told: {error}"),
    }
    let node = world.split_shared()?;
    let view = node.shared_window(&[rank])?.publish()?;
    let mut ranks = view.parts().flatten();
    assert!(ranks.any(|&other| other == rank));
    Ok(())
}

/// Rank 0 leaves a sum to the end of its world, and the others wait for its part in it.
fn drops_the_world(world: World) -> Result<(), Error> {
    let comm = world.communicator();
    let (rank, size) = (comm.rank(), comm.size());
    if rank == 0 {
        let sum = comm.iallreduce(vec![1_usize], vec![0], Sum)?;
        (1..size).try_for_each(|other| comm.send(&[0], other, 1))?;
        drop(sum);
    } else {
        comm.recv(&mut [0], 0, 1)?;
        thread::sleep(Duration::from_millis(100));
        assert_eq!(comm.iallreduce(vec![1], vec![0], Sum)?.wait()?, [size]);
    }
    println!("rank {rank} drops its world");
    drop(world);
    Ok(())
}

fn has_a_bug(_: i32, _: i32) -> i32 {
    panic!("the operation has a bug")
}

/// Rank 0 drops a reduction, whose operation panics there while it waits for a message that cannot come.
fn abandons_a_reduction(world: &MpiComm) -> Result<(), Error> {
    if world.rank() == 0 {
        drop(world.iallreduce(vec![1], vec![0], has_a_bug)?);
        world.send(&[0], 1, 1)?;
        return world.recv(&mut [0], 1, 2).map(drop);
    }
    world.recv(&mut [0], 0, 1)?;
    world.iallreduce(vec![1], vec![0], Sum)?.wait()?;
    world.ibarrier()?.wait()?;
    world.send(&[0], 0, 2)
}

/// Rank 0 forgets a reduction, whose operation panics there when the program has ended.
fn forgets_a_reduction(world: &MpiComm) -> Result<(), Error> {
    if world.rank() == 0 {
        std::mem::forget(world.iallreduce(vec![1], vec![0], has_a_bug)?);
        return world.send(&[0], 1, 1);
    }
    world.recv(&mut [0], 0, 1)?;
    world.iallreduce(vec![1], vec![0], Sum)?.wait()?;
    world.ibarrier()?.wait()
}

/// MPI can be started once.
fn starts_twice(world: &World) {
    let kind = World::init_with(ThreadLevel::Multiple).map(drop).map_err(|error| error.kind());
    assert_eq!(kind, Err(ErrorKind::Started), "rank {}", world.communicator().rank());
}

fn main() -> Result<ExitCode, Error> {
    let name = std::env::args().nth(1).unwrap_or_default();
    if name == "world" {
        return drops_the_world(World::init()?).map(|()| ExitCode::SUCCESS);
    }
    let Some((_, program)) = PROGRAMS.iter().find(|(known, _)| *known == name) else {
        let known: Vec<&str> = PROGRAMS.iter().map(|(known, _)| *known).collect();
        println!("`{name}` is none of {}", known.join(", "));
        return Ok(ExitCode::from(2));
    };
    let world = World::init()?;
    starts_twice(&world);
    world.run(program);
    Ok(ExitCode::SUCCESS)
}
