//! Runs the suite that every communicator runs, on the MPI that this was built with:
//! `cargo xtask mpirun -n 4 --backend mpi --example conformance`.

use tenfold_comm::conformance;
use tenfold_comm_mpi::World;

fn main() -> Result<(), tenfold_comm::Error> {
    World::init()?.run(conformance::run);
    Ok(())
}
