//! `long double` of x86-64 as other numbers: C's casts from it.

use crate::extended::{BIAS, is_extended};
use crate::number::Whole;
use crate::scalar::Scalar;
use crate::value::Value;

/// A number of Intel's format: a significand with its leading one, and an exponent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LongDouble {
    significand: u64,
    exponent: u32,
    is_negative: bool,
}

impl LongDouble {
    /// The number in an object of that type.
    pub(crate) fn of(value: &Value) -> Option<Self> {
        let Value::Data(data) = value else { return None };
        if !is_extended(data.declarations().unit(), data.ty()) {
            return None;
        }
        Self::from_bytes(data.bytes())
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (significand, rest) = bytes.split_first_chunk::<8>()?;
        let rest = u16::from_le_bytes(*rest.first_chunk()?);
        Some(Self {
            significand: u64::from_le_bytes(*significand),
            exponent: u32::from(rest & 0x7fff),
            is_negative: rest >> 15 == 1,
        })
    }

    fn is_finite(self) -> bool {
        self.exponent < 0x7fff
    }

    fn signed(self, size: f64) -> f64 {
        if self.is_negative { -size } else { size }
    }

    /// The significand with its first bit set, and the exponent of that bit.
    fn normalised(self) -> (u64, i32) {
        let shift = self.significand.leading_zeros();
        let exponent = self.exponent.max(1).cast_signed() - BIAS - shift.cast_signed();
        (self.significand << shift, exponent)
    }

    /// The nearest number of so many bits whose first has at least that exponent; halves go to the even one.
    fn rounded(self, digits: i32, least: i32) -> f64 {
        if !self.is_finite() {
            let is_infinite = self.significand << 1 == 0;
            return self.signed(if is_infinite { f64::INFINITY } else { f64::NAN });
        }
        if self.significand == 0 {
            return self.signed(0.0);
        }
        let (significand, exponent) = self.normalised();
        let dropped = 64 - digits + (least - exponent).max(0);
        let bits = u32::try_from(dropped).unwrap_or(0);
        // Beyond all of the significand nothing is half of what is kept.
        let Some(half) = 1_u128.checked_shl(bits.saturating_sub(1)) else {
            return self.signed(0.0);
        };
        let wide = u128::from(significand);
        let (kept, rest) = (wide.checked_shr(bits).unwrap_or(0), wide & (half | (half - 1)));
        let is_up = rest > half || (rest == half && kept & 1 == 1);
        let kept = (kept + u128::from(is_up)) as f64;
        self.signed(kept * power_of_two(exponent - 63 + dropped))
    }

    /// As a floating type.
    pub(crate) fn to_f64(self) -> f64 {
        self.rounded(53, f64::MIN_EXP - 1)
    }

    /// As a floating type, rounded once.
    pub(crate) fn to_f32(self) -> f32 {
        crate::cast::nearest(self.rounded(24, f32::MIN_EXP - 1))
    }

    /// Without its fraction; `None` of one with more than 128 bits, and of what is no number.
    pub(crate) fn to_whole(self) -> Option<Whole> {
        if !self.is_finite() {
            return None;
        }
        if self.significand == 0 {
            return Some(Whole::Natural(0));
        }
        let (significand, exponent) = self.normalised();
        let wide = u128::from(significand);
        let size = match u32::try_from(exponent - 63) {
            Ok(up @ ..=64) => wide << up,
            Ok(_) => return None,
            Err(_) => wide.checked_shr((63 - exponent).cast_unsigned()).unwrap_or(0),
        };
        match self.is_negative {
            true => 0_i128.checked_sub_unsigned(size).map(Whole::signed),
            false => Some(Whole::Natural(size)),
        }
    }

    pub(crate) fn is_zero(self) -> bool {
        self.is_finite() && self.significand == 0
    }

    /// As C casts it, but for pointers.
    pub(crate) fn cast(self, scalar: Scalar) -> Option<Value> {
        Some(match scalar {
            Scalar::Bool => Value::Bool(!self.is_zero()),
            Scalar::F32 => Value::F32(self.to_f32()),
            Scalar::F64 => Value::F64(self.to_f64()),
            Scalar::Complex32 => Value::Complex32(self.to_f32().into()),
            Scalar::Complex64 => Value::Complex64(self.to_f64().into()),
            _ => return None,
        })
    }
}

/// 2 to a power that `double` has; infinity above, and never less than its least number.
fn power_of_two(power: i32) -> f64 {
    let bits = match u64::try_from(power + 1023) {
        Ok(biased @ 1..2047) => biased << 52,
        Ok(2047..) => return f64::INFINITY,
        _ => 1 << u32::try_from(power + 1074).unwrap_or(0),
    };
    f64::from_bits(bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn long(significand: u64, exponent: u32) -> LongDouble {
        LongDouble { significand, exponent, is_negative: false }
    }

    #[test]
    fn halves_go_to_the_even_neighbour() {
        let one = 1 << 63;
        assert_eq!(long(one, 16383).to_f64(), 1.0);
        assert_eq!(long(one | 1 << 10, 16383).to_f64(), 1.0);
        assert_eq!(long(one | 1 << 10 | 1, 16383).to_f64(), 1.0 + f64::EPSILON);
        assert_eq!(long(one | 3 << 10, 16383).to_f64(), 1.0 + 2.0 * f64::EPSILON);
        assert_eq!(long(u64::MAX, 16383).to_f64(), 2.0);
        assert_eq!(long(u64::MAX, 16383 + 1023).to_f64(), f64::INFINITY);
        assert_eq!(long(one, 16383 + 1024).to_f64(), f64::INFINITY);
        assert_eq!(long(one, 16383 - 1074).to_f64(), f64::from_bits(1));
        assert_eq!(long(one, 16383 - 1075).to_f64(), 0.0);
        assert_eq!(long(one | 1, 16383 - 1075).to_f64(), f64::from_bits(1));
        assert_eq!(long(one, 1).to_f64(), 0.0);
    }

    #[test]
    fn fractions_are_cut_off() {
        let whole = |significand, exponent: u32| long(significand, 16383 + exponent).to_whole();
        let natural = |size| Some(Whole::Natural(size));
        assert_eq!(whole(0xc000_0000_0000_0000, 0), natural(1));
        assert_eq!(whole(u64::MAX, 63), natural(u128::from(u64::MAX)));
        assert_eq!(long(u64::MAX, 16382).to_whole(), natural(0));
        assert_eq!(long(1, 0).to_whole(), natural(0));
        assert_eq!(whole(u64::MAX, 127), natural(u128::MAX << 64));
        assert_eq!(whole(1 << 63, 128), None);
        let negative = |significand, exponent| {
            LongDouble { is_negative: true, ..long(significand, exponent) }.to_whole()
        };
        assert_eq!(negative(1 << 63, 16383 + 127), Some(Whole::Negative(i128::MIN)));
        assert_eq!(negative(u64::MAX, 16383 + 127), None);
        assert_eq!(negative(1 << 63, 16382), natural(0));
    }

    #[test]
    fn a_zero_is_a_zero() {
        for exponent in [0, 16383] {
            assert_eq!(long(0, exponent).to_whole(), Some(Whole::Natural(0)));
            assert_eq!(long(0, exponent).to_f64(), 0.0);
        }
    }
}
