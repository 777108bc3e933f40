//! Prefix scans: what the elements up to each place come to.

use ndarray::{Array, Axis, Dimension};

use crate::error::{Error, ErrorKind};
use crate::nest::show;

/// Joins every element with those before it on the axis.
///
/// # Errors
/// See `scan` of a kernel.
pub fn scan<T: Copy, D: Dimension>(
    mut elements: Array<T, D>,
    axis: usize,
    join: impl Fn(T, T) -> T,
) -> Result<Array<T, D>, Error> {
    if axis >= elements.ndim() {
        let (count, shape) = (elements.ndim(), show(elements.shape()));
        let message = format!("axis {axis} of shape {shape}, which has {count} axes");
        return Err(Error::new(ErrorKind::Argument, message));
    }
    elements.accumulate_axis_inplace(Axis(axis), |&before, element| {
        *element = join(before, *element);
    });
    Ok(elements)
}
