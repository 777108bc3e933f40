//! The last so many exits of a thread.

use super::link::Link;
use super::node::{Node, Tally};

/// A bounded list of what took time; the oldest entry makes room for the newest.
#[derive(Debug)]
pub(crate) struct Ring {
    slots: Box<[Slot]>,
    /// How many entries there ever were.
    written: Tally,
}

#[derive(Debug)]
struct Slot {
    node: Link<Node>,
    start: Tally,
    elapsed: Tally,
}

/// An entry of a ring, in ticks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Event {
    pub(crate) node: &'static Node,
    pub(crate) start: u64,
    pub(crate) elapsed: u64,
}

impl Ring {
    pub(crate) fn new(capacity: usize) -> Self {
        let slot = || Slot { node: Link::none(), start: Tally::new(0), elapsed: Tally::new(0) };
        let slots = std::iter::repeat_with(slot).take(capacity.max(1)).collect();
        Self { slots, written: Tally::new(0) }
    }

    pub(crate) fn capacity(&self) -> usize {
        self.slots.len()
    }

    pub(crate) fn reset(&self) {
        self.written.set(0);
    }

    pub(crate) fn push(&self, node: &'static Node, start: u64, elapsed: u64) {
        let written = self.written.get();
        let slot = &self.slots[usize::try_from(written).unwrap_or(0) % self.slots.len()];
        slot.node.set(Some(node));
        slot.start.set(start);
        slot.elapsed.set(elapsed);
        self.written.set(written + 1);
    }

    /// The entries that are left, and how many are not.
    pub(crate) fn read(&self) -> (Vec<Event>, u64) {
        let written = self.written.get();
        let kept = usize::try_from(written).unwrap_or(usize::MAX).min(self.slots.len());
        let event = |slot: &Slot| {
            let node = slot.node.get()?;
            Some(Event { node, start: slot.start.get(), elapsed: slot.elapsed.get() })
        };
        let mut events: Vec<Event> = self.slots[..kept].iter().filter_map(event).collect();
        events.sort_by_key(|event| event.start);
        (events, written - kept as u64)
    }
}
