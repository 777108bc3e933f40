//! Arrays over ranks.

mod checkpoints;
mod failures;
mod layouts;
mod one_file;
mod programs;
mod simulated;
mod spread;

use tenfold_array::{Error, Ranks, Settings};
use tenfold_comm::{ThreadComm, World};

/// What each of so many ranks gives, which are threads.
pub(crate) fn on_ranks<R: Send>(
    size: usize,
    settings: &Settings,
    program: impl Fn(&Ranks<'_>) -> Result<R, Error> + Sync,
) -> Vec<R> {
    let program = |world: &ThreadComm| program(&settings.over(world)?);
    World::threads(size).run(program).unwrap_or_else(|error| panic!("{size} ranks: {error:#}"))
}
