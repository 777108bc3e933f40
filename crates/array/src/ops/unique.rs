//! The values that there are.

use ndarray::{Array1, Dimension};

use super::Ordered;
use crate::array::Array;
use crate::gathered::Gathered;
use crate::gathered::values::Values;

impl<T: Ordered, D: Dimension + 'static> Array<T, D> {
    /// The values of all elements in ascending order, each once: NaN is one, and the last.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::from_ndarray(array![[3, 1], [3, 2]], 1);
    /// assert_eq!(x.unique().compute()?, array![1, 2, 3]);
    /// assert_eq!(x.unique_counts().compute()?, (array![1, 2, 3], array![1, 1, 2]));
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    pub fn unique(&self) -> Gathered<Array1<T>> {
        let counts = self.unique_counts();
        Gathered::new("unique", move |settings, limit| {
            counts.find(settings, limit).map(|(values, _)| values)
        })
    }

    /// The values as [`unique`](Self::unique), and how often each is there.
    pub fn unique_counts(&self) -> Gathered<(Array1<T>, Array1<i64>)> {
        let x = self.clone();
        Gathered::new("unique", move |settings, limit| {
            x.check()?;
            let values = Values::new(x.shape(), limit);
            settings.store(&x, &values)?;
            let sorted = values.into_sorted();
            let values = sorted.iter().map(|&(value, _)| value).collect();
            Ok((values, sorted.iter().map(|&(_, count)| count.cast_signed()).collect()))
        })
    }
}
