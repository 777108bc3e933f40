//! Running a program whose calls are recorded.

use super::overseer::Overseer;
use super::run::MAX_RANKS;
use super::{RunError, ThreadComm, World};
use crate::{Report, Tracing};

/// A [`World`] whose calls are recorded, and which is watched while it runs: see [`World::traced`].
#[derive(Clone, Debug)]
#[must_use = "a world does nothing before it runs a program"]
pub struct TracedWorld {
    world: World,
    tracing: Tracing,
}

impl TracedWorld {
    pub(super) fn new(world: World, tracing: Tracing) -> Self {
        Self { world, tracing }
    }

    /// Runs `program` on every rank as [`World::run`] does, and gives what was seen of it besides.
    ///
    /// Calls that wait for ever, as ranks wait for each other, fail with
    /// [`Deadlock`](crate::ErrorKind::Deadlock). A program that goes on after that is watched on: what it calls next
    /// is done, and the next deadlock is told too.
    ///
    /// # Errors
    /// As [`World::run`].
    pub fn run<R, E, F>(&self, program: F) -> (Result<Vec<R>, RunError<E>>, Report)
    where
        R: Send,
        E: Send,
        F: Fn(&ThreadComm) -> Result<R, E> + Sync,
    {
        let overseer = Overseer::new(self.world.ranks().min(MAX_RANKS), self.tracing.clone());
        let result = self.world.run_on(Some(&overseer), program);
        (result, overseer.into_report())
    }
}
