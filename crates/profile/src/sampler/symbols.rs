//! Names of addresses.

use std::collections::{HashMap, HashSet};
use std::ptr;

use super::Stack;
use super::modules::Names;
use crate::report::document::{Frame, SampleStack};

/// What stands in place of functions that are not known, outside of all others.
const CUT: &str = "(cut off)";

/// The functions that were found, numbered as they come.
#[derive(Debug, Default)]
pub(super) struct Symbols {
    numbers: HashMap<Frame, usize>,
    /// Functions at an address, the outermost first: more than one where calls were inlined.
    known: HashMap<u64, Vec<usize>>,
    /// Where std hands over to the program, or to the closure of a thread.
    starts: HashSet<usize>,
    /// How many samples there are of stacks that were cut off.
    cut: u64,
    /// For functions that have no name.
    libraries: Option<Names>,
}

impl Symbols {
    pub(super) fn frames(self) -> Vec<Frame> {
        let mut frames: Vec<(usize, Frame)> =
            self.numbers.into_iter().map(|(frame, number)| (number, frame)).collect();
        frames.sort_by_key(|(number, _)| *number);
        frames.into_iter().map(|(_, frame)| frame).collect()
    }

    /// By name; stacks whose names are the same become one.
    pub(super) fn stacks(&mut self, stacks: HashMap<Stack, u64>) -> Vec<SampleStack> {
        let mut sums: HashMap<(Vec<usize>, bool), u64> = HashMap::new();
        for (stack, weight) in stacks {
            let (mut frames, is_whole) = self.stack(&stack.addresses);
            if stack.cut && !is_whole {
                frames.insert(0, self.number(Frame { name: CUT.to_owned(), file: String::new() }));
                self.cut += weight;
            }
            *sums.entry((frames, stack.waits)).or_insert(0) += weight;
        }
        let mut stacks: Vec<SampleStack> = sums
            .into_iter()
            .map(|((frames, waits), weight)| SampleStack { frames, waits, weight })
            .collect();
        stacks.sort_by(|a, b| (b.weight, &a.frames).cmp(&(a.weight, &b.frames)));
        stacks
    }

    pub(super) fn cut(&self) -> u64 {
        self.cut
    }

    fn number(&mut self, frame: Frame) -> usize {
        let next = self.numbers.len();
        *self.numbers.entry(frame).or_insert(next)
    }

    /// From the outermost function to the innermost, without what starts a program or a thread, and
    /// whether that was there.
    fn stack(&mut self, addresses: &[u64]) -> (Vec<usize>, bool) {
        let mut frames = vec![];
        for (at, address) in addresses.iter().enumerate().rev() {
            // Names are looked up for the instruction before a return address; the innermost
            // address is no return address.
            let address = if at == 0 { address + 1 } else { *address };
            let known = match self.known.get(&address) {
                Some(known) => known.clone(),
                None => self.look_up(address),
            };
            frames.extend(known);
        }
        match frames.iter().rposition(|number| self.starts.contains(number)) {
            Some(start) => (frames.split_off(start + 1), true),
            None => (frames, false),
        }
    }

    /// What stands for a function without a name: its library, as addresses are others each time.
    fn nameless(&mut self, address: u64) -> String {
        let libraries = self.libraries.get_or_insert_with(Names::now);
        libraries.of(address).map_or_else(|| format!("{address:#x}"), |name| format!("({name})"))
    }

    fn look_up(&mut self, address: u64) -> Vec<usize> {
        let mut found: Vec<Frame> = vec![];
        let pointer = ptr::without_provenance_mut(usize::try_from(address).unwrap_or(0));
        backtrace::resolve(pointer, |symbol| {
            let name = symbol.name().map(|name| format!("{name:#}"));
            let file = symbol.filename().map(|file| file.display().to_string());
            if let Some(name) = name {
                found.push(Frame { name, file: file.unwrap_or_default() });
            }
        });
        if found.is_empty() {
            found.push(Frame { name: self.nameless(address - 1), file: String::new() });
        }
        let mut numbers = vec![];
        for frame in found.into_iter().rev() {
            let is_start = frame.name.contains("__rust_begin_short_backtrace");
            let number = self.number(frame);
            if is_start {
                self.starts.insert(number);
            }
            numbers.push(number);
        }
        self.known.insert(address, numbers.clone());
        numbers
    }
}
