//! Arrays and views of ndarray as buffers: where they lie as a slice they are sent from there, others by way
//! of a copy in the order of their elements.

use std::borrow::Cow;

use ndarray::{ArrayBase, ArrayViewMut, Data, Dimension, RawData};

use crate::{Element, Result};

/// The elements of an array in logical order.
pub(crate) fn elements<S, D>(array: &ArrayBase<S, D>) -> Cow<'_, [S::Elem]>
where
    S: Data + RawData<Elem: Element>,
    D: Dimension,
{
    match array.as_slice() {
        Some(slice) => Cow::Borrowed(slice),
        None => Cow::Owned(array.iter().copied().collect()),
    }
}

/// Has `fill` write to the elements of an array, in logical order.
pub(crate) fn filled<T: Element, D: Dimension, R>(
    mut array: ArrayViewMut<'_, T, D>,
    fill: impl FnOnce(&mut [T]) -> Result<R>,
) -> Result<R> {
    if let Some(slice) = array.as_slice_mut() {
        return fill(slice);
    }
    let mut packed: Vec<T> = array.iter().copied().collect();
    let result = fill(&mut packed)?;
    array.iter_mut().zip(packed).for_each(|(to, from)| *to = from);
    Ok(result)
}
