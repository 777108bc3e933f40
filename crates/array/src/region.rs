//! A part of a target.

use std::marker::PhantomData;
use std::ops::Range;

use crate::chunks::Chunks;
use crate::element::Element;
use crate::error::{Error, ErrorKind, Result};
use crate::source::Target;
use crate::window::{Dims, Window};

/// A box of a [`Target`], which is a target itself: an array goes into a part of a file, and another into the next.
///
/// Where the target has [chunks](Target::chunks), a region consists of whole ones, so that no two regions share one.
///
/// ```
/// use tenfold_array::{Array, NpyWriter, NpyFile, Region, Settings, ndarray::{Ix1, array}};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("x.npy");
/// let file = NpyWriter::create(&path, &[5])?;
/// let settings = Settings::new();
/// settings.store(&Array::arange(0..3, 2), &Region::new(&file, &[2..5])?)?;
/// settings.store(&Array::full([2], 7, 2), &Region::new(&file, &[0..2])?)?;
/// file.finish()?;
/// let x = Array::<i32, Ix1>::from_source(NpyFile::open(&path)?, 5);
/// assert_eq!(x.compute()?, array![7, 7, 0, 1, 2]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Region<T, S> {
    target: S,
    window: Window,
    chunks: Option<Chunks>,
    of: PhantomData<fn(T)>,
}

impl<T: Element, S: Target<T>> Region<T, S> {
    /// The part with these indices, a range for each axis.
    ///
    /// # Errors
    /// [`Shape`](ErrorKind::Shape) if there is not a range for each axis, [`Index`](ErrorKind::Index) if one ends before it
    /// begins or outside of the target, [`Chunks`](ErrorKind::Chunks) if it has a part of a chunk of the target.
    pub fn new(target: S, ranges: &[Range<usize>]) -> Result<Self> {
        let shape = target.shape();
        if ranges.len() != shape.len() {
            let (ranges, axes) = (ranges.len(), shape.len());
            let what =
                format!("argument `ranges` has {ranges} ranges, but the target has {axes} axes");
            return Err(Error::new(ErrorKind::Shape, what));
        }
        let is_wrong =
            |(range, &len): (&Range<usize>, &usize)| range.start > range.end || range.end > len;
        if let Some(axis) = ranges.iter().zip(&shape).position(is_wrong) {
            let what = format!(
                "argument `ranges` has {:?} for axis {axis}, but the target has {} elements there",
                ranges[axis], shape[axis]
            );
            return Err(Error::new(ErrorKind::Index, what));
        }
        let window = Window::new(ranges);
        let chunks = match target.chunks() {
            Some(chunks) => Some(within(&chunks, &window)?),
            None => None,
        };
        Ok(Self { target, window, chunks, of: PhantomData })
    }
}

/// The chunks of a target within a window, which must consist of whole ones.
fn within(chunks: &Chunks, window: &Window) -> Result<Chunks> {
    let axes = chunks.axes().iter().enumerate().map(|(at, axis)| {
        let range = window.range(at);
        // Where a chunk begins, or the axis ends, is a border.
        let is_border =
            |index: usize| index == axis.len() || axis.range(axis.chunk_of(index)).start == index;
        match [range.start, range.end].into_iter().find(|&index| !is_border(index)) {
            Some(index) => Err(shared(chunks, window, at, index)),
            None if range.is_empty() => Ok(crate::chunks::AxisChunks::one(0)),
            None => {
                let inner = axis.chunk_of(range.start)..=axis.chunk_of(range.end - 1);
                Ok(match axis.even_size() {
                    Some(size) => crate::chunks::AxisChunks::even(range.len(), size)?,
                    None => crate::chunks::AxisChunks::of_sizes(inner.map(|i| axis.range(i).len())),
                })
            }
        }
    });
    axes.collect::<Result<Vec<_>>>().map(Chunks::new)
}

/// That a chunk lies on both sides of the border of a region.
fn shared(chunks: &Chunks, region: &Window, axis: usize, index: usize) -> Error {
    let mut chunk = region.clone();
    for (at, cut) in chunks.axes().iter().enumerate().filter(|(_, cut)| cut.len() > 0) {
        let first = if at == axis { index } else { region.start()[at].min(cut.len() - 1) };
        chunk.set(at, cut.range(cut.chunk_of(first)));
    }
    let what = format!(
        "argument `ranges` is {region:?}, of shape {:?}, which has a part of chunk {chunk:?} of the target, whose chunks \
         are written as a whole and have shape {:?}",
        region.shape(),
        chunks.largest().as_slice()
    );
    Error::new(ErrorKind::Chunks, what)
}

impl<T: Element, S: Target<T>> Target<T> for Region<T, S> {
    fn shape(&self) -> Dims {
        self.window.shape().into()
    }

    fn chunks(&self) -> Option<Chunks> {
        self.chunks.clone()
    }

    fn memory(&self) -> usize {
        self.target.memory()
    }

    fn write(&self, window: &Window, elements: &[T]) -> Result<()> {
        if window.ndim() != self.window.ndim() {
            let (axes, own) = (window.ndim(), self.window.ndim());
            let what = format!("argument `window` has {axes} axes, but the region has {own}");
            return Err(Error::new(ErrorKind::Shape, what));
        }
        let mut of_target = window.clone();
        for axis in 0..window.ndim() {
            let (range, own) = (window.range(axis), self.window.range(axis));
            if range.end > own.len() {
                let what = format!(
                    "argument `window` has {range:?} for axis {axis}, but the region has {} elements there",
                    own.len()
                );
                return Err(Error::new(ErrorKind::Index, what));
            }
            of_target.set(axis, range.start + own.start..range.end + own.start);
        }
        self.target.write(&of_target, elements)
    }
}
