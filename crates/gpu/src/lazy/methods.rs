//! Functions of the elements of expressions.

use ndarray::{DimMax, Dimension};
use tenfold_kernel::{Int, Real};

use super::chain::Op;
use super::{Expr, IntoExpr, Max, Max3};
use crate::element::Element;

/// Functions of one.
macro_rules! unary {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        pub fn $name(self) -> Self {
            self.unary(Op::Call(stringify!($name)), T::WGSL)
        }
    )*};
}

/// Functions of two.
macro_rules! binary {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        pub fn $name<R: IntoExpr<T>>(self, other: R) -> Expr<T, Max<D, R::Dim>>
        where
            D: DimMax<R::Dim>,
        {
            self.binary(other.into_expr(), Op::Call(stringify!($name)), T::WGSL)
        }
    )*};
}

/// Comparisons, which are operators of WGSL.
macro_rules! compared {
    ($($(#[$doc:meta])* $name:ident $symbol:literal)*) => {$(
        $(#[$doc])*
        pub fn $name<R: IntoExpr<T>>(self, other: R) -> Expr<bool, Max<D, R::Dim>>
        where
            D: DimMax<R::Dim>,
        {
            self.binary(other.into_expr(), Op::Infix($symbol), "bool")
        }
    )*};
}

macro_rules! predicates {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        pub fn $name(self) -> Expr<bool, D> {
            self.unary(Op::Call(stringify!($name)), "bool")
        }
    )*};
}

impl<T: Element, D: Dimension> Expr<T, D> {
    unary! {
        /// The distance from 0. Of the smallest integer it is that integer.
        abs
        /// Of floats ±1, and NaN for NaN; of integers -1, 0 or 1.
        signum
    }

    binary! {
        /// The smaller of both; the other one, if one is NaN.
        min
        /// The larger of both; the other one, if one is NaN.
        max
    }

    compared! {
        /// Whether this is less. Comparisons with NaN are false.
        lt "<"
        /// Whether this is less or equal.
        le "<="
        /// Whether this is greater.
        gt ">"
        /// Whether this is greater or equal.
        ge ">="
        /// Whether both are equal.
        eq "=="
        /// Whether both are not equal, as NaN is to everything.
        ne "!="
    }

    /// The element, at least `low` and at most `high`. NaN stays NaN.
    pub fn clamp<L, H>(self, low: L, high: H) -> Expr<T, Max3<D, L::Dim, H::Dim>>
    where
        L: IntoExpr<T>,
        H: IntoExpr<T>,
        D: DimMax<L::Dim>,
        Max<D, L::Dim>: DimMax<H::Dim>,
    {
        self.ternary((low.into_expr(), high.into_expr()), Op::Call("clamp"), T::WGSL)
    }

    /// The elements as another type, as Rust's `as` converts: what is out of range becomes the nearest
    /// there is, and NaN becomes 0.
    pub fn cast<U: Element>(self) -> Expr<U, D> {
        self.unary(Op::Cast, U::WGSL)
    }
}

impl<D: Dimension> Expr<bool, D> {
    /// 1 where it is true, else 0.
    pub fn cast<U: Element>(self) -> Expr<U, D> {
        self.unary(Op::Cast, U::WGSL)
    }

    /// The elements of `a` where it is true, those of `b` else: NumPy's `where`.
    ///
    /// ```
    /// # use tenfold_gpu::{Device, Select, ndarray::array};
    /// # let Ok(device) = Device::open(Select::env().allow_software(true)) else { return Ok(()) };
    /// let x = device.upload(&array![1.0_f32, -2.0, 3.0])?;
    /// let y = x.lazy().lt(0.0).select(0.0, &x).eval()?;
    /// assert_eq!(y.to_array()?, array![1.0, 0.0, 3.0]);
    /// # Ok::<(), tenfold_gpu::Error>(())
    /// ```
    pub fn select<T, A, B>(self, a: A, b: B) -> Expr<T, Max3<D, A::Dim, B::Dim>>
    where
        T: Element,
        A: IntoExpr<T>,
        B: IntoExpr<T>,
        D: DimMax<A::Dim>,
        Max<D, A::Dim>: DimMax<B::Dim>,
    {
        self.ternary((a.into_expr(), b.into_expr()), Op::Call("select"), T::WGSL)
    }
}

impl<T: Element + Real, D: Dimension> Expr<T, D> {
    unary! {
        /// The square root.
        sqrt
        /// 1 by the square root.
        rsqrt
        /// The cube root.
        cbrt
        /// 1 by the element.
        recip
        /// The exponential function.
        exp
        /// 2 to the power of the element.
        exp2
        /// The exponential function less 1, exact near 0.
        exp_m1
        /// The natural logarithm.
        ln
        /// The natural logarithm of 1 and the element, exact near 0.
        ln_1p
        /// The logarithm to base 2.
        log2
        /// The logarithm to base 10.
        log10
        /// The sine of an angle in radians.
        sin
        /// The cosine of an angle in radians.
        cos
        /// The tangent of an angle in radians.
        tan
        /// The angle whose sine it is, from -pi/2 to pi/2.
        asin
        /// The angle whose cosine it is, from 0 to pi.
        acos
        /// The angle whose tangent it is, from -pi/2 to pi/2.
        atan
        /// The hyperbolic sine.
        sinh
        /// The hyperbolic cosine.
        cosh
        /// The hyperbolic tangent.
        tanh
        /// The error function.
        erf
        /// The largest integer that is not greater.
        floor
        /// The smallest integer that is not less.
        ceil
        /// The integer part.
        trunc
        /// The nearest integer; from the middle away from 0.
        round
        /// The nearest integer; from the middle to the even one.
        round_ties_even
        /// What is left without the integer part.
        fract
        /// From radians to degrees.
        to_degrees
        /// From degrees to radians.
        to_radians
    }

    binary! {
        /// The element to a power.
        powf
        /// The angle of the point (`other`, this), from -pi to pi.
        atan2
        /// The length of the vector (this, `other`).
        hypot
        /// The element with the sign of `other`.
        copysign
    }

    predicates! {
        /// Whether it is no number.
        is_nan
        /// Whether it is ±∞.
        is_infinite
        /// Whether it is neither infinite nor NaN.
        is_finite
        /// Whether its sign is minus, -0.0 and NaN among them.
        is_sign_negative
        /// Whether its sign is plus.
        is_sign_positive
    }

    /// The element to an integer power, by squares. The power is part of the kernel.
    pub fn powi(self, n: i32) -> Self {
        self.unary(Op::Powi(n), T::WGSL)
    }

    /// `self * a + b`: as it stands there, rounded twice, in precise mode; rounded once in
    /// [`fast`](Self::fast) mode, where the device can.
    pub fn mul_add<A, B>(self, a: A, b: B) -> Expr<T, Max3<D, A::Dim, B::Dim>>
    where
        A: IntoExpr<T>,
        B: IntoExpr<T>,
        D: DimMax<A::Dim>,
        Max<D, A::Dim>: DimMax<B::Dim>,
    {
        self.ternary((a.into_expr(), b.into_expr()), Op::Call("mul_add"), T::WGSL)
    }
}

impl<T: Element + Int, D: Dimension> Expr<T, D> {
    binary! {
        /// The quotient that goes with [`rem_euclid`](Self::rem_euclid); 0 by 0.
        div_euclid
        /// The rest of the division, never negative; 0 by 0.
        rem_euclid
    }

    /// The element to a power, wrapping.
    pub fn pow<R: IntoExpr<u32>>(self, n: R) -> Expr<T, Max<D, R::Dim>>
    where
        D: DimMax<R::Dim>,
    {
        self.binary(n.into_expr(), Op::Call("pow"), T::WGSL)
    }

    /// How many bits are 1.
    pub fn count_ones(self) -> Expr<u32, D> {
        self.unary(Op::Call("count_ones"), u32::WGSL)
    }

    /// How many bits are 0 before the first 1.
    pub fn leading_zeros(self) -> Expr<u32, D> {
        self.unary(Op::Call("leading_zeros"), u32::WGSL)
    }

    /// How many bits are 0 behind the last 1.
    pub fn trailing_zeros(self) -> Expr<u32, D> {
        self.unary(Op::Call("trailing_zeros"), u32::WGSL)
    }
}
