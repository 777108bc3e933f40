//! SPIR-V in which each operation on floats is rounded by itself: all of them in precise mode, and outside of it
//! those of our own functions, some of which need that.
//!
//! naga decorates nothing, so that a driver may take `a * b + c` for one operation, `x - x` for 0 and
//! `(a + b) - a` for `b`. With the decoration `NoContraction` on each result it must not. Where a driver
//! lets itself be told that there are subnormal numbers, infinities and NaN, it is told.

use naga::back::spv;
use naga::proc::{BoundsCheckPolicies, BoundsCheckPolicy};

use crate::calls::PREFIX;
use crate::error::{Error, ErrorKind, Result};
use crate::float_controls::FloatControls;
use crate::spirv::{OP_FUNCTION, Spirv};
use crate::{built_in, exact};

const NO_CONTRACTION: u32 = 42;
/// Of which the results are decorated: F{Negate, Add, Sub, Mul, Div, Rem, Mod}, and products of vectors
/// and matrices.
const ARITHMETIC: &[u32] = &[127, 129, 131, 133, 136, 140, 141, 142, 143, 144, 145, 146, 147, 148];

/// How a module is to be written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Precision<'a> {
    pub(crate) is_precise: bool,
    /// What the driver is told where anything is rounded by itself.
    pub(crate) controls: &'a FloatControls,
    /// Whether in precise mode quotients and roots of f32 are taken by way of f64, by [`exact::FUNCTIONS`].
    pub(crate) is_by_f64: bool,
    /// Whether what a work-group shares begins with zeros.
    pub(crate) is_zeroed: bool,
}

impl Precision<'_> {
    /// Whether quotients and roots of f32 are taken by way of f64.
    pub(crate) fn divides_by_f64(&self) -> bool {
        self.is_precise && self.is_by_f64
    }
}

/// A module in SPIR-V that was written here, of one that was found valid.
#[derive(Debug)]
pub(crate) struct Written(Vec<u32>);

impl Written {
    pub(crate) fn words(&self) -> &[u32] {
        &self.0
    }
}

/// A validated module in SPIR-V.
pub(crate) fn spirv(
    name: &str,
    module: &naga::Module,
    info: &naga::valid::ModuleInfo,
    precision: Precision<'_>,
) -> Result<Written> {
    let options = spv::Options {
        lang_version: (1, 3),
        // With the names of functions.
        flags: spv::WriterFlags::DEBUG,
        bounds_check_policies: BoundsCheckPolicies {
            index: BoundsCheckPolicy::Restrict,
            buffer: BoundsCheckPolicy::Restrict,
            image_load: BoundsCheckPolicy::Restrict,
            binding_array: BoundsCheckPolicy::Restrict,
        },
        zero_initialize_workgroup_memory: match precision.is_zeroed {
            true => spv::ZeroInitializeWorkgroupMemoryMode::Polyfill,
            false => spv::ZeroInitializeWorkgroupMemoryMode::None,
        },
        ..spv::Options::default()
    };
    let words = spv::write_vec(module, info, &options, None).map_err(|source| {
        let message = format!("kernel `{name}` cannot be said in SPIR-V");
        Error::new(ErrorKind::Unsupported, message).with_source(source)
    })?;
    let mut module = Spirv::new(&words);
    built_in::replace(name, &mut module, precision.is_precise)?;
    if precision.divides_by_f64() {
        exact::by_f64(&mut module);
    }
    let results = rounded(&module, precision.is_precise);
    if precision.is_precise || !results.is_empty() {
        precision.controls.ask(&mut module);
    }
    module.decorate(&results, NO_CONTRACTION);
    Ok(Written(module.words()))
}

/// The results that are rounded by themselves.
fn rounded(module: &Spirv, is_precise: bool) -> Vec<u32> {
    let ours: Vec<u32> = module.functions_named(PREFIX).into_values().collect();
    let mut is_in = is_precise;
    let mut results = vec![];
    for instruction in &module.instructions {
        match instruction.op {
            OP_FUNCTION => is_in = is_precise || ours.contains(&instruction.words[1]),
            op if is_in && ARITHMETIC.contains(&op) => results.push(instruction.words[1]),
            _ => {}
        }
    }
    results
}

#[cfg(test)]
mod tests {
    use naga::valid::Capabilities;

    use super::{NO_CONTRACTION, Precision, spirv};
    use crate::error::ErrorKind;
    use crate::exact::FUNCTIONS;
    use crate::float_controls::FloatControls;
    use crate::math;
    use crate::spirv::{OP_DECORATE, OP_F_DIV, OP_FUNCTION_CALL, OP_TYPE_FLOAT, Spirv};
    use crate::validate::validate;

    /// What a text becomes, which has functions of ours.
    fn written(body: &str, ours: &str) -> Spirv {
        let text = format!(
            "@group(0) @binding(0) var<storage, read_write> x: array<f32>;\n\
             @compute @workgroup_size(1) fn main() {{ {body} }}{ours}"
        );
        let is_by_f64 = !ours.is_empty();
        let (module, info) = validate("test", &text, Capabilities::FLOAT64).unwrap();
        let controls = FloatControls::default();
        let precision =
            Precision { is_precise: true, controls: &controls, is_by_f64, is_zeroed: true };
        Spirv::new(spirv("test", &module, &info, precision).unwrap().words())
    }

    #[test]
    fn each_operation_is_decorated() {
        let module = written("x[0] = (x[1] * x[2] + x[3]) / -x[4] - 1.0;", "");
        let decorated = module.all(OP_DECORATE).filter(|words| words[1..] == [NO_CONTRACTION]);
        assert_eq!(decorated.count(), 5);
    }

    #[test]
    fn what_nothing_stands_in_for_is_an_error_with_its_name() {
        let text = "@group(0) @binding(0) var<storage, read_write> x: array<f64>;
            @compute @workgroup_size(1) fn main() { x[0] = sqrt(x[1]) + VALUE; }";
        let controls = FloatControls::default();
        let written = |value: &str| {
            let text = text.replace("VALUE", value);
            let (module, info) = validate("test", &text, Capabilities::FLOAT64).unwrap();
            let precision = Precision {
                is_precise: false,
                controls: &controls,
                is_by_f64: false,
                is_zeroed: true,
            };
            spirv("test", &module, &info, precision).map(drop)
        };
        written("f64(exp(f32(x[2])))").unwrap();
        for value in ["exp(x[2])", "exp(vec2(x[2], x[3])).y"] {
            let error = written(value).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unsupported);
            assert!(error.to_string().starts_with("kernel `test` calls `exp` of f64"), "{error}");
        }
    }

    #[test]
    fn quotients_are_taken_of_f64() {
        let module = written(
            "x[0] = x[1] / x[2]; x[3] = (vec2(x[4], x[5]) / vec2(x[6])).y; x[7] = sqrt(x[8]);",
            FUNCTIONS,
        );
        let named = |name: &str| module.functions_named("tenfold_")[name];
        let calls = |name: &str| {
            module.all(OP_FUNCTION_CALL).filter(|words| words[2] == named(name)).count()
        };
        // A number, and two of a vector; in `tenfold_quotient` two are widened.
        assert_eq!((calls("tenfold_quotient"), calls("tenfold_root")), (3, 1));
        assert_eq!((calls("tenfold_widened"), calls("tenfold_narrowed")), (3, 2));
        // The driver's reciprocal, from which ours begins, is all that is left of f32.
        let f64 = module.all(OP_TYPE_FLOAT).find(|words| words[1] == 64).unwrap()[0];
        assert_eq!(module.all(OP_F_DIV).filter(|words| words[0] != f64).count(), 1);
    }

    /// The driver's reciprocal root, from which a root begins: ours would call that root.
    #[test]
    fn roots_do_not_call_themselves() {
        let ours = FUNCTIONS.to_owned() + &math::texts([("rsqrt", "f32")]).unwrap();
        let module = written("x[0] = inverseSqrt(x[1]) + sqrt(x[2]);", &ours);
        let calls = |name: &str| {
            let function = module.functions_named("tenfold_")[name];
            module.all(OP_FUNCTION_CALL).filter(|words| words[2] == function).count()
        };
        // That of the kernel, and of it and of ours.
        assert_eq!((calls("tenfold_rsqrt_f32"), calls("tenfold_root")), (1, 2));
    }
}
