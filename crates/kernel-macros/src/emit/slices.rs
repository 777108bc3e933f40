//! The body of a kernel on slices: the ordinary statements, with elements that give an error where
//! the index is outside, and with loops over windows where `bounds = hoist`.
//!
//! A loop whose accesses go along with its counter is printed twice. First the windows are cut: for
//! `x[i - 1]` in `for i in a..b` the elements from `a - 1` on, as many as the loop has rounds. If
//! all are there, the loop counts from 0 and reads them without a branch, since the compiler knows
//! their length. Else the loop runs as written with a check for each access, so that the error comes
//! where it would without hoisting, and accesses that never happen do no harm.

mod plan;

use std::cell::RefCell;
use std::collections::HashSet;

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote_spanned};
use syn::Ident;

use super::scalar::Scalar;
use crate::directives::{Bounds, Math};
use crate::ir::{Block, Expr, Fun, Kernel, LoopId, ParamKind, Prim, Range, Ty, VarId};
use plan::{Linear, Plan, Term, Window};

/// The type parameter of the printed body: the instruction set.
pub(super) fn set() -> Ident {
    Ident::new("__S", Span::mixed_site())
}

/// How elements are accessed.
pub(super) struct Slices<'a> {
    kernel: &'a Kernel,
    plan: Plan,
    /// The loops around whose windows are open.
    open: RefCell<HashSet<LoopId>>,
}

impl<'a> Slices<'a> {
    pub(super) fn of(kernel: &'a Kernel) -> Self {
        let plan = match kernel.directives.bounds {
            Bounds::Hoist => Plan::of(kernel),
            Bounds::Check | Bounds::Unchecked => Plan::default(),
        };
        Self { kernel, plan, open: RefCell::default() }
    }

    fn runtime(&self, span: Span, name: &str) -> TokenStream {
        let krate = &self.kernel.directives.krate;
        let name = Ident::new(name, span);
        quote_spanned!(span=> #krate::__private::slices::#name)
    }

    /// A function that is compiled into the loop, in place of the one that every caller shares.
    pub(super) fn function(&self, span: Span, fun: Fun) -> Option<TokenStream> {
        let krate = &self.kernel.directives.krate;
        let is_long = matches!(
            fun,
            Fun::Rsqrt
                | Fun::Cbrt
                | Fun::Exp
                | Fun::Exp2
                | Fun::ExpM1
                | Fun::Ln
                | Fun::Ln1p
                | Fun::Log2
                | Fun::Log10
                | Fun::Sin
                | Fun::Cos
                | Fun::Tan
                | Fun::Asin
                | Fun::Acos
                | Fun::Atan
                | Fun::Atan2
                | Fun::Sinh
                | Fun::Cosh
                | Fun::Tanh
                | Fun::Powf
                | Fun::Hypot
                | Fun::Erf
        );
        let name = Ident::new(fun.name(), span);
        let fast =
            (self.kernel.directives.math == Math::Fast).then(|| quote_spanned!(span=> fast::));
        let set = set();
        is_long
            .then(|| quote_spanned!(span=> #krate::__private::slices::lane::#fast #name::<#set, _>))
    }

    fn is_mut(&self, param: usize) -> bool {
        matches!(self.kernel.params[param].kind, ParamKind::Slice { is_mut: true, .. })
    }

    /// The value of `x[i]`.
    pub(super) fn element(
        &self,
        scalar: &Scalar<'_>,
        span: Span,
        param: usize,
        index: &[Expr],
    ) -> TokenStream {
        if let Some(element) = self.in_window(span, index) {
            let get = self.is_mut(param).then(|| quote_spanned!(span=> .get()));
            return quote_spanned!(span=> #element #get);
        }
        if self.is_mut(param) {
            let cell = self.cell(scalar, span, param, index);
            return quote_spanned!(span=> #cell.get());
        }
        self.checked(scalar, span, "get", param, index)
    }

    /// The cell of `x[i]`, of a slice that is written.
    pub(super) fn cell(
        &self,
        scalar: &Scalar<'_>,
        span: Span,
        param: usize,
        index: &[Expr],
    ) -> TokenStream {
        match self.in_window(span, index) {
            Some(element) => element,
            None => self.checked(scalar, span, "cell", param, index),
        }
    }

    /// The element of an open window.
    fn in_window(&self, span: Span, index: &[Expr]) -> Option<TokenStream> {
        let window = self.plan.of_access(index.last()?.id)?;
        let of = &self.plan.windows[window];
        if !self.open.borrow().contains(&of.at) {
            return None;
        }
        let name = window_name(window);
        if of.is_point {
            return Some(quote_spanned!(span=> #name[0]));
        }
        let round = round_name(of.at);
        Some(quote_spanned!(span=> #name[#round]))
    }

    fn checked(
        &self,
        scalar: &Scalar<'_>,
        span: Span,
        what: &str,
        param: usize,
        index: &[Expr],
    ) -> TokenStream {
        let name = &self.kernel.params[param].name;
        let axes = if index.len() == 2 { "2" } else { "" };
        let at = index.iter().map(|at| {
            if !self.kernel.directives.wraparound {
                return scalar.expr(at);
            }
            let (from_end, at) = (self.runtime(span, "FromEnd"), scalar.signed(at));
            quote_spanned!(span=> #from_end(#at))
        });
        if self.kernel.directives.bounds == Bounds::Unchecked {
            let function = self.runtime(span, &format!("{what}{axes}_unchecked"));
            let word = Ident::new("unsafe", span);
            return quote_spanned!(span=> #word { #function(#name, #(#at),*) });
        }
        let function = self.runtime(span, &format!("{what}{axes}"));
        let shown = name.to_string();
        quote_spanned!(span=> #function(#name, #(#at,)* #shown)?)
    }

    /// `for var in range { body }`
    pub(super) fn count(
        &self,
        scalar: &Scalar<'_>,
        span: Span,
        label: Option<LoopId>,
        var: VarId,
        range: &Range,
        body: &Block,
    ) -> TokenStream {
        let as_written = || scalar.count(span, label, var, range, body);
        let Some(id) = label else { return as_written() };
        let windows: Vec<usize> = self.plan.of_loop(id).collect();
        if windows.is_empty() {
            return as_written();
        }
        // Loops within the version that checks are not printed twice again.
        let outer = self.plan.outer_loops(id);
        if !outer.iter().all(|loop_id| self.open.borrow().contains(loop_id)) {
            return as_written();
        }
        let slow = as_written();
        self.open.borrow_mut().insert(id);
        let fast = self.count_rounds(scalar, span, id, var, range, body);
        self.open.borrow_mut().remove(&id);
        let cuts =
            windows.iter().map(|&window| self.cut(scalar, span, id, &self.plan.windows[window]));
        let names = windows.iter().map(|&window| window_name(window));
        let some = quote_spanned!(span=> ::core::option::Option::Some);
        let ends = self.ends(scalar, span, id, range);
        let [_, _, count, _] = Names::of(id);
        quote_spanned! {span=>
            {
                #ends
                if let #some(#count) = #count
                    && let (#(#some(#names),)*) = (#(#cuts,)*)
                {
                    #fast
                } else {
                    #slow
                }
            }
        }
    }

    /// The first number of the range, and how many elements the loop passes from there on.
    fn ends(&self, scalar: &Scalar<'_>, span: Span, id: LoopId, range: &Range) -> TokenStream {
        let [first, end, count, step] = Names::of(id);
        let (start, last) = (scalar.expr(&range.start), scalar.expr(&range.end));
        let stride = range.step.as_ref().map(|step| scalar.step(step));
        let stride = stride.unwrap_or_else(|| quote_spanned!(span=> 1));
        // Backwards the steps begin at the end, so that any element may be passed.
        let passed =
            if range.reversed { quote_spanned!(span=> 1) } else { quote_spanned!(span=> #step) };
        let function = self.runtime(span, if range.inclusive { "span_inclusive" } else { "span" });
        quote_spanned! {span=>
            let #first: usize = #start;
            let #end: usize = #last;
            let #step: usize = #stride;
            let #count = #function(#first, #end, #passed);
        }
    }

    /// The loop over the open windows.
    fn count_rounds(
        &self,
        scalar: &Scalar<'_>,
        span: Span,
        id: LoopId,
        var: VarId,
        range: &Range,
        body: &Block,
    ) -> TokenStream {
        let label = scalar.label(span, Some(id));
        let [first, _, count, step] = Names::of(id);
        let round = round_name(id);
        let name = &self.kernel.vars[var].name;
        let body = scalar.body(body);
        let add = quote_spanned!(span=> let #name = #first.wrapping_add(#round););
        match (&range.step, range.reversed) {
            (None, false) => {
                quote_spanned!(span=> #label for #round in 0..#count { #add #body })
            }
            (None, true) => {
                quote_spanned!(span=> #label for #round in (0..#count).rev() { #add #body })
            }
            // An iterator with a step hides from the compiler that it stays below the count.
            (Some(_), false) => {
                let next = format_ident!("next_{id}", span = Span::mixed_site());
                quote_spanned! {span=>
                    let mut #next = 0_usize;
                    #label while #next < #count {
                        let #round = #next;
                        #next = #round.saturating_add(#step);
                        #add
                        #body
                    }
                }
            }
            (Some(_), true) => quote_spanned! {span=>
                #label for #round in (0..#count).rev().step_by(#step) { #add #body }
            },
        }
    }

    /// The window, if it fits.
    fn cut(&self, scalar: &Scalar<'_>, span: Span, id: LoopId, window: &Window) -> TokenStream {
        let name = &self.kernel.params[window.param].name;
        let [first, _, count, _] = Names::of(id);
        let (start, len) = if window.is_point {
            (self.linear(scalar, span, None, &window.offset), quote_spanned!(span=> 1))
        } else {
            (self.linear(scalar, span, Some(&first), &window.offset), quote_spanned!(span=> #count))
        };
        match &window.row {
            None => {
                let function = self.runtime(span, "window");
                quote_spanned!(span=> #function(#name, #start, #len))
            }
            Some(row) => {
                let function = self.runtime(span, "row_window");
                let row = self.linear(scalar, span, None, row);
                quote_spanned!(span=> #function(#name, #row, #start, #len))
            }
        }
    }

    /// The sum, wrapping.
    fn linear(
        &self,
        scalar: &Scalar<'_>,
        span: Span,
        first: Option<&Ident>,
        sum: &Linear,
    ) -> TokenStream {
        let constant = sum.constant;
        let mut tokens = match first {
            Some(first) if constant == 0 => quote_spanned!(span=> #first),
            Some(first) => quote_spanned!(span=> #first.wrapping_add_signed(#constant as isize)),
            None => quote_spanned!(span=> (#constant as usize)),
        };
        for (term, count) in &sum.terms {
            let value = match term {
                Term::Var(var) => {
                    let name = &self.kernel.vars[*var].name;
                    quote_spanned!(span=> #name)
                }
                Term::Len(param, axis) => scalar.len(span, *param, *axis),
            };
            tokens = quote_spanned! {span=>
                #tokens.wrapping_add(usize::wrapping_mul(#value, #count as usize))
            };
        }
        tokens
    }
}

/// A counter that windows can follow.
fn is_plain_counter(kernel: &Kernel, var: VarId) -> bool {
    kernel.vars[var].ty == Ty::Prim(Prim::Usize)
}

fn window_name(window: usize) -> Ident {
    format_ident!("window_{window}", span = Span::mixed_site())
}

fn round_name(id: LoopId) -> Ident {
    format_ident!("round_{id}", span = Span::mixed_site())
}

/// The names of what is computed before a loop.
struct Names;

impl Names {
    /// First number, end, count of elements, step.
    fn of(id: LoopId) -> [Ident; 4] {
        ["first", "end", "count", "step"]
            .map(|name| format_ident!("{name}_{id}", span = Span::mixed_site()))
    }
}
