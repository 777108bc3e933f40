//! Calls of functions in place of instructions of a module in SPIR-V.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::{Error, ErrorKind, Result};
use crate::spirv::{
    Instruction, OP_COMPOSITE_CONSTRUCT, OP_COMPOSITE_EXTRACT, OP_EXT_INST, OP_EXT_INST_IMPORT,
    OP_FUNCTION, OP_FUNCTION_CALL, OP_TYPE_FLOAT, OP_TYPE_FUNCTION, OP_TYPE_VECTOR, Spirv,
};

/// What every function of ours begins with.
pub(crate) const PREFIX: &str = "tenfold_";

/// The types of what is computed, and the set of functions that the module imports.
#[derive(Debug)]
pub(crate) struct Types {
    /// Floats with their bits, and vectors of them: the number, and how many each has.
    pub(crate) floats: BTreeMap<u32, (u32, u32)>,
    /// Scalars by their bits.
    pub(crate) scalars: BTreeMap<u32, u32>,
    /// `GLSL.std.450`, the only set that naga imports.
    set: Option<u32>,
    /// The types of functions: of the result, and of the arguments.
    functions: BTreeMap<u32, Vec<u32>>,
}

/// A function that is called in place of an instruction, for each element of a vector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) function: u32,
    /// The bits of the floats that it takes.
    pub(crate) takes: u32,
}

impl Types {
    pub(crate) fn of(module: &Spirv) -> Self {
        let scalars = module.all(OP_TYPE_FLOAT).map(|words| (words[1], words[0])).collect();
        let mut floats: BTreeMap<u32, (u32, u32)> =
            module.all(OP_TYPE_FLOAT).map(|words| (words[0], (words[1], 1))).collect();
        for words in module.all(OP_TYPE_VECTOR) {
            if let Some(&(bits, _)) = floats.get(&words[1]) {
                floats.insert(words[0], (bits, words[2]));
            }
        }
        let types = module.all(OP_TYPE_FUNCTION);
        let types: BTreeMap<_, _> = types.map(|words| (words[0], words[1..].to_vec())).collect();
        let functions = module.all(OP_FUNCTION);
        let functions =
            functions.filter_map(|words| Some((words[1], types.get(&words[3])?.clone()))).collect();
        let set = module.all(OP_EXT_INST_IMPORT).next().map(|words| words[0]);
        Self { floats, scalars, set, functions }
    }

    /// The number in `GLSL.std.450` of the function that an instruction calls, if it does.
    pub(crate) fn glsl(&self, Instruction { op, words }: &Instruction) -> Option<u32> {
        let is_of_set = *op == OP_EXT_INST && words.get(2) == self.set.as_ref();
        is_of_set.then(|| words[3])
    }

    /// Whether a function takes and gives numbers of such types as are put in its place.
    fn fits(&self, of: &Instruction, Call { function, takes }: Call) -> bool {
        let given = self.floats.get(&of.words[0]).and_then(|(bits, _)| self.scalars.get(bits));
        let wanted =
            given.into_iter().chain(operands(of).iter().filter_map(|_| self.scalars.get(&takes)));
        self.functions.get(&function).is_some_and(|types| types.iter().eq(wanted))
    }
}

fn operands(of: &Instruction) -> &[u32] {
    if of.op == OP_EXT_INST { &of.words[4..] } else { &of.words[2..] }
}

/// Puts a call in place of each instruction for which `instead` has one, outside of functions that `skips`
/// names.
pub(crate) fn replace(
    module: &mut Spirv,
    skips: impl Fn(u32) -> bool,
    instead: impl Fn(&Instruction, &Types) -> Option<Call>,
) {
    let types = Types::of(module);
    let mut is_skipped = false;
    let start = module.functions().start;
    for instruction in module.instructions.split_off(start) {
        if instruction.op == OP_FUNCTION {
            is_skipped = skips(instruction.words[1]);
        }
        let call = if is_skipped { None } else { instead(&instruction, &types) };
        match call.filter(|&call| types.fits(&instruction, call)) {
            Some(call) => put(module, &instruction, &types, call),
            None => module.instructions.push(instruction),
        }
    }
}

fn put(module: &mut Spirv, of: &Instruction, types: &Types, call: Call) {
    let (ty, result) = (of.words[0], of.words[1]);
    let (bits, count) = types.floats[&ty];
    if count == 1 {
        let words = [&[ty, result, call.function], operands(of)].concat();
        module.instructions.push(Instruction::new(OP_FUNCTION_CALL, words));
        return;
    }
    let (element, operand) = (types.scalars[&bits], types.scalars[&call.takes]);
    let mut vector = vec![ty, result];
    for at in 0..count {
        let one = module.new_name();
        let mut words = vec![element, one, call.function];
        for &from in operands(of) {
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

/// An error if a module names something as what a text that is added to it calls, which would be called in
/// its place.
pub(crate) fn check_names(name: &str, module: &naga::Module, added: &str) -> Result<()> {
    let functions = module.functions.iter().map(|(_, function)| &function.name);
    let globals = module.global_variables.iter().map(|(_, global)| &global.name);
    let constants = module.constants.iter().map(|(_, constant)| &constant.name);
    let overrides = module.overrides.iter().map(|(_, value)| &value.name);
    let types = module.types.iter().map(|(_, ty)| &ty.name);
    let mut names =
        functions.chain(globals).chain(constants).chain(overrides).chain(types).flatten();
    let called = not_ours(added);
    if let Some(own) = names.find(|own| called.contains(own.as_str())) {
        let message = format!(
            "kernel `{name}` has a `{own}` of its own, and functions that are put into it on this device call \
             WGSL's"
        );
        return Err(Error::new(ErrorKind::Validation { line: None }, message));
    }
    Ok(())
}

/// What a text of ours calls, and is not ours.
fn not_ours(text: &str) -> BTreeSet<&str> {
    let ends = text.match_indices(['(', '<']).map(|(end, _)| &text[..end]);
    let is_inside = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let names = ends.map(|before| &before[before.trim_end_matches(is_inside).len()..]);
    names.filter(|name| !name.is_empty() && !name.starts_with(PREFIX)).collect()
}
