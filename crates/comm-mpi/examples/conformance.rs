//! Runs the suite that every communicator runs, on the MPI that this was built with:
//! `cargo xtask mpirun -n 4 --backend mpi --example conformance`.

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use tenfold_comm::{Communicator as _, OneSided as _, conformance};
use tenfold_comm_mpi::{MpiComm, World};

/// The suite passes over what a communicator says that it does not have. This one has windows.
fn program(world: &MpiComm) -> Result<(), Box<dyn std::error::Error>> {
    world.window(&[0])?.free()?;
    world.split_shared()?.shared_window(&[0])?.free()?;
    conformance::run(world)?;
    println!("rank {} has windows, and passes", world.rank());
    Ok(())
}

fn main() -> Result<(), tenfold_comm::Error> {
    World::init()?.run(program);
    Ok(())
}
