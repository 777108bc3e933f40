//! Stencils: every element of the outputs from the elements around its place.
//!
//! ```
//! use tenfold_kernel::{Border, Nbr1, kernel, ndarray::array};
//!
//! /// The mean of three; outside of the array lies what the edge reflects.
//! #[kernel(stencil, border = reflect)]
//! fn smooth(u: Nbr1<f64>) -> f64 {
//!     (u[-1] + u[0] + u[1]) / 3.0
//! }
//!
//! let u = array![3.0, 6.0, 9.0, 0.0];
//! let smoothed = smooth::map(&u)?;
//! assert_eq!(smoothed, array![5.0, 6.0, 5.0, 6.0]);
//! // The function itself, at one place.
//! assert_eq!(smooth(Nbr1::new(&u, [2], Border::Reflect)), smoothed[2]);
//!
//! let mut v = u.clone();
//! smooth::steps(2).run(&mut v)?;
//! assert_eq!(v, smooth::map(&smoothed)?);
//! # Ok::<(), tenfold_kernel::Error>(())
//! ```

mod cursor;
mod layout;
mod map;
mod plate;
mod steps;

pub use cursor::{Around, Field, Neighbours, Number, Params};
pub use map::{into, map};
pub use steps::steps;

use std::fmt;
use std::ops::Deref;

use ndarray::{ArrayRef, Dimension, Ix1, Ix2, Ix3};

use crate::list::List;
use crate::simd::{Mask, Simd};

/// What a stencil reads outside of its array. Of `a b c d`, two elements beyond either end are:
///
/// | border | before | after |
/// |---|---|---|
/// | `const(v)` | `v v` | `v v` |
/// | `reflect` | `c b` | `c b` |
/// | `wrap` | `c d` | `a b` |
/// | `nearest` | `a a` | `d d` |
///
/// These are `constant`, `reflect`, `wrap` and `edge` of `numpy.pad`, for every axis by itself, and
/// however far the stencil reaches: what is reflected or wrapped is so again and again. With
/// `valid` there is nothing outside: only elements whose whole neighbourhood lies in the array are
/// computed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Border<T> {
    /// Always this.
    Const(T),
    /// Mirrored at the element at the edge, which is not repeated.
    Reflect,
    /// The other end follows.
    Wrap,
    /// The element at the edge.
    Nearest,
    /// Nothing.
    Valid,
}

impl<T> Border<T> {
    /// Where in an axis of length `len` the element at `at` is found; `None` if in no place.
    #[inline]
    pub(crate) fn fold(&self, at: isize, len: usize) -> Option<usize> {
        let n = len.cast_signed();
        if at >= 0 && at < n {
            return Some(at.cast_unsigned());
        }
        if n == 0 {
            return None;
        }
        let found = match self {
            Self::Const(_) | Self::Valid => return None,
            Self::Wrap => at.rem_euclid(n),
            Self::Nearest => at.clamp(0, n - 1),
            Self::Reflect if n == 1 => 0,
            Self::Reflect => {
                let at = at.rem_euclid(2 * (n - 1));
                if at < n { at } else { 2 * (n - 1) - at }
            }
        };
        Some(found.cast_unsigned())
    }
}

/// What `#[kernel(stencil)]` makes of a function of neighbourhoods.
pub trait Stencil<T>: 'static {
    /// Its parameters.
    type In: Params;
    /// The types of its results.
    type Out: List;
    /// Axes.
    const DIMS: usize;
    /// The names of its parameters.
    const NAMES: &'static [&'static str];
    /// The names of its outputs.
    const OUTPUTS: &'static [&'static str];
    /// How far all neighbourhoods together reach, backwards and forwards, on planes, rows and
    /// columns; see `three`.
    const REACH: [(usize, usize); 3];
    /// Whether lanes can go wrong, which those that nobody looks at must not.
    const FALLIBLE: bool;

    /// The function, of a group at once.
    fn lanes<S: Simd, const LIFTED: bool>(
        s: S,
        active: Mask<S>,
        bad: &mut Mask<S>,
        inputs: <Self::In as Params>::Wide<S, LIFTED>,
    ) -> <Self::Out as List>::Wide<S>;
}

macro_rules! neighbourhoods {
    ($($Nbr:ident $Ix:ident $dims:literal $what:literal $example:literal;)*) => {$(
        #[doc = concat!("An element of an array of ", $what, ", and those around it.")]
        ///
        #[doc = concat!("In a kernel, `", $example, "` is the element that lies there, counted")]
        /// from this one.
        #[derive(Clone, Copy)]
        pub struct $Nbr<'a, T> {
            array: &'a ArrayRef<T, $Ix>,
            at: [usize; $dims],
            border: Border<T>,
        }

        impl<'a, T: Copy> $Nbr<'a, T> {
            /// Around the element at `at`, which may lie outside as well.
            #[must_use]
            pub fn new(array: &'a ArrayRef<T, $Ix>, at: [usize; $dims], border: Border<T>) -> Self {
                Self { array, at, border }
            }

            /// The element at this distance.
            ///
            /// # Panics
            /// If it lies outside and the border is [`Border::Valid`], or the array is empty.
            #[inline]
            #[must_use]
            pub fn at(&self, distance: [isize; $dims]) -> T {
                let mut index = self.at;
                for (axis, index) in index.iter_mut().enumerate() {
                    let len = self.array.shape()[axis];
                    let at = index.wrapping_add_signed(distance[axis]).cast_signed();
                    match (self.border.fold(at, len), self.border) {
                        (Some(found), _) => *index = found,
                        (None, Border::Const(value)) => return value,
                        (None, _) => panic!("index {at} is outside of axis {axis} of length {len}"),
                    }
                }
                self.array[index]
            }
        }

        impl<T: fmt::Debug> fmt::Debug for $Nbr<'_, T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($Nbr))
                    .field("shape", &self.array.shape())
                    .field("at", &self.at)
                    .field("border", &self.border)
                    .finish()
            }
        }
    )*};
}
neighbourhoods! {
    Nbr1 Ix1 1 "one dimension" "u[-1]";
    Nbr2 Ix2 2 "two dimensions" "u[[-1, 0]]";
    Nbr3 Ix3 3 "three dimensions" "u[[-1, 0, 0]]";
}

/// The axes of a shape in three: the outermost, those between, the innermost, which is the one
/// axis of a vector.
#[inline]
fn three(shape: &[usize]) -> [usize; 3] {
    match *shape {
        [n] => [1, 1, n],
        [rows, cols] => [rows, 1, cols],
        [a, b, c] => [a, b, c],
        _ => unreachable!("stencils have one to three axes"),
    }
}

/// Of the three axes, those that are.
#[inline]
fn shown<R: Copy>(of: [R; 3], dims: usize) -> Shown<R> {
    let [a, _, c] = of;
    match dims {
        1 => Shown([c; 3], 1),
        2 => Shown([a, c, c], 2),
        _ => Shown(of, 3),
    }
}

/// One for each axis of an array.
struct Shown<R>([R; 3], usize);

impl<R> Deref for Shown<R> {
    type Target = [R];
    #[inline(always)]
    fn deref(&self) -> &[R] {
        &self.0[..self.1]
    }
}

/// The shape of the outputs.
#[inline]
fn shape_of_outputs<K: Stencil<T>, T>(shape: [usize; 3], is_valid: bool) -> [usize; 3] {
    let mut out = shape;
    if is_valid {
        for (len, (low, high)) in out.iter_mut().zip(K::REACH) {
            *len = len.saturating_sub(low + high);
        }
    }
    out
}

/// A dimension of these lengths.
fn dimension<D: Dimension>(lengths: &[usize]) -> D {
    let mut dim = D::zeros(lengths.len());
    dim.slice_mut().copy_from_slice(lengths);
    dim
}
