//! In which order nodes were last used.

/// Closes the ring. Node `n` is number `n + 1`.
const HEAD: u32 = 0;

/// A ring of nodes: behind the head the newest, before it the oldest.
#[derive(Debug)]
pub(crate) struct Order {
    // What a hit on one node changes of others lies close together.
    links: Vec<Link>,
}

#[derive(Debug, Clone, Copy)]
struct Link {
    newer: u32,
    older: u32,
}

impl Order {
    /// Of no nodes.
    pub(crate) fn new() -> Self {
        Self { links: vec![Link { newer: HEAD, older: HEAD }] }
    }

    /// One more node, which has no place yet.
    pub(crate) fn push(&mut self) {
        self.links.push(Link { newer: HEAD, older: HEAD });
    }

    #[inline]
    pub(crate) fn is_newest(&self, node: u32) -> bool {
        self.links[HEAD as usize].older == node + 1
    }

    #[inline]
    pub(crate) fn oldest(&self) -> Option<u32> {
        self.links[HEAD as usize].newer.checked_sub(1)
    }

    /// Makes a node that has no place the newest.
    #[inline]
    pub(crate) fn insert(&mut self, node: u32) {
        let at = node + 1;
        let newest = std::mem::replace(&mut self.links[HEAD as usize].older, at);
        self.links[newest as usize].newer = at;
        self.links[at as usize] = Link { newer: HEAD, older: newest };
    }

    /// Takes its place from a node.
    #[inline]
    pub(crate) fn remove(&mut self, node: u32) {
        let Link { newer, older } = self.links[node as usize + 1];
        self.links[newer as usize].older = older;
        self.links[older as usize].newer = newer;
    }
}
