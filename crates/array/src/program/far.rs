//! What comes from memory while a program computes something else.

use super::{Program, Scratch, Step};
use crate::buffer::with_dtype;
use crate::error::Result;
use crate::prefetch::{Prefetch, is_far};
use crate::tile::{parts, parts_and_next};
use crate::window::Window;

/// Elements that are seen of a leaf, and in how many steps they may be asked for.
#[derive(Clone, Copy)]
pub(super) struct Far {
    leaf: usize,
    view: usize,
    steps: usize,
}

impl Program {
    /// What it sees of an array in memory, if that is large and all that it sees in memory. With more, the processor has as
    /// much under way by itself as it can, and what is held for a portion has just been in the cache.
    pub(super) fn far(&self, scratch: &Scratch) -> Option<Far> {
        let steps = self.steps.iter().filter(|step| matches!(step, Step::Apply { .. })).count();
        let mut far = self.steps.iter().filter_map(|step| match *step {
            Step::Load { leaf, view, .. } => {
                let bytes = scratch.leaves[leaf].elements().bytes();
                (!self.leaves[leaf].is_held() && is_far(bytes)).then_some(Far { leaf, view, steps })
            }
            Step::Apply { .. } => None,
        });
        let only = far.next()?;
        (steps > 0 && far.next().is_none()).then_some(only)
    }

    /// Calls `each` with the tiles of a window, and with what is needed of what lies far after each.
    pub(super) fn tiles(
        &self,
        window: &Window,
        tile: &[usize],
        far: Option<Far>,
        scratch: &mut Scratch,
        mut each: impl FnMut(&Window, Prefetch, &mut Scratch) -> Result<()>,
    ) -> Result<()> {
        let Some(far) = far else {
            return parts(window, tile, |tile| each(tile, Prefetch::nothing(), scratch));
        };
        parts_and_next(window, tile, |tile, next| {
            let soon = next.map_or_else(Prefetch::nothing, |next| self.soon(far, next, scratch));
            each(tile, soon, scratch)
        })
    }

    /// What a tile needs of it.
    fn soon(&self, far: Far, tile: &Window, scratch: &Scratch) -> Prefetch {
        let (own, held) = (&self.leaves[far.leaf], &scratch.leaves[far.leaf]);
        let Some(place) = own.place(far.view, tile, held) else { return Prefetch::nothing() };
        with_dtype!(own.dtype, T => {
            Prefetch::of::<T>(held.elements().elements(), place, tile.len(), far.steps)
        })
    }
}
