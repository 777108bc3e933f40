//! Types of statements.

use super::slots::Slot;
use super::{Infer, SlotId};
use crate::fun::Class;
use crate::ir::{BinOp, Block, Expr, Place, Prim, Range, Stmt, StmtKind, Ty, VarId};

impl Infer<'_> {
    pub(super) fn statements(&mut self, stmts: &[Stmt]) {
        stmts.iter().for_each(|stmt| self.stmt(stmt));
    }

    /// A block; its value's expression, if it does not leave before.
    pub(super) fn block<'b>(&mut self, block: &'b Block) -> Option<&'b Expr> {
        self.statements(&block.stmts);
        let tail = block.tail.as_deref();
        tail.iter().for_each(|tail| {
            self.expr(tail);
        });
        tail
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match &stmt.kind {
            StmtKind::Let { var, init } => {
                if let Some(init) = init {
                    self.expr(init);
                    self.lets.push(init.id);
                    let name = &self.kernel.vars[*var].name;
                    self.expect(init.id, self.var(*var), &format!("`{name}` is"));
                }
            }
            StmtKind::LetTuple { vars, init } => {
                self.expr(init);
                let parts: Vec<SlotId> = vars.iter().map(|var| self.var(*var)).collect();
                let want = self.slots.add(Slot::Tuple(parts));
                self.expect(init.id, want, "the pattern is");
            }
            StmtKind::Assign { target, op, value } => self.assign(target, *op, value),
            StmtKind::If { cond, then, other } => {
                self.condition(cond);
                self.block(then);
                other.iter().for_each(|other| {
                    self.block(other);
                });
            }
            StmtKind::While { cond, body, .. } => {
                self.condition(cond);
                self.block(body);
            }
            StmtKind::Loop { body, .. } | StmtKind::Block(body) => {
                self.block(body);
            }
            StmtKind::For { var, range, body, .. } => {
                self.range(*var, range);
                self.block(body);
            }
            StmtKind::Break(_) | StmtKind::Continue(_) => {}
            StmtKind::Return(Some(value)) => self.returned(value),
            StmtKind::Return(None) => {
                if self.returns.is_some() {
                    let message = "`return` of this kernel needs a value".to_owned();
                    self.refusals.between((stmt.span, stmt.span), message);
                }
            }
            StmtKind::Expr(value) => {
                self.expr(value);
            }
        }
    }

    /// A value that the kernel returns.
    pub(super) fn returned(&mut self, value: &Expr) {
        self.expr(value);
        match self.returns {
            Some(want) => self.expect(value.id, want, "the kernel returns"),
            None => {
                let message = "this kernel returns nothing; give it a return type like `-> f64`";
                self.refuse(value.id, message.to_owned());
            }
        }
    }

    pub(super) fn condition(&mut self, cond: &Expr) {
        self.expr(cond);
        self.expect_ty(cond.id, Ty::Prim(Prim::Bool), "a condition is");
    }

    fn assign(&mut self, target: &Place, op: Option<BinOp>, value: &Expr) {
        let (slot, context) = match target {
            Place::Var(var) => (self.var(*var), format!("`{}` is", self.kernel.vars[*var].name)),
            Place::Element { param, index } => {
                self.indices(index);
                let ty = self.element(*param);
                let name = &self.kernel.params[*param].name;
                (self.slots.of(ty), format!("`{name}` has elements of"))
            }
        };
        self.expr(value);
        let Some(op) = op else { return self.expect(value.id, slot, &context) };
        let shown = format!("`{}=`", op.symbol());
        self.need(slot, op.class(), value.id, shown.clone());
        let is_complex = matches!(self.slots.get(slot), Slot::Complex(_));
        if matches!(op, BinOp::Shl | BinOp::Shr) {
            self.need(self.exprs[value.id], Class::INT, value.id, shown);
        } else if is_complex && self.is_mixed(slot, self.exprs[value.id]) {
            let part = self.part_of(slot);
            self.expect(value.id, part, &format!("{context} complex, with parts of"));
        } else {
            self.expect(value.id, slot, &context);
        }
    }

    fn range(&mut self, var: VarId, range: &Range) {
        self.expr(&range.start);
        self.expr(&range.end);
        let counter = self.var(var);
        self.expect(range.start.id, counter, "the range is of");
        self.expect(range.end.id, counter, "the range begins with");
        self.need(counter, Class::INT, range.start.id, "the range of a `for`");
        if let Some(step) = &range.step {
            self.expr(step);
            self.expect_ty(step.id, Ty::Prim(Prim::Usize), "a step is");
        }
    }
}
