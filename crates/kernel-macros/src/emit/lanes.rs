//! The kernel of many elements at once.
//!
//! Straight code is printed as it stands, on groups instead of numbers. Where lanes go different
//! ways, a mask says which are meant, as in ISPC: both arms of an `if` run, each under its mask; a
//! loop runs until its last lane has left; an assignment keeps the old value in the lanes that are
//! not meant. Lanes that leave early by `break`, `continue` or `return` are taken out of the mask
//! until the place where the others meet them again.
//!
//! The names in the expansion: `s` the instruction set, `mask` the lanes that are meant, `live_3`
//! those still in loop 3, `entry_3` those that go on after it, `result` what was returned early.

mod lives;
mod ways;

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::Ident;

use self::lives::Lives;
use self::ways::{any_stmt, has_return, is_heavy, leaves};
use crate::directives::{Division, Math};
use crate::emit::scalar;
use crate::ir::{
    BinOp, Block, Expr, ExprKind, Fun, Kernel, LoopId, ParamKind, Part, Place, Prim, Range, Stmt,
    StmtKind, Ty, UnOp, VarId,
};

/// The statements of the function and its value, under the names `s`, `active`, `bad` and those of
/// the parameters.
pub(crate) fn body(kernel: &Kernel) -> TokenStream {
    let mut printer = Printer::new(kernel);
    let block = printer.block(&kernel.body);
    let Names { s, mask, active, result, wide, .. } = &printer.names;
    let mutable = kernel.params.iter().filter_map(|param| match &param.kind {
        ParamKind::Value { var, .. } if kernel.vars[*var].is_mut => {
            let name = &kernel.vars[*var].name;
            Some(quote!(let mut #name = #name;))
        }
        _ => None,
    });
    let start = quote! {
        let mut #mask = #active;
        #(#mutable)*
    };
    if !has_return(&kernel.body) {
        return quote!(#start #block);
    }
    let tail = match kernel.body.tail {
        None => block,
        Some(_) => {
            let value = Ident::new("value", Span::mixed_site());
            let merge = printer.merge_result(&quote!(#value));
            quote!(let #value = { #block }; #merge)
        }
    };
    quote! {
        #start
        let mut #result = #wide::nil(#s);
        #tail
        #result
    }
}

/// The names of the parameters that the expansion adds: the instruction set, the lanes that are
/// meant, and those that divided by zero.
pub(crate) fn added_params() -> [Ident; 3] {
    ["s", "active", "bad"].map(|name| Ident::new(name, Span::mixed_site()))
}

/// The names that the expansion uses; their hygiene keeps them apart from the user's.
struct Names {
    s: Ident,
    mask: Ident,
    active: Ident,
    bad: Ident,
    result: Ident,
    wide: TokenStream,
    complex: TokenStream,
}

struct Printer<'a> {
    kernel: &'a Kernel,
    names: Names,
    /// The loops around, the outermost first.
    loops: Vec<LoopId>,
    /// Whether the mask is that of all lanes in the innermost loop, or in the function if there is
    /// none: no `if` around, and none behind that lanes come back from later.
    exact: bool,
    lives: Lives,
    /// Of each loop around: what runs on in lanes that have left, and is kept beside.
    kept: Vec<Vec<VarId>>,
}

impl<'a> Printer<'a> {
    fn new(kernel: &'a Kernel) -> Self {
        let krate = &kernel.directives.krate;
        let ident = |name| Ident::new(name, Span::mixed_site());
        let [s, active, bad] = added_params();
        let wide = quote!(#krate::__private::wide);
        let complex = quote!(#krate::__private::complex);
        let (mask, result) = (ident("mask"), ident("result"));
        let names = Names { s, mask, active, bad, result, wide, complex };
        Self { kernel, names, loops: vec![], exact: true, lives: Lives::of(kernel), kept: vec![] }
    }

    fn live(id: LoopId) -> Ident {
        format_ident!("live_{}", id, span = Span::mixed_site())
    }

    fn entry(id: LoopId) -> Ident {
        format_ident!("entry_{}", id, span = Span::mixed_site())
    }

    fn name(&self, var: VarId) -> &Ident {
        &self.kernel.vars[var].name
    }

    fn block(&mut self, block: &Block) -> TokenStream {
        let stmts: Vec<TokenStream> = block.stmts.iter().map(|stmt| self.stmt(stmt)).collect();
        let tail = block.tail.as_ref().map(|tail| self.value(tail));
        quote!(#(#stmts)* #tail)
    }

    fn stmt(&mut self, stmt: &Stmt) -> TokenStream {
        match &stmt.kind {
            StmtKind::Let { var, init } => self.declare(*var, init.as_ref()),
            StmtKind::LetTuple { vars, init } => {
                let init = self.expr(init);
                let names = vars.iter().map(|&var| {
                    let name = self.name(var);
                    if self.kernel.vars[var].is_mut { quote!(mut #name) } else { quote!(#name) }
                });
                quote!(let (#(#names),*) = #init;)
            }
            StmtKind::Assign { target, op, value } => self.assign(target, *op, value, stmt.span),
            StmtKind::If { cond, then, other } => self.branch(cond, then, other.as_ref()),
            StmtKind::While { label, cond, body } => {
                self.repeat(id(*label), stmt, Some(cond), body)
            }
            StmtKind::Loop { label, body } => self.repeat(id(*label), stmt, None, body),
            StmtKind::For { label, var, range, body } => {
                self.count(id(*label), stmt, *var, range, body)
            }
            StmtKind::Break(target) => self.jump(*target, true),
            StmtKind::Continue(target) => self.jump(*target, false),
            StmtKind::Return(value) => self.give_back(value.as_ref()),
            StmtKind::Block(block) => {
                let block = self.block(block);
                quote!({ #block })
            }
            StmtKind::Expr(expr) => {
                let expr = self.expr(expr);
                quote!(let _ = #expr;)
            }
        }
    }

    fn declare(&mut self, var: VarId, init: Option<&Expr>) -> TokenStream {
        let name = self.name(var).clone();
        let known = &self.kernel.vars[var];
        let Names { s, wide, .. } = &self.names;
        let Some(init) = init else {
            return quote!(let mut #name = #wide::nil(#s););
        };
        if known.uniform {
            let init = scalar::expr(self.kernel, init);
            return quote!(let #name = #init;);
        }
        let mutable = known.is_mut.then(|| quote!(mut));
        let init = self.value(init);
        quote!(let #mutable #name = #init;)
    }

    /// Keeps the old value in the lanes that are not meant.
    fn assign(
        &mut self,
        target: &Place,
        op: Option<BinOp>,
        value: &Expr,
        span: Span,
    ) -> TokenStream {
        let Place::Var(var) = target else { return TokenStream::new() };
        let name = self.name(*var).clone();
        let new = match op {
            None => self.value(value),
            Some(op) => {
                let ty = self.kernel.vars[*var].ty;
                self.compound(op, &name, ty, value, span)
            }
        };
        let Names { mask, wide, .. } = &self.names;
        // Lanes that have left the loop may compute what they like with what only the loop reads.
        if self.exact && self.lives.is_confined(*var, &self.loops) {
            quote_spanned!(span=> #name = #new;)
        } else if self.kept.last().is_some_and(|kept| kept.contains(var)) {
            let kept = self.kept_name(*var);
            quote_spanned!(span=> #name = #new; #kept = #wide::select(#mask, #name, #kept);)
        } else {
            quote_spanned!(span=> #name = #wide::select(#mask, #new, #name);)
        }
    }

    fn compound(
        &mut self,
        op: BinOp,
        name: &Ident,
        ty: Ty,
        value: &Expr,
        span: Span,
    ) -> TokenStream {
        let left = quote!(#name);
        if let (BinOp::Add | BinOp::Sub, Some((a, b))) = (op, self.product(value))
            && let Some(function) = self.contraction(a, b, ty)
        {
            let (a, b) = (self.value(a), self.value(b));
            return self.contracted(op, &function, [&a, &b, &left], true, span);
        }
        self.operate(op, ty, left, value, span)
    }

    fn branch(&mut self, cond: &Expr, then: &Block, other: Option<&Block>) -> TokenStream {
        let comes_back = |block: &Block| self.comes_back(block);
        let stays_exact = self.exact && !comes_back(then) && !other.is_some_and(comes_back);
        if cond.uniform {
            let cond = scalar::expr(self.kernel, cond);
            let before = self.exact;
            let then = self.block(then);
            self.exact = before;
            let other = other.map(|other| self.block(other));
            self.exact = stays_exact;
            return quote!(if #cond { #then } else { #other });
        }
        let cond_tokens = self.expr(cond);
        let jumps = leaves(then) || other.is_some_and(leaves);
        self.exact = false;
        let then_tokens = self.arm(then);
        let other_tokens = other.map(|other| self.arm(other));
        self.exact = stays_exact;
        let mask = &self.names.mask;
        let then_mask = Ident::new("then", Span::mixed_site());
        let cond_name = Ident::new("cond", Span::mixed_site());
        let outer = Ident::new("outer", Span::mixed_site());
        if !jumps {
            let other = other_tokens.map(|other| quote!(#mask = #outer & !#cond_name; #other));
            return quote! {{
                let #cond_name = #cond_tokens;
                let #outer = #mask;
                #mask = #outer & #cond_name;
                #then_tokens
                #other
                #mask = #outer;
            }};
        }
        let other = other_tokens.unwrap_or_default();
        quote! {{
            let #cond_name = #cond_tokens;
            let #outer = #mask;
            #mask = #outer & #cond_name;
            #then_tokens
            let #then_mask = #mask;
            #mask = #outer & !#cond_name;
            #other
            #mask = #mask | #then_mask;
        }}
    }

    /// An arm is skipped if no lane takes it, where looking costs less than running it.
    fn arm(&mut self, block: &Block) -> TokenStream {
        let tokens = self.block(block);
        if is_heavy(block) {
            let mask = &self.names.mask;
            quote!(if #mask.any() { #tokens })
        } else {
            quote!({ #tokens })
        }
    }

    /// `while cond { body }` or `loop { body }`.
    fn repeat(
        &mut self,
        id: LoopId,
        stmt: &Stmt,
        cond: Option<&Expr>,
        body: &Block,
    ) -> TokenStream {
        let (before, keep, give) = self.enter(id, body);
        let (live, entry, mask) = (Self::live(id), Self::entry(id), self.names.mask.clone());
        let check = cond.map(|cond| {
            let cond = self.value(cond);
            quote!(#live = #live & #cond;)
        });
        let body_tokens = self.block(body);
        self.leave(before, body);
        quote_spanned! {stmt.span=>
            #keep
            let mut #entry = #mask;
            let mut #live = #mask;
            loop {
                #mask = #live;
                #check
                if !#live.any() {
                    break;
                }
                #mask = #live;
                #body_tokens
            }
            #give
            #mask = #entry;
        }
    }

    /// `for var in range { body }` with bounds that differ between lanes.
    fn count(
        &mut self,
        id: LoopId,
        stmt: &Stmt,
        var: VarId,
        range: &Range,
        body: &Block,
    ) -> TokenStream {
        if self.kernel.vars[var].uniform {
            return self.count_together(id, stmt, var, range, body);
        }
        let (start, end) = (self.value(&range.start), self.value(&range.end));
        let step = match &range.step {
            Some(step) => scalar::expr(self.kernel, step),
            None => quote!(1),
        };
        let (before, keep, give) = self.enter(id, body);
        let body_tokens = self.block(body);
        self.leave(before, body);
        let Names { mask, wide, .. } = &self.names;
        let (live, entry) = (Self::live(id), Self::entry(id));
        let name = self.name(var);
        let [first, last, step_name, counter] =
            ["first", "last", "step", "counter"].map(|name| Ident::new(name, Span::mixed_site()));
        let (inclusive, reversed) = (range.inclusive, range.reversed);
        quote_spanned! {stmt.span=> {
            #keep
            let mut #entry = #mask;
            let #step_name: usize = #step;
            // The numbers of the range from the first to the last, so that the ends of the type
            // are no special case.
            let (#first, #last, #live) =
                #wide::range(#start, #end, #inclusive, #reversed, #step_name);
            let mut #live = #mask & #live;
            let mut #counter = #first;
            while #live.any() {
                #mask = #live;
                let #name = #counter;
                #body_tokens
                #live = #live & #wide::has_next(#counter, #last, #reversed, #step_name);
                #counter = #wide::next(#counter, #reversed, #step_name);
            }
            #give
            #mask = #entry;
        }}
    }

    /// `for var in range { body }` with the same bounds for all lanes.
    fn count_together(
        &mut self,
        id: LoopId,
        stmt: &Stmt,
        var: VarId,
        range: &Range,
        body: &Block,
    ) -> TokenStream {
        let name = self.name(var).clone();
        let range = scalar::range(self.kernel, range);
        if !leaves(body) {
            // All lanes that come in go through to the end.
            let body = self.block(body);
            return quote_spanned!(stmt.span=> for #name in #range { #body });
        }
        let (before, keep, give) = self.enter(id, body);
        let body_tokens = self.block(body);
        self.leave(before, body);
        let (live, entry, mask) = (Self::live(id), Self::entry(id), &self.names.mask);
        quote_spanned! {stmt.span=>
            #keep
            let mut #entry = #mask;
            let mut #live = #mask;
            for #name in #range {
                if !#live.any() {
                    break;
                }
                #mask = #live;
                #body_tokens
            }
            #give
            #mask = #entry;
        }
    }

    /// Into a loop; gives what `leave` wants, and what stands before and behind the loop.
    ///
    /// A variable that is read after the loop must stay as it was in lanes that have left. If all its
    /// assignments are of all lanes in the loop, it runs on in those that have left, and a copy is
    /// kept of what they left it with: so the loop does not wait for the mask to go on.
    fn enter(&mut self, id: LoopId, body: &Block) -> (bool, TokenStream, TokenStream) {
        self.loops.push(id);
        let kept = if self.comes_back(body) { vec![] } else { self.lives.kept(body, &self.loops) };
        let before = std::mem::replace(&mut self.exact, true);
        self.kept.push(kept.clone());
        let copies = kept.iter().map(|&var| (self.name(var).clone(), self.kept_name(var)));
        let copies: Vec<(Ident, Ident)> = copies.collect();
        let keep = copies.iter().map(|(name, copy)| quote!(let mut #copy = #name;));
        let give = copies.iter().map(|(name, copy)| quote!(#name = #copy;));
        (before, quote!(#(#keep)*), quote!(#(#give)*))
    }

    fn kept_name(&self, var: VarId) -> Ident {
        format_ident!("kept_{}", var, span = Span::mixed_site())
    }

    fn leave(&mut self, before: bool, body: &Block) {
        self.loops.pop();
        self.kept.pop();
        self.exact = before && !self.comes_back(body);
    }

    /// Whether lanes leave a block that go on later in the innermost loop: with its next round.
    fn comes_back(&self, block: &Block) -> bool {
        let Some(&innermost) = self.loops.last() else { return false };
        any_stmt(block, &mut |stmt| matches!(stmt.kind, StmtKind::Continue(to) if to == innermost))
    }

    /// Takes the lanes that are meant out of the mask, and out of the loops between here and the
    /// place where they go on.
    fn jump(&mut self, target: LoopId, is_break: bool) -> TokenStream {
        let inside = self.loops.iter().rev().take_while(|&&id| id != target);
        let mut tokens = self.take_out(inside.copied());
        if is_break {
            let mask = &self.names.mask;
            let live = Self::live(target);
            tokens.extend(quote!(#live = #live & !#mask;));
        }
        self.exact &= self.loops.last() != Some(&target) || is_break;
        let Names { s, wide, mask, .. } = &self.names;
        quote!(#tokens #mask = #wide::splat(#s, false);)
    }

    fn take_out(&self, loops: impl Iterator<Item = LoopId>) -> TokenStream {
        let mask = &self.names.mask;
        let each = loops.map(|id| {
            let (live, entry) = (Self::live(id), Self::entry(id));
            quote!(#live = #live & !#mask; #entry = #entry & !#mask;)
        });
        quote!(#(#each)*)
    }

    fn give_back(&mut self, value: Option<&Expr>) -> TokenStream {
        let value = value.map(|value| {
            let value = self.value(value);
            let name = Ident::new("value", Span::mixed_site());
            let merge = self.merge_result(&quote!(#name));
            quote!({ let #name = #value; #merge })
        });
        let loops = self.take_out(self.loops.iter().copied());
        let Names { s, wide, mask, .. } = &self.names;
        quote!(#value #loops #mask = #wide::splat(#s, false);)
    }

    /// The lanes that are meant give `value` back.
    fn merge_result(&self, value: &TokenStream) -> TokenStream {
        let Names { mask, result, wide, .. } = &self.names;
        quote!(#result = #wide::select(#mask, #value, #result);)
    }

    /// An expression as a group, also if it is the same in all lanes.
    fn value(&mut self, expr: &Expr) -> TokenStream {
        if !expr.uniform {
            return self.expr(expr);
        }
        if let ExprKind::Tuple(parts) = &expr.kind {
            let parts: Vec<TokenStream> = parts.iter().map(|part| self.value(part)).collect();
            return quote!((#(#parts),*));
        }
        let Names { s, wide, .. } = &self.names;
        let one = scalar::expr(self.kernel, expr);
        quote_spanned!(expr.span=> #wide::splat(#s, #one))
    }

    fn values(&mut self, exprs: &[Expr]) -> Vec<TokenStream> {
        exprs.iter().map(|expr| self.value(expr)).collect()
    }

    fn expr(&mut self, expr: &Expr) -> TokenStream {
        let wide = self.names.wide.clone();
        let span = expr.span;
        match &expr.kind {
            _ if expr.uniform => self.value(expr),
            ExprKind::Var(var) => {
                let name = self.name(*var);
                quote!(#name)
            }
            ExprKind::Unary(UnOp::Neg, x) => {
                let x = self.value(x);
                quote_spanned!(span=> #wide::neg(#x))
            }
            ExprKind::Unary(UnOp::Not, x) => {
                let is_bool = x.ty == Ty::Prim(Prim::Bool);
                let x = self.value(x);
                let name = Ident::new(if is_bool { "not_bool" } else { "not" }, span);
                quote_spanned!(span=> #wide::#name(#x))
            }
            ExprKind::Binary(op, left, right) => self.binary(*op, left, right, span),
            ExprKind::And(left, right) => self.both(left, right, true),
            ExprKind::Or(left, right) => self.both(left, right, false),
            ExprKind::Cast(x) => {
                let x = self.value(x);
                let ty = scalar::ty(self.kernel, expr.ty);
                quote_spanned!(span=> #wide::cast::<_, _, #ty>(#x))
            }
            ExprKind::Method(fun, args) => self.method(*fun, args, expr),
            ExprKind::Call(path, args) => {
                let args = self.values(args);
                let Names { s, mask, bad, .. } = &self.names;
                quote_spanned!(span=> #path::__lanes(#s, #mask, #bad, #(#args),*))
            }
            ExprKind::If { cond, then, other } => self.choose(cond, then, other),
            ExprKind::Block(block) => {
                let block = self.block(block);
                quote!({ #block })
            }
            ExprKind::Tuple(parts) => {
                let parts = self.values(parts);
                quote!((#(#parts),*))
            }
            ExprKind::Neighbour { param, offset } => {
                let name = &self.kernel.params[*param].name;
                let s = &self.names.s;
                quote_spanned!(span=> #name.at(#s, [#(#offset as isize),*]))
            }
            ExprKind::Complex(re, im) => {
                let (re, im, complex) = (self.value(re), self.value(im), &self.names.complex);
                quote_spanned!(span=> #complex::new(#re, #im))
            }
            ExprKind::Part(z, part) => {
                let (z, complex) = (self.value(z), &self.names.complex);
                let name = Ident::new(if *part == Part::Re { "re" } else { "im" }, span);
                quote_spanned!(span=> #complex::#name(#z))
            }
            ExprKind::Int(_)
            | ExprKind::Float(_)
            | ExprKind::Bool(_)
            | ExprKind::Const(_)
            | ExprKind::Element { .. }
            | ExprKind::Len { .. } => scalar::expr(self.kernel, expr),
        }
    }

    fn binary(&mut self, op: BinOp, left: &Expr, right: &Expr, span: Span) -> TokenStream {
        if matches!(op, BinOp::Add | BinOp::Sub) {
            if let Some((a, b)) = self.product(left)
                && let Some(function) = self.contraction(a, b, right.ty)
            {
                let (a, b, c) = (self.value(a), self.value(b), self.value(right));
                return self.contracted(op, &function, [&a, &b, &c], false, span);
            }
            if let Some((a, b)) = self.product(right)
                && let Some(function) = self.contraction(a, b, left.ty)
            {
                let (c, a, b) = (self.value(left), self.value(a), self.value(b));
                return self.contracted(op, &function, [&a, &b, &c], true, span);
            }
        }
        if let Some(x) = self.reciprocal_root(op, left, right) {
            let (wide, x) = (self.names.wide.clone(), self.value(x));
            return quote_spanned!(span=> #wide::fast::rsqrt(#x));
        }
        let tokens = self.value(left);
        self.operate(op, left.ty, tokens, right, span)
    }

    /// `a * b`, where the directives allow to round it together with a sum. Of a complex and a real
    /// number the complex one comes first.
    fn product<'e>(&self, expr: &'e Expr) -> Option<(&'e Expr, &'e Expr)> {
        let is_float = match expr.ty {
            Ty::Prim(prim) => matches!(prim, Prim::F32 | Prim::F64),
            ty => ty == Ty::Param || ty.is_complex(),
        };
        match &expr.kind {
            ExprKind::Binary(BinOp::Mul, a, b)
                if self.kernel.directives.math != Math::Strict && is_float && !expr.uniform =>
            {
                let turn = b.ty.is_complex() && !a.ty.is_complex();
                Some(if turn { (b, a) } else { (a, b) })
            }
            _ => None,
        }
    }

    /// The function that rounds a product of these and a sum with such a number once; none if the
    /// product is complex and the number is not.
    fn contraction(&self, a: &Expr, b: &Expr, c: Ty) -> Option<TokenStream> {
        let Names { wide, complex, .. } = &self.names;
        match (a.ty.is_complex(), b.ty.is_complex(), c.is_complex()) {
            (false, false, false) => Some(quote!(#wide::contract)),
            (true, true, true) => Some(quote!(#complex::fused::contract)),
            (true, false, true) => Some(quote!(#complex::fused::contract_real)),
            _ => None,
        }
    }

    /// `a * b + c`, `a * b - c`, or `c - a * b`, by `function`.
    fn contracted(
        &self,
        op: BinOp,
        function: &TokenStream,
        [a, b, c]: [&TokenStream; 3],
        product_is_right: bool,
        span: Span,
    ) -> TokenStream {
        let wide = &self.names.wide;
        match (op, product_is_right) {
            (BinOp::Sub, true) => quote_spanned!(span=> #function(#wide::neg(#a), #b, #c)),
            (BinOp::Sub, false) => quote_spanned!(span=> #function(#a, #b, #wide::neg(#c))),
            _ => quote_spanned!(span=> #function(#a, #b, #c)),
        }
    }

    /// `x` of `1 / x.sqrt()` in fast mathematics.
    fn reciprocal_root<'e>(&self, op: BinOp, left: &Expr, right: &'e Expr) -> Option<&'e Expr> {
        let is_one = match &left.kind {
            ExprKind::Float(digits) => digits.parse() == Ok(1.0),
            _ => false,
        };
        match &right.kind {
            ExprKind::Method(Fun::Sqrt, args)
                if op == BinOp::Div && is_one && self.kernel.directives.math == Math::Fast =>
            {
                args.first()
            }
            _ => None,
        }
    }

    fn operate(
        &mut self,
        op: BinOp,
        ty: Ty,
        left: TokenStream,
        right: &Expr,
        span: Span,
    ) -> TokenStream {
        let wide = self.names.wide.clone();
        let is_bool = ty == Ty::Prim(Prim::Bool);
        let name = match op {
            BinOp::Add => "add",
            BinOp::Sub => "sub",
            BinOp::Mul => "mul",
            BinOp::Div => "div",
            BinOp::Rem => "rem",
            BinOp::BitAnd if is_bool => "and_bool",
            BinOp::BitOr if is_bool => "or_bool",
            BinOp::BitXor | BinOp::Ne if is_bool => "ne_bool",
            BinOp::Eq if is_bool => "eq_bool",
            BinOp::BitAnd => "and",
            BinOp::BitOr => "or",
            BinOp::BitXor => "xor",
            BinOp::Shl => "shl",
            BinOp::Shr => "shr",
            BinOp::Eq => "eq",
            BinOp::Ne => "ne",
            BinOp::Lt => "lt",
            BinOp::Le => "le",
            BinOp::Gt => "gt",
            BinOp::Ge => "ge",
        };
        let name = Ident::new(name, span);
        if matches!(op, BinOp::Shl | BinOp::Shr) && right.uniform {
            let name = quote::format_ident!("{}_by", name, span = span);
            let by = scalar::expr(self.kernel, right);
            return quote_spanned!(span=> #wide::#name(#left, (#by) as u32));
        }
        let both = ty.is_complex() && right.ty.is_complex();
        let function = match scalar::mixed(op, ty, right.ty) {
            Some(name) => {
                let (complex, name) = (&self.names.complex, Ident::new(name, span));
                quote_spanned!(span=> #complex::#name)
            }
            None if op == BinOp::Mul && both && self.kernel.directives.math != Math::Strict => {
                let complex = &self.names.complex;
                quote_spanned!(span=> #complex::fused::mul)
            }
            None => quote_spanned!(span=> #wide::#name),
        };
        let right = self.value(right);
        let divides = matches!(op, BinOp::Div | BinOp::Rem);
        if divides && self.kernel.directives.division == Division::Error {
            let Names { mask, bad, .. } = &self.names;
            let divisor = Ident::new("divisor", Span::mixed_site());
            return quote_spanned! {span=> {
                let #divisor = #right;
                #wide::note_zero(#divisor, #mask, #bad);
                #function(#left, #divisor)
            }};
        }
        quote_spanned!(span=> #function(#left, #right))
    }

    /// `&&` and `||`. Nothing that a kernel computes has effects but a division by zero, which must
    /// not be noted where the left side decides.
    fn both(&mut self, left: &Expr, right: &Expr, and: bool) -> TokenStream {
        let (left, right) = (self.value(left), self.value(right));
        let Names { mask, wide, .. } = &self.names;
        let name = Ident::new(if and { "and_bool" } else { "or_bool" }, Span::mixed_site());
        if self.kernel.directives.division != Division::Error {
            return quote!(#wide::#name(#left, #right));
        }
        let left_name = Ident::new("left", Span::mixed_site());
        let decided = if and { quote!(#left_name) } else { quote!(!#left_name) };
        quote_spanned! {Span::mixed_site()=> {
            let left = #left;
            let outer = #mask;
            #mask = outer & #decided;
            let right = #right;
            #mask = outer;
            #wide::#name(left, right)
        }}
    }

    fn method(&mut self, fun: Fun, args: &[Expr], expr: &Expr) -> TokenStream {
        let wide = self.names.wide.clone();
        let span = expr.span;
        let name = Ident::new(fun.name(), span);
        let by = args.get(1).filter(|by| by.uniform).map(|by| scalar::expr(self.kernel, by));
        match (fun, by) {
            (Fun::From, _) => {
                let x = self.value(&args[0]);
                let ty = scalar::ty(self.kernel, expr.ty);
                quote_spanned!(span=> #wide::cast::<_, _, #ty>(#x))
            }
            (Fun::FromBits, _) => {
                let x = self.value(&args[0]);
                let ty = scalar::ty(self.kernel, expr.ty);
                quote_spanned!(span=> #wide::from_bits::<_, #ty>(#x))
            }
            (Fun::Powi, Some(by)) => {
                let x = self.value(&args[0]);
                quote_spanned!(span=> #wide::powi_by(#x, #by))
            }
            (Fun::WrappingShl | Fun::WrappingShr, Some(by)) => {
                let x = self.value(&args[0]);
                let name = if fun == Fun::WrappingShl { "shl_by" } else { "shr_by" };
                let name = Ident::new(name, span);
                quote_spanned!(span=> #wide::#name(#x, #by))
            }
            _ => {
                let is_complex = scalar::takes_complex(fun, args);
                let of = if is_complex { &self.names.complex } else { &self.names.wide };
                let of = match self.kernel.directives.math {
                    Math::Fast if is_function(fun) || (is_complex && is_long(fun)) => {
                        quote!(#of::fast)
                    }
                    Math::Fast | Math::Contract if fun == Fun::NormSqr => quote!(#of::fused),
                    _ => of.clone(),
                };
                let args = self.values(args);
                quote_spanned!(span=> #of::#name(#(#args),*))
            }
        }
    }

    /// A block with a value; one that all its lanes leave has any.
    fn valued(&mut self, block: &Block) -> TokenStream {
        let tokens = self.block(block);
        let Names { s, wide, .. } = &self.names;
        match block.tail {
            Some(_) => tokens,
            None => quote!(#tokens #wide::nil(#s)),
        }
    }

    /// `if` with a value.
    fn choose(&mut self, cond: &Expr, then: &Block, other: &Block) -> TokenStream {
        if cond.uniform {
            let cond = scalar::expr(self.kernel, cond);
            let (then, other) = (self.valued(then), self.valued(other));
            return quote!(if #cond { #then } else { #other });
        }
        let cond = self.expr(cond);
        let jumps = leaves(then) || leaves(other);
        let stays_exact = self.exact && !self.comes_back(then) && !self.comes_back(other);
        self.exact = false;
        let heavy = is_heavy(then) || is_heavy(other);
        let careful = jumps || heavy || self.kernel.directives.division == Division::Error;
        let (then, other) = (self.valued(then), self.valued(other));
        self.exact = stays_exact;
        let Names { s, mask, wide, .. } = &self.names;
        if !careful {
            return quote_spanned! {Span::mixed_site()=> {
                let cond = #cond;
                let outer = #mask;
                #mask = outer & cond;
                let then = { #then };
                #mask = outer & !cond;
                let other = { #other };
                #mask = outer;
                #wide::select(cond, then, other)
            }};
        }
        quote_spanned! {Span::mixed_site()=> {
            let cond = #cond;
            let outer = #mask;
            let mut chosen = #wide::nil(#s);
            #mask = outer & cond;
            if #mask.any() {
                let then = { #then };
                chosen = #wide::select(#mask, then, chosen);
            }
            let after = #mask;
            #mask = outer & !cond;
            if #mask.any() {
                let other = { #other };
                chosen = #wide::select(#mask, other, chosen);
            }
            #mask = #mask | after;
            chosen
        }}
    }
}

fn id(label: Option<LoopId>) -> LoopId {
    label.unwrap_or_default()
}

/// The functions of complex numbers that have a fast form, besides those that real numbers have too.
fn is_long(fun: Fun) -> bool {
    use Fun::{Arg, Cis, FromPolar, Norm, Powc, Sqrt};
    matches!(fun, Arg | Cis | FromPolar | Norm | Powc | Sqrt)
}

/// The functions that have a fast form.
fn is_function(fun: Fun) -> bool {
    use Fun::{
        Acos, Asin, Atan, Atan2, Cbrt, Cos, Cosh, Erf, Exp, Exp2, ExpM1, Hypot, Ln, Ln1p, Log2,
        Log10, Powf, Rsqrt, Sin, Sinh, Tan, Tanh,
    };
    matches!(
        fun,
        Acos | Asin
            | Atan
            | Atan2
            | Cbrt
            | Cos
            | Cosh
            | Erf
            | Exp
            | Exp2
            | ExpM1
            | Hypot
            | Ln
            | Ln1p
            | Log2
            | Log10
            | Powf
            | Rsqrt
            | Sin
            | Sinh
            | Tan
            | Tanh
    )
}
