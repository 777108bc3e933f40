//! What elements are folded into.

use num_complex::{Complex32, Complex64};

use crate::element::Element;

/// Folds elements of `T` into accumulators, and those into results of `R`.
pub(crate) trait Fold<T, R>: Send + Sync + 'static {
    /// What has been seen so far.
    type Acc: Clone + Send + 'static;

    /// Nothing seen.
    fn start(&self) -> Self::Acc;

    /// Sees elements that follow each other. `number` is that of the first among all that the accumulator sees.
    fn run(&self, acc: &mut Self::Acc, elements: &[T], number: u64);

    /// Each accumulator sees one element. `number` is that of the element among those that its accumulator sees.
    fn each(&self, accs: &mut [Self::Acc], elements: &[T], number: u64);

    /// Takes what another one has seen, which comes after what `acc` has.
    fn merge(&self, acc: &mut Self::Acc, other: Self::Acc);

    /// The result of an accumulator that has seen `count` elements.
    fn finish(&self, acc: Self::Acc, count: usize) -> R;
}

/// Numbers that can be added up.
pub trait Summable: Element {
    /// What the sum is: the widest of its kind for integers, as in NumPy, where it wraps.
    type Sum: Element;

    /// What is added up in.
    #[doc(hidden)]
    type Acc: Copy + Send + Sync + 'static;
    #[doc(hidden)]
    const ZERO: Self::Acc;
    #[doc(hidden)]
    fn widen(self) -> Self::Acc;
    #[doc(hidden)]
    fn add(a: Self::Acc, b: Self::Acc) -> Self::Acc;
    #[doc(hidden)]
    fn narrow(acc: Self::Acc) -> Self::Sum;
}

macro_rules! summable {
    ($($T:ty => $Sum:ty, $Acc:ty, $zero:expr, $widen:expr, $add:expr, $narrow:expr;)*) => {$(
        impl Summable for $T {
            type Sum = $Sum;
            type Acc = $Acc;
            const ZERO: $Acc = $zero;
            #[inline]
            fn widen(self) -> $Acc { ($widen)(self) }
            #[inline]
            fn add(a: $Acc, b: $Acc) -> $Acc { ($add)(a, b) }
            #[inline]
            fn narrow(acc: $Acc) -> $Sum { ($narrow)(acc) }
        }
    )*};
}

macro_rules! summable_integers {
    ($($T:ty => $Wide:ty),*) => {
        summable!($($T => $Wide, $Wide, 0, <$Wide>::from, <$Wide>::wrapping_add, std::convert::identity;)*);
    };
}

summable_integers!(bool => i64, i8 => i64, i16 => i64, i32 => i64, i64 => i64);
summable_integers!(u8 => u64, u16 => u64, u32 => u64, u64 => u64);

#[expect(
    clippy::cast_possible_truncation,
    reason = "a sum of numbers of 32 bits is one again, rounded once"
)]
fn to_f32(sum: f64) -> f32 {
    sum as f32
}

summable! {
    f32 => f32, f64, 0.0, f64::from, std::ops::Add::add, to_f32;
    f64 => f64, f64, 0.0, std::convert::identity, std::ops::Add::add, std::convert::identity;
    Complex32 => Complex32, Complex64, Complex64::ZERO,
        |x: Self| Complex64::new(x.re.into(), x.im.into()), std::ops::Add::add,
        |x: Complex64| Self::new(to_f32(x.re), to_f32(x.im));
    Complex64 => Complex64, Complex64, Complex64::ZERO,
        std::convert::identity, std::ops::Add::add, std::convert::identity;
}

/// `f32` and `f64`, of which sums are kept in `f64`.
pub trait Real: Summable<Sum = Self, Acc = f64> + PartialOrd {}

impl Real for f32 {}

impl Real for f64 {}

/// How many sums of a run go on side by side, so that one addition need not wait for the one before.
const SIDE_BY_SIDE: usize = 16;

/// The sum of a run, in an order that depends on its length alone.
#[inline]
fn sum_of<T: Summable>(elements: &[T]) -> T::Acc {
    let (groups, rest) = elements.as_chunks::<SIDE_BY_SIDE>();
    let mut sums = [T::ZERO; SIDE_BY_SIDE];
    for group in groups {
        for (sum, &element) in sums.iter_mut().zip(group) {
            *sum = T::add(*sum, element.widen());
        }
    }
    for (sum, &element) in sums.iter_mut().zip(rest) {
        *sum = T::add(*sum, element.widen());
    }
    let mut half = SIDE_BY_SIDE / 2;
    while half > 0 {
        for i in 0..half {
            sums[i] = T::add(sums[i], sums[i + half]);
        }
        half /= 2;
    }
    sums[0]
}

/// The sum.
#[derive(Debug)]
pub(crate) struct Sum;

impl<T: Summable> Fold<T, T::Sum> for Sum {
    type Acc = T::Acc;

    fn start(&self) -> T::Acc {
        T::ZERO
    }

    fn run(&self, acc: &mut T::Acc, elements: &[T], _: u64) {
        *acc = T::add(*acc, sum_of(elements));
    }

    fn each(&self, accs: &mut [T::Acc], elements: &[T], _: u64) {
        for (acc, &element) in accs.iter_mut().zip(elements) {
            *acc = T::add(*acc, element.widen());
        }
    }

    fn merge(&self, acc: &mut T::Acc, other: T::Acc) {
        *acc = T::add(*acc, other);
    }

    fn finish(&self, acc: T::Acc, _: usize) -> T::Sum {
        T::narrow(acc)
    }
}

/// The mean of floating-point numbers: the sum divided once.
#[derive(Debug)]
pub(crate) struct Mean;

impl<T: Real> Fold<T, T> for Mean {
    type Acc = f64;

    fn start(&self) -> f64 {
        0.0
    }

    fn run(&self, acc: &mut f64, elements: &[T], number: u64) {
        Sum.run(acc, elements, number);
    }

    fn each(&self, accs: &mut [f64], elements: &[T], number: u64) {
        Sum.each(accs, elements, number);
    }

    fn merge(&self, acc: &mut f64, other: f64) {
        *acc += other;
    }

    #[expect(clippy::cast_precision_loss, reason = "more than 2^53 elements would take years")]
    fn finish(&self, acc: f64, count: usize) -> T {
        T::narrow(acc / count as f64)
    }
}

/// The least or the greatest, for which `first` says whether an element goes before another. What does not compare,
/// as no number does, wins once it is seen.
#[derive(Debug)]
pub(crate) struct Extreme<F> {
    pub(crate) first: F,
}

impl<T: Element + PartialOrd, F: Fn(&T, &T) -> bool + Send + Sync + 'static> Fold<T, T>
    for Extreme<F>
{
    type Acc = Option<T>;

    fn start(&self) -> Option<T> {
        None
    }

    fn run(&self, acc: &mut Option<T>, elements: &[T], _: u64) {
        for &element in elements {
            self.see(acc, element);
        }
    }

    fn each(&self, accs: &mut [Option<T>], elements: &[T], _: u64) {
        for (acc, &element) in accs.iter_mut().zip(elements) {
            self.see(acc, element);
        }
    }

    fn merge(&self, acc: &mut Option<T>, other: Option<T>) {
        if let Some(other) = other {
            self.see(acc, other);
        }
    }

    fn finish(&self, acc: Option<T>, _: usize) -> T {
        acc.unwrap_or_default()
    }
}

impl<F> Extreme<F> {
    #[inline]
    fn see<T: Element + PartialOrd>(&self, acc: &mut Option<T>, element: T)
    where
        F: Fn(&T, &T) -> bool,
    {
        let wins = acc.is_none_or(|best| {
            let best_is_number = best.partial_cmp(&best).is_some();
            best_is_number
                && (element.partial_cmp(&element).is_none() || (self.first)(&element, &best))
        });
        if wins {
            *acc = Some(element);
        }
    }
}
