//! Which instruction set a function needs.

use iced_x86::{CpuidFeature, Instruction, Mnemonic};

use crate::annotation::Isa;

/// By the instructions, and by what the name says: a variant for AVX-512 may not need it.
pub(crate) fn of(name: &str, code: &[Instruction]) -> Isa {
    let mut isa = by_name(name);
    for instruction in code {
        if isa == Isa::V4 {
            break;
        }
        // `rep bsf` is `tzcnt` where there is one, and right where there is none.
        if instruction.mnemonic() == Mnemonic::Tzcnt {
            continue;
        }
        for feature in instruction.cpuid_features() {
            isa = isa.max(by_feature(*feature));
        }
    }
    isa
}

fn by_feature(feature: CpuidFeature) -> Isa {
    use CpuidFeature as F;
    match feature {
        F::AVX | F::AVX2 | F::FMA | F::BMI1 | F::BMI2 | F::F16C | F::LZCNT | F::MOVBE => Isa::V3,
        F::AVX512F
        | F::AVX512VL
        | F::AVX512BW
        | F::AVX512DQ
        | F::AVX512CD
        | F::AVX512_VBMI
        | F::AVX512_VBMI2
        | F::AVX512_VNNI
        | F::AVX512_IFMA
        | F::AVX512_BITALG
        | F::AVX512_VPOPCNTDQ
        | F::AVX512_BF16
        | F::AVX512_FP16 => Isa::V4,
        _ => Isa::Baseline,
    }
}

/// A part of the path that names an instruction set, as in `simd::v4::V4`; the function's own name
/// does not count.
fn by_name(name: &str) -> Isa {
    let mut segments = name.split(|c: char| !(c.is_alphanumeric() || c == '_'));
    segments.next_back();
    let named = segments.map(|segment| match segment {
        "v3" | "V3" | "avx2" | "Avx2" => Isa::V3,
        "v4" | "V4" | "avx512" | "Avx512" => Isa::V4,
        _ => Isa::Baseline,
    });
    named.max().unwrap_or(Isa::Baseline)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_a_variant_says_what_it_needs() {
        let name =
            "<tenfold_kernel::simd::v4::V4 as tenfold_kernel::Simd>::call::with_instructions";
        assert_eq!(by_name(name), Isa::V4);
        assert_eq!(by_name("simd::V3::call::inner"), Isa::V3);
        assert_eq!(by_name("mine::v4"), Isa::Baseline);
        assert_eq!(by_name("mine::v40::sum"), Isa::Baseline);
    }
}
