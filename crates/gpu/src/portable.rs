//! The text of a kernel of tenfold-kernel, with what it calls.

use std::collections::BTreeSet;

use tenfold_kernel::__private::Piece;
use tenfold_kernel::{Portable, Source};

use crate::error::Result;
use crate::program::missing;
use crate::{built_in, math};

/// A kernel's function and all that it needs, except for the neighbourhoods of a stencil.
pub(crate) fn text(source: &Source) -> Result<String> {
    let mut needs = BTreeSet::new();
    collect(source, &mut needs)?;
    let kernel = source.wgsl()?;
    let functions = math::texts(needs).map_err(missing)?;
    Ok(functions + &kernel)
}

/// Whether a kernel's function is some operations and nothing that takes long: no loop, and no function that
/// may be ours.
pub(crate) fn is_short(source: &Source) -> Result<bool> {
    let Portable { needs, deps, pieces, .. } = source.portable()?;
    let is_long = |piece: &Piece| match piece {
        Piece::Text(text) => text.contains("loop") || built_in::are_called(text),
        Piece::Const(_) | Piece::Call(_) => false,
    };
    if !needs.is_empty() || pieces.iter().any(is_long) {
        return Ok(false);
    }
    deps.iter().try_fold(true, |all, dep| Ok(all && is_short(dep)?))
}

fn collect(source: &Source, all: &mut BTreeSet<(&'static str, &'static str)>) -> Result<()> {
    let Portable { needs, deps, .. } = source.portable()?;
    all.extend(needs.iter().copied());
    deps.iter().try_for_each(|dep| collect(dep, all))
}
