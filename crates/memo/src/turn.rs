//! Misses: whose turn it is to compute, and who waits.

use std::fmt;
use std::sync::Arc;

use crate::flight::{Flight, Landing, Waiters};
use crate::memo::{Memo, hit};
use crate::store::{Found, Leftover, Stamp, Store, Ticket};
use crate::sync::{self, MutexGuard, ThreadId};
use crate::tier::Place;

/// The right to compute a value. Dropped without one, it wakes those who wait for it.
///
/// It is used where it was made, by reference: to move it would take as long as half of what is done
/// with it.
pub struct Turn<'m, K: Eq, V: Clone> {
    memo: &'m Memo<K, V>,
    hash: u64,
    claim: Claim<K>,
    /// When the key was found to be absent.
    since: Stamp,
    /// Where the value is to be written.
    place: Option<Box<Place>>,
}

enum Claim<K> {
    /// Others may wait.
    Ticket(Ticket),
    /// Nobody waits.
    Free(K),
    /// Nobody waits, and somebody else computes the same.
    Beside(K),
    /// Nothing is kept, or all is done.
    Nothing,
}

impl<K: Eq, V: Clone> Memo<K, V> {
    /// What to do about a key that is not known.
    #[cold]
    #[inline(never)]
    pub(crate) fn missed<'m>(
        &'m self,
        mut store: MutexGuard<'m, Store<K, V>>,
        mut found: Found,
        hash: u64,
        key: K,
        waits: bool,
    ) -> Result<V, Turn<'m, K, V>> {
        let mut place = None;
        if let Some(tier) = &self.tier {
            // Writing down a key takes its time, and is its own code: not with the lock held.
            drop(store);
            place = tier.place(&key);
            store = self.shard(hash);
            found = store.find(hash, self.rules.now_ns(), |other| *other == key);
        }
        // Dropped when the lock is gone.
        let mut expired = Leftover::default();
        loop {
            match found {
                Found::Known(at) => {
                    if let Some(value) = hit(&mut store, at) {
                        // The key is dropped after it.
                        drop(store);
                        return Ok(value);
                    }
                }
                Found::Expired(at) => store.expire(at, &mut expired),
                Found::Absent => {
                    // Somebody may have put it there before the lock was had.
                    if let Some(value) = self.on_shelf(hash, &|other| *other == key) {
                        // The key is dropped after it.
                        drop(store);
                        return Ok(value);
                    }
                }
                Found::Pending(at) if waits => {
                    let me = sync::thread();
                    if let Some((flight, owner)) = company(&mut store, at, me) {
                        let clears = store.clears;
                        drop(store);
                        match self.wait(&flight, me, owner) {
                            Some(Landing::Value(value)) => return Ok(value),
                            outcome => {
                                // It may have landed since, and this be the last who knows its value.
                                drop(flight);
                                store = self.shard(hash);
                                // It was no hit; unless all that was counted is forgotten.
                                let undone = u64::from(store.clears == clears);
                                store.tally.waits -= undone;
                                store.tally.hits -= undone;
                                if matches!(outcome, Some(Landing::Nothing)) {
                                    found = store.find(hash, self.rules.now_ns(), |k| *k == key);
                                    continue;
                                }
                            }
                        }
                    }
                }
                Found::Pending(_) => {}
            }
            break;
        }
        let turn = self.begin(store, found, hash, key, waits);
        drop(expired);
        turn.read_first(place)
    }

    /// Notes that a key is being computed.
    #[inline]
    pub(crate) fn begin<'m>(
        &'m self,
        mut store: MutexGuard<'m, Store<K, V>>,
        found: Found,
        hash: u64,
        key: K,
        waits: bool,
    ) -> Turn<'m, K, V> {
        store.tally.misses += 1;
        let is_taken = matches!(found, Found::Pending(_));
        let since = store.stamp();
        let claim = if self.rules.keeps_nothing() {
            Claim::Nothing
        } else if is_taken {
            Claim::Beside(key)
        } else if waits {
            Claim::Ticket(store.begin(hash, key, sync::thread()))
        } else {
            Claim::Free(key)
        };
        drop(store);
        Turn { memo: self, hash, claim, since, place: None }
    }

    /// Waits for another thread; `None` if that would be waiting for oneself.
    fn wait(&self, flight: &Flight<V>, me: ThreadId, owner: ThreadId) -> Option<Landing<V>> {
        let (address, is_open) = (flight.address(), || flight.is_open());
        let _waiting = sync::waits().wait((me, owner), address, is_open)?;
        Some(flight.wait(self.rules.patience))
    }
}

/// Where to wait for another thread, and for which; counted as a hit, since it mostly is one.
fn company<K, V: Clone>(
    store: &mut Store<K, V>,
    at: u32,
    me: ThreadId,
) -> Option<(Arc<Flight<V>>, ThreadId)> {
    let owner = store.owner(at).filter(|&owner| owner != me)?;
    let flight = store.join(at)?;
    store.tally.waits += 1;
    store.tally.hits += 1;
    Some((flight, owner))
}

impl<K: Eq, V: Clone> Turn<'_, K, V> {
    /// What the tier has, if it has it. No lock is held, and others wait as for a computation.
    fn read_first(mut self, place: Option<Place>) -> Result<V, Self> {
        let known = self.memo.tier.as_ref().zip(place.as_ref());
        let ttl_ns = self.memo.rules.ttl_ns();
        match known.and_then(|(tier, place)| tier.read(place, ttl_ns)) {
            Some((value, age_ns)) => {
                self.keep(&value, age_ns);
                Ok(value)
            }
            None => {
                self.place = place.map(Box::new);
                Err(self)
            }
        }
    }

    /// Remembers the value, and gives it back. There is one for a turn: of a second, nothing is kept.
    #[inline]
    pub fn finish(&mut self, value: V) -> V {
        match self.place.take() {
            None => self.keep(&value, 0),
            Some(place) => self.keep_and_write(&place, &value),
        }
        value
    }

    /// Remembers the value, which was computed so long ago, in memory.
    #[inline]
    fn keep(&mut self, value: &V, age_ns: u64) {
        if matches!(self.claim, Claim::Nothing) {
            return;
        }
        // These run code of others, and may panic: the claim is given up after them.
        let fresh = self.memo.rules.fresh(value.clone(), age_ns);
        let mut gone = Leftover::default();
        let mut store = self.memo.shard(self.hash);
        let waiters = match std::mem::replace(&mut self.claim, Claim::Nothing) {
            claim if self.memo.shelf.is_some() => {
                self.shelve(&mut store, claim, fresh.value, &mut gone)
            }
            Claim::Ticket(ticket) => store.finish(ticket, fresh, &mut gone),
            Claim::Free(key) => store.settle((self.hash, key, self.since), fresh, &mut gone),
            Claim::Beside(key) => store.settle_late((self.hash, key, self.since), fresh, &mut gone),
            Claim::Nothing => Waiters::NOBODY,
        };
        drop(store);
        // Before what went is dropped: that may panic, or take its time.
        waiters.tell(|| value.clone());
        drop(gone);
    }

    /// Puts a value on the shelf; gives who waits. The shard is locked, so that nobody finds the key
    /// neither here nor there.
    #[cold]
    fn shelve(
        &self,
        store: &mut Store<K, V>,
        claim: Claim<K>,
        value: V,
        gone: &mut Leftover<K, V>,
    ) -> Waiters<V> {
        let (key, waiters) = match claim {
            Claim::Ticket(ticket) => store.take_out(ticket),
            // What was forgotten since is not kept.
            Claim::Free(key) | Claim::Beside(key) if !store.stamp().remembers_as(self.since) => {
                gone.entry(key, value);
                return Waiters::NOBODY;
            }
            Claim::Free(key) | Claim::Beside(key) => (Some(key), Waiters::NOBODY),
            Claim::Nothing => (None, Waiters::NOBODY),
        };
        if let Some((shelf, key)) = self.memo.shelf.as_ref().zip(key) {
            // As in Python, an answer that is there already stays.
            let went = if shelf.contains(self.hash, &|other| *other == key) {
                vec![(key, value)]
            } else {
                shelf.insert(self.hash, key, value)
            };
            went.into_iter().for_each(|(key, value)| gone.entry(key, value));
        }
        waiters
    }

    #[cold]
    fn keep_and_write(&mut self, place: &Place, value: &V) {
        let since = self.wanted_since();
        self.keep(value, 0);
        if let Some(since) = since {
            self.write(place, since, value);
        }
    }

    /// Since when nothing may be forgotten, for the value to be written; `None` if its key has been.
    fn wanted_since(&self) -> Option<Stamp> {
        let store = self.memo.shard(self.hash);
        let now = store.stamp();
        let is_wanted = match &self.claim {
            Claim::Ticket(ticket) => store.is_wanted(*ticket),
            Claim::Free(_) | Claim::Beside(_) | Claim::Nothing => now.remembers_as(self.since),
        };
        is_wanted.then_some(now)
    }

    /// Writes the value, and takes it back if anything was forgotten meanwhile: whoever forgets removes
    /// the file after that was noted, and may have found none.
    fn write(&self, place: &Place, since: Stamp, value: &V) {
        let Some(tier) = &self.memo.tier else { return };
        tier.write(place, value);
        if !self.memo.shard(self.hash).stamp().remembers_as(since) {
            tier.forget(place);
        }
    }
}

impl<K: Eq, V: Clone> Turn<'_, K, V> {
    #[cold]
    fn abandon(&self, ticket: Ticket) {
        let mut gone = Leftover::default();
        let waiters = self.memo.shard(self.hash).abandon(ticket, &mut gone);
        drop(waiters);
    }
}

impl<K: Eq, V: Clone> Drop for Turn<'_, K, V> {
    #[inline]
    fn drop(&mut self) {
        if let Claim::Ticket(ticket) = self.claim {
            self.abandon(ticket);
        }
    }
}

impl<K: Eq, V: Clone> fmt::Debug for Turn<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Turn").field("hash", &self.hash).finish_non_exhaustive()
    }
}
