//! What would be computed again and again if it were not stored.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::block::Grain;
use crate::chunks::Chunks;
use crate::hash::Identity;
use crate::node::{Node, Op};
use crate::view::{AxisMap, View};

/// How many times an element is computed where it is used rather than stored.
const TIMES: f64 = 4.0;

/// How many blocks are computed within each other, and how many copies there are of one in the programs of others:
/// beyond that a thread's stack, and the time to make a plan, would come to an end.
const DEPTH: usize = 32;
const COPIES: f64 = 64.0;

/// The nodes that are cheaper held than computed each time: what is computed, and then seen through a view that
/// repeats it, or asked for several times by a block or by many; and what is made in whole chunks, and then read
/// otherwise. If nothing is to be held for that, what is too deep within blocks, and what they copy too often.
pub(super) fn repeated(order: &[Arc<Node>], roots: &[Arc<Node>], holds: bool) -> HashSet<Identity> {
    let mut found = Repeated { holds, ..Repeated::default() };
    for node in order {
        for (number, input) in node.inputs.iter().enumerate() {
            let computes = found.computed.contains(&input.identity) && repeats(node, number);
            let cuts = found.whole.contains(&input.identity) && cuts(node, input);
            if holds && (computes || cuts) {
                found.stored.insert(input.identity);
            }
        }
        found.see(node);
    }
    found.store_demanded(order, roots);
    found.stored
}

#[derive(Default)]
struct Repeated {
    /// Whether what costs less held than computed again is held.
    holds: bool,
    stored: HashSet<Identity>,
    /// What is computed where it is used.
    computed: HashSet<Identity>,
    /// What of that is made in whole chunks.
    whole: HashSet<Identity>,
    /// How many blocks are within each other in it.
    depth: HashMap<Identity, usize>,
}

impl Repeated {
    /// Says of a node what its inputs, which are not stored, make of it.
    fn see(&mut self, node: &Node) {
        let (computes, is_whole, blocks) = match &node.op {
            Op::Map { .. } => (true, false, 0),
            Op::Block(block) => {
                let is_whole = matches!(block.grain(), Grain::Chunk | Grain::Sequence(_));
                (block.computes(), is_whole, 1)
            }
            Op::View(_) | Op::Rechunk => (false, false, 0),
            _ => return,
        };
        let inputs = || {
            let inputs = node.inputs.iter().map(|input| &input.identity);
            inputs.filter(|input| !self.stored.contains(input))
        };
        let computes = computes || inputs().any(|input| self.computed.contains(input));
        let is_whole = is_whole || inputs().any(|input| self.whole.contains(input));
        let depth = blocks + inputs().filter_map(|input| self.depth.get(input)).max().unwrap_or(&0);
        if computes {
            self.computed.insert(node.identity);
        }
        if is_whole {
            self.whole.insert(node.identity);
        }
        if depth > DEPTH {
            self.stored.insert(node.identity);
        }
        self.depth.insert(node.identity, depth);
    }

    /// Stores what blocks would otherwise compute again and again for each other: of `x.roll(0, 1) + x.roll(0, -1)`,
    /// taken for `x` n times, the first would be computed 2^n times.
    fn store_demanded(&mut self, order: &[Arc<Node>], roots: &[Arc<Node>]) {
        let roots: HashSet<Identity> = roots.iter().map(|root| root.identity).collect();
        let mut demanded: HashMap<Identity, Demand> = HashMap::new();
        for node in order.iter().rev() {
            let len = elements(node);
            let (demand, copies) = demanded
                .get(&node.identity)
                .map_or((0.0, 1.0), |demand| (demand.elements.sum(), demand.copies.sum()));
            let is_demanded =
                self.holds && self.computed.contains(&node.identity) && demand > TIMES * len;
            if is_demanded || (matches!(node.op, Op::Block(_)) && copies > COPIES) {
                self.stored.insert(node.identity);
            }
            let is_once = self.stored.contains(&node.identity)
                || matches!(node.op, Op::Reduce { .. })
                || roots.contains(&node.identity);
            let elements_of = |input: &Node| match (is_once, &node.op) {
                (true, Op::View(_)) => len,
                (false, Op::View(_)) => demand,
                (true, _) => elements(input),
                (false, _) => elements(input) * demand / len.max(1.0),
            };
            let copies = if is_once { 1.0 } else { copies };
            for input in &node.inputs {
                let is_block = matches!(node.op, Op::Block(_));
                let of_input = demanded.entry(input.identity).or_default();
                of_input.elements.add(is_block, elements_of(input));
                // What is seen through several views is a leaf for each.
                let is_apart = is_block || matches!(node.op, Op::View(_));
                of_input.copies.add(is_apart, copies);
            }
        }
    }
}

/// What is asked of a node, over all of a plan.
#[derive(Default)]
struct Demand {
    /// How many of its elements.
    elements: Asked,
    /// How many programs have it.
    copies: Asked,
}

#[derive(Default)]
struct Asked {
    /// By blocks, each for itself.
    by_blocks: f64,
    /// By what computes them in one place, once for all.
    in_place: f64,
}

impl Asked {
    fn add(&mut self, by_block: bool, asked: f64) {
        match by_block {
            true => self.by_blocks += asked,
            false => self.in_place = self.in_place.max(asked),
        }
    }

    fn sum(&self) -> f64 {
        self.by_blocks + self.in_place
    }
}

#[expect(clippy::cast_precision_loss, reason = "it is about how many")]
fn elements(node: &Node) -> f64 {
    node.shape().iter().map(|&len| len as f64).product()
}

/// Whether a node asks for the elements of an input several times.
fn repeats(node: &Node, input: usize) -> bool {
    match &node.op {
        Op::View(view) => {
            (0..view.shape.len()).any(|axis| view.shape[axis] > 1 && !along(view, axis))
        }
        Op::Block(block) => block.repeats() || block.passes(input, &node.chunks.largest()) > 1,
        _ => false,
    }
}

/// Whether an axis of the array goes along one of the view.
fn along(view: &View, axis: usize) -> bool {
    view.maps.iter().any(|map| matches!(map, AxisMap::Along { axis: of, .. } if *of == axis))
}

/// Whether a node asks for parts of the chunks of an input at different times.
fn cuts(node: &Node, input: &Node) -> bool {
    match &node.op {
        Op::Map { .. } | Op::Rechunk => !consists_of(&node.chunks, &input.chunks),
        Op::Block(block) => !block.keeps_chunks(),
        _ => false,
    }
}

/// Whether chunks are made of whole chunks of another cut.
fn consists_of(chunks: &Chunks, of: &Chunks) -> bool {
    chunks.axes().iter().zip(of.axes()).all(|(cut, of)| {
        let begins = |i: usize| {
            let start = cut.range(i).start;
            of.range(of.chunk_of(start)).start == start
        };
        match (cut.even_size(), of.even_size()) {
            _ if cut.count() == 1 || cut.len() == 0 => true,
            (Some(size), Some(of)) => size % of == 0,
            // A cut that is not even is listed, and this one has no more chunks.
            _ => cut.count() <= of.count() && (0..cut.count()).all(begins),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chunks::AxisChunks;

    #[test]
    fn chunks_of_whole_chunks() {
        let even = |size| AxisChunks::even(12, size).unwrap();
        let listed = |sizes: &[usize]| AxisChunks::listed(12, sizes).unwrap();
        let consists = |cut: &AxisChunks, of: &AxisChunks| {
            consists_of(&Chunks::new([cut.clone()]), &Chunks::new([of.clone()]))
        };
        assert!(consists(&even(6), &even(3)) && consists(&even(12), &listed(&[5, 7])));
        assert!(consists(&listed(&[6, 2, 4]), &even(2)) && consists(&even(8), &listed(&[3, 5, 4])));
        assert!(!consists(&even(3), &even(6)) && !consists(&even(4), &even(3)));
        assert!(!consists(&listed(&[5, 7]), &even(2)));
    }
}
