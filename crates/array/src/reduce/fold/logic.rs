//! Whether, and how many elements are not 0.

use super::{Fold, side_by_side};
use crate::element::Element;
use crate::reduce::packing::Packing;

#[inline(always)]
fn is_true<T: Element>(x: T) -> bool {
    x != T::default()
}

/// Whether one of them is not 0.
#[derive(Debug)]
pub(crate) struct Any;

/// Whether none of them is 0.
#[derive(Debug)]
pub(crate) struct All;

/// How many of them are not 0.
#[derive(Debug)]
pub(crate) struct Count;

macro_rules! logic {
    ($Fold:ident, $R:ty, $start:expr, $see:expr, $merge:expr) => {
        impl<T: Element> Fold<T, $R> for $Fold {
            type Acc = $R;

            fn start(&self) -> $R {
                $start
            }

            #[inline(always)]
            fn run(&self, acc: &mut $R, elements: &[T], _: u64) {
                let see = |acc: $R, x: T| ($see)(acc, is_true(x));
                *acc = ($merge)(*acc, side_by_side(elements, $start, see, $merge));
            }

            #[inline(always)]
            fn each(&self, accs: &mut [$R], elements: &[T], _: u64) {
                for (acc, &x) in accs.iter_mut().zip(elements) {
                    *acc = ($see)(*acc, is_true(x));
                }
            }

            fn merge(&self, acc: &mut $R, other: $R) {
                *acc = ($merge)(*acc, other);
            }

            fn finish(&self, acc: $R, _: usize) -> $R {
                acc
            }

            fn packing(&self) -> Option<Packing<Self::Acc>> {
                Some(Packing::own())
            }
        }
    };
}

logic!(Any, bool, false, |acc, is| acc | is, |a, b| a | b);
logic!(All, bool, true, |acc, is| acc & is, |a, b| a & b);
logic!(Count, i64, 0, |acc, is| acc + i64::from(is), |a, b| a + b);
