//! What loop kernels take for slices and matrices.

use ndarray::{ArrayBase, ArrayRef, ArrayView, ArrayViewMut, Data, DataMut, Ix1, Ix2, RawData};

use crate::error::{Error, ErrorKind};

mod sealed {
    #[expect(unnameable_types, reason = "nobody else implements the traits of this file")]
    pub trait Sealed<T> {}
}
use sealed::Sealed;

/// An argument of a loop kernel for a `&[T]`: a slice, a `Vec`, or a one-dimensional array or view
/// whose elements lie one after another.
pub trait Slice<T>: Sealed<T> {
    /// The elements, if they lie so.
    #[doc(hidden)]
    fn elements(&self) -> Option<&[T]>;
}

/// An argument of a loop kernel for a `&mut [T]`.
pub trait SliceMut<T>: Sealed<T> {
    /// The elements, if they lie one after another.
    #[doc(hidden)]
    fn elements_mut(&mut self) -> Option<&mut [T]>;
}

/// An argument of a loop kernel for a [`View2`](crate::View2): a two-dimensional array or view
/// whose rows lie one after another.
pub trait Matrix<T>: Sealed<T> {
    /// The elements, if they lie so, and the shape.
    #[doc(hidden)]
    fn rows(&self) -> (Option<&[T]>, [usize; 2]);
}

/// An argument of a loop kernel for a [`ViewMut2`](crate::ViewMut2).
pub trait MatrixMut<T>: Sealed<T> {
    /// The elements, if the rows lie one after another, and the shape.
    #[doc(hidden)]
    fn rows_mut(&mut self) -> (Option<&mut [T]>, [usize; 2]);
}

macro_rules! slices {
    ($([$($generics:tt)*] $From:ty, $Mut:ty;)*) => {$(
        impl<$($generics)*> Sealed<T> for $From {}
        impl<$($generics)*> Slice<T> for $From {
            #[inline]
            fn elements(&self) -> Option<&[T]> {
                Some(&self[..])
            }
        }
        impl<$($generics)*> Sealed<T> for $Mut {}
        impl<$($generics)*> SliceMut<T> for $Mut {
            #[inline]
            fn elements_mut(&mut self) -> Option<&mut [T]> {
                Some(&mut self[..])
            }
        }
    )*};
}
slices! {
    [T] &[T], &mut [T];
    [T, const N: usize] &[T; N], &mut [T; N];
    [T] &Vec<T>, &mut Vec<T>;
}

/// Of arrays and views that are read.
macro_rules! arrays {
    ($([$($sealed:tt)*] [$($generics:tt)*] $All:ty, $One:ty, $Two:ty;)*) => {$(
        impl<$($sealed)*> Sealed<T> for $All {}
        impl<$($generics)*> Slice<T> for $One {
            #[inline]
            fn elements(&self) -> Option<&[T]> {
                self.as_slice()
            }
        }
        impl<$($generics)*> Matrix<T> for $Two {
            #[inline]
            fn rows(&self) -> (Option<&[T]>, [usize; 2]) {
                (self.as_slice(), self.dim().into())
            }
        }
    )*};
}
arrays! {
    [T, S: RawData<Elem = T>, D] [T, S: Data<Elem = T>]
        &ArrayBase<S, D>, &ArrayBase<S, Ix1>, &ArrayBase<S, Ix2>;
    [T, D] [T] &ArrayRef<T, D>, &ArrayRef<T, Ix1>, &ArrayRef<T, Ix2>;
    [T, D] [T] ArrayView<'_, T, D>, ArrayView<'_, T, Ix1>, ArrayView<'_, T, Ix2>;
}

/// Of arrays and views that are written.
macro_rules! arrays_mut {
    ($([$($sealed:tt)*] [$($generics:tt)*] $All:ty, $One:ty, $Two:ty;)*) => {$(
        impl<$($sealed)*> Sealed<T> for $All {}
        impl<$($generics)*> SliceMut<T> for $One {
            #[inline]
            fn elements_mut(&mut self) -> Option<&mut [T]> {
                self.as_slice_mut()
            }
        }
        impl<$($generics)*> MatrixMut<T> for $Two {
            #[inline]
            fn rows_mut(&mut self) -> (Option<&mut [T]>, [usize; 2]) {
                let shape = self.dim().into();
                (self.as_slice_mut(), shape)
            }
        }
    )*};
}
arrays_mut! {
    [T, S: RawData<Elem = T>, D] [T, S: DataMut<Elem = T>]
        &mut ArrayBase<S, D>, &mut ArrayBase<S, Ix1>, &mut ArrayBase<S, Ix2>;
    [T, D] [T] &mut ArrayRef<T, D>, &mut ArrayRef<T, Ix1>, &mut ArrayRef<T, Ix2>;
    [T, D] [T] ArrayViewMut<'_, T, D>, ArrayViewMut<'_, T, Ix1>, ArrayViewMut<'_, T, Ix2>;
}

#[cold]
fn scattered(name: &str) -> Error {
    let message = format!(
        "the elements of argument `{name}` do not lie one after another, row by row; copy it with \
         `as_standard_layout`"
    );
    Error::new(ErrorKind::Argument, message)
}

/// The elements of an argument.
#[inline]
pub fn slice_of<'a, T>(x: &'a impl Slice<T>, name: &'static str) -> Result<&'a [T], Error> {
    x.elements().ok_or_else(|| scattered(name))
}

/// The elements of an argument that is written.
#[inline]
pub fn slice_of_mut<'a, T>(
    x: &'a mut impl SliceMut<T>,
    name: &'static str,
) -> Result<&'a mut [T], Error> {
    x.elements_mut().ok_or_else(|| scattered(name))
}

/// The elements and the shape of an argument.
#[inline]
pub fn matrix_of<'a, T>(
    x: &'a impl Matrix<T>,
    name: &'static str,
) -> Result<(&'a [T], [usize; 2]), Error> {
    let (data, shape) = x.rows();
    Ok((data.ok_or_else(|| scattered(name))?, shape))
}

/// The elements and the shape of an argument that is written.
#[inline]
pub fn matrix_of_mut<'a, T>(
    x: &'a mut impl MatrixMut<T>,
    name: &'static str,
) -> Result<(&'a mut [T], [usize; 2]), Error> {
    let (data, shape) = x.rows_mut();
    Ok((data.ok_or_else(|| scattered(name))?, shape))
}

/// A matrix in the body of a kernel: rows one after another.
#[derive(Debug)]
pub struct Table<'a, T> {
    data: &'a [T],
    shape: [usize; 2],
}

impl<T> Clone for Table<'_, T> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Table<'_, T> {}

impl<'a, T> Table<'a, T> {
    #[inline(always)]
    pub(super) fn new(data: &'a [T], shape: [usize; 2]) -> Self {
        Self { data, shape }
    }
    #[inline(always)]
    pub(super) fn data(self) -> &'a [T] {
        self.data
    }
    #[inline(always)]
    pub(super) fn shape(self) -> [usize; 2] {
        self.shape
    }
    /// Rows.
    #[inline(always)]
    #[must_use]
    pub fn nrows(self) -> usize {
        self.shape[0]
    }
    /// Columns.
    #[inline(always)]
    #[must_use]
    pub fn ncols(self) -> usize {
        self.shape[1]
    }
}
