//! Who may reach a rank's memory, and who waits.

use std::collections::VecDeque;

use super::shared::Shared;
use crate::diagnosis::Waits;
use crate::sync::{Mutex, MutexGuard};
use crate::{ErrorKind, Lock};

/// The locks of one part, by ranks in the world. They are given in the order in which they are asked for.
#[derive(Debug)]
pub(super) struct Access(Mutex<Line>);

#[derive(Debug, Default)]
struct Line {
    holders: Vec<(usize, Lock)>,
    waiting: VecDeque<(usize, Lock)>,
}

impl Line {
    /// Whether one more can have this lock.
    fn has_room(&self, lock: Lock) -> bool {
        let shares = |holder: &(usize, Lock)| holder.1 == Lock::Shared;
        self.holders.is_empty() || (lock == Lock::Shared && self.holders.iter().all(shares))
    }

    /// Lets the first of those that wait in, if it is this one and there is room.
    fn enter(&mut self, rank: usize) -> bool {
        let first = self.waiting.front().copied();
        let first = first.filter(|&(first, lock)| first == rank && self.has_room(lock));
        let Some(entry) = first else { return false };
        self.waiting.pop_front();
        self.holders.push(entry);
        true
    }

    /// Who must give a lock back, or come to its turn, before this rank does.
    fn before(&self, rank: usize) -> Vec<usize> {
        let waiting = self.waiting.iter().take_while(|&&(other, _)| other != rank);
        self.holders.iter().chain(waiting).map(|&(other, _)| other).collect()
    }

    /// A holder that has ended and will not give its lock back.
    fn ended(&self, shared: &Shared) -> Option<usize> {
        self.holders.iter().map(|&(rank, _)| rank).find(|&rank| shared.has_ended(rank))
    }
}

impl Access {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Line::default()))
    }

    /// Waits for the lock. Who comes back with an error has none and waits for none.
    pub(super) fn lock(&self, shared: &Shared, rank: usize, lock: Lock) -> Result<(), ErrorKind> {
        self.0.lock().waiting.push_back((rank, lock));
        loop {
            let seen = shared.mailbox(rank).signal.now();
            let mut line = self.0.lock();
            if line.enter(rank) {
                wake_next(shared, line);
                return Ok(());
            }
            let ended = line.ended(shared).map(|rank| ErrorKind::RankEnded { rank });
            if let Some(reason) = shared.failure(rank).or(ended) {
                line.waiting.retain(|&(waits, _)| waits != rank);
                wake_next(shared, line);
                return Err(reason);
            }
            let before = line.before(rank);
            drop(line);
            shared.wait(rank, seen, || (Waits::All(before), None));
        }
    }

    /// Gives the lock back.
    pub(super) fn unlock(&self, shared: &Shared, rank: usize) {
        let mut line = self.0.lock();
        line.holders.retain(|&(holder, _)| holder != rank);
        wake_next(shared, line);
    }
}

/// Tells the first of those that wait that it may be its turn. Where somebody looks on, all are told: they say for
/// whom they wait, and that has changed.
fn wake_next(shared: &Shared, line: MutexGuard<'_, Line>) {
    let mut waiting = line.waiting.iter().map(|&(rank, _)| rank);
    let next = waiting.next();
    let others: Vec<usize> = if shared.is_watched() { waiting.collect() } else { vec![] };
    drop(line);
    for rank in next.into_iter().chain(others) {
        shared.mailbox(rank).signal.raise();
    }
}
