//! What values there are.

use std::cmp::Ordering;
use std::sync::{Mutex, PoisonError};

use super::Limit;
use crate::element::Element;
use crate::error::Result;
use crate::ops::{Ordered, order, sort_key};
use crate::source::Target;
use crate::window::{Dims, Window};

/// A target that keeps each value that it is given once, and how often it was.
///
/// Values are in runs, each in order and about half as long as the one before or shorter, so that a value is merged as
/// many times as the logarithm of their number.
#[derive(Debug)]
pub(crate) struct Values<T> {
    shape: Dims,
    limit: Limit,
    runs: Mutex<Vec<Vec<Counted<T>>>>,
}

/// A value, and how often it was there.
type Counted<T> = (T, u64);

impl<T: Ordered> Values<T> {
    pub(crate) fn new(shape: Dims, limit: Limit) -> Self {
        Self { shape, limit, runs: Mutex::default() }
    }

    /// All values in order.
    pub(crate) fn into_sorted(self) -> Vec<Counted<T>> {
        let runs = self.runs.into_inner().unwrap_or_else(PoisonError::into_inner);
        runs.into_iter().rev().fold(vec![], |all, run| merged(&run, &all))
    }
}

/// Of two that are equal the one that is kept, whichever came first: of 0 and -0 it is 0.
fn kept<T: Element>(a: T, b: T) -> T {
    if T::as_bytes(&[b]).iter().rev().lt(T::as_bytes(&[a]).iter().rev()) { b } else { a }
}

/// Adds a value behind others in order, or counts it with the last.
fn push<T: Ordered>(to: &mut Vec<Counted<T>>, (value, count): Counted<T>) {
    match to.last_mut() {
        Some((last, counted)) if order(last, &value) == Ordering::Equal => {
            (*last, *counted) = (kept(*last, value), *counted + count);
        }
        _ => to.push((value, count)),
    }
}

fn merged<T: Ordered>(a: &[Counted<T>], b: &[Counted<T>]) -> Vec<Counted<T>> {
    let mut all = Vec::with_capacity(a.len() + b.len());
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    loop {
        let next = match (a.peek(), b.peek()) {
            (Some(of_a), Some(of_b)) if order(&of_b.0, &of_a.0) == Ordering::Less => b.next(),
            (Some(_), _) => a.next(),
            (None, _) => b.next(),
        };
        match next {
            Some(&next) => push(&mut all, next),
            None => break,
        }
    }
    all.shrink_to_fit();
    all
}

impl<T: Ordered> Target<T> for Values<T> {
    fn shape(&self) -> Dims {
        self.shape.clone()
    }

    fn write(&self, _: &Window, elements: &[T]) -> Result<()> {
        let mut sorted = elements.to_vec();
        sorted.sort_unstable_by_key(|&x| sort_key(x));
        let mut run = vec![];
        sorted.iter().for_each(|&value| push(&mut run, (value, 1)));
        drop(sorted);
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        let len = runs.iter().map(Vec::len).sum::<usize>() + run.len();
        // Once more while they are merged.
        self.limit.check(2 * len * size_of::<Counted<T>>())?;
        while let Some(last) = runs.pop_if(|last| last.len() < 2 * run.len()) {
            run = merged(&last, &run);
        }
        runs.push(run);
        Ok(())
    }
}
