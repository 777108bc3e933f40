//! Sums in order: arithmetic each step of which waits for the one before.

use std::collections::HashMap;

use iced_x86::{Instruction, Mnemonic, OpKind, Register};

use crate::float::{Float, Operation};
use crate::flow;
use crate::register::stack_place;

/// What holds a float: a register, or a place on the stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Holder {
    Register(Register),
    Stack(Register, u64),
}

/// For each instruction of a loop, whether it is scalar arithmetic that carries a float from one
/// round to the next. The instructions are those of the loop, in the order of their addresses.
///
/// The last instruction before that writes a register is taken as where it comes from, across
/// branches: for the straight bodies of loops that sum, this is exact.
pub(crate) fn carried(body: &[&Instruction], frame: bool) -> Vec<bool> {
    let steps: Vec<_> = body.iter().map(|i| step(i, frame)).collect();
    let mut writer: HashMap<Holder, usize> = HashMap::new();
    let mut edges = vec![Vec::new(); body.len()];
    // The second round sees what the first one left.
    for round in 0..2 {
        for (at, step) in steps.iter().enumerate() {
            let Some(step) = step else { continue };
            for read in &step.reads {
                if let Some(&from) = writer.get(read)
                    && round == 1
                    && step.passes
                    && let Some(list) = edges.get_mut(from)
                {
                    list.push(at);
                }
            }
            if let Some(write) = step.write {
                writer.insert(write, at);
            }
        }
    }
    let mut carried = vec![false; body.len()];
    for at in flow::connected(&edges).into_iter().flatten() {
        let arithmetic = body.get(at).is_some_and(|i| is_arithmetic(i));
        if let Some(slot) = carried.get_mut(at) {
            *slot = arithmetic;
        }
    }
    carried
}

/// What an instruction reads and writes.
struct Step {
    reads: Vec<Holder>,
    write: Option<Holder>,
    /// Whether what it writes depends on what it reads, as of a sum.
    passes: bool,
}

fn step(instruction: &Instruction, frame: bool) -> Option<Step> {
    let holder = |at: u32| match instruction.op_kind(at) {
        OpKind::Register if instruction.op_register(at).is_vector_register() => {
            Some(Holder::Register(instruction.op_register(at).full_register()))
        }
        OpKind::Memory => stack_place(instruction, frame).map(|(base, at)| Holder::Stack(base, at)),
        _ => None,
    };
    let write = holder(0);
    let moves = is_move(instruction);
    let arithmetic = is_arithmetic(instruction);
    if write.is_none() && !arithmetic {
        return None;
    }
    let name = instruction.mnemonic();
    // `addsd a, b` and `vfmadd231sd a, b, c` read what they write; `vaddsd a, b, c` does not.
    let fused = arithmetic && format!("{name:?}").starts_with("Vf");
    let both = arithmetic && (instruction.op_count() == 2 || fused);
    let first = u32::from(!both);
    let reads = (first..instruction.op_count()).filter_map(holder).collect();
    Some(Step { reads, write, passes: moves || arithmetic })
}

fn is_arithmetic(instruction: &Instruction) -> bool {
    Float::of(instruction.mnemonic()).is_some_and(|f| {
        let carries = matches!(
            f.operation,
            Operation::Ring | Operation::Product | Operation::Divide | Operation::Extreme
        );
        carries && !f.packed
    })
}

fn is_move(instruction: &Instruction) -> bool {
    use Mnemonic as M;
    matches!(
        instruction.mnemonic(),
        M::Movaps
            | M::Movapd
            | M::Movsd
            | M::Movss
            | M::Movups
            | M::Movupd
            | M::Vmovaps
            | M::Vmovapd
            | M::Vmovsd
            | M::Vmovss
            | M::Vmovups
            | M::Vmovupd
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use iced_x86::{Decoder, DecoderOptions};

    fn carried_by(bytes: &[u8]) -> Vec<bool> {
        let code: Vec<Instruction> =
            Decoder::with_ip(64, bytes, 0x1000, DecoderOptions::NONE).into_iter().collect();
        carried(&code.iter().collect::<Vec<_>>(), false)
    }

    #[test]
    fn a_sum_waits_for_itself_and_a_product_before_it_does_not() {
        // movsd xmm1, [rax]; mulsd xmm1, xmm2; addsd xmm0, xmm1
        let bytes = [0xf2, 0x0f, 0x10, 0x08, 0xf2, 0x0f, 0x59, 0xca, 0xf2, 0x0f, 0x58, 0xc1];
        assert_eq!(carried_by(&bytes), [false, false, true]);
    }

    #[test]
    fn a_sum_that_changes_registers_is_one() {
        // vaddsd xmm1, xmm0, [rax]; vaddsd xmm0, xmm1, [rbx]
        assert_eq!(carried_by(&[0xc5, 0xfb, 0x58, 0x08, 0xc5, 0xf3, 0x58, 0x03]), [true, true]);
    }

    #[test]
    fn a_sum_on_the_stack_is_one() {
        // movsd xmm0, [rsp+8]; addsd xmm0, xmm1; movsd [rsp+8], xmm0
        let bytes = [
            0xf2, 0x0f, 0x10, 0x44, 0x24, 8, 0xf2, 0x0f, 0x58, 0xc1, 0xf2, 0x0f, 0x11, 0x44, 0x24,
            8,
        ];
        assert_eq!(carried_by(&bytes), [false, true, false]);
    }

    #[test]
    fn packed_sums_are_none() {
        // addpd xmm0, [rax]
        assert_eq!(carried_by(&[0x66, 0x0f, 0x58, 0x00]), [false]);
    }
}
