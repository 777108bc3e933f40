//! Mathematical functions for devices, as texts in WGSL.
//!
//! A kernel calls `tenfold_exp_f64` and the like, and says so in its `needs`; [`texts`] gives
//! these functions, each once, with those that they call. They also stand in for
//! [built-in functions](crate::built_in). Most polynomials are those of tenfold-kernel.
//!
//! # What a device may do to a formula
//! Outside of precise mode a driver may round `a * b + c` once or twice, and some take
//! `(a + b) - a` for `b`; `fma` may round twice. So no text calls `fma`, and none relies on an
//! error of rounding that is got as `(a + b) - a - b`. Where one is needed, a number is cut after
//! half of its bits, which no rule about sums sees through: the rest is then an exact difference,
//! and products of such short numbers are exact, so that it does not matter how often a sum of
//! them is rounded. What is written as a difference of sums all the same only betters the last
//! bit, and may vanish.
//!
//! f64 is computed by `+`, `-`, `*`, `/`, `sqrt`, `abs`, `min`, `max` and `round` of numbers below
//! 2^24, since `exp`, `sin`, `pow` and the like are not there for it, and drivers are wrong about
//! the rounding of larger numbers. It needs integers of 64 bits.
//!
//! # Accuracy
#![doc = include_str!("accuracy.md")]
//!
//! NaN, infinities, zeros and the signs of zeros are those of std. Subnormal arguments and results
//! are right where the device keeps them. In precise mode the bits are the same on every device
//! whose `/` and `sqrt` round correctly. Vulkan lets those of f32 be off by 2.5 units, which then
//! adds to `acos`, `asin`, `atan`, `atan2`, `hypot`, `ln_1p`, `rsqrt`, `tan` and `tanh`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use crate::calls::PREFIX;

#[cfg(test)]
mod tests;

const FILES: &[&str] = &[
    include_str!("integer.wgsl"),
    include_str!("f32/arc.wgsl"),
    include_str!("f32/bits.wgsl"),
    include_str!("f32/erf.wgsl"),
    include_str!("f32/exp.wgsl"),
    include_str!("f32/hyperbolic.wgsl"),
    include_str!("f32/ln.wgsl"),
    include_str!("f32/pow.wgsl"),
    include_str!("f32/root.wgsl"),
    include_str!("f32/trig.wgsl"),
    include_str!("f64/arc.wgsl"),
    include_str!("f64/bits.wgsl"),
    include_str!("f64/erf.wgsl"),
    include_str!("f64/exp.wgsl"),
    include_str!("f64/hyperbolic.wgsl"),
    include_str!("f64/ln.wgsl"),
    include_str!("f64/pow.wgsl"),
    include_str!("f64/root.wgsl"),
    include_str!("f64/trig.wgsl"),
];

/// A function.
#[derive(Debug)]
struct Function {
    /// Its definition.
    text: &'static str,
    /// The names of the functions that it calls.
    calls: BTreeSet<&'static str>,
}

/// All functions by their names.
static FUNCTIONS: LazyLock<BTreeMap<&'static str, Function>> =
    LazyLock::new(|| FILES.iter().flat_map(|file| functions(file)).collect());

/// The functions of a file: each begins at the start of a line, and ends in the first line that is
/// `}` alone.
fn functions(file: &'static str) -> impl Iterator<Item = (&'static str, Function)> {
    file.match_indices("\nfn ").filter_map(move |(at, _)| {
        let text = &file[at + 1..];
        let text = &text[..text.find("\n}\n")? + 3];
        let (name, rest) = text.strip_prefix("fn ")?.split_once('(')?;
        Some((name, Function { text, calls: of_ours(rest).collect() }))
    })
}

/// The names in a text that begin as those of our functions.
fn of_ours(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices(PREFIX).map(|(at, _)| {
        let name = &text[at..];
        let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        &name[..end.unwrap_or(name.len())]
    })
}

/// The definitions of what `needs` names, each once, with all that these call.
///
/// # Errors
/// The function and the type of which there is no definition.
pub(crate) fn texts<'a>(
    needs: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<String, (&'a str, &'a str)> {
    Ok(written(&wanted(needs)?))
}

/// Those of [`texts`] that are not in `text`, to be added to it.
pub(crate) fn texts_beside<'a>(
    needs: impl IntoIterator<Item = (&'a str, &'a str)>,
    text: &str,
) -> Result<String, (&'a str, &'a str)> {
    let mut wanted = wanted(needs)?;
    wanted.retain(|name| !text.contains(FUNCTIONS[name].text));
    Ok(written(&wanted))
}

/// Whether a function is one of these.
pub(crate) fn has(name: &str) -> bool {
    FUNCTIONS.contains_key(name)
}

/// The names of the functions that are needed, with all that they call.
fn wanted<'a>(
    needs: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<BTreeSet<&'static str>, (&'a str, &'a str)> {
    let mut wanted = BTreeSet::new();
    for (name, ty) in needs {
        if !add_all(&format!("{PREFIX}{name}_{ty}"), &mut wanted) {
            return Err((name, ty));
        }
    }
    Ok(wanted)
}

/// Adds a function and all that it calls, if there is one of this name.
fn add_all(name: &str, wanted: &mut BTreeSet<&'static str>) -> bool {
    let Some((name, function)) = FUNCTIONS.get_key_value(name) else { return false };
    if wanted.insert(name) {
        for called in &function.calls {
            add_all(called, wanted);
        }
    }
    true
}

/// Whether a function of this name is called in a text.
pub(crate) fn is_called(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let inside = |c: char| c.is_ascii_alphanumeric() || c == '_';
        !text[..at].ends_with(inside) && text[at + name.len()..].trim_start().starts_with('(')
    })
}

/// Their definitions.
fn written(names: &BTreeSet<&'static str>) -> String {
    let texts = names.iter().filter_map(|name| FUNCTIONS.get(name));
    texts.map(|function| function.text).collect()
}
