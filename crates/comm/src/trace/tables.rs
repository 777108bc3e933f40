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

    pub(super) fn into_list(self) -> Vec<Place> {
        self.list
    }
}

/// How many messages have gone each way, by communicator, other rank and tag.
#[derive(Debug, Default)]
pub(super) struct Counts(BTreeMap<(u32, u32, Tag), u32>);

impl Counts {
    /// The number of the next.
    pub(super) fn next(&mut self, communicator: u32, peer: u32, tag: Tag) -> u32 {
        let count = self.0.entry((communicator, peer, tag)).or_insert(0);
        *count += 1;
        *count - 1
    }

    /// One of them was none.
    pub(super) fn take_back(&mut self, communicator: u32, peer: u32, tag: Tag) {
        if let Some(count) = self.0.get_mut(&(communicator, peer, tag)) {
            *count -= 1;
        }
    }
}
