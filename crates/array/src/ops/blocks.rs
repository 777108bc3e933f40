//! Functions of chunks.

use std::error::Error as StdError;
use std::panic::Location;
use std::sync::Arc;

use ndarray::{ArrayView, Dimension, IxDyn};

use crate::array::Array;
use crate::block::map::{Called, ChunkFunction, MapChunks, Seen};
use crate::buffer::Part;
use crate::chunks::{AxisChunks, Chunks};
use crate::cut::IntoChunks;
use crate::element::Element;
use crate::error::{Error, ErrorKind, Result};
use crate::hash::Identity;
use crate::node::{Node, Op, Origin};
use crate::window::{Dims, Window};

/// Which chunk a function of chunks is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockInfo {
    number: usize,
    index: Dims,
    window: Window,
    shape: Dims,
}

impl BlockInfo {
    pub(crate) fn new(chunks: &Chunks, number: usize) -> Self {
        let mut index = chunks.counts();
        let mut rest = number;
        for count in index.iter_mut().rev() {
            (*count, rest) = (rest % *count, rest / *count);
        }
        Self { number, index, window: chunks.window(number), shape: chunks.shape() }
    }

    /// Of a part of the array, and the chunk in which it begins.
    pub(crate) fn of_part(chunks: &Chunks, part: &Window) -> Self {
        Self { window: part.clone(), ..Self::new(chunks, chunks.chunk_of(part.start())) }
    }

    /// Its number among all chunks in row-major order.
    #[must_use]
    pub fn number(&self) -> usize {
        self.number
    }

    /// Its number along each axis.
    #[must_use]
    pub fn index(&self) -> &[usize] {
        &self.index
    }

    /// Its elements in the array, without those of neighbours.
    #[must_use]
    pub fn window(&self) -> &Window {
        &self.window
    }

    /// The shape of the array.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }
}

/// What an error of the user's is taken as.
type Foreign = Box<dyn StdError + Send + Sync>;

impl<T: Element, D: Dimension + 'static> Array<T, D> {
    /// A function of each chunk, which it is given as a whole, and whose result has the chunk's shape.
    ///
    /// A chunk is computed once, unless several stages of a plan need it. Another array of the same function counts
    /// as another. What does not fit is an error that names the block, as is a panic.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::arange(0..5_i64, 2);
    /// let from_first = x.map_blocks(|block, _| block.mapv(|element| element - block[0]));
    /// assert_eq!(from_first.compute()?, array![0, 1, 0, 1, 0]);
    /// let error = x.map_blocks(|_, _| array![1]).compute().unwrap_err();
    /// assert_eq!(error.to_string(), "block [0] of `map_blocks` has the shape [1], but must have [2]");
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn map_blocks<R: Element>(
        &self,
        f: impl Fn(ArrayView<'_, T, D>, &BlockInfo) -> ndarray::Array<R, D> + Send + Sync + 'static,
    ) -> Array<R, D> {
        let chunks = self.node.chunks.clone();
        self.mapped_blocks(
            &self.node,
            chunks,
            (Seen::Chunk, Called::ForChunks),
            "map_blocks",
            Location::caller(),
            move |part, info| Ok(f(part, info)),
        )
    }

    /// The same of a function that may fail, and whose results have other shapes: `chunks` cuts an array of the
    /// shape that the result has, into as many chunks as this array has, which belong together in row-major order.
    /// So an axis that is one chunk can go, or come.
    ///
    /// ```
    /// use tenfold_array::{Array, Chunks, Error, ndarray::{Axis, array}};
    ///
    /// let x = Array::<f64, _>::ones([4, 3], [2, 3]);
    /// // The rows' sums: the second axis goes.
    /// let sums = x.try_map_blocks([4], Chunks::even(&[4], &[2])?, |block, _| Ok::<_, Error>(block.sum_axis(Axis(1))));
    /// assert_eq!(sums.compute()?, array![3.0, 3.0, 3.0, 3.0]);
    /// let error = x.try_map_blocks([4], 4, |block, _| Ok::<_, Error>(block.sum_axis(Axis(1))));
    /// assert!(error.compute().unwrap_err().to_string().starts_with(
    ///     "argument `chunks` makes 1 chunks, but the array has 2"
    /// ));
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn try_map_blocks<R: Element, S: ndarray::IntoDimension, E: Into<Foreign>>(
        &self,
        shape: S,
        chunks: impl IntoChunks,
        f: impl Fn(ArrayView<'_, T, D>, &BlockInfo) -> Result<ndarray::Array<R, S::Dim>, E>
        + Send
        + Sync
        + 'static,
    ) -> Array<R, S::Dim>
    where
        S::Dim: 'static,
    {
        let origin = Location::caller();
        let shape = shape.into_dimension();
        Array::or_invalid(origin, || {
            self.check()?;
            let chunks = chunks.into_chunks(shape.slice(), R::DTYPE)?;
            if chunks.count() != self.node.chunks.count() {
                let sentence = format!(
                    "argument `chunks` makes {} chunks, but the array has {}",
                    chunks.count(),
                    self.node.chunks.count()
                );
                return Err(Error::new(ErrorKind::Chunks, sentence));
            }
            let f = move |part: ArrayView<'_, T, D>, info: &BlockInfo| {
                f(part, info).map_err(|error| failed("map_blocks", info, error.into()))
            };
            let seen = (Seen::Chunk, Called::ForChunks);
            Ok(self.mapped_blocks(&self.node, chunks, seen, "map_blocks", origin, f))
        })
    }

    /// An array whose chunks a function makes, given which.
    ///
    /// ```
    /// use tenfold_array::{Array, Error, ndarray};
    ///
    /// let x = Array::from_chunks([4], 2, |info| Ok::<_, Error>(ndarray::Array::from_elem(2, info.number() as u64)));
    /// assert_eq!(x.compute()?.to_vec(), [0, 0, 1, 1]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn from_chunks<S: ndarray::IntoDimension<Dim = D>, E: Into<Foreign>>(
        shape: S,
        chunks: impl IntoChunks,
        f: impl Fn(&BlockInfo) -> Result<ndarray::Array<T, D>, E> + Send + Sync + 'static,
    ) -> Self {
        let origin = Location::caller();
        Self::or_invalid(origin, || {
            let chunks = chunks.into_chunks(shape.into_dimension().slice(), T::DTYPE)?;
            let key = Identity::of_function(&f);
            let function: Box<ChunkFunction<T, D>> = Box::new(move |_, info| {
                f(info).map_err(|error| failed("from_chunks", info, error.into()))
            });
            let map = MapChunks {
                name: "from_chunks",
                from: chunks.clone(),
                to: chunks.clone(),
                seen: Seen::Nothing,
                called: Called::ForChunks,
                function,
            };
            Ok(Self::made(Op::Block(Arc::new(map)), [], chunks, key, origin))
        })
    }

    /// A fold of boxes of `sizes` elements, as many along each axis: the means of 2 x 2 elements, say. The last ones
    /// that fill no box are an error, or left out, as `excess` says.
    ///
    /// ```
    /// use tenfold_array::{Array, Excess, ndarray::array};
    ///
    /// let x = Array::arange(0..7_i64, 4);
    /// assert_eq!(x.coarsen(&[2], Excess::Trim, |cell| cell.sum()).compute()?, array![1, 5, 9]);
    /// let error = x.coarsen(&[2], Excess::Refuse, |cell| cell.sum()).compute().unwrap_err();
    /// assert!(error.to_string().starts_with("argument `sizes` is 2 for axis 0, whose 7 elements leave a rest of 1"));
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn coarsen<R: Element>(
        &self,
        sizes: &[usize],
        excess: Excess,
        f: impl Fn(ArrayView<'_, T, D>) -> R + Send + Sync + 'static,
    ) -> Array<R, D> {
        let origin = Location::caller();
        Array::or_invalid(origin, || {
            self.one_each("sizes", sizes.len())?;
            let mut axes = vec![];
            let shape = self.shape();
            for (axis, (&len, &size)) in shape.iter().zip(sizes).enumerate() {
                axes.push(coarse(axis, self.node.chunks.axis(axis), len, size, excess)?);
            }
            let key = Identity::of_function(&f).with(sizes);
            let block = crate::block::coarsen::Coarsen::new(sizes, f);
            let op = Op::Block(Arc::new(block));
            Ok(Array::made(op, [Arc::clone(&self.node)], Chunks::new(axes), key, origin))
        })
    }

    /// A function of what is seen of each chunk in a node, which has the elements of this array, and perhaps more
    /// around.
    pub(super) fn mapped_blocks<R: Element, O: Dimension + 'static>(
        &self,
        node: &Arc<Node>,
        to: Chunks,
        (seen, called): (Seen, Called),
        name: &'static str,
        origin: Origin,
        f: impl Fn(ArrayView<'_, T, D>, &BlockInfo) -> Result<ndarray::Array<R, O>>
        + Send
        + Sync
        + 'static,
    ) -> Array<R, O> {
        Array::or_invalid(origin, || {
            self.check()?;
            let key = Identity::of_function(&f).with((&self.node.chunks, &seen, called));
            let function: Box<ChunkFunction<R, O>> = Box::new(move |part, info| match part {
                Some((window, part)) => f(view_of(window, &part)?, info),
                None => unreachable!("a function of an input is given one"),
            });
            let (from, to_chunks) = (self.node.chunks.clone(), to.clone());
            let map = MapChunks { name, from, to: to_chunks, seen, called, function };
            let op = Op::Block(Arc::new(map));
            Ok(Array::made(op, [Arc::clone(node)], to, key, origin))
        })
    }
}

/// What becomes of elements that fill no box of [`Array::coarsen`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Excess {
    /// They are an error.
    Refuse,
    /// They are left out.
    Trim,
}

/// How an axis is cut of which each `size` elements become one.
fn coarse(
    axis: usize,
    cut: &AxisChunks,
    len: usize,
    size: usize,
    excess: Excess,
) -> Result<AxisChunks> {
    if size == 0 {
        return Err(Error::new(
            ErrorKind::Value,
            format!("argument `sizes` is 0 for axis {axis}, but a box has at least 1 element"),
        ));
    }
    if !len.is_multiple_of(size) && excess == Excess::Refuse {
        let sentence = format!(
            "argument `sizes` is {size} for axis {axis}, whose {len} elements leave a rest of {}",
            len % size
        );
        return Err(Error::new(ErrorKind::Shape, sentence));
    }
    AxisChunks::even(len / size, (cut.largest() / size).max(1))
}

fn view_of<'a, T: Element, D: Dimension>(
    window: &Window,
    part: &Part<'a>,
) -> Result<ArrayView<'a, T, D>> {
    ArrayView::from_shape(IxDyn(window.shape()), part.elements())
        .and_then(ArrayView::into_dimensionality)
        .map_err(|error| Error::new(ErrorKind::Shape, "a chunk has another shape").because(error))
}

fn failed(name: &str, info: &BlockInfo, error: Foreign) -> Error {
    let sentence = format!("block {:?} of `{name}` failed: {error}", info.index());
    Error::new(ErrorKind::Failed, sentence).because(Cause(error))
}

/// An error behind a box, which is none itself.
#[derive(Debug)]
struct Cause(Foreign);

impl std::fmt::Display for Cause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl StdError for Cause {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source()
    }
}
