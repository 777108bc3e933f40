//! What kernels take and write: numbers, ranges, slices, arrays and views.

use std::mem::MaybeUninit;
use std::ops::Range;
use std::ptr;

use ndarray::{
    Array, ArrayBase, ArrayRef, ArrayView, ArrayViewMut, Data, DataMut, Dimension, Ix0, Ix1,
    RawData, ShapeBuilder,
};

use crate::error::{Error, ErrorKind};
use crate::simd::{Element, Lanes, Num, Simd};

mod sealed {
    #[expect(unnameable_types, reason = "nobody else implements the traits of this file")]
    pub trait Sealed<T> {}
}
use sealed::Sealed;

/// An argument of a kernel that is read: an element, a range of numbers, a slice, an array or a view
/// by value or by reference.
///
/// A range counts by one and takes no memory. One of floats goes between whole numbers that are at
/// most 2^24 (`f32`) or 2^53 (`f64`) from 0 and from each other, so that all its numbers are exact. A
/// kernel that computes with floats counts faster in them than in integers, which it would have to
/// convert. Other ranges, and those longer than an array can be, are an
/// [`ErrorKind::Argument`](crate::ErrorKind::Argument) of the call.
///
/// Elements go with every shape. Arrays of different shapes are broadcast to a common one as in
/// NumPy: shapes are aligned at their last axis, and an axis that is missing or of length 1 is
/// repeated.
pub trait Operand<T: Element>: Sealed<T> {
    /// Its number of axes.
    type Dim: Dimension;
    /// How the innermost loop reads it, wherever it lies.
    #[doc(hidden)]
    type Cursor: Cursor<T>;
    /// The same where its elements lie one after another.
    #[doc(hidden)]
    type Dense: Cursor<T>;
    /// Where it lies.
    #[doc(hidden)]
    fn place(&self) -> Place<'_>;
    /// The value of an element, the first of a range; anything for arrays.
    #[doc(hidden)]
    fn value(&self) -> T {
        T::NIL
    }
    /// Whether there is such an argument.
    #[doc(hidden)]
    fn check(&self, _name: &str) -> Result<(), Error> {
        Ok(())
    }
}

/// An argument of a kernel that is written: a slice, an array or a view.
pub trait Output<T: Element>: Sealed<T> {
    /// Its number of axes.
    type Dim: Dimension;
    /// Where it lies.
    #[doc(hidden)]
    fn place_mut(&mut self) -> Place<'_>;
}

/// Where an argument lies.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub enum Place<'a> {
    /// The same everywhere.
    Element,
    /// So many numbers, counted by one.
    Range(usize),
    /// So many elements, one after another.
    Slice(*mut u8, usize),
    /// Elements at strides, counted in elements.
    Array(*mut u8, &'a [usize], &'a [isize]),
}

/// How the innermost loop reads an operand.
#[doc(hidden)]
pub trait Cursor<T: Element>: Copy + Send + Sync {
    /// What a walk along a row takes along.
    type Walk<S: Simd>: Copy;
    /// From the value of the operand, and where the row starts.
    fn new(value: T, start: Start) -> Self;
    /// The group of elements from `i` on.
    ///
    /// # Safety
    /// The row that `start` described has `i + LANES` elements.
    unsafe fn load<S: Simd>(self, s: S, i: usize) -> Lanes<S, T>;
    /// The `n < LANES` elements from `i` on, and anything in the other lanes.
    ///
    /// # Safety
    /// The row that `start` described has `i + n` elements.
    unsafe fn load_some<S: Simd>(self, s: S, i: usize, n: usize) -> Lanes<S, T>;
    /// A walk that starts at `i`.
    fn set_out<S: Simd>(self, s: S, i: usize) -> Self::Walk<S>;
    /// What `load` gives at `i`, which lies `ahead` of where the walk has come to.
    ///
    /// # Safety
    /// As `load`.
    unsafe fn load_ahead<S: Simd>(
        self,
        s: S,
        i: usize,
        walk: Self::Walk<S>,
        ahead: usize,
    ) -> Lanes<S, T>;
    /// So many elements further.
    fn walk_on<S: Simd>(self, walk: Self::Walk<S>, by: usize) -> Self::Walk<S>;
    /// Over the row that starts so many bytes further; of a range, so many numbers.
    fn moved(self, by: isize) -> Self;
}

/// Of cursors that need nothing on a walk.
macro_rules! walks_with_nothing {
    () => {
        type Walk<S: Simd> = ();
        #[inline(always)]
        fn set_out<S: Simd>(self, _: S, _: usize) {}
        #[inline(always)]
        unsafe fn load_ahead<S: Simd>(self, s: S, i: usize, (): (), _: usize) -> Lanes<S, T> {
            // SAFETY: the caller promises the same.
            unsafe { self.load(s, i) }
        }
        #[inline(always)]
        fn walk_on<S: Simd>(self, (): (), _: usize) {}
    };
}

/// Where a row of an argument starts.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Start {
    /// The first element. Of a range: its index as an address.
    pub(crate) first: *mut u8,
    /// From one element to the next. Memory: 1, or 0 for one element again and again.
    pub(crate) step: isize,
}

impl Start {
    /// One element after another.
    #[inline(always)]
    pub(crate) fn dense(first: *mut u8) -> Self {
        Self { first, step: 1 }
    }
    /// Of what lies nowhere.
    #[inline(always)]
    pub(crate) fn nowhere() -> Self {
        Self { first: ptr::null_mut(), step: 0 }
    }
}

/// A cursor over memory; `DENSE`: never over one element again and again.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Memory<T, const DENSE: bool> {
    first: *const T,
    is_one: bool,
}

// SAFETY: a cursor reads what the call has borrowed; elements can be read on any thread.
unsafe impl<T: Element, const DENSE: bool> Send for Memory<T, DENSE> {}
// SAFETY: as above.
unsafe impl<T: Element, const DENSE: bool> Sync for Memory<T, DENSE> {}

impl<T: Element, const DENSE: bool> Cursor<T> for Memory<T, DENSE> {
    walks_with_nothing!();
    #[inline(always)]
    fn new(_: T, start: Start) -> Self {
        Self { first: start.first.cast_const().cast(), is_one: start.step == 0 }
    }
    #[inline(always)]
    unsafe fn load<S: Simd>(self, s: S, i: usize) -> Lanes<S, T> {
        if !DENSE && self.is_one {
            // SAFETY: the caller promises the element.
            return Lanes::splat(s, unsafe { self.first.read_unaligned() });
        }
        // SAFETY: the caller promises the elements.
        unsafe { Lanes::load(s, self.first.wrapping_add(i)) }
    }
    #[inline(always)]
    unsafe fn load_some<S: Simd>(self, s: S, i: usize, n: usize) -> Lanes<S, T> {
        if !DENSE && self.is_one {
            // SAFETY: the caller promises the element.
            return Lanes::splat(s, unsafe { self.first.read_unaligned() });
        }
        // SAFETY: the caller promises the elements.
        unsafe { Lanes::load_some(s, self.first.wrapping_add(i), n, T::NIL) }
    }
    #[inline(always)]
    fn moved(self, by: isize) -> Self {
        Self { first: self.first.wrapping_byte_offset(by), ..self }
    }
}

/// A cursor over one value.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Same<T>(T);

impl<T: Element> Cursor<T> for Same<T> {
    walks_with_nothing!();
    #[inline(always)]
    fn new(value: T, _: Start) -> Self {
        Self(value)
    }
    #[inline(always)]
    unsafe fn load<S: Simd>(self, s: S, _: usize) -> Lanes<S, T> {
        Lanes::splat(s, self.0)
    }
    #[inline(always)]
    unsafe fn load_some<S: Simd>(self, s: S, _: usize, _: usize) -> Lanes<S, T> {
        Lanes::splat(s, self.0)
    }
    #[inline(always)]
    fn moved(self, _: isize) -> Self {
        self
    }
}

/// A cursor over a range; `DENSE`: upwards by one.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Count<T, const DENSE: bool> {
    first: T,
    index: usize,
    step: isize,
}

impl<T: Num, const DENSE: bool> Cursor<T> for Count<T, DENSE> {
    /// The numbers, to which the walk adds. Integers of 64 bits are made anew from the first: what is
    /// computed of them, products above all, then is so of one number instead of a group.
    type Walk<S: Simd> = Lanes<S, T>;
    #[inline(always)]
    fn set_out<S: Simd>(self, s: S, i: usize) -> Lanes<S, T> {
        // SAFETY: nothing is read.
        unsafe { self.load(s, i) }
    }
    #[inline(always)]
    unsafe fn load_ahead<S: Simd>(
        self,
        s: S,
        i: usize,
        walk: Lanes<S, T>,
        ahead: usize,
    ) -> Lanes<S, T> {
        if !T::IS_FLOAT && size_of::<T>() == size_of::<u64>() {
            // SAFETY: nothing is read.
            return unsafe { self.load(s, i) };
        }
        self.walk_on(walk, ahead)
    }
    #[inline(always)]
    fn walk_on<S: Simd>(self, walk: Lanes<S, T>, by: usize) -> Lanes<S, T> {
        let step = if DENSE { 1 } else { self.step };
        walk + T::wrapping(by.wrapping_mul(step.cast_unsigned()))
    }
    #[inline(always)]
    fn new(first: T, start: Start) -> Self {
        Self { first, index: start.first.addr(), step: start.step }
    }
    #[inline(always)]
    unsafe fn load<S: Simd>(self, s: S, i: usize) -> Lanes<S, T> {
        let ramp = crate::simd::ramp::<S, T>(s);
        // The range lies within T, so that what wraps on the way there is undone by the sum.
        if DENSE {
            // The steps are constants, so that the compiler takes them out of what follows.
            let index = T::wrapping(self.index.wrapping_add(i));
            return Lanes::splat(s, T::wrapping_sum(self.first, index)) + ramp;
        }
        let index = self.index.wrapping_add_signed(i.cast_signed() * self.step);
        let first = T::wrapping_sum(self.first, T::wrapping(index));
        Lanes::splat(s, first) + ramp * T::wrapping(self.step.cast_unsigned())
    }
    #[inline(always)]
    unsafe fn load_some<S: Simd>(self, s: S, i: usize, _: usize) -> Lanes<S, T> {
        // SAFETY: nothing is read.
        unsafe { self.load(s, i) }
    }
    #[inline(always)]
    fn moved(self, by: isize) -> Self {
        Self { index: self.index.wrapping_add_signed(by), ..self }
    }
}

impl<T: Element> Sealed<T> for T {}
impl<T: Element> Operand<T> for T {
    type Dim = Ix0;
    type Cursor = Same<T>;
    type Dense = Same<T>;
    #[inline]
    fn place(&self) -> Place<'_> {
        Place::Element
    }
    #[inline]
    fn value(&self) -> T {
        *self
    }
}

impl<T: Num> Sealed<T> for Range<T> {}
impl<T: Num> Operand<T> for Range<T> {
    type Dim = Ix1;
    type Cursor = Count<T, false>;
    type Dense = Count<T, true>;
    #[inline]
    fn place(&self) -> Place<'_> {
        // What cannot be counted is as empty, and refused by whoever asks for the common shape.
        Place::Range(T::distance(self.start, self.end).unwrap_or(0))
    }
    #[inline]
    fn value(&self) -> T {
        self.start
    }
    fn check(&self, name: &str) -> Result<(), Error> {
        if T::distance(self.start, self.end).is_some() {
            return Ok(());
        }
        let why = if T::IS_FLOAT {
            "but the ends of ranges of floats are whole, and at most 2^53 (f64) or 2^24 (f32) from 0 and from each other"
        } else {
            "longer than an array can be"
        };
        Err(Error::new(ErrorKind::Argument, format!("argument `{name}` is {self:?}, {why}")))
    }
}

impl<T: Element> Sealed<T> for &[T] {}
impl<T: Element> Operand<T> for &[T] {
    type Dim = Ix1;
    type Cursor = Memory<T, false>;
    type Dense = Memory<T, true>;
    #[inline]
    fn place(&self) -> Place<'_> {
        Place::Slice(self.as_ptr().cast_mut().cast(), self.len())
    }
}

impl<T: Element, const N: usize> Sealed<T> for &[T; N] {}
impl<T: Element, const N: usize> Operand<T> for &[T; N] {
    type Dim = Ix1;
    type Cursor = Memory<T, false>;
    type Dense = Memory<T, true>;
    #[inline]
    fn place(&self) -> Place<'_> {
        Place::Slice(self.as_ptr().cast_mut().cast(), N)
    }
}

impl<T: Element> Sealed<T> for &Vec<T> {}
impl<T: Element> Operand<T> for &Vec<T> {
    type Dim = Ix1;
    type Cursor = Memory<T, false>;
    type Dense = Memory<T, true>;
    #[inline]
    fn place(&self) -> Place<'_> {
        Place::Slice(self.as_ptr().cast_mut().cast(), self.len())
    }
}

impl<T: Element, S: RawData<Elem = T>, D> Sealed<T> for &ArrayBase<S, D> {}
impl<T: Element, S: Data<Elem = T>, D: Dimension> Operand<T> for &ArrayBase<S, D> {
    type Dim = D;
    type Cursor = Memory<T, false>;
    type Dense = Memory<T, true>;
    #[inline]
    fn place(&self) -> Place<'_> {
        Place::Array(self.as_ptr().cast_mut().cast(), self.shape(), self.strides())
    }
}

impl<T: Element, D> Sealed<T> for &ArrayRef<T, D> {}
impl<T: Element, D: Dimension> Operand<T> for &ArrayRef<T, D> {
    type Dim = D;
    type Cursor = Memory<T, false>;
    type Dense = Memory<T, true>;
    #[inline]
    fn place(&self) -> Place<'_> {
        Place::Array(self.as_ptr().cast_mut().cast(), self.shape(), self.strides())
    }
}

impl<T: Element, D> Sealed<T> for ArrayView<'_, T, D> {}
impl<T: Element, D: Dimension> Operand<T> for ArrayView<'_, T, D> {
    type Dim = D;
    type Cursor = Memory<T, false>;
    type Dense = Memory<T, true>;
    #[inline]
    fn place(&self) -> Place<'_> {
        Place::Array(self.as_ptr().cast_mut().cast(), self.shape(), self.strides())
    }
}

impl<T: Element> Sealed<T> for &mut [T] {}
impl<T: Element> Output<T> for &mut [T] {
    type Dim = Ix1;
    #[inline]
    fn place_mut(&mut self) -> Place<'_> {
        Place::Slice(self.as_mut_ptr().cast(), self.len())
    }
}

impl<T: Element, const N: usize> Sealed<T> for &mut [T; N] {}
impl<T: Element, const N: usize> Output<T> for &mut [T; N] {
    type Dim = Ix1;
    #[inline]
    fn place_mut(&mut self) -> Place<'_> {
        Place::Slice(self.as_mut_ptr().cast(), N)
    }
}

impl<T: Element> Sealed<T> for &mut Vec<T> {}
impl<T: Element> Output<T> for &mut Vec<T> {
    type Dim = Ix1;
    #[inline]
    fn place_mut(&mut self) -> Place<'_> {
        Place::Slice(self.as_mut_ptr().cast(), self.len())
    }
}

impl<T: Element, S: RawData<Elem = T>, D> Sealed<T> for &mut ArrayBase<S, D> {}
impl<T: Element, S: DataMut<Elem = T>, D: Dimension> Output<T> for &mut ArrayBase<S, D> {
    type Dim = D;
    #[inline]
    fn place_mut(&mut self) -> Place<'_> {
        let first = self.as_mut_ptr().cast();
        Place::Array(first, self.shape(), self.strides())
    }
}

impl<T: Element, D> Sealed<T> for &mut ArrayRef<T, D> {}
impl<T: Element, D: Dimension> Output<T> for &mut ArrayRef<T, D> {
    type Dim = D;
    #[inline]
    fn place_mut(&mut self) -> Place<'_> {
        let first = self.as_mut_ptr().cast();
        Place::Array(first, self.shape(), self.strides())
    }
}

impl<T: Element, D> Sealed<T> for ArrayViewMut<'_, T, D> {}
impl<T: Element, D: Dimension> Output<T> for ArrayViewMut<'_, T, D> {
    type Dim = D;
    #[inline]
    fn place_mut(&mut self) -> Place<'_> {
        let first = self.as_mut_ptr().cast();
        Place::Array(first, self.shape(), self.strides())
    }
}

/// An array that is read and written at once, element by element.
#[doc(hidden)]
#[derive(Debug, Clone)]
pub struct InPlace<T, D> {
    first: *mut T,
    shape: D,
    /// As ndarray keeps them: the bits of an isize.
    strides: D,
}

// SAFETY: the call that owns the borrow of the array gives each thread elements of its own.
unsafe impl<T: Send, D: Sync> Sync for InPlace<T, D> {}

impl<T: Element, D: Dimension> InPlace<T, D> {
    /// What `output` is; it stays borrowed while this is used.
    pub fn new<O: Output<T, Dim = D>>(output: &mut O) -> Self {
        let fill = |from: &[usize]| {
            let mut dim = D::zeros(from.len());
            dim.slice_mut().copy_from_slice(from);
            dim
        };
        match output.place_mut() {
            Place::Array(first, shape, strides) => {
                let mut kept = D::zeros(shape.len());
                for (kept, stride) in kept.slice_mut().iter_mut().zip(strides) {
                    *kept = stride.cast_unsigned();
                }
                Self { first: first.cast(), shape: fill(shape), strides: kept }
            }
            Place::Slice(first, len) => {
                Self { first: first.cast(), shape: fill(&[len]), strides: fill(&[1]) }
            }
            Place::Element | Place::Range(_) => unreachable!("no output lies so"),
        }
    }
    fn array(&self) -> Place<'_> {
        let strides = self.strides.slice();
        // SAFETY: the two integers have one layout, and every bit pattern is one of both.
        let strides = unsafe { std::slice::from_raw_parts(strides.as_ptr().cast(), strides.len()) };
        Place::Array(self.first.cast(), self.shape.slice(), strides)
    }
}

impl<T: Element, D> Sealed<T> for InPlace<T, D> {}
impl<T: Element, D: Dimension> Operand<T> for InPlace<T, D> {
    type Dim = D;
    type Cursor = Memory<T, false>;
    type Dense = Memory<T, true>;
    #[inline]
    fn place(&self) -> Place<'_> {
        self.array()
    }
}
impl<T: Element, D: Dimension> Output<T> for InPlace<T, D> {
    type Dim = D;
    #[inline]
    fn place_mut(&mut self) -> Place<'_> {
        self.array()
    }
}

/// An array whose elements are yet to be written.
#[doc(hidden)]
#[derive(Debug)]
pub struct Fresh<T, D: Dimension>(Array<MaybeUninit<T>, D>);

impl<T: Element, D: Dimension> Fresh<T, D> {
    /// In column-major order if `f`.
    pub(crate) fn new(shape: &D, f: bool) -> Self {
        Self(Array::uninit(shape.clone().set_f(f)))
    }
    /// # Safety
    /// Every element was written.
    pub(crate) unsafe fn written(self) -> Array<T, D> {
        // SAFETY: the caller promises the same.
        unsafe { self.0.assume_init() }
    }
}

impl<T: Element, D: Dimension> Sealed<T> for Fresh<T, D> {}
impl<T: Element, D: Dimension> Output<T> for Fresh<T, D> {
    type Dim = D;
    #[inline]
    fn place_mut(&mut self) -> Place<'_> {
        let first = self.0.as_mut_ptr().cast();
        Place::Array(first, self.0.shape(), self.0.strides())
    }
}
