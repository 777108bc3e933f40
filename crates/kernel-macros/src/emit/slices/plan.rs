//! Which accesses of a kernel go along with a loop's counter, and the windows that they need.

use std::collections::{BTreeMap, HashMap};

use super::is_plain_counter;
use crate::ir::{
    BinOp, Block, Expr, ExprId, ExprKind, Kernel, LoopId, Place, Range, Stmt, StmtKind, VarId,
};

/// A number that does not change while a loop runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Term {
    Var(VarId),
    /// Parameter and axis.
    Len(usize, usize),
}

/// A sum of terms, each so often, and a constant; all wrapping.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Linear {
    pub(super) terms: BTreeMap<Term, i64>,
    pub(super) constant: i64,
}

impl Linear {
    fn plus(mut self, other: &Self, factor: i64) -> Option<Self> {
        self.constant = self.constant.checked_add(other.constant.checked_mul(factor)?)?;
        for (term, count) in &other.terms {
            let sum = self.terms.entry(*term).or_default();
            *sum = sum.checked_add(count.checked_mul(factor)?)?;
        }
        self.terms.retain(|_, count| *count != 0);
        Some(self)
    }
}

/// Elements of a parameter that a loop passes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Window {
    /// The loop before which it is cut.
    pub(super) at: LoopId,
    pub(super) param: usize,
    /// Of a matrix.
    pub(super) row: Option<Linear>,
    /// What is added to the counter; of a point the index.
    pub(super) offset: Linear,
    /// One element, the same in each round.
    pub(super) is_point: bool,
}

/// The windows of a kernel.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) windows: Vec<Window>,
    /// By the last index of the access.
    accesses: HashMap<ExprId, usize>,
    /// Loops with windows around each loop.
    around: HashMap<LoopId, Vec<LoopId>>,
}

impl Plan {
    pub(super) fn of(kernel: &Kernel) -> Self {
        let mut find =
            Find { kernel, plan: Self::default(), loops: vec![], depths: HashMap::new() };
        find.block(&kernel.body);
        find.plan
    }

    pub(super) fn of_access(&self, index: ExprId) -> Option<usize> {
        self.accesses.get(&index).copied()
    }

    pub(super) fn of_loop(&self, id: LoopId) -> impl Iterator<Item = usize> {
        self.windows.iter().enumerate().filter(move |(_, of)| of.at == id).map(|(index, _)| index)
    }

    /// The loops around this one that have windows.
    pub(super) fn outer_loops(&self, id: LoopId) -> Vec<LoopId> {
        let around = self.around.get(&id).into_iter().flatten();
        around.copied().filter(|outer| self.of_loop(*outer).next().is_some()).collect()
    }
}

/// A loop around what is being looked at, with its counter if windows can follow it.
struct Around {
    id: LoopId,
    counter: Option<VarId>,
}

struct Find<'a> {
    kernel: &'a Kernel,
    plan: Plan,
    loops: Vec<Around>,
    /// How many loops are around the place where a variable is declared.
    depths: HashMap<VarId, usize>,
}

impl Find<'_> {
    fn block(&mut self, block: &Block) {
        block.stmts.iter().for_each(|stmt| self.stmt(stmt));
        block.tail.iter().for_each(|tail| self.expr(tail));
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match &stmt.kind {
            StmtKind::Let { var, init } => {
                init.iter().for_each(|init| self.expr(init));
                self.depths.insert(*var, self.loops.len());
            }
            StmtKind::LetTuple { vars, init } => {
                self.expr(init);
                self.depths.extend(vars.iter().map(|var| (*var, self.loops.len())));
            }
            StmtKind::Assign { target, value, .. } => {
                if let Place::Element { param, index } = target {
                    self.access(*param, index);
                }
                self.expr(value);
            }
            StmtKind::If { cond, then, other } => {
                self.expr(cond);
                self.block(then);
                other.iter().for_each(|other| self.block(other));
            }
            StmtKind::While { label, cond, body } => {
                self.enter(*label, None);
                self.expr(cond);
                self.block(body);
                self.loops.pop();
            }
            StmtKind::Loop { label, body } => {
                self.enter(*label, None);
                self.block(body);
                self.loops.pop();
            }
            StmtKind::For { label, var, range, body } => self.count(*label, *var, range, body),
            StmtKind::Break(_) | StmtKind::Continue(_) => {}
            StmtKind::Return(value) => value.iter().for_each(|value| self.expr(value)),
            StmtKind::Block(block) => self.block(block),
            StmtKind::Expr(value) => self.expr(value),
        }
    }

    fn enter(&mut self, label: Option<LoopId>, counter: Option<VarId>) {
        let id = label.unwrap_or(LoopId::MAX);
        self.plan.around.insert(id, self.loops.iter().map(|around| around.id).collect());
        self.loops.push(Around { id, counter });
    }

    fn count(&mut self, label: Option<LoopId>, var: VarId, range: &Range, body: &Block) {
        self.expr(&range.start);
        self.expr(&range.end);
        range.step.iter().for_each(|step| self.expr(step));
        let can = label.is_some() && is_plain_counter(self.kernel, var);
        self.enter(label, can.then_some(var));
        self.depths.insert(var, self.loops.len());
        self.block(body);
        self.loops.pop();
    }

    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Int(_)
            | ExprKind::Float(_)
            | ExprKind::Bool(_)
            | ExprKind::Var(_)
            | ExprKind::Const(_)
            | ExprKind::Neighbour { .. }
            | ExprKind::Len { .. } => {}
            ExprKind::Unary(_, value) | ExprKind::Cast(value) | ExprKind::Part(value, _) => {
                self.expr(value);
            }
            ExprKind::Binary(_, left, right)
            | ExprKind::And(left, right)
            | ExprKind::Or(left, right)
            | ExprKind::Complex(left, right) => {
                self.expr(left);
                self.expr(right);
            }
            ExprKind::Method(_, parts) | ExprKind::Call(_, parts) | ExprKind::Tuple(parts) => {
                parts.iter().for_each(|part| self.expr(part));
            }
            ExprKind::Element { param, index } => self.access(*param, index),
            ExprKind::If { cond, then, other } => {
                self.expr(cond);
                self.block(then);
                self.block(other);
            }
            ExprKind::Block(block) => self.block(block),
        }
    }

    fn access(&mut self, param: usize, index: &[Expr]) {
        index.iter().for_each(|at| self.expr(at));
        let Some(last) = index.last() else { return };
        if let Some(window) = self.window(param, index, last) {
            let known = self.plan.windows.iter().position(|known| *known == window);
            let number = known.unwrap_or(self.plan.windows.len());
            if known.is_none() {
                self.plan.windows.push(window);
            }
            self.plan.accesses.insert(last.id, number);
        }
    }

    fn window(&self, param: usize, index: &[Expr], last: &Expr) -> Option<Window> {
        let mut offset = self.linear(last)?;
        let row = match index {
            [row, _] => Some(self.linear(row)?),
            _ => None,
        };
        let row_depth = row.as_ref().map_or(0, |row| self.depth(row));
        let depth = self.depth(&offset);
        let counter = depth.checked_sub(1).and_then(|at| self.loops[at].counter.map(|c| (at, c)));
        if let Some((at, counter)) = counter.filter(|_| row_depth < depth) {
            let once = offset.terms.remove(&Term::Var(counter)) == Some(1);
            if once && self.depth(&offset) < depth {
                let at = self.loops[at].id;
                return Some(Window { at, param, row, offset, is_point: false });
            }
            return None;
        }
        // The same element in each round of the loops within.
        let inner = self.loops.get(depth.max(row_depth)..)?;
        let at = inner.iter().find(|around| around.counter.is_some())?.id;
        Some(Window { at, param, row, offset, is_point: true })
    }

    /// How many loops are around the place where the innermost of the terms is declared.
    fn depth(&self, sum: &Linear) -> usize {
        let depth = |term: &Term| match term {
            Term::Var(var) => self.depths.get(var).copied().unwrap_or(0),
            Term::Len(..) => 0,
        };
        sum.terms.keys().map(depth).max().unwrap_or(0)
    }

    /// An index as a sum of what does not change.
    fn linear(&self, expr: &Expr) -> Option<Linear> {
        let term = |term| Linear { terms: BTreeMap::from([(term, 1)]), constant: 0 };
        match &expr.kind {
            ExprKind::Int(digits) => {
                Some(Linear { constant: digits.parse().ok()?, ..Linear::default() })
            }
            ExprKind::Var(var) => {
                let is_fixed =
                    !self.kernel.vars[*var].is_mut && is_plain_counter(self.kernel, *var);
                is_fixed.then(|| term(Term::Var(*var)))
            }
            ExprKind::Len { param, axis } => Some(term(Term::Len(*param, *axis))),
            ExprKind::Binary(BinOp::Add, left, right) => {
                self.linear(left)?.plus(&self.linear(right)?, 1)
            }
            ExprKind::Binary(BinOp::Sub, left, right) => {
                self.linear(left)?.plus(&self.linear(right)?, -1)
            }
            _ => None,
        }
    }
}
