//! What is computed together.

use std::collections::HashMap;
use std::sync::Arc;

use super::Delayed;
use super::node::{Node, Value, owned};
use super::plan::Plan;
use crate::error::{Error, ErrorKind, Result};
use crate::executor::Executor;

impl Executor {
    /// Computes the result of a task: runs all tasks that it needs, each once.
    ///
    /// # Errors
    /// [`ErrorKind::Failed`] if a task fails, with its name, its line and the error of its function as
    /// [`source`](std::error::Error::source); [`ErrorKind::Panicked`] if one panics. [`ErrorKind::Memory`] if the tasks
    /// cannot be kept within the [cap](Self::memory), before any has run; [`ErrorKind::Cancelled`] if somebody cancels
    /// before the last has started. The tasks can be computed again after all of them.
    pub fn compute<T: Send + Sync + 'static>(&self, task: &Delayed<T>) -> Result<T> {
        let mut values = Plan::new(&[&task.node])?.run(self)?;
        values.pop().map_or_else(|| Err(lost()), owned)
    }

    /// Computes several results together: what more than one of them needs runs once.
    ///
    /// They are cloned only for tasks that are there more than once.
    ///
    /// ```
    /// use tenfold_array::{Executor, delayed};
    ///
    /// let numbers = delayed(|| vec![3, 1, 2]);
    /// let (least, largest) = (numbers.map(|n| n.iter().min().copied()), numbers.map(|n| n.len()));
    /// let executor = Executor::new();
    /// assert_eq!(executor.compute_many((&least, &largest))?, (Some(1), 3));
    /// assert_eq!(executor.compute_many(&[least.clone(), least][..])?, [Some(1); 2]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// As for [`compute`](Self::compute).
    pub fn compute_many<O: Outputs>(&self, tasks: O) -> Result<O::Results> {
        tasks.compute(self)
    }

    /// The bytes that [`compute`](Self::compute) needs at least, by what tasks say they take: the least
    /// [cap](Self::memory), which suffices for any number of threads.
    ///
    /// ```
    /// use tenfold_array::{Delayed, Executor, delayed};
    ///
    /// let parts: Vec<Delayed<u64>> = (0..8).map(|n| delayed(move || n).bytes(100)).collect();
    /// let sum = Delayed::all(&parts, |n| n.iter().copied().sum::<u64>());
    /// assert_eq!(Executor::new().minimum_memory_of(&sum)?, 800);
    /// let error = Executor::new().memory(799).compute(&sum).unwrap_err();
    /// assert!(error.to_string().contains("needs 800 bytes"));
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Value`] if there were more than 2^32 - 1 tasks.
    pub fn minimum_memory_of<T>(&self, task: &Delayed<T>) -> Result<usize> {
        Plan::new(&[&task.node])?.minimum_memory(self)
    }
}

fn lost() -> Error {
    Error::new(ErrorKind::Failed, "a result is lost")
}

/// Tasks that are computed together: a tuple of references to up to eight, or a slice of tasks of one type. For
/// [`Executor::compute_many`].
pub trait Outputs: Sealed {
    /// What they come to: a tuple of results, or a `Vec`.
    type Results;

    #[doc(hidden)]
    fn compute(self, executor: &Executor) -> Result<Self::Results>;
}

/// What can be computed together. Not for others.
#[expect(unnameable_types, reason = "it keeps others from being computed")]
pub trait Sealed {}

/// Results, to be taken in the order in which they were asked for.
struct Computed {
    /// Each result once, with how often it will still be asked for.
    values: Vec<(Option<Value>, usize)>,
    /// Where each is.
    places: std::vec::IntoIter<usize>,
}

impl Computed {
    fn new(executor: &Executor, nodes: &[&Arc<Node>]) -> Result<Self> {
        let (mut once, mut uses, mut found) = (vec![], vec![], HashMap::new());
        let mut places = vec![];
        for &node in nodes {
            let place = *found.entry(Arc::as_ptr(node)).or_insert_with(|| {
                once.push(node);
                uses.push(0);
                once.len() - 1
            });
            uses[place] += 1;
            places.push(place);
        }
        let values = Plan::new(&once)?.run(executor)?;
        let values = values.into_iter().map(Some).zip(uses).collect();
        Ok(Self { values, places: places.into_iter() })
    }

    /// The next result: itself where it is not asked for again, else a clone.
    fn next<T: Clone + 'static>(&mut self) -> Result<T> {
        let place = self.places.next().ok_or_else(lost)?;
        let (value, uses) = &mut self.values[place];
        *uses -= 1;
        if *uses == 0 {
            return value.take().map_or_else(|| Err(lost()), owned);
        }
        value.as_ref().and_then(|value| value.downcast_ref().cloned()).ok_or_else(lost)
    }
}

impl<T> Sealed for &[Delayed<T>] {}

impl<T: Clone + Send + Sync + 'static> Outputs for &[Delayed<T>] {
    type Results = Vec<T>;

    fn compute(self, executor: &Executor) -> Result<Vec<T>> {
        let nodes: Vec<_> = self.iter().map(|task| &task.node).collect();
        let mut computed = Computed::new(executor, &nodes)?;
        self.iter().map(|_| computed.next()).collect()
    }
}

macro_rules! tuples {
    ($($at:tt $T:ident),*) => {
        impl<$($T),*> Sealed for ($(&Delayed<$T>,)*) {}

        impl<$($T: Clone + Send + Sync + 'static),*> Outputs for ($(&Delayed<$T>,)*) {
            type Results = ($($T,)*);

            fn compute(self, executor: &Executor) -> Result<Self::Results> {
                let mut computed = Computed::new(executor, &[$(&self.$at.node),*])?;
                Ok(($(computed.next::<$T>()?,)*))
            }
        }
    };
}

tuples!(0 A);
tuples!(0 A, 1 B);
tuples!(0 A, 1 B, 2 C);
tuples!(0 A, 1 B, 2 C, 3 D);
tuples!(0 A, 1 B, 2 C, 3 D, 4 E);
tuples!(0 A, 1 B, 2 C, 3 D, 4 E, 5 F);
tuples!(0 A, 1 B, 2 C, 3 D, 4 E, 5 F, 6 G);
tuples!(0 A, 1 B, 2 C, 3 D, 4 E, 5 F, 6 G, 7 H);
