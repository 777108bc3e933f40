//! One of several elements.

use std::panic::Location;
use std::sync::Arc;

use ndarray::Dimension;

use super::map::{mapped, ternary};
use super::operand::{Operand, Side};
use crate::array::Array;
use crate::buffer::{Buffer, Part, Rows};
use crate::element::Element;
use crate::error::{Error, ErrorKind};
use crate::function::{Function, ranges, together};
use crate::hash::Identity;
use crate::node::Node;
use crate::prefetch::Prefetch;

/// Numbers that have an order: `bool`, integers, and floats, among which NaN has no place.
pub trait Ordered: Element + PartialOrd {
    #[doc(hidden)]
    const LEAST: Self;
    #[doc(hidden)]
    const GREATEST: Self;
    #[doc(hidden)]
    const NAN: Option<Self>;
    /// A number of as many bits that is in the order of those of all others. NaN has no place.
    #[doc(hidden)]
    fn key(self) -> u64;
    #[doc(hidden)]
    fn of_key(key: u64) -> Self;
}

macro_rules! ordered {
    ($($T:ty: $least:expr, $greatest:expr, $nan:expr, $key:expr, $of_key:expr;)*) => {$(
        impl Ordered for $T {
            const LEAST: Self = $least;
            const GREATEST: Self = $greatest;
            const NAN: Option<Self> = $nan;
            #[inline]
            fn key(self) -> u64 {
                ($key)(self)
            }
            #[inline]
            #[expect(clippy::allow_attributes, reason = "for some types only")]
            #[allow(clippy::cast_possible_truncation, reason = "a key has no more bits")]
            fn of_key(key: u64) -> Self {
                ($of_key)(key)
            }
        }
    )*};
}
ordered! {
    bool: false, true, None, u64::from, |key| key != 0;
    f32: f32::NEG_INFINITY, f32::INFINITY, Some(f32::NAN),
        |x: f32| u64::from(u32_key(x.to_bits())), |key| f32::from_bits(u32_of_key(key as u32));
    f64: f64::NEG_INFINITY, f64::INFINITY, Some(f64::NAN),
        |x: f64| u64_key(x.to_bits()), |key| f64::from_bits(u64_of_key(key));
    i8: i8::MIN, i8::MAX, None,
        |x: i8| u64::from((x ^ i8::MIN).cast_unsigned()), |key| (key as u8).cast_signed() ^ i8::MIN;
    i16: i16::MIN, i16::MAX, None,
        |x: i16| u64::from((x ^ i16::MIN).cast_unsigned()), |key| (key as u16).cast_signed() ^ i16::MIN;
    i32: i32::MIN, i32::MAX, None,
        |x: i32| u64::from((x ^ i32::MIN).cast_unsigned()), |key| (key as u32).cast_signed() ^ i32::MIN;
    i64: i64::MIN, i64::MAX, None,
        |x: i64| (x ^ i64::MIN).cast_unsigned(), |key: u64| key.cast_signed() ^ i64::MIN;
    u8: u8::MIN, u8::MAX, None, u64::from, |key| key as u8;
    u16: u16::MIN, u16::MAX, None, u64::from, |key| key as u16;
    u32: u32::MIN, u32::MAX, None, u64::from, |key| key as u32;
    u64: u64::MIN, u64::MAX, None, std::convert::identity, std::convert::identity;
}

/// The bits of a float as a number in the order of floats, and back: those of negative ones the other way round.
macro_rules! keys_of_floats {
    ($($U:ident $key:ident $of_key:ident),*) => {$(
        #[inline]
        fn $key(bits: $U) -> $U {
            let sign = 1 << ($U::BITS - 1);
            if bits & sign == 0 { bits | sign } else { !bits }
        }

        #[inline]
        fn $of_key(key: $U) -> $U {
            let sign = 1 << ($U::BITS - 1);
            if key & sign == 0 { !key } else { key & !sign }
        }
    )*};
}
keys_of_floats!(u32 u32_key u32_of_key, u64 u64_key u64_of_key);

/// Whether an element is no number. The compiler knows that of integers.
#[inline]
#[expect(clippy::eq_op, reason = "NaN alone is not equal to itself")]
pub(crate) fn is_nan<T: PartialEq>(element: T) -> bool {
    element != element
}

impl<T: Ordered, D: Dimension> Array<T, D> {
    /// The lesser of each element and that of an array, or a number: NaN if one of them is NaN.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::from_ndarray(array![1.0, 3.0, f64::NAN], "auto");
    /// assert_eq!(x.fmin(2.0).compute()?, array![1.0, 2.0, 2.0]);
    /// assert!(x.minimum(2.0).compute()?[2].is_nan());
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn minimum<O: Operand<T, D>>(&self, other: O) -> Array<T, O::Dim> {
        let f = |a: T, b: T| if a <= b || is_nan(a) { a } else { b };
        self.with(other, "minimum", f, Location::caller())
    }

    /// The greater one: NaN if one of them is NaN.
    #[track_caller]
    #[must_use]
    pub fn maximum<O: Operand<T, D>>(&self, other: O) -> Array<T, O::Dim> {
        let f = |a: T, b: T| if a >= b || is_nan(a) { a } else { b };
        self.with(other, "maximum", f, Location::caller())
    }

    /// The lesser one: the number if one of them is NaN.
    #[track_caller]
    #[must_use]
    pub fn fmin<O: Operand<T, D>>(&self, other: O) -> Array<T, O::Dim> {
        let f = |a: T, b: T| if a <= b || is_nan(b) { a } else { b };
        self.with(other, "fmin", f, Location::caller())
    }

    /// The greater one: the number if one of them is NaN.
    #[track_caller]
    #[must_use]
    pub fn fmax<O: Operand<T, D>>(&self, other: O) -> Array<T, O::Dim> {
        let f = |a: T, b: T| if a >= b || is_nan(b) { a } else { b };
        self.with(other, "fmax", f, Location::caller())
    }

    /// Each element, or the bound that it goes beyond: the [`minimum`](Self::minimum) of `high` and the
    /// [`maximum`](Self::maximum) of `low`. Where `low` is above `high`, it is `high`.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::arange(0..5_i64, 2);
    /// assert_eq!(x.clip(1, 3).compute()?, array![1, 1, 2, 3, 3]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn clip<L, H>(&self, low: L, high: H) -> Array<T, H::Dim>
    where
        L: Operand<T, D>,
        H: Operand<T, L::Dim>,
    {
        self.maximum(low).minimum(high)
    }
}

impl<D: Dimension> Array<bool, D> {
    /// Where the elements are true those of `yes`, elsewhere those of `no`: arrays, which are broadcast, or numbers.
    /// NumPy calls it `where`, which is a word of Rust.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::arange(-1.0..2.0, 2);
    /// assert_eq!(x.less(0.0).where_(0.0, &x).compute()?, array![0.0, 0.0, 1.0]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn where_<T, A, B>(&self, yes: A, no: B) -> Array<T, B::Dim>
    where
        T: Element,
        A: Operand<T, D>,
        B: Operand<T, A::Dim>,
    {
        let origin = Location::caller();
        let (yes, no) = (yes.side().node(origin), no.side().node(origin));
        let f = |is: bool, yes: T, no: T| if is { yes } else { no };
        ternary("where", Identity::of(()), [&self.node, &yes, &no], f, origin)
    }
}

/// Numbers that arrays of choices are counted by.
pub trait Index: Element {
    #[doc(hidden)]
    fn clipped(self, len: usize) -> usize;
    /// Counted from the end if it is negative, and within the length.
    #[doc(hidden)]
    fn within(self, len: usize) -> Option<usize>;
}

macro_rules! index {
    ($($T:ty),*) => {$(
        impl Index for $T {
            #[inline]
            fn clipped(self, len: usize) -> usize {
                // What is negative is before the first, and what no `usize` holds behind the last.
                if self <= 0 { 0 } else { usize::try_from(self).unwrap_or(usize::MAX).min(len - 1) }
            }
            #[inline]
            fn within(self, len: usize) -> Option<usize> {
                let at = i128::from(self);
                let at = if at < 0 { at + len as i128 } else { at };
                usize::try_from(at).ok().filter(|&at| at < len)
            }
        }
    )*};
}
index!(i8, i16, i32, i64, u8, u16, u32, u64);

/// The element of one of several arrays, of which the first input has the number.
struct Choose<I, T>(std::marker::PhantomData<fn(I) -> T>);

impl<I: Index, T: Element> Function for Choose<I, T> {
    fn apply(&self, inputs: &[Part<'_>], out: &mut Buffer, soon: &mut Prefetch) {
        let Some((indices, choices)) = inputs.split_first() else { return };
        let choices: Vec<Rows<'_, T>> = choices.iter().map(Part::rows).collect();
        let (indices, out) = (indices.rows::<I>(), out.elements_mut());
        for row in ranges(out.len(), soon.between(together(inputs))) {
            soon.some(row.len());
            let choices: Vec<&[T]> =
                choices.iter().map(|choice| choice.within(row.clone())).collect();
            let indices = indices.within(row.clone());
            for (at, (out, index)) in out[row].iter_mut().zip(indices).enumerate() {
                *out = choices[index.clipped(choices.len())][at];
            }
        }
    }
}

impl<I: Index, D: Dimension> Array<I, D> {
    /// The elements of several arrays: at each place that of the array whose number stands there. Numbers below 0 take
    /// the first, those beyond the last the last, as NumPy's `mode="clip"`.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let (x, which) = (Array::arange(0..3_i64, 2), Array::from_ndarray(array![0_u8, 1, 7], 2));
    /// assert_eq!(which.choose(&[&x, &(-&x)]).compute()?, array![0, -1, -2]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn choose<T: Element>(&self, choices: &[&Array<T, D>]) -> Array<T, D> {
        let origin = Location::caller();
        if choices.is_empty() {
            let sentence = "argument `choices` is empty, but one of them must be chosen";
            return Array::invalid(Error::new(ErrorKind::Value, sentence), origin);
        }
        let nodes = choices.iter().map(|choice| &choice.node);
        let inputs: Vec<&Arc<Node>> = std::iter::once(&self.node).chain(nodes).collect();
        let function = Arc::new(Choose::<I, T>(std::marker::PhantomData));
        mapped("choose", Identity::of(()), function, &inputs, origin)
    }
}

impl<T: Element, D: Dimension> Array<T, D> {
    /// At each place the element of the first array whose condition is true there, or `otherwise`.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::arange(0..4_i64, 2);
    /// let cases = [(&x.less(1), &x), (&x.less(3), &(&x * 10))];
    /// assert_eq!(Array::select(&cases, -1).compute()?, array![0, 10, 20, -1]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn select(cases: &[(&Array<bool, D>, &Self)], otherwise: T) -> Self {
        let origin = Location::caller();
        let Some((last, before)) = cases.split_last() else {
            let sentence = "argument `cases` is empty, but the result has its shape";
            return Self::invalid(Error::new(ErrorKind::Value, sentence), origin);
        };
        let f = |is: bool, yes: T, no: T| if is { yes } else { no };
        let of = |(is, yes): &(&Array<bool, D>, &Self), rest: &Arc<Node>| {
            ternary("where", Identity::of(()), [&is.node, &yes.node, rest], f, origin)
        };
        let rest = Side::Number(otherwise).node(origin);
        before.iter().rev().fold(of(last, &rest), |rest: Self, case| of(case, &rest.node))
    }
}
