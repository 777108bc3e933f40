//! The portable source of every kernel of ours is valid, or there is none for a reason that we know.

use tenfold_kernel::{Error, ErrorKind, Kernel, kernel, verify};

/// A kernel for one type of elements, and whether its source is right.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    /// The file, and the number of the example in it.
    pub(crate) place: &'static str,
    /// `saxpy`, `larger<u8>`
    pub(crate) kernel: &'static str,
    /// It is a loop, or has a signature.
    pub(crate) on_slices: bool,
    pub(crate) source: Result<(), Error>,
}

/// What `build.rs` has collected.
#[allow(warnings, clippy::all, reason = "copies of code that is checked where it stands")]
mod kernels {
    use super::Found;
    include!(concat!(env!("OUT_DIR"), "/kernels.rs"));
}

const SLICES: &str = "it works on slices";

/// The other kernels without a source, and why.
const WITHOUT: &[(&str, &str, &str)] = &[
    ("crates/gpu/tests/integration/kernels.rs", "narrow_int", "no `i8`"),
    ("crates/gpu/tests/integration/reductions.rs", "quotients", "`division = error`"),
    ("crates/kernel/tests/integration/complex.rs", "functions", "`powf` of complex numbers"),
    ("crates/kernel/tests/integration/complex.rs", "ratio", "`division = error`"),
    ("crates/kernel/tests/integration/complex.rs", "slope", "its border is a complex number"),
    ("crates/kernel/tests/integration/divergent.rs", "pairs", "`continue` an outer loop"),
    ("crates/kernel/tests/integration/divergent.rs", "stairs", "no `i16`"),
    ("crates/kernel/tests/integration/elementwise.rs", "larger<u8>", "no `u8`"),
    ("crates/kernel/tests/integration/elementwise.rs", "ratio", "`division = error`"),
    ("crates/kernel/tests/integration/elementwise.rs", "guarded", "`division = error`"),
    ("crates/kernel/tests/integration/reduce.rs", "beside", "no `i16`"),
    ("crates/kernel/tests/integration/reduce.rs", "widened", "no `i16`"),
    ("crates/kernel/tests/integration/reduce.rs", "wrapping", "no `i8`"),
    ("crates/kernel/tests/integration/scan.rs", "product", "no `u8`"),
    ("crates/kernel/tests/integration/scan.rs", "shares", "`division = error`"),
    ("crates/kernel/tests/integration/stencil.rs", "life", "no `u8`"),
    ("crates/kernel/tests/integration/stencil.rs", "ratio", "`division = error`"),
    ("crates/kernel/tests/integration/stencil.rs", "share", "`division = error`"),
];

/// Why a kernel has no source, as far as we know.
fn reason(found: &Found) -> Option<&'static str> {
    let is_it = |(file, kernel, _): &&_| found.place.starts_with(file) && found.kernel == *kernel;
    let listed = WITHOUT.iter().find(is_it).map(|(_, _, reason)| *reason);
    found.on_slices.then_some(SLICES).or(listed)
}

#[test]
fn every_kernel_has_a_valid_source_or_a_reason() {
    let all = kernels::all();
    let mut wrong = vec![];
    for found in &all {
        let said = found.source.as_ref().err().map(ToString::to_string).unwrap_or_default();
        let is_right = match reason(found) {
            Some(reason) => {
                said.starts_with("the kernel has no portable source") && said.contains(reason)
            }
            None => said.is_empty(),
        };
        if !is_right {
            let Found { place, kernel, .. } = found;
            wrong.push(format!("{place}: {kernel}, {:?} expected: {said}", reason(found)));
        }
    }
    assert!(wrong.is_empty(), "{} of {} kernels\n{}", wrong.len(), all.len(), wrong.join("\n"));
}

#[test]
fn every_reason_is_needed() {
    let all = kernels::all();
    for (file, kernel, _) in WITHOUT {
        let is_there = all.iter().any(|f| f.place.starts_with(file) && f.kernel == *kernel);
        assert!(is_there, "{file} has no `{kernel}`");
    }
}

/// What the collector has to find: kernels of rungs, examples, tests and documents.
#[test]
fn kernels_are_collected() {
    let all = kernels::all();
    for (place, kernel) in [
        ("README.md, example ", "saxpy"),
        ("benches/ladder/nbody/kernel.rs", "pull"),
        ("crates/kernel/examples/splitmix_pi.rs", "inside"),
        ("crates/kernel/src/lib.rs, example ", "is_prime"),
        ("crates/kernel/tests/integration/elementwise.rs", "larger<i32>"),
    ] {
        let is_it = |found: &&Found| found.place.starts_with(place) && found.kernel == kernel;
        assert_eq!(all.iter().filter(is_it).count(), 1, "{place}: {kernel}");
    }
}

mod metres {
    #[tenfold_kernel::kernel]
    pub(super) fn length(x: f32) -> f32 {
        x
    }
}

mod feet {
    #[tenfold_kernel::kernel]
    pub(super) fn length(x: f32) -> f32 {
        0.3048 * x
    }
}

#[kernel]
fn sum(x: f32, y: f32) -> f32 {
    let metres: f32 = metres::length(x);
    let feet: f32 = feet::length(y);
    metres + feet
}

#[kernel]
fn twice(x: f32) -> f32 {
    let once: f32 = feet::length(x);
    let again: f32 = feet::length(x);
    once + again
}

/// WGSL has no modules: the second function would be the first.
#[test]
fn two_kernels_of_one_name_are_no_source() {
    let error = verify::<sum, f32>().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.to_string().contains("`length_f32`"), "{error}");
    verify::<twice, f32>().unwrap();
    let source = <twice as Kernel<f32>>::SOURCE.wgsl().unwrap();
    assert_eq!(source.matches("fn length_f32(").count(), 1, "{source}");
}
