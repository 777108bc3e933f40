//! The last calls of a rank.

use std::collections::VecDeque;

use super::Event;
use super::polls::SOON_NS;
use crate::Outcome;

/// The last of the calls that are recorded, so many at most.
#[derive(Debug)]
pub(super) struct Ring {
    events: VecDeque<Event>,
    most: usize,
    dropped: u64,
}

impl Ring {
    pub(super) fn new(most: usize) -> Self {
        Self { events: VecDeque::new(), most, dropped: 0 }
    }

    /// Keeps one more. Of those that look again and again at one place, or at a few in turn, and find nothing, one
    /// stands for all at its place, from the first to the last, as long as each comes soon after the one before.
    pub(super) fn push(&mut self, event: Event) {
        let mut looks = self.events.iter_mut().rev().take_while(|last| is_vain(last)).take(IN_TURN);
        if let Some(last) = looks.find(|last| is_same_look(last, &event)) {
            last.end_ns = event.end_ns;
            return;
        }
        if self.events.len() == self.most {
            self.dropped += 1;
            if self.events.pop_front().is_none() {
                return;
            }
        }
        self.events.push_back(event);
    }

    /// Those that are kept, the last first.
    pub(super) fn last_first(&mut self) -> impl Iterator<Item = &mut Event> {
        self.events.iter_mut().rev()
    }

    /// All that were kept, and how many were not.
    pub(super) fn into_events(self) -> (Vec<Event>, u64) {
        (self.events.into(), self.dropped)
    }
}

/// At so many places, or for so many messages, a loop looks that is one.
const IN_TURN: usize = 8;

fn is_vain(event: &Event) -> bool {
    event.outcome == Outcome::Nothing
}

fn is_same_look(last: &Event, event: &Event) -> bool {
    let of = |event: &Event| (event.kind, event.place, event.communicator, event.from, event.want);
    let is_soon = event.start_ns.saturating_sub(last.end_ns) <= SOON_NS;
    is_vain(event) && of(last) == of(event) && is_soon
}

#[cfg(test)]
mod tests {
    use super::{Event, Ring, SOON_NS};
    use crate::{CallKind, Outcome};

    #[test]
    fn the_last_are_kept() {
        let mut ring = Ring::new(2);
        for start in 0..5 {
            ring.push(Event::new(CallKind::Send, start, start + 1));
        }
        let (events, dropped) = ring.into_events();
        assert_eq!(events.iter().map(|event| event.start_ns).collect::<Vec<_>>(), [3, 4]);
        assert_eq!(dropped, 3);
    }

    #[test]
    fn none_are_kept_where_none_are_asked_for() {
        let mut ring = Ring::new(0);
        ring.push(Event::new(CallKind::Send, 0, 1));
        assert_eq!(ring.into_events(), (vec![], 1));
    }

    #[test]
    fn looks_in_vain_are_one() {
        let mut ring = Ring::new(9);
        for start in 0..5 {
            let event = Event::new(CallKind::Probe, start, start + 1);
            ring.push(Event { outcome: Outcome::Nothing, ..event });
        }
        ring.push(Event::new(CallKind::Probe, 5, 6));
        let (events, dropped) = ring.into_events();
        let times: Vec<_> = events.iter().map(|event| (event.start_ns, event.end_ns)).collect();
        assert_eq!((times, dropped), (vec![(0, 5), (5, 6)], 0));
    }

    #[test]
    fn looks_in_turn_are_one_for_each_place() {
        let mut ring = Ring::new(9);
        for start in 0..6 {
            let place = (start % 2) as u16;
            let event = Event::new(CallKind::Probe, start, start + 1);
            ring.push(Event { outcome: Outcome::Nothing, place, ..event });
        }
        let (events, _) = ring.into_events();
        let times: Vec<_> = events.iter().map(|event| (event.start_ns, event.end_ns)).collect();
        assert_eq!(times, [(0, 5), (1, 6)]);
    }

    #[test]
    fn work_between_looks_is_none_of_them() {
        let mut ring = Ring::new(9);
        for start in [0, 2 * SOON_NS] {
            let event = Event::new(CallKind::Probe, start, start + 1);
            ring.push(Event { outcome: Outcome::Nothing, ..event });
        }
        assert_eq!(ring.into_events().0.len(), 2);
    }
}
