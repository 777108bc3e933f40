//! Sums and products.

use std::convert::identity;
use std::ops::{Add, Mul};

use num_complex::{Complex32, Complex64};

use super::{Fold, side_by_side, to_f32};
use crate::element::Element;
use crate::reduce::packing::Packing;

/// Numbers that can be added up and multiplied.
pub trait Summable: Element {
    /// What the sum is: the widest of its kind for integers, as in NumPy, where it wraps.
    type Sum: Element;

    /// What is added up in.
    #[doc(hidden)]
    type Acc: Element;
    #[doc(hidden)]
    const ZERO: Self::Acc;
    #[doc(hidden)]
    const ONE: Self::Acc;
    /// 1 as an element.
    #[doc(hidden)]
    const UNIT: Self;
    #[doc(hidden)]
    fn widen(self) -> Self::Acc;
    #[doc(hidden)]
    fn add(a: Self::Acc, b: Self::Acc) -> Self::Acc;
    #[doc(hidden)]
    fn multiply(a: Self::Acc, b: Self::Acc) -> Self::Acc;
    #[doc(hidden)]
    fn narrow(acc: Self::Acc) -> Self::Sum;
}

macro_rules! summable {
    ($($T:ty => $Sum:ty, $Acc:ty, $zero:expr, $one:expr, $unit:expr, $widen:expr, $add:expr, $multiply:expr, $narrow:expr;)*) => {$(
        impl Summable for $T {
            type Sum = $Sum;
            type Acc = $Acc;
            const ZERO: $Acc = $zero;
            const ONE: $Acc = $one;
            const UNIT: Self = $unit;
            #[inline(always)]
            fn widen(self) -> $Acc { ($widen)(self) }
            #[inline(always)]
            fn add(a: $Acc, b: $Acc) -> $Acc { ($add)(a, b) }
            #[inline(always)]
            fn multiply(a: $Acc, b: $Acc) -> $Acc { ($multiply)(a, b) }
            #[inline(always)]
            fn narrow(acc: $Acc) -> $Sum { ($narrow)(acc) }
        }
    )*};
}

macro_rules! summable_integers {
    ($($T:ty => $Wide:ty, $unit:expr),*) => {
        summable! {
            $($T => $Wide, $Wide, 0, 1, $unit, <$Wide>::from, <$Wide>::wrapping_add, <$Wide>::wrapping_mul, identity;)*
        }
    };
}

summable_integers!(bool => i64, true, i8 => i64, 1, i16 => i64, 1, i32 => i64, 1, i64 => i64, 1);
summable_integers!(u8 => u64, 1, u16 => u64, 1, u32 => u64, 1, u64 => u64, 1);

summable! {
    f32 => f32, f64, 0.0, 1.0, 1.0, f64::from, Add::add, Mul::mul, to_f32;
    f64 => f64, f64, 0.0, 1.0, 1.0, identity, Add::add, Mul::mul, identity;
    Complex32 => Complex32, Complex64, Complex64::ZERO, Complex64::ONE, Complex32::ONE,
        |x: Self| Complex64::new(x.re.into(), x.im.into()), Add::add, Mul::mul,
        |x: Complex64| Self::new(to_f32(x.re), to_f32(x.im));
    Complex64 => Complex64, Complex64, Complex64::ZERO, Complex64::ONE, Complex64::ONE,
        identity, Add::add, Mul::mul, identity;
}

/// The sum.
#[derive(Debug)]
pub(crate) struct Sum;

/// The product.
#[derive(Debug)]
pub(crate) struct Prod;

macro_rules! fold {
    ($Fold:ident, $start:ident, $see:ident) => {
        impl<T: Summable> Fold<T, T::Sum> for $Fold {
            type Acc = T::Acc;

            fn start(&self) -> T::Acc {
                T::$start
            }

            #[inline(always)]
            fn run(&self, acc: &mut T::Acc, elements: &[T], _: u64) {
                let see = |acc, x: T| T::$see(acc, x.widen());
                *acc = T::$see(*acc, side_by_side(elements, T::$start, see, T::$see));
            }

            #[inline(always)]
            fn each(&self, accs: &mut [T::Acc], elements: &[T], _: u64) {
                for (acc, &element) in accs.iter_mut().zip(elements) {
                    *acc = T::$see(*acc, element.widen());
                }
            }

            fn merge(&self, acc: &mut T::Acc, other: T::Acc) {
                *acc = T::$see(*acc, other);
            }

            fn finish(&self, acc: T::Acc, _: usize) -> T::Sum {
                T::narrow(acc)
            }

            fn packing(&self) -> Option<Packing<Self::Acc>> {
                Some(Packing::own())
            }
        }
    };
}

fold!(Sum, ZERO, add);
fold!(Prod, ONE, multiply);
