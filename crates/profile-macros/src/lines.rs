//! Marks: statements between the statements of a function, which say that a line begins.
//!
//! ```text
//! let a = f();                     mark!(g, 0); let a = f();
//! while a > b {                    loop { mark!(g, 1); if a > b {
//!     b += 1;                          mark!(g, 2); b += 1;
//! }                                } else { break; } }
//! for x in list { .. }             goto!(g, 3); for x in each!(g, 3, list) { .. }
//! c + d                            mark!(g, 4); c + d
//! ```
//!
//! A mark stands before a statement and closes the line before it, so that jumps need nothing: the
//! guard `g` closes the last line when the function is left. No expression is moved, so that values,
//! temporaries and borrows live as long as they did: the last expression of a block stays the last,
//! and `while` becomes what the compiler itself makes of it. A list that `for` goes through is the one
//! exception, and is moved by `for` anyway.
//!
//! A block inside of an expression is not all of its line: `f(match x { .. })` calls `f` after the
//! arms. There `back!` goes back to the line when the block is left.

use std::mem;

use proc_macro2::{Ident, Literal, Span, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::parse::Parser as _;
use syn::visit_mut::{self, VisitMut};
use syn::{
    AngleBracketedGenericArguments, Attribute, Block, Error, Expr, ExprAsync, ExprBlock, ExprBreak,
    ExprClosure, ExprConst, ExprForLoop, ExprIf, ExprLoop, ExprMatch, ExprRepeat, ExprReturn,
    ExprTryBlock, ExprWhile, Pat, Result, Stmt, Type, parse_quote, parse_quote_spanned, token,
};

use crate::item::{last_line, line};

/// Marks the lines of a function's body, and opens its guard; nothing where there are no lines.
pub(crate) fn mark(host: &TokenStream, name: &Ident, body: &mut Block) -> Result<()> {
    let refused = || {
        let why = "a macro put this function together, so that its lines cannot be told apart";
        Error::new(name.span(), format!("{why}: leave out `lines`"))
    };
    let source = source(body).ok_or_else(refused)?;
    // Not the braces one by one: what another macro has handed on has one span for both.
    let whole = body.brace_token.span.join();
    let (file, guard) = (file(whole), Ident::new("lines", Span::mixed_site()));
    let (first, last) = (line(whole), last_line(whole));
    let (lines, marks, at, own, chain) = (vec![], 0, None, None, 0);
    let mut marker = Marker { host, guard, file, first, last, lines, marks, at, own, chain };
    marker.block(body, None);
    let Marker { guard, lines, .. } = marker;
    if lines.is_empty() {
        // Items alone have no lines; other statements have, where they and the braces belong together.
        let is_item = |stmt: &Stmt| matches!(stmt, Stmt::Item(_));
        return if body.stmts.iter().all(is_item) { Ok(()) } else { Err(refused()) };
    }
    let lines = lines.into_iter().map(Literal::usize_unsuffixed);
    let (at, first) = [line(name.span()), first].map(Literal::usize_unsuffixed).into();
    body.stmts.insert(
        0,
        parse_quote!(#host::__private::lines!(#guard, #at, #first, #source, [#(#lines),*]);),
    );
    Ok(())
}

/// The text of a body with its braces, as the compiler has it: a file may be another one by now.
fn source(body: &Block) -> Option<String> {
    let whole = body.brace_token.span.join();
    let source = whole.source_text()?;
    let lines = last_line(whole).checked_sub(line(whole))? + 1;
    (source.starts_with('{') && source.split('\n').count() == lines).then_some(source)
}

/// The file that a token is from; empty outside of a compiler.
fn file(at: Span) -> String {
    if proc_macro::is_available() { at.unwrap().file() } else { String::new() }
}

/// Goes through a body in the order in which it runs.
struct Marker<'a> {
    host: &'a TokenStream,
    guard: Ident,
    /// Where the body lies: other tokens come from macros.
    file: String,
    first: usize,
    last: usize,
    /// The lines of the marks, by number.
    lines: Vec<usize>,
    /// How many marks there are.
    marks: usize,
    /// The line that is the current one here, however one came here; `None` where that depends.
    at: Option<usize>,
    /// The line of the innermost statement.
    own: Option<usize>,
    /// How many `else if` are around this.
    chain: usize,
}

/// Each `else if` that has a mark stands in a block by itself, and the compiler's stack is not endless:
/// those behind so many are part of the line that the last one begins on.
const LONGEST_CHAIN: usize = 64;

impl Marker<'_> {
    /// The line of a token, where it is in the body.
    fn line(&self, at: Span) -> Option<usize> {
        let line = line(at);
        let is_own = (self.first..=self.last).contains(&line) && file(at) == self.file;
        is_own.then_some(line)
    }

    fn number(&mut self, line: usize) -> Literal {
        let known = self.lines.iter().position(|known| *known == line);
        Literal::usize_unsuffixed(known.unwrap_or_else(|| {
            self.lines.push(line);
            self.lines.len() - 1
        }))
    }

    fn call(&mut self, name: &str, attrs: &[Attribute], line: usize) -> Stmt {
        self.marks += 1;
        let number = self.number(line);
        let (host, guard, name) = (self.host, &self.guard, Ident::new(name, Span::call_site()));
        parse_quote!(#(#attrs)* #host::__private::#name!(#guard, #number);)
    }

    /// The statements of a block. `back` is the line that goes on behind it, where that is not the
    /// next statement's.
    fn block(&mut self, block: &mut Block, back: Option<usize>) {
        let (own, marks) = (self.own, self.marks);
        let mut stmts = vec![];
        for mut stmt in mem::take(&mut block.stmts) {
            let (conditions, start) = head(&stmt);
            self.own = self.line(start);
            stmts.extend(self.begin(&stmt, &conditions));
            self.stmt(&mut stmt);
            if !conditions.is_empty() {
                self.at = None;
            }
            stmts.push(stmt);
        }
        self.own = own;
        if let Some(line) = back.filter(|_| self.marks > marks) {
            stmts.insert(0, self.call("back", &[], line));
            self.at = back;
        }
        block.stmts = stmts;
    }

    /// What goes before a statement; nothing where its line is the current one.
    fn begin(&mut self, stmt: &Stmt, conditions: &[Attribute]) -> Option<Stmt> {
        let line = self.own.filter(|_| !matches!(stmt, Stmt::Item(_)))?;
        if self.at.replace(line) == Some(line) {
            return None;
        }
        match stmt {
            // Marks each evaluation of its condition.
            Stmt::Expr(Expr::While(_), _) => None,
            Stmt::Expr(Expr::ForLoop(_), _) => Some(self.call("goto", conditions, line)),
            _ => Some(self.call("mark", conditions, line)),
        }
    }

    fn stmt(&mut self, stmt: &mut Stmt) {
        match stmt {
            Stmt::Item(_) | Stmt::Macro(_) => {}
            Stmt::Expr(expr, _) => self.flow(expr, None),
            Stmt::Local(local) => {
                let Some(init) = &mut local.init else { return };
                self.flow(&mut init.expr, None);
                if let Some((_, diverge)) = &mut init.diverge {
                    let at = self.at;
                    self.flow(diverge, None);
                    self.at = at;
                }
            }
        }
    }

    /// An expression, behind whose blocks the line `back` goes on, or nothing but the move of their
    /// value.
    fn flow(&mut self, expr: &mut Expr, back: Option<usize>) {
        match expr {
            Expr::Paren(inner) => self.flow(&mut inner.expr, back),
            Expr::Group(inner) => self.flow(&mut inner.expr, back),
            Expr::Unsafe(inner) => self.block(&mut inner.block, back),
            Expr::If(inner) => self.branches(inner, back),
            Expr::Match(inner) => self.arms(inner, back),
            Expr::While(inner) => *expr = self.while_loop(inner, back),
            Expr::ForLoop(inner) => self.for_loop(inner, back),
            Expr::Block(inner) => {
                self.block(&mut inner.block, back);
                // A `break` may have left it anywhere.
                self.at = if inner.label.is_some() { back } else { self.at };
            }
            Expr::Loop(inner) => {
                self.at = None;
                self.block(&mut inner.body, back);
                self.at = back;
            }
            Expr::Assign(inner) => {
                self.visit_expr_mut(&mut inner.left);
                self.flow(&mut inner.right, back);
            }
            Expr::Return(ExprReturn { expr: Some(value), .. })
            | Expr::Break(ExprBreak { expr: Some(value), .. }) => self.flow(value, None),
            _ => visit_mut::visit_expr_mut(self, expr),
        }
    }

    /// An expression as if it stood in a block by itself, which it does afterwards where that needs
    /// marks.
    fn alone(&mut self, expr: &mut Expr, back: Option<usize>) {
        if let Expr::Block(ExprBlock { label: None, .. }) = expr {
            return self.flow(expr, back);
        }
        let mut block = braces(start(expr));
        block.stmts.push(Stmt::Expr(mem::replace(expr, Expr::PLACEHOLDER), None));
        self.block(&mut block, back);
        *expr = match (block.stmts.len(), block.stmts.pop()) {
            (1, Some(Stmt::Expr(expr, _))) => expr,
            (_, last) => {
                block.stmts.extend(last.map(closed));
                in_braces(block)
            }
        };
    }

    fn branches(&mut self, inner: &mut ExprIf, back: Option<usize>) {
        self.visit_expr_mut(&mut inner.cond);
        let start = self.at;
        self.block(&mut inner.then_branch, back);
        let end = mem::replace(&mut self.at, start);
        if let Some((_, other)) = &mut inner.else_branch {
            self.chain += 1;
            match &mut **other {
                Expr::If(other) if self.chain > LONGEST_CHAIN => self.branches(other, back),
                other => self.alone(other, back),
            }
            self.chain -= 1;
        }
        self.at = self.at.filter(|_| self.at == end);
    }

    fn arms(&mut self, inner: &mut ExprMatch, back: Option<usize>) {
        self.visit_expr_mut(&mut inner.expr);
        let start = self.at;
        let mut end = None;
        for (at, arm) in inner.arms.iter_mut().enumerate() {
            self.at = start;
            self.alone(&mut arm.body, back);
            end = if at == 0 { self.at } else { end.filter(|_| end == self.at) };
        }
        self.at = end;
    }

    /// What the compiler makes of a `while` too, with a mark before the condition.
    fn while_loop(&mut self, inner: &mut ExprWhile, back: Option<usize>) -> Expr {
        let line = self.line(inner.while_token.span);
        let mark = line.map(|line| self.call("mark", &[], line));
        self.at = line;
        self.visit_expr_mut(&mut inner.cond);
        self.block(&mut inner.body, back);
        self.at = back;
        let ExprWhile { label, cond, body, .. } = inner;
        let branch: Stmt = parse_quote!(if #cond #body else { break; });
        let mut body: Block = parse_quote!({});
        body.stmts.extend(mark.into_iter().chain([branch]));
        let (attrs, loop_token) = (mem::take(&mut inner.attrs), Default::default());
        Expr::Loop(ExprLoop { attrs, label: label.take(), loop_token, body })
    }

    /// Each asking for the next element is marked.
    fn for_loop(&mut self, inner: &mut ExprForLoop, back: Option<usize>) {
        self.visit_expr_mut(&mut inner.expr);
        let line = self.line(inner.for_token.span);
        if let Some(line) = line {
            self.marks += 1;
            let (host, guard, number) = (self.host, self.guard.clone(), self.number(line));
            let list = &inner.expr;
            // What the compiler has against the list, it says there.
            let at = Span::call_site().located_at(start(list));
            *inner.expr =
                parse_quote_spanned!(at=> #host::__private::each!(#guard, #number, #list));
        }
        self.at = line;
        self.block(&mut inner.body, back);
        self.at = back;
    }

    /// A closure that has lines of its own is entered and left like a function. What stands on the
    /// line of its statement is part of that.
    fn closure(&mut self, inner: &mut ExprClosure) {
        let (at, marks) = (self.at, self.marks);
        self.at = self.own;
        // An expression is part of the statement, but for the blocks in it.
        self.flow(&mut inner.body, None);
        self.at = at;
        if self.marks == marks {
            return;
        }
        let (host, guard) = (self.host, &self.guard);
        let again: Stmt = parse_quote!(#host::__private::again!(#guard););
        match &mut *inner.body {
            Expr::Block(ExprBlock { label: None, block, .. }) => block.stmts.insert(0, again),
            body => {
                let mut block = braces(start(body));
                let value = mem::replace(body, Expr::PLACEHOLDER);
                block.stmts.extend([again, closed(Stmt::Expr(value, None))]);
                *body = in_braces(block);
            }
        }
    }
}

impl VisitMut for Marker<'_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        self.flow(expr, self.own);
    }

    fn visit_expr_closure_mut(&mut self, inner: &mut ExprClosure) {
        if inner.asyncness.is_none() && inner.constness.is_none() {
            self.closure(inner);
        }
    }

    /// The length is computed by the compiler.
    fn visit_expr_repeat_mut(&mut self, inner: &mut ExprRepeat) {
        self.visit_expr_mut(&mut inner.expr);
    }

    // What runs elsewhere: in the compiler, or later.
    fn visit_expr_async_mut(&mut self, _: &mut ExprAsync) {}
    fn visit_expr_const_mut(&mut self, _: &mut ExprConst) {}
    fn visit_expr_try_block_mut(&mut self, _: &mut ExprTryBlock) {}
    fn visit_angle_bracketed_generic_arguments_mut(
        &mut self,
        _: &mut AngleBracketedGenericArguments,
    ) {
    }
    fn visit_pat_mut(&mut self, _: &mut Pat) {}
    fn visit_type_mut(&mut self, _: &mut Type) {}
}

/// An empty block, which is the user's: in which edition it is says when its temporaries go.
fn braces(at: Span) -> Block {
    Block { brace_token: token::Brace(at), stmts: vec![] }
}

fn in_braces(block: Block) -> Expr {
    Expr::Block(ExprBlock { attrs: vec![], label: None, block })
}

/// Where an expression starts.
fn start(expr: &Expr) -> Span {
    match expr {
        Expr::If(inner) => inner.if_token.span,
        expr => {
            let first = expr.to_token_stream().into_iter().next();
            first.map_or_else(Span::call_site, |token| token.span())
        }
    }
}

/// A macro at the end of a block would be one of statements.
fn closed(stmt: Stmt) -> Stmt {
    match stmt {
        Stmt::Expr(expr @ Expr::Macro(_), None) => Stmt::Expr(parse_quote!((#expr)), None),
        other => other,
    }
}

/// When a statement is there at all, by `#[cfg]`, and its first token behind all attributes.
fn head(stmt: &Stmt) -> (Vec<Attribute>, Span) {
    let mut tokens = stmt.to_token_stream().into_iter();
    let mut attrs = TokenStream::new();
    let start = loop {
        match tokens.next() {
            Some(TokenTree::Punct(sign)) if sign.as_char() == '#' => {
                attrs.extend([TokenTree::Punct(sign)].into_iter().chain(tokens.next()));
            }
            Some(token) => break token.span(),
            None => break Span::call_site(),
        }
    };
    let mut attrs = Attribute::parse_outer.parse2(attrs).unwrap_or_default();
    attrs.retain(|attr| attr.path().is_ident("cfg"));
    (attrs, start)
}
