//! `match` on integers and bools becomes a chain of `if`.

use proc_macro2::{Ident, Span};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{ExprMatch, Lit, Pat, RangeLimits};

use super::{Binding, Reader, single};
use crate::ir::{BinOp, Block, Expr, ExprKind, Prim, Stmt, StmtKind, Ty, UnOp, VarId};

/// An arm: when it is taken, and what it does. The last has no condition.
struct Arm {
    cond: Option<Expr>,
    block: Block,
}

/// What a pattern covers, as far as it matters for whether all is covered.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Covers {
    All,
    True,
    False,
    Some,
}

impl Reader<'_> {
    pub(super) fn match_statement(&mut self, syntax: &ExprMatch) -> Option<Stmt> {
        let (setup, arms) = self.arms(syntax, false)?;
        let mut other: Option<Block> = None;
        for arm in arms.into_iter().rev() {
            other = Some(match arm.cond {
                None => arm.block,
                Some(cond) => {
                    let kind = StmtKind::If { cond, then: arm.block, other };
                    Block { stmts: vec![Stmt { kind, span: syntax.span() }], tail: None }
                }
            });
        }
        let mut block = other?;
        block.stmts.splice(0..0, setup);
        Some(Stmt { kind: StmtKind::Block(block), span: syntax.span() })
    }

    pub(super) fn match_value(&mut self, syntax: &ExprMatch) -> Expr {
        let Some((setup, arms)) = self.arms(syntax, true) else { return self.placeholder(syntax) };
        let mut other: Option<Block> = None;
        for arm in arms.into_iter().rev() {
            other = Some(match (arm.cond, other) {
                (Some(cond), Some(other)) => {
                    let kind = ExprKind::If { cond: Box::new(cond), then: arm.block, other };
                    let value = self.build(syntax, kind);
                    Block { stmts: vec![], tail: Some(Box::new(value)) }
                }
                _ => arm.block,
            });
        }
        let mut block = other.unwrap_or_default();
        block.stmts.splice(0..0, setup);
        self.build(syntax, ExprKind::Block(block))
    }

    /// What is matched is computed once, and then each arm has a condition on it.
    fn arms(&mut self, syntax: &ExprMatch, value: bool) -> Option<(Option<Stmt>, Vec<Arm>)> {
        if let syn::Expr::Tuple(tuple) = &*syntax.expr {
            self.refuse(tuple, "a kernel matches one number; use `if` for two");
            return None;
        }
        let known = single(&syntax.expr).and_then(|name| self.lookup(name));
        let (setup, var) = match known {
            Some(Binding::Var(var)) => (None, var),
            _ => {
                let init = self.expr(&syntax.expr);
                let span = syntax.expr.span();
                let name = Ident::new("matched", span.resolved_at(Span::mixed_site()));
                let var = self.declare(&name, None, false);
                // No name of the user can mean it.
                self.scopes.iter_mut().for_each(|scope| {
                    scope.retain(|(_, binding)| !matches!(binding, Binding::Var(v) if *v == var));
                });
                (Some(Stmt { kind: StmtKind::Let { var, init: Some(init) }, span }), var)
            }
        };
        let mut arms = vec![];
        let (mut yes, mut no, mut all) = (false, false, false);
        for arm in &syntax.arms {
            if all {
                self.refuse(&arm.pat, "this arm is never taken: those above take everything");
                continue;
            }
            for attribute in &arm.attrs {
                self.refuse(attribute, "arms of a kernel have no attributes");
            }
            let (covers, cond) = self.pattern(&arm.pat, var);
            let block = self.arm(&arm.body, value);
            yes |= covers == Covers::True;
            no |= covers == Covers::False;
            all = covers == Covers::All || (yes && no);
            arms.push(Arm { cond: if all { None } else { cond }, block });
        }
        if !all {
            let message = "this `match` needs an arm `_` at its end, for all other numbers";
            self.refuse(syntax.match_token, message);
            return None;
        }
        Some((setup, arms))
    }

    /// What a pattern covers, and its condition; none if it is always met.
    fn pattern(&mut self, pat: &Pat, var: VarId) -> (Covers, Option<Expr>) {
        match pat {
            Pat::Wild(_) => (Covers::All, None),
            Pat::Paren(paren) => self.pattern(&paren.pat, var),
            Pat::Guard(guarded) => {
                let (_, cond) = self.pattern(&guarded.pat, var);
                let guard = self.expr(&guarded.guard);
                let cond = match cond {
                    None => guard,
                    Some(cond) => {
                        let kind = ExprKind::And(Box::new(cond), Box::new(guard));
                        self.build(pat, kind)
                    }
                };
                (Covers::Some, Some(cond))
            }
            Pat::Or(or) => {
                let mut result = (Covers::Some, None);
                for case in &or.cases {
                    let (covers, cond) = self.pattern(case, var);
                    if covers == Covers::All {
                        return (Covers::All, None);
                    }
                    result.1 = match (result.1.take(), cond) {
                        (Some(left), Some(right)) => {
                            let kind = ExprKind::Or(Box::new(left), Box::new(right));
                            Some(self.build(pat, kind))
                        }
                        (left, right) => left.or(right),
                    };
                }
                result
            }
            Pat::Lit(lit) => self.literal_pattern(pat, &lit.lit, var),
            Pat::Range(range) => self.range_pattern(pat, range, var),
            Pat::Ident(ident) => {
                let name = &ident.ident;
                let message = format!(
                    "a pattern of a kernel is an integer, a range, `true`, `false` or `_`; bind \
                     `{name}` with `let` before, compare a constant with `if`"
                );
                (Covers::Some, Some(self.refused(pat, message)))
            }
            _ => {
                let message = "a pattern of a kernel is an integer, a range, `true`, `false`, \
                               several of them with `|`, or `_`";
                (Covers::Some, Some(self.refused(pat, message)))
            }
        }
    }

    fn literal_pattern(&mut self, pat: &Pat, lit: &Lit, var: VarId) -> (Covers, Option<Expr>) {
        match lit {
            Lit::Bool(lit) => {
                let value = self.typed(pat, ExprKind::Var(var), Ty::Unknown);
                self.demand(&value, Ty::Prim(Prim::Bool));
                if lit.value {
                    return (Covers::True, Some(value));
                }
                let kind = ExprKind::Unary(UnOp::Not, Box::new(value));
                (Covers::False, Some(self.build(pat, kind)))
            }
            _ => {
                let number = self.integer_pattern(pat, lit);
                (Covers::Some, Some(self.comparison(pat, BinOp::Eq, var, number)))
            }
        }
    }

    fn range_pattern(
        &mut self,
        pat: &Pat,
        range: &syn::PatRange,
        var: VarId,
    ) -> (Covers, Option<Expr>) {
        let start = range.start.as_deref().map(|bound| self.bound(bound));
        let end = range.end.as_deref().map(|bound| self.bound(bound));
        let less =
            if matches!(range.limits, RangeLimits::Closed(_)) { BinOp::Le } else { BinOp::Lt };
        let start = start.map(|start| self.comparison(pat, BinOp::Ge, var, start));
        let end = end.map(|end| self.comparison(pat, less, var, end));
        let cond = match (start, end) {
            (Some(start), Some(end)) => {
                let kind = ExprKind::And(Box::new(start), Box::new(end));
                Some(self.build(pat, kind))
            }
            (start, end) => start.or(end),
        };
        (Covers::Some, cond)
    }

    fn bound(&mut self, bound: &syn::Expr) -> Expr {
        match bound {
            syn::Expr::Lit(lit) => self.integer_pattern(bound, &lit.lit),
            other => self.expr(other),
        }
    }

    /// An integer, which a pattern may have with its sign.
    fn integer_pattern(&mut self, construct: &impl ToTokens, lit: &Lit) -> Expr {
        if !matches!(lit, Lit::Int(_)) {
            let message = "a kernel matches integers and bools; compare other numbers with `if`";
            return self.refused(construct, message);
        }
        let mut literal = self.literal(construct, lit);
        if let ExprKind::Int(digits) = &mut literal.kind
            && let Some(positive) = digits.strip_prefix('-')
        {
            *digits = positive.to_owned();
            let ty = literal.ty;
            return self.typed(construct, ExprKind::Unary(UnOp::Neg, Box::new(literal)), ty);
        }
        literal
    }

    fn comparison(&mut self, pat: &Pat, op: BinOp, var: VarId, right: Expr) -> Expr {
        let left = self.build(pat, ExprKind::Var(var));
        self.build(pat, ExprKind::Binary(op, Box::new(left), Box::new(right)))
    }
}
