//! Checks portable sources.

use std::fmt::Write as _;

use naga::valid::{Capabilities, ValidationFlags, Validator};

use crate::error::{Error, ErrorKind};
use crate::source::{Kernel, Portable, Source};

/// Checks that the portable source of a kernel is a valid function of WGSL, by naga.
///
/// What a launcher adds, functions that WGSL lacks and the neighbourhoods of stencils, is there
/// for the check.
///
/// # Errors
/// If the kernel has no portable source, or a wrong one; the message says why and where.
///
/// ```
/// use tenfold_kernel::{kernel, verify};
///
/// #[kernel]
/// fn sphere(r: f32) -> f32 {
///     4.0 / 3.0 * std::f32::consts::PI * r * r * r
/// }
///
/// verify::<sphere, f32>()?;
/// # Ok::<(), tenfold_kernel::Error>(())
/// ```
pub fn verify<K: Kernel<T>, T>() -> Result<(), Error> {
    let mut text = String::new();
    surroundings(&K::SOURCE, &mut text)?;
    text.push_str(&K::SOURCE.wgsl()?);
    let wrong = |message: String| {
        let message = format!("the portable source of `{}` is wrong: {message}", K::NAME);
        Error::new(ErrorKind::Unsupported, message)
    };
    let module = naga::front::wgsl::parse_str(&text).map_err(|e| wrong(e.emit_to_string(&text)))?;
    let capabilities = Capabilities::FLOAT64 | Capabilities::SHADER_INT64;
    let checked = Validator::new(ValidationFlags::all(), capabilities).validate(&module);
    checked.map(|_| ()).map_err(|e| wrong(e.emit_to_string(&text)))
}

/// The functions that a launcher writes, with any results.
fn surroundings(source: &Source, text: &mut String) -> Result<(), Error> {
    let Portable { name, neighbours, needs, deps, .. } = source.portable()?;
    for dep in *deps {
        surroundings(dep, text)?;
    }
    let mut add = |function: String, head: String| {
        if !text.contains(&function) {
            let written = writeln!(text, "{function}{head}");
            debug_assert!(written.is_ok(), "text takes everything");
        }
    };
    for (of, ty, axes) in *neighbours {
        let place = ["i32", "vec2<i32>", "vec3<i32>"][axes.saturating_sub(1).min(2)];
        let head = format!("(at: {place}, by: {place}) -> {ty} {{ return {ty}(); }}");
        add(format!("fn {name}_nbr_{of}"), head);
    }
    for (function, ty) in *needs {
        let second = match *function {
            "powf" | "atan2" | "hypot" => format!(", y: {ty}"),
            "powi" => String::from(", y: i32"),
            "pow" => String::from(", y: u32"),
            _ => String::new(),
        };
        add(
            format!("fn tenfold_{function}_{ty}"),
            format!("(x: {ty}{second}) -> {ty} {{ return x; }}"),
        );
    }
    Ok(())
}
