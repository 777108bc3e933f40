//! Which nodes may have a hash.
//!
//! Every bucket is a ring of nodes, in both directions. Unlike in a table of open addresses, to take a
//! node out needs no search, and a memo that is full takes one out whenever it puts one in.

/// Fewer buckets than these lie in the cache of a core, and are three or more for a node: a search finds
/// what it looks for at its first step. More of them are one or more for a node.
const MANY: u32 = 1 << 16;

/// The nodes of a shard by their hashes.
#[derive(Debug)]
pub(crate) struct Table {
    /// A power of two.
    buckets: u32,
    /// What follows each bucket, then each node. Behind the last node is its bucket again.
    next: Vec<u32>,
    /// What each node follows. The first is of no node: what follows a bucket is written there, and not
    /// asked for.
    previous: Vec<u32>,
}

impl Table {
    /// Of so many buckets, and so many nodes that have no hash yet.
    pub(crate) fn new(buckets: u32, nodes: u32) -> Self {
        let next = (0..buckets + nodes).collect();
        Self { buckets, next, previous: vec![0; nodes as usize + 1] }
    }

    /// Of twice the buckets, for as many nodes, that have no hash yet.
    pub(crate) fn wider(&self) -> Self {
        Self::new(self.buckets * 2, self.nodes())
    }

    /// One more node.
    pub(crate) fn push(&mut self) {
        self.next.push(0);
        self.previous.push(0);
    }

    /// Whether it is time for twice the buckets.
    pub(crate) fn is_full(&self) -> bool {
        self.nodes() > if self.buckets < MANY { self.buckets / 3 } else { self.buckets }
    }

    fn nodes(&self) -> u32 {
        // Whoever adds nodes sees to it that they can be counted.
        u32::try_from(self.previous.len() - 1).unwrap_or(u32::MAX)
    }

    #[inline]
    fn bucket(&self, hash: u32) -> u32 {
        hash & (self.buckets - 1)
    }

    /// The first node that may have the hash and is the one.
    #[inline]
    pub(crate) fn find(&self, hash: u32, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        let mut at = self.next[self.bucket(hash) as usize];
        // A ring ends at its head.
        while at >= self.buckets {
            let node = at - self.buckets;
            if is_it(node) {
                return Some(node);
            }
            at = self.next[at as usize];
        }
        None
    }

    /// Gives a hash to a node that has none.
    #[inline]
    pub(crate) fn insert(&mut self, hash: u32, node: u32) {
        let (bucket, at) = (self.bucket(hash), self.buckets + node);
        let next = std::mem::replace(&mut self.next[bucket as usize], at);
        self.next[at as usize] = next;
        *self.previous(next) = at;
        *self.previous(at) = bucket;
    }

    /// Takes its hash from a node.
    #[inline]
    pub(crate) fn remove(&mut self, node: u32) {
        let at = self.buckets + node;
        let (next, previous) = (self.next[at as usize], *self.previous(at));
        self.next[previous as usize] = next;
        *self.previous(next) = previous;
    }

    #[inline]
    fn previous(&mut self, at: u32) -> &mut u32 {
        // Without a branch, whose way nobody can foresee.
        &mut self.previous[at.saturating_sub(self.buckets - 1) as usize]
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::{MANY, Table};

    /// Few of many hashes, so that nodes share buckets at every width.
    fn hash(node: u32) -> u32 {
        node.wrapping_mul(0x9E37_79B1) >> 5 & !3
    }

    fn finds(table: &Table, node: u32) -> bool {
        table.find(hash(node), |other| other == node) == Some(node)
    }

    #[test]
    fn nodes_are_found_until_they_are_taken_out_at_every_width() {
        let mut table = Table::new(8, 0);
        let (nodes, mut widths) = (2 * MANY, 0);
        for node in 0..nodes {
            table.push();
            if table.is_full() {
                table = table.wider();
                (0..node).for_each(|node| table.insert(hash(node), node));
                widths += 1;
            }
            table.insert(hash(node), node);
        }
        assert!(widths > 10 && table.buckets > MANY, "{widths} times wider: {}", table.buckets);
        assert!((0..nodes).all(|node| finds(&table, node)));
        // Every third from the front, then the others from the back.
        (0..nodes).step_by(3).for_each(|node| table.remove(node));
        assert!((0..nodes).all(|node| finds(&table, node) == (node % 3 != 0)));
        (0..nodes).rev().filter(|node| node % 3 != 0).for_each(|node| table.remove(node));
        assert!((0..nodes).all(|node| !finds(&table, node)));
        assert_eq!(table.find(0, |_| true), None, "nothing is left in any bucket");
        table.insert(hash(7), 7);
        assert!(finds(&table, 7));
    }
}
