//! Where variables live.

use std::collections::HashMap;

use super::{id, ways::any_stmt};
use crate::ir::{Block, Expr, ExprKind, Kernel, LoopId, Place, Stmt, StmtKind, VarId};

/// In which loops each variable is declared and read.
#[derive(Default)]
pub(super) struct Lives {
    path: Vec<LoopId>,
    declared: HashMap<VarId, Vec<LoopId>>,
    reads: HashMap<VarId, Vec<Vec<LoopId>>>,
}

impl Lives {
    pub(super) fn of(kernel: &Kernel) -> Self {
        let mut lives = Self::default();
        lives.block(&kernel.body);
        lives
    }

    /// Whether a variable is declared right outside of the innermost of these loops, or in it, and
    /// read nowhere else than in it.
    pub(super) fn is_confined(&self, var: VarId, loops: &[LoopId]) -> bool {
        let outside = &loops[..loops.len().saturating_sub(1)];
        // Parameters are declared in no loop.
        let declared = self.declared.get(&var).map_or(&[][..], |path| path);
        let mut reads = self.reads.get(&var).into_iter().flatten();
        (declared == outside || declared == loops) && reads.all(|read| read.starts_with(loops))
    }

    /// The variables declared right outside of the innermost of these loops and read after it that
    /// only statements of its body itself assign.
    pub(super) fn kept(&self, body: &Block, loops: &[LoopId]) -> Vec<VarId> {
        let outside = &loops[..loops.len().saturating_sub(1)];
        let mut all = HashMap::<VarId, usize>::new();
        any_stmt(body, &mut |stmt| {
            if let StmtKind::Assign { target: Place::Var(var), .. } = stmt.kind {
                *all.entry(var).or_default() += 1;
            }
            false
        });
        let is_own = |var: VarId| {
            let of = |stmt: &&Stmt| match &stmt.kind {
                StmtKind::Assign { target: Place::Var(to), .. } => *to == var,
                _ => false,
            };
            body.stmts.iter().filter(of).count() == all[&var]
        };
        let declared = |var| self.declared.get(&var).map_or(&[][..], |path| path);
        let mut kept: Vec<VarId> = all.keys().copied().collect();
        kept.retain(|&var| {
            is_own(var) && declared(var) == outside && !self.is_confined(var, loops)
        });
        kept.sort_unstable();
        kept
    }

    fn block(&mut self, block: &Block) {
        block.stmts.iter().for_each(|stmt| self.stmt(stmt));
        block.tail.iter().for_each(|tail| self.expr(tail));
    }

    fn declare(&mut self, var: VarId) {
        self.declared.insert(var, self.path.clone());
    }

    fn read(&mut self, var: VarId) {
        self.reads.entry(var).or_default().push(self.path.clone());
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match &stmt.kind {
            StmtKind::Let { var, init } => {
                init.iter().for_each(|init| self.expr(init));
                self.declare(*var);
            }
            StmtKind::LetTuple { vars, init } => {
                self.expr(init);
                vars.iter().for_each(|var| self.declare(*var));
            }
            StmtKind::Assign { target, op, value } => {
                self.expr(value);
                match target {
                    Place::Var(var) if op.is_some() => self.read(*var),
                    Place::Var(_) => {}
                    Place::Element { index, .. } => index.iter().for_each(|at| self.expr(at)),
                }
            }
            StmtKind::If { cond, then, other } => {
                self.expr(cond);
                self.block(then);
                other.iter().for_each(|other| self.block(other));
            }
            StmtKind::While { label, cond, body } => {
                self.path.push(id(*label));
                self.expr(cond);
                self.block(body);
                self.path.pop();
            }
            StmtKind::Loop { label, body } => {
                self.path.push(id(*label));
                self.block(body);
                self.path.pop();
            }
            StmtKind::For { label, var, range, body } => {
                self.expr(&range.start);
                self.expr(&range.end);
                self.path.push(id(*label));
                self.declare(*var);
                self.block(body);
                self.path.pop();
            }
            StmtKind::Return(Some(value)) | StmtKind::Expr(value) => self.expr(value),
            StmtKind::Block(block) => self.block(block),
            StmtKind::Break(_) | StmtKind::Continue(_) | StmtKind::Return(None) => {}
        }
    }

    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Var(var) => self.read(*var),
            ExprKind::If { cond, then, other } => {
                self.expr(cond);
                self.block(then);
                self.block(other);
            }
            ExprKind::Block(block) => self.block(block),
            ExprKind::Unary(_, x) | ExprKind::Cast(x) | ExprKind::Part(x, _) => self.expr(x),
            ExprKind::Binary(_, a, b)
            | ExprKind::And(a, b)
            | ExprKind::Or(a, b)
            | ExprKind::Complex(a, b) => {
                self.expr(a);
                self.expr(b);
            }
            ExprKind::Method(_, parts)
            | ExprKind::Call(_, parts)
            | ExprKind::Tuple(parts)
            | ExprKind::Element { index: parts, .. } => {
                parts.iter().for_each(|part| self.expr(part));
            }
            ExprKind::Int(_)
            | ExprKind::Float(_)
            | ExprKind::Bool(_)
            | ExprKind::Const(_)
            | ExprKind::Neighbour { .. }
            | ExprKind::Len { .. } => {}
        }
    }
}
