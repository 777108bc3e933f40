//! Tables of jump targets, as `match` makes them.

use std::collections::BTreeSet;

use iced_x86::{Instruction, Mnemonic, OpKind, Register};

use crate::binary::Binary;

/// The longest table that is believed.
const LONGEST: u64 = 4096;

/// How far before a jump the code that computes its target is looked for.
const WINDOW: usize = 24;

/// Where an indirect jump goes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Jump {
    /// To these addresses of the function.
    To(Vec<u64>),
    /// To another function.
    Away,
    /// By a table that was not found.
    Unknown,
}

/// The addresses that a function takes of data: where one table begins, another ends.
pub(crate) struct Tables {
    starts: BTreeSet<u64>,
}

impl Tables {
    pub(crate) fn of(code: &[Instruction]) -> Self {
        Self { starts: code.iter().filter_map(lea).map(|(_, address)| address).collect() }
    }

    /// Where the jump at an index goes: `movsxd rax, [table + rax*4]`, `add rax, table`, `jmp rax`,
    /// or `jmp [table + rax*8]`.
    pub(crate) fn targets(&self, binary: &Binary<'_>, code: &[Instruction], at: usize) -> Jump {
        let Some(jump) = code.get(at) else { return Jump::Unknown };
        if jump.op0_kind() == OpKind::Memory {
            let absolute = jump.memory_base() == Register::None
                && jump.memory_index_scale() == 8
                && jump.memory_index() != Register::None;
            if !absolute {
                return if jump.memory_index() == Register::None {
                    Jump::Away
                } else {
                    Jump::Unknown
                };
            }
            let read = |from| {
                let bytes = binary.bytes(from, 8).try_into().ok()?;
                Some(u64::from_le_bytes(bytes))
            };
            return self.read(code, jump.memory_displacement64(), 8, read);
        }
        let before = code.get(at.saturating_sub(WINDOW)..at).unwrap_or(&[]);
        let Some(base) = offset_base(before, jump.op0_register()) else { return Jump::Away };
        // The table's address may be taken far before, outside of a loop.
        let taken = |i: &Instruction| lea(i).filter(|(register, _)| *register == base);
        let near = before.iter().rev().find_map(taken);
        let far = || code.get(..at).unwrap_or(&[]).iter().rev().find_map(taken);
        let Some((_, table)) = near.or_else(far) else { return Jump::Unknown };
        let read = |from| {
            let bytes = binary.bytes(from, 4).try_into().ok()?;
            Some(table.wrapping_add_signed(i64::from(i32::from_le_bytes(bytes))))
        };
        self.read(code, table, 4, read)
    }

    /// Reads entries until one leads out of the function or into the middle of an instruction.
    fn read(
        &self,
        code: &[Instruction],
        table: u64,
        width: u64,
        read: impl Fn(u64) -> Option<u64>,
    ) -> Jump {
        let mut targets = Vec::new();
        for entry in 0..LONGEST {
            let from = table.wrapping_add(entry * width);
            if entry > 0 && self.starts.contains(&from) {
                break;
            }
            let Some(target) = read(from) else { break };
            if code.binary_search_by_key(&target, Instruction::ip).is_err() {
                break;
            }
            targets.push(target);
        }
        targets.sort_unstable();
        targets.dedup();
        if targets.is_empty() { Jump::Unknown } else { Jump::To(targets) }
    }
}

/// The register and the address of `lea register, [rip + x]`.
fn lea(instruction: &Instruction) -> Option<(Register, u64)> {
    let taken = instruction.mnemonic() == Mnemonic::Lea && instruction.is_ip_rel_memory_operand();
    taken.then(|| (instruction.op0_register(), instruction.ip_rel_memory_address()))
}

/// The register with the table's address, if a register was computed from a table of offsets.
fn offset_base(before: &[Instruction], register: Register) -> Option<Register> {
    let mut sum = None;
    for instruction in before.iter().rev() {
        let to = instruction.op0_kind() == OpKind::Register
            && instruction.op0_register().full_register() == register;
        match instruction.mnemonic() {
            Mnemonic::Add if to && instruction.op1_kind() == OpKind::Register && sum.is_none() => {
                sum = Some(instruction.op1_register());
            }
            Mnemonic::Movsxd if instruction.memory_index_scale() == 4 => {
                let base = instruction.memory_base();
                // Either of the two may be the sum.
                let loaded = instruction.op0_register();
                if sum.is_some_and(|s| loaded == register && s == base || s == loaded) {
                    return Some(base);
                }
            }
            _ => {}
        }
    }
    None
}
