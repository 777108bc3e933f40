//! What the planner does to an expression, each of which can be left out.

/// A pass of the planner. [`Settings::without`](crate::Settings::without) leaves one out; the result has the same bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Pass {
    /// The same operation on the same arrays is done once.
    Share,
    /// Slices, transposes and broadcasts are taken of the leaves: what nobody sees is not computed.
    PushViews,
    /// Functions of elements go over a tile one after another, with no array between, and on into reductions.
    Fuse,
    /// Several reductions of the same leaves are done in one pass over them.
    Merge,
    /// What a broadcast repeats is computed once, and held.
    Hold,
}

impl Pass {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Share, Self::PushViews, Self::Fuse, Self::Merge, Self::Hold];
}

/// The passes that are left out.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Passes {
    without: u8,
}

impl Passes {
    pub(crate) fn has(self, pass: Pass) -> bool {
        self.without & (1 << pass as u8) == 0
    }

    pub(crate) fn without(self, pass: Pass) -> Self {
        Self { without: self.without | 1 << pass as u8 }
    }
}
