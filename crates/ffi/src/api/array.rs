//! Arrays as C gets them: an address, a shape and strides, checked before the call.

use std::marker::PhantomData;

use crate::error::{Error, ErrorKind, Result};
use crate::extent::Extent;

/// An array that C reads, of `D` dimensions.
///
/// It comes from a slice, an array, a `Vec`, and with the feature `ndarray` from its arrays and views.
/// Rust never reads it: it is checked, and C gets its address.
///
/// # Examples
///
/// ```
/// use tenfold_ffi::ReadArray;
///
/// let view = ReadArray::from(&[1.0, 2.0, 3.0][..]);
/// assert_eq!(view.shape(), [3]);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct ReadArray<'a, T, const D: usize> {
    raw: RawArray<T, D>,
    lifetime: PhantomData<&'a [T]>,
}

/// An array that C may write, of `D` dimensions. It comes from what a [`ReadArray`] comes from, borrowed mutably.
///
/// # Examples
///
/// ```
/// use tenfold_ffi::WriteArray;
///
/// let mut numbers = [0; 6];
/// let view = WriteArray::reshape(&mut numbers, [2, 3])?;
/// assert_eq!(view.shape(), [2, 3]);
/// # Ok::<(), tenfold_ffi::Error>(())
/// ```
#[derive(Debug)]
pub struct WriteArray<'a, T, const D: usize> {
    raw: RawArray<T, D>,
    lifetime: PhantomData<&'a mut [T]>,
}

/// An array as another language describes it: Python's buffers, for example. Nothing is known to be right
/// with it yet.
///
/// # Examples
///
/// ```
/// use tenfold_ffi::{ErrorKind, RawArray};
///
/// let mut numbers = [0_u64; 2];
/// let address = numbers.as_mut_ptr().wrapping_byte_add(1);
/// let odd = RawArray { address, shape: [1], strides: [8], is_writable: true };
/// // SAFETY: it is refused.
/// let error = unsafe { odd.view() }.unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Align);
/// ```
#[derive(Debug, Clone, Copy)]
#[expect(clippy::exhaustive_structs, reason = "callers make it")]
pub struct RawArray<T, const D: usize> {
    /// The element whose indices are all 0.
    pub address: *mut T,
    /// How many elements each dimension has.
    pub shape: [usize; D],
    /// Bytes from one element to the next, for each dimension.
    pub strides: [isize; D],
    /// Whether C may write.
    pub is_writable: bool,
}

/// Which neighbours lie side by side in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Those of the last dimension, as C has it.
    C,
    /// Those of the first, as Fortran has it.
    F,
}

/// Strides of an array without gaps. None where it is larger than memory.
fn dense_strides<const D: usize>(size: usize, shape: [usize; D], order: Order) -> [isize; D] {
    let mut strides = [0; D];
    let mut stride = isize::try_from(size).unwrap_or(isize::MAX);
    for at in 0..D {
        let axis = if order == Order::C { D - 1 - at } else { at };
        strides[axis] = stride;
        let length = isize::try_from(shape[axis].max(1)).unwrap_or(isize::MAX);
        stride = stride.saturating_mul(length);
    }
    strides
}

impl<T, const D: usize> RawArray<T, D> {
    fn dense(address: *mut T, shape: [usize; D], is_writable: bool) -> Self {
        let strides = dense_strides(size_of::<T>(), shape, Order::C);
        Self { address, shape, strides, is_writable }
    }

    fn is_empty(&self) -> bool {
        self.shape.contains(&0)
    }

    fn check_alignment(&self) -> Result<()> {
        if self.is_empty() {
            return Ok(());
        }
        if self.address.is_null() {
            let message = format!("the array of shape {:?} is at the null pointer", self.shape);
            return Err(Error::new(ErrorKind::Null, message));
        }
        let places = self.strides.iter().map(|stride| stride.unsigned_abs());
        let needed = align_of::<T>();
        let wrong = std::iter::once(self.address.addr()).chain(places).find(|at| at % needed != 0);
        match wrong {
            Some(at) => Err(Error::new(
                ErrorKind::Align,
                format!(
                    "the array is at, or goes by, {at} bytes, which is no multiple of {needed}"
                ),
            )),
            None => Ok(()),
        }
    }

    /// An array that C reads.
    ///
    /// # Errors
    ///
    /// [`Null`](ErrorKind::Null), and [`Align`](ErrorKind::Align) if the address or a stride is not a multiple
    /// of the alignment of `T`.
    ///
    /// # Safety
    ///
    /// All elements that shape and strides reach are valid for reads by C as long as the view lives. Others
    /// may write them, as long as nobody does during a call.
    pub unsafe fn view<'a>(self) -> Result<ReadArray<'a, T, D>> {
        self.check_alignment()?;
        Ok(ReadArray { raw: self, lifetime: PhantomData })
    }

    /// An array that C may write.
    ///
    /// # Errors
    ///
    /// As [`view`](Self::view), and [`ReadOnly`](ErrorKind::ReadOnly) unless it is writable.
    ///
    /// # Safety
    ///
    /// As [`view`](Self::view), for reads and writes. It may overlap other views: the call looks.
    pub unsafe fn view_mut<'a>(self) -> Result<WriteArray<'a, T, D>> {
        if !self.is_writable {
            let message = "the array may only be read, and C would write it";
            return Err(Error::new(ErrorKind::ReadOnly, message));
        }
        self.check_alignment()?;
        Ok(WriteArray { raw: self, lifetime: PhantomData })
    }

    #[inline]
    fn check_dense(&self, name: &str, order: Order) -> Result<()> {
        let wanted = dense_strides(size_of::<T>(), self.shape, order);
        let mut axes = self.shape.iter().zip(&self.strides).zip(&wanted);
        // Where there is one element, its stride is never used.
        if axes.all(|((length, stride), wanted)| *length <= 1 || stride == wanted)
            || self.is_empty()
        {
            return Ok(());
        }
        Err(self.not_dense(name, order, wanted))
    }

    #[cold]
    fn not_dense(&self, name: &str, order: Order, wanted: [isize; D]) -> Error {
        let strides = self.strides;
        let message = format!(
            "the array `{name}` goes by {strides:?} bytes, and C needs {wanted:?}: dense, in order {order:?}"
        );
        Error::new(ErrorKind::Stride, message)
    }

    /// Of a dense array.
    #[inline]
    fn extent(&self, is_written: bool) -> Extent {
        let count = self.shape.iter().fold(1_usize, |count, length| count.saturating_mul(*length));
        let start = self.address.addr();
        let end = start.saturating_add(count.saturating_mul(size_of::<T>()));
        Extent { start, end, is_written }
    }
}

/// What both kinds of views have.
macro_rules! array {
    ($ReadArray:ident, $is_written:literal) => {
        impl<T, const D: usize> $ReadArray<'_, T, D> {
            /// How many elements each dimension has.
            #[must_use]
            pub fn shape(&self) -> [usize; D] {
                self.raw.shape
            }

            /// Whether there are gaps between elements, or another order.
            #[doc(hidden)]
            #[inline]
            pub fn check_dense(&self, name: &str, order: Order) -> Result<()> {
                self.raw.check_dense(name, order)
            }

            #[doc(hidden)]
            #[inline]
            pub fn extent(&self) -> Extent {
                self.raw.extent($is_written)
            }
        }
    };
}

array!(ReadArray, false);
array!(WriteArray, true);

impl<T, const D: usize> ReadArray<'_, T, D> {
    #[doc(hidden)]
    #[inline]
    #[must_use]
    pub fn address(&self) -> *const T {
        self.raw.address
    }
}

impl<T, const D: usize> WriteArray<'_, T, D> {
    #[doc(hidden)]
    #[inline]
    #[must_use]
    pub fn address(&self) -> *mut T {
        self.raw.address
    }
}

fn check_count(given: usize, shape: &[usize]) -> Result<()> {
    let needed = shape.iter().try_fold(1_usize, |count, length| count.checked_mul(*length));
    if needed == Some(given) {
        return Ok(());
    }
    let message = format!("{given} elements do not make an array of shape {shape:?}");
    Err(Error::new(ErrorKind::Shape, message))
}

impl<'a, T, const D: usize> ReadArray<'a, T, D> {
    /// A slice as an array of that shape, the last index running fastest.
    ///
    /// # Errors
    ///
    /// [`Shape`](ErrorKind::Shape) if the slice has more or fewer elements.
    pub fn reshape(slice: &'a [T], shape: [usize; D]) -> Result<Self> {
        check_count(slice.len(), &shape)?;
        let raw = RawArray::dense(slice.as_ptr().cast_mut(), shape, false);
        Ok(Self { raw, lifetime: PhantomData })
    }
}

impl<'a, T, const D: usize> WriteArray<'a, T, D> {
    /// A slice as an array of that shape, the last index running fastest.
    ///
    /// # Errors
    ///
    /// [`Shape`](ErrorKind::Shape) if the slice has more or fewer elements.
    pub fn reshape(slice: &'a mut [T], shape: [usize; D]) -> Result<Self> {
        check_count(slice.len(), &shape)?;
        let raw = RawArray::dense(slice.as_mut_ptr(), shape, true);
        Ok(Self { raw, lifetime: PhantomData })
    }
}

impl<'a, T> From<&'a [T]> for ReadArray<'a, T, 1> {
    #[inline]
    fn from(slice: &'a [T]) -> Self {
        let raw = RawArray::dense(slice.as_ptr().cast_mut(), [slice.len()], false);
        Self { raw, lifetime: PhantomData }
    }
}

impl<'a, T> From<&'a mut [T]> for WriteArray<'a, T, 1> {
    #[inline]
    fn from(slice: &'a mut [T]) -> Self {
        let raw = RawArray::dense(slice.as_mut_ptr(), [slice.len()], true);
        Self { raw, lifetime: PhantomData }
    }
}

impl<'a, T, const N: usize> From<&'a [T; N]> for ReadArray<'a, T, 1> {
    fn from(array: &'a [T; N]) -> Self {
        Self::from(array.as_slice())
    }
}

impl<'a, T, const N: usize> From<&'a mut [T; N]> for WriteArray<'a, T, 1> {
    fn from(array: &'a mut [T; N]) -> Self {
        Self::from(array.as_mut_slice())
    }
}

impl<'a, T> From<&'a Vec<T>> for ReadArray<'a, T, 1> {
    fn from(vec: &'a Vec<T>) -> Self {
        Self::from(vec.as_slice())
    }
}

impl<'a, T> From<&'a mut Vec<T>> for WriteArray<'a, T, 1> {
    fn from(vec: &'a mut Vec<T>) -> Self {
        Self::from(vec.as_mut_slice())
    }
}

#[cfg(feature = "ndarray")]
mod arrays {
    use std::marker::PhantomData;

    use ndarray::{Array, ArrayView, ArrayViewMut, Dim, Dimension, IntoDimension};

    use super::{RawArray, ReadArray, WriteArray};

    /// ndarray counts strides in elements, as `usize` that wraps.
    fn raw<T, const D: usize>(
        address: *mut T,
        shape: &[usize],
        strides: &[isize],
        is_writable: bool,
    ) -> RawArray<T, D> {
        let size = isize::try_from(size_of::<T>()).unwrap_or(isize::MAX);
        RawArray {
            address,
            shape: std::array::from_fn(|axis| shape[axis]),
            strides: std::array::from_fn(|axis| strides[axis].saturating_mul(size)),
            is_writable,
        }
    }

    impl<'a, T, const D: usize> From<ArrayView<'a, T, Dim<[usize; D]>>> for ReadArray<'a, T, D>
    where
        [usize; D]: IntoDimension<Dim = Dim<[usize; D]>>,
        Dim<[usize; D]>: Dimension,
    {
        #[inline]
        fn from(view: ArrayView<'a, T, Dim<[usize; D]>>) -> Self {
            let raw = raw(view.as_ptr().cast_mut(), view.shape(), view.strides(), false);
            Self { raw, lifetime: PhantomData }
        }
    }

    impl<'a, T, const D: usize> From<ArrayViewMut<'a, T, Dim<[usize; D]>>> for WriteArray<'a, T, D>
    where
        [usize; D]: IntoDimension<Dim = Dim<[usize; D]>>,
        Dim<[usize; D]>: Dimension,
    {
        #[inline]
        fn from(mut view: ArrayViewMut<'a, T, Dim<[usize; D]>>) -> Self {
            let address = view.as_mut_ptr();
            Self { raw: raw(address, view.shape(), view.strides(), true), lifetime: PhantomData }
        }
    }

    impl<'a, T, const D: usize> From<&'a Array<T, Dim<[usize; D]>>> for ReadArray<'a, T, D>
    where
        [usize; D]: IntoDimension<Dim = Dim<[usize; D]>>,
        Dim<[usize; D]>: Dimension,
    {
        fn from(array: &'a Array<T, Dim<[usize; D]>>) -> Self {
            Self::from(array.view())
        }
    }

    impl<'a, T, const D: usize> From<&'a mut Array<T, Dim<[usize; D]>>> for WriteArray<'a, T, D>
    where
        [usize; D]: IntoDimension<Dim = Dim<[usize; D]>>,
        Dim<[usize; D]>: Dimension,
    {
        fn from(array: &'a mut Array<T, Dim<[usize; D]>>) -> Self {
            Self::from(array.view_mut())
        }
    }
}

/// Whether a dimension of an argument is what another, or the declaration, says.
#[doc(hidden)]
#[inline]
pub fn check_length(dimension: &str, name: &str, given: usize, needed: usize) -> Result<()> {
    if given == needed { Ok(()) } else { Err(wrong_length(dimension, name, given, needed)) }
}

#[cold]
fn wrong_length(dimension: &str, name: &str, given: usize, needed: usize) -> Error {
    let message = format!("`{dimension}` is {needed}, and {given} in the array `{name}`");
    Error::new(ErrorKind::Shape, message)
}

/// Whether nothing that is written overlaps anything else.
#[doc(hidden)]
#[inline]
pub fn check_apart<const N: usize>(extents: [Extent; N]) -> Result<()> {
    for second in 1..N {
        for first in 0..second {
            if extents[first].clash(&extents[second]) > 0 {
                return Err(overlap(first, second));
            }
        }
    }
    Ok(())
}

#[cold]
fn overlap(first: usize, second: usize) -> Error {
    let message = format!(
        "the arrays {first} and {second} lie on the same memory, and C would write it (counted from 0)"
    );
    Error::new(ErrorKind::Overlap { first, second }, message)
}

/// A length as the parameter that takes it.
#[doc(hidden)]
#[inline]
pub fn length<N: TryFrom<usize>>(dimension: &str, length: usize) -> Result<N> {
    N::try_from(length).map_err(|_| too_long::<N>(dimension, length))
}

#[cold]
fn too_long<N>(dimension: &str, length: usize) -> Error {
    let ty = std::any::type_name::<N>();
    let message = format!("`{dimension}` is {length}, more than the parameter's `{ty}` holds");
    Error::new(ErrorKind::OutOfRange, message)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn raw(numbers: &mut [f64], shape: [usize; 2], strides: [isize; 2]) -> RawArray<f64, 2> {
        RawArray { address: numbers.as_mut_ptr(), shape, strides, is_writable: true }
    }

    #[test]
    fn dense_in_either_order() {
        let mut numbers = [0.0; 6];
        let c = raw(&mut numbers, [2, 3], [24, 8]);
        assert!(c.check_dense("a", Order::C).is_ok());
        let error = c.check_dense("a", Order::F).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Stride);
        assert!(error.to_string().contains("[24, 8] bytes, and C needs [8, 16]"), "{error}");
        assert!(raw(&mut numbers, [2, 3], [8, 16]).check_dense("a", Order::F).is_ok());
        for strides in [[-24, 8], [24, -8], [32, 8], [24, 16], [0, 8]] {
            assert!(raw(&mut numbers, [2, 3], strides).check_dense("a", Order::C).is_err());
        }
    }

    #[test]
    fn strides_of_one_element_or_none_do_not_count() {
        let mut numbers = [0.0; 6];
        for (shape, strides) in [([1, 3], [-99, 8]), ([3, 1], [8, 4096]), ([0, 7], [1, 1])] {
            assert!(raw(&mut numbers, shape, strides).check_dense("a", Order::C).is_ok());
        }
    }

    #[test]
    fn null_odd_and_read_only() {
        let mut numbers = [0.0; 6];
        let fine = raw(&mut numbers, [2, 3], [24, 8]);
        let kind = |raw: RawArray<f64, 2>| {
            // SAFETY: no view is used.
            unsafe { raw.view_mut() }.err().map(|error| error.kind())
        };
        assert_eq!(kind(fine), None);
        assert_eq!(kind(RawArray { is_writable: false, ..fine }), Some(ErrorKind::ReadOnly));
        assert_eq!(kind(RawArray { address: std::ptr::null_mut(), ..fine }), Some(ErrorKind::Null));
        assert_eq!(kind(RawArray { strides: [24, 4], ..fine }), Some(ErrorKind::Align));
        let odd = fine.address.wrapping_byte_add(4);
        assert_eq!(kind(RawArray { address: odd, ..fine }), Some(ErrorKind::Align));
        let none = RawArray { address: std::ptr::null_mut(), shape: [0, 3], ..fine };
        assert_eq!(kind(none), None);
    }

    #[test]
    fn overlap_counts_where_somebody_writes() {
        let extent = |start, end, is_written| Extent { start, end, is_written };
        let apart = |second| check_apart([extent(8, 16, true), extent(90, 91, false), second]);
        for (begin, end) in [(0, 8), (16, 24), (9, 9), (15, 15)] {
            assert!(apart(extent(begin, end, true)).is_ok(), "{begin}..{end}");
        }
        for (begin, end) in [(0, 9), (15, 16), (8, 16), (10, 11), (0, 99)] {
            let error = apart(extent(begin, end, false)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Overlap { first: 0, second: 2 });
        }
        assert!(check_apart([extent(0, 8, false), extent(0, 8, false)]).is_ok());
    }

    #[test]
    fn lengths() {
        assert_eq!(length::<u8>("n", 255).ok(), Some(255));
        let error = length::<u8>("n", 256).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::OutOfRange);
        assert_eq!(error.to_string(), "`n` is 256, more than the parameter's `u8` holds");
        assert!(ReadArray::reshape(&[1, 2, 3], [2, 2]).is_err());
        assert!(ReadArray::reshape(&[0_u8; 0], [usize::MAX, 2]).is_err());
    }

    /// The places of all elements, the last index running fastest, in bytes from the first.
    fn places(shape: [usize; 3], strides: [isize; 3]) -> Vec<isize> {
        let place = |index: [usize; 3]| -> isize {
            index.iter().zip(strides).map(|(i, stride)| i.cast_signed() * stride).sum()
        };
        let rows = (0..shape[0]).flat_map(|i| (0..shape[1]).map(move |j| (i, j)));
        rows.flat_map(|(i, j)| (0..shape[2]).map(move |k| place([i, j, k]))).collect()
    }

    proptest! {
        #[test]
        fn dense_is_one_element_behind_the_other(
            shape in [0..4_usize, 0..4, 0..4],
            units in prop_oneof![
                [-12..13_isize, -12..13, -12..13],
                [Just(9), Just(3), Just(1)],
                [Just(6), Just(2), Just(1)],
                [Just(4), Just(4), Just(1)],
            ],
        ) {
            let strides = units.map(|unit| unit * 4);
            let mut number = 0_u32;
            let view = RawArray { address: &raw mut number, shape, strides, is_writable: false };
            let dense = places(shape, strides).into_iter().eq((0_isize..).map(|k| 4 * k).take(shape.iter().product()));
            prop_assert_eq!(view.check_dense("a", Order::C).is_ok(), dense);
            let turned = RawArray { shape: [shape[2], shape[1], shape[0]], strides: [strides[2], strides[1], strides[0]], ..view };
            prop_assert_eq!(turned.check_dense("a", Order::F).is_ok(), dense);
        }

        #[test]
        fn arrays_overlap_where_they_share_a_byte(
            ends in [(0..9_usize, 0..9_usize), (0..9, 0..9), (0..9, 0..9)],
            written in [any::<bool>(), any::<bool>(), any::<bool>()],
        ) {
            let extent = |at: usize| {
                let (a, b) = ends[at];
                Extent { start: a.min(b), end: a.max(b), is_written: written[at] }
            };
            let share = |a: Extent, b: Extent| {
                (a.is_written || b.is_written) && (a.start..a.end).any(|byte| (b.start..b.end).contains(&byte))
            };
            let all = [extent(0), extent(1), extent(2)];
            let wrong = share(all[0], all[1]) || share(all[0], all[2]) || share(all[1], all[2]);
            prop_assert_eq!(check_apart(all).is_err(), wrong);
        }
    }

    #[cfg(feature = "ndarray")]
    #[test]
    fn arrays_come_with_their_strides() {
        use ndarray::{Array2, s};

        let mut array = Array2::<f32>::zeros((3, 4));
        let view = ReadArray::from(&array);
        assert_eq!((view.shape(), view.raw.strides), ([3, 4], [16, 4]));
        let turned = ReadArray::from(array.t());
        assert_eq!((turned.shape(), turned.raw.strides), ([4, 3], [4, 16]));
        assert!(turned.check_dense("a", Order::F).is_ok());
        let back = WriteArray::from(array.slice_mut(s![..;-1, ..]));
        assert_eq!(back.raw.strides, [-16, 4]);
        assert!(back.check_dense("a", Order::C).is_err());
    }
}
