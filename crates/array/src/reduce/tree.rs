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
    /// By chunk of the result, height in the tree, and place at that height.
    waiting: Mutex<HashMap<(usize, u32, usize), Accumulators>>,
}

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
        mut accumulators: Accumulators,
    ) -> Option<Accumulators> {
        let (mut height, mut place, mut width) = (0, number, of);
        while width > 1 {
            let sibling = place ^ 1;
            // The last one at a height may have no sibling, and goes up alone.
            if sibling < width {
                let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
                let Some(other) = waiting.remove(&(to, height, sibling)) else {
                    waiting.insert((to, height, place), accumulators);
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
        Some(accumulators)
    }
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
    }
}
