//! The text of a kernel of tenfold-kernel, with what it calls.

use std::collections::BTreeSet;

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

fn collect(source: &Source, all: &mut BTreeSet<(&'static str, &'static str)>) -> Result<()> {
    let Portable { needs, deps, .. } = source.portable()?;
    all.extend(needs.iter().copied());
    deps.iter().try_for_each(|dep| collect(dep, all))
}
