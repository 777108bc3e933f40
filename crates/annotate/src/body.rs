//! A compiled function: its instructions with their places, blocks, loops and calls.

use std::rc::Rc;

use iced_x86::{Decoder, DecoderOptions, FlowControl, Instruction, Mnemonic};

use crate::annotation::Counts;
use crate::binary::{Binary, Symbol};
use crate::block::Blocks;
use crate::callee::{Callee, Sort};
use crate::float::{Float, Operation};
use crate::flow::{Nest, Region};
use crate::place::{Place, Span};
use crate::spill;
use crate::target::Targets;

/// A compiled function.
pub(crate) struct Body {
    pub(crate) code: Vec<Instruction>,
    /// For each instruction, its place in the chosen source.
    pub(crate) places: Vec<Option<Place>>,
    /// For each instruction, what it calls.
    pub(crate) callees: Vec<Option<Rc<Callee>>>,
    pub(crate) blocks: Blocks,
    pub(crate) nest: Nest,
    /// For each instruction, whether it stores a register to the stack or loads one from there.
    pub(crate) spills: Vec<bool>,
    /// For each branch to a panic, the panicking call's index and whom it calls.
    pub(crate) checks: Vec<Option<(usize, Sort)>>,
}

impl Body {
    /// Reads a function with its places; nothing if no instruction is in one of them.
    pub(crate) fn read(
        binary: &Binary<'_>,
        targets: &mut Targets<'_>,
        symbol: &Symbol,
        spans: &[Span],
    ) -> Option<Self> {
        let start = symbol.address;
        let end = start.saturating_add(symbol.size);
        let bytes = binary.bytes(start, symbol.size);
        let code: Vec<_> =
            Decoder::with_ip(64, bytes, start, DecoderOptions::NONE).into_iter().collect();
        let mut spans = spans.iter().peekable();
        let mut place = |i: &Instruction| {
            while spans.next_if(|s| s.end <= i.ip()).is_some() {}
            spans.peek().filter(|s| s.start <= i.ip()).map(|s| s.place)
        };
        let places: Vec<_> = code.iter().map(&mut place).collect();
        places.iter().flatten().next()?;
        let callees = targets.of(&code, start, end);
        let blocks = Blocks::of(binary, &code, &callees);
        let nest = Nest::find(&blocks.successors);
        let spills = spill::find(&code);
        let mut body = Self { code, places, callees, blocks, nest, spills, checks: Vec::new() };
        body.checks = (0..body.code.len()).map(|at| body.check(at)).collect();
        body.place_bounds();
        Some(body)
    }

    /// A bounds check belongs to the index, whose line its panic has: the branch may stand on another,
    /// of a loop that was split by what is matched in it.
    fn place_bounds(&mut self) {
        for (at, check) in self.checks.iter().enumerate() {
            let Some((call, Sort::Bounds)) = *check else { continue };
            let panic = self.places.get(call).copied().flatten().filter(|place| place.solid);
            if let (Some(panic), Some(place)) = (panic, self.places.get_mut(at)) {
                *place = Some(panic);
            }
        }
    }

    pub(crate) fn place(&self, at: usize) -> Option<Place> {
        self.places.get(at).copied().flatten()
    }

    /// Which loop an instruction is in, the innermost.
    pub(crate) fn loop_of(&self, at: usize) -> Option<usize> {
        *self.nest.innermost.get(*self.blocks.of.get(at)?)?
    }

    pub(crate) fn region(&self, at: usize) -> Option<&Region> {
        self.nest.loops.get(self.loop_of(at)?)
    }

    /// Whether an instruction runs only when something panics.
    pub(crate) fn is_cold(&self, at: usize) -> bool {
        let block = self.blocks.of.get(at).copied().unwrap_or(usize::MAX);
        self.blocks.cold.get(block).copied().unwrap_or(true)
    }

    pub(crate) fn float(&self, at: usize) -> Option<Float> {
        Float::of(self.code.get(at)?.mnemonic())
    }

    pub(crate) fn callee(&self, at: usize) -> Option<&Callee> {
        self.callees.get(at)?.as_deref()
    }

    /// The panic that a branch leads to, while its other way goes on.
    fn check(&self, at: usize) -> Option<(usize, Sort)> {
        let instruction = self.code.get(at)?;
        if instruction.flow_control() != FlowControl::ConditionalBranch || self.is_cold(at) {
            return None;
        }
        if let Some(callee) = self.callee(at) {
            return (!callee.returns).then_some((at, callee.sort));
        }
        let next = self.blocks.successors.get(*self.blocks.of.get(at)?)?;
        let cold = next.iter().find(|&&n| self.blocks.cold.get(n) == Some(&true))?;
        let (call, callee) = self.blocks.panic(*cold, &self.callees)?;
        Some((call, callee.sort))
    }

    /// Adds an instruction to what is counted.
    pub(crate) fn count(&self, at: usize, counts: &mut Counts) {
        let Some(instruction) = self.code.get(at) else { return };
        counts.instructions += 1;
        if let Some(float) = self.float(at) {
            if float.packed {
                counts.packed += 1;
                counts.lanes = counts.lanes.max(float.lanes(instruction));
            } else {
                counts.scalar += 1;
            }
            let divides = matches!(float.operation, Operation::Divide | Operation::SquareRoot);
            counts.float_divisions += u32::from(divides);
        }
        let division = is_integer_division(instruction);
        counts.integer_divisions += u32::from(division);
        match self.checks.get(at).copied().flatten() {
            Some((_, Sort::Bounds)) => counts.bounds += 1,
            Some(_) => counts.panics += 1,
            None => {}
        }
        match self.callee(at).map(|c| c.sort) {
            Some(Sort::Allocation) => counts.allocations += 1,
            Some(Sort::Deallocation) => {
                counts.allocations += u32::from(self.loop_of(at).is_some());
            }
            Some(Sort::Division) => counts.integer_divisions += 1,
            Some(Sort::Libm | Sort::Memory | Sort::Pointer | Sort::Other) => counts.calls += 1,
            Some(Sort::Bounds | Sort::Panic | Sort::NoMemory | Sort::End | Sort::Nothing)
            | None => {}
        }
        counts.spills += u32::from(self.spills.get(at) == Some(&true));
        counts.atomics += u32::from(is_atomic(instruction));
    }
}

pub(crate) fn is_integer_division(instruction: &Instruction) -> bool {
    matches!(instruction.mnemonic(), Mnemonic::Div | Mnemonic::Idiv)
}

/// Locked instructions, exchanges with memory, which lock by themselves, and fences.
pub(crate) fn is_atomic(instruction: &Instruction) -> bool {
    let memory =
        (0..instruction.op_count()).any(|at| instruction.op_kind(at) == iced_x86::OpKind::Memory);
    instruction.has_lock_prefix()
        || instruction.mnemonic() == Mnemonic::Xchg && memory
        || matches!(instruction.mnemonic(), Mnemonic::Mfence | Mnemonic::Sfence | Mnemonic::Lfence)
}
