//! The entries of one shard, in the order in which they were last used.
//!
//! As the `lru` crate has it, a table finds an entry and a list orders them. Two things differ, and
//! are why this is not that crate: an entry is found by its hash and a comparison that the caller
//! brings, so that `(&str, u32)` finds `(String, u32)` without making one; and a key that is being
//! computed is an entry too, so that a miss looks into the table once and its answer not at all.

use std::sync::Arc;

use hashbrown::HashTable;

use crate::flight::Flight;
use crate::limits::Limits;
use crate::sync::ThreadId;

/// The node that holds nothing and closes the ring: newer than it is the oldest, older the newest.
const RING: u32 = 0;

/// A shard's entries and what was counted of them.
#[derive(Debug)]
pub(crate) struct Store<K, V> {
    table: HashTable<u32>,
    nodes: Vec<Node<K, V>>,
    /// Beside `nodes`: what a hit on one entry changes of others lies close together.
    links: Vec<Link>,
    /// Beside `nodes`, and empty where the limits ask for neither bytes nor time.
    extras: Vec<Extra>,
    /// The first free node, or `RING`.
    free: u32,
    limits: Limits,
    /// Whether anything ever has to go, so that it matters what was used last.
    is_ordered: bool,
    insertions: u64,
    /// How often anything was forgotten on demand, there or not.
    forgets: u64,
    pub(crate) tally: Tally,
}

/// What was counted.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tally {
    pub(crate) hits: u64,
    pub(crate) misses: u64,
    pub(crate) waits: u64,
    pub(crate) evictions: u64,
    pub(crate) expirations: u64,
    pub(crate) too_large: u64,
    pub(crate) entries: usize,
    pub(crate) bytes: u64,
}

#[derive(Debug)]
struct Node<K, V> {
    hash: u64,
    /// Goes up whenever the node is taken, so that an old ticket is told from a new one.
    version: u32,
    slot: Slot<K, V>,
}

/// The neighbours in the order of use.
#[derive(Debug, Clone, Copy)]
struct Link {
    newer: u32,
    /// Of a free node, the next free one.
    older: u32,
}

#[derive(Debug)]
enum Slot<K, V> {
    Free,
    Known {
        key: K,
        value: V,
    },
    Pending {
        owner: ThreadId,
        key: K,
        waiters: Option<Arc<Flight<V>>>,
    },
    /// Pending when its key was forgotten: the answer is for those who asked before, and not kept.
    Orphan {
        waiters: Option<Arc<Flight<V>>>,
    },
}

#[derive(Debug, Clone, Copy, Default)]
struct Extra {
    /// Since the clock's start; `u64::MAX` never comes.
    deadline_ns: u64,
    bytes: u64,
}

/// What there is of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    Known(u32),
    Pending(u32),
    Expired(u32),
    Absent,
}

/// A pending node, and which of those that had its place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ticket {
    at: u32,
    version: u32,
}

/// A value on its way in.
#[derive(Debug)]
pub(crate) struct Fresh<V> {
    pub(crate) value: V,
    pub(crate) bytes: u64,
    pub(crate) deadline_ns: u64,
}

/// What has to be dropped once the lock is gone: that may run code of others.
#[derive(Debug)]
pub(crate) struct Leftover<K, V> {
    first: Option<(K, V)>,
    // More than one entry goes only where they have bytes, or all of them go.
    entries: Vec<(K, V)>,
    keys: Vec<K>,
    /// A fresh value that is not kept.
    refused: Option<V>,
}

impl<K, V> Default for Leftover<K, V> {
    #[inline]
    fn default() -> Self {
        Self { first: None, entries: Vec::new(), keys: Vec::new(), refused: None }
    }
}

impl<K, V> Leftover<K, V> {
    #[inline]
    fn entry(&mut self, key: K, value: V) {
        // Numbers need no drop, and so no place.
        if !std::mem::needs_drop::<(K, V)>() {
            return;
        }
        match self.first {
            None => self.first = Some((key, value)),
            Some(_) => self.entries.push((key, value)),
        }
    }

    #[inline]
    fn key(&mut self, key: K) {
        if std::mem::needs_drop::<K>() {
            self.keys.push(key);
        }
    }

    #[inline]
    fn refuse(&mut self, fresh: Fresh<V>) {
        if std::mem::needs_drop::<V>() {
            self.refused = Some(fresh.value);
        }
    }
}

/// Those who wait for what has been computed, to be woken once the lock is gone.
pub(crate) type Waiters<V> = Option<Arc<Flight<V>>>;

/// The time at which a key was found to be absent; see [`Store::settle`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    insertions: u64,
    forgets: u64,
}

impl Stamp {
    /// Whether nothing was forgotten between both.
    pub(crate) fn remembers_as(self, other: Self) -> bool {
        self.forgets == other.forgets
    }

    /// Of a key that was not absent.
    pub(crate) fn of_present(self) -> Self {
        Self { insertions: u64::MAX, ..self }
    }
}

impl<K, V> Store<K, V> {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            table: HashTable::new(),
            nodes: vec![Node { hash: 0, version: 0, slot: Slot::Free }],
            links: vec![Link { newer: RING, older: RING }],
            extras: Vec::new(),
            free: RING,
            limits,
            insertions: 0,
            forgets: 0,
            is_ordered: limits.entries.is_some() || limits.bytes.is_some(),
            tally: Tally::default(),
        }
    }

    /// Looks for a key. Neither counts nor moves anything.
    #[inline]
    pub(crate) fn find(&self, hash: u64, now_ns: u64, same: impl Fn(&K) -> bool) -> Found {
        let nodes = self.nodes.as_slice();
        // The table has compared seven bits of the hash: what is left to compare is the key.
        let eq = |&at: &u32| match &nodes[at as usize].slot {
            Slot::Known { key, .. } | Slot::Pending { key, .. } => same(key),
            Slot::Free | Slot::Orphan { .. } => false,
        };
        let Some(&at) = self.table.find(hash, eq) else { return Found::Absent };
        match &nodes[at as usize].slot {
            Slot::Known { .. } if self.deadline(at) <= now_ns => Found::Expired(at),
            Slot::Known { .. } => Found::Known(at),
            _ => Found::Pending(at),
        }
    }

    #[inline]
    fn deadline(&self, at: u32) -> u64 {
        self.extras.get(at as usize).map_or(u64::MAX, |extra| extra.deadline_ns)
    }

    /// The value of a node that was found to be known.
    #[inline]
    pub(crate) fn value(&self, at: u32) -> Option<&V> {
        match &self.nodes[at as usize].slot {
            Slot::Known { value, .. } => Some(value),
            _ => None,
        }
    }

    /// Makes a known node the newest.
    #[inline]
    pub(crate) fn touch(&mut self, at: u32) {
        if self.is_ordered && self.links[RING as usize].older != at {
            unlink(&mut self.links, at);
            link(&mut self.links, at);
        }
    }

    /// Who computes a pending node.
    pub(crate) fn owner(&self, at: u32) -> Option<ThreadId> {
        match self.nodes[at as usize].slot {
            Slot::Pending { owner, .. } => Some(owner),
            _ => None,
        }
    }

    /// Where those wait who want a pending node.
    pub(crate) fn join(&mut self, at: u32) -> Option<Arc<Flight<V>>>
    where
        V: Clone,
    {
        match &mut self.nodes[at as usize].slot {
            Slot::Pending { waiters, .. } => {
                Some(Arc::clone(waiters.get_or_insert_with(|| Arc::new(Flight::new()))))
            }
            _ => None,
        }
    }

    /// Notes that a key, which is absent, is being computed.
    pub(crate) fn begin(&mut self, hash: u64, key: K, owner: ThreadId) -> Ticket {
        let at = self.take(hash, Slot::Pending { owner, key, waiters: None });
        self.index(hash, at);
        Ticket { at, version: self.nodes[at as usize].version }
    }

    /// The answer to what `begin` noted; of no effect if somebody else has given it by now.
    pub(crate) fn finish(
        &mut self,
        ticket: Ticket,
        fresh: Fresh<V>,
        out: &mut Leftover<K, V>,
    ) -> Waiters<V> {
        let Some(at) = self.pending(ticket) else {
            out.refuse(fresh);
            return None;
        };
        self.fulfil(at, fresh, out)
    }

    /// The answer to what `begin` noted is kept elsewhere: gives the key back for it, if it is still
    /// wanted, and makes the node free.
    pub(crate) fn take_out(&mut self, ticket: Ticket) -> (Option<K>, Waiters<V>) {
        let Some(at) = self.pending(ticket) else { return (None, None) };
        let slot = std::mem::replace(&mut self.nodes[at as usize].slot, Slot::Free);
        let taken = match slot {
            Slot::Pending { key, waiters, .. } => {
                self.unindex(at);
                (Some(key), waiters)
            }
            Slot::Orphan { waiters } => (None, waiters),
            Slot::Known { .. } | Slot::Free => (None, None),
        };
        self.links[at as usize].older = self.free;
        self.free = at;
        taken
    }

    /// There is no answer.
    pub(crate) fn abandon(&mut self, ticket: Ticket, out: &mut Leftover<K, V>) -> Waiters<V> {
        let at = self.pending(ticket)?;
        self.remove(at, out)
    }

    #[inline]
    fn pending(&self, Ticket { at, version }: Ticket) -> Option<u32> {
        let node = &self.nodes[at as usize];
        let is_open = matches!(node.slot, Slot::Pending { .. } | Slot::Orphan { .. });
        (is_open && node.version == version).then_some(at)
    }

    /// Whether the answer to what `begin` noted would be kept.
    pub(crate) fn is_wanted(&self, ticket: Ticket) -> bool {
        let pending = self.pending(ticket).map(|at| &self.nodes[at as usize].slot);
        matches!(pending, Some(Slot::Pending { .. }))
    }

    /// Now.
    #[inline]
    pub(crate) fn stamp(&self) -> Stamp {
        Stamp { insertions: self.insertions, forgets: self.forgets }
    }

    /// The answer of one who computed without a ticket, and found its key absent at `since`. As in
    /// Python with a bound, an answer that is there already stays. Nothing is kept where anything was forgotten since:
    /// nothing tells whether it was this key.
    #[inline]
    pub(crate) fn settle(
        &mut self,
        (hash, key, since): (u64, K, Stamp),
        now_ns: u64,
        fresh: Fresh<V>,
        out: &mut Leftover<K, V>,
    ) -> Waiters<V>
    where
        K: Eq,
    {
        if !self.stamp().remembers_as(since) {
            out.key(key);
            out.refuse(fresh);
            return None;
        }
        // Where nothing was inserted since, the key is absent still.
        if self.stamp() != since {
            match self.find(hash, now_ns, |other| *other == key) {
                Found::Known(_) => {
                    out.key(key);
                    out.refuse(fresh);
                    return None;
                }
                Found::Pending(at) => {
                    out.key(key);
                    return self.fulfil(at, fresh, out);
                }
                Found::Expired(at) => self.expire(at, out),
                Found::Absent => {}
            }
        }
        if self.is_too_large(fresh.bytes) {
            out.key(key);
            out.refuse(fresh);
            return None;
        }
        self.make_room(fresh.bytes, out);
        let at = self.take(hash, Slot::Known { key, value: fresh.value });
        self.index(hash, at);
        self.admit(at, fresh.bytes, fresh.deadline_ns);
        None
    }

    #[inline]
    fn is_too_large(&mut self, bytes: u64) -> bool {
        let is = self.limits.bytes.is_some_and(|limit| bytes > limit);
        self.tally.too_large += u64::from(is);
        is
    }

    /// A pending node becomes known, or goes where its answer is not kept.
    #[inline(always)]
    fn fulfil(&mut self, at: u32, fresh: Fresh<V>, out: &mut Leftover<K, V>) -> Waiters<V> {
        let is_wanted = matches!(self.nodes[at as usize].slot, Slot::Pending { .. });
        if !is_wanted || self.is_too_large(fresh.bytes) {
            out.refuse(fresh);
            return self.remove(at, out);
        }
        self.make_room(fresh.bytes, out);
        let slot = &mut self.nodes[at as usize].slot;
        let waiters = match std::mem::replace(slot, Slot::Free) {
            Slot::Pending { key, waiters, .. } => {
                *slot = Slot::Known { key, value: fresh.value };
                waiters
            }
            other => {
                *slot = other;
                None
            }
        };
        self.admit(at, fresh.bytes, fresh.deadline_ns);
        waiters
    }

    /// The oldest go until one more of so many bytes fits.
    #[inline(always)]
    fn make_room(&mut self, bytes: u64, out: &mut Leftover<K, V>) {
        let Limits { entries, bytes: limit, .. } = self.limits;
        while self.tally.entries > 0
            && (entries.is_some_and(|limit| self.tally.entries >= limit)
                || limit.is_some_and(|limit| bytes > limit.saturating_sub(self.tally.bytes)))
        {
            self.tally.evictions += 1;
            // Nobody waits for what is known.
            let _ = self.remove(self.links[RING as usize].newer, out);
        }
    }

    /// Counts and orders a node that has just become known.
    #[inline(always)]
    fn admit(&mut self, at: u32, bytes: u64, deadline_ns: u64) {
        if self.limits.has_extras() {
            let index = at as usize;
            if self.extras.len() <= index {
                self.extras.resize(index + 1, Extra::default());
            }
            self.extras[index] = Extra { deadline_ns, bytes };
        }
        self.tally.entries += 1;
        self.tally.bytes += bytes;
        if self.is_ordered {
            link(&mut self.links, at);
        }
    }

    /// Forgets a node that is past its time.
    pub(crate) fn expire(&mut self, at: u32, out: &mut Leftover<K, V>) {
        self.tally.expirations += 1;
        let _ = self.remove(at, out);
    }

    /// Forgets a key, and says whether it was known. One that is being computed is forgotten too: its
    /// answer may be out of date.
    pub(crate) fn forget(
        &mut self,
        hash: u64,
        now_ns: u64,
        same: impl Fn(&K) -> bool,
        out: &mut Leftover<K, V>,
    ) -> bool {
        self.forgets += 1;
        let found = self.find(hash, now_ns, same);
        match found {
            Found::Known(at) | Found::Expired(at) => drop(self.remove(at, out)),
            Found::Pending(at) => self.orphan(at, out),
            Found::Absent => {}
        }
        matches!(found, Found::Known(_))
    }

    /// Forgets everything, and what was counted.
    pub(crate) fn clear(&mut self, out: &mut Leftover<K, V>) {
        self.forgets += 1;
        for at in 0..self.nodes.len() {
            // The index of a node fits: `take` has seen to it.
            let index = u32::try_from(at).unwrap_or(RING);
            match self.nodes[at].slot {
                Slot::Known { .. } => drop(self.remove(index, out)),
                Slot::Pending { .. } => self.orphan(index, out),
                Slot::Free | Slot::Orphan { .. } => {}
            }
        }
        self.tally = Tally::default();
    }

    fn orphan(&mut self, at: u32, out: &mut Leftover<K, V>) {
        self.unindex(at);
        let slot = &mut self.nodes[at as usize].slot;
        match std::mem::replace(slot, Slot::Free) {
            Slot::Pending { key, waiters, .. } => {
                *slot = Slot::Orphan { waiters };
                out.key(key);
            }
            other => *slot = other,
        }
    }

    /// Frees a node, whatever it is, and hands out what was in it.
    #[inline]
    fn remove(&mut self, at: u32, out: &mut Leftover<K, V>) -> Waiters<V> {
        let waiters = match std::mem::replace(&mut self.nodes[at as usize].slot, Slot::Free) {
            Slot::Known { key, value } => {
                self.unindex(at);
                if self.is_ordered {
                    unlink(&mut self.links, at);
                }
                self.tally.entries -= 1;
                if let Some(extra) = self.extras.get_mut(at as usize) {
                    self.tally.bytes -= std::mem::take(extra).bytes;
                }
                out.entry(key, value);
                None
            }
            Slot::Pending { key, waiters, .. } => {
                self.unindex(at);
                out.key(key);
                waiters
            }
            Slot::Orphan { waiters } => waiters,
            Slot::Free => None,
        };
        self.links[at as usize].older = self.free;
        self.free = at;
        waiters
    }

    /// A free node, or a new one, with this in it.
    #[inline]
    fn take(&mut self, hash: u64, slot: Slot<K, V>) -> u32 {
        if self.free == RING {
            let at = u32::try_from(self.nodes.len());
            let at = at.expect("a shard holds fewer than 2^32 entries");
            self.nodes.push(Node { hash, version: 0, slot });
            self.links.push(Link { newer: RING, older: RING });
            return at;
        }
        let at = self.free;
        self.free = self.links[at as usize].older;
        let node = &mut self.nodes[at as usize];
        node.hash = hash;
        node.version = node.version.wrapping_add(1);
        node.slot = slot;
        at
    }

    #[inline]
    fn index(&mut self, hash: u64, at: u32) {
        self.insertions += 1;
        let nodes = &self.nodes;
        self.table.insert_unique(hash, at, |&at| nodes[at as usize].hash);
    }

    #[inline]
    fn unindex(&mut self, at: u32) {
        let hash = self.nodes[at as usize].hash;
        if let Ok(entry) = self.table.find_entry(hash, |&other| other == at) {
            entry.remove();
        }
    }
}

/// Makes a node that is in no place the newest.
#[inline]
fn link(links: &mut [Link], at: u32) {
    let newest = std::mem::replace(&mut links[RING as usize].older, at);
    links[newest as usize].newer = at;
    links[at as usize] = Link { newer: RING, older: newest };
}

#[inline]
fn unlink(links: &mut [Link], at: u32) {
    let Link { newer, older } = links[at as usize];
    links[newer as usize].older = older;
    links[older as usize].newer = newer;
}
