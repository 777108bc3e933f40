//! Wrong programs, each told of while it runs, and one that only takes its time:
//! `TENFOLD_COMM_CHECK=1 mpirun -n 3 target/debug/examples/wrong ring`.

use tenfold_comm::{Communicator as _, Error, NonblockingCollectives as _, Source, Sum};
use tenfold_comm_mpi::{MpiComm, World};

fn program(world: &MpiComm) -> Result<(), Error> {
    let (rank, size) = (world.rank(), world.size());
    let (left, right) = ((rank + size - 1) % size, (rank + 1) % size);
    let mut large = vec![1.0; 100_000];
    match std::env::args().nth(1).unwrap_or_default().as_str() {
        "ring" => {
            world.send(&large, right, 7)?;
            world.recv(&mut large, left, 7).map(drop)
        }
        "receives" => {
            world.recv(&mut [0], left, 7)?;
            world.send(&[1], right, 7)
        }
        "any" => {
            world.recv(&mut [0], Source::Any, 7)?;
            world.send(&[1], right, 7)
        }
        "synchronous" => {
            world.send(&[1], right, 7)?;
            world.recv(&mut [0], left, 7).map(drop)
        }
        "barrier" => {
            if rank == 0 {
                world.recv(&mut [0], 1, 7)?;
            }
            world.barrier()
        }
        "open" => {
            if rank == 0 {
                world.recv(&mut [0], 1, 7)?;
            }
            world.iallreduce(vec![1], vec![0], Sum)?.wait()?;
            if rank == 1 { world.send(&[1], 0, 7) } else { Ok(()) }
        }
        // Not wrong: the last rank lets the others wait.
        "slow" => {
            if rank == size - 1 {
                std::thread::sleep(std::time::Duration::from_secs(1));
                world.send(&large, 0, 7)?;
            }
            if rank == 0 {
                world.recv(&mut large, Source::Any, 7)?;
            }
            world.iallreduce(vec![1], vec![0], Sum)?.wait()?;
            world.barrier()
        }
        other => panic!("there is no {other:?}"),
    }
}

fn main() -> Result<(), Error> {
    World::init()?.run(program);
    Ok(())
}
