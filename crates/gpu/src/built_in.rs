//! Built-in functions of WGSL in place of which ours are called.
//!
//! SPIR-V has `exp`, `sin`, `pow` and the like for no f64. naga lets them pass all the same, and what drivers
//! compute then is far off, without a word. So those of f64 are ours, in whatever kernel they are called. In
//! precise mode those of f32 are, too: drivers need not be near with them.

use std::collections::BTreeSet;

use naga::{Expression, MathFunction, ScalarKind};

use crate::calls::{self, Call, PREFIX, Types};
use crate::error::{Error, ErrorKind, Result};
use crate::exact;
use crate::math::is_called;
use crate::program::Checked;
use crate::spirv::{Instruction, Spirv};

/// A function: its name in WGSL, in naga, its number in `GLSL.std.450`, and the name of ours.
#[derive(Debug, PartialEq, Eq)]
struct BuiltIn(&'static str, MathFunction, u32, &'static str);

const BUILT_INS: &[BuiltIn] = &[
    BuiltIn("acos", MathFunction::Acos, 17, "acos"),
    BuiltIn("acosh", MathFunction::Acosh, 23, "acosh"),
    BuiltIn("asin", MathFunction::Asin, 16, "asin"),
    BuiltIn("asinh", MathFunction::Asinh, 22, "asinh"),
    BuiltIn("atan", MathFunction::Atan, 18, "atan"),
    BuiltIn("atan2", MathFunction::Atan2, 25, "atan2"),
    BuiltIn("atanh", MathFunction::Atanh, 24, "atanh"),
    BuiltIn("cos", MathFunction::Cos, 14, "cos"),
    BuiltIn("cosh", MathFunction::Cosh, 20, "cosh"),
    BuiltIn("degrees", MathFunction::Degrees, 12, "to_degrees"),
    BuiltIn("exp", MathFunction::Exp, 27, "exp"),
    BuiltIn("exp2", MathFunction::Exp2, 29, "exp2"),
    BuiltIn("inverseSqrt", MathFunction::InverseSqrt, 32, "rsqrt"),
    BuiltIn("log", MathFunction::Log, 28, "ln"),
    BuiltIn("log2", MathFunction::Log2, 30, "log2"),
    BuiltIn("pow", MathFunction::Pow, 26, "powf"),
    BuiltIn("radians", MathFunction::Radians, 11, "to_radians"),
    BuiltIn("sin", MathFunction::Sin, 13, "sin"),
    BuiltIn("sinh", MathFunction::Sinh, 19, "sinh"),
    BuiltIn("tan", MathFunction::Tan, 15, "tan"),
    BuiltIn("tanh", MathFunction::Tanh, 21, "tanh"),
];

/// What takes a float apart, of which there is none of ours.
const FREXP: BuiltIn = BuiltIn("frexp", MathFunction::Frexp, 52, "frexp");

/// Where a module calls a built-in function in place of which ours is called.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    built_in: &'static BuiltIn,
    ty: &'static str,
    span: naga::Span,
}

/// All of them.
pub(crate) fn places(checked: &Checked, is_precise: bool) -> Vec<Place> {
    let mut all = calls_of(checked, BUILT_INS);
    all.retain(|place| is_precise || place.ty == "f64");
    all
}

/// Where a module takes f64 apart. naga gives that exponents of 64 bits, which SPIR-V does not have there, and the
/// compiler of an NVIDIA driver (580.159) was seen to fail with it in precise mode, which loses the device.
pub(crate) fn frexp_of_f64(checked: &Checked) -> Option<Place> {
    calls_of(checked, std::slice::from_ref(&FREXP)).into_iter().find(|place| place.ty == "f64")
}

/// Where a module calls some of these, of f32 and f64.
fn calls_of((module, info): &Checked, of: &'static [BuiltIn]) -> Vec<Place> {
    let functions = module.functions.iter().map(|(at, function)| (function, &info[at]));
    let entries = module.entry_points.iter().enumerate();
    let entries = entries.map(|(at, entry)| (&entry.function, info.get_entry_point(at)));
    let mut all = vec![];
    for (function, info) in functions.chain(entries) {
        for (at, expression) in function.expressions.iter() {
            let &Expression::Math { fun, arg, .. } = expression else { continue };
            let Some(built_in) = of.iter().find(|of| of.1 == fun) else { continue };
            let scalar = info[arg].ty.inner_with(&module.types).scalar();
            let ty = match scalar.map(|scalar| (scalar.kind, scalar.width)) {
                Some((ScalarKind::Float, 8)) => "f64",
                Some((ScalarKind::Float, 4)) => "f32",
                _ => continue,
            };
            all.push(Place { built_in, ty, span: function.expressions.get_span(at) });
        }
    }
    all
}

impl Place {
    /// The function of [`math`](crate::math), and the type of its numbers.
    pub(crate) fn need(&self) -> (&'static str, &'static str) {
        (self.built_in.3, self.ty)
    }

    /// The error of a device that can call nothing else there.
    pub(crate) fn refused(&self, kernel: &str, text: &str, source: Error) -> Error {
        let line = self.span.location(text).line_number;
        let shown = text.lines().nth((line as usize).saturating_sub(1)).unwrap_or_default().trim();
        let Self { built_in: BuiltIn(name, ..), ty, .. } = self;
        let message = format!(
            "kernel `{kernel}` calls `{name}` of {ty}, in line {line}: `{shown}`, and {source}, which that needs"
        );
        Error::new(ErrorKind::Unsupported, message).with_source(source)
    }
}

/// Whether a text calls one of them, of whatever type.
pub(crate) fn are_called(text: &str) -> bool {
    BUILT_INS.iter().any(|BuiltIn(name, ..)| is_called(text, name))
}

/// Calls ours in place of those of f64, and in precise mode of f32, where the module has ours.
///
/// # Errors
/// One of f64 is left, and would be the driver's.
pub(crate) fn replace(kernel: &str, module: &mut Spirv, is_precise: bool) -> Result<()> {
    let ours = module.functions_named(PREFIX);
    // Ours call those.
    let exact = exact::functions(module);
    calls::replace(
        module,
        |function| exact.contains(&function),
        |instruction, types| {
            let (BuiltIn(.., name), bits) = built_in(instruction, types)?;
            if bits != 64 && !(bits == 32 && is_precise) {
                return None;
            }
            let &function = ours.get(&format!("{PREFIX}{name}_f{bits}"))?;
            Some(Call { function, takes: bits })
        },
    );
    let types = Types::of(module);
    let mut left =
        module.instructions.iter().filter_map(|instruction| built_in(instruction, &types));
    let Some((BuiltIn(name, ..), _)) = left.find(|&(_, bits)| bits == 64) else { return Ok(()) };
    let message = format!(
        "kernel `{kernel}` calls `{name}` of f64, in place of which nothing could be called, and drivers have none"
    );
    Err(Error::new(ErrorKind::Unsupported, message))
}

/// The one that an instruction calls, and the bits of what it gives.
fn built_in(instruction: &Instruction, types: &Types) -> Option<(&'static BuiltIn, u32)> {
    let number = types.glsl(instruction)?;
    let built_in = BUILT_INS.iter().find(|built_in| built_in.2 == number)?;
    let &(bits, _) = types.floats.get(&instruction.words[0])?;
    Some((built_in, bits))
}

/// What a module's kernel needs of [`math`](crate::math), each once.
pub(crate) fn needs(places: &[Place]) -> BTreeSet<(&'static str, &'static str)> {
    places.iter().map(Place::need).collect()
}

#[cfg(test)]
mod tests {
    use naga::valid::Capabilities;

    use super::{BUILT_INS, BuiltIn, frexp_of_f64, places};
    use crate::error::{Error, ErrorKind};
    use crate::math;
    use crate::validate::validate;

    #[test]
    fn each_has_one_of_ours() {
        for BuiltIn(_, _, _, ours) in BUILT_INS {
            math::texts([(*ours, "f32"), (*ours, "f64")]).unwrap();
        }
    }

    #[test]
    fn what_a_device_cannot_call_is_an_error_with_its_line() {
        let text = "@group(0) @binding(0) var<storage, read_write> x: array<f64>;
            fn g(x: f64) -> f64 { return exp(x); }
            @compute @workgroup_size(1) fn f() { x[0] = sqrt(g(x[0])) + f64(exp(f32(x[1]))); }";
        let checked = validate("f", text, Capabilities::FLOAT64).unwrap();
        let found = |is_precise| -> Vec<_> {
            places(&checked, is_precise).iter().map(|place| place.need()).collect()
        };
        assert_eq!(found(false), [("exp", "f64")]);
        assert_eq!(found(true), [("exp", "f64"), ("exp", "f32")]);
        let lacks = Error::new(ErrorKind::Unsupported, "lavapipe has no i64");
        let error = places(&checked, false)[0].refused("f", text, lacks);
        assert_eq!(
            error.to_string(),
            "kernel `f` calls `exp` of f64, in line 2: `fn g(x: f64) -> f64 { return exp(x); }`, and \
             lavapipe has no i64, which that needs"
        );
    }

    #[test]
    fn f64_that_is_taken_apart_is_found() {
        let found = |ty: &str| {
            let text = format!(
                "@group(0) @binding(0) var<storage, read_write> x: array<{ty}>;
                @compute @workgroup_size(1) fn f() {{ x[0] = {ty}(frexp(x[1]).exp) + frexp(vec2(x[2])).fract.x; }}"
            );
            let capabilities = Capabilities::FLOAT64 | Capabilities::SHADER_INT64;
            let checked = validate("f", &text, capabilities).unwrap();
            frexp_of_f64(&checked)
                .map(|place| place.refused("f", &text, Error::new(ErrorKind::Unsupported, "no")))
        };
        let error = found("f64").unwrap().to_string();
        assert!(error.starts_with("kernel `f` calls `frexp` of f64, in line 2: "), "{error}");
        assert!(found("f32").is_none());
    }
}
