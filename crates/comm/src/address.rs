//! Whom a message goes to and comes from.

/// What a message is about, from 0 to [`max_tag`](crate::Communicator::max_tag).
pub type Tag = u32;

/// Whose message is received: a rank's, or that of whoever sends first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// Any rank of the communicator.
    Any,
    /// This rank.
    Rank(usize),
}

/// Which message is received: one with this tag, or with any.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tags {
    /// Any tag.
    Any,
    /// This tag.
    Only(Tag),
}

impl From<usize> for Source {
    fn from(rank: usize) -> Self {
        Self::Rank(rank)
    }
}

impl From<Tag> for Tags {
    fn from(tag: Tag) -> Self {
        Self::Only(tag)
    }
}

impl Source {
    /// Whether a message of this rank is meant.
    #[must_use]
    pub fn takes(self, rank: usize) -> bool {
        self == Self::Any || self == Self::Rank(rank)
    }
}

impl Tags {
    /// Whether a message with this tag is meant.
    #[must_use]
    pub fn takes(self, tag: Tag) -> bool {
        self == Self::Any || self == Self::Only(tag)
    }
}

/// How a send goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// When the buffer can be used again: at once where the message is small or awaited.
    Standard,
    /// When the receiver has begun to receive.
    Synchronous,
    /// At once: what is not awaited is copied.
    Buffered,
    /// At once, and it is an error if nobody waits for it.
    Ready,
}

/// Which of a communicator's streams a message belongs to. They never meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Space {
    /// What programs send.
    Program,
    /// What collectives send for them.
    Collective,
    /// What one of the non-blocking collectives sends for them: that of this number. Several go on at once,
    /// and what is left of one that has failed is nobody else's.
    Nonblocking(u64),
}

impl Space {
    /// For implementors of [`Communicator`](crate::Communicator): two numbers that no other stream has, for this
    /// one of the communicator with this number.
    #[must_use]
    pub fn stream(self, communicator: u64) -> [u64; 2] {
        let (space, number) = match self {
            Self::Program => (0, 0),
            Self::Collective => (1, 0),
            Self::Nonblocking(number) => (2, number),
        };
        [3 * communicator + space, number]
    }

    /// The communicator of these numbers, where they are those of this stream of one.
    #[must_use]
    pub fn communicator(self, stream: [u64; 2]) -> Option<u64> {
        let communicator = stream[0] / 3;
        (self.stream(communicator) == stream).then_some(communicator)
    }
}

/// Which messages a receive takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Want {
    /// Whose.
    pub from: Source,
    /// With which tag.
    pub tag: Tags,
    /// Of which stream.
    pub space: Space,
}

/// Where a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Address {
    /// To this rank.
    pub to: usize,
    /// With this tag.
    pub tag: Tag,
    /// How the send goes on.
    pub mode: Mode,
    /// In this stream.
    pub space: Space,
}
