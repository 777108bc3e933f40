//! Which expressions have the same value in every lane.

use crate::directives::Form;
use crate::ir::{Expr, ExprKind, Kernel, ParamKind, Stmt, StmtKind, Var};
use crate::walk::{self, Walk};

/// Sets `uniform` of all expressions and variables.
pub(crate) fn mark(kernel: &mut Kernel) {
    if matches!(kernel.directives.form, Form::Loop) {
        for param in &kernel.params {
            if let ParamKind::Value { var, .. } = param.kind {
                kernel.vars[var].uniform = !kernel.vars[var].is_mut;
            }
        }
    }
    Marks { vars: &mut kernel.vars }.block(&mut kernel.body);
}

struct Marks<'a> {
    vars: &'a mut [Var],
}

impl Walk for Marks<'_> {
    fn stmt(&mut self, of: &mut Stmt) {
        match &mut of.kind {
            StmtKind::For { var, range, body, .. } => {
                let ends = [&mut range.start, &mut range.end];
                let all = ends.into_iter().chain(&mut range.step);
                let uniform = all.fold(true, |uniform, end| {
                    self.expr(end);
                    uniform && end.uniform
                });
                // Known before the body is looked at.
                self.vars[*var].uniform = uniform;
                self.block(body);
            }
            StmtKind::Let { var, init: Some(init) } => {
                self.expr(init);
                self.vars[*var].uniform = init.uniform && !self.vars[*var].is_mut;
            }
            _ => walk::stmt(self, of),
        }
    }

    fn expr(&mut self, of: &mut Expr) {
        walk::expr(self, of);
        of.uniform = match &of.kind {
            ExprKind::Int(_)
            | ExprKind::Float(_)
            | ExprKind::Bool(_)
            | ExprKind::Const(_)
            | ExprKind::Len { .. } => true,
            ExprKind::Var(var) => self.vars[*var].uniform,
            ExprKind::Unary(_, value) | ExprKind::Cast(value) | ExprKind::Part(value, _) => {
                value.uniform
            }
            ExprKind::Binary(_, left, right)
            | ExprKind::And(left, right)
            | ExprKind::Or(left, right)
            | ExprKind::Complex(left, right) => left.uniform && right.uniform,
            ExprKind::Method(_, parts) | ExprKind::Call(_, parts) | ExprKind::Tuple(parts) => {
                parts.iter().all(|part| part.uniform)
            }
            // Elements differ where the lanes stand at different places; blocks may assign.
            ExprKind::Neighbour { .. }
            | ExprKind::Element { .. }
            | ExprKind::If { .. }
            | ExprKind::Block(_) => false,
        };
    }
}
