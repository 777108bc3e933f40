//! The text of a kernel of tenfold-kernel, with what it calls.

use std::collections::BTreeSet;

use tenfold_kernel::{Portable, Source};

use crate::error::{Error, ErrorKind, Result};
use crate::math;

/// A kernel's function and all that it needs, except for the neighbourhoods of a stencil.
pub(crate) fn text(source: &Source) -> Result<String> {
    let mut needs = BTreeSet::new();
    collect(source, &mut needs)?;
    let functions = math::texts(needs).map_err(|(function, ty)| {
        let message = format!("there is no function `{function}` of {ty} on devices");
        Error::new(ErrorKind::Unsupported, message)
    })?;
    Ok(functions + &source.wgsl()?)
}

fn collect(source: &Source, all: &mut BTreeSet<(&'static str, &'static str)>) -> Result<()> {
    let Portable { needs, deps, .. } = source.portable()?;
    all.extend(needs.iter().copied());
    deps.iter().try_for_each(|dep| collect(dep, all))
}
