//! `long double` of x86-64: Intel's format of 80 bits, of which every `f64` and every integer of 64 bits is
//! one exactly.

use tenfold_cdecl::{Float, Target, Type, TypeKind, Unit};

use crate::arg::{Arg, Misfit, words};
use crate::number::Whole;

/// The bias of the exponent.
pub(crate) const BIAS: i32 = 16383;

/// Whether a type is this one.
pub(crate) fn is_extended(unit: &Unit, ty: Type) -> bool {
    unit.target() == Target::X86_64
        && matches!(
            unit.resolved_kind(ty),
            TypeKind::Float(Float::LongDouble | Float::Float64x | Float::Float80)
        )
}

/// A number as the type, if it is this one and the argument a number.
pub(crate) fn of(unit: &Unit, ty: Type, arg: &Arg<'_>) -> Option<Result<[u64; 2], Misfit>> {
    if !is_extended(unit, ty) {
        return None;
    }
    match arg.extended() {
        Err(Misfit::Type) => None,
        number => Some(number),
    }
}

/// The significand with its leading one, and sign and exponent in the low 16 bits of the second word.
pub(crate) fn from_double(value: f64) -> [u64; 2] {
    let bits = value.to_bits();
    let sign = bits >> 63 << 15;
    let (exponent, fraction) = (bits >> 52 & 0x7ff, bits & ((1 << 52) - 1));
    match (exponent, fraction) {
        (0, 0) => [0, sign],
        (0x7ff, _) => [1 << 63 | fraction << 11, sign | 0x7fff],
        // One that is subnormal is not so here.
        (0, _) => {
            let shift = fraction.leading_zeros();
            [fraction << shift, sign | biased(-1011 - shift.cast_signed())]
        }
        #[expect(clippy::cast_possible_truncation, reason = "it has 11 bits")]
        _ => [1 << 63 | fraction << 11, sign | biased(exponent as i32 - 1023)],
    }
}

/// `None` of an integer with more than 64 significant bits.
pub(crate) fn from_whole(whole: Whole) -> Option<[u64; 2]> {
    let magnitude = whole.magnitude();
    if magnitude == 0 {
        return Some([0, 0]);
    }
    let shift = magnitude.leading_zeros();
    let [rest, significand] = words(magnitude << shift);
    let sign = u64::from(matches!(whole, Whole::Negative(_))) << 15;
    (rest == 0).then(|| [significand, sign | biased(127 - shift.cast_signed())])
}

fn biased(exponent: i32) -> u64 {
    u64::from((exponent + BIAS).cast_unsigned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the bits mean, by their definition.
    fn value([significand, rest]: [u64; 2]) -> f64 {
        let exponent = i32::try_from(rest & 0x7fff).unwrap() - BIAS - 63;
        let sign = if rest >> 15 & 1 == 1 { -1.0 } else { 1.0 };
        // In two steps: the power of a subnormal is none itself.
        sign * (significand as f64)
            * 2.0_f64.powi(exponent / 2)
            * 2.0_f64.powi(exponent - exponent / 2)
    }

    #[test]
    fn doubles_are_themselves() {
        let all = [0.0, 1.0, -1.5, 0.1, f64::MAX, f64::MIN_POSITIVE, 5e-324, -3e-310];
        for double in all {
            assert_eq!(value(from_double(double)), double);
        }
        assert_eq!(from_double(f64::INFINITY), [1 << 63, 0x7fff]);
        assert_eq!(from_double(-0.0), [0, 1 << 15]);
        assert!(from_double(f64::NAN)[0] > 1 << 63);
    }

    #[test]
    fn integers_are_themselves() {
        let natural = |value: u128| from_whole(Whole::Natural(value));
        assert_eq!(from_whole(Whole::Negative(-1)), Some([1 << 63, 1 << 15 | 16383]));
        assert_eq!(natural(u128::from(u64::MAX)), Some([u64::MAX, 16383 + 63]));
        assert_eq!(natural(1 << 40).map(value), Some(2.0_f64.powi(40)));
        assert_eq!(natural(0), Some([0, 0]));
        assert_eq!(natural(u128::MAX << 64), Some([u64::MAX, 16383 + 127]));
        assert_eq!(natural(u128::MAX << 63), None);
        let least = from_whole(Whole::Negative(i128::MIN));
        assert_eq!(least, Some([1 << 63, 1 << 15 | (16383 + 127)]));
    }
}
