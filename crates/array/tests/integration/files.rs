//! Arrays in files.

mod archives;
mod filled;
mod golden;
mod mutations;
mod number;
mod refused;
#[cfg(unix)]
mod space;
mod windows;
#[cfg(feature = "zarr")]
mod zarr;

#[cfg(unix)]
pub(crate) use space::limited;
use tenfold_array::ndarray::{ArrayD, IxDyn};
use tenfold_array::{Element, Source, Window};

/// All of an array.
fn whole<T: Element>(source: &dyn Source<T>) -> ArrayD<T> {
    part(source, &Window::whole(&source.shape()))
}

/// A part of an array, read over elements that must all be replaced.
fn part<T: Element>(source: &dyn Source<T>, window: &Window) -> ArrayD<T> {
    let mut elements = vec![T::default(); window.len()];
    source.read(window, &mut elements).unwrap();
    ArrayD::from_shape_vec(IxDyn(window.shape()), elements).unwrap()
}
