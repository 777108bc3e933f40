//! `program.rs` on ranks that are threads, as many as `TENFOLD_RANKS` says.

mod program;

use tenfold_comm::World;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    World::from_env()?.run(program::program)?;
    Ok(())
}
