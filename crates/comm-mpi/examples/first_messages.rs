//! The program of tenfold-comm's example `first_messages`, on ranks that are processes.

#[path = "../../comm/examples/first_messages/program.rs"]
mod program;

use tenfold_comm_mpi::World;

fn main() -> Result<(), tenfold_comm::Error> {
    World::init()?.run(program::program);
    Ok(())
}
