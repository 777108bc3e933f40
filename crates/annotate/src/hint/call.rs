//! What to do about a call that was not inlined.

use super::{Found, expression};
use crate::Kind;
use crate::name::{last_segment, short};

/// What C's mathematical functions are called in Rust, and so in a kernel.
const LIBM: [(&str, &str); 34] = [
    ("exp", "exp"),
    ("exp2", "exp2"),
    ("expm1", "exp_m1"),
    ("log", "ln"),
    ("log1p", "ln_1p"),
    ("log2", "log2"),
    ("log10", "log10"),
    ("sin", "sin"),
    ("cos", "cos"),
    ("tan", "tan"),
    ("asin", "asin"),
    ("acos", "acos"),
    ("atan", "atan"),
    ("atan2", "atan2"),
    ("sinh", "sinh"),
    ("cosh", "cosh"),
    ("tanh", "tanh"),
    ("pow", "powf"),
    ("cbrt", "cbrt"),
    ("hypot", "hypot"),
    ("erf", "erf"),
    // What follows is an instruction, or is none at all.
    ("fma", "mul_add"),
    ("floor", "floor"),
    ("ceil", "ceil"),
    ("trunc", "trunc"),
    ("round", "round"),
    ("rint", "round_ties_even"),
    ("roundeven", "round_ties_even"),
    ("sincos", "sin_cos"),
    ("fmod", "%"),
    ("fmin", "min"),
    ("fmax", "max"),
    ("__powidf2", "powi"),
    ("__powisf2", "powi"),
];

pub(super) fn is_libm(found: &Found<'_>) -> bool {
    found.kind() == Kind::Call
        && (found.says("(libm)") || method(&last_segment(found.callee())).is_some())
}

/// The name in Rust of a function of libm, also of its variant for f32.
fn method(callee: &str) -> Option<&'static str> {
    let named = |name: &str| LIBM.iter().find(|(c, _)| *c == name).map(|(_, rust)| *rust);
    named(callee).or_else(|| named(callee.strip_suffix('f')?))
}

pub(super) fn hints(finding: &Found<'_>, code: &str) -> Vec<String> {
    let callee = finding.callee();
    if is_libm(finding) {
        let callee = last_segment(callee);
        return vec![of_libm(&callee, method(&callee).unwrap_or_default())];
    }
    if !finding.is_in_loop() {
        return Vec::new();
    }
    vec![of_others(finding, callee, code)]
}

fn of_libm(callee: &str, method: &str) -> String {
    match method {
        "mul_add" => format!(
            "`{callee}` computes `mul_add` by software where the processor is not known to have \
             FMA: write `a * b + c`, or let a `#[kernel(math = contract)]` of tenfold-kernel choose \
             when it runs"
        ),
        "floor" | "ceil" | "trunc" | "round" | "round_ties_even" => format!(
            "`{callee}` is a call in code for every x86-64, and an instruction from SSE4.1 on: a \
             `#[kernel]` of tenfold-kernel chooses when it runs"
        ),
        "%" => "the remainder of floats is a call: `x - (x / y).trunc() * y` is close to it, and \
                vectorises in a `#[kernel]` of tenfold-kernel"
            .to_owned(),
        "sin_cos" => format!(
            "`{callee}` takes one number at a time: a `#[kernel]` of tenfold-kernel has `sin` and \
             `cos` for whole vectors"
        ),
        "powf" => format!(
            "`{callee}` takes one number at a time: write small powers as products (`x * x`) or \
             `powi`; a `#[kernel]` of tenfold-kernel has `powf` for whole vectors"
        ),
        "min" | "max" => format!(
            "`{callee}` is a call for the sake of NaN: `if x < y {{ x }} else {{ y }}` is an \
             instruction"
        ),
        "powi" => {
            "`powi` of an exponent that only the running program knows is a loop of its own: \
                   write small powers as products (`x * x`)"
                .to_owned()
        }
        "" => format!(
            "`{callee}` takes one number at a time, and keeps the loop from being vectorised: call \
             it in a loop of its own, so that the rest goes wide"
        ),
        _ => format!(
            "`{callee}` takes one number at a time: a `#[kernel]` of tenfold-kernel has `{method}` \
             for whole vectors"
        ),
    }
}

fn of_others(finding: &Found<'_>, callee: &str, code: &str) -> String {
    if callee.is_empty() || finding.says("pointer") {
        return "the function is known only when it runs: a generic parameter (`impl Fn`, \
                `T: Trait`) in place of `dyn` or a function pointer lets it be inlined; or choose \
                outside of the loop"
            .to_owned();
    }
    let callee = short(callee);
    match callee.as_str() {
        "memcpy" | "memmove" => {
            let copied = expression::indices(code);
            let what = copied.first().map_or(String::new(), |index| format!(" `{}`", index.base));
            return format!(
                "`{callee}` moves a large value in every pass: borrow{what} in place of the copy"
            );
        }
        "memset" => {
            return "clear once before the loop, or let the loop write all values".to_owned();
        }
        "memcmp" | "bcmp" => {
            return format!(
                "`{callee}` compares bytes in every pass: compare lengths or hashes first"
            );
        }
        _ => {}
    }
    let has = |parts: &[&str]| parts.iter().any(|part| callee.contains(part));
    if has(&["core::fmt", "std::io", "_print", "alloc::fmt", "fmt::"]) {
        return "formatting and output in a loop: write into a `BufWriter` or a buffer, and print \
                it after the loop"
            .to_owned();
    }
    if has(&["core::iter::", "core::ops::range", "core::slice::iter", "core::slice::index"]) {
        return format!(
            "`{callee}` is inlined in every optimised build: annotate one, with `--release` or a \
             profile with `opt-level = 3`"
        );
    }
    if ["std::", "core::", "alloc::"].iter().any(|library| callee.starts_with(library)) {
        return format!(
            "`{callee}` of the standard library was not inlined: call it outside of the loop, or less \
             often"
        );
    }
    format!(
        "`{callee}` was not inlined: `#[inline]` on it (`#[inline(always)]` if the compiler still \
         declines), a generic parameter, or `lto = \"fat\"` where it is of another crate"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_of_libm_are_known_in_both_widths() {
        for (c, rust) in [("exp", "exp"), ("logf", "ln"), ("erff", "erf"), ("erf", "erf")] {
            assert_eq!(method(c), Some(rust), "{c}");
        }
        for other in ["", "f", "memcpy", "my::exp", "expff"] {
            assert_eq!(method(other), None, "{other}");
        }
    }
}
