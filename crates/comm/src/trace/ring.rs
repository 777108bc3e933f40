//! The last calls of a rank.

use std::collections::VecDeque;

use super::Event;
use crate::{CallKind, Outcome};

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

    /// Keeps one more. Of those that look again and again at one place, and find nothing, one stands for all,
    /// from the first to the last.
    pub(super) fn push(&mut self, event: Event) {
        if let Some(last) = self.events.back_mut().filter(|last| is_same_look(last, &event)) {
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

fn is_same_look(last: &Event, event: &Event) -> bool {
    let is_vain = |event: &Event| event.outcome == Outcome::Nothing;
    let is_probe = matches!(event.kind, CallKind::Probe | CallKind::Mprobe);
    let of = |event: &Event| (event.kind, event.place, event.communicator, event.from, event.want);
    is_probe && is_vain(last) && is_vain(event) && of(last) == of(event)
}

#[cfg(test)]
mod tests {
    use super::{Event, Ring};
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
}
