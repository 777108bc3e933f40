//! Several arrays as one.

use std::panic::Location;
use std::sync::Arc;

use ndarray::{Dimension, Ix2, RemoveAxis};
use smallvec::SmallVec;

use super::broadcast::common_chunks;
use crate::array::Array;
use crate::block::join::Join;
use crate::chunks::{AxisChunks, Chunks};
use crate::element::Element;
use crate::error::{Error, ErrorKind, Result};
use crate::hash::Identity;
use crate::node::{Node, Op, Origin};

/// How many chunks of an axis are listed where they are those of its parts.
const LISTED: usize = 1 << 20;

impl<T: Element, D: Dimension> Array<T, D> {
    /// Arrays one after another along an axis. Their other axes are as long as those of the first.
    ///
    /// A window of the result finds its arrays by halving: there may be many.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::concatenate(0, &[Array::arange(0..2, 2), Array::arange(7..9, 2)]);
    /// assert_eq!(x.compute()?, array![0, 1, 7, 8]);
    /// let error = Array::<u8, _>::concatenate(1, &[Array::zeros([2, 2], 1), Array::zeros([3, 2], 1)]);
    /// assert!(error.plan().unwrap_err().to_string().starts_with(
    ///     "argument `arrays` has the shape [3, 2] at number 1, but [2, 2] at number 0: they differ along axis 0"
    /// ));
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn concatenate(axis: usize, arrays: &[Self]) -> Self {
        Self::joined(axis, arrays, Location::caller())
    }

    fn joined(axis: usize, arrays: &[Self], origin: Origin) -> Self {
        Self::or_invalid(origin, || {
            let nodes: Vec<Arc<Node>> =
                arrays.iter().map(|array| Arc::clone(&array.node)).collect();
            joined::<T, D>(axis, &nodes, origin)
        })
    }

    /// Arrays of one shape along a new axis.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::stack(1, &[Array::arange(0..2, 2), Array::arange(7..9, 2)]);
    /// assert_eq!(x.compute()?, array![[0, 7], [1, 8]]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn stack(axis: usize, arrays: &[Self]) -> Array<T, D::Larger> {
        let origin = Location::caller();
        let arrays: Vec<_> = arrays.iter().map(|array| array.with_axis(axis, origin)).collect();
        Array::joined(axis, &arrays, origin)
    }

    /// Arrays side by side: along their second axis, or their only one.
    #[track_caller]
    #[must_use]
    pub fn hstack(arrays: &[Self]) -> Self {
        let axis = usize::from(arrays.first().is_none_or(|array| array.ndim() > 1));
        Self::concatenate(axis, arrays)
    }

    /// Arrays one below another: along their first axis. Vectors become rows by [`stack`](Self::stack).
    #[track_caller]
    #[must_use]
    pub fn vstack(arrays: &[Self]) -> Self
    where
        D: RemoveAxis,
    {
        Self::concatenate(0, arrays)
    }
}

impl<T: Element> Array<T, Ix2> {
    /// A matrix of blocks, given row by row: those of a row have as many rows, and all rows as many columns.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let (x, zero) = (Array::<i32, _>::ones([2, 1], 1), Array::zeros([2, 2], 1));
    /// let blocks = Array::block(&[&[x.clone(), zero.clone()], &[zero, x]]);
    /// assert_eq!(blocks.compute()?, array![[1, 0, 0], [1, 0, 0], [0, 0, 1], [0, 0, 1]]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn block(rows: &[&[Self]]) -> Self {
        let origin = Location::caller();
        let rows: Vec<_> = rows.iter().map(|row| Self::joined(1, row, origin)).collect();
        Self::joined(0, &rows, origin)
    }
}

fn joined<T: Element, D: Dimension>(
    axis: usize,
    nodes: &[Arc<Node>],
    origin: Origin,
) -> Result<Array<T, D>> {
    let Some(first) = nodes.first() else {
        return Err(Error::new(ErrorKind::Empty, "argument `arrays` has no array"));
    };
    if let Some(error) = nodes.iter().find_map(|node| node.error()) {
        return Err(error.clone());
    }
    Array::<T, D>::of(Arc::clone(first)).checked_axis(axis)?;
    let shape = first.shape();
    let mut len = 0_usize;
    for (number, node) in nodes.iter().enumerate() {
        same_but_for(axis, &shape, number, &node.shape())?;
        len = len.saturating_add(node.shape()[axis]);
    }
    if isize::try_from(len).is_err() {
        let sentence =
            format!("argument `arrays` has more elements along axis {axis} than can be counted");
        return Err(Error::new(ErrorKind::Shape, sentence));
    }
    let cuts: SmallVec<[AxisChunks; 4]> = common_chunks(nodes).axes().into();
    let along: Vec<_> = nodes.iter().map(|node| node.chunks.axis(axis)).collect();
    let along = joined_cut(&along);
    let cuts =
        cuts.into_iter().enumerate().map(|(at, cut)| if at == axis { along.clone() } else { cut });
    let block = Join::<T>::new(axis, nodes.iter().map(|node| node.shape()[axis]));
    let op = Op::Block(Arc::new(block));
    Ok(Array::made(op, nodes.iter().cloned(), Chunks::new(cuts), Identity::of(axis), origin))
}

fn same_but_for(axis: usize, first: &[usize], number: usize, shape: &[usize]) -> Result<()> {
    let differs =
        (0..first.len().max(shape.len())).find(|&at| at != axis && first.get(at) != shape.get(at));
    let Some(at) = differs else { return Ok(()) };
    let sentence = format!(
        "argument `arrays` has the shape {shape:?} at number {number}, but {first:?} at number 0: they differ along \
         axis {at}"
    );
    Err(Error::new(ErrorKind::Shape, sentence))
}

/// The chunks of all cuts one after another: even where they are, or too many to be listed.
fn joined_cut(cuts: &[&AxisChunks]) -> AxisChunks {
    let cuts = cuts.iter().filter(|cut| cut.len() > 0);
    let len = cuts.clone().map(|cut| cut.len()).sum();
    let largest = cuts.clone().map(|cut| cut.largest()).max().unwrap_or(1);
    let mut end = 0;
    let is_even = cuts.clone().all(|cut| {
        let starts_right = end % largest == 0;
        end += cut.len();
        let is_right =
            cut.even_size() == Some(largest) || (cut.count() == 1 && cut.len() == largest);
        starts_right && (is_right || (cut.count() == 1 && end == len))
    });
    let count = cuts.clone().fold(0_usize, |count, cut| count.saturating_add(cut.count()));
    if is_even || count > LISTED {
        return AxisChunks::even(len, largest).unwrap_or_else(|_| AxisChunks::one(len));
    }
    AxisChunks::of_sizes(cuts.flat_map(|cut| cut.sizes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_stay_even_where_they_can() {
        let even = |len, size| AxisChunks::even(len, size).unwrap();
        let joined = |cuts: &[AxisChunks]| joined_cut(&cuts.iter().collect::<Vec<_>>());
        assert_eq!(
            joined(&[even(1 << 40, 1 << 10), even(1 << 12, 1 << 10)]).even_size(),
            Some(1 << 10)
        );
        assert_eq!(
            joined(&[even(4, 2), even(3, 2), even(2, 2)]).sizes().collect::<Vec<_>>(),
            [2, 2, 2, 1, 2]
        );
        assert_eq!(joined(&[even(4, 2), even(0, 2), even(1, 1)]), even(5, 2));
        assert_eq!(joined(&[even(0, 2)]), AxisChunks::one(0));
        // Too many to be listed, but none grows.
        assert_eq!(joined(&[even((1 << 30) + 1, 1), even(7, 3)]).largest(), 3);
    }
}
