//! Which arrays of a plan go to checkpoints.

use std::sync::Arc;

use super::{Place, Plan};
use crate::checkpoint::lasting;
use crate::error::Result;
use crate::node::Node;

/// Notes what each stored array, which is a node, is in any run, and which are saved: those that later stages read, and
/// results while there is more to come, or if they are kept.
///
/// # Errors
/// [`Value`](crate::ErrorKind::Value) if one of these could not be told from another one.
pub(super) fn note(
    plan: &mut Plan,
    nodes: &[&Arc<Node>],
    order: &[Arc<Node>],
    keeps: bool,
) -> Result<()> {
    let (all, stages) = (lasting(order)?, plan.stages.len());
    for (stored, node) in plan.stored.iter_mut().zip(nodes) {
        let was_asked_for = stored.last == stages;
        let is_held = matches!(stored.place, Place::Memory | Place::Disk | Place::Ranks);
        let lasting = &all[&node.identity];
        stored.is_saved = is_held && (!was_asked_for || keeps || stored.made + 1 < stages);
        stored.lasting = match stored.is_saved {
            true => Some(lasting.identity()?),
            false => lasting.known(),
        };
    }
    Ok(())
}
