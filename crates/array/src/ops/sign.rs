//! Sizes and signs of numbers, and the parts of complex ones.

use std::panic::Location;

use ndarray::Dimension;
use num_complex::{Complex32, Complex64};

use super::{Arithmetic, Real};
use crate::array::Array;
use crate::element::Element;
use crate::hash::Identity;

/// Numbers that have a size and a sign. The size of the least integer is itself, as in NumPy.
pub trait Absolute: Arithmetic {
    /// What sizes are: real numbers, of complex ones too.
    type Abs: Arithmetic;
    #[doc(hidden)]
    fn size(self) -> Self::Abs;
    #[doc(hidden)]
    fn sign_of(self) -> Self;
}

macro_rules! absolute {
    ($($T:ty: $Abs:ty, $size:expr, $sign:expr;)*) => {$(
        impl Absolute for $T {
            type Abs = $Abs;
            #[inline]
            fn size(self) -> $Abs { ($size)(self) }
            #[inline]
            fn sign_of(self) -> Self { ($sign)(self) }
        }
    )*};
}

absolute! {
    i8: i8, i8::wrapping_abs, i8::signum;
    i16: i16, i16::wrapping_abs, i16::signum;
    i32: i32, i32::wrapping_abs, i32::signum;
    i64: i64, i64::wrapping_abs, i64::signum;
    u8: u8, std::convert::identity, |x: u8| x.min(1);
    u16: u16, std::convert::identity, |x: u16| x.min(1);
    u32: u32, std::convert::identity, |x: u32| x.min(1);
    u64: u64, std::convert::identity, |x: u64| x.min(1);
    f32: f32, f32::abs, |x: f32| if x == 0.0 { 0.0 } else { x.signum() };
    f64: f64, f64::abs, |x: f64| if x == 0.0 { 0.0 } else { x.signum() };
    Complex32: f32, Complex32::norm, |z: Complex32| if z == Complex32::ZERO { z } else { z / z.norm() };
    Complex64: f64, Complex64::norm, |z: Complex64| if z == Complex64::ZERO { z } else { z / z.norm() };
}

impl<T: Absolute, D: Dimension> Array<T, D> {
    /// The size of each element.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::from_ndarray(array![-3, 4], "auto");
    /// assert_eq!(x.abs().compute()?, array![3, 4]);
    /// assert_eq!(x.sign().compute()?, array![-1, 1]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn abs(&self) -> Array<T::Abs, D> {
        self.unary("abs", Identity::of(()), T::size, Location::caller())
    }

    /// 1, 0 or -1, NaN of NaN; of a complex number that of size 1 in its direction, or 0.
    #[track_caller]
    #[must_use]
    pub fn sign(&self) -> Self {
        self.unary("sign", Identity::of(()), T::sign_of, Location::caller())
    }
}

impl<T: Arithmetic, D: Dimension> Array<T, D> {
    /// Each element times itself.
    #[track_caller]
    #[must_use]
    pub fn square(&self) -> Self {
        self.unary("square", Identity::of(()), |x: T| x.times(x), Location::caller())
    }
}

/// Complex numbers.
pub trait ComplexNumber: Element + Absolute<Abs = Self::Part> {
    /// What both parts are.
    type Part: Real;
    #[doc(hidden)]
    fn parts(self) -> (Self::Part, Self::Part);
    #[doc(hidden)]
    fn conjugate(self) -> Self;
    #[doc(hidden)]
    fn angle(self) -> Self::Part;
}

macro_rules! complex {
    ($($T:ty: $Part:ty),*) => {$(
        impl ComplexNumber for $T {
            type Part = $Part;
            #[inline]
            fn parts(self) -> ($Part, $Part) { (self.re, self.im) }
            #[inline]
            fn conjugate(self) -> Self { self.conj() }
            fn angle(self) -> $Part { self.arg() }
        }
    )*};
}
complex!(Complex32: f32, Complex64: f64);

impl<T: ComplexNumber, D: Dimension> Array<T, D> {
    /// The real parts.
    #[track_caller]
    #[must_use]
    pub fn real(&self) -> Array<T::Part, D> {
        self.unary("real", Identity::of(()), |z: T| z.parts().0, Location::caller())
    }

    /// The imaginary parts.
    #[track_caller]
    #[must_use]
    pub fn imag(&self) -> Array<T::Part, D> {
        self.unary("imag", Identity::of(()), |z: T| z.parts().1, Location::caller())
    }

    /// The conjugates: the imaginary parts negated.
    #[track_caller]
    #[must_use]
    pub fn conj(&self) -> Self {
        self.unary("conj", Identity::of(()), T::conjugate, Location::caller())
    }

    /// The angles, in radians, from -π to π.
    #[track_caller]
    #[must_use]
    pub fn arg(&self) -> Array<T::Part, D> {
        self.unary("arg", Identity::of(()), T::angle, Location::caller())
    }
}
