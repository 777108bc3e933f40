//! The least and the greatest.

use super::{Fold, side_by_side};
use crate::ops::{Ordered, is_nan};
use crate::reduce::packing::Packing;

/// The least or the greatest. NaN wins once it is seen, unless it is left out.
#[derive(Debug)]
pub(crate) struct Extreme<const GREATEST: bool> {
    /// Whether NaN is left out, as long as there is a number.
    pub(crate) skips_nan: bool,
}

/// The one of two that wins, of which the first was there before.
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
        let (start, skips) = (Fold::<T, T>::start(self), self.skips_nan);
        let best = if skips {
            let best = better_number::<GREATEST, T>;
            side_by_side(elements, start, best, best)
        } else {
            let best = better::<GREATEST, T>;
            side_by_side(elements, start, best, best)
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
