//! Blocks, `let`, assignments and what ends a path.

use proc_macro2::{Ident, Span};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{Expr as Syntax, Local, Pat, Type};

use super::expressions::operator;
use super::{Binding, DEEPEST, Reader, single};
use crate::flow::leaves;
use crate::ir::{Block, Expr, ExprKind, ParamKind, Place, Stmt, StmtKind, Ty, VarId};

/// A name of a `let`: `_` has none.
struct Name {
    ident: Ident,
    is_mut: bool,
    ty: Option<Ty>,
}

impl Reader<'_> {
    /// A block, with a value at its end if one is wanted and it does not leave before.
    pub(super) fn block(&mut self, block: &syn::Block, value: bool) -> Block {
        if self.depth >= DEEPEST {
            self.refuse(block, format!("a kernel nests at most {DEEPEST} deep"));
            return Block::default();
        }
        self.depth += 1;
        let errors = self.refusals.count();
        let read = self.scoped(|reader| reader.statements(&block.stmts, value));
        self.depth -= 1;
        let is_missing = value && read.tail.is_none() && !leaves(&read.stmts);
        // What was refused inside may have been the value.
        if is_missing && self.refusals.count() == errors {
            let message = "a value is missing here: a block whose value is used ends in an expression \
                           without `;`, or returns";
            match block.stmts.last() {
                Some(last) => self.refuse(last, message),
                None => self.refuse(block, message),
            }
        }
        read
    }

    fn statements(&mut self, stmts: &[syn::Stmt], value: bool) -> Block {
        let mut block = Block::default();
        for (index, stmt) in stmts.iter().enumerate() {
            let is_last = index + 1 == stmts.len();
            match stmt {
                syn::Stmt::Local(local) => {
                    if let Some(kind) = self.local(local) {
                        block.stmts.push(Stmt { kind, span: local.span() });
                    }
                }
                syn::Stmt::Item(item) => {
                    self.refuse(item, "a kernel has no items inside; move this outside of it");
                }
                syn::Stmt::Macro(stmt) => {
                    let expr =
                        Syntax::Macro(syn::ExprMacro { attrs: vec![], mac: stmt.mac.clone() });
                    self.expr(&expr);
                }
                syn::Stmt::Expr(expr, None) if is_last && value && has_value(expr) => {
                    block.tail = Some(Box::new(self.expr(expr)));
                }
                syn::Stmt::Expr(expr, _) => block.stmts.extend(self.statement(expr)),
            }
        }
        block
    }

    /// The block of an arm: braces, a single statement or a value.
    pub(super) fn arm(&mut self, expr: &Syntax, value: bool) -> Block {
        match expr {
            Syntax::Block(block) if block.label.is_none() && block.attrs.is_empty() => {
                self.block(&block.block, value)
            }
            _ if value && has_value(expr) => {
                Block { stmts: vec![], tail: Some(Box::new(self.scoped(|r| r.expr(expr)))) }
            }
            _ => self
                .scoped(|r| Block { stmts: r.statement(expr).into_iter().collect(), tail: None }),
        }
    }

    pub(super) fn statement(&mut self, expr: &Syntax) -> Option<Stmt> {
        self.no_attributes(expr);
        let kind = match expr {
            Syntax::If(branch) => {
                let cond = self.expr(&branch.cond);
                let then = self.block(&branch.then_branch, false);
                let other = branch.else_branch.as_ref().map(|(_, other)| self.arm(other, false));
                StmtKind::If { cond, then, other }
            }
            Syntax::Match(branch) => return self.match_statement(branch),
            Syntax::While(_) | Syntax::Loop(_) | Syntax::ForLoop(_) => return self.any_loop(expr),
            Syntax::Break(leave) => {
                if let Some(value) = &leave.expr {
                    self.refuse(leave, "`break` of a kernel has no value; assign it before");
                    self.expr(value);
                }
                StmtKind::Break(self.target(expr, "break", leave.label.as_ref())?)
            }
            Syntax::Continue(leave) => {
                StmtKind::Continue(self.target(expr, "continue", leave.label.as_ref())?)
            }
            Syntax::Return(leave) => {
                StmtKind::Return(leave.expr.as_ref().map(|value| self.expr(value)))
            }
            Syntax::Assign(assign) => {
                let value = self.expr(&assign.right);
                StmtKind::Assign { target: self.place(&assign.left)?, op: None, value }
            }
            Syntax::Binary(binary) if operator(&binary.op).is_some_and(|(_, assigns)| assigns) => {
                let op = operator(&binary.op).map(|(op, _)| op);
                let value = self.expr(&binary.right);
                StmtKind::Assign { target: self.place(&binary.left)?, op, value }
            }
            Syntax::Block(block) if block.label.is_none() => {
                StmtKind::Block(self.block(&block.block, false))
            }
            Syntax::Paren(paren) => return self.statement(&paren.expr),
            _ => StmtKind::Expr(self.expr(expr)),
        };
        Some(Stmt { kind, span: expr.span() })
    }

    fn local(&mut self, local: &Local) -> Option<StmtKind> {
        for attribute in &local.attrs {
            self.refuse(attribute, "statements of a kernel have no attributes");
        }
        let init = local.init.as_ref();
        if let Some((_, other)) = init.and_then(|init| init.diverge.as_ref()) {
            self.refuse(other, "a kernel has no `let .. else`; numbers always match");
        }
        // The value is read first: it sees the names that this `let` shadows.
        let value = init.map(|init| self.expr(&init.expr));
        let (pat, ty) = match &local.pat {
            Pat::Type(typed) => (&*typed.pat, Some(&*typed.ty)),
            pat => (pat, None),
        };
        match pat {
            Pat::Tuple(tuple) => self.local_tuple(local, tuple, ty, value),
            Pat::Wild(_) => value.map(StmtKind::Expr),
            _ => {
                let ty = ty.and_then(|ty| self.number(ty));
                let name = self.name(pat, ty)?;
                let var = self.declare(&name.ident, name.ty, name.is_mut);
                if value.is_none() {
                    self.deferred.push(var);
                }
                Some(StmtKind::Let { var, init: value })
            }
        }
    }

    fn local_tuple(
        &mut self,
        local: &Local,
        tuple: &syn::PatTuple,
        ty: Option<&Type>,
        value: Option<Expr>,
    ) -> Option<StmtKind> {
        let types: Vec<Option<Ty>> = match ty {
            Some(Type::Tuple(types)) => types.elems.iter().map(|ty| self.number(ty)).collect(),
            Some(other) => {
                self.refuse(other, "the pattern is a tuple, so its type is one");
                vec![]
            }
            None => vec![],
        };
        let mut vars = vec![];
        for (index, pat) in tuple.elems.iter().enumerate() {
            let ty = types.get(index).copied().flatten();
            let var = match self.name(pat, ty) {
                Some(name) => self.declare(&name.ident, name.ty, name.is_mut),
                None => self.declare(&Ident::new("_unused", Span::call_site()), None, false),
            };
            vars.push(var);
        }
        let Some(init) = value else {
            self.refuse(local, "a tuple of names needs its value at once: `let (a, b) = ..;`");
            return None;
        };
        Some(StmtKind::LetTuple { vars, init })
    }

    fn name(&mut self, pat: &Pat, ty: Option<Ty>) -> Option<Name> {
        let message = match pat {
            Pat::Ident(pat) if pat.by_ref.is_none() && pat.subpat.is_none() => {
                let is_mut = pat.mutability.is_some();
                return Some(Name { ident: pat.ident.clone(), is_mut, ty });
            }
            Pat::Wild(_) => {
                let ident = Ident::new("_unused", pat.span());
                return Some(Name { ident, is_mut: false, ty });
            }
            Pat::Paren(paren) => return self.name(&paren.pat, ty),
            Pat::Ident(_) => "a kernel has no references, so no `ref` and no `@`",
            Pat::Tuple(_) => "tuples are taken apart one level deep",
            _ => "a `let` of a kernel binds a name, or a tuple of names",
        };
        self.refuse(pat, message);
        self.names_of(pat);
        None
    }

    /// Declares the names of a pattern that was refused, so that using them is no second error.
    pub(super) fn names_of(&mut self, pat: &Pat) {
        fn names(tokens: proc_macro2::TokenStream, found: &mut Vec<Ident>) {
            for token in tokens {
                match token {
                    proc_macro2::TokenTree::Ident(ident) => found.push(ident),
                    proc_macro2::TokenTree::Group(group) => names(group.stream(), found),
                    _ => {}
                }
            }
        }
        let mut found = vec![];
        names(pat.to_token_stream(), &mut found);
        for ident in found {
            self.declare(&ident, None, true);
        }
    }

    /// What stands left of `=`.
    fn place(&mut self, expr: &Syntax) -> Option<Place> {
        match expr {
            Syntax::Paren(paren) => self.place(&paren.expr),
            Syntax::Path(path) => {
                let Some(name) = single(expr) else {
                    self.refuse(path, "only variables and elements can be assigned");
                    return None;
                };
                let var = self.variable(expr, name)?;
                self.assignable(expr, var).then_some(Place::Var(var))
            }
            Syntax::Index(index) => {
                let element = self.index(index);
                let ExprKind::Element { param, index: at } = element.kind else {
                    if matches!(element.kind, ExprKind::Neighbour { .. }) {
                        let message = "a stencil cannot write its neighbours: return the new value, \
                                       or use `#[kernel(loop)]` to work in place";
                        self.refuse(index, message);
                    }
                    return None;
                };
                let ParamKind::Slice { is_mut, dims, .. } = self.params[param].kind else {
                    return None;
                };
                if !is_mut {
                    let name = &self.params[param].name;
                    let should = if dims == 1 { "`&mut [..]`" } else { "`ViewMut2<..>`" };
                    let message =
                        format!("`{name}` is read only; to write it, take it as {should}");
                    self.refuse(index, message);
                }
                Some(Place::Element { param, index: at })
            }
            Syntax::Tuple(tuple) => {
                let message = "a tuple cannot be assigned; assign its parts one by one";
                self.refuse(tuple, message);
                None
            }
            Syntax::Field(field) => {
                let message =
                    "a part cannot be assigned; make a new number: `Complex::new(re, im)`";
                self.refuse(field, message);
                None
            }
            other => {
                self.refuse(other, "only variables and elements can be assigned");
                None
            }
        }
    }

    fn variable(&mut self, expr: &Syntax, name: &Ident) -> Option<VarId> {
        match self.lookup(name) {
            Some(Binding::Var(var)) => Some(var),
            Some(Binding::Array(param)) => {
                let what = self.describe(param);
                self.refuse(
                    expr,
                    format!("`{name}` is {what}; assign an element: `{name}[i] = ..`"),
                );
                None
            }
            None => {
                self.refuse_unknown(expr, name);
                None
            }
        }
    }

    /// Whether a variable may change. One without a value yet may be given one; that this happens
    /// once is seen to later, path by path.
    fn assignable(&mut self, expr: &Syntax, var: VarId) -> bool {
        let variable = &self.vars[var];
        let may = variable.is_mut || self.deferred.contains(&var);
        if !may {
            let name = &variable.name;
            let message =
                format!("`{name}` cannot change; make it `mut {name}` where it is declared");
            self.refuse(expr, message);
        }
        may
    }
}

/// Whether an expression at the end of a block is its value: an `if` without `else` and what leaves
/// the block are not.
fn has_value(expr: &Syntax) -> bool {
    match expr {
        Syntax::Break(_)
        | Syntax::Continue(_)
        | Syntax::Return(_)
        | Syntax::Assign(_)
        | Syntax::While(_)
        | Syntax::Loop(_)
        | Syntax::ForLoop(_) => false,
        Syntax::If(branch) => branch.else_branch.is_some(),
        Syntax::Binary(binary) => !operator(&binary.op).is_some_and(|(_, assigns)| assigns),
        _ => true,
    }
}
