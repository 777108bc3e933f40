//! Operators and assignments: those of floats as they stand, those of integers by the runtime's
//! functions, and sums of products as the directives allow.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::Ident;

use super::{Scalar, symbol};
use crate::directives::{Division, Math};
use crate::emit::slices;
use crate::ir::{BinOp, Bound, Expr, ExprKind, Place, Prim, Ty};

impl Scalar<'_> {
    pub(super) fn assign(
        &self,
        span: Span,
        target: &Place,
        op: Option<BinOp>,
        value: &Expr,
    ) -> TokenStream {
        let (place, ty) = match target {
            Place::Var(var) => {
                let var = &self.kernel.vars[*var];
                (var.name.to_token_stream(), var.ty)
            }
            Place::Element { param, index } => {
                let ty = self.kernel.params[*param].kind.ty();
                if let Some(slices) = &self.slices {
                    let cell = slices.cell(self, span, *param, index);
                    return self.assign_cell(span, &cell, op, ty, value);
                }
                (self.element(span, *param, index), ty)
            }
        };
        let Some(op) = op else {
            let value = self.expr(value);
            return quote_spanned!(span=> #place = #value;);
        };
        if self.op_function(op, ty, value.ty).is_none() && self.product(op, value).is_none() {
            let value = self.expr(value);
            let symbol = symbol(span, &format!("{}=", op.symbol()));
            return quote_spanned!(span=> #place #symbol #value;);
        }
        let new = self.compound(span, op, ty, &place, value);
        quote_spanned!(span=> #place = #new;)
    }

    fn assign_cell(
        &self,
        span: Span,
        cell: &TokenStream,
        op: Option<BinOp>,
        ty: Ty,
        value: &Expr,
    ) -> TokenStream {
        let [place, new] = ["place", "new"].map(|name| Ident::new(name, Span::mixed_site()));
        match op {
            // The value first, then the place, as Rust does.
            None => {
                let value = self.expr(value);
                quote_spanned!(span=> { let #new = #value; #cell.set(#new); })
            }
            Some(op) => {
                let sum = self.compound(span, op, ty, &quote_spanned!(span=> #place.get()), value);
                quote_spanned!(span=> { let #place = &#cell; let #new = #sum; #place.set(#new); })
            }
        }
    }

    /// `place op value`
    pub(super) fn compound(
        &self,
        span: Span,
        op: BinOp,
        ty: Ty,
        place: &TokenStream,
        value: &Expr,
    ) -> TokenStream {
        if let Some((a, b)) = self.product(op, value) {
            let (a, b) = (self.expr(a), self.expr(b));
            return self.contracted(span, op, [&a, &b, place], true);
        }
        if let Some(name) = mixed(op, ty, value.ty) {
            let (mut value, krate) = (self.expr(value), &self.kernel.directives.krate);
            if op == BinOp::Div && self.kernel.directives.division == Division::Error {
                let (checked, mark) = self.arithmetic(span, "checked_divisor", ty);
                value = quote_spanned!(span=> #checked(#value) #mark);
            }
            let name = Ident::new(name, span);
            return quote_spanned!(span=> #krate::__private::complex::one::#name(#place, #value));
        }
        match self.op_function(op, ty, value.ty) {
            Some(name) => {
                let value = self.second(op, ty, value);
                let (function, mark) = self.arithmetic(span, name, ty);
                quote_spanned!(span=> #function(#place, #value) #mark)
            }
            None => {
                let (value, symbol) = (self.operand(value), symbol(span, op.symbol()));
                quote_spanned!(span=> #place #symbol #value)
            }
        }
    }

    /// `a` and `b` of `a * b`, where the directives allow to round it together with a sum.
    pub(super) fn product<'e>(&self, op: BinOp, expr: &'e Expr) -> Option<(&'e Expr, &'e Expr)> {
        let ExprKind::Binary(BinOp::Mul, a, b) = &expr.kind else { return None };
        let bound = self.kernel.generic.as_ref().map(|generic| generic.bound);
        let is_float = match expr.ty {
            Ty::Prim(prim) => prim.is_float(),
            Ty::Param => bound == Some(Bound::Real),
            _ => false,
        };
        let may = self.slices.is_some() && self.kernel.directives.math != Math::Strict;
        (may && is_float && matches!(op, BinOp::Add | BinOp::Sub)).then_some((&**a, &**b))
    }

    /// `a * b + c`, `a * b - c`, or `c - a * b`.
    pub(super) fn contracted(
        &self,
        span: Span,
        op: BinOp,
        [a, b, c]: [&TokenStream; 3],
        product_is_right: bool,
    ) -> TokenStream {
        let set = slices::set();
        let krate = &self.kernel.directives.krate;
        let contract = quote_spanned!(span=> #krate::__private::slices::lane::contract::<#set, _>);
        match (op, product_is_right) {
            (BinOp::Sub, true) => quote_spanned!(span=> #contract(-(#a), #b, #c)),
            (BinOp::Sub, false) => quote_spanned!(span=> #contract(#a, #b, -(#c))),
            _ => quote_spanned!(span=> #contract(#a, #b, #c)),
        }
    }

    /// A function of the runtime for this operator or method, and the `?` behind its call.
    pub(super) fn arithmetic(
        &self,
        span: Span,
        name: &str,
        ty: Ty,
    ) -> (TokenStream, Option<TokenStream>) {
        let krate = &self.kernel.directives.krate;
        let tried = match name {
            "checked_div" if self.slices.is_some() => Some("try_div"),
            "checked_rem" if self.slices.is_some() => Some("try_rem"),
            "checked_divisor" if self.slices.is_some() => Some("try_divisor"),
            _ => None,
        };
        let ident = Ident::new(tried.unwrap_or(name), span);
        let path = match tried {
            _ if is_index(ty) => quote_spanned!(span=> #krate::__private::slices::index::#ident),
            Some(_) => quote_spanned!(span=> #krate::__private::slices::lane::#ident),
            None => self.op(span, name),
        };
        (path, tried.map(|_| quote_spanned!(span=> ?)))
    }

    /// The right side of an operator that is a function: the amount of a shift of or by an index is
    /// a `u32`, whose low bits count.
    fn second(&self, op: BinOp, ty: Ty, right: &Expr) -> TokenStream {
        let is_shift = matches!(op, BinOp::Shl | BinOp::Shr);
        if !is_shift || !(is_index(ty) || is_index(right.ty)) {
            return self.expr(right);
        }
        let span = right.span;
        if right.ty == Ty::Param {
            let (cast, right) = (self.op(span, "cast"), self.expr(right));
            return quote_spanned!(span=> #cast::<_, u32>(#right));
        }
        let right = self.operand(right);
        quote_spanned!(span=> #right as u32)
    }

    /// The function of the runtime that an operator on this type is; none is the operator itself.
    pub(super) fn op_function(&self, op: BinOp, ty: Ty, right: Ty) -> Option<&'static str> {
        let is_checked = self.kernel.directives.division == Division::Error;
        let is_plain = match ty {
            Ty::Prim(prim) => prim.is_float() || prim == Prim::Bool,
            _ => false,
        };
        if let Some(name) = mixed(op, ty, right) {
            return Some(name);
        }
        match op {
            BinOp::Div if is_checked => Some("checked_div"),
            BinOp::Rem if is_checked => Some("checked_rem"),
            _ if is_plain => None,
            BinOp::Add => Some("add"),
            BinOp::Sub => Some("sub"),
            BinOp::Mul => Some("mul"),
            BinOp::Div => Some("div"),
            BinOp::Rem => Some("rem"),
            BinOp::Shl => Some("shl"),
            BinOp::Shr => Some("shr"),
            _ => None,
        }
    }
}

/// The function of the runtime for a complex and a real number.
pub(crate) fn mixed(op: BinOp, left: Ty, right: Ty) -> Option<&'static str> {
    let is_real = |ty: Ty| match ty {
        Ty::Prim(prim) => prim.is_float(),
        ty => ty == Ty::Param,
    };
    let is_left = left.is_complex() && is_real(right);
    let is_right = right.is_complex() && is_real(left);
    match op {
        BinOp::Add if is_left => Some("add_real"),
        BinOp::Sub if is_left => Some("sub_real"),
        BinOp::Mul if is_left => Some("mul_real"),
        BinOp::Div if is_left => Some("div_real"),
        BinOp::Add if is_right => Some("real_add"),
        BinOp::Sub if is_right => Some("real_sub"),
        BinOp::Mul if is_right => Some("real_mul"),
        BinOp::Div if is_right => Some("real_div"),
        _ => None,
    }
}

fn is_index(ty: Ty) -> bool {
    matches!(ty, Ty::Prim(Prim::Usize | Prim::Isize))
}
