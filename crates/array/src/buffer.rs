//! Elements whose type is known at run time.

use std::any::Any;
use std::fmt;
use std::ops::Range;

use crate::element::{DType, Element};
use crate::gather::{Place, dense_strides, scatter};
use crate::room::Room;
use crate::window::Window;

/// Runs `$body` with `$T` as the type that a [`DType`] stands for.
macro_rules! with_dtype {
    ($dtype:expr, $T:ident => $body:expr) => {
        match $dtype {
            $crate::DType::Bool => {
                type $T = bool;
                $body
            }
            $crate::DType::I8 => {
                type $T = i8;
                $body
            }
            $crate::DType::I16 => {
                type $T = i16;
                $body
            }
            $crate::DType::I32 => {
                type $T = i32;
                $body
            }
            $crate::DType::I64 => {
                type $T = i64;
                $body
            }
            $crate::DType::U8 => {
                type $T = u8;
                $body
            }
            $crate::DType::U16 => {
                type $T = u16;
                $body
            }
            $crate::DType::U32 => {
                type $T = u32;
                $body
            }
            $crate::DType::U64 => {
                type $T = u64;
                $body
            }
            $crate::DType::F32 => {
                type $T = f32;
                $body
            }
            $crate::DType::F64 => {
                type $T = f64;
                $body
            }
            $crate::DType::C64 => {
                type $T = num_complex::Complex32;
                $body
            }
            $crate::DType::C128 => {
                type $T = num_complex::Complex64;
                $body
            }
        }
    };
}
pub(crate) use with_dtype;

/// A `Vec` of elements of one type, which is found out by asking for it.
pub(crate) struct Buffer(Box<dyn Elements>);

/// What can be done without knowing the type.
trait Elements: Any + Send + Sync {
    fn dtype(&self) -> DType;
    fn len(&self) -> usize;
    fn resize(&mut self, len: usize);
}

impl<T: Element> Elements for Vec<T> {
    fn dtype(&self) -> DType {
        T::DTYPE
    }

    fn len(&self) -> usize {
        self.len()
    }

    fn resize(&mut self, len: usize) {
        // No more than asked for: a plan counts the bytes.
        self.reserve_exact(len.saturating_sub(self.len()));
        self.resize(len, T::default());
    }
}

/// No elements of no type in particular.
struct Nothing;

impl Elements for Nothing {
    fn dtype(&self) -> DType {
        DType::U8
    }

    fn len(&self) -> usize {
        0
    }

    fn resize(&mut self, _: usize) {}
}

impl Buffer {
    /// An empty one.
    pub(crate) fn new(dtype: DType) -> Self {
        with_dtype!(dtype, T => Self::of(Vec::<T>::new()))
    }

    /// What stands where a buffer was taken away. It takes no memory, nor a call for some: it does so for each step of a tile.
    pub(crate) fn nothing() -> Self {
        Self(Box::new(Nothing))
    }

    /// One with these elements.
    pub(crate) fn of<T: Element>(elements: Vec<T>) -> Self {
        Self(Box::new(elements))
    }

    pub(crate) fn dtype(&self) -> DType {
        self.0.dtype()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// How many bytes its elements take.
    pub(crate) fn bytes(&self) -> usize {
        self.len() * self.dtype().bytes()
    }

    /// Gives it a length, with whatever elements.
    pub(crate) fn resize(&mut self, len: usize) {
        if self.len() != len {
            self.0.resize(len);
        }
    }

    /// The elements. Who made the graph has seen to it that the types agree.
    pub(crate) fn elements<T: Element>(&self) -> &[T] {
        let any: &dyn Any = &*self.0;
        match any.downcast_ref::<Vec<T>>() {
            Some(elements) => elements,
            None => unreachable!("{} where {} is needed", self.dtype(), T::DTYPE),
        }
    }

    pub(crate) fn elements_mut<T: Element>(&mut self) -> &mut [T] {
        let dtype = self.dtype();
        let any: &mut dyn Any = &mut *self.0;
        match any.downcast_mut::<Vec<T>>() {
            Some(elements) => elements,
            None => unreachable!("{dtype} where {} is needed", T::DTYPE),
        }
    }

    /// All of it, to be written.
    pub(crate) fn room(&mut self) -> Room<'_> {
        with_dtype!(self.dtype(), T => Room::of(self.elements_mut::<T>()))
    }

    pub(crate) fn into_elements<T: Element>(self) -> Vec<T> {
        let dtype = self.dtype();
        let any: Box<dyn Any> = self.0;
        match any.downcast::<Vec<T>>() {
            Ok(elements) => *elements,
            Err(_) => unreachable!("{dtype} where {} is needed", T::DTYPE),
        }
    }

    /// A part of it that lies together.
    pub(crate) fn part(&self, range: Range<usize>) -> Part<'_> {
        let len = range.len();
        self.part_at(Place::dense(range.start, len), len)
    }

    /// So many of its elements, which lie there.
    pub(crate) fn part_at(&self, place: Place, len: usize) -> Part<'_> {
        Part { buffer: self, place, len }
    }
}

impl fmt::Debug for Buffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.len(), self.dtype())
    }
}

/// Elements of a buffer, in rows that each lie together.
#[derive(Debug, Clone)]
pub(crate) struct Part<'a> {
    buffer: &'a Buffer,
    place: Place,
    len: usize,
}

/// The same elements with their type.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rows<'a, T> {
    elements: &'a [T],
    place: Place,
    len: usize,
}

impl<'a> Part<'a> {
    /// How many bytes it takes.
    pub(crate) fn bytes(&self) -> usize {
        self.len * self.buffer.dtype().bytes()
    }

    /// How many elements lie together.
    pub(crate) fn row(&self) -> usize {
        self.place.row
    }

    /// All of what lies together.
    pub(crate) fn elements<T: Element>(&self) -> &'a [T] {
        assert!(self.len <= self.place.row, "rows that lie apart");
        &self.buffer.elements()[self.place.first..][..self.len]
    }

    pub(crate) fn rows<T: Element>(&self) -> Rows<'a, T> {
        Rows { elements: self.buffer.elements(), place: self.place, len: self.len }
    }

    /// Writes them, as the elements of a part of `window`, where they belong in `out`, which has all of them.
    pub(crate) fn copy_into(&self, out: &mut Buffer, window: &Window, part: &Window) {
        let strides = dense_strides(window.shape());
        let along = part.start().iter().zip(window.start()).zip(&strides);
        let first =
            along.map(|((part, start), stride)| (part - start) * stride.unsigned_abs()).sum();
        with_dtype!(self.buffer.dtype(), T => {
            scatter::<T>(self.elements(), part.shape(), out.elements_mut(), first, &strides);
        });
    }
}

impl<'a, T> From<&'a [T]> for Rows<'a, T> {
    fn from(elements: &'a [T]) -> Self {
        let len = elements.len();
        Self { elements, place: Place::dense(0, len), len }
    }
}

impl<'a, T> Rows<'a, T> {
    /// Elements of one row, by their numbers among all.
    #[inline(always)]
    pub(crate) fn within(&self, range: Range<usize>) -> &'a [T] {
        let Place { first, row, apart } = self.place;
        let (number, at) = (range.start / row, range.start % row);
        let start = first.wrapping_add_signed(apart * number.cast_signed()) + at;
        &self.elements[start..start + range.len()]
    }

    /// Row after row.
    #[inline(always)]
    pub(crate) fn iter(self) -> impl Iterator<Item = &'a [T]> {
        let row = self.place.row;
        self.pieces(row)
    }

    /// Piece after piece of so many elements, of which a row has a whole number. No place is divided for: rows are short.
    #[inline(always)]
    pub(crate) fn pieces(self, piece: usize) -> Pieces<'a, T> {
        let Self { elements, place, len } = self;
        Pieces { elements, place, piece, at: 0, left: len }
    }
}

/// The elements of [`Rows`], so many at a time.
pub(crate) struct Pieces<'a, T> {
    elements: &'a [T],
    /// That of the row that is gone through.
    place: Place,
    piece: usize,
    /// Where in it the next piece begins.
    at: usize,
    left: usize,
}

impl<'a, T> Iterator for Pieces<'a, T> {
    type Item = &'a [T];

    #[inline(always)]
    fn next(&mut self) -> Option<&'a [T]> {
        self.left = self.left.checked_sub(self.piece)?;
        let Place { first, row, apart } = self.place;
        if self.at == row {
            (self.place.first, self.at) = (first.wrapping_add_signed(apart), 0);
        }
        let start = self.place.first + self.at;
        self.at += self.piece;
        Some(&self.elements[start..start + self.piece])
    }
}
