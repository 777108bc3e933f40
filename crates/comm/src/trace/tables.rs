//! What events name by numbers.

use std::collections::BTreeMap;
use std::panic::Location;
use std::ptr;

use super::Place;
use crate::Tag;

/// Places, each once.
#[derive(Debug, Default)]
pub(super) struct Places {
    list: Vec<Place>,
    /// By where the compiler has put them: one that it has put twice is in the list twice.
    numbers: BTreeMap<usize, u16>,
}

impl Places {
    /// The number of a place. All beyond the first 65535 are that of the last.
    pub(super) fn number(&mut self, at: &'static Location<'static>) -> u16 {
        let next = u16::try_from(self.list.len()).unwrap_or(u16::MAX);
        let address = ptr::from_ref(at).addr();
        *self.numbers.entry(address).or_insert_with(|| {
            if next < u16::MAX {
                self.list.push(Place::from(at));
            }
            next.min(u16::MAX - 1)
        })
    }

    pub(super) fn list(&self) -> &[Place] {
        &self.list
    }
}

/// How many messages have gone each way, by communicator, other rank and tag.
#[derive(Debug, Default)]
pub(super) struct Counts(BTreeMap<(u32, u32, Tag), Count>);

#[derive(Debug, Default)]
struct Count {
    messages: u32,
    /// Where the last was sent or received, unless that was none.
    last: Option<u16>,
}

impl Counts {
    /// The number of the next, which is sent or received at this place.
    pub(super) fn next(&mut self, communicator: u32, peer: u32, tag: Tag, place: u16) -> u32 {
        let count = self.0.entry((communicator, peer, tag)).or_default();
        count.last = Some(place);
        count.messages += 1;
        count.messages - 1
    }

    /// Where the last was sent or received, if that is known.
    pub(super) fn last(&self, communicator: u32, peer: u32, tag: Tag) -> Option<u16> {
        self.0.get(&(communicator, peer, tag))?.last
    }

    /// One of them was none.
    pub(super) fn take_back(&mut self, communicator: u32, peer: u32, tag: Tag) {
        if let Some(count) = self.0.get_mut(&(communicator, peer, tag)) {
            *count = Count { messages: count.messages - 1, last: None };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Counts;

    #[test]
    fn the_last_of_each_way_has_its_place() {
        let mut counts = Counts::default();
        assert_eq!(counts.last(0, 1, 7), None);
        assert_eq!(
            [counts.next(0, 1, 7, 3), counts.next(0, 1, 7, 4), counts.next(0, 1, 8, 5)],
            [0, 1, 0]
        );
        assert_eq!(
            [counts.last(0, 1, 7), counts.last(0, 1, 8), counts.last(1, 1, 7)],
            [Some(4), Some(5), None]
        );
    }

    #[test]
    fn what_was_no_message_has_no_number_and_no_place() {
        let mut counts = Counts::default();
        let _ = (counts.next(0, 1, 7, 3), counts.next(0, 1, 7, 4));
        counts.take_back(0, 1, 7);
        assert_eq!(counts.last(0, 1, 7), None);
        assert_eq!(counts.next(0, 1, 7, 6), 1);
        assert_eq!(counts.last(0, 1, 7), Some(6));
        counts.take_back(0, 1, 7);
        assert_eq!((counts.last(0, 1, 7), counts.next(0, 1, 7, 9)), (None, 1));
    }
}
