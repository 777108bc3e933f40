//! Quotients and roots of f32 that are rounded rightly, by way of f64.
//!
//! Vulkan lets the quotient of two f32 be off by 2.5 units in the last place, and GPUs make use of that.
//! Those of f64 are rounded rightly, and f64 has more than twice the digits of f32, so that rounding twice
//! gives what rounding once would have given. Conversions between the two keep subnormal numbers, which
//! those of GPUs need not.

use std::collections::BTreeMap;

use crate::error::{Error, ErrorKind, Result};
use crate::spirv::{
    Instruction, OP_COMPOSITE_CONSTRUCT, OP_COMPOSITE_EXTRACT, OP_EXT_INST, OP_EXT_INST_IMPORT,
    OP_F_CONVERT, OP_F_DIV, OP_FUNCTION, OP_FUNCTION_CALL, OP_TYPE_FLOAT, OP_TYPE_VECTOR, Spirv,
};

/// The functions that are called: what a module's text has to end with.
pub(crate) const FUNCTIONS: &str = include_str!("exact.wgsl");

/// The number of the root in `GLSL.std.450`, the only set that naga imports.
const SQRT: u32 = 31;

/// The names of what is called.
#[derive(Debug)]
struct Functions {
    quotient: u32,
    root: u32,
    widened: u32,
    narrowed: u32,
    units: u32,
}

/// The types of what is computed.
#[derive(Debug)]
struct Types {
    /// f32 and f64 with their bits, and vectors of them: the number, and how many each has.
    floats: BTreeMap<u32, (u32, u32)>,
    /// Scalars by their bits.
    scalars: BTreeMap<u32, u32>,
}

/// Has the quotients and roots of f32, of vectors of them, and conversions between f32 and f64 done by
/// [`FUNCTIONS`], which the module has.
pub(crate) fn by_f64(module: &mut Spirv) {
    let Some(functions) = Functions::of(module) else { return };
    let (types, set) = (Types::of(module), module.all(OP_EXT_INST_IMPORT).next().map(|w| w[0]));
    let mut is_ours = false;
    let start = module.functions().start;
    for instruction in module.instructions.split_off(start) {
        if instruction.op == OP_FUNCTION {
            is_ours = functions.has(instruction.words[1]);
        }
        match functions.instead_of(&instruction, &types, set).filter(|_| !is_ours) {
            Some((function, from)) => call(module, &instruction, &types, function, from),
            None => module.instructions.push(instruction),
        }
    }
}

/// An error if a module names something as the function that ours call, which would be called in its place.
pub(crate) fn check_names(name: &str, module: &naga::Module) -> Result<()> {
    let functions = module.functions.iter().map(|(_, function)| &function.name);
    let globals = module.global_variables.iter().map(|(_, global)| &global.name);
    let constants = module.constants.iter().map(|(_, constant)| &constant.name);
    let mut names = functions.chain(globals).chain(constants).flatten();
    if names.any(|name| name == "sqrt") {
        let message = format!(
            "kernel `{name}` has a `sqrt` of its own, and precise mode calls WGSL's on this device"
        );
        return Err(Error::new(ErrorKind::Validation { line: None }, message));
    }
    Ok(())
}

impl Functions {
    /// None if the module does not have them.
    fn of(module: &Spirv) -> Option<Self> {
        let named = |name| module.named(name);
        Some(Self {
            quotient: named("tenfold_quotient")?,
            root: named("tenfold_root")?,
            widened: named("tenfold_widened")?,
            narrowed: named("tenfold_narrowed")?,
            units: named("tenfold_units")?,
        })
    }

    fn has(&self, function: u32) -> bool {
        [self.quotient, self.root, self.widened, self.narrowed, self.units].contains(&function)
    }

    /// What is called in place of an instruction, with the bits of the floats that it takes.
    fn instead_of(
        &self,
        Instruction { op, words }: &Instruction,
        types: &Types,
        set: Option<u32>,
    ) -> Option<(u32, u32)> {
        let (bits, _) = types.floats.get(words.first()?)?;
        match (*op, bits) {
            (OP_F_DIV, 32) => Some((self.quotient, 32)),
            (OP_EXT_INST, 32) if words.get(2) == set.as_ref() && words.get(3) == Some(&SQRT) => {
                Some((self.root, 32))
            }
            // Between these two, where there is no third.
            (OP_F_CONVERT, _) if types.scalars.contains_key(&16) => None,
            (OP_F_CONVERT, 64) => Some((self.widened, 32)),
            (OP_F_CONVERT, 32) => Some((self.narrowed, 64)),
            _ => None,
        }
    }
}

impl Types {
    fn of(module: &Spirv) -> Self {
        let scalars = module.all(OP_TYPE_FLOAT).map(|words| (words[1], words[0])).collect();
        let mut floats: BTreeMap<u32, (u32, u32)> =
            module.all(OP_TYPE_FLOAT).map(|words| (words[0], (words[1], 1))).collect();
        for words in module.all(OP_TYPE_VECTOR) {
            if let Some(&(bits, _)) = floats.get(&words[1]) {
                floats.insert(words[0], (bits, words[2]));
            }
        }
        Self { floats, scalars }
    }
}

/// Calls a function in place of an operation, for each element of a vector.
fn call(module: &mut Spirv, of: &Instruction, types: &Types, function: u32, from: u32) {
    let (ty, result) = (of.words[0], of.words[1]);
    let operands = if of.op == OP_EXT_INST { &of.words[4..] } else { &of.words[2..] };
    let (bits, count) = types.floats[&ty];
    if count == 1 {
        let words = [&[ty, result, function], operands].concat();
        module.instructions.push(Instruction::new(OP_FUNCTION_CALL, words));
        return;
    }
    let (element, operand) = (types.scalars[&bits], types.scalars[&from]);
    let mut vector = vec![ty, result];
    for at in 0..count {
        let one = module.new_name();
        let mut words = vec![element, one, function];
        for &from in operands {
            let part = module.new_name();
            let extract = Instruction::new(OP_COMPOSITE_EXTRACT, [operand, part, from, at]);
            module.instructions.push(extract);
            words.push(part);
        }
        module.instructions.push(Instruction::new(OP_FUNCTION_CALL, words));
        vector.push(one);
    }
    module.instructions.push(Instruction::new(OP_COMPOSITE_CONSTRUCT, vector));
}

#[cfg(test)]
mod tests {
    use ndarray::Array1;

    use crate::testing::device;
    use crate::{Device, Feature, Select, Settings};

    /// One that goes by f64 whatever it is, if it has that.
    fn device_by_f64(test: &str) -> Option<Device> {
        device(test)?;
        let settings = Settings::new().quotients_by_f64();
        let device = Device::open_with(Select::env().allow_software(true), &settings).unwrap();
        device.has(Feature::F64).then_some(device)
    }

    #[test]
    fn quotients_and_roots_by_f64_are_those_of_f32() {
        let test = "quotients_and_roots_by_f64_are_those_of_f32";
        let Some(device) = device_by_f64(test) else { return };
        let mut numbers =
            vec![0.0, -0.0, 1.0, f32::NAN, f32::INFINITY, f32::MAX, f32::MIN_POSITIVE];
        numbers.extend([3.0, -7.0, 1.0 / 3.0, f32::MIN_POSITIVE / 3.0, f32::from_bits(1), 0.1]);
        let mut state = 1_u32;
        numbers.resize_with(80, || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f32::from_bits(state)
        });
        let pairs = numbers.iter().flat_map(|&x| numbers.iter().map(move |&y| (x, y)));
        let (x, y): (Vec<f32>, Vec<f32>) = pairs.unzip();
        let (a, b) = (Array1::from(x.clone()), Array1::from(y.clone()));
        let (a, b) = (device.upload(&a).unwrap(), device.upload(&b).unwrap());
        for (expr, wanted) in [
            (&a / &b, (|x, y| x / y) as fn(f32, f32) -> f32),
            (a.lazy().sqrt(), |x, _| x.sqrt()),
            (a.lazy().recip(), |x, _| 1.0 / x),
            (a.lazy().powi(-2), |x, _| 1.0 / (x * x)),
        ] {
            let out = expr.eval().unwrap();
            for (i, got) in out.to_array().unwrap().into_iter().enumerate() {
                let wanted = wanted(x[i], y[i]);
                let is_same = got.to_bits() == wanted.to_bits() || got.is_nan() && wanted.is_nan();
                assert!(is_same, "{} and {}: {got}, not {wanted}", x[i], y[i]);
            }
        }
    }
    #[test]
    fn a_root_of_its_own_is_an_error_with_its_name() {
        let test = "a_root_of_its_own_is_an_error_with_its_name";
        let Some(device) = device_by_f64(test) else { return };
        let text = |name: &str| {
            format!(
                "@group(0) @binding(0) var<storage, read_write> x: array<f32>;
                 fn {name}(x: f32) -> f32 {{ return x + 1.0; }}
                 @compute @workgroup_size(1) fn f() {{ x[0] = {name}(x[0]) / 3.0; }}"
            )
        };
        // Ours do not call it.
        let mut x = device.upload(&Array1::from(vec![1.0_f32])).unwrap();
        device.raw_kernel_precise(&text("abs"), "f").unwrap().run([1, 1, 1], (&mut x,)).unwrap();
        assert_eq!(x.to_array().unwrap()[0], 2.0 / 3.0);
        let error = device.raw_kernel_precise(&text("sqrt"), "f").unwrap_err();
        assert!(error.to_string().starts_with("kernel `f` has a `sqrt` of its own"), "{error}");
    }
}
