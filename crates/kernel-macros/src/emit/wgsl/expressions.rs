//! Expressions of WGSL.
//!
//! An expression is a piece of text; what WGSL has no expression for, as `if` with a value, becomes
//! statements before it and a variable.

use syn::{Ident, Path};

use super::{CALL, CONST, END, Printed, Printer, place};
use crate::ir::{BinOp, Expr, ExprKind, Part, Prim, Ty, UnOp};

impl Printer<'_> {
    /// Several expressions that are computed from left to right: where a later one needs statements,
    /// those before it are computed before these.
    pub(super) fn operands(&mut self, exprs: &[&Expr]) -> Printed<Vec<String>> {
        let mut values: Vec<String> = vec![];
        for expr in exprs {
            let mark = self.out.len();
            let value = self.expr(expr)?;
            if self.out.len() > mark && !values.is_empty() {
                let later = self.out.split_off(mark);
                for earlier in &mut values {
                    let name = self.temporary();
                    self.line(&format!("let {name} = {earlier};"));
                    *earlier = name;
                }
                self.out += &later;
            }
            values.push(value);
        }
        Ok(values)
    }

    pub(super) fn expr(&mut self, expr: &Expr) -> Printed<String> {
        Ok(match &expr.kind {
            ExprKind::Int(digits) | ExprKind::Float(digits) => literal(digits, self.prim(expr.ty)?),
            ExprKind::Bool(value) => value.to_string(),
            ExprKind::Var(var) => self.var(*var),
            ExprKind::Const(path) => self.constant(path, expr.ty)?,
            ExprKind::Unary(op, value) => self.unary(*op, value)?,
            ExprKind::Binary(op, left, right) => {
                let values = self.operands(&[left, right])?;
                self.operation(*op, (&values[0], left.ty), (&values[1], right))?
            }
            ExprKind::And(left, right) => self.short(left, right, true)?,
            ExprKind::Or(left, right) => self.short(left, right, false)?,
            ExprKind::Cast(value) => {
                let text = self.expr(value)?;
                let (from, to) = (self.prim(value.ty)?, self.prim(expr.ty)?);
                self.cast(&text, from, to)
            }
            ExprKind::Method(fun, args) => {
                let values = self.operands(&args.iter().collect::<Vec<_>>())?;
                self.method(*fun, args, expr, &values)?
            }
            ExprKind::Call(path, args) => {
                let values = self.operands(&args.iter().collect::<Vec<_>>())?;
                format!("{}({})", self.callee(path), values.join(", "))
            }
            ExprKind::If { .. } | ExprKind::Block(_) => self.branches(expr)?,
            ExprKind::Neighbour { param, offset } => {
                let of = super::plain(&self.kernel.params[*param].name.to_string());
                let at: Vec<String> = offset.iter().map(|at| format!("{at}i")).collect();
                let (at, place) = (at.join(", "), place(offset.len()));
                format!("{}_nbr_{of}(tenfold_at, {place}({at}))", self.name)
            }
            ExprKind::Tuple(_) => return Err("a tuple stands where one number should".to_owned()),
            ExprKind::Complex(re, im) => {
                let values = self.operands(&[re, im])?;
                format!("{}({})", self.ty(expr.ty)?, values.join(", "))
            }
            ExprKind::Part(z, part) => {
                let field = if *part == Part::Re { "x" } else { "y" };
                format!("({}).{field}", self.expr(z)?)
            }
            ExprKind::Element { .. } | ExprKind::Len { .. } => {
                return Err("it works on slices".to_owned());
            }
        })
    }

    fn constant(&mut self, path: &Path, ty: Ty) -> Printed<String> {
        let prim = self.prim(ty)?;
        let mut path = path.clone();
        // The type parameter means nothing where the constant is written out.
        if let (Some(generic), Some(dtype)) = (&self.kernel.generic, self.dtype)
            && path.segments.len() > 1
            && path.segments[0].ident == generic.name
        {
            path.segments[0].ident = Ident::new(dtype.name(), generic.name.span());
        }
        self.consts.push((path, prim));
        Ok(format!("{CONST}{}{END}", self.consts.len() - 1))
    }

    fn callee(&mut self, path: &Path) -> String {
        let known = self.deps.iter().position(|dep| dep == path);
        let index = known.unwrap_or_else(|| {
            self.deps.push(path.clone());
            self.deps.len() - 1
        });
        format!("{CALL}{index}{END}")
    }

    fn unary(&mut self, op: UnOp, value: &Expr) -> Printed<String> {
        let prim = self.prim(value.ty);
        if let (UnOp::Neg, ExprKind::Int(digits), Ok(prim)) = (op, &value.kind, &prim) {
            // `2147483648i` is no i32, and -2147483648 is one.
            return Ok(match prim {
                Prim::I32 => format!("i32(-{digits})"),
                Prim::I64 if digits == "9223372036854775808" => {
                    "(-9223372036854775807li - 1li)".to_owned()
                }
                _ => format!("(-{})", literal(digits, *prim)),
            });
        }
        let text = self.expr(value)?;
        Ok(match op {
            UnOp::Neg => format!("(-{text})"),
            UnOp::Not if prim? == Prim::Bool => format!("(!{text})"),
            UnOp::Not => format!("(~{text})"),
        })
    }

    pub(super) fn operation(
        &mut self,
        op: BinOp,
        (left, ty): (&str, Ty),
        (right, by): (&str, &Expr),
    ) -> Printed<String> {
        let symbol = op.symbol();
        if let Some(text) = self.complex_operation(op, (left, ty), (right, by.ty)) {
            return Ok(text);
        }
        let plain = format!("({left} {symbol} {right})");
        match op {
            BinOp::Shl | BinOp::Shr => {
                let mask = self.prim(ty)?.bits() - 1;
                Ok(format!("({left} {symbol} (u32({right}) & {mask}u))"))
            }
            // What is not equal is what is not equal: NaN, too.
            BinOp::Ne => Ok(format!("(!({left} == {right}))")),
            BinOp::Div | BinOp::Rem => {
                let prim = self.prim(ty)?;
                let is_positive = matches!(&by.kind, ExprKind::Int(digits) if digits != "0");
                match op {
                    BinOp::Rem if prim.is_float() => {
                        Err("`%` of floats is not exact in WGSL".to_owned())
                    }
                    _ if prim.is_float() || is_positive => Ok(plain),
                    BinOp::Div => Ok(self.division("div", prim, left, right)),
                    _ => Ok(self.division("rem", prim, left, right)),
                }
            }
            _ => Ok(plain),
        }
    }

    /// The right side only where the left does not decide, also if it needs statements.
    fn short(&mut self, left: &Expr, right: &Expr, and: bool) -> Printed<String> {
        let one = self.expr(left)?;
        let mark = self.out.len();
        let two = self.expr(right)?;
        if self.out.len() == mark {
            let symbol = if and { "&&" } else { "||" };
            return Ok(format!("({one} {symbol} {two})"));
        }
        let later = self.out.split_off(mark);
        let name = self.temporary();
        let not = if and { "" } else { "!" };
        self.line(&format!("var {name}: bool = {one};"));
        self.line(&format!("if {not}{name} {{"));
        self.out += &later;
        self.line(&format!("{name} = {two};"));
        self.line("}");
        Ok(name)
    }

    /// `if` and blocks with a value: a variable that they set.
    fn branches(&mut self, expr: &Expr) -> Printed<String> {
        let name = self.temporary();
        let types = [expr.ty];
        let ty = self.ty(expr.ty)?;
        self.line(&format!("var {name}: {ty};"));
        let names = [name];
        match &expr.kind {
            ExprKind::If { cond, then, other } => {
                let cond = self.expr(cond)?;
                self.line(&format!("if {cond}"));
                self.block_into(then, &names, &types)?;
                self.line("else");
                self.block_into(other, &names, &types)?;
            }
            ExprKind::Block(block) => self.block_into(block, &names, &types)?,
            _ => {}
        }
        let [name] = names;
        Ok(name)
    }
}

/// A number that is an f64 on the host before it is of this type: no cast in the source, since a
/// device without f64 takes it too.
pub(super) fn through_f64(digits: &str, prim: Prim) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "it is what the host does")]
    match (prim, digits.parse::<f64>()) {
        (Prim::F32, Ok(value)) if (value as f32).is_finite() => {
            literal(&format!("{:?}", value as f32), prim)
        }
        _ => literal(digits, prim),
    }
}

/// A number of exactly this type.
pub(super) fn literal(digits: &str, prim: Prim) -> String {
    let suffix = match prim {
        Prim::F32 => "f",
        Prim::F64 => "lf",
        Prim::I32 => "i",
        Prim::U32 => "u",
        Prim::I64 => "li",
        _ => "lu",
    };
    // An integer that stands for a float has no point of its own.
    let is_whole = prim == Prim::F64 && digits.chars().all(|c| c.is_ascii_digit());
    if is_whole { format!("{digits}.0{suffix}") } else { format!("{digits}{suffix}") }
}
