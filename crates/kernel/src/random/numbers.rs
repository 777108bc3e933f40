//! Numbers of a stream, and where they go.

use ndarray::{Array, Dimension, IntoDimension};

use super::Philox;
use super::law::{At, Random};
use crate::call::Call;
use crate::error::{Error, ErrorKind};
use crate::nest::{Nest, show};
use crate::operand::{Fresh, Output};

/// The numbers of a stream in one of their distributions: 2^64 of them, of which number `i` is
/// always the same, whoever asks for it.
///
/// [`Philox`] makes them. Nothing is drawn before [`array`](Self::array) or
/// [`fill`](Self::fill).
///
/// # Determinism
/// A number depends on the seed, the stream, its index and the distribution alone: it has the same
/// bits with every instruction set, on any number of threads, and however an array is cut.
///
/// ```
/// use tenfold_kernel::Philox;
///
/// let numbers = Philox::new(7).random::<f64>();
/// let all = numbers.array(1000)?;
/// assert_eq!(numbers.par().array(1000)?, all);
/// let mut some = [0.0; 10];
/// numbers.fill_from(500, &mut some)?;
/// assert_eq!(some[3], all[503]);
/// assert_eq!(numbers.get(503), all[503]);
/// # Ok::<(), tenfold_kernel::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Numbers<T: Random> {
    philox: Philox,
    law: T::Law,
    par: bool,
}

impl<T: Random> Numbers<T> {
    pub(super) fn new(philox: Philox, law: T::Law) -> Self {
        Self { philox, law, par: false }
    }

    /// The same numbers, drawn over the threads of rayon's pool: on one thread below 128 KiB, in
    /// parts of at least 64 KiB above.
    #[must_use]
    pub fn par(self) -> Self {
        Self { par: true, ..self }
    }

    /// Number `index`, from 0.
    ///
    /// It costs as much as a whole group of them.
    #[must_use]
    pub fn get(&self, index: u64) -> T {
        let mut one = T::ZERO;
        // One number from anywhere on is always there.
        let _ = self.fill_from(index, std::slice::from_mut(&mut one));
        one
    }

    /// The first numbers as a new array: the element with the index `i` in row-major order is
    /// number `i`.
    ///
    /// ```
    /// use tenfold_kernel::Philox;
    ///
    /// let dice = Philox::new(2026).uniform(1..7)?.array((2, 3))?;
    /// assert!(dice.iter().all(|eyes| (1..=6).contains(eyes)));
    /// # Ok::<(), tenfold_kernel::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Shape`] if no memory can hold an array of this shape.
    pub fn array<D: IntoDimension>(&self, shape: D) -> Result<Array<T, D::Dim>, Error> {
        let shape = shape.into_dimension();
        // An array may not be larger with its empty axes left out either.
        let lens = shape.slice().iter().filter(|&&len| len > 0);
        let bytes = lens.copied().try_fold(size_of::<T>(), usize::checked_mul);
        if bytes.is_none_or(|bytes| isize::try_from(bytes).is_err()) {
            let (shape, most) = (show(shape.slice()), isize::MAX);
            let message =
                format!("argument `shape` is {shape}, but an array has at most {most} bytes");
            return Err(Error::new(ErrorKind::Shape, message));
        }
        let mut fresh = Fresh::new(&shape, false);
        self.write(0, &mut fresh)?;
        // SAFETY: without an error, every element was written.
        Ok(unsafe { fresh.written() })
    }

    /// Writes the first numbers into a slice, an array or a view of any layout: the element with
    /// the index `i` in row-major order becomes number `i`.
    ///
    /// # Errors
    /// [`ErrorKind::Overlap`] if elements of `out` share memory.
    pub fn fill<O: Output<T>>(&self, mut out: O) -> Result<(), Error> {
        self.write(0, &mut out)
    }

    /// As [`fill`](Self::fill), but the first element becomes number `start`.
    ///
    /// # Errors
    /// [`ErrorKind::Overlap`] if elements of `out` share memory. [`ErrorKind::Argument`] if the
    /// last one would be beyond number 2^64 - 1.
    pub fn fill_from<O: Output<T>>(&self, start: u64, mut out: O) -> Result<(), Error> {
        self.write(start, &mut out)
    }

    fn write<O: Output<T>>(&self, start: u64, out: &mut O) -> Result<(), Error> {
        let place = out.place_mut();
        let shape = place.with_shape(<[usize]>::to_vec).unwrap_or_default();
        let mut nest = Nest::new(&shape);
        nest.output(&place, size_of::<T>(), "out")?;
        nest.index();
        let len = nest.len() as u64;
        if len > 0 && start.checked_add(len - 1).is_none() {
            let message = format!(
                "argument `start` is {start}, but {len} numbers from there on go beyond number {}",
                u64::MAX
            );
            return Err(Error::new(ErrorKind::Argument, message));
        }
        self.run(start, nest);
        Ok(())
    }

    /// Writes a part of an array of the shape `whole`, of which `out` is the block with its first
    /// element at `origin`: the numbers that [`fill`](Self::fill) would give to the same elements
    /// of the whole.
    ///
    /// ```
    /// use tenfold_kernel::{Philox, ndarray::{Array2, s}};
    ///
    /// let numbers = Philox::new(1).standard_normal::<f32>();
    /// let whole = numbers.array((100, 80))?;
    /// let mut part = Array2::zeros((20, 30));
    /// numbers.fill_part(&[60, 10], &[100, 80], &mut part)?;
    /// assert_eq!(part, whole.slice(s![60..80, 10..40]));
    /// # Ok::<(), tenfold_kernel::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Overlap`] if elements of `out` share memory. [`ErrorKind::Argument`] if `whole`
    /// has more elements than an index can count. [`ErrorKind::Shape`] if `out` does not lie in it.
    pub fn fill_part<O: Output<T>>(
        &self,
        origin: &[usize],
        whole: &[usize],
        mut out: O,
    ) -> Result<(), Error> {
        let place = out.place_mut();
        let shape = place.with_shape(<[usize]>::to_vec).unwrap_or_default();
        let start = first_of_part(origin, whole, &shape)?;
        let mut nest = Nest::new(&shape);
        nest.output(&place, size_of::<T>(), "out")?;
        nest.index_in(whole);
        self.run(start, nest);
        Ok(())
    }

    fn run(&self, start: u64, nest: Nest) {
        let at = At { seed: self.philox.seed, stream: self.philox.stream, start };
        T::fill(self.law, at, nest, Call { par: self.par, ..Call::ONE });
    }
}

/// The index in `whole` of what lies at `origin`.
fn first_of_part(origin: &[usize], whole: &[usize], shape: &[usize]) -> Result<u64, Error> {
    let ends = origin.iter().zip(shape).map(|(&first, &len)| first.checked_add(len));
    let is_inside = ends.zip(whole).all(|(end, &len)| end.is_some_and(|end| end <= len));
    if origin.len() != shape.len() || whole.len() != shape.len() || !is_inside {
        let message = format!(
            "output `out` of shape {} at `origin` {} does not lie in `whole` of shape {}",
            show(shape),
            show(origin),
            show(whole)
        );
        return Err(Error::new(ErrorKind::Shape, message));
    }
    let most = isize::MAX;
    let len = whole.iter().copied().filter(|&len| len > 0).try_fold(1, usize::checked_mul);
    if len.is_none_or(|len| isize::try_from(len).is_err()) {
        let whole = show(whole);
        let message =
            format!("argument `whole` is {whole}, but it may have at most {most} elements");
        return Err(Error::new(ErrorKind::Argument, message));
    }
    let index = origin.iter().zip(whole).fold(0, |index, (&at, &len)| index * len + at);
    Ok(index as u64)
}
