//! Arrays of known elements.

use std::panic::Location;
use std::sync::Arc;

use ndarray::{Dimension, Ix1, Ix2, IxDyn};
use tenfold_kernel::Border;

use super::map::mapped;
use crate::array::{Array, Count};
use crate::cut::IntoChunks;
use crate::element::Element;
use crate::error::{Error, ErrorKind, Result};
use crate::function::Binary;
use crate::hash::Identity;
use crate::node::Origin;
use crate::ops::Real;
use crate::source::Source;
use crate::tile::rows;
use crate::view::{AxisMap, View};
use crate::window::{Dims, Window};

impl<T: Element> From<Vec<T>> for Array<T, Ix1> {
    /// Its elements, in chunks of about 8 MiB.
    #[track_caller]
    fn from(elements: Vec<T>) -> Self {
        Self::from_ndarray(elements.into(), "auto")
    }
}

impl<T: Element, D: Dimension> From<ndarray::Array<T, D>> for Array<T, D> {
    /// Its elements, in chunks of about 8 MiB.
    #[track_caller]
    fn from(array: ndarray::Array<T, D>) -> Self {
        Self::from_ndarray(array, "auto")
    }
}

impl<T: Element, D: Dimension> Array<T, D> {
    /// One value in the shape and the chunks of this array.
    ///
    /// ```
    /// use tenfold_array::Array;
    ///
    /// let x = Array::arange(0..3, 2);
    /// assert_eq!(x.full_like(2.5).compute()?.to_vec(), [2.5, 2.5, 2.5]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn full_like<R: Element>(&self, value: R) -> Array<R, D> {
        let origin = Location::caller();
        Array::or_invalid(origin, || {
            self.check()?;
            let shape = Array::<R, IxDyn>::full(self.shape().as_slice(), value, self.chunks());
            Ok(Array::of(shape.node))
        })
    }

    /// Zeros in the shape and the chunks of this array.
    #[track_caller]
    #[must_use]
    pub fn zeros_like(&self) -> Self {
        self.full_like(T::default())
    }

    /// The elements of the last two axes at and below a diagonal, and zeros above it: the main one is 0, those above
    /// it are positive.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::<i32, _>::ones([2, 3], 2);
    /// assert_eq!(x.tril(0).compute()?, array![[1, 0, 0], [1, 1, 0]]);
    /// assert_eq!(x.triu(1).compute()?, array![[0, 1, 1], [0, 0, 1]]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn tril(&self, diagonal: isize) -> Self {
        self.triangle("tril", diagonal, Part::Below, Location::caller())
    }

    /// The elements of the last two axes at and above a diagonal, and zeros below it.
    #[track_caller]
    #[must_use]
    pub fn triu(&self, diagonal: isize) -> Self {
        self.triangle("triu", diagonal, Part::Above, Location::caller())
    }

    fn triangle(&self, name: &str, diagonal: isize, part: Part, origin: Origin) -> Self {
        Self::or_invalid(origin, || {
            self.check()?;
            let (ndim, shape) = (self.ndim(), self.shape());
            if ndim < 2 {
                let sentence =
                    format!("`{name}` is of the last two axes, but the array has {ndim}");
                return Err(Error::new(ErrorKind::Axis, sentence));
            }
            let last = &self.node.chunks.axes()[ndim - 2..];
            let chunks = crate::chunks::Chunks::new(last.iter().cloned());
            let mask = Triangle { shape: shape[ndim - 2..].into(), diagonal, part };
            let key = Identity::of((diagonal, part));
            let mask = Array::<bool, Ix2>::from_named_source("triangle", key, mask, chunks, origin);
            let kept = |elements: &[T], mask: &[bool], out: &mut [T]| {
                for ((out, &element), &kept) in out.iter_mut().zip(elements).zip(mask) {
                    *out = if kept { element } else { T::default() };
                }
            };
            let function = Arc::new(Binary::new(kept));
            Ok(mapped(name, Identity::of(()), function, &[&self.node, &mask.node], origin))
        })
    }
}

impl<T: Count> Array<T, Ix2> {
    /// Ones on a diagonal, and zeros elsewhere: the main diagonal is 0, those above it are positive.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::<u8, _>::eye([2, 3], 1, 2);
    /// assert_eq!(x.compute()?, array![[0, 1, 0], [0, 0, 1]]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn eye(shape: [usize; 2], diagonal: isize, chunks: impl IntoChunks) -> Self {
        let origin = Location::caller();
        let triangle = Triangle { shape: shape.as_slice().into(), diagonal, part: Part::At };
        let mask = Array::<bool, Ix2>::from_named_source(
            "eye",
            Identity::of(diagonal),
            triangle,
            chunks,
            origin,
        );
        let one = |mask| if mask { T::ONE } else { T::default() };
        mask.unary("number", Identity::of(()), one, origin)
    }

    /// The matrix of ones on the main diagonal, and zeros elsewhere.
    #[track_caller]
    #[must_use]
    pub fn identity(len: usize, chunks: impl IntoChunks) -> Self {
        Self::eye([len, len], 0, chunks)
    }
}

impl<T: Element> Array<T, Ix1> {
    /// The matrix with these elements on a diagonal, and zeros elsewhere: on the main one, or so many above it. In chunks as
    /// large along both axes as the largest of the vector.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::arange(1..3_i64, 2);
    /// assert_eq!(x.diag(0).compute()?, array![[1, 0], [0, 2]]);
    /// assert_eq!(x.diag(-1).compute()?, array![[0, 0, 0], [1, 0, 0], [0, 2, 0]]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn diag(&self, diagonal: isize) -> Array<T, Ix2> {
        let origin = Location::caller();
        Array::or_invalid(origin, || {
            self.check()?;
            let off = diagonal.unsigned_abs();
            let widths = if diagonal > 0 { (off, 0) } else { (0, off) };
            let row = self.pad(&[widths], Border::Const(T::default()));
            row.check()?;
            let (len, size) = (row.shape()[0], self.chunks().axis(0).largest().max(1));
            let triangle =
                Triangle { shape: [len, len].as_slice().into(), diagonal, part: Part::At };
            let key = Identity::of(diagonal);
            let mask = Array::<bool, Ix2>::from_named_source("eye", key, triangle, size, origin);
            let shown = |is_there: bool, x: T| if is_there { x } else { T::default() };
            Ok(mask.binary(&row, "diag", Identity::of(()), shown, origin))
        })
    }
}

impl<T: Real> Array<T, Ix1> {
    /// So many numbers from `start` to `end`, both among them, as far apart from each other.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// assert_eq!(Array::linspace(0.0, 1.0, 5, 2).compute()?, array![0.0, 0.25, 0.5, 0.75, 1.0]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn linspace(start: T, end: T, len: usize, chunks: impl IntoChunks) -> Self {
        let key = Identity::of(T::as_bytes(&[start, end]));
        let source = Spaced { start: start.widen(), end: end.widen(), len, number: T::narrow };
        Self::from_named_source("linspace", key, source, chunks, Location::caller())
    }
}

impl<T: Element> Array<T, Ix1> {
    /// Vectors as the axes of a grid: for each an array of all axes that changes along its own. The axes come in the
    /// order of the vectors, as with NumPy's `indexing="ij"`.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let grid = Array::meshgrid(&[Array::arange(0..2, 2), Array::arange(5..8, 2)]);
    /// assert_eq!(grid[0].compute()?, array![[0, 0, 0], [1, 1, 1]].into_dyn());
    /// assert_eq!(grid[1].compute()?, array![[5, 6, 7], [5, 6, 7]].into_dyn());
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn meshgrid(vectors: &[Self]) -> Vec<Array<T, IxDyn>> {
        let origin = Location::caller();
        let shape: Dims = vectors.iter().map(|vector| vector.len()).collect();
        let grid = |(axis, vector): (usize, &Self)| {
            Array::or_invalid(origin, || {
                vector.check()?;
                let map = AxisMap::Along { axis, start: 0, step: 1 };
                let shown = View { shape: shape.clone(), maps: [map].into_iter().collect() };
                Ok(Array::of(super::broadcast::view(&vector.node, shown, origin)))
            })
        };
        vectors.iter().enumerate().map(grid).collect()
    }
}

impl Array<i64, IxDyn> {
    /// The indices of an array of some shape: along a new first axis those of each axis.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let indices = Array::indices(&[2, 2], "auto");
    /// assert_eq!(indices.compute()?, array![[[0, 0], [1, 1]], [[0, 1], [0, 1]]].into_dyn());
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn indices(shape: &[usize], chunks: impl IntoChunks) -> Self {
        let source = Indices { shape: [&[shape.len()], shape].concat().as_slice().into() };
        Self::from_named_source("indices", Identity::of(()), source, chunks, Location::caller())
    }
}

/// Which elements a mask shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Part {
    Below,
    At,
    Above,
}

/// Where a matrix lies at a diagonal, below or above it.
#[derive(Debug)]
struct Triangle {
    shape: Dims,
    diagonal: isize,
    part: Part,
}

impl Source<bool> for Triangle {
    fn shape(&self) -> Dims {
        self.shape.clone()
    }

    fn is_computed(&self) -> bool {
        true
    }

    fn read(&self, window: &Window, out: &mut [bool]) -> Result<()> {
        let (cols, first) = (window.range(1), window.start()[1]);
        for (row, out) in window.range(0).zip(out.chunks_exact_mut(cols.len().max(1))) {
            // The column of the diagonal, and where it lies in the window.
            let at = row.saturating_add_signed(self.diagonal).saturating_sub(first).min(out.len());
            let is_left = row.checked_add_signed(self.diagonal).is_none_or(|column| column < first);
            let on = usize::from(!is_left && at < out.len());
            let (below, rest) = out.split_at_mut(at);
            let (on, above) = rest.split_at_mut(on);
            below.fill(self.part == Part::Below);
            on.fill(true);
            above.fill(self.part == Part::Above);
        }
        Ok(())
    }
}

#[derive(Debug)]
struct Spaced<T> {
    start: f64,
    end: f64,
    len: usize,
    number: fn(f64) -> T,
}

impl<T: Element> Source<T> for Spaced<T> {
    fn shape(&self) -> Dims {
        Dims::from_slice(&[self.len])
    }

    fn is_computed(&self) -> bool {
        true
    }

    #[expect(clippy::cast_precision_loss, reason = "more than 2^53 elements would take years")]
    fn read(&self, window: &Window, out: &mut [T]) -> Result<()> {
        let last = self.len.saturating_sub(1);
        let step = (self.end - self.start) / last.max(1) as f64;
        for (i, to) in window.range(0).zip(out) {
            let is_end = i == last && last > 0;
            *to = (self.number)(if is_end { self.end } else { self.start + step * i as f64 });
        }
        Ok(())
    }
}

#[derive(Debug)]
struct Indices {
    shape: Dims,
}

impl Source<i64> for Indices {
    fn shape(&self) -> Dims {
        self.shape.clone()
    }

    fn is_computed(&self) -> bool {
        true
    }

    fn read(&self, window: &Window, out: &mut [i64]) -> Result<()> {
        let (len, starts) = rows(window);
        let last = window.ndim() - 1;
        for (row, index) in out.chunks_exact_mut(len.max(1)).zip(starts) {
            for (i, to) in row.iter_mut().enumerate() {
                // A single axis of axes has the indices of none.
                let axis = index[0] + 1;
                let at = index.get(axis).map_or(0, |&at| at + if axis == last { i } else { 0 });
                *to = at.cast_signed() as i64;
            }
        }
        Ok(())
    }
}
