//! Results whose size is known when they are there.

pub(crate) mod places;
pub(crate) mod values;

use std::fmt;
use std::sync::Arc;

use crate::compute::{Compute, Sealed};
use crate::error::{Error, ErrorKind, Result};
use crate::settings::Settings;

/// A result whose size is known only when it is computed: [`Array::unique`](crate::Array::unique), say. It is
/// described as an array is, and computed by the same [`Settings`]; but nothing lazy is made of it, since nobody knows
/// its shape before.
///
/// ```
/// use tenfold_array::{Array, Settings, ndarray::array};
///
/// let x = Array::from_ndarray(array![3, 1, 3, 3], 2);
/// assert_eq!(x.unique().compute()?, array![1, 3]);
/// assert_eq!(Settings::new().threads(2).memory(1 << 20).compute(&x.unique())?, array![1, 3]);
/// # Ok::<(), tenfold_array::Error>(())
/// ```
///
/// # Memory
/// Of a cap one half is for what reads the array, and is kept or refused before it runs; the other half for what is found,
/// which is an error when it is more. The result has the same bits for any number of threads.
#[must_use = "it is found when it is computed"]
pub struct Gathered<R> {
    name: &'static str,
    run: Arc<Run<R>>,
}

/// Finds a result by settings, of which half of the cap is left.
type Run<R> = dyn Fn(&Settings, Limit) -> Result<R> + Send + Sync;

impl<R> Gathered<R> {
    pub(crate) fn new(
        name: &'static str,
        run: impl Fn(&Settings, Limit) -> Result<R> + Send + Sync + 'static,
    ) -> Self {
        Self { name, run: Arc::new(run) }
    }

    /// What another one finds, which is made of this.
    pub(crate) fn find(&self, settings: &Settings, limit: Limit) -> Result<R> {
        (self.run)(settings, limit)
    }

    /// Computes it, on all cores. [`Settings::compute`] can say more.
    ///
    /// # Errors
    /// As [`Settings::compute`].
    pub fn compute(&self) -> Result<R> {
        Settings::new().compute(self)
    }
}

impl<R> Sealed for Gathered<R> {}

impl<R> Compute for Gathered<R> {
    type Computed = R;

    fn compute_by(&self, settings: &Settings) -> Result<R> {
        let half = settings.memory.map(|cap| cap / 2);
        (self.run)(&settings.capped(half), Limit { name: self.name, bytes: half })
    }

    fn minimum_memory_by(&self, _: &Settings) -> Result<usize> {
        let sentence = format!("what `{}` needs is known when it is computed", self.name);
        Err(Error::new(ErrorKind::Unsupported, sentence))
    }
}

impl<R> Clone for Gathered<R> {
    fn clone(&self) -> Self {
        Self { name: self.name, run: Arc::clone(&self.run) }
    }
}

impl<R> fmt::Debug for Gathered<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Gathered({})", self.name)
    }
}

/// How many bytes may be found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limit {
    name: &'static str,
    bytes: Option<usize>,
}

impl Limit {
    /// Refuses what is more.
    pub(crate) fn check(self, bytes: usize) -> Result<()> {
        let Some(most) = self.bytes.filter(|&most| bytes > most) else { return Ok(()) };
        let sentence = format!(
            "`{}` has found {bytes} bytes, more than {most}, the half of what argument `memory` allows",
            self.name
        );
        Err(Error::new(ErrorKind::Memory, sentence))
    }
}
