//! Complex numbers of WGSL: `vec2`, the real part first.
//!
//! In a text, `Z` is the type, and `EXP(` and the like are functions of real numbers; the other
//! letters are those of `math`.

use super::math::built_in;
use super::{Printed, Printer};
use crate::ir::{BinOp, Expr, Fun, Prim, Ty};

const MUL: &str = "return Z(x.x * y.x - x.y * y.y, x.x * y.y + x.y * y.x);";

/// Divided by the larger part before, where a square would leave the numbers that there are.
const DIV: &str = "let m = max(abs(y.x), abs(y.y)); let k = max(abs(x.x), abs(x.y)); \
     var u = x; var v = y; \
     if !(m > LOW && m < HIGH && k < HIGH && (k > LOW || k == 0.0L)) { u = x / m; v = y / m; } \
     let n = v.x * v.x + v.y * v.y; \
     return Z((u.x * v.x + u.y * v.y) / n, (u.y * v.x - u.x * v.y) / n);";

/// Methods of complex numbers, and functions that make them.
const METHODS: &[(Fun, &str)] = &[
    (Fun::NormSqr, "return x.x * x.x + x.y * x.y;"),
    (Fun::Conj, "return Z(x.x, -x.y);"),
    (
        Fun::Norm,
        "let m = max(abs(x.x), abs(x.y)); if m == 0.0L || bitcast<U>(m) == INFINITE { return m; } \
         let v = x / m; return m * sqrt(v.x * v.x + v.y * v.y);",
    ),
    (Fun::Arg, "return ATAN2(x.y, x.x);"),
    (Fun::Cis, "return Z(COS(x), SIN(x));"),
    (Fun::FromPolar, "return x * Z(COS(y), SIN(y));"),
    (Fun::Exp, "return EXP(x.x) * Z(COS(x.y), SIN(x.y));"),
    (
        Fun::Ln,
        "let m = max(abs(x.x), abs(x.y)); let v = x / m; \
         return Z(LN(m) + 0.5L * LN(v.x * v.x + v.y * v.y), ATAN2(x.y, x.x));",
    ),
    (
        Fun::Sqrt,
        "let m = max(abs(x.x), abs(x.y)); if m == 0.0L { return Z(0.0L, x.y); } let v = x / m; \
         let t = sqrt(m) * sqrt((abs(v.x) + sqrt(v.x * v.x + v.y * v.y)) * 0.5L); \
         let o = x.y / (t + t); if x.x >= 0.0L { return Z(t, o); } \
         return Z(abs(o), select(t, -t, x.y < 0.0L));",
    ),
    (Fun::Sin, "return Z(SIN(x.x) * COSH(x.y), COS(x.x) * SINH(x.y));"),
    (Fun::Cos, "return Z(COS(x.x) * COSH(x.y), -SIN(x.x) * SINH(x.y));"),
    (Fun::Sinh, "return Z(SINH(x.x) * COS(x.y), COSH(x.x) * SIN(x.y));"),
    (Fun::Cosh, "return Z(COSH(x.x) * COS(x.y), SINH(x.x) * SIN(x.y));"),
    (
        Fun::Tan,
        "let u = clamp(x.y, -20.0L, 20.0L); let s = SINH(u); let c = COS(x.x); \
         let n = s * s + c * c; return Z(SIN(x.x) * c / n, s * COSH(u) / n);",
    ),
    (
        Fun::Tanh,
        "let u = clamp(x.x, -20.0L, 20.0L); let s = SINH(u); let c = COS(x.y); \
         let n = s * s + c * c; return Z(s * COSH(u) / n, SIN(x.y) * c / n);",
    ),
    (
        Fun::IsNan,
        "return (bitcast<U>(x.x) & MAGNITUDE) > INFINITE || (bitcast<U>(x.y) & MAGNITUDE) > INFINITE;",
    ),
    (
        Fun::IsFinite,
        "return (bitcast<U>(x.x) & MAGNITUDE) < INFINITE && (bitcast<U>(x.y) & MAGNITUDE) < INFINITE;",
    ),
    (
        Fun::IsInfinite,
        "let a = bitcast<U>(x.x) & MAGNITUDE; let b = bitcast<U>(x.y) & MAGNITUDE; \
         return max(a, b) == INFINITE;",
    ),
    (
        Fun::Powi,
        "var r = Z(1.0L, 0.0L); var b = x; var n = u32(abs(y)); loop { if n == 0u { break; } \
         if (n & 1u) == 1u { r = Z(r.x * b.x - r.y * b.y, r.x * b.y + r.y * b.x); } \
         b = Z(b.x * b.x - b.y * b.y, 2.0L * b.x * b.y); n = n >> 1u; } \
         if y < 0 { return Z(r.x, -r.y) / (r.x * r.x + r.y * r.y); } return r;",
    ),
];

/// Functions of real numbers in texts.
const REAL: &[(&str, Fun)] = &[
    ("ATAN2(", Fun::Atan2),
    ("COSH(", Fun::Cosh),
    ("SINH(", Fun::Sinh),
    ("COS(", Fun::Cos),
    ("SIN(", Fun::Sin),
    ("EXP(", Fun::Exp),
    ("LN(", Fun::Ln),
];

/// The type of complex numbers with such parts.
pub(super) fn name(part: Prim) -> &'static str {
    if part == Prim::F64 { "vec2<f64>" } else { "vec2<f32>" }
}

impl Printer<'_> {
    /// The type of the parts of a complex number.
    pub(super) fn part(&self, ty: Ty) -> Option<Prim> {
        match ty {
            Ty::Complex(Some(part)) => Some(part),
            Ty::Complex(None) => self.dtype,
            _ => None,
        }
    }

    /// An operator that has a complex number on one side at least.
    pub(super) fn complex_operation(
        &mut self,
        op: BinOp,
        (left, ty): (&str, Ty),
        (right, by): (&str, Ty),
    ) -> Option<String> {
        let (one, two) = (self.part(ty), self.part(by));
        let part = one.or(two)?;
        let (z, symbol) = (name(part), op.symbol());
        let whole = |real: &str| format!("{z}({real}, {}(0))", part.name());
        let list = format!("{left}, {right}");
        Some(match (op, one.is_some(), two.is_some()) {
            (BinOp::Eq, ..) => format!("all({left} == {right})"),
            (BinOp::Ne, ..) => format!("(!all({left} == {right}))"),
            (BinOp::Mul, true, true) => self.complex_helper("mul", part, &[z, z], z, MUL, &list),
            (BinOp::Div, true, true) => self.complex_helper("div", part, &[z, z], z, DIV, &list),
            (BinOp::Div, false, true) => {
                let list = format!("{}, {right}", whole(left));
                self.complex_helper("div", part, &[z, z], z, DIV, &list)
            }
            (BinOp::Add | BinOp::Sub, true, false) => format!("({left} {symbol} {})", whole(right)),
            (BinOp::Add | BinOp::Sub, false, true) => format!("({} {symbol} {right})", whole(left)),
            _ => format!("({left} {symbol} {right})"),
        })
    }

    /// A method of a complex number, or a function that makes one.
    pub(super) fn complex_method(
        &mut self,
        fun: Fun,
        args: &[Expr],
        expr: &Expr,
        list: &str,
    ) -> Printed<String> {
        let part = self.part(args[0].ty).or(self.part(expr.ty));
        let part = part.ok_or("a type is known to the compiler alone; annotate it")?;
        let z = name(part);
        if fun == Fun::Inv {
            let list = format!("{z}(1, 0), {list}");
            return Ok(self.complex_helper("div", part, &[z, z], z, DIV, &list));
        }
        let Some((_, text)) = METHODS.iter().find(|(of, _)| *of == fun) else {
            return Err(format!("`{}` of complex numbers is not written in WGSL", fun.name()));
        };
        let types: Vec<&str> = args.iter().map(|arg| self.ty(arg.ty)).collect::<Printed<_>>()?;
        let result = self.ty(expr.ty)?;
        Ok(self.complex_helper(fun.name(), part, &types, result, text, list))
    }

    fn complex_helper(
        &mut self,
        what: &str,
        part: Prim,
        types: &[&str],
        result: &str,
        text: &str,
        list: &str,
    ) -> String {
        let is_wide = part == Prim::F64;
        let (low, high) = if is_wide { ("1e-145L", "1e145L") } else { ("1e-15L", "1e15L") };
        let mut text = text
            .replace("LOW", low)
            .replace("HIGH", high)
            .replace("Z(", &format!("{}(", name(part)));
        for (mark, fun) in REAL {
            if !text.contains(mark) {
                continue;
            }
            let function = match built_in(*fun, part) {
                Some(function) => function.to_owned(),
                None => self.needed(*fun, part),
            };
            text = text.replace(mark, &format!("{function}("));
        }
        self.helper(&format!("complex_{what}"), part, types, result, &text, list)
    }
}
