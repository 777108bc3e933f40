//! The least and the greatest.

use super::{Fold, has_nan, side_by_side};
use crate::ops::{Ordered, is_nan};
use crate::reduce::packing::Packing;

/// The least or the greatest. NaN wins once it is seen, unless it is left out.
#[derive(Debug)]
pub(crate) struct Extreme<const GREATEST: bool> {
    /// Whether NaN is left out, as long as there is a number.
    pub(crate) skips_nan: bool,
}

/// The one of two that wins, neither of which is NaN, of which the first was there before.
#[inline(always)]
pub(super) fn greater<const GREATEST: bool, T: Ordered>(best: T, x: T) -> T {
    let wins = if GREATEST { x > best } else { x < best };
    if wins { x } else { best }
}

/// The same where NaN wins.
#[inline(always)]
fn better<const GREATEST: bool, T: Ordered>(best: T, x: T) -> T {
    let wins = if GREATEST { x > best } else { x < best };
    if wins | is_nan(x) { x } else { best }
}

/// The same where NaN never wins.
#[inline(always)]
fn better_number<const GREATEST: bool, T: Ordered>(best: T, x: T) -> T {
    let wins = if GREATEST { x > best } else { x < best };
    if wins | is_nan(best) { x } else { best }
}

impl<const GREATEST: bool, T: Ordered> Fold<T, T> for Extreme<GREATEST> {
    type Acc = T;

    /// What any element wins against, or is equal to.
    fn start(&self) -> T {
        match T::NAN {
            Some(nan) if self.skips_nan => nan,
            _ if GREATEST => T::LEAST,
            _ => T::GREATEST,
        }
    }

    #[inline(always)]
    fn run(&self, acc: &mut T, elements: &[T], _: u64) {
        // Looking for NaN by itself, there is one instruction for what is better, and takes half as long.
        let best = if !has_nan(elements) {
            let Some((&first, _)) = elements.split_first() else { return };
            let best = greater::<GREATEST, T>;
            side_by_side(elements, first, best, best)
        } else if self.skips_nan {
            let best = better_number::<GREATEST, T>;
            side_by_side(elements, Fold::<T, T>::start(self), best, best)
        } else {
            let best = better::<GREATEST, T>;
            side_by_side(elements, Fold::<T, T>::start(self), best, best)
        };
        *acc = self.best(*acc, best);
    }

    #[inline(always)]
    fn each(&self, accs: &mut [T], elements: &[T], _: u64) {
        for (acc, &x) in accs.iter_mut().zip(elements) {
            *acc = self.best(*acc, x);
        }
    }

    fn merge(&self, acc: &mut T, other: T) {
        *acc = self.best(*acc, other);
    }

    fn finish(&self, acc: T, _: usize) -> T {
        acc
    }

    fn packing(&self) -> Option<Packing<Self::Acc>> {
        Some(Packing::own())
    }
}

impl<const GREATEST: bool> Extreme<GREATEST> {
    #[inline(always)]
    fn best<T: Ordered>(&self, best: T, x: T) -> T {
        match self.skips_nan {
            true => better_number::<GREATEST, T>(best, x),
            false => better::<GREATEST, T>(best, x),
        }
    }
}
