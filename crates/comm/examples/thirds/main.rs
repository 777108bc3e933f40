//! `program.rs` on ranks that are threads, as many as `TENFOLD_RANKS` says, or else 12.

mod program;

use tenfold_comm::World;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let is_said = std::env::var_os("TENFOLD_RANKS").is_some();
    let world = if is_said { World::from_env()? } else { World::threads(12) };
    world.run(program::program)?;
    Ok(())
}
