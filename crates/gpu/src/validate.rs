//! Texts in WGSL, checked before a driver sees them.

use naga::valid::{Capabilities, ModuleInfo, ValidationFlags, Validator};

use crate::error::{Error, ErrorKind, Result};

/// The module of a text, if a device that can do so much can run it.
pub(crate) fn validate(
    name: &str,
    text: &str,
    capabilities: Capabilities,
) -> Result<(naga::Module, ModuleInfo)> {
    let module = naga::front::wgsl::parse_str(text).map_err(|error| {
        invalid(name, text, error.location(text), error.message(), &error.emit_to_string(text))
    })?;
    check_immediates(name, &module)?;
    let checked = Validator::new(ValidationFlags::all(), capabilities).validate(&module);
    match checked {
        Ok(info) => Ok((module, info)),
        Err(error) => {
            let reason = innermost(error.as_inner());
            Err(invalid(name, text, error.location(text), &reason, &error.emit_to_string(text)))
        }
    }
}

/// An error if there are so many immediate numbers that naga cannot count them.
fn check_immediates(name: &str, module: &naga::Module) -> Result<()> {
    const MOST_BYTES: u32 = 255;
    for (_, variable) in module.global_variables.iter() {
        let size = module.types[variable.ty].inner.try_size(module.to_ctx());
        if variable.space == naga::AddressSpace::Immediate && size.is_none_or(|n| n > MOST_BYTES) {
            let size = size.map_or("no known number of".to_owned(), |size| size.to_string());
            let message = format!(
                "kernel `{name}` has {size} bytes of immediate numbers, and there may be {MOST_BYTES}"
            );
            return Err(Error::new(ErrorKind::TooLarge, message));
        }
    }
    Ok(())
}

/// What an error and its sources say, in one line.
fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(error) = next {
        text = format!("{text}: {error}");
        next = error.source();
    }
    text
}

fn invalid(
    name: &str,
    text: &str,
    location: Option<naga::SourceLocation>,
    reason: &str,
    picture: &str,
) -> Error {
    let line = location.map(|location| location.line_number);
    let place = line.and_then(|at| {
        let shown = text.lines().nth(usize::try_from(at).ok()?.checked_sub(1)?)?;
        Some(format!(", in line {at}: `{}`", shown.trim()))
    });
    let reason = reason.trim().trim_end_matches('.');
    let message =
        format!("kernel `{name}` is no valid WGSL: {reason}{}", place.unwrap_or_default());
    Error::new(ErrorKind::Validation { line }, message).with_source(picture.to_owned())
}
