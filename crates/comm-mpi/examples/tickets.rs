//! The program of tenfold-comm's example `tickets`, on ranks that are processes.

#[path = "../../comm/examples/tickets/program.rs"]
mod program;

use tenfold_comm_mpi::World;

fn main() -> Result<(), tenfold_comm::Error> {
    World::init()?.run(program::program);
    Ok(())
}
