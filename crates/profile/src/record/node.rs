//! A call path of one thread, and what was seen of it.
//!
//! Only the thread itself writes; others read. So all numbers are atomics that are loaded and
//! stored relaxed, never exchanged: that is what plain memory costs.

use std::sync::atomic::{
    AtomicU64,
    Ordering::{Acquire, Relaxed, Release},
};

use super::link::Link;
use super::site::Site;

/// A number that one thread writes and any thread reads.
#[derive(Debug)]
pub(crate) struct Tally(AtomicU64);

impl Tally {
    pub(crate) const fn new(value: u64) -> Self {
        Self(AtomicU64::new(value))
    }

    #[inline]
    pub(crate) fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }

    /// With all that was written before it was published.
    pub(crate) fn acquire(&self) -> u64 {
        self.0.load(Acquire)
    }

    #[inline]
    pub(crate) fn set(&self, value: u64) {
        self.0.store(value, Relaxed);
    }

    /// With all that was written before.
    #[inline]
    pub(crate) fn publish(&self, value: u64) {
        self.0.store(value, Release);
    }

    #[inline]
    pub(crate) fn add(&self, value: u64) {
        self.set(self.get().wrapping_add(value));
    }

    #[inline]
    pub(crate) fn sub(&self, value: u64) {
        self.set(self.get().wrapping_sub(value));
    }
}

/// A site on one thread, whatever the path to it.
#[derive(Debug)]
pub(crate) struct Activity {
    pub(crate) site: &'static Site,
    /// How many calls of it are open.
    pub(crate) open: Tally,
}

/// A site below a path.
#[derive(Debug)]
pub(crate) struct Node {
    /// `None` for the root.
    site: Option<&'static Site>,
    pub(crate) activity: Option<&'static Activity>,
    /// The path that it was called from. `None` for the root.
    pub(crate) parent: Option<&'static Node>,
    /// What is called from here is looked up below this path: itself, or the outer call of the
    /// same site when this is a recursive one. So a recursion of any depth and shape has no more
    /// paths than there are orders of its functions.
    pub(crate) outer: Option<&'static Node>,
    first: Link<Node>,
    next: Link<Node>,
    /// Calls that have ended, and those of them while another call of the site was open on this
    /// thread. Calls that are not timed count when they begin.
    pub(crate) calls: Tally,
    pub(crate) nested_calls: Tally,
    pub(crate) elapsed: Tally,
    /// The part of `elapsed` that belongs to nested calls.
    pub(crate) nested: Tally,
    pub(crate) min: Tally,
    pub(crate) max: Tally,
    /// Calls that were timed, of a site that is sampled.
    pub(crate) timed: Tally,
    /// Calls until the next timed one, of a site that is sampled.
    pub(crate) countdown: Tally,
    /// What was allocated between enter and exit, and how often.
    pub(crate) bytes: Tally,
    pub(crate) blocks: Tally,
}

impl Node {
    pub(crate) fn new(
        activity: Option<&'static Activity>,
        parent: Option<&'static Node>,
        outer: Option<&'static Node>,
    ) -> Self {
        let zero = || Tally::new(0);
        Self {
            site: activity.map(|activity| activity.site),
            activity,
            parent,
            outer,
            first: Link::none(),
            next: Link::none(),
            calls: zero(),
            nested_calls: zero(),
            elapsed: zero(),
            nested: zero(),
            min: Tally::new(u64::MAX),
            max: zero(),
            timed: zero(),
            countdown: zero(),
            bytes: zero(),
            blocks: zero(),
        }
    }

    /// Forgets what was seen, and keeps the path.
    pub(crate) fn reset(&self) {
        let zeros = [
            &self.calls,
            &self.nested_calls,
            &self.elapsed,
            &self.nested,
            &self.max,
            &self.timed,
            &self.countdown,
            &self.bytes,
            &self.blocks,
        ];
        zeros.into_iter().for_each(|tally| tally.set(0));
        self.min.set(u64::MAX);
    }

    #[inline]
    pub(crate) fn site(&self) -> Option<&'static Site> {
        self.site
    }

    /// Where calls from here are looked up.
    #[inline]
    pub(crate) fn below(&'static self) -> &'static Node {
        self.outer.unwrap_or(self)
    }

    /// The path to `site` from here, where that is what was called last.
    #[inline(always)]
    pub(crate) fn last_child(&'static self, site: &'static Site) -> Option<&'static Node> {
        self.first.get().filter(|first| first.site() == Some(site))
    }

    /// The path to `site` from here, where there is one already.
    #[inline]
    pub(crate) fn child(&'static self, site: &'static Site) -> Option<&'static Node> {
        let first = self.first.get()?;
        if first.site() == Some(site) { Some(first) } else { self.search(first, site) }
    }

    /// Looks behind the first child, and puts what it finds in front: what was called last is
    /// likely to be called next. Only the thread itself comes here.
    #[inline(never)]
    fn search(&'static self, first: &'static Node, site: &'static Site) -> Option<&'static Node> {
        let mut before = first;
        loop {
            let node = before.next.get()?;
            if node.site() == Some(site) {
                before.next.set(node.next.get());
                node.next.set(Some(first));
                self.first.set(Some(node));
                return Some(node);
            }
            before = node;
        }
    }

    /// Adds a path from here.
    pub(crate) fn adopt(&'static self, child: &'static Node) {
        child.next.set(self.first.get());
        self.first.set(Some(child));
    }

    /// The path on which `site` is open already, above this one.
    pub(crate) fn ancestor(&'static self, site: &'static Site) -> Option<&'static Node> {
        let mut node = self;
        loop {
            if node.site() == Some(site) {
                return Some(node.below());
            }
            node = node.parent?;
        }
    }
}
