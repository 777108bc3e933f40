//! What this rank has asked for at a part of a window, and what else must wait for it.

use std::cell::Cell;

/// What a rank asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ask {
    Get,
    Put,
    Add,
}

/// Bytes of a part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span {
    start: usize,
    end: usize,
}

/// What was asked for at a part since it was flushed: all bytes from the first to the last of it. So what is put
/// one behind the other needs no flush, and two numbers do not grow.
///
/// A get is done when it comes back. MPI keeps an order among what it adds, and else none.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    puts: Cell<Span>,
    sums: Cell<Span>,
}

impl Span {
    pub(crate) fn new(start: usize, bytes: usize) -> Self {
        Self { start, end: start + bytes }
    }

    fn is_empty(self) -> bool {
        self.start == self.end
    }

    fn meets(self, other: Self) -> bool {
        self.start.max(other.start) < self.end.min(other.end)
    }

    fn with(self, other: Self) -> Self {
        match (self.is_empty(), other.is_empty()) {
            (true, _) => other,
            (_, true) => self,
            _ => Self { start: self.start.min(other.start), end: self.end.max(other.end) },
        }
    }
}

impl Asked {
    /// Whether the part is to be flushed before this is asked for, so that it finds what was asked for before.
    pub(crate) fn is_in_the_way(&self, ask: Ask, bytes: Span) -> bool {
        self.puts.get().meets(bytes) || (ask != Ask::Add && self.sums.get().meets(bytes))
    }

    /// Notes what is asked for.
    pub(crate) fn note(&self, ask: Ask, bytes: Span) {
        match ask {
            Ask::Get => {}
            Ask::Put => self.puts.set(self.puts.get().with(bytes)),
            Ask::Add => self.sums.set(self.sums.get().with(bytes)),
        }
    }

    /// Forgets all, which is done.
    pub(crate) fn clear(&self) {
        self.puts.take();
        self.sums.take();
    }
}

#[cfg(test)]
mod tests {
    use super::{Ask, Asked, Span};

    #[test]
    fn what_meets_what_was_asked_for_waits() {
        let asked = Asked::default();
        let waits = |ask, start, bytes| asked.is_in_the_way(ask, Span::new(start, bytes));
        assert!(!waits(Ask::Get, 0, 100));
        asked.note(Ask::Put, Span::new(8, 0));
        asked.note(Ask::Get, Span::new(0, 100));
        assert!(!waits(Ask::Put, 0, 100));
        asked.note(Ask::Put, Span::new(8, 8));
        for ask in [Ask::Get, Ask::Put, Ask::Add] {
            assert!(waits(ask, 15, 1) && waits(ask, 0, 9), "{ask:?}");
            assert!(!waits(ask, 16, 8) && !waits(ask, 0, 8) && !waits(ask, 10, 0), "{ask:?}");
        }
        asked.note(Ask::Put, Span::new(16, 8));
        assert!(waits(Ask::Get, 16, 8));
        asked.clear();
        assert!(!waits(Ask::Get, 0, 100));
        asked.note(Ask::Add, Span::new(8, 8));
        assert!(waits(Ask::Get, 8, 8) && waits(Ask::Put, 8, 8) && !waits(Ask::Add, 8, 8));
    }
}
