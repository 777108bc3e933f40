//! Loops in a graph of blocks.
//!
//! A loop is a set of blocks each of which leads to each other: a strongly connected region. Its head
//! is where it is entered; without the head, what is still connected are the loops within. Where each
//! loop has one entry, as in all code that compilers make of structured programs, these are the
//! natural loops that dominators give: the head dominates the rest, and the edges back to it end the
//! bodies. Where a region has several entries no block dominates it, and the first entry counts as
//! the head.

use std::collections::VecDeque;

/// Loops nested deeper than this count as one: real code does not, and damaged code may.
const DEEPEST: u32 = 64;

/// A loop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Region {
    /// The block that it is entered by.
    pub(crate) head: usize,
    /// The loop around it.
    pub(crate) parent: Option<usize>,
    /// How many loops it is in, itself counted.
    pub(crate) depth: u32,
    /// How many loops are nested in it; 0 for an innermost one.
    pub(crate) height: u32,
}

/// The loops of a graph.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Nest {
    /// Outer ones before inner ones.
    pub(crate) loops: Vec<Region>,
    /// For each block, the innermost loop that it is in.
    pub(crate) innermost: Vec<Option<usize>>,
}

impl Nest {
    /// Finds the loops of a graph given by the successors of its blocks.
    pub(crate) fn find(successors: &[Vec<usize>]) -> Self {
        let mut nest = Self { loops: Vec::new(), innermost: vec![None; successors.len()] };
        let entries = Entries::of(successors);
        let mut walk = Walk::new(successors);
        let all: Vec<usize> = (0..successors.len()).collect();
        let mut waiting = VecDeque::from([(all, None, 1)]);
        // In the order of their depth, so that the innermost loop of a block is written last.
        while let Some((blocks, parent, depth)) = waiting.pop_front() {
            for region in walk.regions(&blocks) {
                let head = entries.head(&region);
                let at = nest.loops.len();
                nest.loops.push(Region { head, parent, depth, height: 0 });
                for &block in &region {
                    set(&mut nest.innermost, block, Some(at));
                }
                let rest: Vec<_> = region.into_iter().filter(|&b| b != head).collect();
                if depth < DEEPEST && !rest.is_empty() {
                    waiting.push_back((rest, Some(at), depth + 1));
                }
            }
        }
        nest.measure();
        nest
    }

    fn measure(&mut self) {
        for at in (0..self.loops.len()).rev() {
            let Some((parent, height)) =
                self.loops.get(at).and_then(|l| Some((l.parent?, l.height + 1)))
            else {
                continue;
            };
            if let Some(parent) = self.loops.get_mut(parent) {
                parent.height = parent.height.max(height);
            }
        }
    }
}

/// Which blocks lead to each block, and the order in which a walk from the first finds them.
struct Entries {
    predecessors: Vec<Vec<usize>>,
    order: Vec<usize>,
}

impl Entries {
    fn of(successors: &[Vec<usize>]) -> Self {
        let count = successors.len();
        let mut order = vec![usize::MAX; count];
        let mut found = 0;
        // Blocks that nothing leads to, as those that a panic enters, come after the others.
        for root in 0..count {
            let mut stack = vec![root];
            while let Some(block) = stack.pop() {
                let Some(slot) = order.get_mut(block).filter(|o| **o == usize::MAX) else {
                    continue;
                };
                *slot = found;
                found += 1;
                stack.extend(successors.get(block).into_iter().flatten().rev());
            }
        }
        Self { predecessors: turned(successors), order }
    }

    /// The block that a region is entered by: of several, the one that is found first.
    fn head(&self, region: &[usize]) -> usize {
        let order = |&block: &usize| self.order.get(block).copied().unwrap_or(usize::MAX);
        let entered = |&block: &usize| {
            let before = self.predecessors.get(block).map_or(&[][..], Vec::as_slice);
            before.iter().any(|b| region.binary_search(b).is_err())
        };
        let entry = region.iter().copied().filter(entered).min_by_key(order);
        entry.or_else(|| region.iter().copied().min_by_key(order)).unwrap_or(0)
    }
}

/// For each block, those that lead to it.
pub(crate) fn turned(successors: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut predecessors = vec![Vec::new(); successors.len()];
    for (from, next) in successors.iter().enumerate() {
        for &to in next {
            if let Some(list) = predecessors.get_mut(to) {
                list.push(from);
            }
        }
    }
    predecessors
}

/// For each block, whether one of the roots leads to it or it is one.
pub(crate) fn reached(successors: &[Vec<usize>], roots: Vec<usize>) -> Vec<bool> {
    let mut reached = vec![false; successors.len()];
    let mut waiting = roots;
    while let Some(at) = waiting.pop() {
        let Some(slot) = reached.get_mut(at).filter(|known| !**known) else { continue };
        *slot = true;
        waiting.extend(successors.get(at).into_iter().flatten());
    }
    reached
}

/// The strongly connected regions of a graph that have a way round, each sorted.
pub(crate) fn connected(successors: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let all: Vec<usize> = (0..successors.len()).collect();
    Walk::new(successors).regions(&all)
}

fn get<T: Copy + Default>(values: &[T], at: usize) -> T {
    values.get(at).copied().unwrap_or_default()
}

fn set<T>(values: &mut [T], at: usize, value: T) {
    if let Some(slot) = values.get_mut(at) {
        *slot = value;
    }
}

/// Tarjan's algorithm with a stack of its own, on some of the blocks of a graph.
struct Walk<'s> {
    successors: &'s [Vec<usize>],
    member: Vec<bool>,
    index: Vec<usize>,
    low: Vec<usize>,
    on_stack: Vec<bool>,
    stack: Vec<usize>,
    next: usize,
    found: Vec<Vec<usize>>,
}

impl<'s> Walk<'s> {
    fn new(successors: &'s [Vec<usize>]) -> Self {
        let count = successors.len();
        Self {
            successors,
            member: vec![false; count],
            index: vec![usize::MAX; count],
            low: vec![0; count],
            on_stack: vec![false; count],
            stack: Vec::new(),
            next: 0,
            found: Vec::new(),
        }
    }

    /// The regions within these blocks; what is kept between calls is cleared for them only.
    fn regions(&mut self, blocks: &[usize]) -> Vec<Vec<usize>> {
        for &block in blocks {
            set(&mut self.member, block, true);
            set(&mut self.index, block, usize::MAX);
        }
        for &block in blocks {
            if get(&self.index, block) == usize::MAX {
                self.from(block);
            }
        }
        for &block in blocks {
            set(&mut self.member, block, false);
        }
        std::mem::take(&mut self.found)
    }

    fn enter(&mut self, block: usize) {
        set(&mut self.index, block, self.next);
        set(&mut self.low, block, self.next);
        self.next += 1;
        self.stack.push(block);
        set(&mut self.on_stack, block, true);
    }

    fn from(&mut self, root: usize) {
        self.enter(root);
        let mut path = vec![(root, 0)];
        while let Some(&mut (block, ref mut edge)) = path.last_mut() {
            let next = self.successors.get(block).and_then(|s| s.get(*edge)).copied();
            *edge += 1;
            match next {
                Some(to) if !get(&self.member, to) => {}
                Some(to) if get(&self.index, to) == usize::MAX => {
                    self.enter(to);
                    path.push((to, 0));
                }
                Some(to) => {
                    if get(&self.on_stack, to) {
                        let low = get(&self.low, block).min(get(&self.index, to));
                        set(&mut self.low, block, low);
                    }
                }
                None => {
                    path.pop();
                    if let Some(&(before, _)) = path.last() {
                        let low = get(&self.low, before).min(get(&self.low, block));
                        set(&mut self.low, before, low);
                    }
                    if get(&self.low, block) == get(&self.index, block) {
                        self.close(block);
                    }
                }
            }
        }
    }

    fn close(&mut self, root: usize) {
        let mut region = Vec::new();
        while let Some(block) = self.stack.pop() {
            set(&mut self.on_stack, block, false);
            region.push(block);
            if block == root {
                break;
            }
        }
        let round =
            region.len() > 1 || self.successors.get(root).is_some_and(|s| s.contains(&root));
        if round {
            region.sort_unstable();
            self.found.push(region);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loops(successors: &[&[usize]]) -> Nest {
        let successors: Vec<Vec<usize>> = successors.iter().map(|s| s.to_vec()).collect();
        Nest::find(&successors)
    }

    #[test]
    fn straight_code_has_no_loop() {
        assert!(loops(&[&[1, 2], &[3], &[3], &[]]).loops.is_empty());
        assert!(loops(&[]).loops.is_empty());
    }

    #[test]
    fn a_block_that_leads_to_itself_is_a_loop() {
        let nest = loops(&[&[1], &[1, 2], &[]]);
        assert_eq!(nest.loops, [Region { head: 1, parent: None, depth: 1, height: 0 }]);
        assert_eq!(nest.innermost, [None, Some(0), None]);
    }

    #[test]
    fn three_loops_nest() {
        // 1 around 2 around 3; 4 ends the middle one, 5 the outer one.
        let nest = loops(&[&[1], &[2], &[3], &[3, 4], &[2, 5], &[1, 6], &[]]);
        let seen: Vec<_> = nest.loops.iter().map(|l| (l.head, l.depth, l.height)).collect();
        assert_eq!(seen, [(1, 1, 2), (2, 2, 1), (3, 3, 0)]);
        assert_eq!(nest.innermost, [None, Some(0), Some(1), Some(2), Some(1), Some(0), None]);
        let parents: Vec<_> = nest.loops.iter().map(|l| l.parent).collect();
        assert_eq!(parents, [None, Some(0), Some(1)]);
    }

    #[test]
    fn loops_side_by_side_do_not_nest() {
        let nest = loops(&[&[1], &[1, 2], &[2, 3], &[]]);
        assert_eq!(nest.loops.iter().map(|l| l.depth).collect::<Vec<_>>(), [1, 1]);
    }

    #[test]
    fn a_block_that_panics_is_in_no_loop() {
        let nest = loops(&[&[1], &[2, 3], &[1], &[]]);
        assert_eq!(nest.innermost, [None, Some(0), Some(0), None]);
    }

    #[test]
    fn a_region_with_two_entries_is_one_loop() {
        let nest = loops(&[&[1, 2], &[2], &[1, 3], &[]]);
        assert_eq!(nest.loops.len(), 1);
        assert_eq!(nest.innermost, [None, Some(0), Some(0), None]);
    }

    #[test]
    fn graphs_without_sense_end() {
        // All blocks lead to all: one loop in another, as deep as is looked.
        let all: Vec<usize> = (0..200).collect();
        let nest = Nest::find(&vec![all; 200]);
        assert_eq!(nest.loops.iter().map(|l| l.depth).max(), Some(DEEPEST));
        // Edges to blocks that are not there lead nowhere.
        assert!(loops(&[&[7], &[9]]).loops.is_empty());
        // A chain that recursion could not follow.
        let chain: Vec<Vec<usize>> = (1..=200_000).map(|next| vec![next]).collect();
        assert!(Nest::find(&chain).loops.is_empty());
    }
}
