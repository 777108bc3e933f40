//! Operators between arrays, numbers and expressions.

use std::ops::{Add, BitAnd, BitOr, BitXor, Div, Mul, Neg, Not, Rem, Shl, Shr, Sub};

use ndarray::{DimMax, Dimension, Ix0};
use tenfold_kernel::Int;

use super::chain::Op;
use super::{Expr, Max};
use crate::array::DeviceArray;
use crate::element::Element;

/// What stands in an expression as elements of type `T`: an expression, an array, or a number.
///
/// Operators, and methods that take more than one, take it.
pub trait IntoExpr<T>: sealed::Sealed {
    /// The axes; none for a number.
    type Dim: Dimension;
    /// The expression.
    fn into_expr(self) -> Expr<T, Self::Dim>;
}

mod sealed {
    #[expect(unnameable_types, reason = "that is what seals")]
    pub trait Sealed {}
    impl<T, D> Sealed for crate::lazy::Expr<T, D> {}
    impl<T, D> Sealed for crate::array::DeviceArray<T, D> {}
    impl<T: Sealed> Sealed for &T {}
}

impl<T, D: Dimension> IntoExpr<T> for Expr<T, D> {
    type Dim = D;
    fn into_expr(self) -> Self {
        self
    }
}

impl<T, D: Dimension> IntoExpr<T> for &Expr<T, D> {
    type Dim = D;
    fn into_expr(self) -> Expr<T, D> {
        self.clone()
    }
}

impl<T: Element, D: Dimension> IntoExpr<T> for DeviceArray<T, D> {
    type Dim = D;
    fn into_expr(self) -> Expr<T, D> {
        self.lazy()
    }
}

impl<T: Element, D: Dimension> IntoExpr<T> for &DeviceArray<T, D> {
    type Dim = D;
    fn into_expr(self) -> Expr<T, D> {
        self.lazy()
    }
}

/// `+ - * / %` with something on the left.
macro_rules! arithmetic {
    ($([$($generics:tt)*] $Left:ty, $T:ty, $D:ty;)*) => {$(
        arithmetic!(@ [$($generics)*] $Left, $T, $D, Add add "+");
        arithmetic!(@ [$($generics)*] $Left, $T, $D, Sub sub "-");
        arithmetic!(@ [$($generics)*] $Left, $T, $D, Mul mul "*");
        arithmetic!(@ [$($generics)*] $Left, $T, $D, Div div "/");
        arithmetic!(@ [$($generics)*] $Left, $T, $D, Rem rem "%");
    )*};
    (@ [$($generics:tt)*] $Left:ty, $T:ty, $D:ty, $Trait:ident $method:ident $symbol:literal) => {
        impl<$($generics)* R: IntoExpr<$T>> $Trait<R> for $Left
        where
            $D: DimMax<R::Dim>,
        {
            type Output = Expr<$T, Max<$D, R::Dim>>;
            fn $method(self, right: R) -> Self::Output {
                let left: Expr<$T, $D> = self.into_expr();
                left.binary(right.into_expr(), Op::Infix($symbol), <$T>::WGSL)
            }
        }
    };
}
arithmetic! {
    [T: Element, D: Dimension,] Expr<T, D>, T, D;
    [T: Element, D: Dimension,] &Expr<T, D>, T, D;
    [T: Element, D: Dimension,] DeviceArray<T, D>, T, D;
    [T: Element, D: Dimension,] &DeviceArray<T, D>, T, D;
}

/// Operators between integers, and between truths.
macro_rules! bits {
    ($([$($generics:tt)*] $Left:ty, $T:ty, $ty:expr;)*) => {$(
        bits!(@ [$($generics)*] $Left, $T, $ty, BitAnd bitand "&");
        bits!(@ [$($generics)*] $Left, $T, $ty, BitOr bitor "|");
        bits!(@ [$($generics)*] $Left, $T, $ty, BitXor bitxor "^");
        impl<$($generics)*> Not for $Left {
            type Output = Expr<$T, D>;
            fn not(self) -> Self::Output {
                let expr: Expr<$T, D> = self.into_expr();
                expr.unary(Op::Call("not"), $ty)
            }
        }
    )*};
    (@ [$($generics:tt)*] $Left:ty, $T:ty, $ty:expr, $Trait:ident $method:ident $symbol:literal) => {
        impl<$($generics)* R: IntoExpr<$T>> $Trait<R> for $Left
        where
            D: DimMax<R::Dim>,
        {
            type Output = Expr<$T, Max<D, R::Dim>>;
            fn $method(self, right: R) -> Self::Output {
                let left: Expr<$T, D> = self.into_expr();
                left.binary(right.into_expr(), Op::Infix($symbol), $ty)
            }
        }
    };
}
bits! {
    [T: Element + Int, D: Dimension,] Expr<T, D>, T, T::WGSL;
    [T: Element + Int, D: Dimension,] &Expr<T, D>, T, T::WGSL;
    [T: Element + Int, D: Dimension,] DeviceArray<T, D>, T, T::WGSL;
    [T: Element + Int, D: Dimension,] &DeviceArray<T, D>, T, T::WGSL;
    [D: Dimension,] Expr<bool, D>, bool, "bool";
    [D: Dimension,] &Expr<bool, D>, bool, "bool";
}

/// Shifts, by an amount modulo the width.
macro_rules! shifts {
    ($($Left:ty;)*) => {$(
        shifts!(@ $Left, Shl shl "<<");
        shifts!(@ $Left, Shr shr ">>");
    )*};
    (@ $Left:ty, $Trait:ident $method:ident $symbol:literal) => {
        impl<T: Element + Int, D: Dimension, R: IntoExpr<u32>> $Trait<R> for $Left
        where
            D: DimMax<R::Dim>,
        {
            type Output = Expr<T, Max<D, R::Dim>>;
            fn $method(self, by: R) -> Self::Output {
                self.into_expr().binary(by.into_expr(), Op::Infix($symbol), T::WGSL)
            }
        }
    };
}
shifts! {
    Expr<T, D>;
    &Expr<T, D>;
    DeviceArray<T, D>;
    &DeviceArray<T, D>;
}

/// What a number can be with.
macro_rules! numbers {
    ($($ty:ty)*) => {$(
        impl sealed::Sealed for $ty {}
        impl IntoExpr<$ty> for $ty {
            type Dim = Ix0;
            fn into_expr(self) -> Expr<$ty, Ix0> {
                Expr::number(self)
            }
        }
        numbers!(@ $ty, Expr<$ty, D>);
        numbers!(@ $ty, &Expr<$ty, D>);
        numbers!(@ $ty, DeviceArray<$ty, D>);
        numbers!(@ $ty, &DeviceArray<$ty, D>);
    )*};
    (@ $ty:ty, $Right:ty) => {
        numbers!(@ $ty, $Right, Add add "+");
        numbers!(@ $ty, $Right, Sub sub "-");
        numbers!(@ $ty, $Right, Mul mul "*");
        numbers!(@ $ty, $Right, Div div "/");
        numbers!(@ $ty, $Right, Rem rem "%");
    };
    (@ $ty:ty, $Right:ty, $Trait:ident $method:ident $symbol:literal) => {
        impl<D: Dimension> $Trait<$Right> for $ty
        where
            Ix0: DimMax<D>,
        {
            type Output = Expr<$ty, Max<Ix0, D>>;
            fn $method(self, right: $Right) -> Self::Output {
                self.into_expr().binary(right.into_expr(), Op::Infix($symbol), <$ty>::WGSL)
            }
        }
    };
}
numbers!(f32 f64 i32 i64 u32 u64);

macro_rules! negatives {
    ($($ty:ty)*) => {$(
        negatives!(@ $ty, Expr<$ty, D>);
        negatives!(@ $ty, &Expr<$ty, D>);
        negatives!(@ $ty, DeviceArray<$ty, D>);
        negatives!(@ $ty, &DeviceArray<$ty, D>);
    )*};
    (@ $ty:ty, $Of:ty) => {
        impl<D: Dimension> Neg for $Of {
            type Output = Expr<$ty, D>;
            fn neg(self) -> Self::Output {
                self.into_expr().unary(Op::Call("neg"), <$ty>::WGSL)
            }
        }
    };
}
negatives!(f32 f64 i32 i64);
