//! Functions of WGSL: those that it has, those that are written here, and those that the module has
//! to bring.
//!
//! In a text, `F` is the type, `U` the unsigned integer as wide, `L` the suffix of a float and `W`
//! that of such an integer; `x`, `y` and `z` are the arguments.

use super::expressions::{literal, through_f64};
use super::{Printed, Printer};
use crate::ir::{Expr, ExprKind, Fun, Prim};

/// What WGSL has of f32 with the kernels' meaning.
const BUILT_IN_F32: &[(Fun, &str)] = &[
    (Fun::Exp, "exp"),
    (Fun::Exp2, "exp2"),
    (Fun::Ln, "log"),
    (Fun::Log2, "log2"),
    (Fun::Sin, "sin"),
    (Fun::Cos, "cos"),
    (Fun::Tan, "tan"),
    (Fun::Asin, "asin"),
    (Fun::Acos, "acos"),
    (Fun::Atan, "atan"),
    (Fun::Atan2, "atan2"),
    (Fun::Sinh, "sinh"),
    (Fun::Cosh, "cosh"),
    (Fun::Tanh, "tanh"),
];

/// What it has of all floats.
const BUILT_IN_FLOAT: &[(Fun, &str)] = &[
    (Fun::Sqrt, "sqrt"),
    (Fun::Floor, "floor"),
    (Fun::Ceil, "ceil"),
    (Fun::Trunc, "trunc"),
    (Fun::RoundTiesEven, "round"),
    (Fun::Abs, "abs"),
    (Fun::MulAdd, "fma"),
];

/// And of integers.
const BUILT_IN_INT: &[(Fun, &str)] = &[
    (Fun::Abs, "abs"),
    (Fun::Signum, "sign"),
    (Fun::Min, "min"),
    (Fun::Max, "max"),
    (Fun::Clamp, "clamp"),
];

/// Of integers of 32 bits, through u32.
const BUILT_IN_32: &[(Fun, &str)] = &[
    (Fun::CountOnes, "countOneBits"),
    (Fun::LeadingZeros, "countLeadingZeros"),
    (Fun::TrailingZeros, "countTrailingZeros"),
];

/// Functions of floats. Comparisons of NaN and its bits are spelled out, since WGSL need not know it.
const OF_FLOATS: &[(Fun, &str)] = &[
    (Fun::Recip, "return 1.0L / x;"),
    (Fun::Rsqrt, "return 1.0L / sqrt(x);"),
    (Fun::Fract, "return x - trunc(x);"),
    (
        Fun::Round,
        "let t = trunc(x); if abs(x - t) < 0.5L { return t; } \
         return t + select(1.0L, -1.0L, x < 0.0L);",
    ),
    (Fun::ToDegrees, "return x * 57.29577951308232L;"),
    (Fun::ToRadians, "return x * 0.017453292519943295L;"),
    (Fun::Copysign, "return bitcast<F>((bitcast<U>(x) & MAGNITUDE) | (bitcast<U>(y) & SIGN));"),
    (
        Fun::Signum,
        "if (bitcast<U>(x) & MAGNITUDE) > INFINITE { return x; } \
         return bitcast<F>(bitcast<U>(1.0L) | (bitcast<U>(x) & SIGN));",
    ),
    (
        Fun::Min,
        "if (bitcast<U>(x) & MAGNITUDE) > INFINITE { return y; } return select(x, y, y < x);",
    ),
    (
        Fun::Max,
        "if (bitcast<U>(x) & MAGNITUDE) > INFINITE { return y; } return select(x, y, y > x);",
    ),
    (Fun::Clamp, "if x < y { return y; } if x > z { return z; } return x;"),
    (Fun::IsNan, "return (bitcast<U>(x) & MAGNITUDE) > INFINITE;"),
    (Fun::IsInfinite, "return (bitcast<U>(x) & MAGNITUDE) == INFINITE;"),
    (Fun::IsFinite, "return (bitcast<U>(x) & MAGNITUDE) < INFINITE;"),
    (Fun::IsSignNegative, "return (bitcast<U>(x) & SIGN) != 0W;"),
    (Fun::IsSignPositive, "return (bitcast<U>(x) & SIGN) == 0W;"),
];

/// Functions of integers.
const OF_INTS: &[(Fun, &str)] = &[
    (
        Fun::Pow,
        "var r = F(1); var b = x; var n = y; loop { if n == 0u { break; } \
         if (n & 1u) == 1u { r = r * b; } b = b * b; n = n >> 1u; } return r;",
    ),
    (
        Fun::RotateLeft,
        "let u = U(x); let n = y & TOP; return F((u << n) | (u >> ((TOP + 1u - n) & TOP)));",
    ),
    (
        Fun::RotateRight,
        "let u = U(x); let n = y & TOP; return F((u >> n) | (u << ((TOP + 1u - n) & TOP)));",
    ),
    (Fun::AbsDiff, "return U(max(x, y)) - U(min(x, y));"),
];

fn find(table: &[(Fun, &'static str)], fun: Fun) -> Option<&'static str> {
    table.iter().find(|(of, _)| *of == fun).map(|(_, text)| *text)
}

/// What WGSL calls a function that it has.
pub(super) fn built_in(fun: Fun, prim: Prim) -> Option<&'static str> {
    match prim {
        Prim::F32 => find(BUILT_IN_F32, fun).or(find(BUILT_IN_FLOAT, fun)),
        Prim::F64 => find(BUILT_IN_FLOAT, fun),
        _ => find(BUILT_IN_INT, fun),
    }
}

impl Printer<'_> {
    pub(super) fn method(
        &mut self,
        fun: Fun,
        args: &[Expr],
        expr: &Expr,
        values: &[String],
    ) -> Printed<String> {
        let list = values.join(", ");
        if args[0].ty.is_complex() || expr.ty.is_complex() {
            return self.complex_method(fun, args, expr, &list);
        }
        let prim = self.prim(args[0].ty)?;
        let result = self.prim(expr.ty)?;
        if let Some(name) = built_in(fun, prim) {
            return Ok(format!("{name}({list})"));
        }
        let first = &values[0];
        if let (Some(name), 32) = (find(BUILT_IN_32, fun), prim.bits()) {
            return Ok(format!("{name}(u32({first}))"));
        }
        Ok(match fun {
            Fun::From => match &args[0].kind {
                ExprKind::Float(digits) => through_f64(digits, result),
                _ => self.cast(first, prim, result),
            },
            Fun::ToBits | Fun::FromBits => format!("bitcast<{}>({first})", result.name()),
            Fun::WrappingAdd => format!("({first} + {})", values[1]),
            Fun::WrappingSub => format!("({first} - {})", values[1]),
            Fun::WrappingMul => format!("({first} * {})", values[1]),
            Fun::WrappingNeg => format!("({} - {first})", literal("0", prim)),
            Fun::WrappingShl => format!("({first} << ({} & {}u))", values[1], prim.bits() - 1),
            Fun::WrappingShr => format!("({first} >> ({} & {}u))", values[1], prim.bits() - 1),
            _ => {
                let table = if prim.is_float() { OF_FLOATS } else { OF_INTS };
                match find(table, fun) {
                    Some(text) => {
                        let types = args.iter().map(|arg| self.ty(arg.ty));
                        let types: Vec<&str> = types.collect::<Printed<_>>()?;
                        self.helper(fun.name(), prim, &types, result.name(), text, &list)
                    }
                    None => format!("{}({list})", self.needed(fun, prim)),
                }
            }
        })
    }

    /// The name of a function that the module has to bring.
    pub(super) fn needed(&mut self, fun: Fun, prim: Prim) -> String {
        if !self.needs.contains(&(fun, prim)) {
            self.needs.push((fun, prim));
        }
        format!("tenfold_{}_{}", fun.name(), prim.name())
    }

    /// Integers by 0, and the one quotient that does not fit.
    pub(super) fn division(&mut self, what: &str, prim: Prim, left: &str, right: &str) -> String {
        let text = match (what, prim.is_signed()) {
            ("div", true) => {
                "if y == F(0) { return F(0); } if y == F(-1) { return -x; } return x / y;"
            }
            ("div", false) => "if y == F(0) { return F(0); } return x / y;",
            (_, true) => "if y == F(0) || y == F(-1) { return F(0); } return x % y;",
            (_, false) => "if y == F(0) { return F(0); } return x % y;",
        };
        let types = [prim.name(), prim.name()];
        self.helper(what, prim, &types, prim.name(), text, &format!("{left}, {right}"))
    }

    /// Rust's `as`.
    pub(super) fn cast(&mut self, value: &str, from: Prim, to: Prim) -> String {
        let name = to.name();
        if from == Prim::Bool {
            return match to {
                Prim::Bool => value.to_owned(),
                _ => format!("select({name}(0), {name}(1), {value})"),
            };
        }
        // naga widens as the sign of the target has it, Rust as that of the source.
        match (from, to) {
            (Prim::I32, Prim::U64) => return format!("u64(i64({value}))"),
            (Prim::U32, Prim::I64) => return format!("i64(u64({value}))"),
            _ if !from.is_float() || to.is_float() => return format!("{name}({value})"),
            _ => {}
        }
        // Out of range is the nearest, NaN is 0; 2 to the 31 is a float, and i32::MAX is none.
        let (low, above, least, most) = match to {
            Prim::I32 => ("-2147483648.0", "2147483648.0", "i32(-2147483648)", "2147483647i"),
            Prim::U32 => ("0.0", "4294967296.0", "0u", "4294967295u"),
            Prim::I64 => (
                "-9223372036854775808.0",
                "9223372036854775808.0",
                "(-9223372036854775807li - 1li)",
                "9223372036854775807li",
            ),
            _ => ("0.0", "18446744073709551616.0", "0lu", "18446744073709551615lu"),
        };
        let text = format!(
            "if (bitcast<U>(x) & MAGNITUDE) > INFINITE {{ return {name}(0); }} \
             if x <= {low}L {{ return {least}; }} if x >= {above}L {{ return {most}; }} \
             return {name}(x);"
        );
        let what = format!("to_{name}");
        self.helper(&what, from, &[from.name()], name, &text, value)
    }

    /// Calls a function that is printed before the kernel, under a name of its own.
    pub(super) fn helper(
        &mut self,
        what: &str,
        prim: Prim,
        types: &[&str],
        result: &str,
        text: &str,
        list: &str,
    ) -> String {
        let name = format!("{}_{what}_{}", self.name, prim.name());
        if !self.helpers.contains_key(&name) {
            let params = ["x", "y", "z"].iter().zip(types);
            let params: Vec<String> = params.map(|(name, ty)| format!("{name}: {ty}")).collect();
            let params = params.join(", ");
            let body = spelled(text, prim);
            let text = format!("fn {name}({params}) -> {result} {{ {body} }}\n");
            self.helpers.insert(name.clone(), text);
        }
        format!("{name}({list})")
    }
}

/// A text with the letters replaced.
fn spelled(text: &str, prim: Prim) -> String {
    let is_wide = prim.bits() == 64;
    let (magnitude, sign, infinite) = match prim {
        Prim::F64 => ("0x7fffffffffffffffW", "0x8000000000000000W", "0x7ff0000000000000W"),
        _ => ("0x7fffffffW", "0x80000000W", "0x7f800000W"),
    };
    let text = text
        .replace("MAGNITUDE", magnitude)
        .replace("SIGN", sign)
        .replace("INFINITE", infinite)
        .replace("TOP", if is_wide { "63u" } else { "31u" });
    let mut spelled = String::new();
    let mut before = ' ';
    for letter in text.chars() {
        // A letter of its own, or the suffix of a number.
        let is_suffix = before.is_ascii_hexdigit();
        match letter {
            'F' if !before.is_alphanumeric() => spelled += prim.name(),
            'U' if !before.is_alphanumeric() => spelled += prim.unsigned().name(),
            'L' if is_suffix => spelled += if is_wide { "lf" } else { "f" },
            'W' if is_suffix => spelled += if is_wide { "lu" } else { "u" },
            other => spelled.push(other),
        }
        before = letter;
    }
    spelled
}
