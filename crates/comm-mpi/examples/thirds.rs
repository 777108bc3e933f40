//! The program of tenfold-comm's example `thirds`, on ranks that are processes.

#[path = "../../comm/examples/thirds/program.rs"]
mod program;

use tenfold_comm_mpi::World;

fn main() -> Result<(), tenfold_comm::Error> {
    World::init()?.run(program::program);
    Ok(())
}
