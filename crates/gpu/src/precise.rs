//! SPIR-V in which each operation on floats is rounded by itself.
//!
//! naga decorates nothing, so that a driver may take `a * b + c` for one operation, `x - x` for 0 and
//! `(a + b) - a` for `b`. With the decoration `NoContraction` on each result it must not.

use naga::back::spv;
use naga::proc::{BoundsCheckPolicies, BoundsCheckPolicy};

use crate::error::{Error, ErrorKind, Result};

// Section 2.3 of the specification of SPIR-V 1.6, and the numbers of its section 3.
const HEADER_WORDS: usize = 5;
const OP_DECORATE: u32 = 71;
const NO_CONTRACTION: u32 = 42;
/// Of which the results are decorated: F{Negate, Add, Sub, Mul, Div, Rem, Mod}, and products of vectors
/// and matrices.
const ARITHMETIC: &[u32] = &[127, 129, 131, 133, 136, 140, 141, 142, 143, 144, 145, 146, 147, 148];
/// Those after which decorations may stand: capabilities, extensions, imports, the memory model, entry
/// points, execution modes, debug information.
const BEFORE_DECORATIONS: &[u32] = &[2, 3, 4, 5, 6, 7, 10, 11, 14, 15, 16, 17, 330, 331];

/// A validated module as words of SPIR-V, decorated. `is_zeroed`: what a work-group shares begins with
/// zeros.
pub(crate) fn spirv(
    name: &str,
    module: &naga::Module,
    info: &naga::valid::ModuleInfo,
    is_zeroed: bool,
) -> Result<Vec<u32>> {
    let options = spv::Options {
        lang_version: (1, 3),
        flags: spv::WriterFlags::empty(),
        bounds_check_policies: BoundsCheckPolicies {
            index: BoundsCheckPolicy::Restrict,
            buffer: BoundsCheckPolicy::Restrict,
            image_load: BoundsCheckPolicy::Restrict,
            binding_array: BoundsCheckPolicy::Restrict,
        },
        zero_initialize_workgroup_memory: match is_zeroed {
            true => spv::ZeroInitializeWorkgroupMemoryMode::Polyfill,
            false => spv::ZeroInitializeWorkgroupMemoryMode::None,
        },
        ..spv::Options::default()
    };
    let words = spv::write_vec(module, info, &options, None).map_err(|source| {
        let message = format!("kernel `{name}` cannot be said in SPIR-V");
        Error::new(ErrorKind::Unsupported, message).with_source(source)
    })?;
    Ok(decorate(&words))
}

/// Decorates the results of arithmetic on floats.
fn decorate(words: &[u32]) -> Vec<u32> {
    let mut place = HEADER_WORDS;
    let mut decorations = vec![];
    let mut at = HEADER_WORDS;
    while let Some(&first) = words.get(at) {
        let (length, operation) = ((first >> 16) as usize, first & 0xFFFF);
        if length == 0 {
            break;
        }
        if BEFORE_DECORATIONS.contains(&operation) {
            place = at + length;
        } else if ARITHMETIC.contains(&operation)
            && let Some(&result) = words.get(at + 2)
        {
            decorations.extend([3 << 16 | OP_DECORATE, result, NO_CONTRACTION]);
        }
        at += length;
    }
    let (before, after) = words.split_at(place.min(words.len()));
    [before, &decorations, after].concat()
}

#[cfg(test)]
mod tests {
    use naga::valid::Capabilities;

    use super::{NO_CONTRACTION, OP_DECORATE, spirv};
    use crate::validate::validate;

    #[test]
    fn each_operation_is_decorated() {
        let text = "@group(0) @binding(0) var<storage, read_write> x: array<f32>;\n\
                    @compute @workgroup_size(1) fn main() { x[0] = (x[1] * x[2] + x[3]) / -x[4] - 1.0; }";
        let (module, info) = validate("test", text, Capabilities::empty()).unwrap();
        let words = spirv("test", &module, &info, true).unwrap();
        let decoration = |w: &[u32]| w[0] == (3 << 16 | OP_DECORATE) && w[2] == NO_CONTRACTION;
        assert_eq!(words.windows(3).filter(|w| decoration(w)).count(), 5);
    }
}
