//! Means.

use num_complex::{Complex32, Complex64};

use super::{Fold, Summable, side_by_side};
use crate::element::Element;
use crate::ops::is_nan;
use crate::reduce::packing::{Packed, Packing};

/// Numbers that have a mean: of integers and bools it is an `f64`.
pub trait Averageable: Summable {
    /// What the mean is.
    type Mean: Element;

    /// What is added up in: 64 bits of a float, which no sum of integers leaves.
    #[doc(hidden)]
    type Wide: Element + std::ops::Add<Output = Self::Wide>;
    #[doc(hidden)]
    const NOTHING: Self::Wide;
    #[doc(hidden)]
    fn wide(self) -> Self::Wide;
    #[doc(hidden)]
    fn mean_of(sum: Self::Wide, count: u64) -> Self::Mean;
}

/// Numbers that have a mean which is real, and so a variance.
pub(crate) trait Varying: Averageable<Wide = f64> {}

impl<T: Averageable<Wide = f64>> Varying for T {}

#[expect(clippy::cast_possible_truncation, reason = "rounded once")]
pub(crate) fn to_f32(sum: f64) -> f32 {
    sum as f32
}

#[expect(clippy::cast_precision_loss, reason = "more than 2^53 elements would take years")]
pub(crate) fn to_f64(count: u64) -> f64 {
    count as f64
}

macro_rules! averageable {
    ($($T:ty => $Mean:ty, $Wide:ty, $zero:expr, $wide:expr, $narrow:expr;)*) => {$(
        impl Averageable for $T {
            type Mean = $Mean;
            type Wide = $Wide;
            const NOTHING: $Wide = $zero;
            #[inline(always)]
            fn wide(self) -> $Wide { ($wide)(self) }
            #[inline(always)]
            fn mean_of(sum: $Wide, count: u64) -> $Mean { ($narrow)(sum / to_f64(count)) }
        }
    )*};
}

averageable! {
    bool => f64, f64, 0.0, |x| f64::from(u8::from(x)), std::convert::identity;
    i8 => f64, f64, 0.0, f64::from, std::convert::identity;
    i16 => f64, f64, 0.0, f64::from, std::convert::identity;
    i32 => f64, f64, 0.0, f64::from, std::convert::identity;
    u8 => f64, f64, 0.0, f64::from, std::convert::identity;
    u16 => f64, f64, 0.0, f64::from, std::convert::identity;
    u32 => f64, f64, 0.0, f64::from, std::convert::identity;
    i64 => f64, f64, 0.0, signed, std::convert::identity;
    u64 => f64, f64, 0.0, to_f64, std::convert::identity;
    f32 => f32, f64, 0.0, f64::from, to_f32;
    f64 => f64, f64, 0.0, std::convert::identity, std::convert::identity;
    Complex32 => Complex32, Complex64, Complex64::ZERO,
        |x: Self| Complex64::new(x.re.into(), x.im.into()),
        |x: Complex64| Self::new(to_f32(x.re), to_f32(x.im));
    Complex64 => Complex64, Complex64, Complex64::ZERO,
        std::convert::identity, std::convert::identity;
}

#[inline(always)]
#[expect(clippy::cast_precision_loss, reason = "as NumPy, whose means of integers are floats")]
fn signed(x: i64) -> f64 {
    x as f64
}

/// The mean: the sum divided once.
#[derive(Debug)]
pub(crate) struct Mean;

impl<T: Averageable> Fold<T, T::Mean> for Mean {
    type Acc = T::Wide;

    fn start(&self) -> T::Wide {
        T::NOTHING
    }

    #[inline(always)]
    fn run(&self, acc: &mut T::Wide, elements: &[T], _: u64) {
        let see = |sum: T::Wide, x: T| sum + x.wide();
        *acc = *acc + side_by_side(elements, T::NOTHING, see, |a, b| a + b);
    }

    #[inline(always)]
    fn each(&self, accs: &mut [T::Wide], elements: &[T], _: u64) {
        for (acc, &x) in accs.iter_mut().zip(elements) {
            *acc = *acc + x.wide();
        }
    }

    fn merge(&self, acc: &mut T::Wide, other: T::Wide) {
        *acc = *acc + other;
    }

    fn finish(&self, acc: T::Wide, count: usize) -> T::Mean {
        T::mean_of(acc, count as u64)
    }

    fn packing(&self) -> Option<Packing<Self::Acc>> {
        Some(Packing::own())
    }
}

/// The mean of what is not NaN.
#[derive(Debug)]
pub(crate) struct NanMean;

/// A sum, and how many of the elements were left out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Partial<W> {
    sum: W,
    skipped: u64,
}

impl<W: Element> Packed for Partial<W> {
    fn write(&self, to: &mut Vec<u8>) {
        (self.sum, self.skipped).write(to);
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        Packed::read(from).map(|(sum, skipped)| Self { sum, skipped })
    }
}

#[inline(always)]
fn see<T: Averageable>(acc: Partial<T::Wide>, x: T) -> Partial<T::Wide> {
    match is_nan(x) {
        true => Partial { sum: acc.sum, skipped: acc.skipped + 1 },
        false => Partial { sum: acc.sum + x.wide(), skipped: acc.skipped },
    }
}

impl<T: Averageable> Fold<T, T::Mean> for NanMean {
    type Acc = Partial<T::Wide>;

    fn start(&self) -> Self::Acc {
        Partial { sum: T::NOTHING, skipped: 0 }
    }

    #[inline(always)]
    fn run(&self, acc: &mut Self::Acc, elements: &[T], _: u64) {
        *acc = elements.iter().fold(*acc, |acc, &x| see(acc, x));
    }

    #[inline(always)]
    fn each(&self, accs: &mut [Self::Acc], elements: &[T], _: u64) {
        for (acc, &x) in accs.iter_mut().zip(elements) {
            *acc = see(*acc, x);
        }
    }

    fn merge(&self, acc: &mut Self::Acc, other: Self::Acc) {
        acc.sum = acc.sum + other.sum;
        acc.skipped += other.skipped;
    }

    fn finish(&self, acc: Self::Acc, count: usize) -> T::Mean {
        T::mean_of(acc.sum, count as u64 - acc.skipped)
    }

    fn packing(&self) -> Option<Packing<Self::Acc>> {
        Some(Packing::own())
    }
}
