//! Convolutions.

use std::panic::Location;
use std::sync::Arc;

use ndarray::Ix1;

use super::Arithmetic;
use crate::array::Array;
use crate::block::convolve::Convolve;
use crate::chunks::{AxisChunks, Chunks};
use crate::error::{Error, ErrorKind};
use crate::hash::Identity;
use crate::node::Op;

/// Which part of a convolution is wanted, by NumPy's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ConvolveMode {
    /// All elements where both overlap.
    Full,
    /// The middle of these, as many as the longer of both has.
    Same,
    /// Those where the shorter lies within the longer.
    Valid,
}

impl<T: Arithmetic> Array<T, Ix1> {
    /// The convolution with a kernel: element `i` is the sum of `kernel[j]` times the element `j` before it.
    ///
    /// ```
    /// use tenfold_array::{Array, ConvolveMode, ndarray::array};
    ///
    /// let x = Array::from_ndarray(array![1.0, 2.0, 3.0], 2);
    /// let kernel = [0.0, 1.0, 0.5];
    /// assert_eq!(x.convolve(&kernel, ConvolveMode::Full).compute()?, array![0.0, 1.0, 2.5, 4.0, 1.5]);
    /// assert_eq!(x.convolve(&kernel, ConvolveMode::Same).compute()?, array![1.0, 2.5, 4.0]);
    /// assert_eq!(x.convolve(&kernel, ConvolveMode::Valid).compute()?, array![2.5]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn convolve(&self, kernel: &[T], mode: ConvolveMode) -> Self {
        let origin = Location::caller();
        Self::or_invalid(origin, || {
            self.check()?;
            let len = self.len();
            if kernel.is_empty() || len == 0 {
                let sentence = format!(
                    "argument `kernel` has {} elements and the array {len}, but both need one",
                    kernel.len()
                );
                return Err(Error::new(ErrorKind::Empty, sentence));
            }
            let (short, long) = (len.min(kernel.len()), len.max(kernel.len()));
            let (first, shown) = match mode {
                ConvolveMode::Full => (0, long.saturating_add(short - 1)),
                ConvolveMode::Same => ((short - 1) / 2, long),
                ConvolveMode::Valid => (short - 1, long - short + 1),
            };
            let size = self.chunks().axis(0).largest();
            let chunks = Chunks::new([AxisChunks::even(shown, size)?]);
            let key = Identity::of((T::as_bytes(kernel), mode));
            let op = Op::Block(Arc::new(Convolve { kernel: kernel.into(), len, first }));
            Ok(Self::made(op, [Arc::clone(&self.node)], chunks, key, origin))
        })
    }
}
