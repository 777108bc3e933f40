//! Where the least and the greatest are.

use super::extreme::greater;
use super::{Fold, has_nan};
use crate::ops::{Ordered, is_nan};
use crate::reduce::packing::Packing;

/// The number of the least or the greatest element, of several the first. NaN wins once it is seen, unless it is left
/// out.
#[derive(Debug)]
pub(crate) struct Arg<const GREATEST: bool> {
    /// Whether NaN is left out. If there is nothing else, the result is -1.
    pub(crate) skips_nan: bool,
}

/// What was seen: the best element, and its number.
type Seen<T> = Option<(T, u64)>;

impl<const GREATEST: bool> Arg<GREATEST> {
    /// Whether an element wins against another that comes before it.
    #[inline(always)]
    fn wins<T: Ordered>(&self, x: T, best: T) -> bool {
        let is_better = if GREATEST { x > best } else { x < best };
        is_better || (is_nan(x) && !is_nan(best))
    }

    #[inline(always)]
    fn see<T: Ordered>(&self, seen: &mut Seen<T>, x: T, number: u64) {
        if self.skips_nan && is_nan(x) {
            return;
        }
        let wins = seen.is_none_or(|(best, at)| {
            // Chunks of several axes are not merged in the order of their elements.
            self.wins(x, best) || (number < at && !self.wins(best, x))
        });
        if wins {
            *seen = Some((x, number));
        }
    }

    /// The best of a run that has no NaN, by a loop without branches.
    #[inline(always)]
    fn best<T: Ordered>(elements: &[T], first: T) -> T {
        let see = greater::<GREATEST, T>;
        super::side_by_side(elements, first, see, see)
    }
}

/// Where the first element is of which something is so, looked for in several at a time.
#[inline(always)]
fn position<T: Copy>(elements: &[T], is: impl Fn(T) -> bool) -> Option<usize> {
    const TOGETHER: usize = 64;
    let mut groups = elements.chunks(TOGETHER);
    let group = groups.position(|group| group.iter().fold(false, |any, &x| any | is(x)))?;
    let first = group * TOGETHER;
    elements[first..].iter().position(|&x| is(x)).map(|at| first + at)
}

impl<const GREATEST: bool, T: Ordered> Fold<T, i64> for Arg<GREATEST> {
    type Acc = Seen<T>;

    const NUMBERED: bool = true;

    fn start(&self) -> Seen<T> {
        None
    }

    #[inline(always)]
    fn run(&self, acc: &mut Seen<T>, elements: &[T], number: u64) {
        let Some((&first, rest)) = elements.split_first() else { return };
        let has_nan = has_nan(elements);
        if elements.len() < 64 || self.skips_nan && has_nan {
            for (&x, number) in elements.iter().zip(number..) {
                self.see(acc, x, number);
            }
            return;
        }
        let at = match has_nan {
            true => position(elements, is_nan),
            false => {
                let best = Self::best(rest, first);
                // Most runs do not have the best of all, and it makes no difference where they have theirs.
                if acc.is_some_and(|(before, at)| at < number && !self.wins(best, before)) {
                    return;
                }
                position(elements, |x| x == best)
            }
        };
        if let Some(at) = at {
            self.see(acc, elements[at], number + at as u64);
        }
    }

    #[inline(always)]
    fn each(&self, accs: &mut [Seen<T>], elements: &[T], number: u64) {
        for (acc, &x) in accs.iter_mut().zip(elements) {
            self.see(acc, x, number);
        }
    }

    fn merge(&self, acc: &mut Seen<T>, other: Seen<T>) {
        if let Some((x, number)) = other {
            self.see(acc, x, number);
        }
    }

    fn finish(&self, acc: Seen<T>, _: usize) -> i64 {
        acc.map_or(-1, |(_, number)| number.cast_signed())
    }

    fn packing(&self) -> Option<Packing<Self::Acc>> {
        Some(Packing::own())
    }
}
