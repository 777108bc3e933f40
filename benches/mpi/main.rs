//! A rank of a job that the ladder has started: `mpirun -n RANKS ladder-mpi ADDRESS`.

use anyhow::{Context as _, Result};
use tenfold_benches::ladder::job::serve;
use tenfold_comm_mpi::World;

fn main() -> Result<()> {
    World::init()?.run(|world| {
        let address = std::env::args().nth(1);
        serve(world, &address.context("ADDRESS is missing: the ladder starts this program")?)
    });
    Ok(())
}
