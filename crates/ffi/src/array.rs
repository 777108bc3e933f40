//! Arrays of C as ndarray's views.

use ndarray::{ArrayView, ArrayViewMut, Dimension, IxDyn};

use crate::ctype::CType;
use crate::error::{Error, ErrorKind, Result};
use crate::view::View;
use crate::view_mut::ViewMut;

fn wrong_shape(view: &View<'_>, lengths: usize) -> Error {
    let message = format!("`{}` has {lengths} dimensions, and others are asked for", view.spell());
    Error::new(ErrorKind::Shape, message)
}

impl<'a> View<'a> {
    /// An array of numbers as a view of ndarray, with its shape from the type: `double[2][3]` has two
    /// dimensions.
    ///
    /// # Errors
    ///
    /// As [`as_slice`](Self::as_slice), and [`Shape`](ErrorKind::Shape) if `D` has not as many dimensions.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndarray::{Ix2, array};
    ///
    /// let declarations = tenfold_ffi::Declarations::parse("")?;
    /// let mut grid = declarations.new("double[2][3]")?;
    /// grid.view_mut().into_array::<f64, Ix2>()?.row_mut(1).fill(0.5);
    /// assert_eq!(grid.view().as_array::<f64, Ix2>()?, array![[0.0, 0.0, 0.0], [0.5, 0.5, 0.5]]);
    /// # Ok::<(), tenfold_ffi::Error>(())
    /// ```
    pub fn as_array<T: CType, D: Dimension>(&self) -> Result<ArrayView<'a, T, D>> {
        let (_, lengths) = self.spot().lengths(self.declarations().unit())?;
        let values = self.as_slice::<T>()?;
        let dimensions = lengths.len();
        ArrayView::from_shape(IxDyn(&lengths), values)
            .and_then(ArrayView::into_dimensionality)
            .map_err(|error| wrong_shape(self, dimensions).because(error))
    }
}

impl<'a> ViewMut<'a> {
    /// An array of numbers as a view of ndarray, to be written, as [`View::as_array`].
    ///
    /// # Errors
    ///
    /// As [`View::as_array`].
    ///
    /// # Examples
    ///
    /// See [`View::as_array`].
    pub fn into_array<T: CType, D: Dimension>(self) -> Result<ArrayViewMut<'a, T, D>> {
        let (_, lengths) = self.spot().lengths(self.declarations().unit())?;
        let refused = wrong_shape(&self.view(), lengths.len());
        ArrayViewMut::from_shape(IxDyn(&lengths), self.into_mut_slice::<T>()?)
            .and_then(ArrayViewMut::into_dimensionality)
            .map_err(|error| refused.because(error))
    }
}
