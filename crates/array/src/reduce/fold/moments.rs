//! Variances.

use super::mean::{Varying, to_f64};
use super::{Averageable, Fold, side_by_side};
use crate::ops::is_nan;
use crate::reduce::packing::{Packed, Packing};

/// The mean of what was seen, and the sum of squares of the distances from it, which are merged as Chan, Golub and
/// LeVeque have it ("Algorithms for computing the sample variance", 1983): an offset costs no digits.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moments {
    count: u64,
    mean: f64,
    squares: f64,
}

impl Moments {
    const NONE: Self = Self { count: 0, mean: 0.0, squares: 0.0 };

    /// By Welford: one more.
    #[inline(always)]
    fn see(&mut self, x: f64) {
        self.count += 1;
        let distance = x - self.mean;
        self.mean += distance / to_f64(self.count);
        self.squares += distance * (x - self.mean);
    }

    #[inline(always)]
    fn merge(&mut self, other: Self) {
        if self.count == 0 || other.count == 0 {
            if self.count == 0 {
                *self = other;
            }
            return;
        }
        let count = self.count + other.count;
        let (own, theirs) = (to_f64(self.count), to_f64(other.count));
        let distance = other.mean - self.mean;
        let share = theirs / to_f64(count);
        self.mean += distance * share;
        self.squares += other.squares + distance * distance * own * share;
        self.count = count;
    }

    /// Of a run: the mean first, which is in the first cache afterwards.
    #[inline(always)]
    fn of<T: Varying>(elements: &[T]) -> Self {
        let count = elements.len() as u64;
        let sum = side_by_side(elements, 0.0, |sum, x: T| sum + x.wide(), |a, b| a + b);
        let mean = sum / to_f64(count);
        let see = |squares, x: T| squares + (x.wide() - mean) * (x.wide() - mean);
        let squares = side_by_side(elements, 0.0, see, |a, b| a + b);
        Self { count, mean, squares }
    }
}

impl Packed for Moments {
    fn write(&self, to: &mut Vec<u8>) {
        (self.count, (self.mean, self.squares)).write(to);
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        Packed::read(from).map(|(count, (mean, squares))| Self { count, mean, squares })
    }
}

/// The variance, divided by the number of elements less `ddof`.
#[derive(Debug)]
pub(crate) struct Var {
    pub(crate) ddof: f64,
    /// Whether NaN is left out.
    pub(crate) skips_nan: bool,
}

impl Var {
    fn of(&self, moments: Moments) -> f64 {
        let left = to_f64(moments.count) - self.ddof;
        // As NumPy: no negative variance, and NaN where all was left out.
        match self.skips_nan {
            true if left <= 0.0 => f64::NAN,
            _ => moments.squares / left.max(0.0),
        }
    }
}

impl<T: Averageable<Wide = f64>> Fold<T, T::Mean> for Var {
    type Acc = Moments;

    fn start(&self) -> Moments {
        Moments::NONE
    }

    #[inline(always)]
    fn run(&self, acc: &mut Moments, elements: &[T], _: u64) {
        let skips = self.skips_nan && elements.iter().fold(false, |has, &x| has | is_nan(x));
        if skips {
            elements.iter().filter(|&&x| !is_nan(x)).for_each(|&x| acc.see(x.wide()));
        } else if !elements.is_empty() {
            acc.merge(Moments::of(elements));
        }
    }

    #[inline(always)]
    fn each(&self, accs: &mut [Moments], elements: &[T], _: u64) {
        for (acc, &x) in accs.iter_mut().zip(elements) {
            if !(self.skips_nan && is_nan(x)) {
                acc.see(x.wide());
            }
        }
    }

    fn merge(&self, acc: &mut Moments, other: Moments) {
        acc.merge(other);
    }

    fn finish(&self, acc: Moments, _: usize) -> T::Mean {
        T::mean_of(self.of(acc), 1)
    }

    fn packing(&self) -> Option<Packing<Self::Acc>> {
        Some(Packing::own())
    }
}

/// The root of the variance.
#[derive(Debug)]
pub(crate) struct Std(pub(crate) Var);

impl<T: Averageable<Wide = f64>> Fold<T, T::Mean> for Std {
    type Acc = Moments;

    fn start(&self) -> Moments {
        Moments::NONE
    }

    #[inline(always)]
    fn run(&self, acc: &mut Moments, elements: &[T], number: u64) {
        self.0.run(acc, elements, number);
    }

    #[inline(always)]
    fn each(&self, accs: &mut [Moments], elements: &[T], number: u64) {
        self.0.each(accs, elements, number);
    }

    fn merge(&self, acc: &mut Moments, other: Moments) {
        acc.merge(other);
    }

    fn finish(&self, acc: Moments, _: usize) -> T::Mean {
        T::mean_of(self.0.of(acc).sqrt(), 1)
    }

    fn packing(&self) -> Option<Packing<Self::Acc>> {
        Some(Packing::own())
    }
}
