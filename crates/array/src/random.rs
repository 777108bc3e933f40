//! Random numbers that know their place.

mod counts;
mod distributions;
mod gamma;
mod sampled;
mod stream;

use std::fmt::Debug;
use std::ops::Range;
use std::panic::Location;

use ndarray::{ArrayViewMutD, Dimension, IntoDimension, IxDyn};
use tenfold_kernel::{Numbers, Philox};

use self::distributions::mixed;
use crate::array::Array;
use crate::cut::IntoChunks;
use crate::element::Element;
use crate::error::{Error, ErrorKind, Result};
use crate::hash::Identity;
use crate::node::Origin;
use crate::source::Source;
use crate::window::{Dims, Window};

/// Arrays of random numbers: Philox4x32-10 of the kernel crate, keyed by a seed and the number of the array, and
/// asked for the element's number in row-major order.
///
/// # Determinism
/// An element has the same bits with any chunks, any number of threads, and on any machine: a seed is a data set.
/// Each array of one generator has other numbers. Arrays that are made in the same order of the same seed are the
/// same.
///
/// ```
/// use tenfold_array::Random;
///
/// let x = Random::new(42).uniform([1000, 1000], -1.0..1.0, 100);
/// let y = Random::new(42).uniform([1000, 1000], -1.0..1.0, [1000, 7]);
/// assert_eq!(x.compute()?, y.compute()?);
/// # Ok::<(), tenfold_array::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Random {
    seed: u64,
    next: u64,
}

impl Random {
    /// The generator of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { seed, next: 0 }
    }

    /// The numbers of the next array, in one of their distributions.
    fn numbers(&mut self) -> (Philox, Identity) {
        let stream = self.next;
        self.next += 1;
        (Philox::new(self.seed).stream(stream), Identity::of(("philox", self.seed, stream)))
    }

    /// Numbers of which all of a range come alike: floats from its start to below its end, integers likewise.
    #[track_caller]
    #[must_use]
    pub fn uniform<T, S>(
        &mut self,
        shape: S,
        range: Range<T>,
        chunks: impl IntoChunks,
    ) -> Array<T, S::Dim>
    where
        T: Element + tenfold_kernel::Random,
        S: IntoDimension,
    {
        let origin = Location::caller();
        let (philox, key) = self.numbers();
        let key = Identity::of((key, T::as_bytes(&[range.start, range.end])));
        match philox.uniform(range) {
            Ok(numbers) => array("uniform", key, numbers, shape, chunks, origin),
            Err(error) => Array::invalid(Error::new(ErrorKind::Value, error.to_string()), origin),
        }
    }

    /// Numbers of the normal distribution of mean 0 and deviation 1.
    #[track_caller]
    #[must_use]
    pub fn standard_normal<T, S>(&mut self, shape: S, chunks: impl IntoChunks) -> Array<T, S::Dim>
    where
        T: Normal,
        S: IntoDimension,
    {
        let (philox, key) = self.numbers();
        array("normal", key, T::standard_normal(philox), shape, chunks, Location::caller())
    }

    /// Numbers of the exponential distribution of mean 1: what uniform numbers become by its inverse.
    ///
    /// ```
    /// use tenfold_array::Random;
    ///
    /// let x = Random::new(1).standard_exponential::<f64, _>([300, 400], 100);
    /// assert!((x.mean().compute()?.into_scalar() - 1.0).abs() < 0.02);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn standard_exponential<T, S>(
        &mut self,
        shape: S,
        chunks: impl IntoChunks,
    ) -> Array<T, S::Dim>
    where
        T: Normal,
        S: IntoDimension,
    {
        // Uniform numbers may be 0, but not 1.
        self.uniform(shape, <T as Normal>::UNIT, chunks).map_named("exponential", T::exponential)
    }
}

/// Numbers that can be drawn from the normal and the exponential distribution: `f32` and `f64`.
pub trait Normal: Element + tenfold_kernel::Random {
    #[doc(hidden)]
    const UNIT: Range<Self>;
    #[doc(hidden)]
    fn standard_normal(philox: Philox) -> Numbers<Self>;
    /// What a number from 0 to 1 becomes.
    #[doc(hidden)]
    fn exponential(uniform: Self) -> Self;
}

impl Normal for f32 {
    const UNIT: Range<Self> = 0.0..1.0;
    fn exponential(uniform: Self) -> Self {
        -(-uniform).ln_1p()
    }
    fn standard_normal(philox: Philox) -> Numbers<Self> {
        philox.standard_normal()
    }
}

impl Normal for f64 {
    const UNIT: Range<Self> = 0.0..1.0;
    fn exponential(uniform: Self) -> Self {
        -(-uniform).ln_1p()
    }
    fn standard_normal(philox: Philox) -> Numbers<Self> {
        philox.standard_normal()
    }
}

fn array<T, S>(
    name: &str,
    key: Identity,
    numbers: Numbers<T>,
    shape: S,
    chunks: impl IntoChunks,
    origin: Origin,
) -> Array<T, S::Dim>
where
    T: Element + tenfold_kernel::Random,
    S: IntoDimension,
{
    let source = Drawn { numbers, shape: shape.into_dimension().slice().into() };
    Array::from_named_source(name, key, source, chunks, origin)
}

#[derive(Debug)]
struct Drawn<T: tenfold_kernel::Random> {
    numbers: Numbers<T>,
    shape: Dims,
}

impl<T> Source<T> for Drawn<T>
where
    T: Element + tenfold_kernel::Random,
    Numbers<T>: Debug + Send + Sync,
{
    fn shape(&self) -> Dims {
        self.shape.clone()
    }

    fn is_computed(&self) -> bool {
        true
    }

    fn read(&self, window: &Window, out: &mut [T]) -> Result<()> {
        let refused =
            |error: &dyn std::fmt::Display| Error::new(ErrorKind::Shape, error.to_string());
        let out = ArrayViewMutD::from_shape(IxDyn(window.shape()), out)
            .map_err(|error| refused(&error))?;
        self.numbers.fill_part(window.start(), &self.shape, out).map_err(|error| refused(&error))
    }
}
