//! A module in SPIR-V as a list of instructions, to be changed before a driver gets it.

use std::collections::BTreeMap;
use std::ops::Range;

// Numbers of instructions: section 3 of the specification of SPIR-V 1.6.
pub(crate) const OP_NAME: u32 = 5;
pub(crate) const OP_EXTENSION: u32 = 10;
pub(crate) const OP_EXT_INST_IMPORT: u32 = 11;
pub(crate) const OP_EXT_INST: u32 = 12;
pub(crate) const OP_ENTRY_POINT: u32 = 15;
pub(crate) const OP_EXECUTION_MODE: u32 = 16;
pub(crate) const OP_CAPABILITY: u32 = 17;
pub(crate) const OP_TYPE_FLOAT: u32 = 22;
pub(crate) const OP_TYPE_VECTOR: u32 = 23;
pub(crate) const OP_TYPE_FUNCTION: u32 = 33;
pub(crate) const OP_FUNCTION: u32 = 54;
pub(crate) const OP_FUNCTION_CALL: u32 = 57;
pub(crate) const OP_DECORATE: u32 = 71;
pub(crate) const OP_COMPOSITE_CONSTRUCT: u32 = 80;
pub(crate) const OP_COMPOSITE_EXTRACT: u32 = 81;
pub(crate) const OP_F_CONVERT: u32 = 115;
pub(crate) const OP_F_DIV: u32 = 136;

/// Those after which decorations may stand: capabilities, extensions, imports, the memory model, entry
/// points, execution modes, debug information.
const BEFORE_DECORATIONS: &[u32] = &[2, 3, 4, 5, 6, 7, 10, 11, 14, 15, 16, 17, 330, 331];

const HEADER_WORDS: usize = 5;
/// Where the header has the number that is above all names.
const BOUND: usize = 3;

/// An operation and its words, without the one that tells how many they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Instruction {
    pub(crate) op: u32,
    pub(crate) words: Vec<u32>,
}

impl Instruction {
    pub(crate) fn new(op: u32, words: impl Into<Vec<u32>>) -> Self {
        Self { op, words: words.into() }
    }
}

/// A module.
#[derive(Debug)]
pub(crate) struct Spirv {
    header: Vec<u32>,
    pub(crate) instructions: Vec<Instruction>,
}

impl Spirv {
    /// Of words as naga writes them.
    pub(crate) fn new(words: &[u32]) -> Self {
        let (header, mut rest) = words.split_at(HEADER_WORDS.min(words.len()));
        let mut instructions = vec![];
        while let Some(&first) = rest.first() {
            let length = ((first >> 16) as usize).clamp(1, rest.len());
            let (instruction, more) = rest.split_at(length);
            instructions.push(Instruction::new(first & 0xFFFF, &instruction[1..]));
            rest = more;
        }
        Self { header: header.to_vec(), instructions }
    }

    /// The words of it.
    pub(crate) fn words(&self) -> Vec<u32> {
        let mut words = self.header.clone();
        for Instruction { op, words: rest } in &self.instructions {
            // An instruction has less than 2^16 words, and those that are made here have few.
            let length = u32::try_from(rest.len() + 1).unwrap_or(u32::MAX);
            words.push(length << 16 | op);
            words.extend(rest);
        }
        words
    }

    /// A name that nothing has.
    pub(crate) fn new_name(&mut self) -> u32 {
        let bound = &mut self.header[BOUND];
        *bound += 1;
        *bound - 1
    }

    /// The words of all instructions of this operation.
    pub(crate) fn all(&self, op: u32) -> impl Iterator<Item = &[u32]> {
        self.instructions.iter().filter(move |i| i.op == op).map(|i| &i.words[..])
    }

    /// Puts instructions behind the last one that is one of these; at the beginning if none is.
    fn insert_behind(&mut self, ops: &[u32], new: Vec<Instruction>) {
        let last = self.instructions.iter().rposition(|i| ops.contains(&i.op));
        let at = last.map_or(0, |last| last + 1);
        self.instructions.splice(at..at, new);
    }

    /// Declares what the module makes use of, once.
    pub(crate) fn require(&mut self, capability: u32) {
        if !self.all(OP_CAPABILITY).any(|words| words == [capability]) {
            self.insert_behind(
                &[OP_CAPABILITY],
                vec![Instruction::new(OP_CAPABILITY, [capability])],
            );
        }
    }

    /// Declares an extension, once.
    pub(crate) fn extend(&mut self, name: &str) {
        let extension = Instruction::new(OP_EXTENSION, text(name));
        if !self.instructions.contains(&extension) {
            self.insert_behind(&[OP_CAPABILITY, OP_EXTENSION], vec![extension]);
        }
    }

    /// A mode of execution for each entry point.
    pub(crate) fn execute(&mut self, mode: &[u32]) {
        let entries: Vec<u32> = self.all(OP_ENTRY_POINT).map(|words| words[1]).collect();
        let modes = entries.into_iter().map(|entry| {
            let words = [&[entry], mode].concat();
            Instruction::new(OP_EXECUTION_MODE, words)
        });
        let modes = modes.collect();
        self.insert_behind(&[OP_ENTRY_POINT, OP_EXECUTION_MODE], modes);
    }

    /// Decorations of results.
    pub(crate) fn decorate(&mut self, results: &[u32], decoration: u32) {
        let new = results.iter().map(|&r| Instruction::new(OP_DECORATE, [r, decoration])).collect();
        self.insert_behind(BEFORE_DECORATIONS, new);
    }

    /// The functions whose names in the source begin so.
    pub(crate) fn functions_named(&self, prefix: &str) -> BTreeMap<String, u32> {
        let functions: Vec<u32> = self.all(OP_FUNCTION).map(|words| words[1]).collect();
        let names = self.all(OP_NAME).map(|words| (string(&words[1..]), words[0]));
        names.filter(|(name, of)| name.starts_with(prefix) && functions.contains(of)).collect()
    }

    /// Where the functions are.
    pub(crate) fn functions(&self) -> Range<usize> {
        let all = self.instructions.len();
        self.instructions.iter().position(|i| i.op == OP_FUNCTION).unwrap_or(all)..all
    }
}

/// Text as words.
fn text(text: &str) -> Vec<u32> {
    let mut bytes = text.as_bytes().to_vec();
    // It ends in a zero.
    bytes.resize((bytes.len() + 1).next_multiple_of(4), 0);
    let word = |four: &[u8]| four.iter().rev().fold(0, |word, &byte| word << 8 | u32::from(byte));
    bytes.chunks(4).map(word).collect()
}

/// The text of words.
fn string(words: &[u32]) -> String {
    let bytes = words.iter().flat_map(|word| word.to_le_bytes());
    String::from_utf8_lossy(&bytes.take_while(|&byte| byte != 0).collect::<Vec<_>>()).into_owned()
}
