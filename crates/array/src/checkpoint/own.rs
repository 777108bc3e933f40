//! The chunks that a rank has, and which of them have been found.

use crate::plan::Stored;

/// The numbers of chunks.
#[derive(Debug, Clone)]
pub(crate) enum Own {
    /// All of so many.
    All(usize),
    /// Some, in ascending order.
    Some(Vec<usize>),
}

impl Own {
    /// All chunks, if there are no other ranks.
    pub(crate) fn all(stored: &Stored) -> Self {
        Self::All(stored.chunks.count())
    }

    /// These, in whatever order.
    pub(crate) fn some(mut numbers: Vec<usize>) -> Self {
        numbers.sort_unstable();
        Self::Some(numbers)
    }

    pub(super) fn numbers(&self) -> impl ExactSizeIterator<Item = usize> + '_ {
        (0..self.len()).map(|place| match self {
            Self::All(_) => place,
            Self::Some(numbers) => numbers[place],
        })
    }

    fn len(&self) -> usize {
        match self {
            Self::All(count) => *count,
            Self::Some(numbers) => numbers.len(),
        }
    }

    /// The place of a number among them.
    fn place(&self, number: usize) -> Option<usize> {
        match self {
            Self::All(count) => (number < *count).then_some(number),
            Self::Some(numbers) => numbers.binary_search(&number).ok(),
        }
    }
}

/// Chunks that are looked for.
pub(super) struct Missing {
    own: Own,
    has: Vec<bool>,
    left: usize,
}

impl Missing {
    pub(super) fn new(own: Own) -> Self {
        let left = own.len();
        Self { own, has: vec![false; left], left }
    }

    pub(super) fn left(&self) -> usize {
        self.left
    }

    pub(super) fn is_empty(&self) -> bool {
        self.left == 0
    }

    pub(super) fn has(&self, number: usize) -> bool {
        self.own.place(number).is_some_and(|place| !self.has[place])
    }

    /// One of them is found.
    pub(super) fn find(&mut self, number: usize) {
        if let Some(place) = self.own.place(number).filter(|&place| !self.has[place]) {
            self.has[place] = true;
            self.left -= 1;
        }
    }
}
