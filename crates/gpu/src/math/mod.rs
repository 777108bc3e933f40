//! Mathematical functions that WGSL lacks, or has less exact.

/// The definitions of what `needs` names, each once, with all that these call.
///
/// # Errors
/// The function and the type of which there is no definition.
pub(crate) fn texts<'a>(
    needs: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<String, (&'a str, &'a str)> {
    needs.into_iter().next().map_or(Ok(String::new()), Err)
}

/// As [`texts`], with definitions that make the built-in functions of f32 that `kernel` calls ours.
///
/// # Errors
/// As of [`texts`].
pub(crate) fn exact_texts<'a>(
    needs: impl IntoIterator<Item = (&'a str, &'a str)>,
    _kernel: &str,
) -> Result<String, (&'a str, &'a str)> {
    texts(needs)
}
