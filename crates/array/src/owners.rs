//! Which ranks have the chunks of an array, where somebody has said so.

use std::sync::Arc;

use crate::chunks::Chunks;
use crate::error::{Error, Result};
use crate::node::{Node, Op};
#[cfg(feature = "ranks")]
use crate::ranks::Layout;

/// A layout, or none: then ranks have as many consecutive chunks each.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Owners {
    #[cfg(feature = "ranks")]
    pub(crate) layout: Option<Arc<Layout>>,
}

#[cfg(feature = "ranks")]
impl Owners {
    /// Those of an array that is made by an operation: of the first of its inputs that has a layout and as many chunks along
    /// each axis, so that what it is made of is where it is made.
    pub(crate) fn of(op: &Op, inputs: &[Arc<Node>], chunks: &Chunks) -> Self {
        let layout = match op {
            Op::Source(source) => source.on_ranks().and_then(|(there, owners, _)| {
                owners.layout.clone().filter(|_| there.counts() == chunks.counts())
            }),
            Op::View(view) => inputs.first().and_then(|input| {
                let seen = input.owners.layout.as_ref()?.seen(view)?;
                let is_alike = view.counts_of(&input.chunks.counts()) == chunks.counts();
                is_alike.then(|| Arc::new(seen))
            }),
            _ => inputs.iter().find_map(|input| {
                let layout = input.owners.layout.as_ref()?;
                (input.chunks.counts() == chunks.counts()).then(|| Arc::clone(layout))
            }),
        };
        Self { layout }
    }

    /// How many chunks a rank has at most.
    pub(crate) fn most(&self, chunks: &Chunks, ranks: usize) -> usize {
        match &self.layout {
            Some(layout) if ranks > 1 => layout.most(&chunks.counts()),
            _ => chunks.count().div_ceil(ranks),
        }
    }

    /// How many runs of chunks a rank has at most of those that are reduced along some axes to one, and how many chunks.
    pub(crate) fn runs(&self, chunks: &Chunks, axes: &[usize]) -> Option<(usize, usize)> {
        self.layout.as_ref().map(|layout| layout.runs(&chunks.counts(), axes))
    }

    /// That there are ranks for all of the mesh.
    pub(crate) fn check(&self, ranks: usize) -> Result<(), Error> {
        self.layout.as_ref().map_or(Ok(()), |layout| layout.check(ranks))
    }
}

/// Without ranks nobody says anything.
#[cfg(not(feature = "ranks"))]
impl Owners {
    pub(crate) fn of(_: &Op, _: &[Arc<Node>], _: &Chunks) -> Self {
        Self {}
    }

    pub(crate) fn most(&self, chunks: &Chunks, ranks: usize) -> usize {
        let Self {} = self;
        chunks.count().div_ceil(ranks)
    }

    pub(crate) fn runs(&self, _: &Chunks, _: &[usize]) -> Option<(usize, usize)> {
        let Self {} = self;
        None
    }

    pub(crate) fn check(&self, _: usize) -> Result<(), Error> {
        let Self {} = self;
        Ok(())
    }
}
