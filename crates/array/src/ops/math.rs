//! The functions of mathematics.

use std::cmp::Ordering;
use std::panic::Location;

use ndarray::Dimension;
use num_complex::{Complex32, Complex64};

use super::operand::Operand;
use super::special;
use super::{Absolute, Arithmetic, Division, MaybeFinite, Ordered};
use crate::array::Array;
use crate::function::{each, each_pair};
use crate::hash::Identity;
use crate::node::Origin;
use crate::reduce::{Averageable, Summable};

/// Numbers with the functions that complex ones have too.
pub trait Analytic: Arithmetic + MaybeFinite + Summable {
    #[doc(hidden)]
    fn slices(function: Function, x: &[Self], out: &mut [Self]);
    #[doc(hidden)]
    fn to_power(self, exponent: i32) -> Self;
}

/// `f32` and `f64`, of which sums are kept in `f64`.
pub trait Real:
    Analytic
    + Summable<Sum = Self, Acc = f64>
    + Averageable<Mean = Self, Wide = f64>
    + Absolute<Abs = Self>
    + Division
    + Ordered
{
    /// The first number from which on all are whole.
    #[doc(hidden)]
    const WHOLE: Self;
    #[doc(hidden)]
    fn with_sign_of(self, other: Self) -> Self;
    #[doc(hidden)]
    fn real_slices(function: RealFunction, x: &[Self], out: &mut [Self]);
    #[doc(hidden)]
    fn pairs(function: PairFunction, x: &[Self], y: &[Self], out: &mut [Self]);
    #[doc(hidden)]
    fn rounded(self, power: f64, divides: bool) -> Self;
    #[doc(hidden)]
    fn finite_or_zero(self) -> Self;
}

/// What runs as a kernel: each is compiled for three instruction sets and two types, so only what is used most is one.
mod kernels {
    use tenfold_kernel::{Real, kernel};

    #[kernel(for = [f32, f64])]
    pub(super) fn exp<T: Real>(x: T) -> T {
        x.exp()
    }

    #[kernel(for = [f32, f64])]
    pub(super) fn ln<T: Real>(x: T) -> T {
        x.ln()
    }

    #[kernel(for = [f32, f64])]
    pub(super) fn sin<T: Real>(x: T) -> T {
        x.sin()
    }

    #[kernel(for = [f32, f64])]
    pub(super) fn cos<T: Real>(x: T) -> T {
        x.cos()
    }

    #[kernel(for = [f32, f64])]
    pub(super) fn powf<T: Real>(x: T, y: T) -> T {
        x.powf(y)
    }
}

/// The functions that complex numbers have too.
#[doc(hidden)]
#[expect(unnameable_types, reason = "for this crate alone")]
#[derive(Debug, Clone, Copy)]
pub enum Function {
    Exp,
    Ln,
    Sqrt,
    Sin,
    Cos,
    Tan,
    Sinh,
    Cosh,
    Tanh,
    Recip,
}

/// The functions of real numbers.
#[doc(hidden)]
#[expect(unnameable_types, reason = "for this crate alone")]
#[derive(Debug, Clone, Copy)]
pub enum RealFunction {
    Floor,
    Ceil,
    Trunc,
    Rint,
    Cbrt,
    Exp2,
    ExpM1,
    Ln1p,
    Log2,
    Log10,
    Asin,
    Acos,
    Atan,
    Asinh,
    Acosh,
    Atanh,
    Degrees,
    Radians,
    Sinc,
    Bessel,
    Spacing,
}

/// The functions of two numbers.
#[doc(hidden)]
#[expect(unnameable_types, reason = "for this crate alone")]
#[derive(Debug, Clone, Copy)]
pub enum PairFunction {
    Powf,
    Atan2,
    Hypot,
    CopySign,
    NextAfter,
    LogAddExp,
    LogAddExp2,
}

/// The nearest whole number, of two the even one: below the first number that has no bits behind the point, adding it
/// pushes those out that others have. Without instructions of its own for that, a processor still does it for some
/// elements at a time.
#[inline]
fn rint<T: Real>(x: T) -> T {
    let size = x.size();
    if size < T::WHOLE { size.plus(T::WHOLE).minus(T::WHOLE).with_sign_of(x) } else { x }
}

#[inline]
fn floor<T: Real>(x: T) -> T {
    let near = rint(x);
    if near > x { near.minus(T::UNIT) } else { near }
}

#[inline]
fn ceil<T: Real>(x: T) -> T {
    floor(x.negated()).negated()
}

#[inline]
fn trunc<T: Real>(x: T) -> T {
    floor(x.size()).with_sign_of(x)
}

/// A kernel refuses slices of different lengths alone.
fn ran(result: Result<(), tenfold_kernel::Error>) {
    if let Err(error) = result {
        unreachable!("{error}")
    }
}

macro_rules! real {
    ($($T:ty),*) => {$(
        impl Analytic for $T {
            fn slices(function: Function, x: &[Self], out: &mut [Self]) {
                match function {
                    Function::Exp => ran(kernels::exp::into(x, out)),
                    Function::Ln => ran(kernels::ln::into(x, out)),
                    Function::Sqrt => each(Self::sqrt, x, out),
                    Function::Sin => ran(kernels::sin::into(x, out)),
                    Function::Cos => ran(kernels::cos::into(x, out)),
                    Function::Recip => each(Self::recip, x, out),
                    Function::Tan => each(Self::tan, x, out),
                    Function::Sinh => each(Self::sinh, x, out),
                    Function::Cosh => each(Self::cosh, x, out),
                    Function::Tanh => each(Self::tanh, x, out),
                }
            }
            fn to_power(self, exponent: i32) -> Self {
                self.powi(exponent)
            }
        }

        impl Real for $T {
            const WHOLE: Self = 1.0 / Self::EPSILON;
            #[inline]
            fn with_sign_of(self, other: Self) -> Self {
                self.copysign(other)
            }
            fn real_slices(function: RealFunction, x: &[Self], out: &mut [Self]) {
                let f = match function {
                    RealFunction::Floor => return each(floor, x, out),
                    RealFunction::Ceil => return each(ceil, x, out),
                    RealFunction::Trunc => return each(trunc, x, out),
                    RealFunction::Rint => return each(rint, x, out),
                    RealFunction::Cbrt => Self::cbrt,
                    RealFunction::Exp2 => Self::exp2,
                    RealFunction::ExpM1 => Self::exp_m1,
                    RealFunction::Ln1p => Self::ln_1p,
                    RealFunction::Log2 => Self::log2,
                    RealFunction::Log10 => Self::log10,
                    RealFunction::Asin => Self::asin,
                    RealFunction::Acos => Self::acos,
                    RealFunction::Atan => Self::atan,
                    RealFunction::Asinh => Self::asinh,
                    RealFunction::Acosh => Self::acosh,
                    RealFunction::Atanh => Self::atanh,
                    RealFunction::Degrees => Self::to_degrees,
                    RealFunction::Radians => Self::to_radians,
                    RealFunction::Sinc => |x: Self| Self::narrow(special::sinc(x.widen())),
                    RealFunction::Bessel => |x: Self| Self::narrow(special::i0(x.widen())),
                    RealFunction::Spacing => |x: Self| {
                        let away = if x < 0.0 { x.next_down() } else { x.next_up() };
                        if x.is_infinite() { Self::NAN } else { away - x }
                    },
                };
                each(f, x, out);
            }
            fn pairs(function: PairFunction, x: &[Self], y: &[Self], out: &mut [Self]) {
                match function {
                    PairFunction::Powf => ran(kernels::powf::into(x, y, out)),
                    PairFunction::Atan2 => each_pair(Self::atan2, x, y, out),
                    PairFunction::Hypot => each_pair(Self::hypot, x, y, out),
                    PairFunction::CopySign => each_pair(Self::copysign, x, y, out),
                    PairFunction::NextAfter => each_pair(
                        |x: Self, y: Self| match x.partial_cmp(&y) {
                            Some(Ordering::Less) => x.next_up(),
                            Some(Ordering::Greater) => x.next_down(),
                            Some(Ordering::Equal) => y,
                            None => Self::NAN,
                        },
                        x,
                        y,
                        out,
                    ),
                    PairFunction::LogAddExp => {
                        let f = |x, y| special::log_of_sum(x, y, 1.0);
                        each_pair(|x: Self, y: Self| Self::narrow(f(x.widen(), y.widen())), x, y, out);
                    }
                    PairFunction::LogAddExp2 => {
                        let f = |x, y| special::log_of_sum(x, y, std::f64::consts::LN_2);
                        each_pair(|x: Self, y: Self| Self::narrow(f(x.widen(), y.widen())), x, y, out);
                    }
                }
            }
            #[expect(clippy::allow_attributes, reason = "for one of the types")]
            #[allow(clippy::cast_possible_truncation, reason = "a power of ten in this type")]
            fn rounded(self, power: f64, divides: bool) -> Self {
                let power = power as Self;
                match divides {
                    true => (self / power).round_ties_even() * power,
                    false => (self * power).round_ties_even() / power,
                }
            }
            fn finite_or_zero(self) -> Self {
                if self.is_nan() { 0.0 } else { self.clamp(Self::MIN, Self::MAX) }
            }
        }
    )*};
}
real!(f32, f64);

macro_rules! complex {
    ($($T:ty),*) => {$(
        impl Analytic for $T {
            fn slices(function: Function, x: &[Self], out: &mut [Self]) {
                let f = match function {
                    Function::Exp => Self::exp,
                    Function::Ln => Self::ln,
                    Function::Sqrt => Self::sqrt,
                    Function::Sin => Self::sin,
                    Function::Cos => Self::cos,
                    Function::Tan => Self::tan,
                    Function::Sinh => Self::sinh,
                    Function::Cosh => Self::cosh,
                    Function::Tanh => Self::tanh,
                    // The sign of the lower 0 as in NumPy.
                    Function::Recip => |z| Self::new(1.0, -0.0).over(z),
                };
                each(f, x, out);
            }
            fn to_power(self, exponent: i32) -> Self {
                self.powi(exponent)
            }
        }
    )*};
}
complex!(Complex32, Complex64);

/// The methods, each of which has its function's name in the graph.
macro_rules! methods {
    ($slices:ident, $Function:ident: $($(#[$doc:meta])* $name:ident $Name:ident;)*) => {$(
        $(#[$doc])*
        #[track_caller]
        #[must_use]
        pub fn $name(&self) -> Self {
            let f = |x: &[T], out: &mut [T]| T::$slices($Function::$Name, x, out);
            self.slices(stringify!($name), Identity::of(()), f, Location::caller())
        }
    )*};
}

/// `exp`, `ln`, `sin`, `cos` and `powf` of `f32` and `f64` are kernels of `tenfold-kernel`, whose page has their largest
/// errors, below one unit in the last place: some elements at a time, and the same bits on every machine. The others are
/// those of `std`, and of `num_complex` for complex numbers.
impl<T: Analytic, D: Dimension> Array<T, D> {
    methods! { slices, Function:
        /// e to the power of each element.
        ///
        /// ```
        /// use tenfold_array::{Array, ndarray::array};
        ///
        /// let x = Array::from_ndarray(array![0.0, f64::NEG_INFINITY], "auto");
        /// assert_eq!(x.exp().compute()?, array![1.0, 0.0]);
        /// # Ok::<(), tenfold_array::Error>(())
        /// ```
        exp Exp;
        /// The natural logarithm: NaN of negative real numbers.
        ln Ln;
        /// The square root: NaN of negative real numbers.
        sqrt Sqrt;
        /// The sine of radians.
        sin Sin;
        /// The cosine of radians.
        cos Cos;
        /// The tangent of radians.
        tan Tan;
        /// The hyperbolic sine.
        sinh Sinh;
        /// The hyperbolic cosine.
        cosh Cosh;
        /// The hyperbolic tangent.
        tanh Tanh;
        /// One divided by each element.
        reciprocal Recip;
    }

    /// Each element to a whole power, by multiplications.
    #[track_caller]
    #[must_use]
    pub fn powi(&self, exponent: i32) -> Self {
        let f = move |x: T| x.to_power(exponent);
        self.unary("powi", Identity::of(exponent), f, Location::caller())
    }
}

impl<T: Real, D: Dimension> Array<T, D> {
    methods! { real_slices, RealFunction:
        /// The cube root.
        cbrt Cbrt;
        /// 2 to the power of each element.
        exp2 Exp2;
        /// e to the power of each element, minus 1, exact near 0.
        exp_m1 ExpM1;
        /// The natural logarithm of 1 plus each element, exact near 0.
        ln_1p Ln1p;
        /// The logarithm to base 2.
        log2 Log2;
        /// The logarithm to base 10.
        log10 Log10;
        /// The arc sine, in radians.
        asin Asin;
        /// The arc cosine, in radians.
        acos Acos;
        /// The arc tangent, in radians.
        atan Atan;
        /// The inverse hyperbolic sine.
        asinh Asinh;
        /// The inverse hyperbolic cosine: NaN below 1.
        acosh Acosh;
        /// The inverse hyperbolic tangent: NaN outside of -1 to 1.
        atanh Atanh;
        /// The next whole number below.
        floor Floor;
        /// The next whole number above.
        ceil Ceil;
        /// The next whole number towards 0.
        trunc Trunc;
        /// The nearest whole number, of two the even one, as NumPy has it.
        ///
        /// ```
        /// use tenfold_array::{Array, ndarray::array};
        ///
        /// let x = Array::from_ndarray(array![0.5, 1.5, 2.5], "auto");
        /// assert_eq!(x.round().compute()?, array![0.0, 2.0, 2.0]);
        /// # Ok::<(), tenfold_array::Error>(())
        /// ```
        round Rint;
        /// Radians in degrees.
        to_degrees Degrees;
        /// Degrees in radians.
        to_radians Radians;
        /// The sine of π times each element, divided by that: 1 at 0.
        sinc Sinc;
        /// The modified Bessel function of the first kind, of order 0.
        i0 Bessel;
        /// How far the next number away from 0 is, below 0 if that is less: NaN of what is infinite.
        spacing Spacing;
    }

    /// Rounded to so many decimals, of a negative number so many places before the point: multiplied by a power of
    /// ten, [rounded](Self::round) and divided, as in NumPy, with the errors of both.
    #[track_caller]
    #[must_use]
    pub fn round_to(&self, decimals: i32) -> Self {
        let (power, divides) = (10_f64.powi(decimals.saturating_abs()), decimals < 0);
        let f = move |x: T| x.rounded(power, divides);
        self.unary("round_to", Identity::of(decimals), f, Location::caller())
    }

    /// Numbers alone: 0 where there is NaN, and the largest or least finite number where there is an infinity.
    #[track_caller]
    #[must_use]
    pub fn nan_to_num(&self) -> Self {
        self.unary("nan_to_num", Identity::of(()), T::finite_or_zero, Location::caller())
    }

    /// Each element to the power of an array's or a number.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::from_ndarray(array![4.0, 9.0], "auto");
    /// assert_eq!(x.powf(0.5).compute()?, array![2.0, 3.0]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn powf<O: Operand<T, D>>(&self, exponent: O) -> Array<T, O::Dim> {
        self.pairs(PairFunction::Powf, "powf", exponent, Location::caller())
    }

    /// The angle, in radians, of the points whose ordinates these are, and whose abscissas are given.
    #[track_caller]
    #[must_use]
    pub fn atan2<O: Operand<T, D>>(&self, x: O) -> Array<T, O::Dim> {
        self.pairs(PairFunction::Atan2, "atan2", x, Location::caller())
    }

    /// The length of a hypotenuse: the root of the sum of two squares, which neither over- nor underflow.
    #[track_caller]
    #[must_use]
    pub fn hypot<O: Operand<T, D>>(&self, other: O) -> Array<T, O::Dim> {
        self.pairs(PairFunction::Hypot, "hypot", other, Location::caller())
    }

    /// Each element with the sign of an array's or a number, NaN and 0 too.
    #[track_caller]
    #[must_use]
    pub fn copysign<O: Operand<T, D>>(&self, sign: O) -> Array<T, O::Dim> {
        self.pairs(PairFunction::CopySign, "copysign", sign, Location::caller())
    }

    /// The next number after each element on the way to another.
    #[track_caller]
    #[must_use]
    pub fn next_after<O: Operand<T, D>>(&self, to: O) -> Array<T, O::Dim> {
        self.pairs(PairFunction::NextAfter, "next_after", to, Location::caller())
    }

    /// The natural logarithm of the sum of e to the power of each element and of another, which overflows nowhere.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::from_ndarray(array![1000.0, f64::NEG_INFINITY], "auto");
    /// assert_eq!(x.logaddexp(0.0).compute()?, array![1000.0, 0.0]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn logaddexp<O: Operand<T, D>>(&self, other: O) -> Array<T, O::Dim> {
        self.pairs(PairFunction::LogAddExp, "logaddexp", other, Location::caller())
    }

    /// The logarithm to base 2 of the sum of 2 to the power of each element and of another.
    #[track_caller]
    #[must_use]
    pub fn logaddexp2<O: Operand<T, D>>(&self, other: O) -> Array<T, O::Dim> {
        self.pairs(PairFunction::LogAddExp2, "logaddexp2", other, Location::caller())
    }

    fn pairs<O: Operand<T, D>>(
        &self,
        function: PairFunction,
        name: &str,
        other: O,
        origin: Origin,
    ) -> Array<T, O::Dim> {
        let f = move |x: &[T], y: &[T], out: &mut [T]| T::pairs(function, x, y, out);
        self.slices_with(other, name, f, origin)
    }
}
