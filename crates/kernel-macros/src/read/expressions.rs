//! Expressions that are no calls.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{Expr as Syntax, Lit, Member, UnOp as Sign};

use super::{Binding, DEEPEST, Reader, single};
use crate::ir::{BinOp, Expr, ExprKind, Part, Prim, Ty, UnOp};
use crate::suggest::did_you_mean;

impl Reader<'_> {
    /// An expression with a value.
    pub(super) fn expr(&mut self, expr: &Syntax) -> Expr {
        if self.depth >= DEEPEST {
            let message = format!("a kernel nests at most {DEEPEST} deep; name a part with `let`");
            return self.refused(expr, message);
        }
        self.depth += 1;
        self.no_attributes(expr);
        let read = self.value(expr);
        self.depth -= 1;
        read
    }

    fn value(&mut self, expr: &Syntax) -> Expr {
        match expr {
            Syntax::Paren(paren) => self.expr(&paren.expr),
            Syntax::Group(group) => self.expr(&group.expr),
            Syntax::Lit(lit) => self.literal(expr, &lit.lit),
            Syntax::Path(path) => self.path(expr, path),
            Syntax::Unary(unary) => self.unary(expr, unary),
            Syntax::Binary(binary) => self.binary(expr, binary),
            Syntax::Cast(cast) => {
                let value = Box::new(self.expr(&cast.expr));
                match self.number(&cast.ty) {
                    Some(ty @ Ty::Complex(_)) => {
                        let _ = ty;
                        let message = "`as` makes no complex numbers; use `Complex::new(x, 0.0)`";
                        self.refused(cast, message)
                    }
                    Some(ty) => self.typed(expr, ExprKind::Cast(value), ty),
                    None => self.placeholder(expr),
                }
            }
            Syntax::Call(call) => self.call(expr, call),
            Syntax::MethodCall(call) => self.method_call(expr, call),
            Syntax::Index(index) => self.index(index),
            Syntax::Field(field) => self.field(expr, field),
            Syntax::Tuple(tuple) if tuple.elems.len() > 1 => {
                let parts = tuple.elems.iter().map(|part| self.expr(part)).collect();
                self.build(expr, ExprKind::Tuple(parts))
            }
            Syntax::If(branch) => self.if_value(expr, branch),
            Syntax::Match(branch) => self.match_value(branch),
            Syntax::Block(block) if block.label.is_none() => {
                let block = self.block(&block.block, true);
                self.build(expr, ExprKind::Block(block))
            }
            other => self.refused(other, not_a_value(other)),
        }
    }

    pub(super) fn literal(&mut self, construct: &impl ToTokens, lit: &Lit) -> Expr {
        match lit {
            Lit::Bool(lit) => {
                self.typed(construct, ExprKind::Bool(lit.value), Ty::Prim(Prim::Bool))
            }
            Lit::Int(lit) => {
                let digits = lit.base10_digits().to_owned();
                match Prim::by_name(lit.suffix()) {
                    _ if digits.trim_start_matches('-').parse::<u64>().is_err() => {
                        self.refused(construct, format!("`{lit}` does not fit in 64 bits"))
                    }
                    Some(prim) if prim.is_float() => {
                        self.typed(construct, ExprKind::Float(digits + ".0"), Ty::Prim(prim))
                    }
                    Some(prim) if prim.is_int() => {
                        self.typed(construct, ExprKind::Int(digits), Ty::Prim(prim))
                    }
                    None if lit.suffix().is_empty() => self.build(construct, ExprKind::Int(digits)),
                    _ => self.refused(construct, self.no_suffix(lit.suffix())),
                }
            }
            Lit::Float(lit) => {
                let digits = lit.base10_digits().to_owned();
                match Prim::by_name(lit.suffix()) {
                    Some(prim) if prim.is_float() => {
                        self.typed(construct, ExprKind::Float(digits), Ty::Prim(prim))
                    }
                    None if lit.suffix().is_empty() => {
                        self.build(construct, ExprKind::Float(digits))
                    }
                    _ => self.refused(construct, self.no_suffix(lit.suffix())),
                }
            }
            Lit::Char(_) | Lit::Byte(_) => {
                self.refused(construct, "kernels know no characters; write the number")
            }
            _ => self.refused(construct, "kernels know no text, only numbers and bools"),
        }
    }

    fn no_suffix(&self, suffix: &str) -> String {
        let near = did_you_mean(suffix, Prim::NAMES.iter().map(|(name, _)| *name));
        format!("kernels know no numbers of type `{suffix}`{near}; 64 bits are the widest")
    }

    fn path(&mut self, expr: &Syntax, path: &syn::ExprPath) -> Expr {
        if let Some(name) = single(expr)
            && let Some(binding) = self.lookup(name)
        {
            return match binding {
                Binding::Var(var) => self.build(expr, ExprKind::Var(var)),
                Binding::Array(param) => {
                    let what = self.describe(param);
                    let at = match (what, self.params[param].kind.dims()) {
                        ("a neighbourhood", 1) => "[0]",
                        ("a neighbourhood", 2) => "[[0, 0]]",
                        ("a neighbourhood", _) => "[[0, 0, 0]]",
                        ("a matrix", _) => "[[i, j]]",
                        _ => "[i]",
                    };
                    self.refused(expr, format!("`{name}` is {what}; read an element: `{name}{at}`"))
                }
            };
        }
        let plain = path.path.segments.iter().all(|segment| segment.arguments.is_none());
        let Some(last) = path.path.segments.last().filter(|_| plain && path.qself.is_none()) else {
            return self.refused(expr, "a constant is named by a plain path, like `f64::MAX`");
        };
        let name = last.ident.to_string();
        let is_constant = name.chars().all(|c| c.is_uppercase() || c.is_numeric() || c == '_');
        if is_constant && name.chars().any(char::is_uppercase) && !self.is_generic(&last.ident) {
            return self.constant(expr, &path.path);
        }
        match single(expr) {
            Some(name) => self.unknown_variable(expr, name),
            None => {
                let message = "a path in a kernel names a constant, in capitals; to call another \
                               kernel put `(..)` behind it";
                self.refused(expr, message)
            }
        }
    }

    fn constant(&mut self, expr: &Syntax, path: &syn::Path) -> Expr {
        let names: Vec<String> = path.segments.iter().map(|s| s.ident.to_string()).collect();
        let last = names.last().map_or("", String::as_str);
        let mut ty = names.iter().rev().skip(1).find_map(|name| Prim::by_name(name)).map(Ty::Prim);
        if names.len() > 1 && path.segments.first().is_some_and(|s| self.is_generic(&s.ident)) {
            ty = Some(Ty::Param);
        }
        match last {
            "BITS" | "RADIX" | "DIGITS" | "MANTISSA_DIGITS" => {
                ty = ty.map(|_| Ty::Prim(Prim::U32));
            }
            "MIN_EXP" | "MAX_EXP" | "MIN_10_EXP" | "MAX_10_EXP" => {
                ty = ty.map(|_| Ty::Prim(Prim::I32));
            }
            _ => {}
        }
        let mut path = path.clone();
        if names.len() == 3 && names[1] == "consts" && Prim::by_name(&names[0]).is_some() {
            // `f64::consts::PI` would need `use std::f64` around the kernel.
            let span = path.span();
            let core = Ident::new("core", span);
            path.leading_colon = Some(syn::Token![::](span));
            path.segments.insert(0, core.into());
        }
        self.typed(expr, ExprKind::Const(path), ty.unwrap_or(Ty::Unknown))
    }

    fn unknown_variable(&mut self, expr: &Syntax, name: &Ident) -> Expr {
        self.refuse_unknown(expr, name);
        self.placeholder(expr)
    }

    pub(super) fn refuse_unknown(&mut self, expr: &Syntax, name: &Ident) {
        let known = self.scopes.iter().flatten().map(|(name, _)| name.as_str());
        let near = did_you_mean(&name.to_string(), known);
        let message = if *name == "self" {
            "a kernel is a free function; take the numbers one by one".to_owned()
        } else if self.is_generic(name) {
            format!("`{name}` is a type; cast with `as {name}`")
        } else {
            format!(
                "no variable `{name}` in this kernel{near}; it sees its parameters, its `let`s, and \
                 constants, in capitals"
            )
        };
        self.refuse(expr, message);
    }

    fn unary(&mut self, expr: &Syntax, unary: &syn::ExprUnary) -> Expr {
        let op = match unary.op {
            Sign::Neg(_) => UnOp::Neg,
            Sign::Not(_) => UnOp::Not,
            _ => {
                return self
                    .refused(unary, "a kernel has no references, so nothing to dereference");
            }
        };
        let value = Box::new(self.expr(&unary.expr));
        self.build(expr, ExprKind::Unary(op, value))
    }

    fn binary(&mut self, expr: &Syntax, binary: &syn::ExprBinary) -> Expr {
        let left = Box::new(self.expr(&binary.left));
        let right = Box::new(self.expr(&binary.right));
        match &binary.op {
            syn::BinOp::And(_) => self.build(expr, ExprKind::And(left, right)),
            syn::BinOp::Or(_) => self.build(expr, ExprKind::Or(left, right)),
            op => match operator(op) {
                Some((op, false)) => self.build(expr, ExprKind::Binary(op, left, right)),
                _ => self.refused(expr, "an assignment is a statement and has no value"),
            },
        }
    }

    fn field(&mut self, expr: &Syntax, field: &syn::ExprField) -> Expr {
        let part = match &field.member {
            Member::Named(name) if name == "re" => Part::Re,
            Member::Named(name) if name == "im" => Part::Im,
            Member::Named(name) => {
                let message =
                    format!("numbers have no field `{name}`; complex ones have `re`, `im`");
                return self.refused(expr, message);
            }
            Member::Unnamed(_) => {
                let message = "a tuple is taken apart by `let (a, b) = ..`, not by number";
                return self.refused(expr, message);
            }
        };
        let value = Box::new(self.expr(&field.base));
        self.build(expr, ExprKind::Part(value, part))
    }

    fn if_value(&mut self, expr: &Syntax, branch: &syn::ExprIf) -> Expr {
        let cond = Box::new(self.expr(&branch.cond));
        let then = self.block(&branch.then_branch, true);
        let Some((_, other)) = &branch.else_branch else {
            return self.refused(branch, "an `if` whose value is used needs an `else`");
        };
        let other = self.arm(other, true);
        self.build(expr, ExprKind::If { cond, then, other })
    }

    pub(super) fn no_attributes(&mut self, expr: &Syntax) {
        for attribute in attributes(expr) {
            self.refuse(attribute, "statements of a kernel have no attributes");
        }
    }
}

/// The operator, and whether it assigns.
pub(super) fn operator(op: &syn::BinOp) -> Option<(BinOp, bool)> {
    use syn::BinOp as Op;
    Some(match op {
        Op::Add(_) => (BinOp::Add, false),
        Op::Sub(_) => (BinOp::Sub, false),
        Op::Mul(_) => (BinOp::Mul, false),
        Op::Div(_) => (BinOp::Div, false),
        Op::Rem(_) => (BinOp::Rem, false),
        Op::BitAnd(_) => (BinOp::BitAnd, false),
        Op::BitOr(_) => (BinOp::BitOr, false),
        Op::BitXor(_) => (BinOp::BitXor, false),
        Op::Shl(_) => (BinOp::Shl, false),
        Op::Shr(_) => (BinOp::Shr, false),
        Op::Eq(_) => (BinOp::Eq, false),
        Op::Ne(_) => (BinOp::Ne, false),
        Op::Lt(_) => (BinOp::Lt, false),
        Op::Le(_) => (BinOp::Le, false),
        Op::Gt(_) => (BinOp::Gt, false),
        Op::Ge(_) => (BinOp::Ge, false),
        Op::AddAssign(_) => (BinOp::Add, true),
        Op::SubAssign(_) => (BinOp::Sub, true),
        Op::MulAssign(_) => (BinOp::Mul, true),
        Op::DivAssign(_) => (BinOp::Div, true),
        Op::RemAssign(_) => (BinOp::Rem, true),
        Op::BitAndAssign(_) => (BinOp::BitAnd, true),
        Op::BitOrAssign(_) => (BinOp::BitOr, true),
        Op::BitXorAssign(_) => (BinOp::BitXor, true),
        Op::ShlAssign(_) => (BinOp::Shl, true),
        Op::ShrAssign(_) => (BinOp::Shr, true),
        _ => return None,
    })
}

fn attributes(expr: &Syntax) -> &[syn::Attribute] {
    match expr {
        Syntax::Assign(e) => &e.attrs,
        Syntax::Binary(e) => &e.attrs,
        Syntax::Block(e) => &e.attrs,
        Syntax::Break(e) => &e.attrs,
        Syntax::Call(e) => &e.attrs,
        Syntax::Cast(e) => &e.attrs,
        Syntax::Continue(e) => &e.attrs,
        Syntax::ForLoop(e) => &e.attrs,
        Syntax::If(e) => &e.attrs,
        Syntax::Index(e) => &e.attrs,
        Syntax::Lit(e) => &e.attrs,
        Syntax::Loop(e) => &e.attrs,
        Syntax::Match(e) => &e.attrs,
        Syntax::MethodCall(e) => &e.attrs,
        Syntax::Paren(e) => &e.attrs,
        Syntax::Path(e) => &e.attrs,
        Syntax::Return(e) => &e.attrs,
        Syntax::Tuple(e) => &e.attrs,
        Syntax::Unary(e) => &e.attrs,
        Syntax::While(e) => &e.attrs,
        _ => &[],
    }
}

/// Why an expression is none of a kernel.
fn not_a_value(expr: &Syntax) -> &'static str {
    match expr {
        Syntax::Array(_) | Syntax::Repeat(_) => {
            "kernels have no arrays; name each number with `let`"
        }
        Syntax::Assign(_) => "an assignment is a statement and has no value",
        Syntax::Async(_) | Syntax::Await(_) => "a kernel cannot wait; it computes and returns",
        Syntax::Block(_) => "a block of a kernel has no label; use a flag or a function",
        Syntax::Break(_) | Syntax::Continue(_) | Syntax::Return(_) => {
            "this leaves the expression; put it into an `if` as a statement"
        }
        Syntax::Closure(_) => "kernels have no closures; write another kernel and call it",
        Syntax::Const(_) => "kernels have no const blocks; name a constant outside",
        Syntax::ForLoop(_) | Syntax::While(_) | Syntax::Loop(_) => {
            "a loop has no value; assign a variable inside of it"
        }
        Syntax::Let(_) => "kernels have no `if let` and no `while let`; compare numbers",
        Syntax::Macro(_) => {
            "kernels have no macros; what they print, assert or build belongs around the call"
        }
        Syntax::Range(_) => "a range stands in `for i in a..b` only",
        Syntax::RawAddr(_) | Syntax::Reference(_) => {
            "kernels have no references; numbers are passed by value"
        }
        Syntax::Struct(_) => "kernels build no structs; return a tuple of numbers",
        Syntax::Try(_) => "kernels have no `?`; return a number that says what was wrong, like NaN",
        Syntax::TryBlock(_) => "kernels have no `try` blocks",
        Syntax::Tuple(_) => "a tuple has two parts or more",
        Syntax::Unsafe(_) => "kernels have no unsafe blocks; say `bounds = unchecked` for indices",
        Syntax::Infer(_) => "`_` is no value",
        Syntax::Yield(_) => "a kernel cannot yield; it computes and returns",
        _ => "this expression is not of the subset that kernels are written in",
    }
}
