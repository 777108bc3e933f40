//! The program of tenfold-comm's example `sum`, on ranks that are processes.

#[path = "../../comm/examples/sum/program.rs"]
mod program;

use tenfold_comm_mpi::World;

fn main() -> Result<(), tenfold_comm::Error> {
    World::init()?.run(program::program);
    Ok(())
}
