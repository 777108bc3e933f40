//! `program.rs` on ranks that are threads, as many as `TENFOLD_RANKS` says, both ways or one: `ssend` or `isend`.

mod program;

use tenfold_comm::World;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let world = World::from_env()?;
    match std::env::args().nth(1).as_deref() {
        Some("ssend") => world.run(program::ssend)?,
        Some("isend") => world.run(program::isend)?,
        _ => world.run(program::program)?,
    };
    Ok(())
}
