//! Loops of WGSL.

use super::{Printed, Printer};
use crate::ir::{Block, LoopId, Range, StmtKind, VarId};

impl Printer<'_> {
    pub(super) fn any_loop(&mut self, kind: &StmtKind) -> Printed<()> {
        match kind {
            StmtKind::While { label, cond, body } => {
                self.line("loop {");
                let cond = self.expr(cond)?;
                self.line(&format!("if !({cond}) {{ break; }}"));
                self.body(*label, body)?;
                self.line("}");
            }
            StmtKind::Loop { label, body } => {
                self.line("loop {");
                self.body(*label, body)?;
                self.line("}");
            }
            StmtKind::For { label, var, range, body } => {
                self.line("{");
                self.counted(*label, *var, range, body)?;
                self.line("}");
            }
            _ => {}
        }
        Ok(())
    }

    fn body(&mut self, label: Option<LoopId>, body: &Block) -> Printed<()> {
        self.loops.extend(label);
        // In braces, so that what follows the body is reached for WGSL if the body leaves.
        let printed = self.block(body);
        self.loops.pop();
        printed
    }

    pub(super) fn leave(&mut self, word: &str, id: LoopId) -> Printed<()> {
        if self.loops.last() != Some(&id) {
            return Err(format!("WGSL cannot `{word}` an outer loop"));
        }
        self.line(&format!("{word};"));
        Ok(())
    }

    /// Ends are computed once, and the counter stops at the last number instead of behind it, which
    /// its type may not have.
    fn counted(
        &mut self,
        label: Option<LoopId>,
        var: VarId,
        range: &Range,
        body: &Block,
    ) -> Printed<()> {
        let prim = self.prim(self.kernel.vars[var].ty)?;
        let (ty, unsigned) = (prim.name(), prim.unsigned().name());
        let ends = self.operands(&[&range.start, &range.end])?;
        let (start, end) = (self.temporary(), self.temporary());
        self.line(&format!("let {start}: {ty} = {};", ends[0]));
        self.line(&format!("let {end}: {ty} = {};", ends[1]));
        let step = match &range.step {
            // A step of 0 panics on the host; here it must not hang.
            Some(step) => format!("max({unsigned}({}), {unsigned}(1))", self.expr(step)?),
            None => format!("{unsigned}(1)"),
        };
        let (counter, more, by) = (self.temporary(), self.temporary(), self.temporary());
        let (compares, last) =
            if range.inclusive { ("<=", end.clone()) } else { ("<", format!("{end} - {ty}(1)")) };
        let (first, left, moves) = if range.reversed {
            (last, format!("{counter} - {start}"), "-")
        } else {
            (start.clone(), format!("({last}) - {counter}"), "+")
        };
        self.line(&format!("let {by}: {unsigned} = {step};"));
        self.line(&format!("var {counter}: {ty} = {first};"));
        self.line(&format!("var {more}: bool = {start} {compares} {end};"));
        self.line(&format!("loop {{ if !{more} {{ break; }}"));
        let name = self.var(var);
        self.line(&format!("let {name}: {ty} = {counter};"));
        self.body(label, body)?;
        self.line(&format!("continuing {{ if {unsigned}({left}) < {by} {{ {more} = false; }}"));
        self.line(&format!("else {{ {counter} = {counter} {moves} {ty}({by}); }} }} }}"));
        Ok(())
    }
}
