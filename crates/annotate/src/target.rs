//! Where calls and jumps go: through symbols, stubs, the global offset table and registers.

use std::collections::HashMap;
use std::rc::Rc;

use iced_x86::{Decoder, DecoderOptions, FlowControl, Instruction};

use crate::binary::{Binary, Slot};
use crate::callee::{Callee, Sort};
use crate::register::{Held, Registers};

/// How many functions deep a call is followed to see whether it comes back.
const DEPTH: u32 = 4;

/// The functions that code calls, each looked at once.
pub(crate) struct Targets<'b> {
    binary: &'b Binary<'b>,
    by_address: HashMap<u64, Rc<Callee>>,
    by_name: HashMap<String, Rc<Callee>>,
    pointer: Rc<Callee>,
}

impl<'b> Targets<'b> {
    pub(crate) fn new(binary: &'b Binary<'b>) -> Self {
        let pointer = Rc::new(Callee::pointer());
        Self { binary, by_address: HashMap::new(), by_name: HashMap::new(), pointer }
    }

    /// For each instruction of a function, what it calls.
    pub(crate) fn of(
        &mut self,
        code: &[Instruction],
        start: u64,
        end: u64,
    ) -> Vec<Option<Rc<Callee>>> {
        let mut registers = None;
        let inside = |address: u64| (start..end).contains(&address);
        let mut all = Vec::with_capacity(code.len());
        for (at, instruction) in code.iter().enumerate() {
            let callee = match instruction.flow_control() {
                FlowControl::Call => Some(self.at(instruction.near_branch_target(), DEPTH)),
                FlowControl::UnconditionalBranch | FlowControl::ConditionalBranch => {
                    let target = instruction.near_branch_target();
                    (!inside(target)).then(|| self.at(target, DEPTH))
                }
                FlowControl::IndirectCall | FlowControl::IndirectBranch => {
                    let call = instruction.flow_control() == FlowControl::IndirectCall;
                    let registers = registers.get_or_insert_with(|| Registers::new(code));
                    let callee = registers.target(at).and_then(|held| self.held(held));
                    callee.or_else(|| call.then(|| Rc::clone(&self.pointer)))
                }
                _ => None,
            };
            all.push(callee);
        }
        all
    }

    fn at(&mut self, address: u64, depth: u32) -> Rc<Callee> {
        if let Some(known) = self.by_address.get(&address) {
            return Rc::clone(known);
        }
        let callee = match self.binary.stub(address) {
            // A stub whose slot leads to itself is damaged.
            Some(Slot::Address(to)) if to == address => Rc::clone(&self.pointer),
            Some(_) if depth == 0 => Rc::clone(&self.pointer),
            Some(slot) => self.through(slot, depth - 1),
            None => Rc::new(self.local(address, depth)),
        };
        // What was not looked into may be asked for again from nearer.
        if depth > 0 || callee.sort != Sort::Other {
            self.by_address.insert(address, Rc::clone(&callee));
        }
        callee
    }

    fn held(&mut self, held: Held) -> Option<Rc<Callee>> {
        match held {
            Held::Slot(slot) => Some(self.through(self.binary.slot(slot)?, DEPTH)),
            Held::Address(to) => self.binary.is_code(to).then(|| self.at(to, DEPTH)),
        }
    }

    fn through(&mut self, slot: Slot, depth: u32) -> Rc<Callee> {
        match slot {
            Slot::Address(address) => self.at(address, depth),
            Slot::Import(name) => {
                let named = || Rc::new(Callee::named(&name));
                Rc::clone(self.by_name.entry(name.clone()).or_insert_with(named))
            }
        }
    }

    /// A function of the binary itself: what its name does not say, its code does.
    fn local(&mut self, address: u64, depth: u32) -> Callee {
        let Some(symbol) = self.binary.symbol_at(address) else {
            return Callee { name: format!("{address:#x}"), ..Callee::pointer() };
        };
        let mut callee = Callee::named(&symbol.name);
        if callee.sort != Sort::Other || depth == 0 {
            return callee;
        }
        let (start, size) = (symbol.address, symbol.size);
        // Guards against functions that call each other in a circle.
        self.by_address.insert(address, Rc::new(callee.clone()));
        let library = ["alloc::", "<alloc::", "hashbrown::", "<hashbrown::"];
        let library = library.iter().any(|l| callee.name.starts_with(l));
        let facts = self.facts(start, size, library, depth);
        callee.returns = facts.returns;
        if !facts.returns {
            callee.sort = Sort::Panic;
        } else if library && facts.allocates {
            callee.sort = Sort::Allocation;
        }
        callee
    }

    /// What the code of a function says: whether it comes back, and whether it allocates.
    fn facts(&mut self, start: u64, size: u64, library: bool, depth: u32) -> Facts {
        let bytes = self.binary.bytes(start, size);
        let end = start.saturating_add(size);
        let mut facts = Facts { returns: returns(bytes, start), allocates: false };
        if facts.returns && !library {
            return facts;
        }
        for instruction in &mut Decoder::with_ip(64, bytes, start, DecoderOptions::NONE) {
            let flow = instruction.flow_control();
            let callee = match flow {
                FlowControl::IndirectCall if instruction.is_ip_rel_memory_operand() => self
                    .binary
                    .slot(instruction.ip_rel_memory_address())
                    .map(|slot| self.through(slot, depth - 1)),
                FlowControl::Call
                | FlowControl::UnconditionalBranch
                | FlowControl::ConditionalBranch => {
                    let target = instruction.near_branch_target();
                    let outside = !(start..end).contains(&target);
                    outside.then(|| self.at(target, depth - 1))
                }
                _ => None,
            };
            let Some(callee) = callee else { continue };
            facts.allocates |= callee.sort == Sort::Allocation;
            let jump = !matches!(flow, FlowControl::Call | FlowControl::IndirectCall);
            facts.returns |= jump && callee.returns;
        }
        facts
    }
}

/// What the code of a function says of it.
struct Facts {
    returns: bool,
    allocates: bool,
}

/// Whether a function has a return, jumps where only the processor knows, or runs in a circle for
/// good, which is no panic either.
fn returns(bytes: &[u8], start: u64) -> bool {
    let end = start.saturating_add(bytes.len() as u64);
    Decoder::with_ip(64, bytes, start, DecoderOptions::NONE).into_iter().any(|i| {
        match i.flow_control() {
            FlowControl::Return | FlowControl::IndirectBranch => true,
            FlowControl::UnconditionalBranch | FlowControl::ConditionalBranch => {
                (start..end).contains(&i.near_branch_target()) && i.near_branch_target() <= i.ip()
            }
            _ => false,
        }
    })
}
