//! Which instructions are arithmetic on floats.

use std::sync::LazyLock;

use iced_x86::{Instruction, Mnemonic, OpKind};

/// Arithmetic on floats: what moves, compares or masks them is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Float {
    /// The width of each float, 32 or 64.
    pub(crate) bits: u32,
    /// Whether it takes several at once.
    pub(crate) packed: bool,
    pub(crate) operation: Operation,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    /// Sum, difference, or a product and one of these in one step.
    Ring,
    Product,
    Divide,
    SquareRoot,
    /// The smaller or larger of two.
    Extreme,
    /// Of an integer to a float.
    FromInteger,
    /// Of a float to an integer.
    ToInteger,
    /// Of a float's width.
    Width,
    /// Rounding, reciprocals, powers of two.
    Other,
}

impl Float {
    /// Nothing if the instruction is no arithmetic on floats.
    pub(crate) fn of(mnemonic: Mnemonic) -> Option<Self> {
        static TABLE: LazyLock<Vec<Option<Float>>> = LazyLock::new(|| {
            Mnemonic::values().map(|m| by_name(&format!("{m:?}").to_lowercase())).collect()
        });
        TABLE.get(mnemonic as usize).copied().flatten()
    }

    /// How many floats the instruction takes at once.
    pub(crate) fn lanes(self, instruction: &Instruction) -> u32 {
        if !self.packed {
            return 1;
        }
        let widest = (0..instruction.op_count())
            .filter(|&at| instruction.op_kind(at) == OpKind::Register)
            .map(|at| instruction.op_register(at).size())
            .max()
            .unwrap_or(16);
        (u32::try_from(widest).unwrap_or(16) * 8 / self.bits).max(2)
    }
}

/// Whether an instruction compares, chooses, gathers or stores several floats at once: no arithmetic,
/// but what a vectorised loop may consist of. Masks do not count, as scalar code has them too.
pub(crate) fn is_wide(mnemonic: Mnemonic) -> bool {
    static TABLE: LazyLock<Vec<bool>> = LazyLock::new(|| {
        Mnemonic::values().map(|m| is_wide_name(&format!("{m:?}").to_lowercase())).collect()
    });
    TABLE.get(mnemonic as usize) == Some(&true)
}

fn is_wide_name(name: &str) -> bool {
    let name = name.strip_prefix('v').unwrap_or(name);
    let stem = name.strip_suffix("ps").or_else(|| name.strip_suffix("pd"));
    stem.is_some_and(|stem| {
        matches!(stem, "cmp" | "maskmov" | "blendv" | "blendm" | "gatherd" | "gatherq")
    })
}

/// By the name in lower case, as `vfmadd231pd`.
fn by_name(name: &str) -> Option<Float> {
    let name = name.strip_prefix('v').unwrap_or(name);
    if name.starts_with("cvt") {
        return conversion(name);
    }
    let (stem, suffix) = name.split_at_checked(name.len().checked_sub(2)?)?;
    let (bits, packed) = match suffix {
        "ss" => (32, false),
        "sd" => (64, false),
        "ps" => (32, true),
        "pd" => (64, true),
        _ => return None,
    };
    let fused = ["fmadd", "fmsub", "fnmadd", "fnmsub", "fmaddsub", "fmsubadd"];
    let operation = match stem {
        "add" | "sub" | "hadd" | "hsub" | "addsub" | "dp" => Operation::Ring,
        "mul" => Operation::Product,
        "div" => Operation::Divide,
        "sqrt" => Operation::SquareRoot,
        "min" | "max" | "range" | "minmax" => Operation::Extreme,
        "round" | "rndscale" | "rcp" | "rcp14" | "rsqrt" | "rsqrt14" | "scalef" | "getexp"
        | "getmant" | "reduce" => Operation::Other,
        _ if fused.iter().any(|f| stem.starts_with(f)) => Operation::Ring,
        _ => return None,
    };
    Some(Float { bits, packed, operation })
}

/// Conversions, by the name without `v`: `cvttsd2si`, `cvtdq2pd`.
fn conversion(name: &str) -> Option<Float> {
    let name = name.strip_prefix("cvt")?;
    let (from, to) = name.split_once('2')?;
    let from = if matches!(from, "tss" | "tsd" | "tps" | "tpd") { from.get(1..)? } else { from };
    let float = |part: &str| match part {
        "ss" => Some((32, false)),
        "sd" => Some((64, false)),
        "ps" | "psx" => Some((32, true)),
        "pd" => Some((64, true)),
        _ => None,
    };
    match (float(from), float(to)) {
        (Some((a, packed)), Some((b, _))) => {
            Some(Float { bits: a.max(b), packed, operation: Operation::Width })
        }
        (Some((bits, packed)), None) => {
            Some(Float { bits, packed, operation: Operation::ToInteger })
        }
        (None, Some((bits, packed))) => {
            Some(Float { bits, packed, operation: Operation::FromInteger })
        }
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str) -> Option<(u32, bool, Operation)> {
        by_name(name).map(|f| (f.bits, f.packed, f.operation))
    }

    #[test]
    fn arithmetic_is_known_by_its_name() {
        assert_eq!(of("addsd"), Some((64, false, Operation::Ring)));
        assert_eq!(of("vfnmadd231ps"), Some((32, true, Operation::Ring)));
        assert_eq!(of("vdivpd"), Some((64, true, Operation::Divide)));
        assert_eq!(of("sqrtss"), Some((32, false, Operation::SquareRoot)));
        assert_eq!(of("cvttsd2si"), Some((64, false, Operation::ToInteger)));
        assert_eq!(of("vcvtusi2ss"), Some((32, false, Operation::FromInteger)));
        assert_eq!(of("cvtdq2pd"), Some((64, true, Operation::FromInteger)));
        assert_eq!(of("cvtps2pd"), Some((64, true, Operation::Width)));
    }

    #[test]
    fn wide_ones_are_told_from_scalar_ones() {
        assert!(["vcmppd", "cmpps", "vmaskmovpd", "vblendmpd"].iter().all(|n| is_wide_name(n)));
        assert!(!["cmpsd", "andpd", "movupd", "addpd", "minps"].iter().any(|n| is_wide_name(n)));
    }

    #[test]
    fn moves_masks_and_comparisons_are_none() {
        for name in [
            "movsd",
            "movapd",
            "cmpsd",
            "ucomisd",
            "andpd",
            "xorps",
            "shufps",
            "blendvpd",
            "unpcklps",
            "vbroadcastsd",
            "paddd",
            "add",
            "div",
            "vpermpd",
            "vgatherdpd",
        ] {
            assert_eq!(of(name), None, "{name}");
        }
    }
}
