//! The text of a kernel of tenfold-kernel, with what it calls.

use std::collections::BTreeSet;

use tenfold_kernel::__private::Piece;
use tenfold_kernel::{Portable, Source};

use crate::error::{Error, ErrorKind, Result};
use crate::math;

/// A kernel's function and all that it needs, except for the neighbourhoods of a stencil. Where it is to
/// be precise, functions that WGSL has are ours.
pub(crate) fn text(source: &Source, is_precise: bool) -> Result<String> {
    let mut needs = BTreeSet::new();
    collect(source, &mut needs)?;
    let kernel = source.wgsl()?;
    let functions = match is_precise {
        true => math::exact_texts(needs, &kernel),
        false => math::texts(needs),
    };
    let functions = functions.map_err(|(function, ty)| {
        let message = format!("there is no function `{function}` of {ty} on devices");
        Error::new(ErrorKind::Unsupported, message)
    })?;
    Ok(functions + &kernel)
}

/// Whether a kernel's function is some operations and nothing that takes long: no loop, and no function that
/// may be ours.
pub(crate) fn is_short(source: &Source) -> Result<bool> {
    let Portable { needs, deps, pieces, .. } = source.portable()?;
    let is_long = |piece: &Piece| match piece {
        Piece::Text(text) => text.contains("loop") || math::calls_built_in(text),
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
