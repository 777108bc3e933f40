//! Which ranks have ended, and who wants to know.

use std::cell::{Cell, RefCell};

/// What this rank knows of the ends of others, and who is to be told of its own. Ranks tell each other when they are
/// asked, in the stream of their messages: what one that has ended has sent has come before.
#[derive(Debug)]
pub(crate) struct Ends {
    peers: Vec<Cell<Peer>>,
    /// Whether one has ended: who waits asks for that again and again.
    any: Cell<bool>,
    /// Who has asked before this rank has ended.
    askers: RefCell<Vec<usize>>,
    is_over: Cell<bool>,
}

/// What is known of another rank.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Peer {
    Unknown,
    /// It was asked, and has not ended yet.
    Asked,
    Ended,
}

impl Ends {
    /// Of so many ranks, all at work.
    pub(crate) fn of(size: usize) -> Self {
        let peers = vec![Cell::new(Peer::Unknown); size];
        Self { peers, any: Cell::new(false), askers: RefCell::default(), is_over: Cell::new(false) }
    }

    /// Whether some rank has ended.
    pub(crate) fn any(&self) -> bool {
        self.any.get()
    }

    pub(crate) fn has_ended(&self, rank: usize) -> bool {
        self.peers[rank].get() == Peer::Ended
    }

    /// A rank has told that it has ended.
    pub(crate) fn hear(&self, rank: usize) {
        self.peers[rank].set(Peer::Ended);
        self.any.set(true);
    }

    /// Whether a rank is to be asked now, once.
    pub(crate) fn ask(&self, rank: usize) -> bool {
        let is_first = self.peers[rank].get() == Peer::Unknown;
        if is_first {
            self.peers[rank].set(Peer::Asked);
        }
        is_first
    }

    /// Notes who asks; whether it is to be told now.
    pub(crate) fn note(&self, asker: usize) -> bool {
        if !self.is_over.get() {
            self.askers.borrow_mut().push(asker);
        }
        self.is_over.get()
    }

    /// This rank has ended; who is to be told.
    pub(crate) fn end(&self) -> Vec<usize> {
        self.is_over.set(true);
        self.askers.take()
    }
}

#[cfg(test)]
mod tests {
    use super::Ends;

    #[test]
    fn each_is_asked_and_told_once() {
        let ends = Ends::of(3);
        assert!(ends.ask(1) && !ends.ask(1) && !ends.has_ended(1) && !ends.any());
        ends.hear(1);
        assert!(ends.any() && ends.has_ended(1) && !ends.ask(1) && !ends.has_ended(2));
        assert!(!ends.note(2));
        assert_eq!(ends.end(), [2]);
        assert!(ends.note(1));
        assert_eq!(ends.end(), []);
    }
}
