//! What ranks take together from an earlier run.

use super::Ranks;
use super::spread::Spread;
use crate::checkpoint::{Checkpoints, Members, Own};
use crate::error::Result;
use crate::plan::Plan;

impl Ranks<'_> {
    /// Makes the folder of checkpoints, if there is one.
    pub(super) fn open_checkpoints(&self) -> Result<()> {
        self.settings.checkpoint_folder().map_or(Ok(()), |folder| folder.open())
    }

    /// Looks what is there of a plan, which all ranks have.
    pub(super) fn resumed(&self, plan: &Plan) -> Result<Option<Checkpoints>> {
        let Some(folder) = self.settings.checkpoint_folder() else { return Ok(None) };
        let (rank, size) = (self.rank(), self.size());
        let members = Members {
            rank,
            size,
            own: &|stored| {
                let spread = Spread { rank, size, owners: stored.owners.clone() };
                Own::some(spread.numbers(&stored.chunks))
            },
            least: &|mine| self.link.least(&mine),
        };
        Checkpoints::resume(plan, &folder, &members, &self.settings.cancel).map(Some)
    }
}
