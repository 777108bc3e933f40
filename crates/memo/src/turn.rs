//! Misses: whose turn it is to compute, and who waits.

use std::fmt;
use std::sync::Arc;

use crate::flight::{Flight, Landing};
use crate::memo::{Memo, hit};
use crate::store::{Found, Leftover, Stamp, Store, Ticket, Waiters};
use crate::sync::{self, MutexGuard, ThreadId};
use crate::tier::Place;

/// What asking a memo for a key comes to.
#[derive(Debug)]
pub(crate) enum Entered<'m, K: Eq, V: Clone> {
    /// The value.
    Known(V),
    /// Nobody knows it; whoever asked is to compute it.
    Turn(Turn<'m, K, V>),
}

/// The right to compute a value. Dropped without one, it wakes those who wait for it.
pub struct Turn<'m, K: Eq, V: Clone> {
    memo: &'m Memo<K, V>,
    hash: u64,
    claim: Claim<K>,
    /// Where the value is to be written.
    place: Option<Box<Place>>,
    since: Stamp,
}

enum Claim<K> {
    /// Others may wait.
    Ticket(Ticket),
    /// Nobody waits.
    Free(K, Stamp),
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
    ) -> Entered<'m, K, V> {
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
                        return Entered::Known(value);
                    }
                }
                Found::Expired(at) => store.expire(at, &mut expired),
                Found::Absent => {
                    // Somebody may have put it there before the lock was had.
                    if let Some(value) = self.on_shelf(hash, &|other| *other == key) {
                        return Entered::Known(value);
                    }
                }
                Found::Pending(at) if waits => {
                    let me = sync::thread();
                    if let Some((flight, owner)) = company(&mut store, at, me) {
                        drop(store);
                        match self.wait(&flight, me, owner) {
                            Some(Landing::Value(value)) => return Entered::Known(value),
                            outcome => {
                                store = self.shard(hash);
                                store.tally.waits = store.tally.waits.saturating_sub(1);
                                store.tally.hits = store.tally.hits.saturating_sub(1);
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
        let claim = if self.rules.keeps_nothing() {
            Claim::Nothing
        } else if waits && !is_taken {
            Claim::Ticket(store.begin(hash, key, sync::thread()))
        } else {
            let now = store.stamp();
            Claim::Free(key, if is_taken { now.of_present() } else { now })
        };
        let since = store.stamp();
        drop(store);
        Turn { memo: self, hash, claim, place: None, since }
    }

    /// Puts a value on the shelf; gives what went for it, and who waits. The shard is locked, so that
    /// nobody finds the key neither here nor there.
    #[cold]
    fn shelve(
        &self,
        store: &mut Store<K, V>,
        claim: Claim<K>,
        hash: u64,
        value: V,
    ) -> (Vec<(K, V)>, Waiters<V>) {
        let (key, waiters) = match claim {
            Claim::Ticket(ticket) => store.take_out(ticket),
            // What was forgotten since is not kept.
            Claim::Free(key, since) if !store.stamp().remembers_as(since) => {
                return (vec![(key, value)], None);
            }
            Claim::Free(key, _) => (Some(key), None),
            Claim::Nothing => (None, None),
        };
        let Some((shelf, key)) = self.shelf.as_ref().zip(key) else { return (vec![], waiters) };
        // As in Python, an answer that is there already stays.
        if shelf.contains(hash, &|other| *other == key) {
            return (vec![(key, value)], waiters);
        }
        (shelf.insert(hash, key, value), waiters)
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

impl<'m, K: Eq, V: Clone> Turn<'m, K, V> {
    /// What the tier has, if it has it. No lock is held, and others wait as for a computation.
    fn read_first(mut self, place: Option<Place>) -> Entered<'m, K, V> {
        let known = self.memo.tier.as_ref().zip(place.as_ref());
        let ttl_ns = self.memo.rules.ttl_ns();
        match known.and_then(|(tier, place)| tier.read(place, ttl_ns)) {
            Some((value, age_ns)) => Entered::Known(self.finish_at_age(value, age_ns)),
            None => {
                self.place = place.map(Box::new);
                Entered::Turn(self)
            }
        }
    }

    /// Remembers the value, and gives it back.
    #[inline]
    pub fn finish(self, value: V) -> V {
        self.finish_at_age(value, 0)
    }

    /// Remembers the value, which was computed so long ago, and gives it back.
    #[inline]
    fn finish_at_age(mut self, value: V, age_ns: u64) -> V {
        let place = self.wanted_place();
        if !matches!(self.claim, Claim::Nothing) {
            // These run code of others, and may panic: the claim is given up after them.
            let mut fresh = self.memo.rules.fresh(value.clone());
            fresh.deadline_ns = fresh.deadline_ns.saturating_sub(age_ns);
            let now_ns = self.memo.rules.now_ns();
            let mut gone = Leftover::default();
            let mut store = self.memo.shard(self.hash);
            let mut shelved = Vec::new();
            let waiters = match std::mem::replace(&mut self.claim, Claim::Nothing) {
                claim if self.memo.shelf.is_some() => {
                    let taken = self.memo.shelve(&mut store, claim, self.hash, fresh.value);
                    shelved = taken.0;
                    taken.1
                }
                Claim::Ticket(ticket) => store.finish(ticket, fresh, &mut gone),
                Claim::Free(key, since) => {
                    store.settle((self.hash, key, since), now_ns, fresh, &mut gone)
                }
                Claim::Nothing => None,
            };
            drop(store);
            drop(shelved);
            if let Some(flight) = waiters {
                flight.land_with(|| value.clone());
            }
        }
        if let Some((place, since)) = place {
            self.write(&place, since, &value);
        }
        value
    }

    /// Where to write the value, and since when nothing may be forgotten; `None` if its key has been.
    #[inline]
    fn wanted_place(&mut self) -> Option<(Box<Place>, Stamp)> {
        let place = self.place.take()?;
        let store = self.memo.shard(self.hash);
        let now = store.stamp();
        let is_wanted = match &self.claim {
            Claim::Ticket(ticket) => store.is_wanted(*ticket),
            Claim::Free(..) | Claim::Nothing => now.remembers_as(self.since),
        };
        is_wanted.then_some((place, now))
    }

    /// Writes the value, and takes it back if anything was forgotten meanwhile: whoever forgets removes
    /// the file after that was noted, and may have found none.
    #[cold]
    fn write(&self, place: &Place, since: Stamp, value: &V) {
        let Some(tier) = &self.memo.tier else { return };
        tier.write(place, value);
        if !self.memo.shard(self.hash).stamp().remembers_as(since) {
            tier.forget(place);
        }
    }
}

impl<K: Eq, V: Clone> Drop for Turn<'_, K, V> {
    fn drop(&mut self) {
        if let Claim::Ticket(ticket) = self.claim {
            let mut gone = Leftover::default();
            let waiters = self.memo.shard(self.hash).abandon(ticket, &mut gone);
            if let Some(flight) = waiters {
                flight.land(None);
            }
        }
    }
}

impl<K: Eq, V: Clone> fmt::Debug for Turn<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Turn").field("hash", &self.hash).finish_non_exhaustive()
    }
}
