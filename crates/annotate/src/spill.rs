//! Spills: registers that the compiler stores to the stack for want of registers.

use std::collections::{BTreeSet, HashMap};

use iced_x86::{Instruction, Mnemonic, OpKind, Register};

use crate::register::{has_frame, stack_place};

/// How much of the stack an address that was taken is believed to cover: what lies in it is an
/// object, and not a register's place.
const OBJECT: u64 = 64;

/// What is done with a place on the stack.
#[derive(Default)]
struct Uses {
    stores: Vec<usize>,
    loads: Vec<usize>,
    /// Written by something other than a register's move.
    other: bool,
}

/// For each instruction, whether it stores a register to a place on the stack that only holds
/// registers, or loads one from there.
pub(crate) fn find(code: &[Instruction]) -> Vec<bool> {
    let mut places: HashMap<(Register, u64), Uses> = HashMap::new();
    let mut taken: BTreeSet<(Register, u64)> = BTreeSet::new();
    let frame = has_frame(code);
    for (at, instruction) in code.iter().enumerate() {
        let base = instruction.memory_base();
        if base != Register::RSP && !(frame && base == Register::RBP) {
            continue;
        }
        let place = stack_place(instruction, frame);
        let Some(place) = place else {
            taken.insert((base, instruction.memory_displacement64()));
            continue;
        };
        let uses = places.entry(place).or_default();
        match use_of(instruction) {
            Some(true) => uses.stores.push(at),
            Some(false) => uses.loads.push(at),
            None => uses.other = true,
        }
    }
    let mut found = vec![false; code.len()];
    for (place, uses) in places {
        let near = (place.0, place.1.saturating_sub(OBJECT))..=place;
        let object = taken.range(near).next().is_some();
        if object || uses.other || uses.stores.is_empty() || uses.loads.is_empty() {
            continue;
        }
        for at in uses.stores.into_iter().chain(uses.loads) {
            if let Some(slot) = found.get_mut(at) {
                *slot = true;
            }
        }
    }
    found
}

/// Whether the instruction stores a register, or else loads one; nothing if it does neither.
fn use_of(instruction: &Instruction) -> Option<bool> {
    let register = |at: u32| instruction.op_kind(at) == OpKind::Register;
    if instruction.op0_kind() == OpKind::Memory {
        let stores = is_move(instruction.mnemonic()) && register(1);
        let reads = matches!(instruction.mnemonic(), Mnemonic::Cmp | Mnemonic::Test);
        return if stores { Some(true) } else { reads.then_some(false) };
    }
    register(0).then_some(false)
}

fn is_move(mnemonic: Mnemonic) -> bool {
    use Mnemonic as M;
    matches!(
        mnemonic,
        M::Mov
            | M::Movss
            | M::Movsd
            | M::Movaps
            | M::Movapd
            | M::Movups
            | M::Movupd
            | M::Movdqa
            | M::Movdqu
            | M::Movq
            | M::Vmovss
            | M::Vmovsd
            | M::Vmovaps
            | M::Vmovapd
            | M::Vmovups
            | M::Vmovupd
            | M::Vmovdqa
            | M::Vmovdqu
            | M::Vmovq
            | M::Vmovdqa64
            | M::Vmovdqu64
            | M::Kmovb
            | M::Kmovw
            | M::Kmovd
            | M::Kmovq
    )
}
