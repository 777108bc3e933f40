//! The entries of one shard, in the order in which they were last used.
//!
//! As the `lru` crate has it, a table finds an entry and a list orders them. Two things differ, and
//! are why this is not that crate: an entry is found by its hash and a comparison that the caller
//! brings, so that `(&str, u32)` finds `(String, u32)` without making one; and a key that is being
//! computed is an entry too, so that a miss looks into the table once and its answer not at all.

use std::sync::Arc;

use crate::flight::{Flight, Waiters};
use crate::limits::Limits;
use crate::order::Order;
use crate::sync::ThreadId;
use crate::table::Table;

/// With twice as many buckets, the table's numbers fit too.
const MOST_NODES: u32 = 1 << 29;

const FEWEST_BUCKETS: u32 = 8;

/// A shard's entries and what was counted of them.
#[derive(Debug)]
pub(crate) struct Store<K, V> {
    table: Table,
    nodes: Vec<Node<K, V>>,
    /// Of the known nodes.
    order: Order,
    /// Beside `nodes`, and empty where the limits ask for neither bytes nor time.
    extras: Vec<Extra>,
    free: Vec<u32>,
    limits: Limits,
    /// Whether anything ever has to go, so that it matters what was used last.
    is_ordered: bool,
    insertions: u64,
    /// How often anything was forgotten on demand, there or not.
    forgets: u64,
    /// How often all was.
    pub(crate) clears: u64,
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
    /// The lower half of it.
    hash: u32,
    /// Goes up whenever the node is taken, so that an old ticket is told from a new one.
    version: u32,
    slot: Slot<K, V>,
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

impl<K, V> Slot<K, V> {
    /// What goes into a free slot. Nothing is there to be dropped: without a look at it, the parts of what
    /// goes in are written where they belong, and not first put together elsewhere.
    #[inline]
    fn fill(&mut self, slot: Self) {
        std::mem::forget(std::mem::replace(self, slot));
    }
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
    pub(crate) now_ns: u64,
    pub(crate) deadline_ns: u64,
}

/// What has to be dropped once the lock is gone: that may run code of others.
#[derive(Debug)]
pub(crate) struct Leftover<K, V> {
    first: Option<Gone<K, V>>,
    // More than one goes only where entries have bytes, or all of them go.
    rest: Vec<Gone<K, V>>,
}

#[derive(Debug)]
enum Gone<K, V> {
    Entry(K, V),
    Key(K),
    /// A fresh value that is not kept.
    Value(V),
}

impl<K, V> Default for Leftover<K, V> {
    #[inline]
    fn default() -> Self {
        Self { first: None, rest: Vec::new() }
    }
}

impl<K, V> Leftover<K, V> {
    #[inline]
    pub(crate) fn entry(&mut self, key: K, value: V) {
        self.put(Gone::Entry(key, value));
    }

    fn key(&mut self, key: K) {
        self.put(Gone::Key(key));
    }

    fn refuse(&mut self, fresh: Fresh<V>) {
        self.put(Gone::Value(fresh.value));
    }

    #[inline]
    fn put(&mut self, gone: Gone<K, V>) {
        // Numbers need no drop, and so no place.
        if !std::mem::needs_drop::<(K, V)>() {
            return;
        }
        match self.first {
            None => self.first = Some(gone),
            Some(_) => self.rest.push(gone),
        }
    }
}

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
}

impl<K, V> Store<K, V> {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            table: Table::new(FEWEST_BUCKETS, 0),
            nodes: Vec::new(),
            order: Order::new(),
            extras: Vec::new(),
            free: Vec::new(),
            limits,
            insertions: 0,
            forgets: 0,
            clears: 0,
            is_ordered: limits.entries.is_some() || limits.bytes.is_some(),
            tally: Tally::default(),
        }
    }

    /// Looks for a key. Neither counts nor moves anything.
    #[inline]
    pub(crate) fn find(&self, hash: u64, now_ns: u64, same: impl Fn(&K) -> bool) -> Found {
        let nodes = self.nodes.as_slice();
        let hash = lower(hash);
        let is_it = |at: u32| {
            let node = &nodes[at as usize];
            let is_same = || match &node.slot {
                Slot::Known { key, .. } | Slot::Pending { key, .. } => same(key),
                Slot::Free | Slot::Orphan { .. } => false,
            };
            node.hash == hash && is_same()
        };
        let Some(at) = self.table.find(hash, is_it) else { return Found::Absent };
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
        if self.is_ordered && !self.order.is_newest(at) {
            self.order.remove(at);
            self.order.insert(at);
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
    pub(crate) fn join(&mut self, at: u32) -> Option<Arc<Flight<V>>> {
        match &mut self.nodes[at as usize].slot {
            Slot::Pending { waiters, .. } => {
                Some(Arc::clone(waiters.get_or_insert_with(|| Arc::new(Flight::new()))))
            }
            _ => None,
        }
    }

    /// Notes that a key, which is absent, is being computed.
    pub(crate) fn begin(&mut self, hash: u64, key: K, owner: ThreadId) -> Ticket {
        let at = self.take(hash);
        self.nodes[at as usize].slot.fill(Slot::Pending { owner, key, waiters: None });
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
            return Waiters::NOBODY;
        };
        self.fulfil(at, fresh, out)
    }

    /// The answer to what `begin` noted is kept elsewhere: gives the key back for it, if it is still
    /// wanted, and makes the node free.
    pub(crate) fn take_out(&mut self, ticket: Ticket) -> (Option<K>, Waiters<V>) {
        self.pending(ticket).map_or((None, Waiters::NOBODY), |at| self.release(at))
    }

    /// There is no answer.
    pub(crate) fn abandon(&mut self, ticket: Ticket, out: &mut Leftover<K, V>) -> Waiters<V> {
        self.pending(ticket).map_or(Waiters::NOBODY, |at| self.remove(at, out))
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
    /// Python with a bound, an answer that is there already stays. Nothing is kept where anything was
    /// forgotten since: nothing tells whether it was this key.
    #[inline]
    pub(crate) fn settle(
        &mut self,
        (hash, key, since): (u64, K, Stamp),
        fresh: Fresh<V>,
        out: &mut Leftover<K, V>,
    ) -> Waiters<V>
    where
        K: Eq,
    {
        // Where nothing was inserted or forgotten since, the key is absent still.
        if self.stamp() != since {
            return self.settle_late((hash, key, since), fresh, out);
        }
        self.add(hash, key, fresh, out);
        Waiters::NOBODY
    }

    /// As `settle`, where others may have had the key since.
    #[cold]
    pub(crate) fn settle_late(
        &mut self,
        (hash, key, since): (u64, K, Stamp),
        fresh: Fresh<V>,
        out: &mut Leftover<K, V>,
    ) -> Waiters<V>
    where
        K: Eq,
    {
        let is_wanted = self.stamp().remembers_as(since);
        match self.find(hash, fresh.now_ns, |other| *other == key) {
            Found::Pending(at) if is_wanted => {
                out.key(key);
                return self.fulfil(at, fresh, out);
            }
            Found::Expired(at) if is_wanted => {
                self.expire(at, out);
                self.add(hash, key, fresh, out);
            }
            Found::Absent if is_wanted => self.add(hash, key, fresh, out),
            _ => out.entry(key, fresh.value),
        }
        Waiters::NOBODY
    }

    /// Keeps the answer of a key that is absent.
    #[inline(always)]
    fn add(&mut self, hash: u64, key: K, fresh: Fresh<V>, out: &mut Leftover<K, V>) {
        if self.is_too_large(fresh.bytes) {
            out.entry(key, fresh.value);
            return;
        }
        self.make_room(fresh.bytes, out);
        let at = self.take(hash);
        self.nodes[at as usize].slot.fill(Slot::Known { key, value: fresh.value });
        self.admit(at, fresh.bytes, fresh.deadline_ns);
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
                Waiters::of(waiters)
            }
            other => {
                *slot = other;
                Waiters::NOBODY
            }
        };
        self.admit(at, fresh.bytes, fresh.deadline_ns);
        waiters
    }

    /// The oldest go until one more of so many bytes fits.
    #[inline(always)]
    fn make_room(&mut self, bytes: u64, out: &mut Leftover<K, V>) {
        let Limits { entries, bytes: limit, .. } = self.limits;
        while entries.is_some_and(|limit| self.tally.entries >= limit)
            || limit.is_some_and(|limit| bytes > limit.saturating_sub(self.tally.bytes))
        {
            let Some(oldest) = self.order.oldest() else { return };
            self.tally.evictions += 1;
            self.evict(oldest, out);
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
            self.tally.bytes += bytes;
        }
        self.tally.entries += 1;
        if self.is_ordered {
            self.order.insert(at);
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
        self.clears += 1;
        for at in 0..self.nodes.len() {
            // The index of a node fits: `take` has seen to it.
            let index = u32::try_from(at).unwrap_or(u32::MAX);
            match self.nodes[at].slot {
                Slot::Known { .. } => drop(self.remove(index, out)),
                Slot::Pending { .. } => self.orphan(index, out),
                Slot::Free | Slot::Orphan { .. } => {}
            }
        }
        self.tally = Tally::default();
    }

    fn orphan(&mut self, at: u32, out: &mut Leftover<K, V>) {
        self.table.remove(at);
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
    fn remove(&mut self, at: u32, out: &mut Leftover<K, V>) -> Waiters<V> {
        if let Slot::Known { .. } = self.nodes[at as usize].slot {
            self.evict(at, out);
            return Waiters::NOBODY;
        }
        let (key, waiters) = self.release(at);
        key.into_iter().for_each(|key| out.key(key));
        waiters
    }

    /// Frees a node that is not known; gives its key, where it is not forgotten, and who waits.
    fn release(&mut self, at: u32) -> (Option<K>, Waiters<V>) {
        self.free.push(at);
        match std::mem::replace(&mut self.nodes[at as usize].slot, Slot::Free) {
            Slot::Pending { key, waiters, .. } => {
                self.table.remove(at);
                (Some(key), Waiters::of(waiters))
            }
            Slot::Orphan { waiters } => (None, Waiters::of(waiters)),
            Slot::Known { .. } | Slot::Free => (None, Waiters::NOBODY),
        }
    }

    /// Frees a known node, and hands out what was in it.
    #[inline]
    fn evict(&mut self, at: u32, out: &mut Leftover<K, V>) {
        self.table.remove(at);
        if self.is_ordered {
            self.order.remove(at);
        }
        self.tally.entries -= 1;
        if let Some(extra) = self.extras.get_mut(at as usize) {
            self.tally.bytes -= std::mem::take(extra).bytes;
        }
        self.free.push(at);
        let slot = &mut self.nodes[at as usize].slot;
        if let Slot::Known { key, value } = std::mem::replace(slot, Slot::Free) {
            out.entry(key, value);
        }
    }

    /// A free node, or a new one, that can be found by this hash once something is in it.
    #[inline]
    fn take(&mut self, hash: u64) -> u32 {
        let hash = lower(hash);
        let at = self.free.pop().unwrap_or_else(|| self.grow());
        let node = &mut self.nodes[at as usize];
        node.hash = hash;
        node.version = node.version.wrapping_add(1);
        self.insertions += 1;
        self.table.insert(hash, at);
        at
    }

    /// One more node, and a table that is wide enough for all.
    #[cold]
    fn grow(&mut self) -> u32 {
        let at = u32::try_from(self.nodes.len()).ok().filter(|&at| at < MOST_NODES);
        let at = at.expect("a shard holds fewer than 2^29 entries");
        self.nodes.push(Node { hash: 0, version: 0, slot: Slot::Free });
        self.order.push();
        self.table.push();
        if self.table.is_full() {
            self.widen();
        }
        at
    }

    /// Takes a table of twice the buckets.
    fn widen(&mut self) {
        self.table = self.table.wider();
        for (at, node) in (0..).zip(&self.nodes) {
            if matches!(node.slot, Slot::Known { .. } | Slot::Pending { .. }) {
                self.table.insert(node.hash, at);
            }
        }
    }
}

/// What nodes are found by. The upper half tells shards apart.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "that is what it is for")]
fn lower(hash: u64) -> u32 {
    hash as u32
}
