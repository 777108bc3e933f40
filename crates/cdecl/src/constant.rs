//! Values of constant expressions: integers with C's types, which wrap or overflow as those do.

use crate::target::Target;
use crate::types::Integer;

/// A value. Of a type of 128 bits without sign it holds the bits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Value {
    Integer {
        value: i128,
        ty: Integer,
    },
    /// Only to be cast to an integer.
    Float(f64),
    /// What `...` leaves to a compiler.
    Unknown,
}

/// An operation of two integers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Binary {
    Multiply,
    Divide,
    Remainder,
    Add,
    Subtract,
    ShiftLeft,
    ShiftRight,
    Less,
    Greater,
    LessEqual,
    GreaterEqual,
    Equal,
    NotEqual,
    And,
    Xor,
    Or,
}

impl Binary {
    fn is_shift(self) -> bool {
        matches!(self, Self::ShiftLeft | Self::ShiftRight)
    }

    /// The type of an operation that has no value.
    pub(crate) fn result(self, a: Integer, b: Integer) -> Integer {
        if self.is_shift() { promoted(a) } else { common(a, b) }
    }

    pub(crate) fn sign(self) -> &'static str {
        match self {
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::ShiftLeft => "<<",
            Self::ShiftRight => ">>",
            Self::Less => "<",
            Self::Greater => ">",
            Self::LessEqual => "<=",
            Self::GreaterEqual => ">=",
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::And => "&",
            Self::Xor => "^",
            Self::Or => "|",
        }
    }
}

/// A value of type `int`.
pub(crate) fn int(value: i128) -> Value {
    Value::Integer { value, ty: Integer::Int }
}

/// What a comparison gives.
pub(crate) fn boolean(holds: bool) -> Value {
    int(i128::from(holds))
}

/// The bits of a value that a type keeps.
pub(crate) fn wrap(value: i128, ty: Integer, target: Target) -> i128 {
    let bits = ty.bits();
    if bits == 128 {
        return value;
    }
    let shift = 128 - bits;
    if target.is_signed(ty) { (value << shift) >> shift } else { value & ((1_i128 << bits) - 1) }
}

/// Whether a type has a value. Values of 128 bits are taken for those with sign.
pub(crate) fn fits(value: i128, ty: Integer, target: Target) -> bool {
    wrap(value, ty, target) == value
}

/// What small types become in an operation.
pub(crate) fn promoted(ty: Integer) -> Integer {
    if ty.size() < 4 { Integer::Int } else { ty }
}

fn rank(ty: Integer) -> u32 {
    match ty {
        Integer::LongLong | Integer::UnsignedLongLong => 65,
        _ => ty.bits(),
    }
}

/// The type in which an operation of two others is done.
pub(crate) fn common(a: Integer, b: Integer) -> Integer {
    let (a, b) = (promoted(a), promoted(b));
    let (high, low) = if rank(a) >= rank(b) { (a, b) } else { (b, a) };
    let needs_unsigned = !low.is_signed() && low.bits() == high.bits();
    if needs_unsigned || (rank(a) == rank(b) && (!a.is_signed() || !b.is_signed())) {
        high.with_sign(false)
    } else {
        high
    }
}

/// Computes `a op b`; why not, if it has no value.
pub(crate) fn binary(
    op: Binary,
    (a, a_type): (i128, Integer),
    (b, b_type): (i128, Integer),
    target: Target,
) -> Result<Value, String> {
    if op.is_shift() {
        return shift(op, (a, promoted(a_type)), (b, promoted(b_type)), target);
    }
    let ty = common(a_type, b_type);
    let (a, b) = (wrap(a, ty, target), wrap(b, ty, target));
    // What a type of 128 bits without sign has, which no `i128` shows.
    let huge = (ty == Integer::UnsignedInt128).then(|| (a.cast_unsigned(), b.cast_unsigned()));
    let order = huge.map_or_else(|| a.cmp(&b), |(a, b)| a.cmp(&b));
    let overflow = || format!("`{a} {} {b}` overflows `{}`", op.sign(), ty.name());
    let exact = match op {
        Binary::Less => return Ok(boolean(order.is_lt())),
        Binary::Greater => return Ok(boolean(order.is_gt())),
        Binary::LessEqual => return Ok(boolean(order.is_le())),
        Binary::GreaterEqual => return Ok(boolean(order.is_ge())),
        Binary::Equal => return Ok(boolean(order.is_eq())),
        Binary::NotEqual => return Ok(boolean(order.is_ne())),
        Binary::And => Some(a & b),
        Binary::Xor => Some(a ^ b),
        Binary::Or => Some(a | b),
        Binary::Divide | Binary::Remainder if b == 0 => {
            let shown = huge.map_or_else(|| a.to_string(), |(a, _)| a.to_string());
            return Err(format!("`{shown} {} 0` divides by zero", op.sign()));
        }
        Binary::Divide => {
            huge.map_or_else(|| a.checked_div(b), |(a, b)| Some((a / b).cast_signed()))
        }
        // The quotient that belongs to it may overflow.
        Binary::Remainder => match huge {
            Some((a, b)) => Some((a % b).cast_signed()),
            None => a.checked_div(b).filter(|&quotient| fits(quotient, ty, target)).map(|_| a % b),
        },
        _ if !ty.is_signed() => Some(wrapping(op, a, b)),
        Binary::Multiply => a.checked_mul(b),
        Binary::Add => a.checked_add(b),
        _ => a.checked_sub(b),
    };
    let exact = exact.ok_or_else(overflow)?;
    if ty.is_signed() && !fits(exact, ty, target) {
        return Err(overflow());
    }
    Ok(Value::Integer { value: wrap(exact, ty, target), ty })
}

fn wrapping(op: Binary, a: i128, b: i128) -> i128 {
    match op {
        Binary::Multiply => a.wrapping_mul(b),
        Binary::Add => a.wrapping_add(b),
        _ => a.wrapping_sub(b),
    }
}

/// A shift. As GCC has it, a one may move into the sign, but no bit may be lost.
fn shift(
    op: Binary,
    (a, ty): (i128, Integer),
    (b, _): (i128, Integer),
    target: Target,
) -> Result<Value, String> {
    let bits = ty.bits();
    let Some(count) = u32::try_from(b).ok().filter(|&count| count < bits) else {
        return Err(format!("`{a} {} {b}` shifts by no count below {bits}", op.sign()));
    };
    let value = match op {
        Binary::ShiftRight if ty == Integer::UnsignedInt128 => {
            (a.cast_unsigned() >> count).cast_signed()
        }
        Binary::ShiftRight => a >> count,
        _ => {
            let shifted = wrap(a.wrapping_shl(count), ty, target);
            let kept = wrap(shifted, ty.with_sign(false), target).cast_unsigned();
            let lost = match u128::try_from(a) {
                Ok(a) => kept >> count != a,
                Err(_) => shifted >> count != a,
            };
            if ty.is_signed() && lost {
                return Err(format!("`{a} << {b}` overflows `{}`", ty.name()));
            }
            shifted
        }
    };
    Ok(Value::Integer { value, ty })
}

/// `-a`.
pub(crate) fn negate(a: i128, ty: Integer, target: Target) -> Result<Value, String> {
    let ty = promoted(ty);
    let exact = if ty.is_signed() { a.checked_neg() } else { Some(a.wrapping_neg()) };
    let exact = exact.filter(|&exact| !ty.is_signed() || fits(exact, ty, target));
    let exact = exact.ok_or_else(|| format!("`-({a})` overflows `{}`", ty.name()))?;
    Ok(Value::Integer { value: wrap(exact, ty, target), ty })
}

/// `~a`.
pub(crate) fn complement(a: i128, ty: Integer, target: Target) -> Value {
    let ty = promoted(ty);
    Value::Integer { value: wrap(!a, ty, target), ty }
}

/// Reads an integer literal. The type is the first of C's list that has the value.
pub(crate) fn integer_literal(text: &str) -> Result<Value, String> {
    let malformed = || format!("`{text}` is no number of C");
    let lower = text.to_ascii_lowercase();
    let (radix, digits) = if let Some(rest) = lower.strip_prefix("0x") {
        (16, rest)
    } else if let Some(rest) = lower.strip_prefix("0b") {
        (2, rest)
    } else if lower.len() > 1 && lower.starts_with('0') {
        (8, &lower[1..])
    } else {
        (10, lower.as_str())
    };
    let length = digits.find(|c: char| !c.is_digit(radix)).unwrap_or(digits.len());
    let (digits, suffix) = digits.split_at(length);
    let (unsigned, longs) = match suffix {
        "" => (false, 0),
        "u" => (true, 0),
        "l" => (false, 1),
        "ul" | "lu" => (true, 1),
        "ll" => (false, 2),
        "ull" | "llu" => (true, 2),
        _ => return Err(malformed()),
    };
    // `0` alone and `0u` are octal without digits.
    let value = match (digits, radix) {
        ("", 8) => 0,
        ("", _) => return Err(malformed()),
        _ => u64::from_str_radix(digits, radix)
            .map_err(|_| format!("the number `{text}` needs more than 64 bits"))?,
    };
    let list = [
        (Integer::Int, 0, false, u64::from(u32::MAX >> 1)),
        (Integer::UnsignedInt, 0, true, u64::from(u32::MAX)),
        (Integer::Long, 1, false, u64::MAX >> 1),
        (Integer::UnsignedLong, 1, true, u64::MAX),
        (Integer::LongLong, 2, false, u64::MAX >> 1),
        (Integer::UnsignedLongLong, 2, true, u64::MAX),
    ];
    let found = list.into_iter().find(|&(_, length, is_unsigned, most)| {
        let sign = if unsigned { is_unsigned } else { !is_unsigned || radix != 10 };
        length >= longs && sign && value <= most
    });
    // A decimal number without `u` that only 64 bits without sign hold: GCC takes 128.
    let ty = found.map_or(Integer::Int128, |(ty, ..)| ty);
    Ok(Value::Integer { value: i128::from(value), ty })
}

/// Reads a floating literal.
pub(crate) fn float_literal(text: &str) -> Result<Value, String> {
    let digits = text.trim_end_matches(['f', 'F', 'l', 'L']);
    match digits.parse() {
        Ok(value) => Ok(Value::Float(value)),
        Err(_) => Err(format!("`{text}` is no number that this parser knows")),
    }
}

/// Reads a character constant with its quotes.
pub(crate) fn character(text: &str, target: Target) -> Result<Value, String> {
    let quote = text.find('\'').unwrap_or(0);
    let (prefix, rest) = text.split_at(quote);
    let inside = rest.trim_start_matches('\'');
    let inside = inside.strip_suffix('\'').unwrap_or(inside);
    let ty = match prefix {
        "L" => target.wide(),
        "u" => Integer::UnsignedShort,
        "U" => Integer::UnsignedInt,
        "u8" => Integer::UnsignedChar,
        _ => Integer::Char,
    };
    let wide = ty.size() > 1;
    let mut units = Vec::new();
    let mut rest = inside;
    while let Some(first) = rest.chars().next() {
        let (unit, length) =
            if first == '\\' { escape(rest)? } else { (u32::from(first), first.len_utf8()) };
        if wide || first == '\\' {
            units.push(unit);
        } else {
            units.extend(rest[..length].bytes().map(u32::from));
        }
        rest = &rest[length..];
    }
    match units.as_slice() {
        [] => Err(String::from("a character constant is empty")),
        [unit] if ty == Integer::Char => Ok(int(wrap(i128::from(*unit), ty, target))),
        [unit] if fits(i128::from(*unit), ty, target) || ty.is_signed() => {
            Ok(Value::Integer { value: wrap(i128::from(*unit), ty, target), ty })
        }
        // As GCC has it: a byte each, the first in front.
        many if ty == Integer::Char && many.len() <= 4 => {
            let value = many.iter().fold(0_i128, |value, unit| value << 8 | i128::from(unit & 255));
            Ok(int(wrap(value, Integer::Int, target)))
        }
        many => Err(format!("the {} characters of {text} do not fit in one", many.len())),
    }
}

/// An escape sequence and its length in bytes.
fn escape(text: &str) -> Result<(u32, usize), String> {
    let unknown =
        || format!("the escape `{}` is none of C's", text.chars().take(2).collect::<String>());
    let second = text[1..].chars().next().ok_or_else(unknown)?;
    let digits = |radix: u32, start: usize, most: usize| {
        let digits: String =
            text[start..].chars().take(most).take_while(|c| c.is_digit(radix)).collect();
        let value = u32::from_str_radix(&digits, radix).map_err(|_| unknown())?;
        Ok((value, start + digits.len()))
    };
    let simple = match second {
        '0'..='7' => return digits(8, 1, 3),
        'x' => return digits(16, 2, 9),
        'u' => return digits(16, 2, 4),
        'U' => return digits(16, 2, 8),
        'a' => 7,
        'b' => 8,
        'e' => 27,
        'f' => 12,
        'n' => 10,
        'r' => 13,
        't' => 9,
        'v' => 11,
        '\\' | '\'' | '"' | '?' => u32::from(second),
        _ => return Err(unknown()),
    };
    Ok((simple, 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> (i128, Integer) {
        match integer_literal(text).unwrap() {
            Value::Integer { value, ty } => (value, ty),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn literals_take_the_first_type_that_has_them() {
        assert_eq!(of("0"), (0, Integer::Int));
        assert_eq!(of("017"), (15, Integer::Int));
        assert_eq!(of("2147483648"), (1 << 31, Integer::Long));
        assert_eq!(of("0x80000000"), (1 << 31, Integer::UnsignedInt));
        assert_eq!(of("1ull"), (1, Integer::UnsignedLongLong));
        assert_eq!(of("0xffffffffffffffff"), (i128::from(u64::MAX), Integer::UnsignedLong));
        assert_eq!(of("18446744073709551615"), (i128::from(u64::MAX), Integer::Int128));
        assert!(integer_literal("09").is_err());
        assert!(integer_literal("1uu").is_err());
        assert!(integer_literal("0x").is_err());
        assert!(integer_literal("99999999999999999999").is_err());
    }

    #[test]
    fn common_types_are_those_of_the_standard() {
        assert_eq!(common(Integer::Char, Integer::Short), Integer::Int);
        assert_eq!(common(Integer::Int, Integer::UnsignedInt), Integer::UnsignedInt);
        assert_eq!(common(Integer::Long, Integer::UnsignedInt), Integer::Long);
        assert_eq!(common(Integer::UnsignedLong, Integer::LongLong), Integer::UnsignedLongLong);
        assert_eq!(common(Integer::Int128, Integer::UnsignedLong), Integer::Int128);
    }

    #[test]
    fn the_last_remainder_overflows_with_its_quotient() {
        let target = Target::X86_64;
        for least in [(i128::from(i32::MIN), Integer::Int), (i128::MIN, Integer::Int128)] {
            assert!(binary(Binary::Remainder, least, (-1, Integer::Int), target).is_err());
            assert!(binary(Binary::Divide, least, (-1, Integer::Int), target).is_err());
        }
        assert_eq!(
            binary(Binary::Remainder, (7, Integer::Int), (-1, Integer::Int), target),
            Ok(int(0))
        );
    }

    #[test]
    fn numbers_of_128_bits_without_sign_are_no_negative_ones() {
        let of =
            |op, b| binary(op, (-1, Integer::UnsignedInt128), (b, Integer::Int), Target::X86_64);
        let huge = |value| Ok(Value::Integer { value, ty: Integer::UnsignedInt128 });
        assert_eq!(of(Binary::Greater, 1), Ok(int(1)));
        assert_eq!(of(Binary::Divide, 2), huge(i128::MAX));
        assert_eq!(of(Binary::Remainder, 10), huge(5));
        assert_eq!(of(Binary::Multiply, 2), huge(-2));
        let message = "`340282366920938463463374607431768211455 / 0` divides by zero";
        assert_eq!(of(Binary::Divide, 0), Err(String::from(message)));
    }
}
