//! Quotients and roots of f32 that are rounded rightly, by way of f64.
//!
//! Vulkan lets the quotient of two f32 be off by 2.5 units in the last place, and GPUs make use of that.
//! Those of f64 are rounded rightly, and f64 has more than twice the digits of f32, so that rounding twice
//! gives what rounding once would have given.

use std::collections::BTreeMap;

use crate::spirv::{
    Instruction, OP_EXT_INST, OP_EXT_INST_IMPORT, OP_F_CONVERT, OP_F_DIV, OP_TYPE_FLOAT,
    OP_TYPE_VECTOR, Spirv,
};

const CAPABILITY_FLOAT64: u32 = 10;
/// The number of the root in `GLSL.std.450`, the only set that naga imports.
const SQRT: u32 = 31;

/// Takes the quotients and roots of f32, and of vectors of them, by way of f64.
pub(crate) fn by_f64(module: &mut Spirv) {
    let narrow = narrow(module);
    let set = module.all(OP_EXT_INST_IMPORT).next().map(|words| words[0]);
    let is_inexact = |i: &Instruction| match i.op {
        OP_F_DIV => true,
        OP_EXT_INST => Some(i.words[2]) == set && i.words[3] == SQRT,
        _ => false,
    };
    let of = |i: &Instruction| i.words.first().and_then(|ty| narrow.get(ty)).copied();
    if !module.instructions.iter().any(|i| is_inexact(i) && of(i).is_some()) {
        return;
    }
    module.require(CAPABILITY_FLOAT64);
    let f64 = module.ty(OP_TYPE_FLOAT, &[64]);
    let mut wide = BTreeMap::from([(1, f64)]);
    for &count in narrow.values().filter(|&&count| count > 1) {
        wide.insert(count, module.ty(OP_TYPE_VECTOR, &[f64, count]));
    }
    let functions = module.functions();
    for instruction in module.instructions.split_off(functions.start) {
        match of(&instruction).filter(|_| is_inexact(&instruction)) {
            Some(count) => widened(module, instruction, wide[&count]),
            None => module.instructions.push(instruction),
        }
    }
}

/// The types that are f32 or vectors of it, with how many each has.
fn narrow(module: &Spirv) -> BTreeMap<u32, u32> {
    let floats = module.all(OP_TYPE_FLOAT).filter(|words| words[1] == 32);
    let mut types: BTreeMap<u32, u32> = floats.map(|words| (words[0], 1)).collect();
    let vectors = module.all(OP_TYPE_VECTOR).filter(|words| types.contains_key(&words[1]));
    let vectors: Vec<_> = vectors.map(|words| (words[0], words[2])).collect();
    types.extend(vectors);
    types
}

/// The same operation on what was converted, the result of which is converted back.
fn widened(module: &mut Spirv, mut instruction: Instruction, wide: u32) {
    let operands = if instruction.op == OP_F_DIV { 2 } else { 4 };
    for at in operands..instruction.words.len() {
        let name = module.new_name();
        let from = std::mem::replace(&mut instruction.words[at], name);
        module.instructions.push(Instruction::new(OP_F_CONVERT, [wide, name, from]));
    }
    let name = module.new_name();
    let ty = std::mem::replace(&mut instruction.words[0], wide);
    let result = std::mem::replace(&mut instruction.words[1], name);
    module.instructions.push(instruction);
    module.instructions.push(Instruction::new(OP_F_CONVERT, [ty, result, name]));
}

#[cfg(test)]
mod tests {
    use ndarray::Array1;

    use crate::testing::device;
    use crate::{Device, Feature, Select, Settings};

    #[test]
    fn quotients_and_roots_by_f64_are_those_of_f32() {
        if device("quotients_and_roots_by_f64_are_those_of_f32").is_none() {
            return;
        }
        let settings = Settings::new().quotients_by_f64();
        let select = Select::env().allow_software(true);
        let device = Device::open_with(select, &settings).unwrap();
        if !device.has(Feature::F64) {
            return;
        }
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
}
