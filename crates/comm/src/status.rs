//! What is known of a message.

use crate::{Element, Layout, Tag};

/// Whose message it was, with which tag, and how large. Of a send: to whom it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    source: usize,
    tag: Tag,
    count: usize,
    layout: Layout,
}

impl Status {
    /// For implementors of [`Communicator`](crate::Communicator).
    #[must_use]
    pub fn new(source: usize, tag: Tag, count: usize, layout: Layout) -> Self {
        Self { source, tag, count, layout }
    }

    /// The other rank.
    #[must_use]
    pub fn source(&self) -> usize {
        self.source
    }

    /// The tag.
    #[must_use]
    pub fn tag(&self) -> Tag {
        self.tag
    }

    /// How many elements it has; of a message that was probed, and whose type the system does not tell, how
    /// many bytes.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// How many elements of this type it has, if it can be of them: MPI's `Get_count`.
    #[must_use]
    pub fn count_of<T: Element>(&self) -> Option<usize> {
        let each = T::LAYOUT.bytes();
        self.is_of::<T>().then(|| self.bytes().checked_div(each).unwrap_or(self.count))
    }

    /// How many bytes it has.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.count * self.layout.bytes()
    }

    /// How its elements lie in memory.
    #[must_use]
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// Whether its elements are of this type; where the system does not tell, whether they can be.
    #[must_use]
    pub fn is_of<T: Element>(&self) -> bool {
        let is_whole = self.bytes().checked_rem(T::LAYOUT.bytes()).is_none_or(|rest| rest == 0);
        self.layout == T::LAYOUT || (self.layout == Layout::UNKNOWN && is_whole)
    }
}
