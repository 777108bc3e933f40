//! `for`, `while`, `loop`, and the labels of `break` and `continue`.

use syn::spanned::Spanned;
use syn::{Expr as Syntax, Label, Lifetime, Pat, RangeLimits};

use super::{OpenLoop, Reader};
use crate::ir::{Block, ExprKind, LoopId, Range, Stmt, StmtKind};
use crate::suggest::did_you_mean;

impl Reader<'_> {
    pub(super) fn any_loop(&mut self, expr: &Syntax) -> Option<Stmt> {
        let id = self.loop_count;
        self.loop_count += 1;
        let label = Some(id);
        let kind = match expr {
            Syntax::While(syntax) => {
                let cond = self.expr(&syntax.cond);
                let body = self.body(id, syntax.label.as_ref(), &syntax.body);
                StmtKind::While { label, cond, body }
            }
            Syntax::Loop(syntax) => {
                let body = self.body(id, syntax.label.as_ref(), &syntax.body);
                StmtKind::Loop { label, body }
            }
            Syntax::ForLoop(syntax) => {
                let range = self.range(&syntax.expr);
                let name = match &*syntax.pat {
                    Pat::Ident(pat) if pat.by_ref.is_none() && pat.subpat.is_none() => {
                        if let Some(token) = &pat.mutability {
                            self.refuse(token, "the counter of a `for` cannot change; copy it");
                        }
                        pat.ident.clone()
                    }
                    Pat::Wild(wild) => proc_macro2::Ident::new("_unused", wild.span()),
                    pat => {
                        self.refuse(pat, "the counter of a `for` is a name");
                        proc_macro2::Ident::new("_unused", pat.span())
                    }
                };
                self.scopes.push(vec![]);
                let var = self.declare(&name, None, false);
                let body = self.body(id, syntax.label.as_ref(), &syntax.body);
                self.scopes.pop();
                StmtKind::For { label, var, range: Box::new(range?), body }
            }
            _ => return None,
        };
        Some(Stmt { kind, span: expr.span() })
    }

    fn body(&mut self, id: LoopId, label: Option<&Label>, body: &syn::Block) -> Block {
        self.loops.push(OpenLoop { id, label: label.map(|label| label.name.ident.to_string()) });
        let body = self.block(body, false);
        self.loops.pop();
        body
    }

    /// The loop that a `break` or `continue` speaks of.
    pub(super) fn target(
        &mut self,
        expr: &Syntax,
        word: &str,
        label: Option<&Lifetime>,
    ) -> Option<LoopId> {
        let Some(label) = label else {
            let found = self.loops.last().map(|open| open.id);
            if found.is_none() {
                self.refuse(expr, format!("`{word}` stands outside of all loops; use `return`"));
            }
            return found;
        };
        let name = label.ident.to_string();
        let found = self.loops.iter().rev().find(|open| open.label.as_deref() == Some(&*name));
        let found = found.map(|open| open.id);
        if found.is_none() {
            let labels = self.loops.iter().filter_map(|open| open.label.as_deref());
            let near = did_you_mean(&name, labels);
            self.refuse(label, format!("no loop around has the label `{label}`{near}"));
        }
        found
    }

    /// `a..b`, `a..=b`, `(a..b).rev()`, `(a..b).step_by(n)`, `(a..b).rev().step_by(n)`.
    fn range(&mut self, expr: &Syntax) -> Option<Range> {
        const FORMS: &str =
            "`a..b`, `a..=b`, and behind them `.rev()`, `.step_by(n)` or `.rev().step_by(n)`";
        match expr {
            Syntax::Paren(paren) => self.range(&paren.expr),
            Syntax::Group(group) => self.range(&group.expr),
            Syntax::Range(range) => {
                let (Some(start), Some(end)) = (&range.start, &range.end) else {
                    self.refuse(range, "the range of a `for` has two ends: `a..b` or `a..=b`");
                    return None;
                };
                Some(Range {
                    start: self.expr(start),
                    end: self.expr(end),
                    inclusive: matches!(range.limits, RangeLimits::Closed(_)),
                    reversed: false,
                    step: None,
                })
            }
            Syntax::MethodCall(call) if call.method == "rev" && call.args.is_empty() => {
                let range = self.range(&call.receiver)?;
                if range.step.is_some() || range.reversed {
                    let message =
                        "`.rev()` stands right behind the range: `(a..b).rev().step_by(n)`";
                    self.refuse(&call.method, message);
                    return None;
                }
                Some(Range { reversed: true, ..range })
            }
            Syntax::MethodCall(call) if call.method == "step_by" && call.args.len() == 1 => {
                let range = self.range(&call.receiver)?;
                if range.step.is_some() {
                    self.refuse(&call.method, "a range has one `.step_by(n)`");
                    return None;
                }
                let step = call.args.first().map(|step| self.expr(step));
                if step.as_ref().is_some_and(|s| matches!(&s.kind, ExprKind::Int(n) if n == "0")) {
                    self.refuse(&call.args, "a step of 0 never arrives");
                }
                Some(Range { step, ..range })
            }
            other => {
                let hint = match self.array(other.iterated()) {
                    Some(param) => {
                        let name = self.params[param].name.clone();
                        format!("count the elements: `for i in 0..{name}.len()`")
                    }
                    None => format!("it takes {FORMS}"),
                };
                self.refuse(other, format!("a `for` of a kernel counts; {hint}"));
                None
            }
        }
    }
}

trait Iterated {
    /// `x` of `&x`, `x.iter()`, `x.iter().enumerate()`.
    fn iterated(&self) -> &Syntax;
}

impl Iterated for Syntax {
    fn iterated(&self) -> &Syntax {
        match self {
            Syntax::MethodCall(call) => call.receiver.iterated(),
            Syntax::Reference(reference) => reference.expr.iterated(),
            other => other,
        }
    }
}
