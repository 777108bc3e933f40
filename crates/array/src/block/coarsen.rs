//! Boxes of elements, each taken together.

use std::marker::PhantomData;

use ndarray::{ArrayView, Dimension, IxDyn};

use super::{Block, Needs, Read};
use crate::buffer::Buffer;
use crate::element::Element;
use crate::error::{Error, ErrorKind, Result};
use crate::window::{Dims, Window};

/// Makes an element of each box of `sizes` elements.
pub(crate) struct Coarsen<T, R, D, F> {
    sizes: Dims,
    f: F,
    types: PhantomData<fn(T, D) -> R>,
}

impl<T: Element, R: Element, D: Dimension, F: Fn(ArrayView<'_, T, D>) -> R + Send + Sync>
    Coarsen<T, R, D, F>
{
    /// No size is 0.
    pub(crate) fn new(sizes: &[usize], f: F) -> Self {
        Self { sizes: sizes.into(), f, types: PhantomData }
    }

    fn shown(&self, window: &Window) -> Window {
        let ranges = (0..window.ndim()).map(|axis| {
            let (range, size) = (window.range(axis), self.sizes[axis]);
            range.start * size..range.end * size
        });
        Window::new(&ranges.collect::<Vec<_>>())
    }
}

impl<T: Element, R: Element, D: Dimension, F: Fn(ArrayView<'_, T, D>) -> R + Send + Sync> Block
    for Coarsen<T, R, D, F>
{
    fn name(&self) -> &str {
        "coarsen"
    }

    fn needs(&self, window: &Window) -> Needs {
        Needs::from_iter([(0, self.shown(window))])
    }

    fn bytes(&self, shape: &[usize], input: &dyn Fn(usize, &[usize]) -> usize) -> usize {
        input(0, self.shown(&Window::whole(shape)).shape())
    }

    fn evaluate(&self, window: &Window, inputs: &mut dyn Read, out: &mut Buffer) -> Result<()> {
        let shown = self.shown(window);
        let part = inputs.get(0, &shown)?;
        let all = ArrayView::from_shape(IxDyn(shown.shape()), part.elements::<T>())
            .and_then(ArrayView::into_dimensionality::<D>)
            .map_err(|error| {
                Error::new(ErrorKind::Shape, "a box has another shape").because(error)
            })?;
        let mut sizes = D::zeros(self.sizes.len());
        sizes.slice_mut().copy_from_slice(&self.sizes);
        // A box lies densely in whatever window it was read: what sums in the order of memory gives the same bits.
        let mut dense = ndarray::Array::from_elem(sizes.clone(), T::default());
        for (to, cell) in out.elements_mut().iter_mut().zip(all.exact_chunks(sizes)) {
            dense.assign(&cell);
            *to = (self.f)(dense.view());
        }
        Ok(())
    }
}
