//! Going through a kernel's tree: each pass overrides what it looks at, and calls the function of
//! the same name here to go on inside.

use crate::ir::{Block, Expr, ExprKind, Place, Stmt, StmtKind};

/// A pass over the tree that may change it.
pub(crate) trait Walk {
    fn block(&mut self, of: &mut Block) {
        block(self, of);
    }

    fn stmt(&mut self, of: &mut Stmt) {
        stmt(self, of);
    }

    fn expr(&mut self, of: &mut Expr) {
        expr(self, of);
    }
}

pub(crate) fn block<W: Walk + ?Sized>(walk: &mut W, of: &mut Block) {
    of.stmts.iter_mut().for_each(|stmt| walk.stmt(stmt));
    of.tail.iter_mut().for_each(|tail| walk.expr(tail));
}

pub(crate) fn stmt<W: Walk + ?Sized>(walk: &mut W, of: &mut Stmt) {
    match &mut of.kind {
        StmtKind::Let { init, .. } => init.iter_mut().for_each(|init| walk.expr(init)),
        StmtKind::LetTuple { init, .. } => walk.expr(init),
        StmtKind::Assign { target, value, .. } => {
            if let Place::Element { index, .. } = target {
                index.iter_mut().for_each(|at| walk.expr(at));
            }
            walk.expr(value);
        }
        StmtKind::If { cond, then, other } => {
            walk.expr(cond);
            walk.block(then);
            other.iter_mut().for_each(|other| walk.block(other));
        }
        StmtKind::While { cond, body, .. } => {
            walk.expr(cond);
            walk.block(body);
        }
        StmtKind::Loop { body, .. } => walk.block(body),
        StmtKind::For { range, body, .. } => {
            walk.expr(&mut range.start);
            walk.expr(&mut range.end);
            range.step.iter_mut().for_each(|step| walk.expr(step));
            walk.block(body);
        }
        StmtKind::Break(_) | StmtKind::Continue(_) => {}
        StmtKind::Return(value) => value.iter_mut().for_each(|value| walk.expr(value)),
        StmtKind::Block(inner) => walk.block(inner),
        StmtKind::Expr(value) => walk.expr(value),
    }
}

pub(crate) fn expr<W: Walk + ?Sized>(walk: &mut W, of: &mut Expr) {
    match &mut of.kind {
        ExprKind::Int(_)
        | ExprKind::Float(_)
        | ExprKind::Bool(_)
        | ExprKind::Var(_)
        | ExprKind::Const(_)
        | ExprKind::Neighbour { .. }
        | ExprKind::Len { .. } => {}
        ExprKind::Unary(_, value) | ExprKind::Cast(value) | ExprKind::Part(value, _) => {
            walk.expr(value);
        }
        ExprKind::Binary(_, left, right)
        | ExprKind::And(left, right)
        | ExprKind::Or(left, right)
        | ExprKind::Complex(left, right) => {
            walk.expr(left);
            walk.expr(right);
        }
        ExprKind::Method(_, parts)
        | ExprKind::Call(_, parts)
        | ExprKind::Tuple(parts)
        | ExprKind::Element { index: parts, .. } => {
            parts.iter_mut().for_each(|part| walk.expr(part));
        }
        ExprKind::If { cond, then, other } => {
            walk.expr(cond);
            walk.block(then);
            walk.block(other);
        }
        ExprKind::Block(inner) => walk.block(inner),
    }
}
