//! Blocks of a function: runs of instructions that are entered at the top and left at the bottom.

use std::collections::BTreeSet;
use std::rc::Rc;

use iced_x86::{FlowControl, Instruction, Mnemonic};

use crate::binary::Binary;
use crate::callee::{Callee, Sort};
use crate::{flow, table};

/// How a block ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// In other blocks of the function.
    Flow,
    /// The function returns or jumps to another.
    Leave,
    /// In a panic, the rest of a cleanup, or a trap.
    Panic,
    /// In a jump of which it is not known where it goes.
    Unknown,
}

/// A block.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    /// Its first instruction, and the one after its last.
    pub(crate) first: usize,
    pub(crate) end: usize,
    pub(crate) exit: End,
}

/// A function's blocks, in the order of their addresses, and which lead to which.
#[derive(Debug, Default)]
pub(crate) struct Blocks {
    pub(crate) blocks: Vec<Block>,
    pub(crate) successors: Vec<Vec<usize>>,
    /// For each instruction, its block.
    pub(crate) of: Vec<usize>,
    /// For each block, whether it only leads to panics, or is entered by them only.
    pub(crate) cold: Vec<bool>,
}

/// What follows an instruction.
struct Exit {
    end: End,
    /// The instructions that it jumps to.
    targets: Vec<usize>,
    falls: bool,
}

impl Blocks {
    pub(crate) fn of(
        binary: &Binary<'_>,
        code: &[Instruction],
        callees: &[Option<Rc<Callee>>],
    ) -> Self {
        let exits = exits(binary, code, callees);
        let mut heads: BTreeSet<usize> = BTreeSet::from([0]);
        for (at, exit) in exits.iter().enumerate() {
            let Some(exit) = exit else { continue };
            heads.extend(exit.targets.iter().copied());
            heads.insert(at + 1);
        }
        heads.retain(|&head| head < code.len());
        let firsts: Vec<usize> = heads.into_iter().collect();
        let mut all = Self::default();
        for (at, &first) in firsts.iter().enumerate() {
            let end = firsts.get(at + 1).copied().unwrap_or(code.len());
            all.of.extend((first..end).map(|_| at));
            let last = exits.get(end - 1).and_then(Option::as_ref);
            let mut next: Vec<usize> = last.map_or(&[][..], |e| &e.targets).to_vec();
            if last.is_none_or(|e| e.falls) && end < code.len() {
                next.push(end);
            }
            next.iter_mut().for_each(|n| *n = firsts.binary_search(n).unwrap_or(usize::MAX));
            next.sort_unstable();
            next.dedup();
            // Code that ends without a jump goes where it is not known.
            let open = if next.is_empty() { End::Leave } else { End::Flow };
            let exit = last.map_or(open, |e| e.end);
            all.blocks.push(Block { first, end, exit });
            all.successors.push(next);
        }
        all.cold = all.find_cold();
        all
    }

    /// The panic that a cold block leads to.
    pub(crate) fn panic<'c>(
        &self,
        from: usize,
        callees: &'c [Option<Rc<Callee>>],
    ) -> Option<(usize, &'c Callee)> {
        let mut seen = BTreeSet::from([from]);
        let mut waiting = vec![from];
        while let (Some(at), true) = (waiting.pop(), seen.len() < 64) {
            let block = self.blocks.get(at)?;
            let last = block.end.checked_sub(1)?;
            if let Some(callee) = callees.get(last).and_then(Option::as_deref)
                && matches!(callee.sort, Sort::Bounds | Sort::Panic | Sort::NoMemory)
            {
                return Some((last, callee));
            }
            let next = self.successors.get(at).into_iter().flatten();
            waiting.extend(next.filter(|&&n| seen.insert(n)));
        }
        None
    }

    /// Blocks from which the function neither returns nor runs on, and those that only a panic in
    /// a called function enters.
    fn find_cold(&self) -> Vec<bool> {
        let mut last: Vec<usize> =
            flow::connected(&self.successors).into_iter().flatten().collect();
        let ends = self.blocks.iter().enumerate();
        let ends = ends.filter(|(_, block)| matches!(block.exit, End::Leave | End::Unknown));
        last.extend(ends.map(|(at, _)| at));
        let mut warm = flow::reached(&flow::turned(&self.successors), last);
        // With a jump that is not understood, what it may lead to is entered in order.
        if !self.blocks.iter().any(|b| b.exit == End::Unknown) {
            let entered = flow::reached(&self.successors, vec![0]);
            for (warm, entered) in warm.iter_mut().zip(entered) {
                *warm &= entered;
            }
        }
        warm.into_iter().map(|warm| !warm).collect()
    }
}

/// For each instruction that ends a block, how.
fn exits(
    binary: &Binary<'_>,
    code: &[Instruction],
    callees: &[Option<Rc<Callee>>],
) -> Vec<Option<Exit>> {
    let index = |address: u64| code.binary_search_by_key(&address, Instruction::ip).ok();
    let inside = |i: &Instruction| Vec::from_iter(index(i.near_branch_target()));
    let exit = |end, targets, falls| Some(Exit { end, targets, falls });
    let tables = table::Tables::of(code);
    let leave = |callee: Option<&Callee>| match callee {
        Some(callee) if !callee.returns && callee.sort != Sort::End => End::Panic,
        Some(callee) if callee.name == "_Unwind_Resume" => End::Panic,
        _ => End::Leave,
    };
    let of = |at: usize, i: &Instruction| {
        let callee = callees.get(at).and_then(Option::as_deref);
        match i.flow_control() {
            FlowControl::UnconditionalBranch => {
                let targets = inside(i);
                let end = if targets.is_empty() { leave(callee) } else { End::Flow };
                exit(end, targets, false)
            }
            FlowControl::ConditionalBranch => exit(End::Flow, inside(i), true),
            FlowControl::IndirectBranch => match tables.targets(binary, code, at) {
                table::Jump::To(targets) => {
                    exit(End::Flow, targets.into_iter().filter_map(index).collect(), false)
                }
                table::Jump::Away => exit(leave(callee), Vec::new(), false),
                table::Jump::Unknown => exit(End::Unknown, Vec::new(), false),
            },
            FlowControl::Return => exit(End::Leave, Vec::new(), false),
            FlowControl::Call | FlowControl::IndirectCall => {
                let stays = callee.is_some_and(|c| !c.returns);
                stays.then(|| exit(leave(callee), Vec::new(), false))?
            }
            FlowControl::Exception => exit(End::Panic, Vec::new(), false),
            FlowControl::Interrupt if i.mnemonic() == Mnemonic::Int3 => {
                exit(End::Panic, Vec::new(), false)
            }
            FlowControl::XbeginXabortXend => exit(End::Flow, inside(i), true),
            _ if i.mnemonic() == Mnemonic::Hlt => exit(End::Panic, Vec::new(), false),
            _ => None,
        }
    };
    code.iter().enumerate().map(|(at, i)| of(at, i)).collect()
}
