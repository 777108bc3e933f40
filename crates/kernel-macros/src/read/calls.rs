//! Calls: methods of numbers, functions of types, other kernels.

use syn::punctuated::Punctuated;
use syn::{Expr as Syntax, ExprCall, ExprMethodCall, PathArguments};

use super::{Reader, single};
use crate::fun::Kind;
use crate::ir::{Expr, ExprKind, Fun, ParamKind, Prim, Ty};
use crate::suggest::did_you_mean;

/// Methods that people reach for and what to write instead.
const INSTEAD: &[(&str, &str)] = &[
    ("sin_cos", "call `.sin()` and `.cos()`; what they share is computed once"),
    ("log", "divide: `x.ln() / base.ln()`"),
    ("unwrap", "numbers are always there"),
    ("clone", "numbers are copied"),
    ("into", "name the type: `f64::from(x)`"),
    ("iter", "count: `for i in 0..x.len()`"),
    ("iter_mut", "count: `for i in 0..x.len()`"),
    ("sum", "add in a loop, or write a `#[kernel(reduce(sum))]`"),
    ("to_string", "kernels know no text"),
    ("checked_add", "integers wrap; compare before"),
    ("checked_div", "`x / 0` is 0; compare before"),
    ("saturating_add", "clamp, or compute in a wider type"),
    ("saturating_sub", "clamp, or compute in a wider type"),
    ("overflowing_add", "integers wrap; compare the sum with a summand"),
    ("is_positive", "compare: `x > 0`"),
    ("is_negative", "compare: `x < 0`"),
    ("total_cmp", "compare with `<`"),
    ("partial_cmp", "compare with `<`"),
    ("cmp", "compare with `<`"),
    ("gamma", "it is not among the functions of kernels yet"),
    ("shape", "ask `.nrows()` and `.ncols()`"),
    ("dim", "ask `.nrows()` and `.ncols()`"),
];

impl Reader<'_> {
    pub(super) fn call(&mut self, expr: &Syntax, call: &ExprCall) -> Expr {
        let path = match &*call.func {
            Syntax::Path(path) if path.qself.is_none() => &path.path,
            other => {
                return self.refused(other, "a kernel calls functions by their path: `other(x)`");
            }
        };
        let names: Vec<String> = path.segments.iter().map(|s| s.ident.to_string()).collect();
        let of = names.len().checked_sub(2).map(|at| &path.segments[at]);
        let name = names.last().map_or("", String::as_str);
        if let Some(of) = of {
            let is_param = names.len() == 2 && self.is_generic(&of.ident);
            let ty = Prim::by_name(&names[names.len() - 2]).map(Ty::Prim);
            if let Some(ty) = if is_param { Some(Ty::Param) } else { ty } {
                return self.associated(expr, call, ty, name);
            }
            if of.ident == "Complex" {
                self.mention_complex(path, names.len() - 1);
                return self.complex_call(expr, call, of, name);
            }
        }
        if path.segments.iter().any(|segment| !matches!(segment.arguments, PathArguments::None)) {
            return self.refused(path, "another kernel is called without types; they are inferred");
        }
        if let Some(ident) = single(&call.func) {
            if self.lookup(ident).is_some() {
                return self.refused(ident, format!("`{ident}` is a number and cannot be called"));
            }
            if *ident == self.name {
                let message = "a kernel cannot call itself; turn the recursion into a loop";
                return self.refused(call, message);
            }
        }
        if name.starts_with(char::is_uppercase) {
            let message = format!("`{name}` builds a struct or an enum, which kernels do not know");
            return self.refused(call, message);
        }
        let args = self.arguments(&call.args);
        self.build(expr, ExprKind::Call(path.clone(), args))
    }

    fn arguments(&mut self, args: &Punctuated<Syntax, syn::Token![,]>) -> Vec<Expr> {
        args.iter().map(|arg| self.expr(arg)).collect()
    }

    /// `f64::sqrt(x)`, `f64::from(x)`, `T::from_f64(x)`.
    fn associated(&mut self, expr: &Syntax, call: &ExprCall, ty: Ty, name: &str) -> Expr {
        let from = match (ty, name) {
            (Ty::Prim(_), "from") => Some((Fun::From, None)),
            (Ty::Prim(prim @ (Prim::F32 | Prim::F64)), "from_bits") => {
                Some((Fun::FromBits, Some(Ty::Prim(prim.unsigned()))))
            }
            (Ty::Param, "from_f64") => Some((Fun::From, Some(Ty::Prim(Prim::F64)))),
            (Ty::Param, "from_i64") => Some((Fun::From, Some(Ty::Prim(Prim::I64)))),
            (Ty::Param, "from") => {
                let message = "a type parameter is made with `T::from_f64(x)`, `T::from_i64(n)` or \
                               `x as T`";
                return self.refused(&call.func, message);
            }
            _ => None,
        };
        if let Some((fun, demanded)) = from {
            let args = self.arguments(&call.args);
            let [arg] = &args[..] else {
                return self.refused(call, format!("`{name}` takes one number"));
            };
            if let Some(demanded) = demanded {
                self.demand(arg, demanded);
            }
            return self.typed(expr, ExprKind::Method(fun, args), ty);
        }
        let Some(method) = Fun::by_name(name) else {
            let near = nearest(name);
            let message = format!("kernels know no function `{name}` of numbers{near}");
            return self.refused(&call.func, message);
        };
        let args = self.arguments(&call.args);
        let takes = method.args.len() + 1;
        if args.len() != takes {
            let is = args.len();
            return self.refused(call, format!("`{name}` takes {takes} numbers, not {is}"));
        }
        self.demand(&args[0], ty);
        self.build(expr, ExprKind::Method(method.fun, args))
    }

    fn complex_call(
        &mut self,
        expr: &Syntax,
        call: &ExprCall,
        of: &syn::PathSegment,
        name: &str,
    ) -> Expr {
        let mut args = self.arguments(&call.args);
        if name == "i" && args.is_empty() {
            let digits = ["0.0", "1.0"].map(|digits| ExprKind::Float(digits.to_owned()));
            args.extend(digits.map(|digits| self.build(expr, digits)));
        }
        let known = Fun::OF_COMPLEX.iter().find(|method| method.name == name);
        let takes = known.map_or(2, |method| method.args.len() + 1);
        if args.len() != takes || (known.is_none() && !matches!(name, "new" | "i")) {
            let message = "a complex number is made by `Complex::new(re, im)`, \
                           `Complex::from_polar(r, angle)`, `Complex::cis(angle)` or `Complex::i()`";
            return self.refused(call, message);
        }
        if !matches!(of.arguments, PathArguments::None) {
            match self.argument(of).map(|ty| self.number(&ty)) {
                Some(Some(ty)) => self.demand(&args[0], ty),
                Some(None) => {}
                None => self.refuse(&of.arguments, "`Complex` holds one type"),
            }
        }
        if let Some(method) = known {
            return self.build(expr, ExprKind::Method(method.fun, args));
        }
        let mut parts = args.into_iter().map(Box::new);
        match (parts.next(), parts.next()) {
            (Some(re), Some(im)) => self.build(expr, ExprKind::Complex(re, im)),
            _ => self.refused(call, "a complex number has two parts"),
        }
    }

    pub(super) fn method_call(&mut self, expr: &Syntax, call: &ExprMethodCall) -> Expr {
        let name = call.method.to_string();
        if let Some(param) = self.array(&call.receiver) {
            return self.array_method(expr, call, param, &name);
        }
        if let Some(turbofish) = &call.turbofish {
            self.refuse(turbofish, "methods of kernels have no type arguments");
        }
        let receiver = self.expr(&call.receiver);
        let Some(method) = Fun::by_name(&name) else {
            let near = nearest(&name);
            self.arguments(&call.args);
            let message = format!("kernels know no method `{name}` of numbers{near}");
            return self.refused(&call.method, message);
        };
        let args = self.arguments(&call.args);
        if args.len() != method.args.len() {
            let (takes, is) = (method.args.len(), args.len());
            let (shape, help) = (signature(method.args), method.help);
            let message =
                format!("`{name}` takes {takes} arguments, not {is}: `x.{name}({shape})`, {help}");
            return self.refused(call, message);
        }
        let mut all = vec![receiver];
        all.extend(args);
        self.build(expr, ExprKind::Method(method.fun, all))
    }

    fn array_method(
        &mut self,
        expr: &Syntax,
        call: &ExprMethodCall,
        param: usize,
        name: &str,
    ) -> Expr {
        let (axis, allowed) = match (&self.params[param].kind, name) {
            (ParamKind::Slice { dims: 1, .. }, "len") => (Some(0), ""),
            (ParamKind::Slice { dims: 2, .. }, "nrows") => (Some(0), ""),
            (ParamKind::Slice { dims: 2, .. }, "ncols") => (Some(1), ""),
            (ParamKind::Slice { dims: 1, .. }, _) => (None, "has `.len()` and elements `[i]`"),
            (ParamKind::Slice { .. }, _) => (None, "has `.nrows()`, `.ncols()` and `[[i, j]]`"),
            _ => (None, "has neighbours, at constant distances"),
        };
        match axis {
            Some(axis) if call.args.is_empty() && call.turbofish.is_none() => {
                let kind = ExprKind::Len { param, axis };
                self.typed(expr, kind, Ty::Prim(Prim::Usize))
            }
            Some(_) => self.refused(call, format!("`{name}` takes no arguments")),
            None => {
                let what = self.describe(param);
                let hint = instead(name);
                let message =
                    format!("kernels know no method `{name}` of {what}, which {allowed}{hint}");
                self.refused(&call.method, message)
            }
        }
    }
}

fn instead(name: &str) -> String {
    let found = INSTEAD.iter().find(|(known, _)| *known == name);
    found.map_or_else(String::new, |(_, instead)| format!("; {instead}"))
}

fn nearest(name: &str) -> String {
    let instead = instead(name);
    if !instead.is_empty() {
        return instead;
    }
    did_you_mean(name, Fun::TABLE.iter().map(|method| method.name))
}

/// The arguments as one would write them.
fn signature(kinds: &[Kind]) -> String {
    let names: Vec<&str> = kinds
        .iter()
        .enumerate()
        .map(|(index, kind)| match (kind, index) {
            (Kind::I32 | Kind::U32, _) => "n",
            (_, 0) => "y",
            _ => "z",
        })
        .collect();
    names.join(", ")
}
