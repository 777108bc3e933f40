//! Paths through a kernel: what ends them, and which variables have a value on them.

use std::collections::HashSet;

use crate::ir::{Block, Expr, ExprKind, Kernel, LoopId, Place, Stmt, StmtKind, VarId};
use crate::read::Notes;
use crate::refusals::Refusals;

/// Whether control never reaches the end of the statements.
pub(crate) fn leaves(stmts: &[Stmt]) -> bool {
    stmts.iter().any(|stmt| match &stmt.kind {
        StmtKind::Break(_) | StmtKind::Continue(_) | StmtKind::Return(_) => true,
        StmtKind::If { then, other: Some(other), .. } => {
            leaves(&then.stmts) && leaves(&other.stmts)
        }
        StmtKind::Loop { label, body } => !label.is_some_and(|id| breaks(&body.stmts, id)),
        StmtKind::Block(block) => leaves(&block.stmts),
        _ => false,
    })
}

/// Whether a `break` of this loop is among the statements.
fn breaks(stmts: &[Stmt], id: LoopId) -> bool {
    stmts.iter().any(|stmt| match &stmt.kind {
        StmtKind::Break(of) => *of == id,
        StmtKind::If { then, other, .. } => {
            breaks(&then.stmts, id) || other.as_ref().is_some_and(|b| breaks(&b.stmts, id))
        }
        StmtKind::While { body, .. } | StmtKind::Loop { body, .. } | StmtKind::For { body, .. } => {
            breaks(&body.stmts, id)
        }
        StmtKind::Block(block) => breaks(&block.stmts, id),
        // A value can leave from inside of its branches.
        StmtKind::Let { init: Some(value), .. }
        | StmtKind::LetTuple { init: value, .. }
        | StmtKind::Assign { value, .. }
        | StmtKind::Return(Some(value))
        | StmtKind::Expr(value) => match &value.kind {
            ExprKind::If { then, other, .. } => breaks(&then.stmts, id) || breaks(&other.stmts, id),
            ExprKind::Block(block) => breaks(&block.stmts, id),
            _ => false,
        },
        _ => false,
    })
}

/// Refuses variables that are read before every path gave them a value, and immutable ones that
/// some path gives two.
pub(crate) fn check(kernel: &Kernel, notes: &Notes, refusals: &mut Refusals) {
    let mut flow = Flow { kernel, notes, refusals, late: HashSet::new(), told: HashSet::new() };
    flow.block(&kernel.body, &mut Paths::default());
}

/// Of the variables whose value comes later.
#[derive(Debug, Clone, Default)]
struct Paths {
    /// Have a value on all paths to here.
    set: HashSet<VarId>,
    /// Have one on some.
    maybe: HashSet<VarId>,
    /// No path leads here, so all variables have all properties.
    ended: bool,
}

impl Paths {
    /// Where two paths meet.
    fn meet(&mut self, other: &Self) {
        self.maybe.extend(&other.maybe);
        match (self.ended, other.ended) {
            (_, true) => {}
            (true, false) => self.set.clone_from(&other.set),
            (false, false) => self.set.retain(|var| other.set.contains(var)),
        }
        self.ended &= other.ended;
    }
}

/// The variables that a body assigns.
fn assigned(body: &Block, found: &mut HashSet<VarId>) {
    for stmt in &body.stmts {
        match &stmt.kind {
            StmtKind::Assign { target: Place::Var(var), .. } => {
                found.insert(*var);
            }
            StmtKind::If { then, other, .. } => {
                assigned(then, found);
                other.iter().for_each(|other| assigned(other, found));
            }
            StmtKind::While { body, .. }
            | StmtKind::Loop { body, .. }
            | StmtKind::For { body, .. }
            | StmtKind::Block(body) => assigned(body, found),
            _ => {}
        }
    }
}

struct Flow<'a> {
    kernel: &'a Kernel,
    notes: &'a Notes,
    refusals: &'a mut Refusals,
    late: HashSet<VarId>,
    told: HashSet<VarId>,
}

impl Flow<'_> {
    fn block(&mut self, block: &Block, paths: &mut Paths) {
        for stmt in &block.stmts {
            self.stmt(stmt, paths);
        }
        if let Some(tail) = &block.tail {
            self.expr(tail, paths);
        }
    }

    fn stmt(&mut self, stmt: &Stmt, paths: &mut Paths) {
        match &stmt.kind {
            StmtKind::Let { var, init: None } => {
                self.late.insert(*var);
                // A loop comes here again, with a new variable.
                paths.set.remove(var);
                paths.maybe.remove(var);
            }
            StmtKind::Let { init: Some(value), .. }
            | StmtKind::LetTuple { init: value, .. }
            | StmtKind::Expr(value) => self.expr(value, paths),
            StmtKind::Assign { target, op, value } => {
                self.expr(value, paths);
                self.assign(target, op.is_some(), value, paths);
            }
            StmtKind::If { cond, then, other } => {
                self.expr(cond, paths);
                let mut skipped = paths.clone();
                self.block(then, paths);
                if let Some(other) = other {
                    self.block(other, &mut skipped);
                }
                paths.meet(&skipped);
            }
            StmtKind::While { cond, body, .. } => {
                self.expr(cond, paths);
                self.repeated(body, paths);
            }
            StmtKind::Loop { body, .. } => {
                self.repeated(body, paths);
                paths.ended |= leaves(std::slice::from_ref(stmt));
            }
            StmtKind::For { range, body, .. } => {
                self.expr(&range.start, paths);
                self.expr(&range.end, paths);
                range.step.iter().for_each(|step| self.expr(step, paths));
                self.repeated(body, paths);
            }
            StmtKind::Break(_) | StmtKind::Continue(_) => paths.ended = true,
            StmtKind::Return(value) => {
                value.iter().for_each(|value| self.expr(value, paths));
                paths.ended = true;
            }
            StmtKind::Block(block) => self.block(block, paths),
        }
    }

    /// A body that runs any number of times, also not at all: what it sets, it may have set before.
    fn repeated(&mut self, body: &Block, paths: &mut Paths) {
        let before = paths.clone();
        assigned(body, &mut paths.maybe);
        self.block(body, paths);
        paths.set = before.set;
        paths.ended = before.ended;
    }

    fn assign(&mut self, target: &Place, reads: bool, value: &Expr, paths: &mut Paths) {
        match target {
            Place::Var(var) => {
                if reads {
                    self.read(*var, value, paths);
                }
                let variable = &self.kernel.vars[*var];
                let again = paths.maybe.contains(var) && !paths.ended;
                if again && !variable.is_mut && self.late.contains(var) && self.told.insert(*var) {
                    let name = &variable.name;
                    let message =
                        format!("`{name}` may have a value here already; make it `let mut {name}`");
                    self.refusals.between(self.notes.extents[value.id], message);
                }
                paths.set.insert(*var);
                paths.maybe.insert(*var);
            }
            Place::Element { index, .. } => index.iter().for_each(|at| self.expr(at, paths)),
        }
    }

    fn read(&mut self, var: VarId, at: &Expr, paths: &Paths) {
        let unset = self.late.contains(&var) && !paths.set.contains(&var) && !paths.ended;
        if unset && self.told.insert(var) {
            let name = &self.kernel.vars[var].name;
            let message = format!("`{name}` has no value yet on some path to here");
            self.refusals.between(self.notes.extents[at.id], message);
        }
    }

    fn expr(&mut self, expr: &Expr, paths: &mut Paths) {
        match &expr.kind {
            ExprKind::Var(var) => self.read(*var, expr, paths),
            ExprKind::Int(_)
            | ExprKind::Float(_)
            | ExprKind::Bool(_)
            | ExprKind::Const(_)
            | ExprKind::Neighbour { .. }
            | ExprKind::Len { .. } => {}
            ExprKind::Unary(_, value) | ExprKind::Cast(value) | ExprKind::Part(value, _) => {
                self.expr(value, paths);
            }
            ExprKind::Binary(_, left, right) | ExprKind::Complex(left, right) => {
                self.expr(left, paths);
                self.expr(right, paths);
            }
            ExprKind::And(left, right) | ExprKind::Or(left, right) => {
                self.expr(left, paths);
                self.expr(right, &mut paths.clone());
            }
            ExprKind::Method(_, parts)
            | ExprKind::Call(_, parts)
            | ExprKind::Tuple(parts)
            | ExprKind::Element { index: parts, .. } => {
                parts.iter().for_each(|part| self.expr(part, paths));
            }
            ExprKind::If { cond, then, other } => {
                self.expr(cond, paths);
                let mut skipped = paths.clone();
                self.block(then, paths);
                self.block(other, &mut skipped);
                paths.meet(&skipped);
            }
            ExprKind::Block(block) => self.block(block, paths),
        }
    }
}
