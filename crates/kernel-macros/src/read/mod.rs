//! From syntax to a kernel: names are resolved, and what is not of the subset is refused.
//!
//! One file for each kind of construct. Whatever is refused leaves a placeholder behind, so that
//! the rest is read too and all errors come in one compile.

mod calls;
mod expressions;
mod function;
mod indices;
mod loops;
mod matches;
mod statements;
mod types;

use std::collections::HashMap;

use proc_macro2::{Ident, Span};
use quote::ToTokens;
use syn::ItemFn;

use crate::directives::{Form, Parsed};
use crate::ir::{
    Expr, ExprId, ExprKind, Generic, Kernel, LoopId, Param, ParamKind, Ty, Var, VarId,
};
use crate::refusals::Refusals;

/// Deeper than anybody nests, and shallow enough for the stack of a compiler's thread.
const DEEPEST: usize = 128;

/// A kernel without types, and what the next passes need besides.
pub(crate) struct Read {
    pub(crate) kernel: Kernel,
    pub(crate) notes: Notes,
}

/// What is known of expressions beside the tree.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    /// First and last token of each expression: a span of both does not exist on stable.
    pub(crate) extents: Vec<(Span, Span)>,
    /// Types that a place demands: `f64::sqrt(x)` demands an f64.
    pub(crate) demands: HashMap<ExprId, Ty>,
    /// Where each return type is written.
    pub(crate) output: Option<(Span, Span)>,
}

/// Reads a function; what is wrong with it is in `refusals` then.
pub(crate) fn kernel(parsed: Parsed, function: &ItemFn, refusals: &mut Refusals) -> Read {
    let form = parsed.directives.form.clone();
    let mut reader = Reader {
        refusals,
        name: function.sig.ident.clone(),
        wraparound: parsed.directives.wraparound,
        form,
        formless: parsed.formless,
        complex: None,
        generic: None,
        params: vec![],
        vars: vec![],
        scopes: vec![vec![]],
        loops: vec![],
        loop_count: 0,
        notes: Notes::default(),
        deferred: vec![],
        depth: 0,
    };
    reader.qualifiers(function, &parsed);
    reader.generics(&function.sig, &parsed);
    reader.parameters(&function.sig);
    let (returns, returns_tuple) = reader.returns(&function.sig);
    reader.check_form(function, &returns);
    reader.scopes.push(vec![]);
    let body = reader.block(&function.block, !returns.is_empty());
    let kernel = Kernel {
        attrs: function.attrs.clone(),
        vis: function.vis.clone(),
        name: reader.name,
        sig: function.sig.clone(),
        complex: reader.complex,
        generic: reader.generic,
        params: reader.params,
        returns,
        returns_tuple,
        vars: reader.vars,
        body,
        directives: parsed.directives,
    };
    Read { kernel, notes: reader.notes }
}

/// What a name stands for.
#[derive(Debug, Clone, Copy)]
enum Binding {
    Var(VarId),
    /// A slice or neighbourhood, by its number among the parameters.
    Array(usize),
}

/// A loop around what is being read.
struct OpenLoop {
    id: LoopId,
    label: Option<String>,
}

struct Reader<'a> {
    refusals: &'a mut Refusals,
    name: Ident,
    form: Form,
    formless: bool,
    wraparound: bool,
    complex: Option<syn::Path>,
    generic: Option<Generic>,
    params: Vec<Param>,
    vars: Vec<Var>,
    scopes: Vec<Vec<(String, Binding)>>,
    loops: Vec<OpenLoop>,
    loop_count: LoopId,
    notes: Notes,
    /// Variables of `let x;`, whose value comes later.
    deferred: Vec<VarId>,
    depth: usize,
}

impl Reader<'_> {
    fn refuse(&mut self, construct: impl ToTokens, message: impl std::fmt::Display) {
        self.refusals.at(construct, message);
    }

    /// Refuses an expression and leaves one behind that fits everywhere.
    fn refused(&mut self, construct: impl ToTokens, message: impl std::fmt::Display) -> Expr {
        self.refuse(&construct, message);
        self.placeholder(&construct)
    }

    fn placeholder(&mut self, construct: impl ToTokens) -> Expr {
        self.build(construct, ExprKind::Call(syn::parse_quote!(refused), vec![]))
    }

    /// An expression whose type is to be found.
    fn build(&mut self, construct: impl ToTokens, kind: ExprKind) -> Expr {
        self.typed(construct, kind, Ty::Unknown)
    }

    fn typed(&mut self, construct: impl ToTokens, kind: ExprKind, ty: Ty) -> Expr {
        let extent = extent(construct);
        self.placed(extent, kind, ty)
    }

    fn placed(&mut self, extent: (Span, Span), kind: ExprKind, ty: Ty) -> Expr {
        let id = self.notes.extents.len();
        self.notes.extents.push(extent);
        let span = extent.0.join(extent.1).unwrap_or(extent.0);
        Expr { id, kind, ty, uniform: false, span }
    }

    fn demand(&mut self, expr: &Expr, ty: Ty) {
        self.notes.demands.insert(expr.id, ty);
    }

    fn declare(&mut self, name: &Ident, ty: Option<Ty>, is_mut: bool) -> VarId {
        let id = self.vars.len();
        self.vars.push(Var {
            name: name.clone(),
            ty: ty.unwrap_or(Ty::Unknown),
            is_mut,
            uniform: false,
            annotated: ty.is_some(),
        });
        self.bind(name, Binding::Var(id));
        id
    }

    fn bind(&mut self, name: &Ident, binding: Binding) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.push((name.to_string(), binding));
        }
    }

    fn lookup(&self, name: &Ident) -> Option<Binding> {
        let names = self.scopes.iter().rev().flat_map(|scope| scope.iter().rev());
        names.into_iter().find(|(known, _)| name == known).map(|(_, binding)| *binding)
    }

    /// Runs what may declare names of its own.
    fn scoped<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> T {
        self.scopes.push(vec![]);
        let value = read(self);
        self.scopes.pop();
        value
    }

    /// The parameter that an expression names, if it is an array.
    fn array(&self, expr: &syn::Expr) -> Option<usize> {
        match self.lookup(single(expr)?)? {
            Binding::Array(param) => Some(param),
            Binding::Var(_) => None,
        }
    }

    /// What a parameter is, in the words of messages.
    fn describe(&self, param: usize) -> &'static str {
        match self.params[param].kind {
            ParamKind::Value { .. } => "a number",
            ParamKind::Neighbours { .. } => "a neighbourhood",
            ParamKind::Slice { dims: 1, .. } => "a slice",
            ParamKind::Slice { .. } => "a matrix",
        }
    }
}

/// The first and last token's span.
fn extent(construct: impl ToTokens) -> (Span, Span) {
    let mut tokens = construct.to_token_stream().into_iter();
    let first = tokens.next().map_or_else(Span::call_site, |token| token.span());
    (first, tokens.last().map_or(first, |token| token.span()))
}

/// The name, if the expression is nothing else.
fn single(expr: &syn::Expr) -> Option<&Ident> {
    match expr {
        syn::Expr::Path(path) if path.qself.is_none() => path.path.get_ident(),
        syn::Expr::Paren(paren) => single(&paren.expr),
        syn::Expr::Group(group) => single(&group.expr),
        _ => None,
    }
}
