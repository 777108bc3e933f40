//! The program of tenfold-comm's example `hello`, on ranks that are processes.

#[path = "../../comm/examples/hello/program.rs"]
mod program;

use tenfold_comm_mpi::World;

fn main() -> Result<(), tenfold_comm::Error> {
    World::init()?.run(program::program);
    Ok(())
}
