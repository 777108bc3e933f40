//! Elements of an axis, by their indices.

use std::panic::Location;
use std::sync::Arc;

use ndarray::{ArrayView, Dimension, Ix1};
use tenfold_kernel::Border;

use super::slicing::from_end;
use crate::array::Array;
use crate::block::pick::{Index, Pick, Run, runs};
use crate::chunks::{AxisChunks, Chunks};
use crate::element::Element;
use crate::error::{Error, ErrorKind, Result};
use crate::hash::Identity;
use crate::node::{Op, Origin};

impl<T: Element, D: Dimension> Array<T, D> {
    /// The elements at some indices of an axis, in their order and as often as they are named. Indices count from
    /// the end if they are negative.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::arange(0..10, 4);
    /// assert_eq!(x.take(0, &[7, 0, -1, 0]).compute()?, array![7, 0, 9, 0]);
    /// let error = x.take(0, &[3, -11]).compute().unwrap_err();
    /// assert!(error.to_string().starts_with("index -11 of argument `indices`, number 1, is beyond axis 0 of 10"));
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn take(&self, axis: usize, indices: &[isize]) -> Self {
        let origin = Location::caller();
        let index = |len: usize| {
            let found = indices.iter().enumerate().map(|(at, &index)| {
                let found = from_end(index, len).filter(|&index| index < len);
                found.map(Some).ok_or_else(|| {
                    let sentence = format!(
                        "index {index} of argument `indices`, number {at}, is beyond axis {axis} of {len} elements"
                    );
                    Error::new(ErrorKind::Index, sentence)
                })
            });
            Ok((Index::Listed(runs(found.collect::<Result<Vec<_>>>()?)), indices.len()))
        };
        self.picked("take", axis, Identity::of(indices), T::default(), origin, index)
    }

    /// The elements of an axis where a mask is true.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::arange(0..4, 4);
    /// assert_eq!(x.compress(0, &[true, false, false, true]).compute()?, array![0, 3]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn compress(&self, axis: usize, mask: &[bool]) -> Self {
        let origin = Location::caller();
        let index = |len: usize| {
            if mask.len() != len {
                let sentence = format!(
                    "argument `mask` has {} elements, but axis {axis} has {len}",
                    mask.len()
                );
                return Err(Error::new(ErrorKind::Shape, sentence));
            }
            let chosen =
                mask.iter().enumerate().filter_map(|(at, &chosen)| chosen.then_some(Some(at)));
            Ok((Index::Listed(runs(chosen)), mask.iter().filter(|&&chosen| chosen).count()))
        };
        self.picked("compress", axis, Identity::of(mask), T::default(), origin, index)
    }

    /// The elements where a mask of the array's shape is true, in row-major order. The mask is known, so the length
    /// of the result is.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::from_ndarray(array![[1, 2], [3, 4]], 1);
    /// let mask = array![[true, false], [true, true]];
    /// assert_eq!(x.masked(mask.view()).compute()?, array![1, 3, 4]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn masked(&self, mask: ArrayView<'_, bool, D>) -> Array<T, Ix1> {
        if self.check().is_ok() && mask.shape() != self.shape().as_slice() {
            let sentence = format!(
                "argument `mask` has the shape {:?}, but the array {:?}",
                mask.shape(),
                self.shape().as_slice()
            );
            return Array::invalid(Error::new(ErrorKind::Shape, sentence), Location::caller());
        }
        self.ravel().compress(0, &mask.iter().copied().collect::<Vec<_>>())
    }

    /// Each element of an axis so often, before the next.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// assert_eq!(Array::arange(0..3, 4).repeat(0, 2).compute()?, array![0, 0, 1, 1, 2, 2]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn repeat(&self, axis: usize, times: usize) -> Self {
        let origin = Location::caller();
        let key = Identity::of(times);
        self.picked("repeat", axis, key, T::default(), origin, |len| {
            Ok((Index::Repeated(times.max(1)), longer(len, times)?))
        })
    }

    /// The whole array so often along each axis: `times` has a number for each.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::from_ndarray(array![[1, 2]], 1);
    /// assert_eq!(x.tile(&[2, 2]).compute()?, array![[1, 2, 1, 2], [1, 2, 1, 2]]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn tile(&self, times: &[usize]) -> Self {
        let origin = Location::caller();
        if let Err(error) = self.one_each("times", times.len()) {
            return Self::invalid(error, origin);
        }
        times.iter().enumerate().filter(|(_, times)| **times != 1).fold(
            self.clone(),
            |array, (axis, &times)| {
                let key = Identity::of(times);
                array.picked("tile", axis, key, T::default(), origin, |len| {
                    // One element again and again is one run.
                    let index = if len == 1 {
                        Index::Repeated(times.max(1))
                    } else {
                        let pattern = [Run { at: 0, len, from: Some(0), step: 1 }].into();
                        Index::Periodic { pattern, period: len.max(1), phase: 0, times }
                    };
                    Ok((index, longer(len, times)?))
                })
            },
        )
    }

    /// The elements moved along an axis: what leaves it at one end comes in at the other.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// assert_eq!(Array::arange(0..5, 2).roll(0, 2).compute()?, array![3, 4, 0, 1, 2]);
    /// assert_eq!(Array::arange(0..5, 2).roll(0, -1).compute()?, array![1, 2, 3, 4, 0]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn roll(&self, axis: usize, by: isize) -> Self {
        let origin = Location::caller();
        self.picked("roll", axis, Identity::of(by), T::default(), origin, |len| {
            let by = by.checked_rem_euclid(len.cast_signed()).unwrap_or(0).cast_unsigned();
            let parts = [(0, by, len - by), (by, len - by, 0)];
            let runs = parts.into_iter().filter(|(_, len, _)| *len > 0);
            let runs = runs.map(|(at, len, from)| Run { at, len, from: Some(from), step: 1 });
            Ok((Index::Listed(runs.collect()), len))
        })
    }

    /// With more elements around: so many before and after each axis, which the border says. `widths` has a pair for
    /// each axis. [`Border::Wrap`], [`Border::Reflect`] and [`Border::Nearest`] are `wrap`, `reflect` and `edge` of
    /// `numpy.pad`, for any width.
    ///
    /// ```
    /// use tenfold_array::{Array, Border, ndarray::array};
    ///
    /// let x = Array::arange(0..3, 2);
    /// assert_eq!(x.pad(&[(2, 1)], Border::Const(7)).compute()?, array![7, 7, 0, 1, 2, 7]);
    /// assert_eq!(x.pad(&[(2, 2)], Border::Reflect).compute()?, array![2, 1, 0, 1, 2, 1, 0]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn pad(&self, widths: &[(usize, usize)], border: Border<T>) -> Self {
        let origin = Location::caller();
        if let Err(error) = self.one_each("widths", widths.len()) {
            return Self::invalid(error, origin);
        }
        widths.iter().enumerate().filter(|(_, width)| **width != (0, 0)).fold(
            self.clone(),
            |array, (axis, &(before, after))| {
                let (name, fill) = match border {
                    Border::Const(fill) => ("constant", fill),
                    Border::Reflect => ("reflect", T::default()),
                    Border::Wrap => ("wrap", T::default()),
                    Border::Nearest => ("nearest", T::default()),
                    Border::Valid => ("valid", T::default()),
                };
                let key = Identity::of((name, before, after, T::as_bytes(&[fill])));
                array.picked("pad", axis, key, fill, origin, |len| {
                    Ok((padded(len, before, after, border)?, before + after + len))
                })
            },
        )
    }

    /// An axis twice as long as `len` again and again, of which the first `len` stand behind `before` others, and before
    /// `after`.
    #[track_caller]
    pub(super) fn repeated_around(
        &self,
        axis: usize,
        len: usize,
        before: usize,
        after: usize,
    ) -> Self {
        let key = Identity::of(("symmetric", before, after));
        self.picked("pad", axis, key, T::default(), Location::caller(), |twice| {
            // Of an axis so long a padded one can be counted, if twice as many can.
            padded::<T>(twice, before, after, Border::Wrap)?;
            let all = Run { at: 0, len: twice, from: Some(0), step: 1 };
            Ok((periodic(&[all], twice, before, after), before + len + after))
        })
    }

    /// Elements of an axis as an index says, which is made of the length of the axis, with its own.
    fn picked(
        &self,
        name: &'static str,
        axis: usize,
        key: Identity,
        fill: T,
        origin: Origin,
        index: impl FnOnce(usize) -> Result<(Index, usize)>,
    ) -> Self {
        Self::or_invalid(origin, || {
            self.check()?;
            self.checked_axis(axis)?;
            let cut = self.node.chunks.axis(axis);
            let (index, len) = index(cut.len())?;
            let of_axis = match len == cut.len() {
                true => cut.clone(),
                false => AxisChunks::even(len, cut.largest().max(1))?,
            };
            let axes = self.node.chunks.axes().iter().enumerate();
            let chunks = Chunks::new(
                axes.map(|(of, cut)| if of == axis { of_axis.clone() } else { cut.clone() }),
            );
            let pick = Pick { name, axis, len: cut.len(), index, fill };
            let key = key.with(axis);
            Ok(Self::made(Op::Block(Arc::new(pick)), [Arc::clone(&self.node)], chunks, key, origin))
        })
    }

    /// Refuses an argument that has not something for each axis.
    pub(super) fn one_each(&self, argument: &str, given: usize) -> Result<()> {
        self.check()?;
        if given == self.ndim() {
            return Ok(());
        }
        let sentence = format!(
            "argument `{argument}` has {given} elements, but the array has {} axes",
            self.ndim()
        );
        Err(Error::new(ErrorKind::Axis, sentence))
    }
}

/// An axis so many times as long.
fn longer(len: usize, times: usize) -> Result<usize> {
    len.checked_mul(times).filter(|&len| isize::try_from(len).is_ok()).ok_or_else(|| {
        let sentence = format!(
            "argument `times` is {times}, with which an axis of {len} elements becomes too long"
        );
        Error::new(ErrorKind::Shape, sentence)
    })
}

/// What an axis shows with so many elements before and after: by formula, whatever their number.
fn padded<T: Element>(len: usize, before: usize, after: usize, border: Border<T>) -> Result<Index> {
    let refuse = |kind, sentence: String| Err(Error::new(kind, sentence));
    // Going back and forth takes an axis twice as long to count in.
    let longest = if border == Border::Reflect { len.saturating_mul(2) } else { len };
    if before
        .checked_add(after)
        .and_then(|width| width.checked_add(longest))
        .is_none_or(|all| isize::try_from(all).is_err())
    {
        return refuse(
            ErrorKind::Shape,
            format!(
                "argument `widths` has {before} and {after}, with which an axis of {len} elements becomes too long"
            ),
        );
    }
    if border == Border::Valid {
        return refuse(
            ErrorKind::Value,
            "argument `border` is `Valid`, which has no elements to pad with".to_owned(),
        );
    }
    if len == 0 && !matches!(border, Border::Const(_)) {
        return refuse(
            ErrorKind::Empty,
            format!(
                "argument `border` is {border:?}, which needs an element, but an axis has none"
            ),
        );
    }
    let all = Run { at: 0, len, from: Some(0), step: 1 };
    Ok(match border {
        Border::Wrap if len > 1 => periodic(&[all], len, before, after),
        Border::Reflect if len > 1 => {
            let back = Run { at: len, len: len - 2, from: len.checked_sub(2), step: -1 };
            periodic(&[all, back], len, before, after)
        }
        _ => {
            // The first and the last again and again, or nothing.
            let is_edge = !matches!(border, Border::Const(_));
            let [first, last] = [0, len.saturating_sub(1)].map(|from| is_edge.then_some(from));
            let parts = [
                Run { at: 0, len: before, from: first, step: 0 },
                Run { at: before, ..all },
                Run { at: before + len, len: after, from: last, step: 0 },
            ];
            Index::Listed(parts.into_iter().filter(|run| run.len > 0).collect())
        }
    })
}

/// Runs again and again, of which the first begins `before` elements from the first of the result.
fn periodic(pattern: &[Run], len: usize, before: usize, after: usize) -> Index {
    let pattern: Arc<[Run]> = pattern.iter().copied().filter(|run| run.len > 0).collect();
    let period = pattern.iter().map(|run| run.len).sum::<usize>();
    let phase = (period - before % period) % period;
    Index::Periodic { pattern, period, phase, times: (before + len + after) / len }
}
