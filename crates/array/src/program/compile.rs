//! How a program is made of nodes.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

use smallvec::{SmallVec, smallvec};

use super::leaf::{From, Leaf, union};
use super::{Program, Step, cost};
use crate::element::DType;
use crate::every::Every;
use crate::hash::Identity;
use crate::node::{Node, Op};
use crate::tile::{PORTIONS, tile_shape};
use crate::view::View;
use crate::window::{Dims, Window};

impl Program {
    /// A program for nodes of one shape. `stored` says where a node is found that is not to be computed, `folded` by the
    /// number of a node that what takes its elements takes them in rows.
    pub(crate) fn new(
        outputs: &[Arc<Node>],
        stored: &dyn Fn(&Node) -> Option<usize>,
        folded: &dyn Fn(usize) -> bool,
    ) -> Self {
        let tile =
            outputs.first().map_or_else(Dims::new, |node| tile_shape(&node.chunks.largest()));
        let (known, leaves_of) = (HashMap::new(), HashMap::new());
        Compiler { stored, program: Self::empty(), known, leaves_of, tile }.compile(outputs, folded)
    }

    fn empty() -> Self {
        Self {
            leaves: vec![],
            steps: vec![],
            registers: vec![],
            outputs: vec![],
            portion: PORTIONS[0].bytes,
            collected: 0,
            is_whole: false,
            filled: Mutex::default(),
        }
    }
}

/// A register, and what it holds: a node seen through a view.
type Key = (Identity, View);

struct Compiler<'a> {
    stored: &'a dyn Fn(&Node) -> Option<usize>,
    program: Program,
    known: HashMap<Key, usize>,
    /// The leaves that are there of each node, one for each view that has nothing in common with others.
    leaves_of: HashMap<Identity, SmallVec<[usize; 1]>>,
    /// The least that is worked on at a time.
    tile: Dims,
}

impl Compiler<'_> {
    fn compile(mut self, outputs: &[Arc<Node>], folded: &dyn Fn(usize) -> bool) -> Program {
        for output in outputs {
            let view = View::whole(&output.shape());
            let register = self.value(output, view);
            self.program.outputs.push(register);
        }
        self.ask_for_dense(folded);
        reuse_registers(&mut self.program);
        self.program
    }

    /// Has outputs that are not folded lie together.
    fn ask_for_dense(&mut self, folded: &dyn Fn(usize) -> bool) {
        let outputs = self.program.outputs.iter().enumerate();
        let dense: HashSet<usize> =
            outputs.filter(|(number, _)| !folded(*number)).map(|(_, &register)| register).collect();
        for step in &mut self.program.steps {
            if let Step::Load { to, in_rows, .. } = step {
                *in_rows = !dense.contains(to);
            }
        }
    }

    /// The register that holds a node seen through a view. It works through a list of its own instead of calling
    /// itself, so that a chain may have any length.
    fn value(&mut self, node: &Arc<Node>, view: View) -> usize {
        let root = (node.identity, view.clone());
        let mut todo = vec![(Arc::clone(node), view)];
        while let Some((node, view)) = todo.last().cloned() {
            let key = (node.identity, view.clone());
            if self.known.contains_key(&key) {
                todo.pop();
                continue;
            }
            let needed = self.needed(&node, &view);
            let missing: Vec<_> = needed
                .iter()
                .filter(|(node, view)| !self.known.contains_key(&(node.identity, view.clone())))
                .cloned()
                .collect();
            if missing.is_empty() {
                let register = self.step(&node, view, &needed);
                self.known.insert(key, register);
                todo.pop();
            } else {
                todo.extend(missing.into_iter().rev());
            }
        }
        self.known[&root]
    }

    /// What must be in registers before a node can be.
    fn needed(&self, node: &Node, view: &View) -> SmallVec<[(Arc<Node>, View); 2]> {
        if (self.stored)(node).is_some() {
            return smallvec![];
        }
        match &node.op {
            Op::Map { .. } => {
                node.inputs.iter().map(|input| (Arc::clone(input), view.clone())).collect()
            }
            Op::View(own) => smallvec![(Arc::clone(&node.inputs[0]), view.of(own))],
            Op::Rechunk => smallvec![(Arc::clone(&node.inputs[0]), view.clone())],
            _ => smallvec![],
        }
    }

    fn step(&mut self, node: &Node, view: View, needed: &[(Arc<Node>, View)]) -> usize {
        let register =
            |(node, view): &(Arc<Node>, View)| self.known[&(node.identity, view.clone())];
        let inputs: SmallVec<[usize; 3]> = needed.iter().map(register).collect();
        match (&node.op, inputs.as_slice()) {
            (Op::Map { name, function }, [_, ..]) => {
                let to = self.register(node.dtype);
                let (function, name, origin) =
                    (Arc::clone(function), Arc::clone(name), node.origin);
                let nanoseconds = cost::of_function(&name);
                let apply = Step::Apply { function, nanoseconds, inputs, to, name, origin };
                self.program.steps.push(apply);
                to
            }
            (_, [same]) => *same,
            _ => self.load(node, view),
        }
    }

    fn load(&mut self, node: &Node, view: View) -> usize {
        let (leaf, view) = self.shared(node, &view).unwrap_or_else(|| self.leaf(node, view));
        let to = self.register(node.dtype);
        self.program.steps.push(Step::Load { leaf, view, to, in_rows: true });
        to
    }

    /// A leaf that is read for another view of the same node, if that takes no more than to read for both: they are some
    /// elements apart, as those of differences and stencils are. It is asked of a tile; the more is read at a time, the
    /// more they have in common.
    fn shared(&mut self, node: &Node, view: &View) -> Option<(usize, usize)> {
        if self.tile.contains(&0) {
            return None;
        }
        let tile = Window::whole(&self.tile);
        let is_near = |leaf: &Leaf| {
            leaf.every.is_none() && leaf.may_be_read() && view.is_moved(&leaf.views[0]) && {
                let (before, own) = (leaf.window(&tile), view.window(&tile));
                let apart = before.len().saturating_add(own.len());
                union([before, own].into_iter()).len() <= apart
            }
        };
        let of_node = self.leaves_of.get(&node.identity)?;
        let at = of_node.iter().copied().find(|&at| is_near(&self.program.leaves[at]))?;
        let views = &mut self.program.leaves[at].views;
        views.push(view.clone());
        Some((at, views.len() - 1))
    }

    fn leaf(&mut self, node: &Node, view: View) -> (usize, usize) {
        let from = match ((self.stored)(node), &node.op) {
            (Some(place), _) => From::Result { place, on_disk: false },
            (None, Op::Memory(memory)) => From::Memory(Arc::clone(&memory.elements)),
            (None, Op::Source(source)) => From::Source(Arc::clone(source)),
            (None, Op::Block(block)) => {
                let inputs = node.inputs.iter().map(|input| {
                    Program::new(std::slice::from_ref(input), self.stored, &|_| false)
                });
                From::Block(Arc::clone(block), inputs.collect())
            }
            (None, _) => unreachable!("{node:?} is neither stored nor a leaf"),
        };
        let (identity, dtype, shape) = (node.identity, node.dtype, node.shape());
        let every = match &from {
            // A row of a chunk is not read for less than the chunk is.
            From::Source(source) if !source.is_computed() && source.chunks().is_none() => {
                Every::of(&shape, &view, dtype.bytes())
            }
            _ => None,
        };
        let (every, shape, view) = match every {
            Some((every, view)) => {
                let shape = every.shape();
                (Some(every), shape, view)
            }
            None => (None, shape, view),
        };
        let is_computed = matches!(&from, From::Source(source) if source.is_computed());
        let is_tilewise = is_computed && view.is_whole(&shape);
        let (views, origin) = (smallvec![view], node.origin);
        let reads_ranks = from.reads_ranks();
        let is_ahead = false;
        let leaf =
            Leaf { from, dtype, shape, views, every, origin, reads_ranks, is_tilewise, is_ahead };
        self.program.is_whole |= leaf.is_whole();
        self.leaves_of.entry(identity).or_default().push(self.program.leaves.len());
        self.program.leaves.push(leaf);
        (self.program.leaves.len() - 1, 0)
    }

    fn register(&mut self, dtype: DType) -> usize {
        self.program.registers.push(dtype);
        self.program.registers.len() - 1
    }
}

/// Gives steps the registers of values that nobody needs any more, so that a chain of any length needs few.
fn reuse_registers(program: &mut Program) {
    let mut last = vec![0; program.registers.len()];
    for (at, step) in program.steps.iter().enumerate() {
        if let Step::Apply { inputs, .. } = step {
            inputs.iter().for_each(|&input| last[input] = at);
        }
    }
    program.outputs.iter().for_each(|&output| last[output] = usize::MAX);
    let mut place = vec![usize::MAX; program.registers.len()];
    let mut free: HashMap<DType, Vec<usize>> = HashMap::new();
    let mut registers = vec![];
    for (at, step) in program.steps.iter_mut().enumerate() {
        let (inputs, to): (&mut [usize], _) = match step {
            Step::Load { to, .. } => (&mut [], to),
            Step::Apply { inputs, to, .. } => (inputs, to),
        };
        let dtype = program.registers[*to];
        let old = *to;
        *to = free.get_mut(&dtype).and_then(Vec::pop).unwrap_or_else(|| {
            registers.push(dtype);
            registers.len() - 1
        });
        place[old] = *to;
        for input in inputs {
            let before = *input;
            *input = place[before];
            if last[before] == at {
                last[before] = usize::MAX;
                free.entry(program.registers[before]).or_default().push(*input);
            }
        }
    }
    program.outputs.iter_mut().for_each(|output| *output = place[*output]);
    program.registers = registers;
}
