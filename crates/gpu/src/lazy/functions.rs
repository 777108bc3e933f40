//! Operations as WGSL has them, or as functions that are written here.
//!
//! Comparisons with NaN are spelled out by bits, since WGSL need not know it. In a text, `$F` is the type,
//! `$U` the unsigned integer as wide, `$L` the suffix of a float and `$W` that of such an integer; `x`, `y`
//! and `z` are the arguments.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::chain::Op;

/// An operation: an expression, and what it needs.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) text: String,
    /// A function, with its name and its types.
    pub(super) helper: Option<(String, String)>,
    /// A function of [`math`](crate::math).
    pub(super) need: Option<(&'static str, &'static str)>,
}

/// Built-in functions of all floats.
const FLOATS: &[(&str, &str)] = &[("sqrt", "sqrt"), ("floor", "floor"), ("ceil", "ceil")];

/// Built-in functions of f32 that are near.
const FAST: &[(&str, &str)] = &[
    ("trunc", "trunc"),
    ("round_ties_even", "round"),
    ("rsqrt", "inverseSqrt"),
    ("exp", "exp"),
    ("exp2", "exp2"),
    ("ln", "log"),
    ("log2", "log2"),
    ("sin", "sin"),
    ("cos", "cos"),
    ("tan", "tan"),
    ("asin", "asin"),
    ("acos", "acos"),
    ("atan", "atan"),
    ("atan2", "atan2"),
    ("sinh", "sinh"),
    ("cosh", "cosh"),
    ("tanh", "tanh"),
];

/// Built-in functions of integers.
const INTEGERS: &[(&str, &str)] =
    &[("abs", "abs"), ("min", "min"), ("max", "max"), ("clamp", "clamp")];

/// Built-in functions of integers of 32 bits, through u32.
const BITS: &[(&str, &str)] = &[
    ("count_ones", "countOneBits"),
    ("leading_zeros", "countLeadingZeros"),
    ("trailing_zeros", "countTrailingZeros"),
];

/// Functions of floats.
const OF_FLOATS: &[(&str, &str)] = &[
    // By bits, because a GPU may take subnormal numbers for 0.
    ("abs", "return bitcast<$F>(bitcast<$U>(x) & $MAGNITUDE);"),
    // From `floor`, because drivers were seen to be wrong with `trunc` of f64.
    ("trunc", "return bitcast<$F>(bitcast<$U>(floor(abs(x))) | (bitcast<$U>(x) & $SIGN));"),
    ("fract", "return x - bitcast<$F>(bitcast<$U>(floor(abs(x))) | (bitcast<$U>(x) & $SIGN));"),
    (
        "round",
        "let a = abs(x); let t = floor(a); let r = select(t, t + 1.0$L, a - t >= 0.5$L); \
         return bitcast<$F>(bitcast<$U>(r) | (bitcast<$U>(x) & $SIGN));",
    ),
    (
        "round_ties_even",
        "let a = abs(x); let t = floor(a); let h = 0.5$L * t; let d = a - t; \
         let up = d > 0.5$L || (d == 0.5$L && !(floor(h) == h)); \
         return bitcast<$F>(bitcast<$U>(select(t, t + 1.0$L, up)) | (bitcast<$U>(x) & $SIGN));",
    ),
    ("to_degrees", "return x * 57.29577951308232$L;"),
    ("to_radians", "return x * 0.017453292519943295$L;"),
    ("copysign", "return bitcast<$F>((bitcast<$U>(x) & $MAGNITUDE) | (bitcast<$U>(y) & $SIGN));"),
    (
        "signum",
        "if (bitcast<$U>(x) & $MAGNITUDE) > $INFINITE { return x; } \
         return bitcast<$F>(bitcast<$U>(1.0$L) | (bitcast<$U>(x) & $SIGN));",
    ),
    (
        "min",
        "if (bitcast<$U>(x) & $MAGNITUDE) > $INFINITE { return y; } return select(x, y, y < x);",
    ),
    (
        "max",
        "if (bitcast<$U>(x) & $MAGNITUDE) > $INFINITE { return y; } return select(x, y, y > x);",
    ),
    ("clamp", "if x < y { return y; } if x > z { return z; } return x;"),
    // The remainder of a long division by bits, which is exact.
    (
        "rem",
        "let one = $TOP; var m = bitcast<$U>(x) & $MAGNITUDE; var n = bitcast<$U>(y) & $MAGNITUDE; \
         let sign = bitcast<$U>(x) & $SIGN; \
         if m >= $INFINITE || n > $INFINITE || n == 0$W { return bitcast<$F>($INFINITE | (one >> 1u)); } \
         if m < n { return x; } \
         var e = i32(m >> $DIGITSu); var f = i32(n >> $DIGITSu); \
         m = m & (one - 1$W); n = n & (one - 1$W); \
         if e == 0i { e = 1i; loop { if m >= one { break; } m = m << 1u; e = e - 1i; } } \
         else { m = m | one; } \
         if f == 0i { f = 1i; loop { if n >= one { break; } n = n << 1u; f = f - 1i; } } \
         else { n = n | one; } \
         loop { if m >= n { m = m - n; } if e <= f || m == 0$W { break; } m = m << 1u; e = e - 1i; } \
         if m == 0$W { return bitcast<$F>(sign); } \
         loop { if m >= one { break; } m = m << 1u; e = e - 1i; } \
         if e > 0i { m = (m - one) | ($U(e) << $DIGITSu); } else { m = m >> u32(1i - e); } \
         return bitcast<$F>(m | sign);",
    ),
    ("is_nan", "return (bitcast<$U>(x) & $MAGNITUDE) > $INFINITE;"),
    ("is_infinite", "return (bitcast<$U>(x) & $MAGNITUDE) == $INFINITE;"),
    ("is_finite", "return (bitcast<$U>(x) & $MAGNITUDE) < $INFINITE;"),
    ("is_sign_negative", "return (bitcast<$U>(x) & $SIGN) != 0$W;"),
    ("is_sign_positive", "return (bitcast<$U>(x) & $SIGN) == 0$W;"),
];

/// Functions of signed integers. Those by 0 and the one quotient that does not fit are spelled out.
const OF_SIGNED: &[(&str, &str)] = &[
    ("div", "if y == $F(0) { return $F(0); } if y == $F(-1) { return -x; } return x / y;"),
    ("rem", "if y == $F(0) || y == $F(-1) { return $F(0); } return x % y;"),
    ("signum", "return select(select($F(0), $F(1), x > $F(0)), $F(-1), x < $F(0));"),
];

/// Functions of unsigned integers.
const OF_UNSIGNED: &[(&str, &str)] = &[
    ("div", "if y == $F(0) { return $F(0); } return x / y;"),
    ("rem", "if y == $F(0) { return $F(0); } return x % y;"),
    ("signum", "return min(x, $F(1));"),
];

/// Functions of integers.
const OF_INTEGERS: &[(&str, &str)] = &[(
    "pow",
    "var r = $F(1); var b = x; var n = y; loop { if n == 0u { break; } \
     if (n & 1u) == 1u { r = r * b; } b = b * b; n = n >> 1u; } return r;",
)];

fn find(table: &[(&str, &'static str)], name: &str) -> Option<&'static str> {
    table.iter().find(|(of, _)| *of == name).map(|(_, text)| *text)
}

pub(super) fn is_float(ty: &str) -> bool {
    matches!(ty, "f32" | "f64")
}

fn is_signed(ty: &str) -> bool {
    matches!(ty, "i32" | "i64")
}

fn bits(ty: &str) -> u32 {
    if matches!(ty, "f64" | "i64" | "u64") { 64 } else { 32 }
}

/// An operation on values, which have names or are short; `types` are theirs, and `ty` is that of the
/// result.
pub(super) fn written(
    op: &Op,
    ty: &'static str,
    types: &[&'static str],
    values: &[String],
    is_fast: bool,
) -> Written {
    let of = types.first().copied().unwrap_or(ty);
    match *op {
        Op::Array(_) | Op::Number(_) => Written::default(),
        Op::Infix(symbol) => infix(symbol, of, types, values),
        Op::Call(name) => call(name, ty, of, types, values, is_fast),
        Op::Cast => cast(ty, of, &values[0]),
        Op::Powi(n) => powi(n, of, &values[0]),
        Op::Formula(ref definition) => {
            let mut hasher = DefaultHasher::new();
            definition.hash(&mut hasher);
            let callee = format!("formula_{:x}", hasher.finish());
            let text = format!("{callee}({})", values.join(", "));
            let body = definition.function(&callee);
            Written { text, helper: Some((callee, body)), need: None }
        }
    }
}

fn plain(text: String) -> Written {
    Written { text, ..Written::default() }
}

fn infix(
    symbol: &'static str,
    of: &'static str,
    types: &[&'static str],
    values: &[String],
) -> Written {
    let (left, right) = (&values[0], &values[1]);
    match symbol {
        "!=" => plain(format!("!({left} == {right})")),
        "<<" | ">>" => plain(format!("{left} {symbol} ({right} & {}u)", bits(of) - 1)),
        "^" if of == "bool" => plain(format!("{left} != {right}")),
        "/" if !is_float(of) => helper("div", of, of, types, values),
        "%" => helper("rem", of, of, types, values),
        _ => plain(format!("{left} {symbol} {right}")),
    }
}

fn call(
    name: &'static str,
    ty: &'static str,
    of: &'static str,
    types: &[&'static str],
    values: &[String],
    is_fast: bool,
) -> Written {
    let (first, list) = (&values[0], values.join(", "));
    match name {
        "not" => return plain(format!("{}{first}", if of == "bool" { "!" } else { "~" })),
        "neg" => return plain(format!("-{first}")),
        // WGSL has the two the other way round.
        "select" => return plain(format!("select({}, {}, {first})", values[2], values[1])),
        "recip" => {
            let one = if of == "f64" { "1.0lf" } else { "1.0f" };
            return plain(format!("{one} / {first}"));
        }
        "mul_add" if is_fast => return plain(format!("fma({list})")),
        "mul_add" => return plain(format!("{first} * {} + {}", values[1], values[2])),
        "abs" if matches!(of, "u32" | "u64") => return plain(first.clone()),
        _ => {}
    }
    if let Some(built_in) = built_in(name, of, is_fast) {
        return plain(format!("{built_in}({list})"));
    }
    if let (Some(built_in), 32) = (find(BITS, name), bits(of)) {
        return plain(format!("{built_in}(u32({first}))"));
    }
    if text_of(name, of).is_some() {
        return helper(name, ty, of, types, values);
    }
    let text = format!("tenfold_{name}_{of}({list})");
    Written { text, need: Some((name, of)), ..Written::default() }
}

fn built_in(name: &str, of: &str, is_fast: bool) -> Option<&'static str> {
    match of {
        "f32" if is_fast => find(FLOATS, name).or(find(FAST, name)),
        "f32" | "f64" => find(FLOATS, name),
        _ => find(INTEGERS, name),
    }
}

/// Whether an operation is a function of [`math`](crate::math), which are long.
pub(super) fn is_long(op: &Op, of: &str, is_fast: bool) -> bool {
    const PLAIN: &[&str] = &["not", "neg", "select", "recip", "sqrt", "mul_add", "abs"];
    let Op::Call(name) = *op else { return false };
    !PLAIN.contains(&name)
        && is_float(of)
        && built_in(name, of, is_fast).is_none()
        && text_of(name, of).is_none()
}

fn text_of(name: &str, of: &str) -> Option<&'static str> {
    if is_float(of) {
        return find(OF_FLOATS, name);
    }
    find(if is_signed(of) { OF_SIGNED } else { OF_UNSIGNED }, name).or(find(OF_INTEGERS, name))
}

/// A call of a function that is written before the kernel.
fn helper(name: &str, ty: &str, of: &str, types: &[&'static str], values: &[String]) -> Written {
    let text = text_of(name, of).unwrap_or_default();
    let params: Vec<_> =
        ["x", "y", "z"].iter().zip(types).map(|(name, ty)| format!("{name}: {ty}")).collect();
    let callee = format!("{name}_{of}");
    let body = format!("fn {callee}({}) -> {ty} {{ {} }}\n", params.join(", "), spelled(text, of));
    let text = format!("{callee}({})", values.join(", "));
    Written { text, helper: Some((callee, body)), need: None }
}

/// Rust's `as`.
fn cast(ty: &'static str, of: &'static str, value: &str) -> Written {
    if of == "bool" {
        return plain(format!("select({ty}(0), {ty}(1), {value})"));
    }
    if of == ty {
        return plain(value.to_owned());
    }
    // naga widens as the sign of the result has it, not that of the value.
    match (of, ty) {
        ("i32", "u64") => return plain(format!("u64(i64({value}))")),
        ("u32", "i64") => return plain(format!("i64(u64({value}))")),
        _ => {}
    }
    if !is_float(of) || is_float(ty) {
        return plain(format!("{ty}({value})"));
    }
    // Out of range is the nearest, NaN is 0; 2 to the 31 is a float, and i32::MAX is none.
    let (low, above, least, most) = match ty {
        "i32" => ("-2147483648.0", "2147483648.0", "i32(-2147483648)", "2147483647i"),
        "u32" => ("0.0", "4294967296.0", "0u", "4294967295u"),
        "i64" => (
            "-9223372036854775808.0",
            "9223372036854775808.0",
            "(-9223372036854775807li - 1li)",
            "9223372036854775807li",
        ),
        _ => ("0.0", "18446744073709551616.0", "0lu", "18446744073709551615lu"),
    };
    let text = format!(
        "if (bitcast<$U>(x) & $MAGNITUDE) > $INFINITE {{ return {ty}(0); }} \
         if x <= {low}$L {{ return {least}; }} if x >= {above}$L {{ return {most}; }} \
         return {ty}(x);"
    );
    let callee = format!("{ty}_of_{of}");
    let body = format!("fn {callee}(x: {of}) -> {ty} {{ {} }}\n", spelled(&text, of));
    let text = format!("{callee}({value})");
    Written { text, helper: Some((callee, body)), need: None }
}

/// By squares, in the order in which a processor does it.
fn powi(n: i32, of: &'static str, value: &str) -> Written {
    let one = if of == "f64" { "1.0lf" } else { "1.0f" };
    let mut text = format!("let p0 = x; var r = {one}; ");
    let mut rest = n.unsigned_abs();
    let mut at = 0;
    while rest > 0 {
        if rest & 1 == 1 {
            text += &format!("r = r * p{at}; ");
        }
        rest >>= 1;
        if rest > 0 {
            text += &format!("let p{} = p{at} * p{at}; ", at + 1);
            at += 1;
        }
    }
    text += &match n {
        0.. => "return r;".to_owned(),
        _ => format!("return {one} / r;"),
    };
    let sign = if n < 0 { "minus_" } else { "" };
    let callee = format!("power_{sign}{}_{of}", n.unsigned_abs());
    let body = format!("fn {callee}(x: {of}) -> {of} {{ {text} }}\n");
    Written { text: format!("{callee}({value})"), helper: Some((callee, body)), need: None }
}

/// A text with the marks replaced.
fn spelled(text: &str, of: &str) -> String {
    let is_wide = bits(of) == 64;
    let pick = |wide, narrow| if is_wide { wide } else { narrow };
    text.replace("$MAGNITUDE", pick("0x7ffffffffffffffflu", "0x7fffffffu"))
        .replace("$SIGN", pick("0x8000000000000000lu", "0x80000000u"))
        .replace("$INFINITE", pick("0x7ff0000000000000lu", "0x7f800000u"))
        .replace("$TOP", pick("0x10000000000000lu", "0x800000u"))
        .replace("$DIGITS", pick("52", "23"))
        .replace("$F", of)
        .replace("$U", pick("u64", "u32"))
        .replace("$L", pick("lf", "f"))
        .replace("$W", pick("lu", "u"))
}
