//! Sizes of types, or why there is none.

use tenfold_cdecl::{Type, Unit};

use crate::error::{Error, ErrorKind, Result};

/// Size and alignment of a type, in bytes.
pub(crate) fn of(unit: &Unit, ty: Type) -> Result<(usize, usize)> {
    use tenfold_cdecl::ErrorKind as Source;
    let layout = unit.layout(ty).map_err(|error| match error.kind() {
        Source::Partial | Source::Incomplete => partial(unit, ty).because(error),
        _ => Error::from(error),
    })?;
    let fits = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    Ok((fits(layout.size()), fits(layout.alignment())))
}

/// That a type's size is not known.
pub(crate) fn partial(unit: &Unit, ty: Type) -> Error {
    let message = format!("the size of `{}` is not known here", unit.spell(ty));
    Error::new(ErrorKind::Partial, message)
}
