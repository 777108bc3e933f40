//! The program of tenfold-comm's example `relay`, on ranks that are processes: both ways, or one: `ssend` or `isend`.

#[path = "../../comm/examples/relay/program.rs"]
mod program;

use tenfold_comm_mpi::World;

fn main() -> Result<(), tenfold_comm::Error> {
    let world = World::init()?;
    match std::env::args().nth(1).as_deref() {
        Some("ssend") => world.run(program::ssend),
        Some("isend") => world.run(program::isend),
        _ => world.run(program::program),
    };
    Ok(())
}
