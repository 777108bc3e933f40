//! A rank of a job. The ladder starts `mpirun -n RANKS ladder-mpi ADDRESS`, whose ranks wait for problems;
//! `mpirun -n RANKS ladder-mpi time heat|pi` times one of their own.

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use tenfold_benches::ladder::{job, timing};
use tenfold_comm_mpi::World;

fn main() -> Result<ExitCode> {
    Ok(World::init()?.run(|world| {
        let mut args = std::env::args_os().skip(1);
        let first = args.next().context("ADDRESS is missing: the ladder starts this program")?;
        if first == "time" {
            return timing::command(world, args);
        }
        job::serve(world, &first.to_string_lossy()).map(|()| ExitCode::SUCCESS)
    }))
}
