//! What registers hold when a call or jump goes through them.

use std::cell::Cell;
use std::collections::HashMap;

use iced_x86::{
    FlowControl, Instruction, InstructionInfoFactory, Mnemonic, OpAccess, OpKind, Register,
};

/// How often a value is followed from one register to another: in an unrolled loop it is moved before
/// and after each call.
const STEPS: u32 = 8;

/// How many writes are looked at for one call: where they fork, their number grows with each step.
const LOOKS: u32 = 1024;

/// Where a call or jump finds its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Held {
    /// In a slot of the global offset table.
    Slot(u64),
    /// It is this address.
    Address(u64),
}

/// Where registers and places on the stack get what they hold.
pub(crate) struct Registers<'c> {
    code: &'c [Instruction],
    /// For each register, the instructions that write it, but for the end of the function, which
    /// gives it back to the caller.
    writes: HashMap<Register, Vec<usize>>,
    /// For each place on the stack, the instructions that write it.
    stores: HashMap<(Register, u64), Vec<usize>>,
    /// Jumps within the function: from where to where.
    jumps: Vec<(usize, usize)>,
    frame: bool,
    /// How many writes may still be looked at.
    looks: Cell<u32>,
}

impl<'c> Registers<'c> {
    pub(crate) fn new(code: &'c [Instruction]) -> Self {
        let frame = has_frame(code);
        let (writes, stores, jumps) = (HashMap::new(), HashMap::new(), Vec::new());
        let mut all = Self { code, writes, stores, jumps, frame, looks: Cell::new(0) };
        let mut factory = InstructionInfoFactory::new();
        for (at, instruction) in code.iter().enumerate() {
            all.add_writes(at, instruction, &mut factory);
            let jump = matches!(
                instruction.flow_control(),
                FlowControl::ConditionalBranch | FlowControl::UnconditionalBranch
            );
            let target = instruction.near_branch_target();
            if jump && let Ok(to) = code.binary_search_by_key(&target, Instruction::ip) {
                all.jumps.push((at, to));
            }
        }
        all
    }

    fn add_writes(
        &mut self,
        at: usize,
        instruction: &Instruction,
        factory: &mut InstructionInfoFactory,
    ) {
        if instruction.mnemonic() == Mnemonic::Pop {
            return;
        }
        let info = factory.info(instruction);
        for used in info.used_registers().iter().filter(|used| writes(used.access())) {
            let list = self.writes.entry(used.register().full_register()).or_default();
            if list.last() != Some(&at) {
                list.push(at);
            }
        }
        if let Some(place) = stack_place(instruction, self.frame)
            && instruction.op0_kind() == OpKind::Memory
            && writes(info.op0_access())
        {
            self.stores.entry(place).or_default().push(at);
        }
    }

    /// What the call or jump at an index goes through.
    pub(crate) fn target(&self, at: usize) -> Option<Held> {
        self.looks.set(LOOKS);
        let instruction = self.code.get(at)?;
        match instruction.op0_kind() {
            OpKind::Memory if instruction.is_ip_rel_memory_operand() => {
                Some(Held::Slot(instruction.ip_rel_memory_address()))
            }
            OpKind::Memory => self.stored(instruction, STEPS),
            OpKind::Register => self.held(at, instruction.op0_register(), STEPS),
            _ => None,
        }
    }

    /// What a register holds: all writes that may be the last before agree.
    fn held(&self, at: usize, register: Register, steps: u32) -> Option<Held> {
        self.looks.set(self.looks.get().checked_sub(1)?);
        let writes = self.writes.get(&register.full_register())?;
        let before = writes.partition_point(|&write| write < at);
        let last = *writes.get(before.checked_sub(1)?)?;
        let value = self.written(last, steps)?;
        let between = |to: usize| last < to && to <= at;
        // A way past the last write: any earlier one may hold.
        let past = self.jumps.iter().any(|&(from, to)| from < last && between(to));
        // A way back: what is written after the call may hold in the next round.
        let back = self.jumps.iter().filter(|&&(from, to)| from > at && between(to));
        let end = back.map(|&(from, _)| from).max().unwrap_or(at);
        let others =
            writes.iter().filter(|&&write| past && write < last || write > at && write <= end);
        others.copied().all(|write| self.written(write, steps) == Some(value)).then_some(value)
    }

    /// What an instruction writes to its register.
    fn written(&self, at: usize, steps: u32) -> Option<Held> {
        let instruction = self.code.get(at)?;
        if instruction.op_count() != 2 || instruction.op0_kind() != OpKind::Register {
            return None;
        }
        match (instruction.mnemonic(), instruction.op1_kind()) {
            (Mnemonic::Lea, _) if instruction.is_ip_rel_memory_operand() => {
                Some(Held::Address(instruction.ip_rel_memory_address()))
            }
            (Mnemonic::Mov, OpKind::Memory) if instruction.is_ip_rel_memory_operand() => {
                Some(Held::Slot(instruction.ip_rel_memory_address()))
            }
            (Mnemonic::Mov, OpKind::Memory) => self.stored(instruction, steps.checked_sub(1)?),
            (Mnemonic::Mov, OpKind::Register) => {
                self.held(at, instruction.op1_register(), steps.checked_sub(1)?)
            }
            (
                Mnemonic::Mov,
                OpKind::Immediate32 | OpKind::Immediate32to64 | OpKind::Immediate64,
            ) => Some(Held::Address(instruction.immediate(1))),
            _ => None,
        }
    }

    /// What the place on the stack that an instruction reads holds: all that is stored there agrees.
    fn stored(&self, instruction: &Instruction, steps: u32) -> Option<Held> {
        let stores = self.stores.get(&stack_place(instruction, self.frame)?)?;
        let held = |&store: &usize| {
            let instruction = self.code.get(store)?;
            let moved = instruction.mnemonic() == Mnemonic::Mov
                && instruction.op1_kind() == OpKind::Register;
            let steps = steps.checked_sub(1)?;
            moved.then(|| self.held(store, instruction.op1_register(), steps))?
        };
        let mut all = stores.iter().map(held);
        let first = all.next()??;
        all.all(|other| other == Some(first)).then_some(first)
    }
}

fn writes(access: OpAccess) -> bool {
    matches!(
        access,
        OpAccess::Write | OpAccess::CondWrite | OpAccess::ReadWrite | OpAccess::ReadCondWrite
    )
}

/// Whether a function keeps a frame's pointer: else `rbp` is a register like others.
pub(crate) fn has_frame(code: &[Instruction]) -> bool {
    code.iter().take(32).any(|i| {
        let to = i.op_count() == 2
            && i.op0_kind() == OpKind::Register
            && i.op0_register() == Register::RBP;
        let moved = i.mnemonic() == Mnemonic::Mov
            && i.op1_kind() == OpKind::Register
            && i.op1_register() == Register::RSP;
        to && (moved || i.mnemonic() == Mnemonic::Lea && i.memory_base() == Register::RSP)
    })
}

/// The place on the stack that an instruction names, from the stack's or the frame's pointer.
pub(crate) fn stack_place(instruction: &Instruction, frame: bool) -> Option<(Register, u64)> {
    let base = instruction.memory_base();
    let plain = (base == Register::RSP || frame && base == Register::RBP)
        && instruction.memory_index() == Register::None
        && instruction.mnemonic() != Mnemonic::Lea;
    plain.then(|| (base, instruction.memory_displacement64()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use iced_x86::{Decoder, DecoderOptions};

    fn decoded(bytes: &[u8]) -> Vec<Instruction> {
        Decoder::with_ip(64, bytes, 0x1000, DecoderOptions::NONE).into_iter().collect()
    }

    #[test]
    fn a_slot_that_was_loaded_before_a_loop_is_found() {
        // mov rbx, [rip+0x100]; call rbx; dec rcx; jne back to the call; pop rbx; ret
        let code = decoded(&[
            0x48, 0x8b, 0x1d, 0, 1, 0, 0, 0xff, 0xd3, 0x48, 0xff, 0xc9, 0x75, 0xf9, 0x5b, 0xc3,
        ]);
        assert_eq!(Registers::new(&code).target(1), Some(Held::Slot(0x1107)));
    }

    #[test]
    fn a_slot_that_is_moved_around_each_call_is_found() {
        // mov rbx, [rip+0x100]; call rbx; mov r8, rbx; mov r12, r8; call r8; mov r8, r12;
        // mov rbx, r8; call r8
        let code = decoded(&[
            0x48, 0x8b, 0x1d, 0, 1, 0, 0, 0xff, 0xd3, 0x49, 0x89, 0xd8, 0x4d, 0x89, 0xc4, 0x41,
            0xff, 0xd0, 0x4d, 0x89, 0xe0, 0x4c, 0x89, 0xc3, 0x41, 0xff, 0xd0,
        ]);
        assert_eq!(Registers::new(&code).target(7), Some(Held::Slot(0x1107)));
    }

    #[test]
    fn two_ways_to_a_call_leave_it_open() {
        // mov rbx, [rip+0x100]; je over; mov rbx, [rip+0x200]; over: call rbx
        let code = decoded(&[
            0x48, 0x8b, 0x1d, 0, 1, 0, 0, 0x74, 7, 0x48, 0x8b, 0x1d, 0, 2, 0, 0, 0xff, 0xd3,
        ]);
        assert_eq!(Registers::new(&code).target(3), None);
    }

    #[test]
    fn what_a_loop_writes_behind_the_call_counts() {
        // mov rbx, [rip+0x100]; call rbx; mov rbx, rax; jne back to the call
        let code =
            decoded(&[0x48, 0x8b, 0x1d, 0, 1, 0, 0, 0xff, 0xd3, 0x48, 0x89, 0xc3, 0x75, 0xf9]);
        assert_eq!(Registers::new(&code).target(1), None);
    }

    #[test]
    fn places_on_the_stack_are_followed() {
        // lea rax, [rip+0x10]; mov [rsp+8], rax; call [rsp+8]
        let code = decoded(&[
            0x48, 0x8d, 0x05, 0x10, 0, 0, 0, 0x48, 0x89, 0x44, 0x24, 8, 0xff, 0x54, 0x24, 8,
        ]);
        assert_eq!(Registers::new(&code).target(2), Some(Held::Address(0x1017)));
    }
}
