//! Reductions whose result does not depend on how many ranks there are.

use crate::{Communicator, ExactSum, Result, Sum};

/// Reductions without rounding. Every [`Communicator`] can.
pub trait ExactReductions: Communicator {
    /// The sum of what all ranks bring, each as many numbers as it likes, none too; correctly rounded, on every
    /// rank. Numbers are `f64`, or another type that becomes one without loss, as [`ExactSum::of`] takes.
    ///
    /// ```
    /// use tenfold_comm::{Blocks, Communicator, Error, ExactReductions, World};
    ///
    /// let numbers: Vec<f64> = (1..1000).map(|n| 1.0 / f64::from(n)).collect();
    /// let sum = |ranks| {
    ///     let sums = World::threads(ranks).run(|world| {
    ///         let mine = Blocks::new(numbers.len(), world.size()).range(world.rank());
    ///         world.sum_exact(&numbers[mine])
    ///     });
    ///     sums.unwrap()[0]
    /// };
    /// assert_eq!(sum(1), sum(2));
    /// assert_eq!(sum(1), sum(3));
    /// ```
    ///
    /// It is one allreduce of 280 bytes, whatever is summed. For several sums at once, for one without waiting, or
    /// for an `f32`, reduce [`ExactSum`]s by [`Sum`].
    ///
    /// # Determinism
    /// The same bits on every rank, in every run, for any number of ranks and whoever brings what.
    ///
    /// # Errors
    /// As [`allreduce`](Communicator::allreduce).
    #[track_caller]
    fn sum_exact<T: Copy + Into<f64>>(&self, numbers: &[T]) -> Result<f64> {
        let mut total = [ExactSum::new()];
        self.allreduce(&[ExactSum::of(numbers)], &mut total, Sum)?;
        Ok(total[0].value())
    }
}

impl<C: Communicator> ExactReductions for C {}
