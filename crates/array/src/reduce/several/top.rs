//! The greatest or the least of all.

use std::cmp::Ordering;

use super::SeveralFold;
use crate::ops::{Ordered, order};

/// So many of the greatest elements, or of the least, the best first. Of those that are equal the first ones count. They
/// are a heap until all are seen, so that each costs the logarithm of their number at most.
#[derive(Debug)]
pub(crate) struct Top {
    pub(crate) len: usize,
    pub(crate) is_greatest: bool,
}

/// An element with its number, or nothing.
type Found<T> = (T, u64);

/// The number of what is not there: it comes after all.
const NOTHING: u64 = u64::MAX;

impl Top {
    /// Which of two comes first.
    #[inline]
    fn order<T: Ordered>(&self, a: &Found<T>, b: &Found<T>) -> Ordering {
        let is_there = (a.1 == NOTHING).cmp(&(b.1 == NOTHING));
        let by_size = || match self.is_greatest {
            true => order(&b.0, &a.0),
            false => order(&a.0, &b.0),
        };
        is_there.then_with(by_size).then_with(|| a.1.cmp(&b.1))
    }

    /// Takes what is better than the worst of a heap, which has the worst first, in its place.
    #[inline]
    fn take<T: Ordered>(&self, heap: &mut [Found<T>], found: Found<T>) {
        match heap.first() {
            Some(worst) if self.order(&found, worst) == Ordering::Less => self.sift(heap, found),
            _ => {}
        }
    }

    /// Puts an element in place of the first: those that are worse come up.
    fn sift<T: Ordered>(&self, heap: &mut [Found<T>], found: Found<T>) {
        let is_worse = |a: &Found<T>, b: &Found<T>| self.order(a, b) == Ordering::Greater;
        let mut at = 0;
        loop {
            let mut below = 2 * at + 1;
            if below + 1 < heap.len() && is_worse(&heap[below + 1], &heap[below]) {
                below += 1;
            }
            if below >= heap.len() || !is_worse(&heap[below], &found) {
                break;
            }
            heap[at] = heap[below];
            at = below;
        }
        heap[at] = found;
    }

    fn take_all<T: Ordered>(&self, heap: &mut [Found<T>], others: &[Found<T>]) {
        for &other in others.iter().filter(|(_, number)| *number != NOTHING) {
            self.take(heap, other);
        }
    }

    /// The best first.
    fn sort<T: Ordered>(&self, heap: &mut [Found<T>]) {
        heap.sort_unstable_by(|a, b| self.order(a, b));
    }
}

impl<T: Ordered> SeveralFold<T, T> for Top {
    type Acc = Found<T>;

    fn len(&self) -> usize {
        self.len
    }

    fn start(&self) -> Found<T> {
        (T::default(), NOTHING)
    }

    #[inline]
    fn see(&self, accs: &mut [Found<T>], element: T, number: u64) {
        self.take(accs, (element, number));
    }

    fn merge(&self, accs: &mut [Found<T>], others: &[Found<T>]) {
        self.take_all(accs, others);
    }

    fn arrange(&self, accs: &mut [Found<T>]) {
        self.sort(accs);
    }

    fn finish(&self, acc: Found<T>) -> T {
        acc.0
    }
}

/// Their numbers.
#[derive(Debug)]
pub(crate) struct ArgTop(pub(crate) Top);

impl<T: Ordered> SeveralFold<T, i64> for ArgTop {
    type Acc = Found<T>;

    fn len(&self) -> usize {
        self.0.len
    }

    fn start(&self) -> Found<T> {
        (T::default(), NOTHING)
    }

    #[inline]
    fn see(&self, accs: &mut [Found<T>], element: T, number: u64) {
        self.0.take(accs, (element, number));
    }

    fn merge(&self, accs: &mut [Found<T>], others: &[Found<T>]) {
        self.0.take_all(accs, others);
    }

    fn arrange(&self, accs: &mut [Found<T>]) {
        self.0.sort(accs);
    }

    fn finish(&self, acc: Found<T>) -> i64 {
        acc.1.cast_signed()
    }
}
