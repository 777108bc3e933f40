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

    /// How many elements it has.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
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

    /// Whether its elements are of this type.
    #[must_use]
    pub fn is_of<T: Element>(&self) -> bool {
        self.layout == T::LAYOUT
    }
}
