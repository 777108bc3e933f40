//! Where results of tasks lie while somebody needs them.

use std::fmt;

use smallvec::SmallVec;

use super::graph::TaskGraph;
use super::sync::{AtomicU32, Ordering, UnsafeCell};

/// A place for the result of each task of a graph. It has no locks: who may touch a place follows from who has claimed
/// which task, and a task is claimed once, after its inputs are there.
///
/// All calls are sound in any order, so nothing depends on what runs the tasks.
pub(super) struct Slots<'a, V> {
    graph: &'a TaskGraph,
    places: Box<[Place<V>]>,
}

struct Place<V> {
    state: AtomicU32,
    /// How many tasks, and who wants the result in the end, still need it.
    uses: AtomicU32,
    value: UnsafeCell<Option<V>>,
}

/// Nobody has claimed the task.
const FREE: u32 = 0;
/// Whoever has claimed it makes the result.
const CLAIMED: u32 = 1;
/// The result is there, as long as somebody needs it.
const MADE: u32 = 2;

// SAFETY: results are made on one thread, seen by several and dropped on another, as `Send` and `Sync` allow. No two
// touch a place at one time unless both read: see where it is touched.
unsafe impl<V: Send + Sync> Sync for Slots<'_, V> {}

impl<'a, V> Slots<'a, V> {
    /// The results of the tasks `kept`, in ascending order, stay to the end.
    pub(super) fn new(graph: &'a TaskGraph, kept: &[u32]) -> Self {
        let links = graph.links();
        let kept = |task| u32::from(kept.binary_search(&task).is_ok());
        let place = |task| Place {
            state: AtomicU32::new(FREE),
            // A graph has fewer than 2^32 inputs.
            uses: AtomicU32::new(links.use_count(task) + kept(task)),
            value: UnsafeCell::new(None),
        };
        Self { graph, places: graph.tasks().map(place).collect() }
    }

    /// Claims a task: none if somebody has, or if one of its inputs was not made.
    pub(super) fn claim(&self, task: u32) -> Option<Claim<'_, V>> {
        let is_made = |&input: &u32| self.place(input).state.load(Ordering::Acquire) == MADE;
        let are_made = self.graph.inputs_of(task).iter().all(is_made);
        let state = &self.place(task).state;
        let claim =
            || state.compare_exchange(FREE, CLAIMED, Ordering::Relaxed, Ordering::Relaxed).is_ok();
        (are_made && claim()).then_some(Claim { slots: self, task })
    }

    fn place(&self, task: u32) -> &Place<V> {
        &self.places[task as usize]
    }

    /// What is in all places.
    pub(super) fn into_all(self) -> impl Iterator<Item = Option<V>> {
        self.places.into_iter().map(|place| place.value.into_inner())
    }
}

/// The right to make the result of a task, of which there is one, and to look at its inputs meanwhile. When it goes
/// without a result its inputs stay to the end.
pub(super) struct Claim<'a, V> {
    slots: &'a Slots<'a, V>,
    task: u32,
}

impl<V> Claim<'_, V> {
    fn inputs_of(&self) -> &[u32] {
        self.slots.graph.inputs_of(self.task)
    }

    /// The results of the inputs.
    pub(super) fn inputs(&self) -> SmallVec<[&V; 8]> {
        let input = |&input: &u32| {
            self.slots.place(input).value.with(|value| {
                // SAFETY: it is made, as was seen when the task was claimed, so nobody writes it until it is taken.
                // That is not before this claim has given back its use of it, which ends what it lends.
                unsafe { &*value }.as_ref()
            })
        };
        self.inputs_of().iter().filter_map(input).collect()
    }

    /// Puts the result in its place, and drops the results that nobody needs any more. The list gets their tasks.
    pub(super) fn finish(self, value: V, released: &mut Vec<u32>) {
        let place = self.slots.place(self.task);
        if place.uses.load(Ordering::Relaxed) == 0 {
            released.push(self.task);
            drop(value);
        } else {
            place.value.with_mut(|place| {
                // SAFETY: the claim is the only one, and nobody else looks at the place before it is made.
                unsafe { *place = Some(value) };
            });
            place.state.store(MADE, Ordering::Release);
        }
        self.inputs_of().iter().for_each(|&input| self.give_back(input, released));
    }

    /// Gives one use of an input back, which the claim has and does not use any more.
    fn give_back(&self, input: u32, released: &mut Vec<u32>) {
        let place = self.slots.place(input);
        // Who sees 1 has the last, and needs no more expensive operation to be it.
        let is_last = place.uses.load(Ordering::Acquire) == 1
            || place.uses.fetch_sub(1, Ordering::AcqRel) == 1;
        if is_last {
            released.push(input);
            drop(place.value.with_mut(|value| {
                // SAFETY: it was made, and all that had a use of it have given that back: nobody looks at it.
                unsafe { (*value).take() }
            }));
        }
    }
}

impl<V> fmt::Debug for Slots<'_, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} slots", self.places.len())
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn a_task_is_claimed_once_and_after_its_inputs() {
        let mut graph = TaskGraph::new();
        let a = graph.add(&[]).unwrap();
        let b = graph.add(&[a, a]).unwrap();
        let slots = Slots::new(&graph, &[b]);
        assert!(slots.claim(b).is_none());
        let (claim, mut released) = (slots.claim(a).unwrap(), vec![]);
        assert!(slots.claim(a).is_none() && slots.claim(b).is_none());
        claim.finish(7, &mut released);
        assert!(slots.claim(a).is_none());
        let claim = slots.claim(b).unwrap();
        let sum = claim.inputs().into_iter().sum();
        claim.finish(sum, &mut released);
        assert_eq!(released, [a]);
        assert!(slots.claim(b).is_none());
        assert_eq!(slots.into_all().collect::<Vec<_>>(), [None, Some(14)]);
    }

    #[test]
    fn a_claim_that_is_dropped_leaves_its_inputs() {
        let mut graph = TaskGraph::new();
        let a = graph.add(&[]).unwrap();
        let b = graph.add(&[a]).unwrap();
        let (slots, mut released) = (Slots::new(&graph, &[]), vec![]);
        slots.claim(a).unwrap().finish("a", &mut released);
        assert!(slots.claim(b).is_some());
        assert!(slots.claim(b).is_none() && released.is_empty());
        assert_eq!(slots.into_all().collect::<Vec<_>>(), [Some("a"), None]);
    }

    #[test]
    fn what_nobody_needs_goes_at_once() {
        let mut graph = TaskGraph::new();
        let a = graph.add(&[]).unwrap();
        let (slots, mut released) = (Slots::new(&graph, &[]), vec![]);
        slots.claim(a).unwrap().finish((), &mut released);
        assert_eq!(released, [a]);
    }
}
