//! The ordinary function: what the user wrote, with the kernel's arithmetic spelled out.
//!
//! All tokens have the spans of what the user wrote, so that errors of the compiler, backtraces and
//! profilers point there.

mod operators;

use std::collections::HashSet;

use proc_macro2::{Literal, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{FnArg, GenericArgument, Ident, Lifetime, Pat, PathArguments, Signature, Type};

use crate::directives::Bounds;
use crate::emit::slices::Slices;
use crate::ir::{
    Block, Expr, ExprKind, Fun, Kernel, LoopId, Part, Prim, Range, Stmt, StmtKind, Ty, UnOp, VarId,
};

pub(super) use operators::mixed;

pub(crate) fn print(kernel: &Kernel) -> TokenStream {
    let scalar = Scalar { kernel, labels: labels(kernel), slices: None };
    let Kernel { attrs, vis, .. } = kernel;
    let head = head(kernel);
    let body = scalar.body(&kernel.body);
    quote! {
        #[allow(
            dead_code,
            clippy::inconsistent_digit_grouping,
            clippy::unreadable_literal,
            clippy::unusual_byte_groupings,
            clippy::manual_range_contains,
            clippy::needless_range_loop,
            clippy::too_many_arguments,
            clippy::type_complexity,
            reason = "a kernel may be called over arrays alone, has indices and no iterators, and its \
                      digits are printed without their underscores"
        )]
        #(#attrs)*
        #vis #head {
            #body
        }
    }
}

/// An expression that is the same in all lanes, for the printer of groups.
pub(crate) fn expr(kernel: &Kernel, expr: &Expr) -> TokenStream {
    Scalar { kernel, labels: HashSet::new(), slices: None }.expr(expr)
}

/// A range whose bounds are the same in all lanes.
pub(crate) fn range(kernel: &Kernel, range: &Range) -> TokenStream {
    Scalar { kernel, labels: HashSet::new(), slices: None }.range(Span::mixed_site(), range)
}

/// A type by its name.
pub(crate) fn ty(kernel: &Kernel, ty: Ty) -> TokenStream {
    Scalar { kernel, labels: HashSet::new(), slices: None }.ty(Span::call_site(), ty)
}

/// A complex number with parts of one of the element types.
pub(crate) fn complex_of(kernel: &Kernel, element: &TokenStream) -> TokenStream {
    let scalar = Scalar { kernel, labels: HashSet::new(), slices: None };
    let complex = scalar.complex(Span::call_site());
    quote!(#complex<#element>)
}

/// The statements of a kernel on slices and its result, as the body of a function that gives errors.
pub(super) fn fallible_body(kernel: &Kernel) -> TokenStream {
    let scalar = Scalar { kernel, labels: labels(kernel), slices: Some(Slices::of(kernel)) };
    let stmts = kernel.body.stmts.iter().map(|stmt| scalar.stmt(stmt));
    let ok = quote!(::core::result::Result::Ok);
    let result = match &kernel.body.tail {
        Some(tail) => {
            let tail = scalar.expr(tail);
            quote!(#ok(#tail))
        }
        None if kernel.returns.is_empty() => quote!(#ok(())),
        None => TokenStream::new(),
    };
    quote!(#(#stmts)* #result)
}

/// The head as written, with the lifetimes that `Nbr2<f64>` leaves out, and with the `mut` that a
/// view which is written needs.
fn head(kernel: &Kernel) -> Signature {
    let mut sig = kernel.sig.clone();
    for input in &mut sig.inputs {
        let FnArg::Typed(input) = input else { continue };
        let Type::Path(path) = &mut *input.ty else { continue };
        let Some(last) = path.path.segments.last_mut() else { continue };
        let is_view = ["Nbr1", "Nbr2", "Nbr3", "View2", "ViewMut2"];
        if let PathArguments::AngleBracketed(args) = &mut last.arguments
            && is_view.iter().any(|view| last.ident == view)
        {
            let lifetime = Lifetime::new("'_", last.ident.span());
            args.args.insert(0, GenericArgument::Lifetime(lifetime));
            if last.ident == "ViewMut2"
                && let Pat::Ident(pat) = &mut *input.pat
            {
                pat.mutability.get_or_insert_with(Default::default);
            }
        }
    }
    debug_assert!(
        kernel.directives.bounds != Bounds::Unchecked
            || matches!(sig.safety, syn::Safety::Unsafe(_))
    );
    sig
}

/// Which loops need a label: those that an inner one leaves or continues.
#[derive(Default)]
struct Labels {
    open: Vec<LoopId>,
    needed: HashSet<LoopId>,
}

impl Labels {
    fn block(&mut self, block: &Block) {
        block.stmts.iter().for_each(|stmt| self.stmt(stmt));
        block.tail.iter().for_each(|tail| self.expr(tail));
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match &stmt.kind {
            StmtKind::Break(id) | StmtKind::Continue(id) => {
                if self.open.last() != Some(id) {
                    self.needed.insert(*id);
                }
            }
            StmtKind::While { label, body, .. }
            | StmtKind::Loop { label, body }
            | StmtKind::For { label, body, .. } => {
                self.open.extend(label);
                self.block(body);
                self.open.pop();
            }
            StmtKind::If { then, other, .. } => {
                self.block(then);
                other.iter().for_each(|other| self.block(other));
            }
            StmtKind::Block(block) => self.block(block),
            StmtKind::Let { init: Some(value), .. }
            | StmtKind::LetTuple { init: value, .. }
            | StmtKind::Assign { value, .. }
            | StmtKind::Return(Some(value))
            | StmtKind::Expr(value) => self.expr(value),
            StmtKind::Let { init: None, .. } | StmtKind::Return(None) => {}
        }
    }

    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::If { cond, then, other } => {
                self.expr(cond);
                self.block(then);
                self.block(other);
            }
            ExprKind::Block(block) => self.block(block),
            ExprKind::Unary(_, value) | ExprKind::Cast(value) | ExprKind::Part(value, _) => {
                self.expr(value);
            }
            ExprKind::Binary(_, left, right)
            | ExprKind::And(left, right)
            | ExprKind::Or(left, right)
            | ExprKind::Complex(left, right) => {
                self.expr(left);
                self.expr(right);
            }
            ExprKind::Method(_, parts)
            | ExprKind::Call(_, parts)
            | ExprKind::Tuple(parts)
            | ExprKind::Element { index: parts, .. } => parts.iter().for_each(|p| self.expr(p)),
            _ => {}
        }
    }
}

pub(super) struct Scalar<'a> {
    pub(super) kernel: &'a Kernel,
    labels: HashSet<LoopId>,
    /// How elements are accessed in the body of a kernel on slices; as the user wrote it if none.
    pub(super) slices: Option<Slices<'a>>,
}

fn labels(kernel: &Kernel) -> HashSet<LoopId> {
    let mut labels = Labels::default();
    labels.block(&kernel.body);
    labels.needed
}

impl Scalar<'_> {
    pub(super) fn body(&self, block: &Block) -> TokenStream {
        let stmts = block.stmts.iter().map(|stmt| self.stmt(stmt));
        let tail = block.tail.as_ref().map(|tail| self.expr(tail));
        quote!(#(#stmts)* #tail)
    }

    pub(super) fn block(&self, span: Span, block: &Block) -> TokenStream {
        let body = self.body(block);
        quote_spanned!(span=> { #body })
    }

    fn stmt(&self, stmt: &Stmt) -> TokenStream {
        let span = stmt.span;
        match &stmt.kind {
            StmtKind::Let { var, init } => {
                let pattern = self.pattern(*var);
                let var = &self.kernel.vars[*var];
                let ty = var.annotated.then(|| self.ty(span, var.ty));
                let ty = ty.map(|ty| quote_spanned!(span=> : #ty));
                let init = init.as_ref().map(|init| self.expr(init));
                let init = init.map(|init| quote_spanned!(span=> = #init));
                quote_spanned!(span=> let #pattern #ty #init;)
            }
            StmtKind::LetTuple { vars, init } => {
                let names = vars.iter().map(|var| self.pattern(*var));
                let types = vars.iter().map(|var| match &self.kernel.vars[*var] {
                    var if var.annotated => self.ty(span, var.ty),
                    _ => quote_spanned!(span=> _),
                });
                let init = self.expr(init);
                quote_spanned!(span=> let (#(#names,)*): (#(#types,)*) = #init;)
            }
            StmtKind::Assign { target, op, value } => self.assign(span, target, *op, value),
            StmtKind::If { cond, then, other } => self.branch(span, cond, then, other.as_ref()),
            StmtKind::While { label, cond, body } => {
                let (label, cond) = (self.label(span, *label), self.expr(cond));
                let body = self.block(span, body);
                quote_spanned!(span=> #label while #cond #body)
            }
            StmtKind::Loop { label, body } => {
                let (label, body) = (self.label(span, *label), self.block(span, body));
                quote_spanned!(span=> #label loop #body)
            }
            StmtKind::For { label, var, range, body } => {
                if let Some(slices) = &self.slices {
                    return slices.count(self, span, *label, *var, range, body);
                }
                self.count(span, *label, *var, range, body)
            }
            StmtKind::Break(id) => {
                let label = self.target(span, *id);
                quote_spanned!(span=> break #label;)
            }
            StmtKind::Continue(id) => {
                let label = self.target(span, *id);
                quote_spanned!(span=> continue #label;)
            }
            StmtKind::Return(value) => {
                let value = value.as_ref().map(|value| self.expr(value));
                if self.slices.is_some() {
                    let value = value.unwrap_or_else(|| quote_spanned!(span=> ()));
                    return quote_spanned!(span=> return ::core::result::Result::Ok(#value););
                }
                quote_spanned!(span=> return #value;)
            }
            StmtKind::Block(block) => self.block(span, block),
            StmtKind::Expr(value) => {
                let value = self.expr(value);
                quote_spanned!(span=> let _ = #value;)
            }
        }
    }

    /// `for var in range { body }`
    pub(super) fn count(
        &self,
        span: Span,
        label: Option<LoopId>,
        var: VarId,
        range: &Range,
        body: &Block,
    ) -> TokenStream {
        let label = self.label(span, label);
        let name = &self.kernel.vars[var].name;
        let (range, body) = (self.range(span, range), self.block(span, body));
        quote_spanned!(span=> #label for #name in #range #body)
    }

    fn pattern(&self, var: usize) -> TokenStream {
        let var = &self.kernel.vars[var];
        let mutability = var.is_mut.then(|| Ident::new("mut", var.name.span()));
        let name = &var.name;
        quote!(#mutability #name)
    }

    fn branch(&self, span: Span, cond: &Expr, then: &Block, other: Option<&Block>) -> TokenStream {
        let (cond, then) = (self.expr(cond), self.block(span, then));
        let other = other.map(|other| match (&other.stmts[..], &other.tail) {
            ([Stmt { kind: StmtKind::If { cond, then, other }, span }], None) => {
                self.branch(*span, cond, then, other.as_ref())
            }
            _ => self.block(span, other),
        });
        let other = other.map(|other| quote_spanned!(span=> else #other));
        quote_spanned!(span=> if #cond #then #other)
    }

    fn range(&self, span: Span, range: &Range) -> TokenStream {
        let (start, end) = (self.operand(&range.start), self.operand(&range.end));
        let dots = if range.inclusive {
            quote_spanned!(span=> #start..=#end)
        } else {
            quote_spanned!(span=> #start..#end)
        };
        let step = range.step.as_ref().map(|step| match &self.slices {
            Some(_) => self.step(step),
            None => self.expr(step),
        });
        let step = step.map(|step| quote_spanned!(span=> .step_by(#step)));
        let reversed = range.reversed.then(|| quote_spanned!(span=> .rev()));
        if step.is_none() && reversed.is_none() {
            return dots;
        }
        quote_spanned!(span=> (#dots) #reversed #step)
    }

    /// A step as a `usize`; in the body of a kernel on slices one of 0 is an error.
    pub(super) fn step(&self, step: &Expr) -> TokenStream {
        let (span, krate) = (step.span, &self.kernel.directives.krate);
        let tokens = self.expr(step);
        if matches!(step.kind, ExprKind::Int(_)) {
            return tokens;
        }
        quote_spanned!(span=> #krate::__private::slices::step(#tokens)?)
    }

    pub(super) fn label(&self, span: Span, id: Option<LoopId>) -> Option<TokenStream> {
        let id = id.filter(|id| self.labels.contains(id))?;
        let label = loop_name(span, id);
        Some(quote_spanned!(span=> #label:))
    }

    fn target(&self, span: Span, id: LoopId) -> Option<Lifetime> {
        self.labels.contains(&id).then(|| loop_name(span, id))
    }

    /// An expression that stands beside an operator.
    pub(super) fn operand(&self, expr: &Expr) -> TokenStream {
        let tokens = self.expr(expr);
        let is_closed = match &expr.kind {
            ExprKind::Binary(op, left, right) => self.op_function(*op, left.ty, right.ty).is_some(),
            ExprKind::Unary(..)
            | ExprKind::And(..)
            | ExprKind::Or(..)
            | ExprKind::Cast(_)
            | ExprKind::If { .. }
            | ExprKind::Block(_) => false,
            _ => true,
        };
        if is_closed { tokens } else { quote_spanned!(expr.span=> (#tokens)) }
    }

    pub(super) fn expr(&self, expr: &Expr) -> TokenStream {
        let span = expr.span;
        match &expr.kind {
            ExprKind::Int(digits) | ExprKind::Float(digits) => self.literal(expr, digits),
            ExprKind::Bool(value) => Ident::new(&value.to_string(), span).to_token_stream(),
            ExprKind::Var(var) => {
                let mut name = self.kernel.vars[*var].name.clone();
                // Where it is used, not where it is declared; its hygiene stays.
                name.set_span(span.resolved_at(name.span()));
                name.to_token_stream()
            }
            ExprKind::Const(path) => path.to_token_stream(),
            ExprKind::Unary(op, value) => self.unary(span, *op, value),
            ExprKind::Binary(op, left, right) => {
                if let Some((a, b)) = self.product(*op, left) {
                    let (a, b, c) = (self.expr(a), self.expr(b), self.expr(right));
                    return self.contracted(span, *op, [&a, &b, &c], false);
                }
                let place = match self.op_function(*op, left.ty, right.ty) {
                    Some(_) => self.expr(left),
                    None => self.operand(left),
                };
                self.compound(span, *op, left.ty, &place, right)
            }
            ExprKind::And(left, right) => {
                let (left, right) = (self.operand(left), self.operand(right));
                quote_spanned!(span=> #left && #right)
            }
            ExprKind::Or(left, right) => {
                let (left, right) = (self.operand(left), self.operand(right));
                quote_spanned!(span=> #left || #right)
            }
            ExprKind::Cast(value) => self.cast(expr, value),
            ExprKind::Method(fun, args) => self.method(expr, *fun, args),
            ExprKind::Call(path, args) => {
                let args = args.iter().map(|arg| self.expr(arg));
                quote_spanned!(span=> #path(#(#args),*))
            }
            ExprKind::Complex(re, im) => {
                let complex = self.complex(span);
                let (re, im) = (self.expr(re), self.expr(im));
                quote_spanned!(span=> #complex::new(#re, #im))
            }
            ExprKind::Part(value, part) => {
                let value = self.operand(value);
                let part = Ident::new(if *part == Part::Re { "re" } else { "im" }, span);
                quote_spanned!(span=> #value.#part)
            }
            ExprKind::If { cond, then, other } => self.branch_value(span, cond, then, other),
            ExprKind::Block(block) => self.block(span, block),
            ExprKind::Tuple(parts) => {
                let parts = parts.iter().map(|part| self.expr(part));
                quote_spanned!(span=> (#(#parts),*))
            }
            ExprKind::Neighbour { param, offset } => {
                let name = &self.kernel.params[*param].name;
                let offset = offset.iter().map(|at| isize_literal(span, *at));
                quote_spanned!(span=> #name.at([#(#offset),*]))
            }
            ExprKind::Element { param, index } => self.element(span, *param, index),
            ExprKind::Len { param, axis } => self.len(span, *param, *axis),
        }
    }

    fn branch_value(&self, span: Span, cond: &Expr, then: &Block, other: &Block) -> TokenStream {
        let (cond, then) = (self.expr(cond), self.block(span, then));
        let other = match (&other.stmts[..], other.tail.as_deref()) {
            ([], Some(Expr { kind: ExprKind::If { cond, then, other }, span, .. })) => {
                self.branch_value(*span, cond, then, other)
            }
            _ => self.block(span, other),
        };
        quote_spanned!(span=> if #cond #then else #other)
    }

    fn literal(&self, expr: &Expr, digits: &str) -> TokenStream {
        let span = expr.span;
        let is_float = matches!(expr.kind, ExprKind::Float(_));
        // `1.` with a suffix behind would be a field.
        let digits =
            digits.strip_suffix('.').map_or(digits.to_owned(), |whole| format!("{whole}.0"));
        let number = |suffix: &str| {
            let mut literal: Literal =
                format!("{digits}{suffix}").parse().unwrap_or_else(|_| Literal::i32_unsuffixed(0));
            literal.set_span(span);
            literal
        };
        match (expr.ty, &self.kernel.generic) {
            (Ty::Prim(prim), _) => number(prim.name()).to_token_stream(),
            (Ty::Param, Some(generic)) => {
                let (ty, suffix) = (&generic.name, if is_float { "f64" } else { "i64" });
                let from = Ident::new(&format!("from_{suffix}"), span);
                let number = number(suffix);
                quote_spanned!(span=> #ty::#from(#number))
            }
            _ => number("").to_token_stream(),
        }
    }

    fn unary(&self, span: Span, op: UnOp, value: &Expr) -> TokenStream {
        match (op, value.ty) {
            (UnOp::Not, _) => {
                let value = self.operand(value);
                quote_spanned!(span=> !#value)
            }
            // `-128i8` is a number of its own; `neg(128i8)` would be none.
            (UnOp::Neg, Ty::Prim(_)) if matches!(value.kind, ExprKind::Int(_)) => {
                let value = self.expr(value);
                quote_spanned!(span=> -#value)
            }
            (UnOp::Neg, Ty::Prim(prim)) if prim.is_float() => {
                let value = self.operand(value);
                quote_spanned!(span=> -#value)
            }
            (UnOp::Neg, ty) => {
                let (value, (neg, _)) = (self.expr(value), self.arithmetic(span, "neg", ty));
                quote_spanned!(span=> #neg(#value))
            }
        }
    }

    fn cast(&self, expr: &Expr, value: &Expr) -> TokenStream {
        let span = expr.span;
        let ty = self.ty(span, expr.ty);
        if expr.ty == Ty::Param || value.ty == Ty::Param {
            return self.cast_param(expr, value, &ty);
        }
        let value = self.operand(value);
        quote_spanned!(span=> #value as #ty)
    }

    /// From or to the type parameter. Indices are no elements; integers of 64 bits hold them.
    fn cast_param(&self, expr: &Expr, value: &Expr, ty: &TokenStream) -> TokenStream {
        let span = expr.span;
        let cast = self.op(span, "cast");
        let through = |ty: Ty| match ty {
            Ty::Prim(Prim::Usize) => Some(quote_spanned!(span=> u64)),
            Ty::Prim(Prim::Isize) => Some(quote_spanned!(span=> i64)),
            _ => None,
        };
        match (through(value.ty), through(expr.ty)) {
            (Some(wide), _) => {
                let value = self.operand(value);
                quote_spanned!(span=> #cast::<_, #ty>(#value as #wide))
            }
            (None, Some(wide)) => {
                let value = self.expr(value);
                quote_spanned!(span=> #cast::<_, #wide>(#value) as #ty)
            }
            (None, None) => {
                let value = self.expr(value);
                quote_spanned!(span=> #cast::<_, #ty>(#value))
            }
        }
    }

    fn method(&self, expr: &Expr, fun: Fun, args: &[Expr]) -> TokenStream {
        let span = expr.span;
        let ty = || self.ty(span, expr.ty);
        match (fun, args) {
            (Fun::From, [value]) => {
                let tokens = self.expr(value);
                let ty = ty();
                match value.ty {
                    Ty::Prim(Prim::F64) if expr.ty == Ty::Param => {
                        quote_spanned!(span=> #ty::from_f64(#tokens))
                    }
                    _ if expr.ty == Ty::Param => quote_spanned!(span=> #ty::from_i64(#tokens)),
                    _ => quote_spanned!(span=> <#ty as ::core::convert::From<_>>::from(#tokens)),
                }
            }
            (Fun::FromBits, [value]) => {
                let (tokens, ty) = (self.expr(value), ty());
                quote_spanned!(span=> #ty::from_bits(#tokens))
            }
            _ if takes_complex(fun, args) => {
                let name = Ident::new(fun.name(), span);
                let krate = &self.kernel.directives.krate;
                let args = args.iter().map(|arg| self.expr(arg));
                quote_spanned!(span=> #krate::__private::complex::one::#name(#(#args),*))
            }
            _ => {
                let ty = args.first().map_or(Ty::Unknown, |arg| arg.ty);
                let function = self.slices.as_ref().and_then(|slices| slices.function(span, fun));
                let function = function.unwrap_or_else(|| self.arithmetic(span, fun.name(), ty).0);
                let args = args.iter().map(|arg| self.expr(arg));
                quote_spanned!(span=> #function(#(#args),*))
            }
        }
    }

    fn op(&self, span: Span, name: &str) -> TokenStream {
        let krate = &self.kernel.directives.krate;
        let name = Ident::new(name, span);
        quote_spanned!(span=> #krate::__private::ops::#name)
    }

    fn element(&self, span: Span, param: usize, index: &[Expr]) -> TokenStream {
        if let Some(slices) = &self.slices {
            return slices.element(self, span, param, index);
        }
        let name = &self.kernel.params[param].name;
        let mut at: Vec<TokenStream> = index
            .iter()
            .enumerate()
            .map(|(axis, at)| {
                if !self.kernel.directives.wraparound {
                    return self.expr(at);
                }
                let (wrap, len) = (self.op(span, "wrap_index"), self.len(span, param, axis));
                let at = self.signed(at);
                quote_spanned!(span=> #wrap(#at, #len))
            })
            .collect();
        match (at.pop(), &at[..]) {
            (Some(one), []) => quote_spanned!(span=> #name[#one]),
            (last, first) => quote_spanned!(span=> #name[[#(#first,)* #last]]),
        }
    }

    /// An index as an `isize`: any integer may count from the end.
    pub(super) fn signed(&self, at: &Expr) -> TokenStream {
        let span = at.span;
        match at.ty {
            Ty::Prim(Prim::Isize) => self.expr(at),
            Ty::Param => {
                let (cast, at) = (self.op(span, "cast"), self.expr(at));
                quote_spanned!(span=> #cast::<_, i64>(#at) as isize)
            }
            _ => {
                let at = self.operand(at);
                quote_spanned!(span=> #at as isize)
            }
        }
    }

    pub(super) fn len(&self, span: Span, param: usize, axis: usize) -> TokenStream {
        let param = &self.kernel.params[param];
        let name = &param.name;
        let len = match (param.kind.dims(), axis) {
            (1, _) => "len",
            (_, 0) => "nrows",
            _ => "ncols",
        };
        let len = Ident::new(len, span);
        quote_spanned!(span=> #name.#len())
    }

    fn complex(&self, span: Span) -> TokenStream {
        let krate = &self.kernel.directives.krate;
        match &self.kernel.complex {
            Some(path) => path.to_token_stream(),
            None => quote_spanned!(span=> #krate::Complex),
        }
    }

    pub(super) fn ty(&self, span: Span, ty: Ty) -> TokenStream {
        let prim = |prim: Prim| Ident::new(prim.name(), span).to_token_stream();
        let param = || match &self.kernel.generic {
            Some(generic) => Ident::new(&generic.name.to_string(), span).to_token_stream(),
            None => quote_spanned!(span=> _),
        };
        match ty {
            Ty::Prim(of) => prim(of),
            Ty::Param => param(),
            Ty::Complex(part) => {
                let (complex, part) = (self.complex(span), part.map_or_else(param, prim));
                quote_spanned!(span=> #complex<#part>)
            }
            Ty::Unknown => quote_spanned!(span=> _),
            Ty::Unit => quote_spanned!(span=> ()),
        }
    }
}

/// Whether a method is one of complex numbers. Powers by squaring are the same for all.
pub(super) fn takes_complex(fun: Fun, args: &[Expr]) -> bool {
    let is_complex = args.first().is_some_and(|arg| arg.ty.is_complex());
    fun.is_of_complex() || (is_complex && fun != Fun::Powi)
}

fn loop_name(span: Span, id: LoopId) -> Lifetime {
    Lifetime::new(&format!("'loop{id}"), span.resolved_at(Span::mixed_site()))
}

fn symbol(span: Span, symbol: &str) -> TokenStream {
    let tokens: TokenStream = symbol.parse().unwrap_or_default();
    tokens
        .into_iter()
        .map(|mut token| {
            token.set_span(span);
            token
        })
        .collect()
}

fn isize_literal(span: Span, value: i64) -> TokenStream {
    let mut digits = Literal::u64_unsuffixed(value.unsigned_abs());
    digits.set_span(span);
    if value < 0 { quote_spanned!(span=> -#digits) } else { digits.to_token_stream() }
}
