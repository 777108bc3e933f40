//! Which ways lanes can go through a block.

use super::{id, is_function, is_long};
use crate::ir::{Block, Expr, ExprKind, LoopId, Stmt, StmtKind};

/// Calls `f` for every statement of a block and of the blocks in it.
pub(super) fn any_stmt(block: &Block, f: &mut impl FnMut(&Stmt) -> bool) -> bool {
    block.stmts.iter().any(|stmt| stmt_any(stmt, f))
        || block.tail.as_ref().is_some_and(|tail| expr_any(tail, f))
}

fn stmt_any(stmt: &Stmt, f: &mut impl FnMut(&Stmt) -> bool) -> bool {
    if f(stmt) {
        return true;
    }
    match &stmt.kind {
        StmtKind::If { cond, then, other } => {
            expr_any(cond, f)
                || any_stmt(then, f)
                || other.as_ref().is_some_and(|other| any_stmt(other, f))
        }
        StmtKind::While { cond, body, .. } => expr_any(cond, f) || any_stmt(body, f),
        StmtKind::Loop { body, .. } | StmtKind::For { body, .. } => any_stmt(body, f),
        StmtKind::Block(block) => any_stmt(block, f),
        StmtKind::Let { init: Some(expr), .. }
        | StmtKind::LetTuple { init: expr, .. }
        | StmtKind::Assign { value: expr, .. }
        | StmtKind::Return(Some(expr))
        | StmtKind::Expr(expr) => expr_any(expr, f),
        _ => false,
    }
}

/// Statements in the blocks of an expression.
fn expr_any(expr: &Expr, f: &mut impl FnMut(&Stmt) -> bool) -> bool {
    match &expr.kind {
        ExprKind::If { cond, then, other } => {
            expr_any(cond, f) || any_stmt(then, f) || any_stmt(other, f)
        }
        ExprKind::Block(block) => any_stmt(block, f),
        ExprKind::Unary(_, x) | ExprKind::Cast(x) | ExprKind::Part(x, _) => expr_any(x, f),
        ExprKind::Binary(_, a, b)
        | ExprKind::And(a, b)
        | ExprKind::Or(a, b)
        | ExprKind::Complex(a, b) => expr_any(a, f) || expr_any(b, f),
        ExprKind::Method(_, parts)
        | ExprKind::Call(_, parts)
        | ExprKind::Tuple(parts)
        | ExprKind::Element { index: parts, .. } => parts.iter().any(|part| expr_any(part, f)),
        ExprKind::Int(_)
        | ExprKind::Float(_)
        | ExprKind::Bool(_)
        | ExprKind::Var(_)
        | ExprKind::Const(_)
        | ExprKind::Neighbour { .. }
        | ExprKind::Len { .. } => false,
    }
}

pub(super) fn has_return(block: &Block) -> bool {
    any_stmt(block, &mut |stmt| matches!(stmt.kind, StmtKind::Return(_)))
}

/// The loops of a block and of the blocks in it.
pub(super) fn loops_in(block: &Block) -> Vec<LoopId> {
    let mut found = vec![];
    any_stmt(block, &mut |stmt| {
        if let StmtKind::While { label, .. }
        | StmtKind::Loop { label, .. }
        | StmtKind::For { label, .. } = &stmt.kind
        {
            found.push(id(*label));
        }
        false
    });
    found
}

/// Whether lanes may leave a block elsewhere than at its end.
pub(super) fn leaves(block: &Block) -> bool {
    let own = loops_in(block);
    any_stmt(block, &mut |stmt| match stmt.kind {
        StmtKind::Return(_) => true,
        StmtKind::Break(target) | StmtKind::Continue(target) => !own.contains(&target),
        _ => false,
    })
}

/// Whether a block costs more than to look whether a lane wants it.
pub(super) fn is_heavy(block: &Block) -> bool {
    any_stmt(block, &mut |stmt| match &stmt.kind {
        StmtKind::While { .. } | StmtKind::Loop { .. } | StmtKind::For { .. } => true,
        StmtKind::Let { init: Some(expr), .. }
        | StmtKind::LetTuple { init: expr, .. }
        | StmtKind::Assign { value: expr, .. }
        | StmtKind::Return(Some(expr))
        | StmtKind::Expr(expr) => is_heavy_expr(expr),
        _ => false,
    }) || block.tail.as_ref().is_some_and(|tail| is_heavy_expr(tail))
}

fn is_heavy_expr(expr: &Expr) -> bool {
    if expr.uniform {
        return false;
    }
    match &expr.kind {
        ExprKind::Call(..) => true,
        ExprKind::Method(fun, args) => {
            is_function(*fun)
                || (*fun != crate::ir::Fun::Sqrt && is_long(*fun))
                || args.iter().any(is_heavy_expr)
        }
        ExprKind::Binary(_, a, b) | ExprKind::And(a, b) | ExprKind::Or(a, b) => {
            is_heavy_expr(a) || is_heavy_expr(b)
        }
        ExprKind::Unary(_, x) | ExprKind::Cast(x) => is_heavy_expr(x),
        ExprKind::If { cond, then, other } => {
            is_heavy_expr(cond) || is_heavy(then) || is_heavy(other)
        }
        ExprKind::Block(block) => is_heavy(block),
        ExprKind::Tuple(parts) => parts.iter().any(is_heavy_expr),
        _ => false,
    }
}
