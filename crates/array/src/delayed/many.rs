//! Tasks of many results of one type.

use std::any::type_name;
use std::sync::Arc;

use smallvec::SmallVec;

use super::Delayed;
use super::node::{Value, typed};
use crate::error::Result;
use crate::executor::BoxError;

impl<T: Send + Sync + 'static> Delayed<T> {
    /// A task that makes something of the results of many, in their order.
    ///
    /// ```
    /// use tenfold_array::Delayed;
    /// # use tenfold_array::delayed;
    ///
    /// let parts: Vec<Delayed<u64>> = (1..=10).map(|n| delayed(move || n * n)).collect();
    /// let largest = Delayed::all(&parts, |squares| squares.iter().copied().max().copied());
    /// assert_eq!(largest.compute()?, Some(100));
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    pub fn all<R, F>(inputs: &[Self], function: F) -> Delayed<R>
    where
        R: Send + Sync + 'static,
        F: Fn(&[&T]) -> R + Send + Sync + 'static,
    {
        Self::all_named(inputs, type_name::<F>(), move |values| Ok(function(values)))
    }

    /// A task that makes something of the results of many, and may fail as [`try_delayed`](crate::try_delayed).
    #[track_caller]
    pub fn try_all<R, E, F>(inputs: &[Self], function: F) -> Delayed<R>
    where
        R: Send + Sync + 'static,
        E: Into<BoxError>,
        F: Fn(&[&T]) -> Result<R, E> + Send + Sync + 'static,
    {
        Self::all_named(inputs, type_name::<F>(), move |values| {
            function(values).map_err(Into::into)
        })
    }

    #[track_caller]
    fn all_named<R: Send + Sync + 'static>(
        inputs: &[Self],
        name: &'static str,
        function: impl Fn(&[&T]) -> Result<R, BoxError> + Send + Sync + 'static,
    ) -> Delayed<R> {
        let nodes = inputs.iter().map(|input| Arc::clone(&input.node)).collect();
        Delayed::new(name, nodes, move |values: &[&Value]| {
            let values = values.iter().map(|value| typed(value));
            function(&values.collect::<Result<SmallVec<[&T; 8]>, _>>()?)
        })
    }

    /// Combines the results of many by a tree of tasks of two, each of neighbours, so that few results are alive at
    /// once. None of none.
    ///
    /// The tree follows from their number: sums of floats have the same bits on any number of threads.
    ///
    /// ```
    /// use tenfold_array::Delayed;
    /// # use tenfold_array::delayed;
    ///
    /// let parts: Vec<Delayed<u64>> = (1..=1000).map(|n| delayed(move || n)).collect();
    /// let sum = Delayed::reduce(&parts, |a, b| a + b).expect("there are some");
    /// assert_eq!(sum.compute()?, 500_500);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    pub fn reduce<F>(inputs: &[Self], function: F) -> Option<Self>
    where
        F: Fn(&T, &T) -> T + Send + Sync + 'static,
    {
        let function = Arc::new(function);
        let mut level = inputs.to_vec();
        while level.len() > 1 {
            let mut next = Vec::with_capacity(level.len().div_ceil(2));
            for pair in level.chunks(2) {
                next.push(match pair {
                    [a, b] => combined(a, b, &function),
                    one => one[0].clone(),
                });
            }
            level = next;
        }
        level.pop()
    }
}

#[track_caller]
fn combined<T, F>(a: &Delayed<T>, b: &Delayed<T>, function: &Arc<F>) -> Delayed<T>
where
    T: Send + Sync + 'static,
    F: Fn(&T, &T) -> T + Send + Sync + 'static,
{
    let function = Arc::clone(function);
    let inputs = vec![Arc::clone(&a.node), Arc::clone(&b.node)];
    Delayed::new(type_name::<F>(), inputs, move |values: &[&Value]| {
        Ok(function(typed(values[0])?, typed(values[1])?))
    })
}
