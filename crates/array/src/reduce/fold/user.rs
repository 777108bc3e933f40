//! Folds of users.

use std::marker::PhantomData;

use super::Fold;
use crate::reduce::packing::Packing;

/// A fold by four closures.
pub(crate) struct User<A, S, M, F> {
    start: A,
    see: S,
    merge: M,
    finish: F,
    acc: PhantomData<fn() -> A>,
}

impl<A, S, M, F> User<A, S, M, F> {
    pub(crate) fn new(start: A, see: S, merge: M, finish: F) -> Self {
        Self { start, see, merge, finish, acc: PhantomData }
    }
}

impl<T, R, A, S, M, F> Fold<T, R> for User<A, S, M, F>
where
    T: Copy,
    A: Clone + Send + Sync + 'static,
    S: Fn(A, T) -> A + Send + Sync + 'static,
    M: Fn(A, A) -> A + Send + Sync + 'static,
    F: Fn(A, usize) -> R + Send + Sync + 'static,
{
    type Acc = A;

    fn start(&self) -> A {
        self.start.clone()
    }

    #[inline(always)]
    fn run(&self, acc: &mut A, elements: &[T], _: u64) {
        *acc = elements.iter().fold(acc.clone(), |acc, &x| (self.see)(acc, x));
    }

    #[inline(always)]
    fn each(&self, accs: &mut [A], elements: &[T], _: u64) {
        for (acc, &x) in accs.iter_mut().zip(elements) {
            *acc = (self.see)(acc.clone(), x);
        }
    }

    fn merge(&self, acc: &mut A, other: A) {
        *acc = (self.merge)(acc.clone(), other);
    }

    fn finish(&self, acc: A, count: usize) -> R {
        (self.finish)(acc, count)
    }

    /// Of a type that elements may have: of others nobody knows how they are written.
    fn packing(&self) -> Option<Packing<A>> {
        Packing::found()
    }
}
