//! The accumulators of chunks, merged as they come, always in the same order.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::{Accumulators, Reducer};

/// Merges the accumulators of chunks in a binary tree over the numbers of the chunks. Which thread brings them, and
/// when, makes no difference to the result.
///
/// What two chunks make is kept until their neighbours come, so about as many accumulators as the tree is high are
/// alive when chunks come more or less in order.
pub(crate) struct Tree {
    waiting: Mutex<HashMap<Subtree, Accumulators>>,
}

/// The chunk of the result that a subtree is of, its height, and its place among those of that height.
pub(crate) type Subtree = (usize, u32, usize);

impl Tree {
    pub(crate) fn new() -> Self {
        Self { waiting: Mutex::new(HashMap::new()) }
    }

    /// Takes the accumulators of chunk `number` of the `of` that go to chunk `to` of the result, and gives those of
    /// all when they are complete.
    pub(crate) fn push(
        &self,
        reducer: &dyn Reducer,
        to: usize,
        number: usize,
        of: usize,
        accumulators: Accumulators,
    ) -> Option<Accumulators> {
        self.push_subtree(reducer, (to, 0, number), of, accumulators, |_| true).map(|(_, all)| all)
    }

    /// The same of a subtree that was merged elsewhere. Those that do not stay here until their siblings come are given, too.
    pub(crate) fn push_subtree(
        &self,
        reducer: &dyn Reducer,
        (to, mut height, mut place): Subtree,
        of: usize,
        mut accumulators: Accumulators,
        stays: impl Fn(Subtree) -> bool,
    ) -> Option<(Subtree, Accumulators)> {
        let mut width = (0..height).fold(of, |width, _| width.div_ceil(2));
        while width > 1 {
            let sibling = place ^ 1;
            // The last one at a height may have no sibling, and goes up alone.
            if sibling < width {
                let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
                let Some(other) = waiting.remove(&(to, height, sibling)) else {
                    let subtree = (to, height, place);
                    if !stays(subtree) {
                        return Some((subtree, accumulators));
                    }
                    waiting.insert(subtree, accumulators);
                    return None;
                };
                drop(waiting);
                accumulators = match sibling < place {
                    true => merged(reducer, other, accumulators),
                    false => merged(reducer, accumulators, other),
                };
            }
            (height, place, width) = (height + 1, place / 2, width.div_ceil(2));
        }
        Some(((to, height, place), accumulators))
    }

    /// Keeps the accumulators of all `of` chunks that go to chunk `to`, for [`take`](Self::take).
    pub(crate) fn keep(&self, to: usize, of: usize, accumulators: Accumulators) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.insert((to, height(of), 0), accumulators);
    }

    /// Takes some of the subtrees that wait for others.
    pub(crate) fn take(&self, which: impl Fn(Subtree) -> bool) -> Vec<(Subtree, Accumulators)> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.extract_if(|subtree, _| which(*subtree)).collect()
    }

    /// How many subtrees wait for others.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

/// The height of the tree of so many chunks.
pub(crate) fn height(of: usize) -> u32 {
    of.checked_next_power_of_two().map_or(usize::BITS, usize::trailing_zeros)
}

fn merged(reducer: &dyn Reducer, mut first: Accumulators, second: Accumulators) -> Accumulators {
    reducer.merge(&mut first, second);
    first
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Folded, Sum};
    use super::*;
    use crate::hash::Identity;

    proptest! {
        #[test]
        fn the_order_of_arrival_makes_no_difference(
            numbers in Just((0..37_usize).collect::<Vec<_>>()).prop_shuffle(),
            len in 1..38_usize,
        ) {
            let reducer = Folded::<f64, f64, Sum>::new("sum", Identity::of(()), Sum);
            let sum = |order: Vec<usize>| {
                let tree = Tree::new();
                let mut done = vec![];
                for number in order {
                    let of_chunk: Accumulators = Box::new(vec![1.0 / (number as f64 + 3.0)]);
                    done.extend(tree.push(&reducer, 0, number, len, of_chunk));
                }
                assert_eq!(done.len(), 1);
                done[0].downcast_ref::<Vec<f64>>().unwrap()[0]
            };
            let shuffled = numbers.into_iter().filter(|&number| number < len).collect();
            prop_assert_eq!(sum((0..len).collect()).to_bits(), sum(shuffled).to_bits());
        }

        #[test]
        fn subtrees_of_several_trees_make_the_same(
            len in 1..38_usize,
            owners in prop::collection::vec(0..3_usize, 38),
        ) {
            let reducer = Folded::<f64, f64, Sum>::new("sum", Identity::of(()), Sum);
            let of_chunk = |number: usize| Box::new(vec![1.0 / (number as f64 + 3.0)]) as Accumulators;
            let one = Tree::new();
            let whole = (0..len).find_map(|number| one.push(&reducer, 0, number, len, of_chunk(number)));
            let trees = [0, 1, 2].map(|_| Tree::new());
            for number in 0..len {
                let tree = &trees[owners[number]];
                if let Some(all) = tree.push(&reducer, 0, number, len, of_chunk(number)) {
                    tree.keep(0, len, all);
                }
            }
            let last = Tree::new();
            let mut done = vec![];
            for (subtree, accumulators) in trees.iter().flat_map(|tree| tree.take(|_| true)) {
                let all = last.push_subtree(&reducer, subtree, len, accumulators, |_| true);
                done.extend(all.map(|(_, all)| all));
            }
            assert_eq!(done.len(), 1);
            let bits = |all: &Accumulators| all.downcast_ref::<Vec<f64>>().unwrap()[0].to_bits();
            prop_assert_eq!(bits(&done[0]), bits(&whole.unwrap()));
        }
    }
}
